"""Degrees of freedom of a covariance: t and F in place of the normal and chi-squared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from mnlstat.arrays import FloatArray


class Degrees(Protocol):
    """Degrees of freedom of estimates, one after the other and of a test of all of them.

    Every method that makes other estimates of these has its counterpart in
    :class:`~mnlstat.inference.covariance.Covariance`.
    """

    def single(self, m: int) -> FloatArray:
        """Those of each of the m estimates (m,)."""

    def joint(self, m: int) -> tuple[float, float]:
        """Factor and denominator degrees of freedom of F, made of a Wald statistic of m."""

    def of(self, R: FloatArray) -> Degrees:
        """Those of ``R b``, R (m, p)."""


@dataclass(frozen=True)
class Fixed:
    """The same for all.

    Attributes
    ----------
    df : degrees of freedom
    adjusted : whether F is ``W (df - m + 1) / (m df)`` on ``(m, df - m + 1)`` (Korn & Graubard
        1990, The American Statistician 44, 270-276) in place of ``W / m`` on ``(m, df)``
    """

    df: float
    adjusted: bool = False

    def single(self, m: int) -> FloatArray:
        """The number m times."""
        return np.full(m, self.df)

    def joint(self, m: int) -> tuple[float, float]:
        """Factor and denominator degrees of freedom of F."""
        if not self.adjusted:
            return 1.0 / m, self.df
        left = self.df - m + 1
        return left / (m * self.df), left

    def of(self, R: FloatArray) -> Fixed:
        """The same."""
        return self
