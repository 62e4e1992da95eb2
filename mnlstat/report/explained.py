"""A fit in plain sentences, each with the values that it is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from string import Formatter
from types import MappingProxyType
from typing import Any

from mnlstat.report import numbers
from mnlstat.report.html import safe
from mnlstat.report.layout import WIDTH, clean, label, page, rule, wrap

COMPARED, LEFT_OUT, HOW = "What is compared", "Rows and columns", "How it was estimated"
LARGE, UNCERTAIN, UNSUPPORTED = "What is large", "What is uncertain", "What is not supported"
HEADINGS = (COMPARED, LEFT_OUT, HOW, LARGE, UNCERTAIN, UNSUPPORTED)
MOST_LISTED = 10


@dataclass(frozen=True)
class Sentence:
    """One sentence on a fit.

    Attributes
    ----------
    text : str
    values : mapping
        What the sentence is made of, unrounded: numbers, labels, lists of them.
    about : str
        The heading that it stands under.
    """

    text: str
    values: Mapping[str, Any] = field(hash=False)
    about: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", MappingProxyType(dict(self.values)))

    def __str__(self) -> str:
        return self.text

    def __reduce__(self) -> tuple[Any, ...]:
        return Sentence, (self.text, dict(self.values), self.about)


def said(about: str, template: str, **values: Any) -> Sentence:
    """The template with its values written in; a format behind a colon says how.

    No format: a label; ``n`` a count, ``x3`` a ratio with three decimals, ``s`` a statistic, ``p``
    a p-value with its sign, ``g`` a number in four digits, ``%`` the level of an alpha, ``list``
    labels, ``counts`` a mapping of labels to counts, ``text`` words as they are.
    """
    return Sentence(_Writer().vformat(template, (), values), values, about)


class _Writer(Formatter):
    """Writes values as reports do."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec.startswith("x"):
            return ratio(value, int(format_spec[1:]))
        return WRITTEN[format_spec](value)


def ratio(value: float, decimals: int) -> str:
    """A ratio; one that is too large for a number is not infinite."""
    return ">1e308" if value == float("inf") else numbers.ratio(value, decimals)


def _p_value(value: float) -> str:
    text = numbers.p_value(value)
    return f"P {text[0]} {text[1:]}" if text.startswith("<") else f"P = {text}"


def _listed(labels: Any) -> str:
    names = [label(each) for each in labels]
    if len(names) > MOST_LISTED:
        return f"{', '.join(names[:MOST_LISTED])} and {len(names) - MOST_LISTED} more"
    return ", ".join([*names[:-2], " and ".join(names[-2:])])


def _counts(counted: Any) -> str:
    return _listed(f"{label(name)} ({numbers.count(n)})" for name, n in counted.items())


WRITTEN: dict[str, Callable[[Any], str]] = {
    "": label,
    "n": numbers.count,
    "s": numbers.statistic,
    "p": _p_value,
    "g": lambda value: f"{value:.4g}",
    "%": lambda alpha: f"{numbers.level(alpha)}%",
    "list": _listed,
    "counts": _counts,
    "text": clean,
}


@dataclass(frozen=True, repr=False)
class Explanation:
    """A fit in plain sentences with its numbers; it prints, and keeps no data.

    Attributes
    ----------
    formula : str
        What was fitted.
    alert : str
        What must be read before any number; empty when the status is ok.
    sentences : tuple of Sentence
        In the order of their headings.

    Examples
    --------
    >>> import mnlstat as mn
    >>> res = mn.mnlogit("prog ~ write", mn.datasets.program_choice(), base="academic").fit()
    >>> told = res.explain()
    >>> told.sentences[0].text
    'general (45) and vocation (50) are each compared with academic (105).'
    >>> dict(told.sentences[0].values["others"])
    {'general': 45, 'vocation': 50}
    """

    formula: str
    alert: str
    sentences: tuple[Sentence, ...]

    def __str__(self) -> str:
        lines = [rule("="), *wrap(clean(f"In plain sentences: {self.formula}"), WIDTH, indent="  ")]
        if self.alert:
            lines += wrap(clean(self.alert), WIDTH, indent="  ")
        lines.append(rule("="))
        for heading, sentences in self._parts().items():
            lines += [heading, rule()]
            for each in sentences:
                lines += wrap(f"* {clean(each.text)}", WIDTH, indent="  ")
            lines.append(rule("="))
        return page(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        parts = [f"<p><strong>{safe(f'In plain sentences: {self.formula}')}</strong></p>"]
        if self.alert:
            parts.append(f'<p role="alert"><strong>{safe(self.alert)}</strong></p>')
        for heading, sentences in self._parts().items():
            items = "".join(f"<li>{safe(each.text)}</li>" for each in sentences)
            parts.append(f"<p><strong>{safe(heading)}</strong></p><ul>{items}</ul>")
        return f'<div class="mnlstat">{"".join(parts)}</div>'

    def _parts(self) -> dict[str, list[Sentence]]:
        """Sentences by their heading."""
        parts: dict[str, list[Sentence]] = {}
        for each in self.sentences:
            parts.setdefault(each.about, []).append(each)
        return parts
