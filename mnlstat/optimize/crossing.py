"""Where a statistic that rises along a line takes a given value: the end of an interval."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from mnlstat.arrays import FloatArray
from mnlstat.optimize.along import Line, Stop

# An error of the statistic this small is gone after one more Newton step; the second where the
# derivative is known only from differences.
LAST_STEP, ROUNDED = 1e-6, 1e-11
ROUNDS = 100
# Steps beyond what is known go so many standard errors of the place they start from, at most.
LONGEST = 6.0


@dataclass(frozen=True)
class Measured:
    """The statistic at a place of the line, and its derivative where that is known exactly."""

    stop: Stop
    value: float
    slope: float
    exact: bool


Statistic = Callable[[Stop], Measured]


@dataclass
class Bracket:
    """What is known of the place: the statistic is too small at ``low``, too large at ``high``."""

    low: float = -math.inf
    high: float = math.inf

    def narrow(self, at: float, error: float) -> None:
        """Take in that the statistic misses its target by ``error`` at a place."""
        if error < 0:
            self.low = max(self.low, at)
        else:
            self.high = min(self.high, at)

    def inside(self, at: float, wanted: float, longest: float) -> float:
        """``wanted``, or where to go in its place."""
        if self.low < wanted < self.high:
            if math.isinf(self.low) or math.isinf(self.high):
                return at + max(min(wanted - at, longest), -longest)
            return wanted
        if math.isinf(self.low) or math.isinf(self.high):
            return at + math.copysign(longest, wanted - at)
        return (self.low + self.high) / 2


def crossing(
    line: Line,
    statistic: Statistic,
    target: float,
    first: float,
    start: Stop | FloatArray,
    known: Bracket,
) -> tuple[float, Stop] | None:
    """The place where the statistic is ``target``, and the last maximum on the way there.

    Newton's method on the statistic, or the secant where its derivative is only near, within what
    is known of the place.  None where the constrained maxima cannot be found.

    Parameters
    ----------
    first : where to look first
    start : a constrained maximum near it, or any point
    known : places where the statistic is known to be too small or too large
    """
    at, before, short = first, None, 0
    for _ in range(ROUNDS):
        stop = line.stop(at, start)
        if stop is None:
            if not isinstance(start, Stop) or short > 20:
                return None
            at, short = (at + start.at) / 2, short + 1
            continue
        here = statistic(stop)
        error = here.value - target
        slope = here.slope
        if not here.exact and before is not None and here.stop.at != before.stop.at:
            secant = (here.value - before.value) / (here.stop.at - before.stop.at)
            slope = secant if secant > 0 else slope
        nearest = ROUNDED * abs(target) if not here.exact else LAST_STEP * abs(target)
        if abs(error) <= nearest or known.high - known.low <= 1e-14 * abs(at):
            return at - (error / slope if slope > 0 else 0.0), stop
        known.narrow(at, error)
        longest = LONGEST * math.sqrt(stop.spread)
        wanted = at - error / slope if slope > 0 else at - math.copysign(math.inf, error)
        at = known.inside(at, wanted, longest)
        before, start = here, stop
    return None
