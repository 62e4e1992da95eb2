"""Wald tests of linear hypotheses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular

from mnlstat.arrays import FloatArray
from mnlstat.errors import RankError
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.distributions import chi2_p

# Restrictions nearer than this to a combination of each other are one restriction twice.
INDEPENDENT = 1e-10


@dataclass(frozen=True)
class TestResult:
    """A test statistic that knows its hypothesis and its distribution.

    Attributes
    ----------
    statistic, df, pvalue : the test
    distribution : "chi2"
    hypothesis : what is tested, in words
    kind : "Wald", "score" or "likelihood-ratio"
    """

    __test__ = False  # pytest collects classes by their name

    statistic: float
    df: int
    pvalue: float
    hypothesis: str
    distribution: str = "chi2"
    kind: str = "Wald"

    def __str__(self) -> str:
        p = "P < 0.001" if self.pvalue < 0.001 else f"P = {self.pvalue:.3f}"
        return (
            f"{self.kind[0].upper()}{self.kind[1:]} test of {self.hypothesis}\n"
            f"{self.distribution}({self.df}) = {self.statistic:.4f}, {p}"
        )


def wald(gap: FloatArray, covariance: Covariance, hypothesis: str) -> TestResult:
    """Test that m combinations are zero, from their estimates and their covariance.

    Parameters
    ----------
    gap : (m,) array
        ``R b - r``.
    covariance : Covariance
        Of the gap, ``R V R'``.
    hypothesis : str
        In words.

    Returns
    -------
    TestResult
        ``gap' (R V R')^-1 gap``, chi-squared with m degrees of freedom; NaN where the covariance
        is not known.

    Raises
    ------
    RankError
        When the restrictions are not independent of each other.

    References
    ----------
    Wald, A. (1943). Transactions of the American Mathematical Society 54, 426-482.
    """
    m = len(gap)
    if not covariance.known or m == 0:
        return TestResult(float("nan"), m, float("nan"), hypothesis)
    root = covariance.root.T
    lengths = covariance.standard_errors()
    safe = np.where(lengths > 0, lengths, 1.0)
    # The statistic is a squared length in terms of a triangle: R V R' itself is never formed.
    triangle = np.linalg.qr(root / safe, mode="r")
    if len(triangle) < m or np.abs(np.diag(triangle)).min() < INDEPENDENT:
        raise RankError(
            "dependent-restrictions",
            f"the {m} restrictions are not independent: {hypothesis}.\n"
            "Leave out those that follow from the others.",
        )
    solved = solve_triangular(triangle, gap / safe, trans="T", check_finite=False)
    with np.errstate(over="ignore"):
        statistic = float(solved @ solved)
    return TestResult(statistic, m, chi2_p(statistic, m), hypothesis)
