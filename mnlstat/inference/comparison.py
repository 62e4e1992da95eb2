"""Numbers that compare fitted models: likelihood ratios, criteria, Vuong's statistic."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.inference.distributions import two_sided_p


def aicc(llf: float, p: float, n: float) -> float:
    """``AIC + 2 p (p + 1) / (n - p - 1)`` (Hurvich & Tsai 1989, Biometrika 76, 297-307)."""
    left = n - p - 1
    return -2 * llf + 2 * p + 2 * p * (p + 1) / left if left > 0 else math.nan


def akaike_weights(criterion: FloatArray) -> FloatArray:
    """``exp(-d/2) / sum exp(-d/2)``, d the distance of each criterion from the least.

    References
    ----------
    Burnham, K. P. & Anderson, D. R. (2002). Model Selection and Multimodel Inference, 2nd ed.
    """
    relative = np.exp(-(criterion - np.nanmin(criterion)) / 2)
    weights: FloatArray = relative / np.nansum(relative)
    return weights


@dataclass(frozen=True)
class VuongResult:
    """Which of two models that are not nested is nearer to the truth.

    Attributes
    ----------
    statistic : float
        Positive where the first model fits better.
    pvalue : float
        Two-sided, of a standard normal distribution.
    difference : float
        Of the log-likelihoods, corrected for parameters where that was asked for.
    correction : {"none", "aic", "bic"}
    names : the two models
    """

    statistic: float
    pvalue: float
    difference: float
    correction: str
    names: tuple[str, str]

    def __str__(self) -> str:
        p = "P < 0.001" if self.pvalue < 0.001 else f"P = {self.pvalue:.3f}"
        better = self.names[0] if self.statistic > 0 else self.names[1]
        corrected = "" if self.correction == "none" else f", corrected as {self.correction.upper()}"
        return (
            f"Vuong test of {self.names[0]} against {self.names[1]}{corrected}\n"
            f"z = {self.statistic:.4f}, {p}; {better} fits better"
        )


def vuong(
    first: FloatArray,
    second: FloatArray,
    times: FloatArray | None,
    parameters: tuple[int, int],
    correction: str,
    names: tuple[str, str],
) -> VuongResult:
    """``z = (sum d - c) / (sqrt(n) s)``, d the differences of the rows' log-likelihoods.

    Parameters
    ----------
    first, second : (m,) array
        Log-likelihood of each row by either model.
    times : (m,) array, optional
        How often each row repeats.
    parameters : p of either model
    correction : {"none", "aic", "bic"}
        ``c`` is zero, ``p1 - p2``, or ``(p1 - p2) log(n) / 2``.

    References
    ----------
    Vuong, Q. H. (1989). Likelihood ratio tests for model selection and non-nested hypotheses.
    Econometrica 57, 307-333, equations (4.2) and (5.6) to (5.8).
    """
    repeats = np.ones(len(first)) if times is None else times
    n = float(repeats.sum())
    gaps = first - second
    mean = float((repeats * gaps).sum() / n)
    variance = float((repeats * (gaps - mean) ** 2).sum() / n)
    extra = parameters[0] - parameters[1]
    taken = {"none": 0.0, "aic": float(extra), "bic": extra * math.log(n) / 2}[correction]
    difference = n * mean - taken
    statistic = difference / math.sqrt(n * variance) if variance > 0 else math.nan
    p = float(two_sided_p(statistic))
    return VuongResult(statistic, p, difference, correction, names)
