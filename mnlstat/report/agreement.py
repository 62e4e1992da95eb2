"""How far two fits are apart, and which of them is nearer the maximum."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray
from mnlstat.report.facts import NAN, FitFacts

MOST_DIGITS = 15.0
FULL_AGREEMENT = 6.0
AT_THE_MAXIMUM = 1e-6
ROUNDING = 1e-13


@dataclass(frozen=True)
class Distances:
    """Relative distances between two fits; NaN where either has no number.

    Attributes
    ----------
    coefficients : float
        Largest ``|a - b| / max(|a|, se)``: a coefficient that is small beside its standard error
        ``se`` is measured against the standard error.
    std_errors : float
        Largest relative difference of standard errors.
    log_likelihood : float
        Relative difference of log-likelihoods, against at least one.
    probabilities : float
        Largest absolute difference of fitted probabilities.
    """

    coefficients: float
    std_errors: float
    log_likelihood: float
    probabilities: float

    @classmethod
    def between(cls, ours: FitFacts, theirs: FitFacts) -> Distances:
        """Distances of the second fit from the first."""
        a, b = values(ours.params), values(theirs.params)
        se_a, se_b = values(ours.bse), values(theirs.bse)
        scale = np.fmax(np.abs(a), se_a)
        return cls(
            coefficients=largest(_relative(a - b, scale)),
            std_errors=largest(_relative(se_a - se_b, se_a)),
            log_likelihood=abs(ours.llf - theirs.llf) / max(abs(ours.llf), 1.0),
            probabilities=_probabilities(ours.probabilities, theirs.probabilities),
        )

    def within(self, rtol: float) -> bool:
        """Whether coefficients, standard errors and log-likelihood agree to ``rtol``."""
        return all(
            distance <= rtol
            for distance in (self.coefficients, self.std_errors, self.log_likelihood)
        )


def _relative(difference: FloatArray, scale: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(difference == 0, 0.0, np.abs(difference) / scale)


def _probabilities(a: FloatArray | None, b: FloatArray | None) -> float:
    if a is None or b is None or a.shape != b.shape:
        return NAN
    return float(np.abs(a - b).max(initial=0.0))


def values(series: pd.Series) -> FloatArray:
    """A Series as floats."""
    array: FloatArray = series.to_numpy(dtype=float)
    return array


def largest(distances: FloatArray) -> float:
    """The largest distance; NaN as soon as one is."""
    return float(distances.max(initial=0.0))


def digits(distance: float) -> int:
    """How many digits agree at this relative distance, 15 at most."""
    if distance == 0:
        return int(MOST_DIGITS)
    return max(0, math.floor(min(-math.log10(distance), MOST_DIGITS)))


def verdict(ours: FitFacts, theirs: FitFacts, distances: Distances) -> str:
    """The outcome of the comparison in one or two sentences."""
    if theirs.failure:
        return f"{theirs.name} could not fit this model: {theirs.failure}"
    if not np.all(np.isfinite(values(theirs.params))):
        claim = ", yet calls itself converged" if theirs.converged else ""
        return f"{theirs.name} returned coefficients that are not finite{claim}."
    if ours.nobs != theirs.nobs:
        return f"The fits use different rows: {ours.nobs} and {theirs.nobs}."
    agreed = _agreed(distances)
    if distances.within(10.0**-FULL_AGREEMENT):
        return f"The fits agree: {agreed}."
    if distances.coefficients <= 10.0**-FULL_AGREEMENT and _other_covariance(ours, theirs):
        return (
            f"The estimates agree: {agreed}. The standard errors are of different kinds:"
            f" {ours.cov_type} and {theirs.cov_type}."
        )
    return f"The fits disagree: {agreed}. {_nearer(ours, theirs)}"


def _agreed(distances: Distances) -> str:
    parts = {
        "coefficients": distances.coefficients,
        "standard errors": distances.std_errors,
        "log-likelihood": distances.log_likelihood,
    }
    return ", ".join(f"{name} {_in_words(distance)}" for name, distance in parts.items())


def _in_words(distance: float) -> str:
    if math.isnan(distance):
        return "not comparable (nan)"
    same = digits(distance)
    if same == 0:
        return "not to one digit"
    return f"to {same} digit{'s' if same > 1 else ''}"


def _other_covariance(ours: FitFacts, theirs: FitFacts) -> bool:
    return bool(theirs.cov_type) and theirs.cov_type != ours.cov_type


def _nearer(ours: FitFacts, theirs: FitFacts) -> str:
    """Which solution is nearer the maximum of the likelihood, judged by its score."""
    a, b = ours.decrement, theirs.decrement
    if a <= AT_THE_MAXIMUM and b <= AT_THE_MAXIMUM:
        return "Both solutions are at the maximum of the likelihood."
    if math.isnan(a) or math.isnan(b):
        return "How far each is from the maximum could not be measured."
    near, far = (theirs, ours) if a > b else (ours, theirs)
    return (
        f"{near.name} is nearer the maximum: its score is {near.decrement:.1e} standard errors"
        f" from zero, that of {far.name} {far.decrement:.1e}; {_gain(near, far)}."
    )


def _gain(near: FitFacts, far: FitFacts) -> str:
    gain = near.judgement.loglike - far.judgement.loglike
    if abs(gain) <= ROUNDING * max(abs(near.judgement.loglike), 1.0):
        return "the log-likelihoods are equal to rounding"
    return f"its log-likelihood is {'higher' if gain > 0 else 'lower'} by {abs(gain):.1e}"
