"""Tail areas and quantiles.

From scipy.special, imported at first use: scipy.stats would take longer to import than a fit takes.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from mnlstat.arrays import FloatArray

TINY = 1e-300
# F with more denominator degrees of freedom is chi-squared, to a relative 1e-8 of its tail, and
# older versions of scipy lose more than that.
LARGE_DF = 1e10


def two_sided_p(z: Any, df: FloatArray | None = None) -> FloatArray:
    """``P(|Z| > |z|)``, accurate far into the tail.

    For a standard normal Z, or for t with df degrees of freedom.
    """
    from scipy.special import ndtr, stdtr

    below = -np.abs(np.asarray(z, dtype=float))
    if df is None:
        normal: FloatArray = 2.0 * ndtr(below)
        return normal
    p: FloatArray = 2.0 * np.where(np.isinf(df), ndtr(below), stdtr(df, below))
    return p


def normal_quantile(alpha: float) -> float:
    """The z beyond which, on both sides together, a standard normal has probability alpha."""
    from scipy.special import ndtri, ndtri_exp

    if alpha < TINY:  # half of it would lose bits
        return float(-ndtri_exp(math.log(alpha) - math.log(2.0)))
    return float(-ndtri(alpha / 2.0))


def t_quantile(alpha: float, df: FloatArray) -> FloatArray:
    """The same for t with df degrees of freedom; infinite ones are those of the normal."""
    from scipy.special import stdtrit

    # so far out that no number is there stdtrit gives an infinite one, of either sign
    quantile: FloatArray = np.abs(np.asarray(stdtrit(df, alpha / 2.0), dtype=float))
    if alpha / 2.0 == 0.0:  # older versions of scipy then give no number
        quantile = np.where(np.asarray(df) > 0, np.inf, np.nan)
    endless = np.isinf(df)
    if np.any(endless):
        quantile = np.where(endless, normal_quantile(alpha), quantile)
    return quantile


def f_p(statistic: float, df: float, df_denom: float) -> float:
    """``P(X > statistic)`` for X with an F distribution; NaN where it has none."""
    from scipy.special import fdtrc

    if not (df > 0 and df_denom > 0) or math.isnan(statistic):
        return float("nan")
    if df_denom > LARGE_DF:
        return chi2_p(df * max(statistic, 0.0), df)
    return float(fdtrc(df, df_denom, max(statistic, 0.0)))


def chi2_p(statistic: float, df: float) -> float:
    """``P(X > statistic)`` for X chi-squared with df degrees of freedom; NaN for df = 0."""
    from scipy.special import chdtrc

    if not df > 0 or math.isnan(statistic):
        return float("nan")
    return float(chdtrc(df, max(statistic, 0.0)))
