"""Colours, marks and words of the pictures.

Colours are those of Okabe & Ito (2008), *Color Universal Design*, which people with any common
kind of colour vision tell apart; black and grey stand in for yellow, which is too faint for lines
on white.  An outcome has its style by its place among all outcomes, whatever the base, in every
picture; as marks and dashes change in other periods than colours, no two outcomes look alike.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

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
LABEL, NOTE, ROW_LABEL = 24, 76, 32  # letters on a line
EQUALS = "\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}"  # lines are not broken there
LONGEST_NAME = 1000
LETTER_INCHES = 0.074
NARROW, MOST_TICKS, LARGEST_LOG = 6.0, 8, 690.0


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
    """A name for an axis or a legend: long ones on several lines, very long ones shortened."""
    text = shortened(value, 4 * width)
    return as_given("\n".join(textwrap.wrap(text, width)) or " ")


def as_given(text: str) -> str:
    """Text that matplotlib writes as it is: two dollars in it would be taken for mathematics."""
    return text.replace("$", r"\$")


def shortened(value: object, longest: int) -> str:
    """A name on one line; of a long one the middle is left out, as ends tell levels apart."""
    text = named(value, LONGEST_NAME)
    if len(text) <= longest:
        return text
    head = (longest - 3) // 2
    return f"{text[:head]}...{text[head + 3 - longest :]}"


def note_width(labels: Iterable[str]) -> int:
    """Letters on a line under axes that have labels beside them, within a figure 6 inches wide."""
    lines = (line for text in labels for line in text.replace(r"\$", "$").splitlines())
    longest = max(map(len, lines), default=0)
    return min(NOTE, int((6.0 - LETTER_INCHES * longest) / (0.9 * LETTER_INCHES)))


def notes(*sentences: str, width: int = NOTE) -> str:
    """Sentences under a picture: one line each, long ones wrapped."""
    return as_given("\n".join(textwrap.fill(each, width) for each in sentences if each))


def ratio_axis(axis: Any, logs: bool = False) -> None:
    """Ticks such as 0.5, 1, 2, 5 of an axis of ratios, or of their logarithms."""
    from matplotlib.ticker import FuncFormatter, Locator, NullLocator

    class Ratios(Locator):
        def __call__(self) -> Any:
            axis_of: Any = self.axis
            return self.tick_values(*axis_of.get_view_interval())

        def tick_values(self, vmin: float, vmax: float) -> Any:
            low, high = sorted((float(vmin), float(vmax)))
            if not logs:
                return ratio_ticks(low, high)
            if max(-low, high) > LARGEST_LOG:
                return [0.0]
            low, high = np.exp([low, high]).tolist()
            return np.log(ratio_ticks(low, high)).tolist()

    axis.set_major_locator(Ratios())
    axis.set_major_formatter(
        FuncFormatter(lambda value, _: f"{np.exp(value) if logs else value:.6g}")
    )
    axis.set_minor_locator(NullLocator())


def ratio_ticks(low: float, high: float) -> list[float]:
    """At most nine plain numbers between two ratios: evenly spaced where these are close."""
    if not 0.0 < low < high < np.inf:
        return [1.0]
    if high / low < NARROW:
        step = 10.0 ** np.floor(np.log10((high - low) / 2.0))
        step *= next(each for each in (1, 2, 5, 10) if (high - low) / (each * step) < MOST_TICKS)
        first = np.ceil(low / step)
        found = [float(at * step) for at in np.arange(first, np.floor(high / step) + 1.0)]
        return [float(f"{each:.6g}") for each in found]
    powers = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    within: list[float] = []
    for leaders, every in (
        ((1, 2, 5), 1),
        ((1, 3), 1),
        ((1,), 1),
        ((1,), 2),
        ((1,), 5),
        ((1,), 50),
        ((1,), 200),
    ):
        ticks = [
            float(f"{each}e{power}") for power in powers if power % every == 0 for each in leaders
        ]
        within = [tick for tick in ticks if low <= tick <= high]
        if len(within) <= MOST_TICKS:
            break
    return within
