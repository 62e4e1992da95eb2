"""Sandwich covariances: they hold where the likelihood is only a pseudo-likelihood."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.inference.covariance import Covariance
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.rows.rows import Rows

ROBUST = "robust sandwich, times n/(n-1)"


def pseudo_covariance(
    root: FloatArray,
    likelihood: MultinomialLikelihood,
    params: FloatArray,
    n: int,
    *,
    sampling: bool,
) -> Covariance:
    """The sandwich of the estimates of a pseudo-likelihood.

    Sampling weights multiply the scores of n rows, frequency weights repeat them.  ``root`` (p, d)
    is ``F`` with ``F F'`` the inverse information, of the free directions alone where constraints
    bind the estimates.
    """
    rows = likelihood.rows
    if not sampling:
        weights = rows.weights if isinstance(rows, Rows) else None
        units = n if weights is None else float(weights.sum())
        return robust(root, likelihood.score_products(params), units)
    # squares of weights of any size: in units of the largest
    largest = rows.largest_weight()
    unit = 1.0 if largest is None else math.ldexp(1.0, math.frexp(largest)[1])
    scaled = replace(likelihood, rows=rows.with_unit(unit), known=None)
    products = scaled.score_products(params, repeated=False)
    return robust(root * math.sqrt(unit), products, n)


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
