"""Sets of outcomes that hold the true one with a given probability: split conformal prediction."""

from __future__ import annotations

import math

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray, IntArray

LAC, APS = "lac", "aps"
METHODS = (LAC, APS)
# Probabilities that differ by less than this share are equal, and scores by less than this.
EQUAL = 1e-10


def nonconformity(pi: FloatArray, method: str) -> FloatArray:
    """How unlike the others each outcome is in each row (n, J); small where it is probable.

    "lac": ``1 - pi_j``, as the sum of the other probabilities.  "aps": the sum of the probabilities
    of the outcomes that are more probable than j.
    """
    scores = np.empty(pi.shape)
    for j in range(pi.shape[1]):
        if method == LAC:
            scores[:, j] = np.delete(pi, j, axis=1).sum(axis=1)
        else:
            more = pi > pi[:, [j]] * (1.0 + EQUAL)
            scores[:, j] = np.where(more, pi, 0.0).sum(axis=1)
    scores[np.isnan(pi).any(axis=1)] = np.nan
    return scores


def threshold(scores: FloatArray, alpha: float) -> float:
    """The ``ceil((n + 1)(1 - alpha))``-th smallest of n scores; infinite where there is none.

    With it the next score, exchangeable with these, is no larger with probability of at least
    ``1 - alpha``.
    """
    n = len(scores)
    # rounding must not make 18.000000000000004 of 20 * 0.9
    rank = math.ceil(round((n + 1) * (1.0 - alpha), 9))
    return float(np.sort(scores)[rank - 1]) if rank <= n else math.inf


def prediction_sets(
    pi: FloatArray, calibration: FloatArray, observed: IntArray, alpha: float, method: str
) -> tuple[BoolArray, float]:
    """Which outcomes belong to the set of each row (n, J), and the threshold.

    Parameters
    ----------
    pi : (n, J) probabilities of the rows
    calibration : (m, J) probabilities of rows that were held out
    observed : (m,) what came in them
    alpha : one minus the coverage
    method : "lac" or "aps"
    """
    own = nonconformity(calibration, method)[np.arange(len(observed)), observed]
    limit = threshold(own, alpha)
    with np.errstate(invalid="ignore"):
        inside: BoolArray = nonconformity(pi, method) <= limit + EQUAL
    return inside, limit
