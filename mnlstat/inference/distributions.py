"""Tail areas and quantiles.

From scipy.special, imported at first use: scipy.stats would take longer to import than a fit takes.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from mnlstat.arrays import FloatArray


def two_sided_p(z: Any) -> FloatArray:
    """``P(|Z| > |z|)`` for a standard normal Z, accurate far into the tail."""
    from scipy.special import ndtr

    p: FloatArray = 2.0 * ndtr(-np.abs(np.asarray(z, dtype=float)))
    return p


def normal_quantile(alpha: float) -> float:
    """The z beyond which, on both sides together, a standard normal has probability alpha."""
    from scipy.special import ndtri

    return float(-ndtri(alpha / 2.0))


def chi2_p(statistic: float, df: float) -> float:
    """``P(X > statistic)`` for X chi-squared with df degrees of freedom; NaN for df = 0."""
    from scipy.special import chdtrc

    if not df > 0 or math.isnan(statistic):
        return float("nan")
    return float(chdtrc(df, max(statistic, 0.0)))
