"""How near a solution is to the maximum, by mnlstat's likelihood and by digits.

Speeds compare only at equal accuracy: a solution counts when its relative score,
``sqrt(g' I^-1 g)``, its distance from the maximum in standard errors, is at most ``EQUAL``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from benchmarks.contenders import Solution

EQUAL = 1e-4
MOST_DIGITS = 16.0
NAN = float("nan")


@dataclass(frozen=True)
class Accuracy:
    """Relative score, and the fewest digits of any coefficient and any standard error.

    A coefficient's digits are those of its error over the larger of itself and its standard
    error: one that is zero but for noise has no digits of its own.
    """

    relative_score: float = NAN
    coefficient_digits: float = NAN
    se_digits: float | None = None

    @property
    def equal(self) -> bool:
        """Whether the solution is near enough to the maximum to be compared."""
        return self.relative_score <= EQUAL


class Referee:
    """Judges solutions by one likelihood, in columns fit to compute with."""

    def __init__(self, likelihood: Any) -> None:
        self._inner, self._change = likelihood.standardised()

    def _at(self, theta: np.ndarray) -> tuple[np.ndarray, Any, float]:
        """Newton's step, the factor of the information, and the relative score."""
        at = self._inner.evaluate(theta, 2)
        factor = cho_factor(at.information, lower=True)
        step = cho_solve(factor, at.score)
        return step, factor, math.sqrt(max(float(at.score @ step), 0.0))

    def relative_score(self, params: np.ndarray) -> float:
        """``sqrt(g' I^-1 g)`` at a solution (q, k); NaN where it is not finite."""
        if not np.isfinite(params).all():
            return NAN
        try:
            return self._at(self._inwards(params.ravel()))[2]
        except np.linalg.LinAlgError:
            return NAN

    def tightest(self, params: np.ndarray, most_steps: int = 3) -> Solution:
        """Newton steps from a solution (q, k) for as long as the relative score falls."""
        theta = self._inwards(params.ravel())
        step, factor, score = self._at(theta)
        for _ in range(most_steps):
            if score < 1e-14:
                break
            ahead = self._at(theta + step)
            if not ahead[2] < score:
                break
            theta = theta + step
            step, factor, score = ahead
        root = np.linalg.inv(np.tril(factor[0])).T  # root root' is the inverse information
        outwards = root if self._change is None else self._change.to_original(root)
        solved = theta if self._change is None else self._change.to_original(theta)
        bse = np.sqrt(np.einsum("ij,ij->i", outwards, outwards))
        return Solution(solved.reshape(params.shape), bse.reshape(params.shape))

    def _inwards(self, params: np.ndarray) -> np.ndarray:
        return params if self._change is None else self._change.from_original(params)

    def judge(self, solution: Solution, reference: Solution) -> Accuracy:
        """A solution beside the tightest one."""
        return Accuracy(
            self.relative_score(solution.params),
            coefficient_digits(solution.params, reference),
            None if solution.bse is None else digits(solution.bse, reference.bse, reference.bse),
        )


def coefficient_digits(params: np.ndarray, reference: Solution) -> float:
    """Fewest digits of the coefficients."""
    return digits(
        params, reference.params, np.maximum(np.abs(reference.params), np.abs(reference.bse))
    )


def digits(values: np.ndarray, reference: Any, size: Any) -> float:
    """``-log10`` of the largest error relative to ``size``, 0 to 16; NaN without values."""
    error = float(np.max(np.abs(values - reference) / size))
    if not math.isfinite(error):
        return NAN
    return MOST_DIGITS if error == 0 else float(np.clip(-math.log10(error), 0.0, MOST_DIGITS))
