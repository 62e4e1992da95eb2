"""A point of the iteration with everything that decides the next step."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.arrow import Arrow, ArrowFactor, Symmetric, diagonal, factorise, finite, floored_solve
from mnlstat.linalg import EPS, Factor, row_norms
from mnlstat.optimize.protocol import Conditioned

# A step is taken when the log-likelihood gains this share of what its slope promises ...
SUFFICIENT_GAIN = 0.25
# ... and the slope at the other end is not downhill by more than this share of it: a full step
# that overshoots can gain a little and still land where the curvature is gone.
OVERSHOOT = 0.5
# A gain this small, relative to the log-likelihood, may drown in the rounding of linear predictors;
# the slopes at both ends tell it better than the values (Hager & Zhang 2005, SIAM J. Optim. 16,
# 170-192).
SMALL_GAIN = 1e-10
# Relative change of the information over a step that is not worth computing it anew.  It is that of
# the row that changes most; of standard errors a tenth of it at most was seen.
SAME_INFORMATION = 5e-12
CUTS = 60
MANY_CUTS = 10
# Where a difference of linear predictors has changed by this, nothing is left of the quadratic
# model that the step comes from.
FAR = 16.0
# Of the information of the null model, in a cautious step.
SHARES = (1e-8, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0)


@dataclass(frozen=True)
class Point:
    """Parameters with log-likelihood, score, information, its factor, and the Newton step.

    ``factor`` is None where the information is not numerically positive definite; the step then
    comes from raised eigenvalues.
    """

    theta: FloatArray
    value: float
    score: FloatArray
    information: Symmetric
    factor: Factor | ArrowFactor | None
    step: FloatArray
    length: float = 1.0
    scale: FloatArray | None = None

    @property
    def decrement(self) -> float:
        """``sqrt(g'I^-1 g)``: the distance to the maximum in standard errors."""
        return math.sqrt(max(float(self.score @ self.step), 0.0))

    @property
    def relative_score(self) -> float:
        """``max_j |g_j| / sqrt(I_jj)``."""
        size = np.sqrt(np.maximum(diagonal(self.information), np.finfo(float).tiny))
        return float(np.abs(self.score / size).max())

    @property
    def rounding(self) -> float:
        """How much the computed log-likelihood may fall by rounding alone."""
        return 4 * EPS * abs(self.value)

    @property
    def noise(self) -> float:
        """What rounding of the score alone may hide of the decrement.

        Rounding of ``g_j`` is of the order of ``eps sqrt(I_jj)``, or of ``eps`` times its
        ``scale``; where the information is nearly singular that is far from nothing.
        """
        if self.factor is None:
            return float("inf")
        amplification = self.factor.amplification
        if self.scale is not None:
            amplification = float(np.linalg.norm(row_norms(self.factor.inverse_root) * self.scale))
        return EPS * float(np.sqrt(len(self.score))) * amplification

    def concluded(self) -> Point:
        """The end of a step so short that nothing need be computed anew."""
        return replace(self, theta=self.theta + self.step, value=self.value + self.decrement**2 / 2)

    def settled(self, tol: float, largest_score: float = 1e-6) -> bool:
        """The stopping rules: the gain still to be had, and every element of the score."""
        gain = self.decrement**2 / 2
        return gain <= tol * (1 + abs(self.value)) and self.relative_score <= largest_score


def at(likelihood: Conditioned, theta: FloatArray, length: float = 1.0) -> Point | None:
    """The point at ``theta``; None where value, derivatives or the next step are not finite."""
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        found = likelihood.evaluate(theta, 2)
        score, information = found.score, found.information
        assert score is not None and information is not None
        if not (math.isfinite(found.value) and np.isfinite(score).all() and finite(information)):
            return None
        factor = factorise(information)
        step = factor.solve(score) if factor is not None else floored_solve(information, score)
        if not math.isfinite(float(score @ step)):
            return None
    return Point(theta, found.value, score, information, factor, step, length, found.scale)


def advance(likelihood: Conditioned, here: Point, cuts: int = CUTS) -> Point | None:
    """The next point along the Newton step, halved until it may be taken; None if it never may.

    Where ten halvings do not suffice it is cut to where no difference of linear predictors changes
    by more than ``FAR``.
    """
    length = 1.0
    for cut in range(cuts + 1):
        there = at(likelihood, here.theta + length * here.step, length)
        if there is not None and _acceptable(here, there, length):
            return there
        length /= 2
        if cut == MANY_CUTS:
            there = _cautious(likelihood, here)
            if there is not None:
                return there
            length = min(length, FAR / max(likelihood.reach(here.step), FAR))
    return None


def _cautious(likelihood: Conditioned, here: Point) -> Point | None:
    """A step by the information plus a share of that of the null model (Levenberg 1944).

    Where most rows have probabilities of zero and one the information says nothing of how far the
    next rows are, and a Newton step goes too far in directions that hardly matter.
    """
    if isinstance(here.information, Arrow):
        return None
    metric = likelihood.preconditioner().matrix()
    best = None
    for share in SHARES:
        factor = factorise(here.information + share * metric)
        if factor is None:
            continue
        step = factor.solve(here.score)
        there = at(likelihood, here.theta + step, 1.0)
        if there is not None and there.value > (here.value if best is None else best.value):
            best = there
    return best


def _acceptable(here: Point, there: Point, length: float) -> bool:
    slope = here.decrement**2
    if float(there.score @ here.step) < -OVERSHOOT * slope:
        return False
    if length * slope <= SMALL_GAIN * (1 + abs(here.value)):
        return there.decrement < here.decrement
    return there.value >= here.value + SUFFICIENT_GAIN * length * slope - here.rounding
