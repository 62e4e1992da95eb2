"""What a maximisation ends with."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum

from mnlstat.arrays import FloatArray
from mnlstat.optimize.trace import NEWTON, PENALISED, Iteration


class Status(Enum):
    """How a maximisation ended: each member is the message a user reads."""

    CONVERGED = "converged; the finite maximum is certified"
    MAXITER = "not converged: the iteration limit was reached"
    STALLED = "not converged: no step raises the log-likelihood any further"
    PENALISED = "converged: the maximum of the penalised likelihood"
    SEPARATED = "separated: some coefficients are infinite, the others are estimated in the limit"
    NOT_CERTIFIED = "no finite maximum certified: the data may be separated"
    SINGULAR = "information matrix singular at the estimate: no standard errors"

    @property
    def ok(self) -> bool:
        """Whether estimates and standard errors may be used."""
        return self in (Status.CONVERGED, Status.PENALISED)

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Optimum:
    """The end of a maximisation.

    Attributes
    ----------
    params : (p,) the last point, in the coordinates of the likelihood that was given
    value : log-likelihood there
    root : (p, p) ``F`` with ``F F'`` the inverse information there; None when the status is not ok
    status : how it ended
    decrement : ``sqrt(g'I^-1 g)`` at the last point
    relative_score : ``max_j |g_j| / sqrt(I_jj)`` at the last point
    radius : bound on the third derivative relative to the second; with ``decrement * radius``
        below 0.01 a finite maximum exists
    rcond : reciprocal condition of the information with unit diagonal
    trace : the points on the way
    restarted : whether a start worse than the null model was replaced by it
    """

    params: FloatArray
    value: float
    root: FloatArray | None
    status: Status
    decrement: float
    relative_score: float
    radius: float
    rcond: float
    trace: tuple[Iteration, ...]
    restarted: bool = False

    @property
    def iterations(self) -> int:
        """Steps taken."""
        return max(len(self.trace) - 1, 0)

    @property
    def method(self) -> str:
        """The algorithm in words."""
        plans = dict.fromkeys(taken.plan for taken in self.trace if taken.plan != NEWTON)
        if PENALISED in plans:
            return PENALISED
        return "Newton-Raphson" if not plans else f"{', '.join(plans)}, then Newton-Raphson"

    def in_unit(self, unit: float) -> Optimum:
        """The optimum of ``unit`` times the log-likelihood."""
        if unit == 1.0:
            return self
        root = None if self.root is None else self.root / math.sqrt(unit)
        return replace(
            self,
            value=self.value * unit,
            root=root,
            decrement=self.decrement * math.sqrt(unit),
            relative_score=self.relative_score * math.sqrt(unit),
            radius=self.radius / math.sqrt(unit),
        )
