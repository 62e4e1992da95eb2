"""The compiled kernel, where it was built: all sums of a block of rows from one pass.

It gives what the numpy kernel gives, to rounding.  Which of the two sums some rows follows from
how they are held alone: a dense design and one outcome chosen in each row, else numpy.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.rows.matrix import Dense
from mnlstat.rows.rows import Block, Rows

try:
    from mnlstat.likelihood import _fused
except ImportError:  # there was no compiler when the package was installed
    _fused = None  # type: ignore[assignment]

Parts: TypeAlias = tuple[float, float, FloatArray | None, FloatArray | None]

# Which of ``_fused.VARIANTS``, the sets of instructions of this machine: the best one.
VARIANT = 0
# Limits of its integers, far beyond what can be fitted.
MOST_OUTCOMES, MOST_COLUMNS = 2**14, 2**20


def built() -> bool:
    """Whether the compiled kernel is there."""
    return _fused is not None


def takes(rows: Block | Rows) -> bool:
    """Whether it is there and can sum these rows."""
    if _fused is None or not isinstance(rows.matrix, Dense) or rows.response.ndim != 1:
        return False
    X = rows.matrix.X
    n, k = X.shape
    return (
        rows.response.dtype.kind in "iu"
        and (n <= 1 or X.strides[0] == X.itemsize)
        and 1 <= k <= MOST_COLUMNS
        and 2 <= rows.n_outcomes <= MOST_OUTCOMES
        and all(a is None or a.dtype == np.float64 for a in (X, rows.weights, rows.offset))
    )


def information_cost(k: int, J: int) -> float:
    """Cost of the sums of order 2, in sums of order 1 (measured)."""
    q = J - 1
    return 1.0 + q * J * k * (k + 1) / (164.0 * J + 74.0 * k + 3.0 * q * k)


def block_sums(block: Block, B: FloatArray, order_of_outcomes: IntArray, order: int) -> Parts:
    """Log-likelihood, what rounding took from it, score (q, k), grams (q(q+1)/2, k(k+1)/2)."""
    assert isinstance(block.matrix, Dense)
    q, k = B.shape
    value = np.zeros(2)
    score = np.zeros((q, k)) if order >= 1 else None
    grams = np.zeros((q * (q + 1) // 2, k * (k + 1) // 2)) if order >= 2 else None
    _fused.block_sums(
        VARIANT,
        block.matrix.X,
        block.response,
        block.weights,
        block.offset,
        np.ascontiguousarray(B, dtype=float),
        order_of_outcomes,
        value,
        score,
        grams,
    )
    return float(value[0]), float(value[1]), score, grams
