"""Wald tests of estimates whose covariance is singular because constraints bind them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.errors import OptionError, RankError
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.hypotheses import INDEPENDENT, TestResult, judged
from mnlstat.linalg import EPS

# How far, relative to the size of its terms, a restriction may miss what constraints make of it.
MISSED = 1e-9


@dataclass(frozen=True)
class Within:
    """``R b = r`` among the estimates that fulfil the constraints.

    Attributes
    ----------
    statistic, df : of the restrictions that the constraints leave open
    holds : whether the others hold
    open : covariance of the restrictions that are left open
    """

    statistic: float
    df: int
    holds: bool
    open: Covariance

    @classmethod
    def of(cls, R: FloatArray, r: FloatArray, values: FloatArray, covariance: Covariance) -> Within:
        """Split what is tested into what is open and what is settled.

        Combinations of restrictions whose standard error is zero, but for rounding, are settled.
        """
        gap, size = R @ values - r, np.abs(R) @ np.abs(values) + np.abs(r)
        if not covariance.known:
            return cls(float("nan"), len(gap), True, covariance)
        reach = np.abs(R) @ covariance.standard_errors()
        unit = np.where(reach > 0, reach, np.where(size > 0, size, 1.0))
        U, lengths, _ = np.linalg.svd(covariance.of(R).root / unit[:, None])
        df = int((lengths > INDEPENDENT).sum())
        turned = U.T @ (gap / unit)
        # directions that are settled hold a rounding share of those that are not
        rounding = 10.0 * EPS * len(gap) * float((size / unit).max(initial=0.0))
        missed = np.abs(turned[df:]) > MISSED * (np.abs(U[:, df:]).T @ (size / unit)) + rounding
        solved = turned[:df] / lengths[:df]
        left = covariance.of(U[:, :df].T @ (R / unit[:, None]))
        return cls(float(solved @ solved), df, not missed.any(), left)

    def named(self, hypothesis: str) -> TestResult:
        """As a test; NaN, without degrees of freedom, where nothing is open or it cannot hold."""
        if self.df > 0 and self.holds:
            return judged(self.statistic, self.df, self.open, hypothesis)
        return judged(float("nan"), 0, self.open, hypothesis)

    def asked(self, R: FloatArray, hypothesis: str) -> TestResult:
        """The test that a user asked for.

        Raises
        ------
        OptionError
            When the constraints leave nothing of it to test, or contradict it.
        RankError
            When the restrictions are not independent of each other.
        """
        lengths = np.linalg.norm(R, axis=1, keepdims=True)
        if np.linalg.matrix_rank(R / lengths, tol=INDEPENDENT) < len(R):
            raise RankError(
                "dependent-restrictions",
                f"the {len(R)} restrictions are not independent: {hypothesis}.\n"
                "Leave out those that follow from the others.",
            )
        if not self.holds:
            raise OptionError(
                "against-constraints",
                f"{hypothesis}: the constraints of the model fix it otherwise, so it cannot hold.\n"
                "constraints_test() tests the constraints themselves.",
            )
        if not self.df:
            raise OptionError(
                "fixed-by-constraints",
                f"{hypothesis}: the constraints of the model fix it; there is nothing to test.\n"
                "constraints_test() tests the constraints themselves.",
            )
        return self.named(hypothesis)
