"""Text in a fixed number of terminal columns: width, padding, wrapping, tables."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

WIDTH = 80
BREAK_AFTER = frozenset(" :,;)]*+/_-.=|&")


def clean(words: object) -> str:
    """A text on one line: control characters appear as their escapes."""
    text = str(words)
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() or unicodedata.category(c) == "Cf" else repr(c)[1:-1] for c in text
    )


def label(value: object) -> str:
    """The label of an outcome, level or term; in quotes where its ends could not be seen."""
    text = str(value)
    return clean(text) if text and text == text.strip() else repr(text)


def display_width(text: str) -> int:
    """Terminal columns that ``text`` takes: two for wide characters, none for combining ones."""
    return len(text) if text.isascii() else sum(map(_character_width, text))


def _character_width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def pad(text: str, width: int) -> str:
    """``text`` filled with blanks on the right."""
    return text + " " * (width - display_width(text))


def pad_left(text: str, width: int) -> str:
    """``text`` filled with blanks on the left."""
    return " " * (width - display_width(text)) + text


def wrap(text: str, width: int, indent: str = "") -> list[str]:
    """``text`` in lines of at most ``width`` columns, nothing left out.

    A line breaks after a blank or a sign of a formula if it can, within a word if it must; lines
    after the first begin with ``indent``.
    """
    lines: list[str] = []
    rest = text
    while True:
        lead = indent if lines else ""
        room = max(width - len(lead), 2)
        if display_width(rest) <= room:
            return [*lines, lead + rest]
        cut = _cut(rest, room)
        lines.append(lead + rest[:cut].rstrip(" "))
        rest = rest[cut:].lstrip(" ")


def _cut(text: str, room: int) -> int:
    """How many characters of ``text`` stand on a line of ``room`` columns."""
    fit = used = 0
    for fit, character in enumerate(text):  # noqa: B007
        used += _character_width(character)
        if used > room:
            break
    if text[fit] == " ":
        return fit
    breaks = [i + 1 for i in range(fit) if text[i] in BREAK_AFTER]
    blanks = [i for i in breaks if text[i - 1] == " "]
    if blanks and blanks[-1] > fit // 2:
        return blanks[-1]
    return breaks[-1] if breaks and breaks[-1] > fit // 3 else max(fit, 1)


def rule(sign: str = "-") -> str:
    """A line across the page."""
    return sign * WIDTH


def labelled(label: str, text: str, room: int) -> list[str]:
    """A label, then its text beside it in as many lines as that takes."""
    first, *others = wrap(text, WIDTH - room)
    return [pad(label, room) + first, *(" " * room + line for line in others)]


def page(lines: Iterable[str]) -> str:
    """The lines as one text, without blanks at their ends."""
    return "\n".join(line.rstrip() for line in lines)


def pairs_in_columns(pairs: Sequence[tuple[str, str]], gap: int = 4) -> list[str]:
    """Pairs of a label and a short number in two columns, filled downwards."""
    half = (len(pairs) + 1) // 2
    each = (WIDTH - gap) // 2
    if any(display_width(label) + display_width(text) + 2 > each for label, text in pairs):
        half, each = len(pairs), WIDTH
    cells = [label + pad_left(text, each - display_width(label)) for label, text in pairs]
    left, right = cells[:half], cells[half:]
    return [
        (one + " " * gap + other).rstrip() for one, other in zip_longest(left, right, fillvalue="")
    ]


@dataclass(frozen=True)
class Columns:
    """The widths of a table: one column of names, the others of numbers set to the right."""

    heads: tuple[str, ...]
    widths: tuple[int, ...]
    name_width: int
    gap: int

    @classmethod
    def fitting(cls, heads: Sequence[str], rows: Iterable[tuple[str, Sequence[str]]]) -> Columns:
        """Widths for these rows on a page of 80 columns; names give way to numbers."""
        rows = list(rows)
        widths = [max(map(len, cells)) for cells in zip(heads, *(c for _, c in rows), strict=True)]
        longest = max((display_width(name) for name, _ in rows), default=1)
        gap = 2
        if WIDTH - sum(widths) - gap * len(widths) < min(longest, 24):
            gap = 1
        room = WIDTH - sum(widths) - gap * len(widths)
        return cls(tuple(heads), tuple(widths), max(min(longest, room), 4), gap)

    def head(self) -> str:
        """The line of headings."""
        return self._line("", self.heads)

    def row(self, name: str, cells: Sequence[str]) -> list[str]:
        """One row: the numbers stand beside the first line of a name that takes several."""
        first, *others = wrap(name, self.name_width, indent="  ")
        return [self._line(first, cells), *others]

    def _line(self, name: str, cells: Sequence[str]) -> str:
        space = " " * self.gap
        numbers = [pad_left(c, w) for c, w in zip(cells, self.widths, strict=True)]
        return (pad(name, self.name_width) + space + space.join(numbers)).rstrip()
