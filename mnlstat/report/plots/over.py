"""Estimates over a variable, by outcome: lines with bands, areas, points, bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.report.plots.style import DASHES, GREY, MARKS, Style, label, ratio_axis

LINES, AREA, POINTS, BARS = "lines", "area", "points", "bars"
STACKED = (AREA, BARS)
FEW = 8  # lines whose bands can be told apart


@dataclass(frozen=True, eq=False)
class Over:
    """What is drawn.

    Attributes
    ----------
    found : DataFrame
        Columns outcome, x, estimate; by, conf_low, conf_high where there are such.
    looks : style of each outcome
    levels : of x where it is a factor; None of a number
    groups : values of by; (None,) without it
    bands : whether intervals are drawn
    neutral : where nothing has an effect: 0, of ratios 1; None of probabilities
    by : what the groups are of
    """

    found: pd.DataFrame
    looks: Mapping[Any, Style]
    levels: tuple[Any, ...] | None
    groups: tuple[Any, ...] = (None,)
    bands: bool = True
    neutral: float | None = None
    by: str = ""

    @property
    def is_clear(self) -> bool:
        """Whether the lines are few enough for their bands to be told apart."""
        return len(self.looks) * len(self.groups) <= FEW

    def without_bands(self) -> Over:
        """The same without intervals."""
        return replace(self, bands=False)

    def part(self, outcome: Any, group: Any) -> pd.DataFrame:
        """What is of one outcome and one group."""
        part = self.found[self.found["outcome"] == outcome]
        return part if group is None else part[part["by"] == group]


def draw(ax: Any, over: Over, style: str) -> None:
    """Draw it, with ticks and without frame."""
    {LINES: _lines, AREA: _area, POINTS: _points, BARS: _bars}[style](ax, over)
    if style not in STACKED:
        _vertical(ax, over.neutral)
    ax.tick_params(labelsize="small")
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)


def _vertical(ax: Any, neutral: float | None) -> None:
    """Probabilities start at zero; effects have a line where there is none, ratios a log axis."""
    if neutral is None:
        ax.set_ylim(bottom=0.0)
        return
    ax.axhline(neutral, color=GREY, linewidth=0.8, zorder=0)
    if neutral == 1.0:
        ax.set_yscale("log")
        ratio_axis(ax.yaxis)


def _lines(ax: Any, over: Over) -> None:
    for outcome, look in over.looks.items():
        for at, group in enumerate(over.groups):
            part = over.part(outcome, group)
            dash = look.dash if group is None else DASHES[at % len(DASHES)]
            if over.bands:
                ends = part["conf_low"], part["conf_high"]
                shade = 0.15 if group is None else 0.08
                ax.fill_between(part["x"], *ends, color=look.colour, alpha=shade, linewidth=0.0)
            ax.plot(part["x"], part["estimate"], color=look.colour, linestyle=dash, linewidth=1.5)
    ax.margins(x=0.0)


def _area(ax: Any, over: Over) -> None:
    floor: Any = 0.0
    for outcome, look in over.looks.items():
        part = over.part(outcome, None)
        top = floor + part["estimate"].to_numpy()
        ax.fill_between(
            part["x"],
            floor,
            top,
            facecolor=look.colour,
            edgecolor="white",
            linewidth=0.8,
            alpha=0.85,
        )
        floor = top
    ax.margins(x=0.0)
    ax.set_ylim(0.0, 1.0)


def _points(ax: Any, over: Over) -> None:
    assert over.levels is not None
    beside = np.linspace(-0.32, 0.32, len(over.looks) * len(over.groups) + 1)
    beside = (beside[1:] + beside[:-1]) / 2
    for j, (outcome, look) in enumerate(over.looks.items()):
        for at, group in enumerate(over.groups):
            part = over.part(outcome, group)
            places = [over.levels.index(level) for level in part["x"]]
            x = np.array(places) + beside[j * len(over.groups) + at]
            mark = look.mark if group is None else MARKS[at % len(MARKS)]
            if over.bands:
                ax.vlines(x, part["conf_low"], part["conf_high"], color=look.colour, linewidth=1.3)
            ax.plot(x, part["estimate"], color=look.colour, marker=mark, markersize=4.5, ls="none")
    _level_ticks(ax, over.levels)


def _bars(ax: Any, over: Over) -> None:
    assert over.levels is not None
    floor: Any = 0.0
    for outcome, look in over.looks.items():
        part = over.part(outcome, None)
        heights = part["estimate"].to_numpy()
        ax.bar(
            np.arange(len(part)),
            heights,
            bottom=floor,
            width=0.7,
            facecolor=look.colour,
            edgecolor="white",
            linewidth=0.8,
            alpha=0.85,
        )
        floor = floor + heights
    _level_ticks(ax, over.levels)
    ax.set_ylim(0.0, 1.0)


def _level_ticks(ax: Any, levels: Sequence[Any]) -> None:
    width = max(5, 48 // len(levels))
    ax.set_xticks(range(len(levels)), [label(level, width) for level in levels])
    ax.set_xlim(-0.6, len(levels) - 0.4)


def handles(over: Over, style: str) -> list[Any]:
    """The outcomes by colour, stacked ones from above; then the levels by dash or mark."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    if style in STACKED:
        return [
            Patch(facecolor=look.colour, alpha=0.85, label=label(each, 16))
            for each, look in reversed(list(over.looks.items()))
        ]
    lines, alone = style == LINES, over.groups == (None,)
    found = []
    for each, look in over.looks.items():
        dash = look.dash if alone or not lines else "-"
        mark = look.mark if alone and not lines else "none"
        dash = "none" if mark != "none" else dash
        found.append(
            Line2D(
                [],
                [],
                color=look.colour,
                ls=dash,
                marker=mark,
                markersize=4.5,
                label=label(each, 16),
            )
        )
    if alone:
        return found
    found.append(Line2D([], [], ls="none", label=f"\n{label(over.by, 16)}"))
    for at, group in enumerate(over.groups):
        dash = DASHES[at % len(DASHES)] if lines else "none"
        mark = "none" if lines else MARKS[at % len(MARKS)]
        found.append(
            Line2D([], [], color=GREY, marker=mark, markersize=4.5, label=label(group, 16), ls=dash)
        )
    return found
