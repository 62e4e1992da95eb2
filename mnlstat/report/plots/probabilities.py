"""Predicted probabilities over a variable: lines with bands, areas, points, bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.errors import OptionError
from mnlstat.options import check_choice, named, shown
from mnlstat.report import numbers
from mnlstat.report.plots.axes import axes, holding, legend
from mnlstat.report.plots.grid import Grid, grid
from mnlstat.report.plots.style import DASHES, GREY, MARKS, Style, label, notes, styles
from mnlstat.report.plots.subject import Subject, positions

LINES, AREA, POINTS, BARS = "lines", "area", "points", "bars"
STACKED = (AREA, BARS)
NUMBERS = ["estimate", "std_error", "conf_low", "conf_high"]


def probabilities(
    fit: Subject,
    variable: Any,
    by: Any,
    at: Any,
    style: str | None,
    outcomes: Any,
    interval: bool | None,
    data: Any,
    alpha: float,
    ax: Any,
) -> Any:
    """Draw them; see ``res.plot.probabilities``."""
    wanted = positions(fit, outcomes)
    rows = grid(fit, variable, by, at, data)
    style = _style(style, rows.levels is None)
    interval = _interval(style, by, interval, outcomes)
    found = values(fit, rows, wanted, interval, alpha)
    ax = axes(ax, "probabilities()", "The numbers are those of predict().")
    looks = styles(fit.outcomes)
    chosen = [fit.outcomes[at] for at in wanted]
    drawing = {LINES: _lines, AREA: _area, POINTS: _points, BARS: _bars}[style]
    drawing(ax, found, rows, {each: looks[each] for each in chosen})
    band = f"{numbers.level(alpha)}% intervals" if interval else ""
    ax.set_xlabel(notes(str(variable), rows.said, band), fontsize="small")
    ax.set_ylabel("predicted probability", fontsize="small")
    ax.tick_params(labelsize="small")
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    handles = _handles(style, chosen, looks, rows, by)
    legend(ax, handles, named(fit.response_name, 16))
    return holding(ax, found)


def _style(style: str | None, numeric: bool) -> str:
    allowed = (LINES, AREA) if numeric else (POINTS, BARS)
    if style is None:
        return allowed[0]
    check_choice("style", style, (LINES, AREA, POINTS, BARS))
    if style not in allowed:
        kind = "a number" if numeric else "a factor"
        raise OptionError(
            "style-of-variable",
            f"style={style!r} is not for {kind}; choose {' or '.join(map(repr, allowed))}.",
        )
    return style


def _interval(style: str, by: Any, interval: bool | None, outcomes: Any) -> bool:
    """Whether there are intervals; refuses what a stack cannot show."""
    if style not in STACKED:
        return interval is not False
    for option, given in (("by", by), ("interval", interval or None), ("outcomes", outcomes)):
        if given is not None:
            cure = "one level of it at a time, at={...}" if option == "by" else f"without {option}="
            raise OptionError(
                "stacked-option",
                f"{option}={shown(given)} cannot be shown with style={style!r}, where all outcomes"
                f" stand on one another.\nDraw {cure}, or choose another style.",
            )
    return False


def values(
    fit: Subject, rows: Grid, wanted: Sequence[int], interval: bool, alpha: float
) -> pd.DataFrame:
    """The numbers: columns outcome, x, by, estimate; std_error, conf_low, conf_high."""
    x = rows.x.rename("x").to_frame()
    if rows.by is not None:
        x = x.assign(by=rows.by)
    if interval:
        told = fit.predict(rows.frame, interval=True, alpha=alpha)
    else:
        plain = fit.predict(rows.frame, alpha=alpha)  # refuses a level that nothing has
    pieces = []
    for at in wanted:
        outcome = fit.outcomes[at]
        if interval:
            here = np.array([each == outcome for each in told["outcome"]])
            found = told.loc[here, NUMBERS].reset_index(drop=True)
        else:
            found = pd.DataFrame({"estimate": plain.iloc[:, at].to_numpy()})
        piece = pd.concat([x.reset_index(drop=True), found], axis=1)
        piece.insert(0, "outcome", pd.Series([outcome] * len(piece)))
        pieces.append(piece)
    return pd.concat(pieces, ignore_index=True)


def _part(found: pd.DataFrame, outcome: Any, group: Any) -> pd.DataFrame:
    part = found[found["outcome"] == outcome]
    return part if group is None else part[part["by"] == group]


def _lines(ax: Any, found: pd.DataFrame, rows: Grid, looks: dict[Any, Style]) -> None:
    for outcome, look in looks.items():
        for at, group in enumerate(rows.groups):
            part = _part(found, outcome, group)
            dash = look.dash if group is None else DASHES[at % len(DASHES)]
            if "conf_low" in part:
                ends = part["conf_low"], part["conf_high"]
                shade = 0.15 if group is None else 0.08
                ax.fill_between(part["x"], *ends, color=look.colour, alpha=shade, linewidth=0.0)
            ax.plot(part["x"], part["estimate"], color=look.colour, linestyle=dash, linewidth=1.5)
    ax.margins(x=0.0)
    ax.set_ylim(bottom=0.0)


def _area(ax: Any, found: pd.DataFrame, rows: Grid, looks: dict[Any, Style]) -> None:
    floor = np.zeros(len(rows.frame))
    for outcome, look in looks.items():
        part = _part(found, outcome, None)
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


def _points(ax: Any, found: pd.DataFrame, rows: Grid, looks: dict[Any, Style]) -> None:
    assert rows.levels is not None
    beside = np.linspace(-0.32, 0.32, len(looks) * len(rows.groups) + 1)
    beside = (beside[1:] + beside[:-1]) / 2
    for j, (outcome, look) in enumerate(looks.items()):
        for at, group in enumerate(rows.groups):
            part = _part(found, outcome, group)
            x = np.arange(len(part)) + beside[j * len(rows.groups) + at]
            mark = look.mark if group is None else MARKS[at % len(MARKS)]
            if "conf_low" in part:
                ax.vlines(x, part["conf_low"], part["conf_high"], color=look.colour, linewidth=1.3)
            ax.plot(x, part["estimate"], color=look.colour, marker=mark, markersize=4.5, ls="none")
    _level_ticks(ax, rows.levels)
    ax.set_ylim(bottom=0.0)


def _bars(ax: Any, found: pd.DataFrame, rows: Grid, looks: dict[Any, Style]) -> None:
    assert rows.levels is not None
    floor = np.zeros(len(rows.frame))
    for outcome, look in looks.items():
        part = _part(found, outcome, None)
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
    _level_ticks(ax, rows.levels)
    ax.set_ylim(0.0, 1.0)


def _level_ticks(ax: Any, levels: Sequence[Any]) -> None:
    width = max(5, 48 // len(levels))
    ax.set_xticks(range(len(levels)), [label(level, width) for level in levels])
    ax.set_xlim(-0.6, len(levels) - 0.4)


def _handles(
    style: str, outcomes: Sequence[Any], looks: dict[Any, Style], rows: Grid, by: Any
) -> list[Any]:
    """The outcomes by colour, stacked ones from above; then the levels by dash or mark."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    if style in STACKED:
        return [
            Patch(facecolor=looks[each].colour, alpha=0.85, label=label(each, 16))
            for each in reversed(outcomes)
        ]
    lines, alone = style == LINES, by is None
    handles = []
    for each in outcomes:
        look = looks[each]
        dash = look.dash if alone or not lines else "-"
        mark = look.mark if alone and not lines else "none"
        handles.append(
            Line2D(
                [],
                [],
                color=look.colour,
                ls="none" if mark != "none" else dash,
                marker=mark,
                markersize=4.5,
                label=label(each, 16),
            )
        )
    if not alone:
        handles.append(Line2D([], [], ls="none", label=f"\n{label(by, 16)}"))
    for at, group in enumerate(() if alone else rows.groups):
        look_of = {"ls": DASHES[at % len(DASHES)]} if lines else {"ls": "none"}
        mark = "none" if lines else MARKS[at % len(MARKS)]
        handles.append(
            Line2D(
                [], [], color=GREY, marker=mark, markersize=4.5, label=label(group, 16), **look_of
            )
        )
    return handles
