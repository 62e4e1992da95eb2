"""Write the design of new rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.design.evaluate import Block
from mnlstat.design.new_rows import NewRows
from mnlstat.design.plan import Plan
from mnlstat.design.predictors import (
    ALL_ROWS,
    LearnedFactor,
    check_infinite,
    check_products,
    made_missing,
)
from mnlstat.design.scope import warn
from mnlstat.errors import MnlstatWarning
from mnlstat.memory import check_room
from mnlstat.rows.matrix import Dense


def written(
    plan: Plan, factors: Sequence[LearnedFactor], rows: NewRows, lost: dict[str, int]
) -> FloatArray:
    """Return the design (n, k) of the complete rows, NaN in the others.

    ``lost`` counts, by term, the rows that a term made missing.
    """
    n, k = rows.n, len(plan.columns)
    check_room(8.0 * n * k, f"the design of {n} new rows and {k} columns", "Predict in parts.")
    complete = rows.complete
    if complete.all() and complete.size:
        return _made(plan, factors, rows.block(), lost)
    X = np.full((n, k), np.nan, order="F")
    if complete.any():
        X[complete] = _made(plan, factors, rows.block(), lost)
    return X


def _made(
    plan: Plan, factors: Sequence[LearnedFactor], block: Block, counts: dict[str, int]
) -> FloatArray:
    """Return design rows; NaN where a term made a missing value, which is counted."""
    values = [factor.values(block) for factor in factors]
    lost = np.zeros(block.n, dtype=bool)
    for factor, value in zip(factors, values, strict=True):
        name = factor.expression.text.name
        check_infinite(factor.expression, value, block)
        if not factor.rowwise:
            warn(MnlstatWarning("depends-on-other-rows", f"{ALL_ROWS.format(name)}."))
        missing = made_missing(value)
        if missing is not None:
            counts[name] = counts.get(name, 0) + int(missing.sum())
            lost |= missing
    X = plan.write(values, block.n)
    check_products(plan, Dense(X), lost, block.index)
    if lost.any():
        X[lost] = np.nan
    return X
