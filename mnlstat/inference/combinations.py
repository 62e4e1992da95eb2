"""Estimates of linear combinations of coefficients, with intervals and adjusted p-values."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.distributions import normal_quantile, t_quantile, two_sided_p
from mnlstat.inference.estimates import Estimates
from mnlstat.inference.multiplicity import MaxT, benjamini_hochberg, bonferroni, holm

ESTIMATED = ("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high")


def combined(
    estimates: Estimates,
    R: FloatArray,
    r: FloatArray,
    *,
    alpha: float,
    adjust: str = "none",
    exponentiate: bool = False,
    ends: FloatArray | None = None,
) -> pd.DataFrame:
    """``R b - r`` with standard errors, tests that it is zero, and intervals.

    Parameters
    ----------
    R : (m, p) array
        Weights of the p estimated coefficients.
    r : (m,) array
        What is taken off.
    alpha : one minus the level of the intervals
    adjust : "none", "bonferroni", "holm", "bh" or "max-t"
        How p-values allow for there being m.  The intervals hold together, all m of them with
        probability ``1 - alpha``, with "max-t" and "bonferroni"; those with "holm" are
        Bonferroni's; with "bh" and "none" each holds by itself.
    exponentiate : whether to give ``exp(R b - r)``; statistic and p-value stay as they are
    ends : (m, 2) array, optional
        Intervals of another kind than Wald's, of ``R b - r``.

    Returns
    -------
    DataFrame
        m rows; columns estimate, std_error, statistic, p_value, conf_low, conf_high.
    """
    values = R @ estimates.values - r
    covariance = estimates.covariance.of(R)
    errors = np.where(estimates.rounding(R), np.nan, covariance.standard_errors())
    if estimates.infinity is not None:
        signs = estimates.infinity.signs(R)
        with np.errstate(invalid="ignore"):
            values = np.where(signs == 0, values, signs * np.inf)
        errors = np.where(signs == 0, errors, np.nan)
    return inferred(
        values,
        errors,
        covariance,
        alpha=alpha,
        adjust=adjust,
        exponentiate=exponentiate,
        ends=ends,
    )


def inferred(
    values: FloatArray,
    errors: FloatArray,
    covariance: Covariance,
    *,
    alpha: float,
    adjust: str = "none",
    exponentiate: bool = False,
    ends: FloatArray | None = None,
) -> pd.DataFrame:
    """Estimates (m,) with standard errors, tests that they are zero, and intervals.

    ``covariance`` is theirs, ``errors`` its standard errors, NaN where there is none; the rest is
    as for :func:`combined`.
    """
    with np.errstate(divide="ignore", invalid="ignore"):  # constraints may fix a combination
        statistic = np.where(errors > 0, values / errors, np.nan)
    p = two_sided_p(statistic, covariance.df)
    p, quantile = _adjusted(covariance, errors, statistic, p, alpha, adjust)
    low, high = values - quantile * errors, values + quantile * errors
    if ends is not None:
        low, high = ends.T
    if exponentiate:
        with np.errstate(over="ignore", invalid="ignore"):
            values, low, high = np.exp(values), np.exp(low), np.exp(high)
            errors = values * errors
    return pd.DataFrame(
        dict(zip(ESTIMATED, (values, errors, statistic, p, low, high), strict=True))
    )


def _adjusted(
    covariance: Covariance,
    errors: FloatArray,
    statistic: FloatArray,
    p: FloatArray,
    alpha: float,
    adjust: str,
) -> tuple[FloatArray, FloatArray | float]:
    """P-values, and how many standard errors the intervals reach."""
    df, known = covariance.df, np.isfinite(errors) & (errors > 0)
    if not known.any():
        return np.full(len(p), np.nan), 0.0
    if adjust == "max-t":
        degrees = None if df is None else float(np.min(df[known], initial=np.inf))
        largest = MaxT(covariance.root[known], degrees)
        return np.array([largest.pvalue(t) for t in statistic]), largest.quantile(alpha)
    if adjust in ("bonferroni", "holm"):
        alpha /= max(int(known.sum()), 1)
    methods = {"bonferroni": bonferroni, "holm": holm, "bh": benjamini_hochberg}
    p = methods[adjust](p) if adjust in methods else p
    return p, normal_quantile(alpha) if df is None else t_quantile(alpha, df)
