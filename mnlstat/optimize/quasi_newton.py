"""Steps by an approximate information, corrected by the scores seen on the way."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.arrow import factorise
from mnlstat.linalg import EPS
from mnlstat.optimize.protocol import Conditioned, Evaluated, Metric

MEMORY = 20
# A step at whose end the log-likelihood is lower is cut this many times, each to a quarter.
CUTS = 6
SMALL_GAIN = 1e-10
# Where the information costs more passes than this, the first pass is by the score alone.
DEAR = 2.0
# So many passes that bring the error down by less than a tenth, one after the other: give up.
PATIENCE = 8
# From here on what does not fall is rounding.
NEARLY_THERE = 1e-9


class Memory:
    """The last steps and the changes of the score along them (Nocedal 1980, Math. Comp. 35)."""

    def __init__(self) -> None:
        self._pairs: list[tuple[FloatArray, FloatArray, float]] = []

    def add(self, step: FloatArray, fall: FloatArray) -> None:
        """Remember a step and how much the score fell along it."""
        curvature = float(step @ fall)
        if curvature > EPS * float(np.linalg.norm(step) * np.linalg.norm(fall)):
            self._pairs = [*self._pairs, (step, fall, curvature)][-MEMORY:]

    def forget(self) -> None:
        """Begin anew: another metric knows more."""
        self._pairs = []

    def direction(self, metric: Metric, score: FloatArray) -> FloatArray:
        """The step by the metric, corrected by the two-loop recursion."""
        rest, shares = score.copy(), list[float]()
        for step, fall, curvature in reversed(self._pairs):
            shares.append(float(step @ rest) / curvature)
            rest -= shares[-1] * fall
        found = metric.solve(rest)
        for (step, fall, curvature), share in zip(self._pairs, reversed(shares), strict=True):
            found = found + step * (share - float(fall @ found) / curvature)
        return found


@dataclass(frozen=True)
class Scaled:
    """A metric of ``1 / share`` as many rows."""

    metric: Metric
    share: float

    def solve(self, b: FloatArray) -> FloatArray:
        """Its inverse times a vector."""
        return self.metric.solve(b) * self.share


@dataclass(frozen=True)
class Found:
    """Where a descent ended, and the metric it ended with."""

    theta: FloatArray
    metric: Metric


class Descent:
    """Passes over the rows of one likelihood, from a point with a metric.

    Each pass reads the score, or with it the information, which then becomes the metric: whichever
    is expected to reach the tolerance at the lower cost.
    """

    def __init__(
        self, likelihood: Conditioned, start: Found, note: Callable[[float, float, float], None]
    ) -> None:
        self.likelihood = likelihood
        self.theta, self.metric = start.theta, start.metric
        self.note = note
        self.memory = Memory()
        self.cost = likelihood.information_cost
        # how much of an error of one standard error is left after a Newton step from there
        self.curvature = 0.6 / math.sqrt(min(likelihood.n_rows, 10.0 * likelihood.rarest))

    def run(self, tol: float, passes: int, *, contraction: float, inform: bool) -> Found:
        """Go on until the error is below ``tol`` standard errors, or progress ends.

        ``contraction`` is what a step with the score alone is expected to leave of the error;
        ``inform=False`` never computes the information.
        """
        order = 2 if inform and self._worth(math.inf, tol, contraction) else 1
        here = self._at(self.theta, order)
        last, stuck, length = math.inf, 0, 1.0
        for _ in range(passes):
            if here is None or here.score is None:
                break
            fresh = self._learn(here)
            step = self.memory.direction(self.metric, here.score)
            error = math.sqrt(max(float(here.score @ step), 0.0))
            self.note(here.value, error, length)
            stuck = stuck + 1 if error > 0.9 * last else 0
            if error <= tol or stuck >= (PATIENCE if error > NEARLY_THERE else 1):
                return Found(self.theta + step, self.metric)
            if fresh:
                contraction = min(max(self.curvature * error, 2e-4), 0.3)
            elif last < math.inf:
                contraction = min(max(error / last, 1e-4), 0.9)
            order = 2 if inform and self._worth(error * contraction, tol, contraction) else 1
            here, length = self._advance(here, step, error, order)
            last = error
        return Found(self.theta, self.metric)

    def _worth(self, error: float, tol: float, contraction: float) -> bool:
        """Whether the information pays by saving passes with the score alone."""
        if error == math.inf:
            return self.cost < DEAR
        needed = math.log(max(error / tol, 1.0)) / -math.log(contraction)
        return error > tol and needed > self.cost + 0.5

    def _learn(self, here: Evaluated) -> bool:
        if here.information is None:
            return False
        factor = factorise(here.information)
        if factor is None:
            return False
        self.metric = factor
        self.memory.forget()
        return True

    def _advance(
        self, here: Evaluated, step: FloatArray, error: float, order: int
    ) -> tuple[Evaluated | None, float]:
        length = 1.0
        for _ in range(CUTS):
            there = self._at(self.theta + length * step, order)
            if there is not None and self._higher(here, there, length * error**2):
                assert here.score is not None and there.score is not None
                self.memory.add(length * step, here.score - there.score)
                self.theta = self.theta + length * step
                return there, length
            length /= 4
        return None, length

    def _higher(self, here: Evaluated, there: Evaluated, gain: float) -> bool:
        if gain <= SMALL_GAIN * (1 + abs(here.value)):
            return True
        return there.value >= here.value - 4 * EPS * abs(here.value)

    def _at(self, theta: FloatArray, order: int) -> Evaluated | None:
        with np.errstate(over="ignore", invalid="ignore"):
            found = self.likelihood.evaluate(theta, order)
        assert found.score is not None
        finite = math.isfinite(found.value) and bool(np.isfinite(found.score).all())
        return found if finite else None
