"""Does a finite maximum exist?  A certificate from the Newton iteration itself."""

from __future__ import annotations

from dataclasses import dataclass

from mnlstat.arrays import FloatArray
from mnlstat.optimize.protocol import Conditioned

# Any product below one is a proof in exact arithmetic; rounding asks for a margin.
THRESHOLD = 0.01


@dataclass(frozen=True)
class Certificate:
    r"""Proof, or lack of one, that the log-likelihood has a finite maximum.

    With decrement :math:`\nu = \sqrt{g' I^{-1} g}` and a radius R such that the third derivative
    along any direction is at most R times the second, :math:`\nu R < 1` implies that a finite
    maximum exists, at most :math:`-\log(1 - \nu R) / R` standard errors away.  Separated data
    (Albert & Anderson 1984, Biometrika 71, 1-10) have no finite maximum, and the product stays
    near one however far the iteration goes.
    """

    decrement: float
    radius: float

    @property
    def holds(self) -> bool:
        """Whether a finite maximum is certain."""
        return self.decrement * self.radius < THRESHOLD


def certify(
    likelihood: Conditioned, decrement: float, root: FloatArray, *, exact: bool = True
) -> Certificate:
    """The certificate from the cheapest bound on R that gives it; with ``exact``, R the last."""
    bound = Certificate(decrement, likelihood.curvature_bound(root))
    if bound.holds:
        return bound
    bound = Certificate(decrement, likelihood.curvature_radius(root))
    if bound.holds or not exact:
        return bound
    return Certificate(decrement, likelihood.curvature_radius(root, exact=True))
