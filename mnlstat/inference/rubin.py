"""Estimates of data that were imputed several times, pooled by Rubin's rules."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.inference.covariance import Covariance
from mnlstat.linalg import row_norms
from mnlstat.rows.threads import one_blas_thread

KIND = "Rubin's rules"


@dataclass(frozen=True, eq=False)
class Imputations:
    """M estimates of the same m numbers, each with its covariance: the degrees of freedom of Q.

    With estimates ``Q_l`` and their covariances ``U_l``: ``Q`` the mean of the former, ``W`` of the
    latter, ``B = sum (Q_l - Q)(Q_l - Q)' / (M - 1)``, and the total ``T = W + (1 + 1/M) B``.

    Attributes
    ----------
    values : (M, m) the estimates
    roots : of each imputation (m, d) ``F`` with ``F F' = U``
    complete : degrees of freedom that the estimates have where nothing is missing; infinite for
        normal ones

    References
    ----------
    Rubin, D. B. (1987). Multiple Imputation for Nonresponse in Surveys. Wiley.
    Barnard, J. & Rubin, D. B. (1999). Small-sample degrees of freedom with multiple imputation.
    Biometrika 86, 948-955.
    """

    values: FloatArray
    roots: tuple[FloatArray, ...]
    complete: float = math.inf

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def mean(self) -> FloatArray:
        """``Q`` (m,)."""
        mean: FloatArray = self.values.mean(axis=0)
        return mean

    @cached_property
    def within(self) -> FloatArray:
        """The root of ``W``: (m, d)."""
        root = np.concatenate(self.roots, axis=1) / math.sqrt(len(self))
        if root.shape[1] <= len(root):
            return root
        with one_blas_thread():
            triangle = np.asarray(np.linalg.qr(root.T, mode="r"))
        return triangle.T

    @cached_property
    def between(self) -> FloatArray:
        """The root of ``B``: (m, M)."""
        root: FloatArray = (self.values - self.mean).T / math.sqrt(len(self) - 1)
        return root

    def covariance(self) -> Covariance:
        """``T``, with these degrees of freedom."""
        root = np.hstack([self.within, math.sqrt(1.0 + 1.0 / len(self)) * self.between])
        return Covariance(root, f"{KIND}, M = {len(self)}", self)

    # --- of each estimate ------------------------------------------------------------------

    @property
    def increase(self) -> FloatArray:
        """Relative increase in variance due to missing data (m,): ``r = (1 + 1/M) B / W``."""
        return _over((1.0 + 1.0 / len(self)) * self._between2, self._within2)

    @property
    def share(self) -> FloatArray:
        """Share of the variance that is between imputations (m,): ``(1 + 1/M) B / T``."""
        added = (1.0 + 1.0 / len(self)) * self._between2
        return _over(added, self._within2 + added)

    @property
    def missing(self) -> FloatArray:
        """Fraction of missing information (m,): ``(r + 2 / (df + 3)) / (r + 1)``."""
        r = self.increase
        return (r + 2.0 / (self.single(len(r)) + 3.0)) / (r + 1.0)

    @property
    def _within2(self) -> FloatArray:
        return row_norms(self.within) ** 2

    @property
    def _between2(self) -> FloatArray:
        return row_norms(self.between) ** 2

    # --- degrees of freedom ----------------------------------------------------------------

    def single(self, m: int) -> FloatArray:
        """Of t for each of the estimates (m,), by Barnard & Rubin (1999)."""
        return barnard_rubin(self.share, len(self), self.complete)

    def joint(self, m: int) -> tuple[float, float]:
        """None: a Wald statistic of ``T`` is not F; the tests of several are D1, D2 and D3."""
        return 1.0 / m, math.nan

    def of(self, R: FloatArray) -> Imputations:
        """The same of ``R b``, R (p, m)."""
        with one_blas_thread():
            roots = tuple(R @ root for root in self.roots)
            return Imputations(self.values @ R.T, roots, self.complete)


def _over(above: FloatArray, below: FloatArray) -> FloatArray:
    """A quotient; zero where nothing varies, as of what constraints fix."""
    safe = np.where(below > 0, below, 1.0)
    return np.where(below > 0, above / safe, 0.0)


def barnard_rubin(share: FloatArray, M: int, complete: float) -> FloatArray:
    """Degrees of freedom of t.

    ``1 / (1/d + 1/e)`` with ``d = (M - 1) / g^2``, g the share of the variance that is between
    imputations, and ``e = (c + 1) / (c + 3) c (1 - g)``, c the degrees of freedom of complete data.

    References
    ----------
    Barnard, J. & Rubin, D. B. (1999). Biometrika 86, 948-955.
    """
    inverse = share**2 / (M - 1)
    if math.isfinite(complete):
        with np.errstate(divide="ignore"):
            inverse = inverse + 1.0 / (_of_complete(complete) * (1.0 - share))
    with np.errstate(divide="ignore"):
        df: FloatArray = 1.0 / inverse
    return df


def _of_complete(complete: float) -> float:
    return (complete + 1.0) / (complete + 3.0) * complete
