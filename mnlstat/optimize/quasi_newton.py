"""Steps by an approximate information, corrected by the scores seen on the way."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.arrow import factorise
from mnlstat.linalg import EPS
from mnlstat.optimize.metrics import Memory, Sample
from mnlstat.optimize.point import SAME_INFORMATION
from mnlstat.optimize.protocol import Conditioned, Evaluated, Metric

# A step at whose end the log-likelihood is lower is cut this many times, each to a quarter.
CUTS = 6
SMALL_GAIN = 1e-10
# Where the information costs more passes than this, the first pass is by the score alone.
DEAR = 2.0
# So many passes that bring the error down by less than a tenth, one after the other: give up.
PATIENCE = 8
# What is expected of the next step may be wrong by this factor.
MARGIN = 1.5
# From here on what does not fall is rounding.
NEARLY_THERE = 1e-9


@dataclass(frozen=True)
class Found:
    """Where a descent ended, and the metric it ended with."""

    theta: FloatArray
    metric: Metric


class Descent:
    """Passes over the rows of one likelihood, from a point with a metric.

    Each pass reads the score, or with it the information, which then becomes the metric; or the
    information of a sample does: whichever is expected to reach the tolerance at the lowest cost.
    """

    def __init__(
        self,
        likelihood: Conditioned,
        start: Found,
        note: Callable[[float, float, float], None],
        sample: Sample | None = None,
    ) -> None:
        self.likelihood = likelihood
        self.theta, self.metric = start.theta, start.metric
        self.note = note
        self.sample = sample
        self.memory = Memory()
        self.cost = likelihood.information_cost
        rarest = likelihood.rarest
        self.short = SAME_INFORMATION * math.sqrt(rarest)
        # how much of an error of one standard error is left after a Newton step from there
        self.curvature = 0.6 / math.sqrt(min(likelihood.n_rows, 10.0 * rarest))

    def run(self, tol: float, passes: int, *, contraction: float, inform: bool) -> Found:
        """Go on until the error is below ``tol`` standard errors, or progress ends.

        Or until the next point, which it then ends at, is so near that the information there is
        that of the maximum.

        ``contraction`` is what a step with the score alone is expected to leave of the error;
        ``inform=False`` never computes the information of all rows.
        """
        order = 2 if inform and self.cost < DEAR else 1
        here = self._at(self.theta, order)
        last, stuck, length = math.inf, 0, 1.0
        for _ in range(passes):
            if here is None or here.score is None:
                break
            fresh = self._learn(here)
            step, error = self._step(here.score)
            self.note(here.value, error, length)
            stuck = stuck + 1 if error > 0.9 * last else 0
            if error <= tol or stuck >= (PATIENCE if error > NEARLY_THERE else 1):
                return Found(self.theta + step, self.metric)
            if fresh:
                contraction = self._left_of(error)
            elif last < math.inf:
                contraction = min(max(error / last, 1e-4), 0.9)
            if self._near(step, error, contraction):
                return Found(self.theta + step, self.metric)
            if self.sample is not None and self._learn_from_sample(error, tol, contraction):
                contraction = max(self.sample.contraction, self._left_of(error))
                step, error = self._step(here.score)
            order = 2 if inform and self._worth(error * contraction, tol, contraction) else 1
            here, length = self._advance(here, step, error, order)
            last = error
        return Found(self.theta, self.metric)

    def _step(self, score: FloatArray) -> tuple[FloatArray, float]:
        """The step from here, and how long it is in standard errors."""
        step = self.memory.direction(self.metric, score)
        return step, math.sqrt(max(float(score @ step), 0.0))

    def _left_of(self, error: float) -> float:
        """What a step with the information taken at this error leaves of it."""
        return min(max(self.curvature * error, 2e-4), 0.3)

    def _near(self, step: FloatArray, error: float, contraction: float) -> bool:
        """Whether the step after this one is expected not to change the information."""
        left = MARGIN * contraction
        if left * error > self.short:
            return False  # most likely; to measure it takes time
        return left * self.likelihood.reach(step) <= SAME_INFORMATION

    def _worth(self, error: float, tol: float, contraction: float) -> bool:
        """Whether the information at the next point saves more passes than it costs."""
        after = _passes(error, tol, self._left_of(error))
        return self.cost - 1 + after < _passes(error, tol, contraction)

    def _learn_from_sample(self, error: float, tol: float, contraction: float) -> bool:
        """Take the information of the sample, at this point, where that saves passes."""
        assert self.sample is not None
        after = _passes(error, tol, max(self.sample.contraction, self._left_of(error)))
        saved = _passes(error, tol, contraction) - after
        if saved < MARGIN * self.sample.share * self.cost:
            return False
        metric = self.sample.metric(self.theta)
        if metric is None:
            return False
        self.metric = metric
        self.memory.forget()
        return True

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


def _passes(error: float, tol: float, contraction: float) -> float:
    """Passes until an error that each multiplies by ``contraction`` is below ``tol``."""
    return math.log(max(error / tol, 1.0)) / -math.log(contraction)
