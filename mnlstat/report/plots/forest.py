"""A forest: estimates with their intervals, in rows with labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.report.plots.style import (
    GREY,
    ROW_LABEL,
    Style,
    as_given,
    label,
    note_width,
    ratio_axis,
    shortened,
)

ROW, MARGIN = 0.19, 1.1


def draw(
    ax: Any,
    found: pd.DataFrame,
    looks: Mapping[Any, Style],
    marks: Sequence[str],
    ratios: bool,
    line: bool = True,
) -> None:
    """Points and intervals; what is infinite as arrows at the edge of the axes.

    Parameters
    ----------
    ax : where to draw
    found : columns outcome, y, estimate, conf_low, conf_high
    looks, marks : the style of each outcome, the mark of each row
    ratios : whether the axis is logarithmic
    line : whether there is a line where nothing has an effect
    """
    neutral, nowhere = (1.0, 0.0) if ratios else (0.0, -np.inf)
    if ratios:
        ax.set_xscale("log")
        ratio_axis(ax.xaxis)
    if line:
        ax.axvline(neutral, color=GREY, linewidth=1.0, zorder=1)
    for row, mark in zip(found.itertuples(), marks, strict=True):
        colour = looks[row.outcome].colour
        if row.estimate not in (np.inf, nowhere):
            ax.plot([row.estimate], [row.y], marker=mark, color=colour, markersize=4.5, ls="none")
        if np.isfinite([row.conf_low, row.conf_high]).all() and row.conf_low != nowhere:
            ax.plot([row.conf_low, row.conf_high], [row.y, row.y], color=colour, linewidth=1.3)
    if found["estimate"].isin((np.inf, nowhere)).all():
        ax.set_xlim((0.1, 10.0) if ratios else (-1.0, 1.0))
    edges = ax.get_xlim()
    for row in found.itertuples():
        _reaching(ax, row, edges, nowhere, looks[row.outcome].colour)
    ax.set_xlim(edges)


def _reaching(ax: Any, row: Any, edges: tuple[float, float], nowhere: float, colour: str) -> None:
    """An interval with an infinite end, as far as the edge; an arrow for an infinite estimate."""
    left = np.isfinite(row.conf_low) and row.conf_low != nowhere
    right = np.isfinite(row.conf_high)
    if left and row.conf_high == np.inf:
        ax.plot([row.conf_low, edges[1]], [row.y, row.y], color=colour, linewidth=1.3)
    elif right and row.conf_low == nowhere:
        ax.plot([edges[0], row.conf_high], [row.y, row.y], color=colour, linewidth=1.3)
    elif row.conf_low == nowhere and row.conf_high == np.inf:
        ax.plot(edges, [row.y, row.y], color=colour, linewidth=1.3)
    if row.estimate in (np.inf, nowhere):
        x, mark = (0.985, ">") if row.estimate == np.inf else (0.015, "<")
        place = ax.get_yaxis_transform()
        ax.plot([x], [row.y], marker=mark, color=colour, ls="none", transform=place)


def row_width(ax: Any) -> int:
    """Letters on a line of a note under the rows."""
    return note_width(text.get_text() for text in ax.get_yticklabels())


def rows(
    ax: Any,
    found: pd.DataFrame,
    heads: Mapping[Any, float],
    by: str,
    looks: Mapping[Any, Style],
) -> None:
    """What stands beside each row; outcomes in their colour."""
    places, texts, colours, weights = [], [], [], []
    for group, head in heads.items():
        part = found[found[by] == group].drop_duplicates("row")
        if by == "outcome":
            places.append(head)
            texts.append(as_given(shortened(group, ROW_LABEL)))
            colours.append(looks[group].colour)
            weights.append("bold")
            places += list(part["row"])
            texts += [label(term, ROW_LABEL) for term in part["term"]]
            colours += ["black"] * len(part)
            weights += ["normal"] * len(part)
        else:
            places.append(float(part["row"].mean()))
            texts.append(label(group))
            colours.append("black")
            weights.append("normal")
    ax.set_yticks(places, texts, fontsize="small")
    for text, colour, weight in zip(ax.get_yticklabels(), colours, weights, strict=True):
        text.set(color=colour, fontweight=weight)
    ax.tick_params(axis="y", length=0)
    ax.tick_params(axis="x", labelsize="small")
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)
    ax.grid(axis="x", color="0.9", linewidth=0.7)
    ax.set_axisbelow(True)
    ax.set_ylim(found["y"].max() + 0.8, min(heads.values()) - (0.6 if by == "outcome" else 0.0))
