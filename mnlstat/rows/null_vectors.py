"""Combinations of columns that are zero in every row, and the columns they let leave out."""

from __future__ import annotations

import numpy as np
from scipy.linalg import lapack, solve_triangular

from mnlstat.arrays import FloatArray
from mnlstat.rows.geometry import Aliases

# Shares of a null vector below the first are rounding, above the second part of it.
NOTHING, SOMETHING = 1e-10, 1e-7
ROUNDING = 1e-15
# The same for squared distances of unit columns of zeros and ones, which are never small alone.
NO_DISTANCE, SOME_DISTANCE = 1e-12, 1e-10


def semidefinite_parts(gram: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    """``G`` and ``V``: ``G`` inverts a semidefinite matrix in its range, ``gram @ V`` is zero.

    Both from a Cholesky factorisation with pivoting (Golub & Van Loan 2013, *Matrix Computations*,
    4th ed., section 4.2.8), ``G`` for the independent columns it finds.  None where it is not clear
    which are.
    """
    H = len(gram)
    if not H or np.diag(gram).max() <= NO_DISTANCE:
        return np.zeros((H, H)), np.eye(H)
    factor, pivots, rank, _ = lapack.dpstrf(gram, tol=NO_DISTANCE)
    order = pivots - 1
    first, rest = order[:rank], order[rank:]
    upper, across = np.triu(factor[:rank, :rank]), factor[:rank, rank:]
    left = np.diag(gram)[rest] - np.square(across).sum(axis=0)
    if np.diag(upper).min() ** 2 < SOME_DISTANCE or left.max(initial=0.0) > NO_DISTANCE:
        return None
    null = np.zeros((H, H - rank))
    null[first] = -solve_triangular(upper, across, check_finite=False)
    null[rest, np.arange(H - rank)] = 1.0
    root = np.zeros((H, rank))
    root[first] = lapack.dtrtri(upper)[0]
    return root @ root.T, null


def last_columns(null: FloatArray, lengths: FloatArray) -> Aliases | None:
    """What columns of these lengths (k,) equal, from a basis (k, r) of their null vectors.

    From left to right a column is a combination of those before it exactly where a null vector
    ends there; elimination from the last column on makes each end in a column of its own.  None
    where it is not clear which.
    """
    k, r = null.shape
    V = null * lengths[:, None]
    V /= np.abs(V).max(axis=0, initial=0.0)
    free, last = np.ones(r, dtype=bool), np.zeros(r, dtype=np.intp)
    for j in range(k - 1, -1, -1):
        if not free.any():
            break
        sizes = np.abs(V[j])
        p = int(np.argmax(np.where(free, sizes, -1.0)))
        if sizes[p] <= NOTHING:
            V[j, free] = 0.0
            continue
        if sizes[p] < SOMETHING or not _eliminate(V, j, p, free):
            return None
        last[p] = j
    if free.any():
        return None
    kept = np.ones(k, dtype=bool)
    kept[last] = False
    weights = np.diag(kept.astype(float))
    weights[:, last] = -(V / V[last, np.arange(r)]) * lengths[last] / lengths[:, None]
    weights[last] = 0.0
    return Aliases(kept, np.zeros(k, dtype=bool), kept.astype(float), weights)


def _eliminate(V: FloatArray, j: int, p: int, free: np.ndarray) -> bool:
    """Take vector p out of all others so that it alone has row j; False where digits are lost."""
    free[p] = False
    others = np.flatnonzero(np.abs(V[j]) > ROUNDING)
    others = others[others != p]
    V[:, others] -= np.outer(V[:, p], V[j, others] / V[j, p])
    mine = V[j, p]
    V[j] = 0.0
    V[j, p] = mine
    shrunk = others[free[others]]
    largest = np.abs(V[:j, shrunk]).max(axis=0, initial=0.0)
    if (largest < SOMETHING).any():
        return False
    V[:, shrunk] /= largest
    return True
