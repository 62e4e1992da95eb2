"""The profile of a bias-reduced likelihood, which is not concave."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.inference.penalised_spaces import Restricted, Within
from mnlstat.likelihood.penalty import Jeffreys
from mnlstat.optimize.along import Line, Stop
from mnlstat.optimize.highest import HIGHER
from mnlstat.optimize.penalised import climb
from mnlstat.optimize.trace import Trace

# Steps of a climb where those of the information alone have not ended.
FEW = 50


@dataclass(frozen=True)
class PenalisedLine(Line):
    """A line along which one maximum may become higher than another.

    Attributes
    ----------
    estimate : (d,) the unrestricted maximum
    """

    estimate: FloatArray

    def stop(self, at: float, start: Stop | FloatArray) -> Stop | None:
        """The maximum under ``a'theta = at`` that a start leads to; None where it leads to none."""
        found = super().stop(at, start)
        if found is not None:
            return found
        # far out the information tells little of the curvature, and its steps alone do not end
        theta = start.theta if isinstance(start, Stop) else start
        along = start.tangent if isinstance(start, Stop) else self.a / (self.a @ self.a)
        within = self._within(self._moved(theta, along, at))
        phi = climb(within, np.zeros(within.Q.shape[1]), FEW, Trace(1.0, None))[0]
        return super().stop(at, within.at(phi))

    def higher(self, at: float, start: Stop) -> FloatArray | None:
        """A point under ``a'theta = at`` that is higher than the maximum that a start leads to."""
        within = self._within(self._moved(start.theta, start.tangent, at))
        if not within.Q.shape[1]:
            return None
        search = Restricted(within, within.origin, self.estimate, True).search()
        reached, best = self.objective.evaluate(within.origin, 0).value, search.best
        slack = HIGHER * (1 + abs(reached))
        if best is None or not search.certain or best.value < reached - slack:
            return start.theta * np.nan
        return None if best.value <= reached + slack else within.at(best.phi)

    def _within(self, theta: FloatArray) -> Within:
        assert isinstance(self.objective, Jeffreys)
        Q = np.linalg.qr(self.a[:, None], mode="complete").Q[:, 1:]
        return Within(self.objective, Q, theta)
