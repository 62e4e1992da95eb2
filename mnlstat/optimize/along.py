"""The maximum of a log-likelihood along a linear function of its parameters: its profile."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.arrow import factorise
from mnlstat.linalg import EPS
from mnlstat.optimize.protocol import Evaluated

# Standard errors from the constrained maximum at which the iteration stops.
NEAR = 1e-9
# What rounding may leave where it has stopped falling.
ENOUGH = 1e-6
PATIENCE = 3
STEPS, CUTS = 200, 40
SUFFICIENT = 0.1
SMALL_GAIN = 1e-10


class Objective(Protocol):
    """A log-likelihood, perhaps with a penalty."""

    def evaluate(self, theta: FloatArray, order: int = 2) -> Evaluated:
        """Value, score and information."""


@dataclass(frozen=True)
class Stop:
    """The maximum under ``a'theta = at``.

    Attributes
    ----------
    at : float
    theta : (d,)
    value : the log-likelihood there
    slope : the Lagrange multiplier, which is the derivative of ``value`` in ``at``
    spread : ``a'I^-1 a`` there
    tangent : (d,) derivative of ``theta`` in ``at``
    """

    at: float
    theta: FloatArray
    value: float
    slope: float
    spread: float
    tangent: FloatArray

    @property
    def rao(self) -> float:
        """The signed root of the score statistic: of ``g'I^-1 g`` with ``g = slope a``."""
        return -self.slope * math.sqrt(self.spread)


@dataclass(frozen=True)
class Here:
    """A point of the iteration: the step is along ``a'theta = at``, the slope what it leaves."""

    theta: FloatArray
    value: float
    score: FloatArray
    step: FloatArray
    slope: float
    spread: float
    tangent: FloatArray

    @property
    def decrement(self) -> float:
        """The distance to the constrained maximum in standard errors."""
        return math.sqrt(max(float(self.score @ self.step), 0.0))


@dataclass(frozen=True)
class Line:
    """A linear function ``a'theta`` of the parameters of a log-likelihood.

    Attributes
    ----------
    objective : Objective
    a : (d,)
    """

    objective: Objective
    a: FloatArray

    def stop(self, at: float, start: Stop | FloatArray) -> Stop | None:
        """The maximum under ``a'theta = at``, by Newton's method with a Lagrange multiplier.

        With ``g`` the score, the step is ``I^-1 (g - slope a)`` with
        ``slope = a'I^-1 g / a'I^-1 a``: it leaves ``a'theta`` as it is, and at the maximum
        ``g = slope a``.  ``start`` is the maximum elsewhere, which is followed along its tangent,
        or any point.  None where no step leads on.
        """
        theta = start.theta if isinstance(start, Stop) else start
        along = start.tangent if isinstance(start, Stop) else self.a / (self.a @ self.a)
        here = self._here(self._moved(theta, along, at))
        least, stuck = math.inf, 0
        for _ in range(STEPS):
            if here is None:
                return None
            error = here.decrement
            if error <= NEAR or (stuck >= PATIENCE and error <= ENOUGH):
                return self._stop(at, here)
            stuck = stuck + 1 if error > least / 2 else 0
            least = min(least, error)
            following = self._advance(here, at)
            if following is None:
                return self._stop(at, here) if error <= ENOUGH else None
            here = following
        return None

    def higher(self, at: float, start: Stop) -> FloatArray | None:
        """A point under ``a'theta = at`` above the maximum there that a start leads to.

        None where there is none, as of what is concave; NaN where that cannot be told.
        """
        return None

    def _moved(self, theta: FloatArray, along: FloatArray, at: float) -> FloatArray:
        """The point on ``a'theta = at`` along a direction."""
        moved: FloatArray = theta + along * (at - float(self.a @ theta))
        return moved

    def _here(self, theta: FloatArray) -> Here | None:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            found = self.objective.evaluate(theta, 2)
        score, information = found.score, found.information
        if score is None or information is None or not math.isfinite(found.value):
            return None
        if not np.isfinite(score).all() or (factor := factorise(_checked(information))) is None:
            return None
        u, v = factor.solve(score), factor.solve(self.a)
        spread = float(self.a @ v)
        if not 0 < spread < math.inf:
            return None
        slope = float(self.a @ u) / spread
        step = u - slope * v
        return Here(theta, found.value, score, step, slope, spread, v / spread)

    def _advance(self, here: Here, at: float) -> Here | None:
        """The next point: the step, halved until the log-likelihood rises."""
        length, gain = 1.0, here.decrement**2
        rounding = 4 * EPS * abs(here.value)
        for _ in range(CUTS):
            moved = here.theta + length * here.step
            there = self._here(self._moved(moved, here.tangent, at))
            if there is not None:
                if length * gain <= SMALL_GAIN * (1 + abs(here.value)):
                    if there.decrement < here.decrement:
                        return there
                elif there.value >= here.value + SUFFICIENT * length * gain - rounding:
                    return there
            length /= 2
        return None

    def _stop(self, at: float, here: Here) -> Stop:
        # what is left of the way to the maximum, taken by the quadratic: the next step is exact
        value = here.value + here.decrement**2 / 2
        return Stop(at, here.theta + here.step, value, here.slope, here.spread, here.tangent)


def _checked(information: Any) -> Any:
    """Infinite elements would stop the factorisation with an error of its own."""
    if isinstance(information, np.ndarray) and not np.isfinite(information).all():
        return np.full_like(information, np.nan)
    return information
