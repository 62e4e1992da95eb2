"""Tail areas and quantiles, from scipy.special: scipy.stats takes a second to import."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import chdtrc, ndtr, ndtri

from mnlstat.arrays import FloatArray


def two_sided_p(z: Any) -> FloatArray:
    """``P(|Z| > |z|)`` for a standard normal Z, accurate far into the tail."""
    p: FloatArray = 2.0 * ndtr(-np.abs(np.asarray(z, dtype=float)))
    return p


def normal_quantile(alpha: float) -> float:
    """The z beyond which, on both sides together, a standard normal has probability alpha."""
    return float(-ndtri(alpha / 2.0))


def chi2_p(statistic: float, df: float) -> float:
    """``P(X > statistic)`` for X chi-squared with df degrees of freedom; NaN for df = 0."""
    if not df > 0 or np.isnan(statistic):
        return float("nan")
    return float(chdtrc(df, max(statistic, 0.0)))
