"""Many tests at once: adjusted p-values, and intervals that hold together."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.linalg import row_norms

BONFERRONI, HOLM, MAX_T = "bonferroni", "holm", "max-t"
ADJUSTMENTS = ("none", BONFERRONI, HOLM, "bh", MAX_T)
# Directions at which the largest of several t is looked at, in each of a few random shifts.
POINTS, SHIFTS = 2**15, 4
# Eigenvalues of a correlation matrix below this share of the largest are zero.
NO_DIRECTION = 1e-10


def bonferroni(p: FloatArray) -> FloatArray:
    """``min(1, m p)``."""
    return np.minimum(1.0, _count(p) * p)


def holm(p: FloatArray) -> FloatArray:
    """Step-down p-values (Holm 1979, Scandinavian Journal of Statistics 6, 65-70)."""
    m, order = _count(p), np.argsort(p)
    factors = np.maximum(m - np.arange(len(p)), 1)
    adjusted = np.full(len(p), np.nan)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(factors * p[order]))
    return np.where(np.isnan(p), np.nan, adjusted)


def benjamini_hochberg(p: FloatArray) -> FloatArray:
    """Step-up p-values that control the false discovery rate.

    References
    ----------
    Benjamini, Y. & Hochberg, Y. (1995). JRSS B 57, 289-300.
    """
    known = np.flatnonzero(~np.isnan(p))
    adjusted = np.full(len(p), np.nan)
    if len(known):
        order = known[np.argsort(-p[known])]
        ranks = len(known) - np.arange(len(known))
        adjusted[order] = np.minimum(1.0, np.minimum.accumulate(len(known) / ranks * p[order]))
    return adjusted


def _count(p: FloatArray) -> int:
    """How many hypotheses there are: those that have a p-value."""
    return int((~np.isnan(p)).sum())


@dataclass(frozen=True, eq=False)
class MaxT:
    """The distribution of ``max |T_i|``, T normal or t with the correlations of the estimates.

    A normal vector is a direction times a length: of the length the distribution is known, over
    the directions a quasi-random mean is taken, so ``P(max |T| <= q)`` is the mean of
    ``P(chi2_r <= q^2 / h(u)^2)`` with ``h(u) = max |F u|`` and ``F F'`` the correlation matrix of
    rank r; for t, F(r, df) takes the place of chi-squared.

    Attributes
    ----------
    root : (m, d) array
        ``F`` of the covariance of m estimates.
    df : float, optional
        Degrees of freedom; None for the normal distribution.

    References
    ----------
    Somerville, P. N. (1998). Numerical computation of multivariate normal and multivariate-t
    probabilities over convex regions. J. Comput. Graph. Statist. 7, 529-544.
    Hothorn, T., Bretz, F. & Westfall, P. (2008). Simultaneous inference in general parametric
    models. Biometrical Journal 50, 346-363.
    """

    root: FloatArray
    df: float | None = None
    _memory: dict[str, float] = field(default_factory=dict, repr=False)

    @cached_property
    def _standard(self) -> FloatArray:
        """``F`` (m, r) with rows of length one and independent columns."""
        # the largest first, so that no length is out of range
        largest = np.abs(self.root).max(axis=1, initial=0.0)[:, None]
        scaled = self.root / np.where(largest > 0, largest, 1.0)
        rows = scaled / np.maximum(row_norms(scaled), 1.0)[:, None]
        left, sizes, _ = np.linalg.svd(rows, full_matrices=False)
        kept = np.square(sizes) > NO_DIRECTION * np.square(sizes).max(initial=0.0)
        return np.asarray(left[:, kept] * sizes[kept])

    @cached_property
    def _largest(self) -> FloatArray:
        """``1 / h(u)^2`` at all directions, in order."""
        from scipy.special import ndtri

        F = self._standard
        parts = []
        for seed in range(SHIFTS):
            draws = _sobol(F.shape[1], seed).random(POINTS)
            z = ndtri(np.clip(draws, 2.0**-60, 1 - 2.0**-53))
            u = z / np.sqrt(np.square(z).sum(axis=1, keepdims=True))
            parts += [np.abs(u[at : at + 2048] @ F.T).max(axis=1) for at in range(0, POINTS, 2048)]
        inverses: FloatArray = 1.0 / np.square(np.concatenate(parts))
        return inverses

    def pvalue(self, statistic: float) -> float:
        """``P(max |T| > |statistic|)``, to about 1e-4."""
        from scipy.special import chdtrc, fdtrc

        if np.isnan(statistic) or not self._standard.shape[1]:
            return float("nan")
        r, squares = self._standard.shape[1], statistic**2 * self._largest
        tails = chdtrc(r, squares) if self.df is None else fdtrc(r, self.df, squares / r)
        return float(np.minimum(tails.mean(), 1.0))

    def quantile(self, alpha: float) -> float:
        """The q with ``P(max |T| > q) = alpha``, to about 1e-3."""
        from scipy.optimize import brentq

        if not self._standard.shape[1]:
            return float("nan")
        high = 2.0
        while self.pvalue(high) > alpha:
            high *= 2.0
        return float(brentq(lambda q: self.pvalue(q) - alpha, 0.0, high, xtol=1e-10))


def _sobol(dimension: int, seed: int) -> Any:
    """Scrambled points of Sobol' (1967)."""
    from scipy.stats import qmc

    try:
        return qmc.Sobol(dimension, rng=np.random.default_rng(seed))
    except TypeError:  # scipy before 1.15
        return qmc.Sobol(dimension, seed=seed)
