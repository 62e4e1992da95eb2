"""Likelihood-ratio tests of pseudo-likelihoods, scaled by what the design does to them."""

from __future__ import annotations

import numpy as np
from scipy.linalg import solve_triangular

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.errors import ConvergenceError, OptionError, SeparationError
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.degrees import Fixed
from mnlstat.inference.distributions import chi2_p, f_p
from mnlstat.inference.estimates import Estimates
from mnlstat.inference.hypotheses import TestResult
from mnlstat.inference.no_variance import check_spoken_of
from mnlstat.rows.threads import one_blas_thread

RAO_SCOTT, FIRST = "Rao-Scott", "Rao-Scott first-order"


def design_effects(information: FloatArray, design: FloatArray) -> FloatArray:
    """Eigenvalues (m,) of ``(A A')^-1 B B'``: generalised design effects.

    Parameters
    ----------
    information : (m, d) array
        ``A``, with ``A A'`` the inverse information of the m estimates that are tested.
    design : (m, e) array
        ``B``, with ``B B'`` their covariance under the design.
    """
    triangle = np.linalg.qr(information.T, mode="r")
    relative = solve_triangular(triangle, design, trans="T", check_finite=False)
    effects: FloatArray = np.linalg.svd(relative, compute_uv=False) ** 2
    return np.append(effects, np.zeros(len(information) - len(effects)))


def rao_scott(
    statistic: float,
    positions: IntArray,
    estimates: Estimates,
    hypothesis: str,
    *,
    first: bool = False,
) -> dict[str, float]:
    """Scale the likelihood-ratio statistic of m estimates being zero, as :func:`scaled` does.

    Parameters
    ----------
    statistic : twice the difference of the log pseudo-likelihoods
    positions : (m,) of the estimates tested, among the p of the larger model
    estimates : of that model
    hypothesis : in words
    first : whether the correction is of the first order

    Returns
    -------
    dict
        statistic, df, p_value; df_denom of F.

    Raises
    ------
    OptionError
        Under a covariance whose degrees of freedom are those of single contrasts.
    RankError
        Where the covariance says nothing of the errors of these estimates.
    """
    R = np.eye(len(estimates.values))[positions]
    test = scaled(statistic, R, estimates, hypothesis, first=first)
    row = {"statistic": test.statistic, "df": test.df, "p_value": test.pvalue}
    return row if test.df_denom is None else {**row, "df_denom": test.df_denom}


def scaled(
    statistic: float, R: FloatArray, estimates: Estimates, hypothesis: str, *, first: bool = False
) -> TestResult:
    r"""Scale the likelihood-ratio statistic X of ``R b = r``, R (m, p).

    With :math:`\bar\delta` the mean of the m design effects, the eigenvalues of
    ``(R I^-1 R')^-1 R V R'``, and a their coefficient of variation,
    ``X / (mean (1 + a^2))`` is chi-squared with ``m / (1 + a^2)`` degrees of freedom (of the second
    order, Satterthwaite 1946); to the first order ``X / mean`` with m.  Where the covariance has d
    degrees of freedom, ``X / (m mean)`` is F on ``m / (1 + a^2)``, or m, and d times as many.

    Parameters
    ----------
    statistic : twice the difference of the log pseudo-likelihoods
    R : (m, p), of the estimates of the larger model; none of its rows depends on the others
    estimates : of that model
    hypothesis : in words
    first : whether the correction is of the first order

    Returns
    -------
    TestResult

    Raises
    ------
    OptionError
        Under a covariance whose degrees of freedom are those of single contrasts.
    RankError
        Where the covariance says nothing of the errors of what is tested.
    SeparationError, ConvergenceError
        Where there is no finite maximum, or no covariance.

    References
    ----------
    Rao, J. N. K. & Scott, A. J. (1984). Annals of Statistics 12, 46-60.
    Thomas, D. R. & Rao, J. N. K. (1987). Journal of the American Statistical Association 82,
    630-636.
    """
    kind = FIRST if first else RAO_SCOTT
    root, covariance = estimates.information_root, estimates.covariance
    if estimates.infinity is not None:
        raise SeparationError(
            "separated",
            f"{kind}: the data are separated; there is no covariance of the design at infinity.",
        )
    if root is None or not covariance.known:
        raise ConvergenceError(
            "not-a-maximum", f"{kind}: the fit has no covariance ({covariance.kind})."
        )
    return scaled_under(statistic, R, root, covariance, hypothesis, first=first)


def scaled_under(
    statistic: float,
    R: FloatArray,
    root: FloatArray,
    covariance: Covariance,
    hypothesis: str,
    *,
    first: bool,
) -> TestResult:
    """The same from F (p, d), with ``F F'`` the inverse information, and the covariance."""
    kind = FIRST if first else RAO_SCOTT
    if not (covariance.degrees is None or isinstance(covariance.degrees, Fixed)):
        raise OptionError(
            "covariance-option",
            f"{kind}: the covariance, {covariance.kind}, has other degrees of freedom for each"
            " contrast.\nAsk for a Wald test, or for another covariance.",
        )
    check_spoken_of(R, root, covariance.root, covariance.kind, hypothesis)
    with one_blas_thread():  # else the bits would depend on what other threads do
        effects = design_effects(R @ root, R @ covariance.root)
    m, mean = len(effects), float(effects.mean())
    spread = float(((effects / mean - 1.0) ** 2).mean()) if mean > 0 else float("nan")
    spread = 0.0 if first and mean > 0 else spread
    df: float = m / (1.0 + spread)
    if covariance.degrees is None:
        value = statistic / (mean * (1.0 + spread)) if mean > 0 else float("nan")
        return TestResult(value, df, chi2_p(value, df), hypothesis, kind=kind)
    value = statistic / (m * mean) if mean > 0 else float("nan")
    denominator = df * covariance.degrees.df
    p = f_p(value, df, denominator)
    return TestResult(value, df, p, hypothesis, "F", kind, denominator)
