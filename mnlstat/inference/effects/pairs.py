"""Sums over rows that belong to pairs of outcomes, and what they make of outcomes.

Probabilities only shift between outcomes: whatever one gains, others lose.  A derivative of a
probability is therefore a sum of flows between pairs, ``pi_j pi_l`` times something, and keeps its
digits where a probability is next to zero or one.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from mnlstat.arrays import FloatArray, IntArray


@lru_cache(maxsize=64)
def pairs(J: int) -> tuple[IntArray, IntArray]:
    """The J (J - 1) / 2 pairs of outcomes, the lower one first."""
    first, second = np.triu_indices(J, 1)
    first.flags.writeable = second.flags.writeable = False
    return first, second


def products(pi: FloatArray, weights: FloatArray) -> FloatArray:
    """``w pi_j pi_l`` (pairs, n) of probabilities (J, n)."""
    first, second = pairs(len(pi))
    return np.asarray((weights * pi[first]) * pi[second])


def outflow(flows: FloatArray, J: int) -> FloatArray:
    """What each outcome gains (J, ...) by flows (pairs, ...) to the first from the second."""
    first, second = pairs(J)
    gains = np.zeros((J, *flows.shape[1:]))
    np.add.at(gains, first, flows)
    np.subtract.at(gains, second, flows)
    return gains


def exchange(sums: FloatArray, J: int) -> FloatArray:
    """Derivatives (J, J, ...) of outcomes in the linear predictors of outcomes.

    ``sums`` (pairs, ...) is what a rise of either of the two predictors takes from the other
    outcome; what all others lose, an outcome gains by its own.
    """
    first, second = pairs(J)
    matrix = np.zeros((J, J, *sums.shape[1:]))
    matrix[first, second] = -sums
    matrix[second, first] = -sums
    own = np.arange(J)
    matrix[own, own] = -matrix.sum(axis=1)
    return matrix


@lru_cache(maxsize=64)
def triples(J: int) -> tuple[IntArray, IntArray]:
    """Every product of three probabilities that a pair takes part in.

    Returns
    -------
    (triples, 3) array
        Outcomes in ascending order, not all three the same.
    (pairs, J) array
        Which triple a pair makes with an outcome.
    """
    first, second = pairs(J)
    made = np.empty((len(first), J, 3), dtype=np.intp)
    made[:, :, 0], made[:, :, 1] = first[:, None], second[:, None]
    made[:, :, 2] = np.arange(J)
    made.sort(axis=2)
    if not len(first):
        return np.empty((0, 3), dtype=np.intp), np.empty((0, J), dtype=np.intp)
    distinct, place = np.unique(made.reshape(-1, 3), axis=0, return_inverse=True)
    return distinct, place.reshape(len(first), J)
