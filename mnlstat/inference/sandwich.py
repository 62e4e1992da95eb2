"""Sandwich covariances: they hold where the likelihood is only a pseudo-likelihood.

``V = c I^-1 M I^-1``.  With ``F F' = I^-1`` and ``t = F's`` it is ``c F B F'``, ``B`` the sum of
``t t'``: that sum is near to the identity where the model holds, whatever the columns are.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.inference.covariance import Covariance
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.linalg import row_norms
from mnlstat.rows.rows import Rows

ROBUST = "robust sandwich, times n/(n-1)"
# Eigenvalues of the middle of a sandwich below this, relative to the largest, are rounding.
ROUNDING = 1e-13
# Robust standard errors this small beside those of the model come from rounding alone.
NO_RESIDUAL = 1e-9


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
    return sandwich(root, root.T @ products @ root, n / max(n - 1, 1), ROBUST)


def sandwich(root: FloatArray, middle: FloatArray, factor: float, kind: str) -> Covariance:
    """``c F B F'`` of ``B`` (d, d) positive semidefinite but for rounding."""
    return Covariance(root @ (square_root(middle)[0] * np.sqrt(factor)), kind)


def square_root(middle: FloatArray) -> tuple[FloatArray, int]:
    """``G`` (d, rank) with ``G G' = B``, and how many eigenvalues are below zero and cut."""
    values, vectors = np.linalg.eigh((middle + middle.T) / 2.0)
    least = ROUNDING * float(values.max(initial=0.0))
    above = values > least
    root = vectors[:, above] * np.sqrt(values[above])
    return root if above.any() else np.zeros((len(values), 1)), int((values < -least).sum())


def without_residuals(covariance: Covariance, root: FloatArray, weight: float) -> bool:
    """Whether the scores of all units are zero but for rounding: each is fitted exactly.

    A sandwich is then zero, and says nothing of the errors of the estimates.

    Parameters
    ----------
    root : (p, d) array
        ``F`` with ``F F'`` the inverse information.
    weight : mean weight of a unit
    """
    if not covariance.known or not root.shape[1]:
        return False
    usual = row_norms(root) * math.sqrt(weight)
    return bool((covariance.standard_errors() <= NO_RESIDUAL * usual).all())


def inverse_root(middle: FloatArray) -> FloatArray | None:
    """``G`` (d, d) with ``G G' = B^-1``; None where ``B`` is singular."""
    values, vectors = np.linalg.eigh((middle + middle.T) / 2.0)
    if not values[0] > ROUNDING * values[-1]:
        return None
    return np.asarray(vectors / np.sqrt(values), dtype=float)
