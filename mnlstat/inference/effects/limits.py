"""Where the slopes of limiting probabilities are infinite, because coefficients are."""

from __future__ import annotations

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray, IntArray
from mnlstat.inference.infinity import Infinity


def infinite_slopes(
    infinity: Infinity, dX: FloatArray, pi: FloatArray, base: int, *, of_logs: bool
) -> BoolArray:
    """Rows at which a variable shifts probabilities between outcomes infinitely fast.

    Where an outcome has no probability in the limit, none is shifted.  Between outcomes that keep
    theirs, ``dx'(b_j - b_l)`` must be finite; the log of a probability that vanishes has an
    infinite slope wherever that is not.

    Parameters
    ----------
    infinity : the directions of the coefficients
    dX : (n, k) derivatives of the design
    pi : (J, n) limits of the probabilities
    base : position of the base
    of_logs : whether slopes of the logarithms are looked at
    """
    J, n = pi.shape
    q, k = J - 1, dX.shape[1]
    place = np.insert(np.arange(q), base, -1)
    first = np.nan_to_num(pi).argmax(axis=0)
    infinite = np.zeros(n, dtype=bool)
    for outcome in range(J):
        rows = np.flatnonzero((first != outcome) & (of_logs | (pi[outcome] > 0)))
        functions = np.zeros((len(rows), q * k))
        _add(functions, dX[rows], place[first[rows]], 1.0)
        _add(functions, dX[rows], np.full(len(rows), place[outcome]), -1.0)
        different, at = np.unique(functions, axis=0, return_inverse=True)
        infinite[rows] |= (infinity.signs(different) != 0)[at.ravel()]
    return infinite


def _add(functions: FloatArray, dX: FloatArray, equations: IntArray, sign: float) -> None:
    """Add to each row its derivatives in the place of an equation; the base has none."""
    k = dX.shape[1]
    for equation in np.unique(equations[equations >= 0]).tolist():
        rows = equations == equation
        functions[rows, equation * k : (equation + 1) * k] += sign * dX[rows]
