"""Sandwich covariances: they hold where the likelihood is only a pseudo-likelihood.

``V = c I^-1 M I^-1``.  With ``F F' = I^-1`` and ``t = F's`` it is ``c F B F'``, ``B`` the sum of
``t t'``: that sum is near to the identity where the model holds, whatever the columns are.
"""

from __future__ import annotations

import math

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.inference.covariance import Covariance
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.likelihood.units import Units, score_sums
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

    References
    ----------
    Huber, P. J. (1967). Proceedings of the Fifth Berkeley Symposium 1, 221-233.
    White, H. (1980). Econometrica 48, 817-838.
    """
    if not root.shape[1]:
        return sandwich(root, np.zeros((0, 0)), 1.0, ROBUST)
    rows = likelihood.rows
    of_cells = isinstance(rows, Rows) and rows.squares is not None
    units = Units.of(likelihood, params, root, n=n, sampling=sampling, trials=of_cells)
    count = float(n)
    if not sampling and isinstance(rows, Rows) and rows.weights is not None:
        count = float(rows.weights.sum())
    return sandwich(units.root, score_sums(units).products, count / max(count - 1, 1), ROBUST)


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
    return bool(usual.any() and (covariance.standard_errors() <= NO_RESIDUAL * usual).all())


def inverse_root(middle: FloatArray) -> FloatArray | None:
    """``G`` (d, d) with ``G G' = B^-1``; None where ``B`` is singular."""
    values, vectors = np.linalg.eigh((middle + middle.T) / 2.0)
    if not values[0] > ROUNDING * values[-1]:
        return None
    return np.asarray(vectors / np.sqrt(values), dtype=float)
