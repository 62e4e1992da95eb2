"""Where an iteration begins: the null model, in closed form."""

from __future__ import annotations

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.likelihood.kernels import OutcomeOrder
from mnlstat.rows.geometry import Geometry
from mnlstat.rows.level_geometry import LevelGeometry
from mnlstat.rows.rows import Rows
from mnlstat.rows.streamed import Streamed

# Added to the count of each outcome: a little towards even shares, which are finite.
PULL = 0.5


def null_start(
    rows: Rows | Streamed, geometry: Geometry | LevelGeometry, outcomes: OutcomeOrder
) -> FloatArray:
    """Log odds of the outcome shares less the mean offsets, all slopes zero (p,).

    Those of each level where levels have effects; zeros when no columns combine to a constant.
    """
    others, base = outcomes.others, outcomes.order[-1]
    if isinstance(geometry, LevelGeometry):
        counts = geometry.outcomes_by_level + PULL
        effects = np.log(counts[others] / counts[base])
        layout = geometry.matrix.layout
        return layout.joined(effects, np.zeros((len(others), len(layout.others)))).ravel()
    constant = geometry.constant
    if constant is None:
        return np.zeros(len(others) * rows.n_columns)
    totals = rows.outcome_totals()
    if not totals.all():
        totals = totals + PULL
    odds = np.log(totals) - rows.mean_offset()
    B: FloatArray = (odds[others] - odds[base])[:, None] * constant
    return B.ravel()


def null_value(rows: Rows | Streamed, geometry: Geometry | LevelGeometry) -> float | None:
    """Log-likelihood of the null model; None where it has no closed form."""
    if rows.offset is not None:
        return None
    if isinstance(geometry, LevelGeometry):
        counts = geometry.outcomes_by_level
        pulled = counts + PULL
        return float((counts * np.log(pulled / pulled.sum(axis=0))).sum())
    totals = rows.outcome_totals()
    if not totals.all() or geometry.constant is None:
        return None
    return float(totals @ np.log(totals / totals.sum()))
