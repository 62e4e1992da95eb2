"""Probabilities of three outcomes as points of a triangle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.errors import OptionError
from mnlstat.options import named
from mnlstat.report.plots.axes import axes, holding, legend
from mnlstat.report.plots.rows import INSTEAD, codes_in
from mnlstat.report.plots.style import GREY, label, styles
from mnlstat.report.plots.subject import Subject

# The first outcome is at the lower left, the second at the lower right, the third on top.
CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(0.75)]])
CORNER = (0.78, 1.0)  # beside the top of the triangle there are no data
STEPS = (0.2, 0.4, 0.6, 0.8)


def ternary(fit: Subject, data: Any, ax: Any) -> Any:
    """Draw them; see ``res.plot.ternary``."""
    if len(fit.outcomes) != 3:
        raise OptionError(
            "three-outcomes",
            f"ternary() draws the probabilities of three outcomes; {fit.response_name} has"
            f" {len(fit.outcomes)}.\nprobabilities() draws any number of them.",
        )
    found = _points(fit, data)
    if not found["x"].notna().any():
        raise OptionError("nothing-to-plot", "ternary(): no row has a probability.")
    ax = axes(ax, "ternary()", "The numbers are those of predict().", 4.6)
    _triangle(ax, fit.outcomes)
    looks = styles(fit.outcomes)
    parts = [(None, found)]
    if "observed" in found:
        parts = [(each, found[found["observed"] == each]) for each in fit.outcomes]
        parts.insert(0, (None, found[found["observed"].isna()]))
    for outcome, part in parts:
        look = looks.get(outcome)
        ax.plot(
            part["x"],
            part["y"],
            linestyle="none",
            marker=look.mark if look else "o",
            color=look.colour if look else GREY,
            markersize=4.5,
            alpha=0.6,
            markeredgewidth=0.0,
            label=None if outcome is None else label(outcome, 16),
        )
    if "observed" in found:
        legend(ax, ax.get_lines()[-3:], f"{named(fit.response_name, 16)}\nobserved", CORNER)
    return holding(ax, found)


def _points(fit: Subject, data: Any) -> pd.DataFrame:
    """Where each row stands, its probabilities, and its outcome where that is one."""
    if data is None:
        codes, _ = fit._rows("ternary()").in_memory("ternary()", INSTEAD)
        probabilities = fit.fittedvalues
    else:
        probabilities = fit.predict(data)
        codes = codes_in(fit, data)
    values = probabilities.to_numpy(dtype=float)
    places = values @ CORNERS
    found = pd.DataFrame({"x": places[:, 0], "y": places[:, 1]}, index=probabilities.index)
    for at, outcome in enumerate(fit.outcomes):
        found[f"p({outcome})"] = values[:, at]
    if codes is not None and np.ndim(codes) == 1:
        labels = [fit.outcomes[code] if code >= 0 else None for code in np.asarray(codes).tolist()]
        found["observed"] = pd.Series(labels, index=found.index, dtype=object)
    return found


def _triangle(ax: Any, outcomes: Sequence[Any]) -> None:
    """Edges, lines of equal probability with their values, corners with their outcomes."""
    looks = styles(outcomes)
    ring = np.vstack([CORNERS, CORNERS[:1]])
    ax.plot(ring[:, 0], ring[:, 1], color="black", linewidth=1.0)
    for at in range(3):
        one, other = CORNERS[(at + 1) % 3], CORNERS[(at + 2) % 3]
        colour = looks[outcomes[at]].colour
        for step in STEPS:
            start, stop = (step * CORNERS[at] + (1 - step) * end for end in (one, other))
            ax.plot(*zip(start, stop, strict=True), color="0.85", linewidth=0.6, zorder=0)
            away = start - other
            tip = start + 0.045 * away / np.linalg.norm(away)
            ax.text(*tip, f"{step:g}", color=colour, fontsize="x-small", ha="center", va="center")
    for at, (across, up) in enumerate((("center", "top"), ("center", "top"), ("center", "bottom"))):
        offset = np.array([0.0, 0.03 if up == "bottom" else -0.075])
        ax.text(
            *(CORNERS[at] + offset),
            label(outcomes[at]),
            color=looks[outcomes[at]].colour,
            fontweight="bold",
            ha=across,
            va=up,
        )
    ax.set(xlim=(-0.26, 1.34), ylim=(-0.27, 1.0))
    ax.set_aspect("equal")
    ax.set_axis_off()
    ax.text(
        0.5,
        -0.22,
        "probability 1 in the corner of an outcome, 0 on the side opposite",
        fontsize="x-small",
        ha="center",
        va="top",
    )
