"""The odds-ratio plot of Long & Freese: all pairs of outcomes, term by term."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import BoolArray
from mnlstat.errors import OptionError
from mnlstat.options import named
from mnlstat.report.plots.axes import axes, holding, legend
from mnlstat.report.plots.style import GREY, Style, as_given, label, notes, ratio_axis, styles
from mnlstat.report.plots.subject import Subject

LONGEST = 5  # letters of a name that is written where its outcome stands
MARGIN, ROW, OUTCOME = 1.5, 0.35, 0.16
SPREAD, BEND = 0.34, 0.05
SAME = 1e-9
EDGES = (0.05, 0.95)


def odds_ratios(fit: Subject, terms: Any, scale: str | None, alpha: float, ax: Any) -> Any:
    """Draw them; see ``res.plot.odds_ratios``."""
    pairs = fit.contrasts(terms, scale=scale, alpha=alpha)
    pairs = pairs.assign(connected=_connected(pairs, alpha))
    names = list(dict.fromkeys(pairs["term"]))
    if not names:
        raise OptionError(
            "nothing-to-plot", "odds_ratios(): the model has no term but the constant."
        )
    height = MARGIN + len(names) * (ROW + OUTCOME * len(fit.outcomes))
    ax = axes(ax, "odds_ratios()", "The numbers are those of contrasts().", height)
    looks, letters = styles(fit.outcomes), _letters(fit.outcomes)
    ax.axvline(0.0, color=GREY, linewidth=0.8, zorder=0)
    places = {name: _places(fit, pairs, name, at) for at, name in enumerate(names)}
    known = [x for where in places.values() for x, _ in where.values() if np.isfinite(x)]
    bend = BEND * (max(known) - min(known))
    for name, where in places.items():
        _connect(ax, pairs[pairs["term"] == name], where, bend)
    ends = [each for where in places.values() for each in _letter(ax, where, looks, letters)]
    _ends(ax, ends, looks, letters)
    for name in names:
        _connect_ends(ax, pairs[pairs["term"] == name], places[name])
    _axes(ax, names, fit, scale, alpha, bool(ends), bool(pairs["p_value"].notna().any()))
    if any(letters[outcome] != named(outcome) for outcome in fit.outcomes):
        legend(ax, _handles(looks, letters), named(fit.response_name))
    return holding(ax, pairs)


def _connected(pairs: pd.DataFrame, alpha: float) -> BoolArray:
    """Which pairs do not differ: by their test, or as constraints make them equal."""
    equal = (pairs["std_error"] == 0.0) & (pairs["estimate"].abs() < SAME)
    found: BoolArray = ((pairs["p_value"] > alpha) | equal).to_numpy()
    return found


def _places(
    fit: Subject, pairs: pd.DataFrame, name: str, at: int
) -> dict[Any, tuple[float, float]]:
    """Where each outcome stands in the row of a term: its coefficient, and its height."""
    part = pairs[pairs["term"] == name]
    heights = np.linspace(-SPREAD, SPREAD, len(fit.outcomes)) + at
    return {
        outcome: (_position(part, outcome, fit.base), float(height))
        for outcome, height in zip(fit.outcomes, heights, strict=True)
    }


def _position(part: pd.DataFrame, outcome: Any, base: Any) -> float:
    """The coefficient of an outcome against the base."""
    if outcome == base:
        return 0.0
    for first, second, sign in (("outcome", "versus", 1.0), ("versus", "outcome", -1.0)):
        found = part[(part[first] == outcome) & (part[second] == base)]
        if len(found):
            return sign * float(found["estimate"].iloc[0])
    return float("nan")


def _connect(
    ax: Any, part: pd.DataFrame, where: Mapping[Any, tuple[float, float]], bend: float
) -> None:
    """A line between outcomes whose contrast is not significant.

    It is bent the more, the more outcomes stand between the two, so as not to hide behind them.
    """
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    order = list(where)
    for row in part[part["connected"]].itertuples():
        start, stop = where[row.versus], where[row.outcome]
        if not np.isfinite([start, stop]).all():
            continue
        between = abs(order.index(row.outcome) - order.index(row.versus)) - 1
        middle = ((start[0] + stop[0]) / 2 - between * bend, (start[1] + stop[1]) / 2)
        path = Path([start, middle, stop], [Path.MOVETO, Path.CURVE3, Path.CURVE3])
        ax.add_patch(PathPatch(path, facecolor="none", edgecolor="0.65", linewidth=0.9, zorder=1))


def _letter(
    ax: Any,
    where: Mapping[Any, tuple[float, float]],
    looks: Mapping[Any, Style],
    letters: Mapping[Any, str],
) -> list[tuple[Any, float, bool]]:
    """The outcomes in their places; returned are those that are infinitely far."""
    far = []
    for outcome, (x, y) in where.items():
        if np.isfinite(x):
            _write(ax, x, y, letters[outcome], looks[outcome], ax.transData)
            ax.update_datalim([(x, y)])
        elif np.isinf(x):
            far.append((outcome, y, x > 0))
    ax.autoscale_view()
    return far


def _write(ax: Any, x: float, y: float, text: str, look: Style, transform: Any) -> None:
    ax.text(
        x,
        y,
        as_given(text),
        color=look.colour,
        fontsize="small",
        fontweight="bold",
        ha="center",
        va="center",
        transform=transform,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
        zorder=3,
    )


def _ends(
    ax: Any,
    far: Sequence[tuple[Any, float, bool]],
    looks: Mapping[Any, Style],
    letters: Mapping[Any, str],
) -> None:
    for outcome, y, up in far:
        text = (
            f"{letters[outcome]} \N{RIGHTWARDS ARROW}"
            if up
            else f"\N{LEFTWARDS ARROW} {letters[outcome]}"
        )
        place = ax.get_yaxis_transform()
        _write(ax, EDGES[up], y, text, looks[outcome], place)


def _connect_ends(ax: Any, part: pd.DataFrame, where: Mapping[Any, tuple[float, float]]) -> None:
    """Lines between outcomes that are infinitely far, but not from one another."""
    for row in part[part["connected"]].itertuples():
        one, other = where[row.versus], where[row.outcome]
        if np.isinf(one[0]) and one[0] == other[0]:
            x, place = EDGES[one[0] > 0], ax.get_yaxis_transform()
            ax.plot(
                [x, x],
                [one[1], other[1]],
                color="0.65",
                linewidth=0.9,
                transform=place,
                zorder=1,
            )


def _axes(
    ax: Any,
    names: Sequence[str],
    fit: Subject,
    scale: str | None,
    alpha: float,
    far: bool,
    tested: bool,
) -> None:
    """Log odds below, odds ratios above, terms beside."""
    ax.margins(x=0.08)
    ax.set_yticks(range(len(names)), [label(name) for name in names], fontsize="small")
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(names) - 0.5, -0.5)
    for line in range(1, len(names)):
        ax.axhline(line - 0.5, color="0.9", linewidth=0.8, zorder=0)
    per = "standard deviation" if scale else "unit"
    lines = f"lines join outcomes that do not differ at the {100 * alpha:g}% level"
    ax.set_xlabel(
        notes(
            f"log odds against {named(fit.base)} (base), per {per} of the column",
            lines if tested else "no lines, as this fit has no tests",
            f"arrows: infinitely far from {named(fit.base)}, as the data are separated"
            if far
            else "",
        ),
        fontsize="small",
    )
    above = ax.secondary_xaxis("top")
    ratio_axis(above.xaxis, logs=True)
    above.set_xlabel(notes(f"odds ratio against {named(fit.base)}"), fontsize="small")
    for side in ("left", "right"):
        ax.spines[side].set_visible(False)


def _letters(outcomes: Sequence[Any]) -> dict[Any, str]:
    """What is written for each outcome: its name where all are short, else letters A, B, ..."""
    names = [named(outcome) for outcome in outcomes]
    if max(map(len, names)) <= LONGEST:
        return dict(zip(outcomes, names, strict=True))
    signs = [chr(ord("A") + at) if len(names) <= 26 else str(at + 1) for at in range(len(names))]
    return dict(zip(outcomes, signs, strict=True))


def _handles(looks: Mapping[Any, Style], letters: Mapping[Any, str]) -> list[Any]:
    from matplotlib.lines import Line2D

    return [
        Line2D(
            [],
            [],
            color=look.colour,
            marker=f"${letters[outcome]}$",
            markersize=6,
            ls="none",
            label=label(outcome, 16),
        )
        for outcome, look in looks.items()
    ]
