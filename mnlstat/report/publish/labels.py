"""The reader's words for terms and outcomes."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

from mnlstat.errors import OptionError
from mnlstat.options import nearest, shown
from mnlstat.report.layout import label

Known = Mapping[str, Iterable[Hashable]]


class Labels:
    """Words for what a table names, by kind; what has none is called as in the data.

    Parameters
    ----------
    given : mapping, optional
        From names to words, or from kinds to such mappings where a name is of two kinds.
    known : mapping
        For each kind, such as "term" and "outcome", the names that there are.

    Raises
    ------
    OptionError
        For a name that is not there, one of two kinds, and words that are no text.
    """

    def __init__(self, given: Any, known: Known) -> None:
        self.known = {kind: list(dict.fromkeys(names)) for kind, names in known.items()}
        self.words: dict[str, dict[Hashable, str]] = {kind: {} for kind in known}
        if given is None:
            return
        if not isinstance(given, Mapping):
            raise OptionError(
                "labels-of-table",
                f"labels={shown(given)} must be a dict from names to texts, such as"
                " {'age': 'Age in years'}.",
            )
        for name, words in given.items():
            if isinstance(words, Mapping):
                self._take_kind(name, words)
            else:
                self._take(name, words, self._kind_of(name))

    def of(self, kind: str, name: Hashable, usual: str | None = None) -> str:
        """What ``name`` is called; ``usual``, or as in the data, where nothing else was said."""
        return self.words[kind].get(name) or (label(name) if usual is None else usual)

    def _take_kind(self, kind: Any, words: Mapping[Any, Any]) -> None:
        if kind not in self.known:
            raise OptionError(
                "labels-of-table",
                f"labels[{shown(kind)}] is a dict, but {shown(kind)} is no kind of name here.\n"
                f"Kinds: {', '.join(map(repr, self.known))}.",
            )
        for name, text in words.items():
            if name not in self.known[kind]:
                raise self._unknown(name, self.known[kind])
            self._take(name, text, kind)

    def _take(self, name: Any, text: Any, kind: str) -> None:
        if not isinstance(text, str) or not text.strip():
            raise OptionError(
                "labels-of-table", f"labels[{shown(name)}]={shown(text)} must be text."
            )
        self.words[kind][name] = text

    def _kind_of(self, name: Any) -> str:
        kinds = [kind for kind, names in self.known.items() if name in names]
        if not kinds:
            raise self._unknown(name, [each for names in self.known.values() for each in names])
        if len(kinds) > 1:
            raise OptionError(
                "labels-of-table",
                f"labels: {shown(name)} is {' and '.join(kinds)} here.\n"
                f"Say which: labels={{{kinds[0]!r}: {{{shown(name)}: ...}}}}.",
            )
        return kinds[0]

    @staticmethod
    def _unknown(name: Any, names: list[Hashable]) -> OptionError:
        listed = ", ".join(shown(each) for each in names[:12])
        more = f" and {len(names) - 12} more" if len(names) > 12 else ""
        return OptionError(
            "labels-of-table",
            f"labels: {shown(name)} is not in the table{nearest(name, names)}.\n"
            f"There are: {listed}{more}.",
        )
