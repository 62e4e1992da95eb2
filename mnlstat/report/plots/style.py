"""Colours, marks and words of the pictures.

Colours are those of Okabe & Ito (2008), *Color Universal Design*, which people with any common
kind of colour vision tell apart; black and grey stand in for yellow, which is too faint for lines
on white.  An outcome has its style by its place among all outcomes, whatever the base, in every
picture; as marks and dashes change in other periods than colours, no two outcomes look alike.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mnlstat.options import named

COLOURS = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999999",
)  # fmt: skip
MARKS = ("o", "s", "^", "D", "v", "P", "X")
DASHES: tuple[Any, ...] = (
    "-",
    (0, (6, 2)),
    (0, (1, 1.2)),
    (0, (6, 1.5, 1, 1.5)),
    (0, (2.5, 1.5)),
    (0, (6, 1.2, 1, 1.2, 1, 1.2)),
)
GREY = "0.45"
LABEL, NOTE = 24, 76


@dataclass(frozen=True)
class Style:
    """How one outcome looks."""

    colour: str
    mark: str
    dash: Any


def style(position: int) -> Style:
    """The style of the outcome at a place among all outcomes."""
    turn = position // len(COLOURS)
    return Style(
        COLOURS[position % len(COLOURS)],
        MARKS[position % len(MARKS)],
        DASHES[turn % len(DASHES)],
    )


def styles(outcomes: Sequence[Any]) -> dict[Any, Style]:
    """The style of every outcome."""
    return {outcome: style(at) for at, outcome in enumerate(outcomes)}


def label(value: object, width: int = LABEL) -> str:
    """A name for an axis or a legend: long ones on several lines."""
    text = named(value, 3 * width)
    return "\n".join(textwrap.wrap(text, width)) or " "


def notes(*sentences: str) -> str:
    """Sentences under a picture: one line each, long ones wrapped."""
    return "\n".join(textwrap.fill(sentence, NOTE) for sentence in sentences if sentence)


def plain_log_ticks(axis: Any) -> None:
    """Ticks 0.5, 1, 2, 5 of a logarithmic axis, in place of powers of ten."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axis.set_major_locator(LogLocator(base=10.0, subs=(1.0, 2.0, 5.0), numticks=9))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())
