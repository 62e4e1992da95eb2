"""Observed shares against predicted probabilities, by outcome."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray
from mnlstat.errors import OptionError
from mnlstat.inference.distributions import normal_quantile
from mnlstat.options import named
from mnlstat.report import numbers
from mnlstat.report.plots.axes import axes, holding, legend
from mnlstat.report.plots.rows import Observed, observed
from mnlstat.report.plots.style import GREY, Style, as_given, label, notes, styles
from mnlstat.report.plots.subject import Subject, positions

COLUMNS = ("predicted", "observed", "conf_low", "conf_high", "n")


def calibration(fit: Subject, data: Any, bins: int, outcomes: Any, alpha: float, ax: Any) -> Any:
    """Draw them; see ``res.plot.calibration``."""
    wanted = positions(fit, outcomes)
    rows = observed(fit, data, "calibration()")
    ax = axes(ax, "calibration()", "The numbers need predict() and the outcomes only.")
    pieces = []
    for at in wanted:
        piece = binned(rows, at, bins, alpha)
        pieces.append(piece.assign(outcome=[fit.outcomes[at]] * len(piece)))
    found = pd.concat(pieces, ignore_index=True)[["outcome", "bin", *COLUMNS]]
    if found.empty:
        raise OptionError("nothing-to-plot", "calibration(): no row has a probability.")
    looks = styles(fit.outcomes)
    ax.axline((0.0, 0.0), slope=1.0, color=GREY, linewidth=0.8, zorder=0)
    for at, piece in zip(wanted, pieces, strict=True):
        _draw(ax, piece, looks[fit.outcomes[at]], as_given(named(fit.outcomes[at])))
    right, top = 1.05 * float(found["predicted"].max()), 1.05 * float(found["conf_high"].max())
    ax.set(xlim=(0.0, min(1.02, right)), ylim=(-0.02 * top, min(1.02, top)))
    classes = min(bins, len(rows.weights))
    lost = int(rows.probabilities.isna().any(axis=1).sum())
    ax.set_xlabel(
        notes(
            f"predicted probability, mean of each of {classes} classes of equal weight",
            f"{lost} rows without a predicted probability left out" if lost else "",
        ),
        fontsize="small",
    )
    ax.set_ylabel(f"share observed, with {numbers.level(alpha)}% interval", fontsize="small")
    ax.tick_params(labelsize="small")
    legend(ax, _handles(looks, [fit.outcomes[at] for at in wanted]), named(fit.response_name))
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    return holding(ax, found)


def binned(rows: Observed, at: int, bins: int, alpha: float) -> pd.DataFrame:
    """Means of one outcome in classes of its probability that have nearly equal weight.

    Equal probabilities share a class.  The interval is that of Wilson (1927, *JASA* 22, 209-212)
    for as many trials as there are; with sampling weights for ``(sum w)^2 / sum w^2`` of them
    (Kish 1965).
    """
    trials = rows.choices.sum(axis=1)
    p = rows.probabilities.iloc[:, at].to_numpy(dtype=float)
    kept = np.isfinite(p) & (trials > 0)
    p, w, chosen = (
        p[kept],
        (rows.weights * trials)[kept],
        (rows.weights * rows.choices[:, at])[kept],
    )
    if not len(p):
        return pd.DataFrame(columns=["bin", *COLUMNS], dtype=float)
    bins = min(bins, len(p))
    order = np.argsort(p, kind="stable")
    reached = np.cumsum(w[order])
    # what rounding leaves must not move a row across an edge
    places = np.searchsorted(reached, reached[-1] * np.arange(1, bins) / bins * (1 - 1e-12))
    classes = np.searchsorted(np.unique(p[order][places]), p, side="left")
    _, classes = np.unique(classes, return_inverse=True)
    total = np.bincount(classes, w)
    share = np.bincount(classes, chosen) / total
    squares = np.bincount(classes, w**2 if rows.sampling else w)
    n = total**2 / squares
    low, high = wilson(share, n, alpha)
    values = (np.bincount(classes, w * p) / total, share, low, high, n)
    return pd.DataFrame(
        {"bin": np.arange(1, len(total) + 1), **dict(zip(COLUMNS, values, strict=True))}
    )


def wilson(share: FloatArray, n: FloatArray, alpha: float) -> tuple[FloatArray, FloatArray]:
    """Wilson's interval of a share of n trials."""
    z2 = normal_quantile(alpha) ** 2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = np.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n**2))) / (1 + z2 / n)
    return np.clip(middle - half, 0.0, 1.0), np.clip(middle + half, 0.0, 1.0)


def _draw(ax: Any, piece: pd.DataFrame, look: Style, name: str) -> None:
    ax.vlines(
        piece["predicted"],
        piece["conf_low"],
        piece["conf_high"],
        color=look.colour,
        linewidth=0.8,
        alpha=0.5,
    )
    ax.plot(
        piece["predicted"],
        piece["observed"],
        color=look.colour,
        marker=look.mark,
        markersize=4.0,
        linewidth=1.0,
        linestyle=look.dash,
        label=name,
    )


def _handles(looks: dict[Any, Style], outcomes: list[Any]) -> list[Any]:
    from matplotlib.lines import Line2D

    return [
        Line2D(
            [],
            [],
            color=looks[each].colour,
            marker=looks[each].mark,
            markersize=4.0,
            ls=looks[each].dash,
            label=label(each, 16),
        )
        for each in outcomes
    ]
