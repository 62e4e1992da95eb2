"""Probabilities for rows of a design."""

from __future__ import annotations

import numpy as np

from mnlstat.arrays import FloatArray


def probabilities(
    X: FloatArray, B: FloatArray, base: int, offset: FloatArray | None = None
) -> FloatArray:
    """``pi`` (n, J) for a design (n, k), coefficients (q, k) and the position of the base.

    ``offset`` (n, J) is added to the linear predictors.  Finite for finite linear predictors of any
    size; each row sums to one.  A row with NaN in it gives NaN, as does one whose largest linear
    predictor is no longer a finite number.
    """
    with np.errstate(invalid="ignore", over="ignore", under="ignore"):
        eta = np.insert(X @ B.T, base, 0.0, axis=1)
        if offset is not None:
            eta += offset
        eta -= eta.max(axis=1, keepdims=True)
        np.exp(eta, out=eta)
        eta /= eta.sum(axis=1, keepdims=True)
    return eta
