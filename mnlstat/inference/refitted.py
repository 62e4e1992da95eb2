"""Fits of the same model to other rows or weights: what the data no longer identify is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.options import named
from mnlstat.rows.level_geometry import LevelGeometry, geometry_of
from mnlstat.rows.matrix import Dense
from mnlstat.rows.rows import Rows

# As near to a combination of others as a column may come; that of a model's ``rank_tol``.
TOLERANCE = 1e-9


def with_rows(likelihood: MultinomialLikelihood, rows: Rows) -> MultinomialLikelihood:
    """The same likelihood of other rows."""
    return replace(likelihood, rows=rows, known=None)


def unidentified(
    likelihood: MultinomialLikelihood, columns: Sequence[str], outcomes: Sequence[object]
) -> str:
    """What rows do not tell, in words: an outcome or a column; empty when they tell all."""
    rows = likelihood.rows
    assert isinstance(rows, Rows)
    absent = np.flatnonzero(~(rows.outcome_totals() > 0))
    if absent.size:
        return f"has no row of the outcome {named(outcomes[int(absent[0])])}"
    if len(rows) < rows.n_columns:
        return f"has {len(rows)} rows for {rows.n_columns} columns"
    geometry = likelihood.geometry
    if isinstance(geometry, LevelGeometry) and not geometry.independent(TOLERANCE):
        geometry = geometry_of(replace(rows, matrix=Dense(rows.X)))
    lost = np.flatnonzero(~geometry.dependence(TOLERANCE).kept)
    if not lost.size:
        return ""
    return f"does not tell {named(columns[int(lost[0])])} from the other columns"
