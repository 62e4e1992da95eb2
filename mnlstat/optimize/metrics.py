"""What stands for the information in the steps of passes that read the score alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.arrow import factorise
from mnlstat.linalg import EPS
from mnlstat.optimize.protocol import Conditioned, Metric

MEMORY = 40


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
class Sample:
    """Some of the rows, whose information can stand for that of all.

    Attributes
    ----------
    likelihood : of these rows
    share : of all rows
    contraction : what a pass leaves of the error where this information is the metric
    """

    likelihood: Conditioned
    share: float
    contraction: float

    def metric(self, theta: FloatArray) -> Metric | None:
        """The information there, for as many rows as there are; None where it is not definite."""
        with np.errstate(over="ignore", invalid="ignore"):
            information = self.likelihood.evaluate(theta, 2).information
        factor = None if information is None else factorise(information)
        return None if factor is None else Scaled(factor, self.share)
