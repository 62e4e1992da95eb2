"""Tests of several restrictions after multiple imputation: D1, D2 and D3."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.linalg import solve_triangular

from mnlstat.arrays import FloatArray
from mnlstat.errors import RankError
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.distributions import f_p
from mnlstat.inference.hypotheses import INDEPENDENT, TestResult, wald
from mnlstat.inference.rubin import KIND, Imputations, barnard_rubin
from mnlstat.linalg import row_norms
from mnlstat.rows.threads import one_blas_thread

D1, D2, D3 = "D1", "D2", "D3"


def d1(gaps: Imputations, hypothesis: str) -> TestResult:
    """Test that k combinations are zero, from their estimates in each imputation.

    ``D1 = Q' W^-1 Q / (k (1 + r))`` with ``r = (1 + 1/M) tr(B W^-1) / k``: the information missing
    of each is taken to be the same.  F with k and v degrees of freedom; with ``t = k (M - 1)``,

        ``v = 4 + (t - 4) (1 + (1 - 2/t) / r)^2``,  ``t (1 + 1/k) (1 + 1/r)^2 / 2`` for t to 4,

    and those of Reiter (2007) where the degrees of freedom of complete data are finite, of Barnard
    & Rubin (1999) for k = 1.

    Raises
    ------
    RankError
        When the restrictions depend on each other.

    References
    ----------
    Li, K. H., Raghunathan, T. E. & Rubin, D. B. (1991). Large-sample significance levels from
    multiply imputed data using moment-based statistics and an F reference distribution. Journal of
    the American Statistical Association 86, 1065-1073.
    Reiter, J. P. (2007). Small-sample degrees of freedom for multi-component significance tests
    with multiple imputation for missing data. Biometrika 94, 502-508.
    """
    k, M = len(gaps.mean), len(gaps)
    solved = _whitened(gaps, hypothesis)
    between = float(np.square(solved[:, 1:]).sum())
    r = (1.0 + 1.0 / M) * between / k
    statistic = float(solved[:, 0] @ solved[:, 0]) / (k * (1.0 + r))
    v = float(gaps.single(1)[0]) if k == 1 else denominator(k, M, r, gaps.complete)
    return _judged(statistic, k, v, hypothesis, D1)


def _whitened(gaps: Imputations, hypothesis: str) -> FloatArray:
    """``L^-1`` times the mean and the root of B, with ``L L' = W``: (k, 1 + M)."""
    root = gaps.within
    lengths = row_norms(root)
    safe = np.where(lengths > 0, lengths, 1.0)
    with one_blas_thread():
        triangle = np.linalg.qr((root / safe[:, None]).T, mode="r")
    k = len(root)
    if len(triangle) < k or np.abs(np.diag(triangle)).min() < INDEPENDENT:
        raise RankError(
            "dependent-restrictions",
            f"the {k} restrictions are not independent: {hypothesis}.\n"
            "Leave out those that follow from the others, or that constraints of the model fix.",
        )
    sides = np.column_stack([gaps.mean, gaps.between]) / safe[:, None]
    solved: FloatArray = solve_triangular(triangle, sides, trans="T", check_finite=False)
    return solved


def denominator(k: int, M: int, r: float, complete: float = math.inf) -> float:
    """Denominator degrees of freedom of D1 and, for complete data without end, of D3."""
    t = k * (M - 1)
    if r <= 0:
        v = math.inf
    elif t > 4:
        v = 4.0 + (t - 4.0) * (1.0 + (1.0 - 2.0 / t) / r) ** 2
    else:
        v = t * (1.0 + 1.0 / k) * (1.0 + 1.0 / r) ** 2 / 2.0
    if math.isinf(complete):
        return v
    most = float(barnard_rubin(np.zeros(1), M, complete)[0])
    small = _reiter(t, r, most) if t > 4 else None
    # too few imputations, or rows, for the approximation: no more than either alone allows
    return min(v, most) if small is None else small


def _reiter(t: int, r: float, c: float) -> float | None:
    """Reiter's (2007) approximation; None where it does not hold."""
    a = r * t / (t - 2.0)
    one, two = c - 2.0 * (1.0 + a), c - 4.0 * (1.0 + a)
    if two <= 0:
        return None
    ratio = one / two
    of_missing = a**2 * (
        ratio / (1.0 + a) ** 2
        + (8.0 * ratio + 4.0) / ((1.0 + a) * two)
        + 4.0 / (one * two)
        + (16.0 * ratio + 8.0) / two**2
    )
    return 4.0 + 1.0 / (1.0 / two + of_missing / (t - 4.0))


def d2(gaps: Imputations, hypothesis: str) -> TestResult:
    """The same from the Wald statistics ``d_l`` of the imputations alone.

    ``D2 = (mean d / k - (M + 1) / (M - 1) r) / (1 + r)`` with ``r = (1 + 1/M)`` times the variance
    of ``sqrt(d_l)``; F with k and ``k^(-3/M) (M - 1) (1 + 1/r)^2`` degrees of freedom.

    References
    ----------
    Li, K. H., Meng, X. L., Raghunathan, T. E. & Rubin, D. B. (1991). Significance levels from
    repeated p-values with multiply-imputed data. Statistica Sinica 1, 65-92.
    """
    statistics = [
        wald(gap, Covariance(root, KIND), hypothesis).statistic
        for gap, root in zip(gaps.values, gaps.roots, strict=True)
    ]
    return of_statistics(statistics, len(gaps.mean), hypothesis)


def of_statistics(statistics: Sequence[float], k: int, hypothesis: str) -> TestResult:
    """D2 of chi-squared statistics with k degrees of freedom, one of each imputation."""
    M, found = len(statistics), np.asarray(statistics, dtype=float)
    r = (1.0 + 1.0 / M) * float(np.sqrt(found).var(ddof=1))
    statistic = (float(found.mean()) / k - (M + 1.0) / (M - 1.0) * r) / (1.0 + r)
    v = math.inf if r == 0 else k ** (-3.0 / M) * (M - 1.0) * (1.0 + 1.0 / r) ** 2
    return _judged(statistic, k, v, hypothesis, D2)


def d3(own: Sequence[float], shared: Sequence[float], k: int, hypothesis: str) -> TestResult:
    """The same from likelihood ratios.

    Parameters
    ----------
    own : of each imputation ``2 (l(b_l) - l(b0_l))``, b the estimates without and b0 with the
        hypothesis
    shared : the same at the means of these estimates over imputations

    Returns
    -------
    TestResult
        ``D3 = mean shared / (k (1 + r))`` with ``r = (M + 1) / (k (M - 1)) (mean own - mean
        shared)``, zero where that is negative; F with k degrees of freedom and those of D1.

    References
    ----------
    Meng, X. L. & Rubin, D. B. (1992). Performing likelihood ratio tests with multiply-imputed data
    sets. Biometrika 79, 103-111.
    """
    M = len(own)
    r = (M + 1.0) / (k * (M - 1.0)) * (float(np.mean(own)) - float(np.mean(shared)))
    r = max(r, 0.0)
    statistic = float(np.mean(shared)) / (k * (1.0 + r))
    return _judged(statistic, k, denominator(k, M, r), hypothesis, D3)


def _judged(statistic: float, k: int, v: float, hypothesis: str, kind: str) -> TestResult:
    return TestResult(statistic, k, f_p(statistic, k, v), hypothesis, "F", kind, df_denom=v)
