"""Another base outcome by exact algebra."""

from __future__ import annotations

import numpy as np

from mnlstat.arrays import FloatArray


def rebased(values: FloatArray, k: int, old: int, new: int) -> FloatArray:
    """Parameters, or the rows of a root of their covariance, against another base outcome.

    Parameters
    ----------
    values : (q k, ...) array
        Outcome-major, against outcome ``old``.
    k : int
        Coefficients in each equation.
    old, new : int
        Positions of the base outcomes among all J.

    Returns
    -------
    (q k, ...) array
        ``b_j - b_new`` for every outcome j but ``new``, in the order of the outcomes.
    """
    by_outcome = values.reshape(len(values) // k, k, *values.shape[1:])
    full = np.insert(by_outcome, old, 0.0, axis=0)
    differences: FloatArray = np.delete(full - full[new], new, axis=0)
    return differences.reshape(values.shape)
