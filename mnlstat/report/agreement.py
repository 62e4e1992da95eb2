"""How far two fits are apart, and which of them is nearer the maximum."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray
from mnlstat.report.facts import NAN, FitFacts

MOST_DIGITS = 15.0
FULL_AGREEMENT = 6.0
AT_THE_MAXIMUM = 1e-6
ROUNDING = 1e-13
# By so much of half a digit more, what was printed may be off: it was computed in binary.
ROUNDED = 1e-6
# What a software may not report, and what it is called.
NAMES = {"std_errors": "standard errors", "log_likelihood": "log-likelihood"}


@dataclass(frozen=True)
class Distances:
    """Relative distances between two fits; NaN where either has no number.

    What rounding to the digits that were printed explains is no distance.

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
    lacking : tuple of str
        Which of these the second software does not report.
    printed : bool
        Whether its numbers were read as they were printed.
    """

    coefficients: float
    std_errors: float
    log_likelihood: float
    probabilities: float
    lacking: tuple[str, ...] = ()
    printed: bool = False

    @classmethod
    def between(cls, ours: FitFacts, theirs: FitFacts) -> Distances:
        """Distances of the second fit from the first."""
        a, b = values(ours.params), values(theirs.params)
        se_a, se_b = values(ours.bse), values(theirs.bse)
        scale = np.fmax(np.abs(a), se_a)
        half, half_se, half_llf = (0.0, 0.0, 0.0) if theirs.rounding is None else theirs.rounding
        llf = _beyond(np.asarray(ours.llf - theirs.llf), half_llf)
        return cls(
            coefficients=largest(_relative(_beyond(a - b, half), scale)),
            std_errors=largest(_relative(_beyond(se_a - se_b, half_se), se_a)),
            log_likelihood=float(llf) / max(abs(ours.llf), 1.0),
            probabilities=_probabilities(ours.probabilities, theirs.probabilities),
            lacking=theirs.lacking,
            printed=theirs.rounding is not None and bool(np.max(half) > 0),
        )

    @property
    def compared(self) -> dict[str, float]:
        """The distances of what both report, by their names in words."""
        known = {
            "coefficients": self.coefficients,
            "standard errors": self.std_errors,
            "log-likelihood": self.log_likelihood,
        }
        left_out = {NAMES[name] for name in self.lacking if name in NAMES}
        return {name: distance for name, distance in known.items() if name not in left_out}

    def within(self, rtol: float) -> bool:
        """Whether coefficients, standard errors and log-likelihood agree to ``rtol``."""
        return all(distance <= rtol for distance in self.compared.values())


def _beyond(difference: FloatArray, half: Any) -> FloatArray:
    """How far a difference is beyond what rounding of one number explains."""
    allowed = np.asarray(half, dtype=float) * (1.0 + ROUNDED)
    size = np.abs(difference)
    beyond: FloatArray = np.where(allowed > 0, np.fmax(size - allowed, 0.0), size)
    return np.where(np.isnan(size), NAN, beyond)


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
    if other_rows(ours, theirs):
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


def other_rows(ours: FitFacts, theirs: FitFacts) -> bool:
    """Whether the fits are known to use different numbers of rows."""
    return "rows" not in theirs.lacking and ours.nobs != theirs.nobs


def _agreed(distances: Distances) -> str:
    told = [
        f"{name} {_in_words(distance, distances.printed)}"
        for name, distance in distances.compared.items()
    ]
    told += [f"no {NAMES[name]} to compare" for name in distances.lacking if name in NAMES]
    return ", ".join(told)


def _in_words(distance: float, printed: bool = False) -> str:
    if printed and distance == 0:
        return "to every digit printed"
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
