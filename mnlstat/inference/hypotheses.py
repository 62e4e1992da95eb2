"""Wald tests of linear hypotheses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular

from mnlstat.arrays import FloatArray
from mnlstat.errors import RankError
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.distributions import chi2_p, f_p
from mnlstat.rows.threads import one_blas_thread

WALD, LR, SCORE = "Wald", "LR", "score"
# Restrictions nearer than this to a combination of each other are one restriction twice.
INDEPENDENT = 1e-10


@dataclass(frozen=True)
class TestResult:
    """A test statistic that knows its hypothesis and its distribution.

    Attributes
    ----------
    statistic, df, pvalue : the test
    distribution : "chi2" or "F"
    hypothesis : what is tested, in words
    kind : "Wald", "LR" (likelihood ratio), "score", or "Rao-Scott", whose df are no whole number
    df_denom : of F
    """

    __test__ = False  # pytest collects classes by their name

    statistic: float
    df: float
    pvalue: float
    hypothesis: str
    distribution: str = "chi2"
    kind: str = WALD
    df_denom: float | None = None

    @property
    def numbers(self) -> str:
        """Statistic, degrees of freedom and p-value on one line."""
        p = "P < 0.001" if self.pvalue < 0.001 else f"P = {self.pvalue:.3f}"
        df = f"{self.df:.6g}" if self.df_denom is None else f"{self.df:.6g}, {self.df_denom:.6g}"
        return f"{self.distribution}({df}) = {self.statistic:.4f}, {p}"

    def __str__(self) -> str:
        return f"{self.kind[0].upper()}{self.kind[1:]} test of {self.hypothesis}\n{self.numbers}"


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
        ``gap' (R V R')^-1 gap``, chi-squared with m degrees of freedom, or the F made of it where
        the covariance has degrees of freedom; NaN where it is not known.

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
        return judged(float("nan"), m, covariance, hypothesis)
    root = covariance.root.T
    lengths = covariance.standard_errors()
    safe = np.where(lengths > 0, lengths, 1.0)
    # The statistic is a squared length in terms of a triangle: R V R' itself is never formed.
    with one_blas_thread():
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
    return judged(statistic, m, covariance, hypothesis)


def wald_of(gap: FloatArray, R: FloatArray, covariance: Covariance, hypothesis: str) -> TestResult:
    """Test that ``R b - r``, estimated by the gap, is zero; ``covariance`` is of b.

    Raises
    ------
    RankError
        When the restrictions are not independent of each other, or the covariance is singular.
    """
    try:
        return wald(gap, covariance.of(R), hypothesis)
    except RankError as error:
        if not independent(R):
            raise
        raise RankError(
            "singular-covariance",
            f"the covariance of {len(R)} restrictions is singular: {hypothesis}.\n"
            f"It is: {covariance.kind}. Test fewer at a time, or by another covariance.",
        ) from error


def wald_if_regular(gap: FloatArray, covariance: Covariance, hypothesis: str) -> TestResult:
    """The same of restrictions known to be independent; NaN where their covariance is singular."""
    try:
        return wald(gap, covariance, hypothesis)
    except RankError:
        return judged(float("nan"), len(gap), covariance, hypothesis)


def independent(R: FloatArray) -> bool:
    """Whether no row of R (m, p) is a combination of the others."""
    lengths = np.linalg.norm(R, axis=1, keepdims=True)
    rank = np.linalg.matrix_rank(R / np.where(lengths > 0, lengths, 1.0), tol=INDEPENDENT)
    return bool(rank == len(R))


def check_consistent(R: FloatArray, r: FloatArray, hypothesis: str) -> None:
    """Refuse restrictions ``R b = r`` (m, p), (m,), that no coefficients fulfil together."""
    if len(R) < 2 or independent(R):
        return
    lengths = np.linalg.norm(R, axis=1)
    safe = np.where(lengths > 0, lengths, 1.0)
    A, b = R / safe[:, None], r / safe
    nearest = A @ np.linalg.lstsq(A, b, rcond=INDEPENDENT)[0]
    if np.abs(nearest - b).max() > 1e-8 * np.abs(b).max():
        raise RankError(
            "contradicting-restrictions",
            f"the restrictions contradict each other: {hypothesis}.\n"
            "No coefficients fulfil them all; test one after the other.",
        )


def judged(statistic: float, m: int, covariance: Covariance, hypothesis: str) -> TestResult:
    """The test of a Wald statistic of m restrictions, of which this is the covariance."""
    if covariance.degrees is None:
        return TestResult(statistic, m, chi2_p(statistic, m), hypothesis)
    factor, df = covariance.degrees.joint(m) if m else (1.0, float("nan"))
    df = df if df > 0 else float("nan")
    value = factor * statistic if df > 0 else float("nan")
    return TestResult(value, m, f_p(value, m, df), hypothesis, "F", df_denom=df)
