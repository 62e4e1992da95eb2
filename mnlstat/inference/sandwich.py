"""Sandwich covariances: they hold where the likelihood is only a pseudo-likelihood."""

from __future__ import annotations

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.inference.covariance import Covariance

ROBUST = "robust sandwich, times n/(n-1)"


def robust(root: FloatArray, products: FloatArray, n: float) -> Covariance:
    """``V = c I^-1 M I^-1`` with ``c = n / (n - 1)``.

    Parameters
    ----------
    root : (p, d) array
        ``F`` with ``F F'`` the inverse information.
    products : (p, p) array
        ``M``, the sum of outer products of the scores of n units.
    n : of them, frequency weights counted as often as they repeat

    References
    ----------
    Huber, P. J. (1967). Proceedings of the Fifth Berkeley Symposium 1, 221-233.
    White, H. (1980). Econometrica 48, 817-838.
    """
    values, vectors = np.linalg.eigh(root.T @ products @ root)
    factor = n / max(n - 1, 1)
    half = vectors * np.sqrt(factor * np.maximum(values, 0.0))
    return Covariance(root @ half, ROBUST)
