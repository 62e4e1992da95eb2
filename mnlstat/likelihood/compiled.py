"""The compiled kernel, where it was built: all sums of a block of rows from one pass.

It gives what the numpy kernel gives, to rounding.  Which of the two sums some rows follows from
how they are held alone: a dense design, or one with a factor of many levels whose rows are sorted
by level, and one outcome chosen in each row; else numpy.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.rows.grouped import Grouped
from mnlstat.rows.matrix import Dense, Matrix
from mnlstat.rows.rows import Block, Rows

try:
    from mnlstat.likelihood import _fused
except ImportError:  # there was no compiler when the package was installed
    _fused = None  # type: ignore[assignment]

Parts: TypeAlias = tuple[float, float, FloatArray | None, FloatArray | None]

# Which of ``_fused.VARIANTS``, the sets of instructions of this machine: the best one.
VARIANT = 0
# Limits of its integers, far beyond what can be fitted.
MOST_OUTCOMES, MOST_COLUMNS = 2**14, 2**20 - 1
# Rows of a level, on average, from which on it is faster than numpy.
SHORTEST = 12


def built() -> bool:
    """Whether the compiled kernel is there."""
    return _fused is not None


def takes(rows: Block | Rows, *, once_sorted: bool = False) -> bool:
    """Whether it is there and can sum these rows, or will when they are sorted by level."""
    if _fused is None or rows.response.ndim != 1 or rows.response.dtype.kind not in "iu":
        return False
    X = _columns(rows.matrix, once_sorted)
    return (
        X is not None
        and (len(X) <= 1 or X.shape[1] == 0 or X.strides[0] == X.itemsize)
        and X.shape[1] <= MOST_COLUMNS
        and 2 <= rows.n_outcomes <= MOST_OUTCOMES
        and all(a is None or a.dtype == np.float64 for a in (X, rows.weights, rows.offset))
    )


def _columns(matrix: Matrix, once_sorted: bool) -> FloatArray | None:
    """The columns it would read; None for a design that it cannot sum."""
    if isinstance(matrix, Dense):
        return matrix.X if matrix.n_columns else None
    if not isinstance(matrix, Grouped) or matrix.rest.coded or not len(matrix.codes):
        return None
    if not (matrix.in_order or once_sorted):
        return None
    codes = matrix.codes
    levels = int(codes[-1]) - int(codes[0]) + 1 if matrix.in_order else matrix.n_levels
    return matrix.rest.X if len(codes) >= SHORTEST * levels else None


def information_cost(rows: Block | Rows) -> float:
    """Cost of the sums of order 2, in sums of order 1 (measured)."""
    matrix, J = rows.matrix, rows.n_outcomes
    k = matrix.rest.n_columns + 1 if isinstance(matrix, Grouped) else matrix.n_columns
    q = J - 1
    return 1.0 + q * J * k * (k + 1) / (164.0 * J + 74.0 * k + 3.0 * q * k)


def block_sums(block: Block, B: FloatArray, order_of_outcomes: IntArray, order: int) -> Parts:
    """Log-likelihood, what rounding took from it, score (q, k), grams of each pair of outcomes."""
    matrix = block.matrix
    if isinstance(matrix, Grouped):
        return _level_sums(block, matrix, B, order_of_outcomes, order)
    assert isinstance(matrix, Dense)
    stretches = np.ascontiguousarray(B, dtype=float)[None]
    value, score, grams = _summed(block, matrix.X, None, stretches, order_of_outcomes, order)
    return (*value, None if score is None else score[0], None if grams is None else grams[0])


def _level_sums(
    block: Block, matrix: Grouped, B: FloatArray, order_of_outcomes: IntArray, order: int
) -> Parts:
    """The same for rows sorted by level: each level has a constant of its own, the first column."""
    starts = np.flatnonzero(np.append(True, matrix.codes[1:] != matrix.codes[:-1]))
    levels, ends = matrix.codes[starts], np.append(starts[1:], matrix.n_rows)
    effects, others = matrix.layout.split(B)
    q, m = others.shape
    stretches = np.empty((len(levels), q, m + 1))
    stretches[:, :, 0] = effects[:, levels].T
    stretches[:, :, 1:] = others
    value, score, grams = _summed(block, matrix.rest.X, ends, stretches, order_of_outcomes, order)
    if score is None:
        return (*value, None, None)
    by_level = np.zeros((q, matrix.n_levels))
    by_level[:, levels] = score[:, :, 0].T
    product = matrix.layout.summed(by_level, score[:, :, 1:].sum(axis=0))
    if grams is None:
        return (*value, product, None)
    r = grams.shape[1]
    across = np.zeros((r, m + 1, matrix.n_levels))
    across[:, :, levels] = grams[:, :, : m + 1].transpose(1, 2, 0)
    pairs = grams[:, :, m + 1 :].sum(axis=0)
    return (*value, product, np.concatenate([across.reshape(r, -1), pairs], axis=1))


def _summed(
    block: Block,
    X: FloatArray,
    ends: IntArray | None,
    stretches: FloatArray,
    order_of_outcomes: IntArray,
    order: int,
) -> tuple[tuple[float, float], FloatArray | None, FloatArray | None]:
    """Sums over stretches of rows, each with coefficients (q, k) of its own."""
    S, q, k = stretches.shape
    value = np.zeros(2)
    score = np.zeros((S * q, k)) if order >= 1 else None
    grams = np.zeros((S * q * (q + 1) // 2, k * (k + 1) // 2)) if order >= 2 else None
    _fused.block_sums(
        VARIANT,
        X,
        block.response,
        block.weights,
        block.offset,
        ends,
        stretches.reshape(S * q, k),
        order_of_outcomes,
        value,
        score,
        grams,
    )
    return (
        (float(value[0]), float(value[1])),
        None if score is None else score.reshape(S, q, k),
        None if grams is None else grams.reshape(S, q * (q + 1) // 2, -1),
    )
