"""Intervals by the likelihood: profile likelihood, and score.

The profile of ``f = c'b`` is ``l_p(t) = max {l(b) : c'b = t}``.  Its interval holds the t with
``2 (l - l_p(t)) <= chi2(1, 1 - alpha)``; that of the score statistic those for which the statistic
of ``c'b = t`` is at most that.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray
from mnlstat.errors import ConvergenceError, OptionError
from mnlstat.inference.distributions import normal_quantile
from mnlstat.linalg import EPS
from mnlstat.optimize.along import Line, Stop
from mnlstat.optimize.crossing import Bracket, Measured, crossing

WALD, PROFILE, SCORE = "wald", "profile", "score"
# Of the curve: its points, how far it goes beyond the ends, and where it stops on the side that
# has none (as a share of the statistic at the other end).
POINTS, BEYOND, FLAT = 41, 0.2, 0.05
# So near to the estimate, in standard errors, the difference of log-likelihoods is rounding, and
# the profile is a cubic.
TOO_NEAR = 1e-3
# How often another maximum may take over on the way to an end.
CHANGES = 20
# Share of a difference of log-likelihoods that rounding may be where one end is infinite.
BLURRED = 1e-6


@dataclass(frozen=True, eq=False)
class Problem:
    """A linear function of the coefficients in the coordinates of a log-likelihood.

    Attributes
    ----------
    line : Line
        The log-likelihood, divided by ``unit``, and the function less ``shift``.
    shift, unit : float
    top : the largest log-likelihood, or its supremum
    estimate : of the function: finite, infinite, or NaN where it has no sign
    start : (d,) the estimate of all coefficients, or where to start
    """

    line: Line
    shift: float
    unit: float
    top: float
    estimate: float
    start: FloatArray

    def root(self, stop: Stop) -> Measured:
        """The signed root of the likelihood-ratio statistic, which rises along the line.

        Its derivative is ``-slope / root``: the Lagrange multiplier is that of ``l_p``.
        """
        side = 1.0 if stop.at + self.shift >= self.estimate else -1.0
        root = side * math.sqrt(2.0 * max(self.top - self.unit * stop.value, 0.0))
        slope = -self.unit * stop.slope / root if root else 0.0
        return Measured(stop, root, slope, exact=True)

    def rao(self, stop: Stop) -> Measured:
        """The signed root of the score statistic; its derivative where nothing else changes."""
        root = stop.rao * math.sqrt(self.unit)
        return Measured(stop, root, math.sqrt(self.unit / stop.spread), exact=False)

    def end(self, side: float, alpha: float, method: str, words: str) -> float:
        """The end of an interval on one side, -1 or 1, of the estimate.

        Raises
        ------
        ConvergenceError
            When the constrained maxima that it needs are not found.
        OptionError
            Where rounding hides the end: of what is infinite, at levels near to zero.
        """
        if math.isnan(self.estimate) or self.estimate == side * math.inf:
            return side * math.inf
        size = normal_quantile(alpha)
        if math.isinf(self.estimate) and self._hidden(size):
            raise OptionError(
                "alpha-near-one",
                f"the {method} interval of {words}: alpha={alpha!r} is too near to one. The"
                " estimate is infinite, and so far out\nthe likelihood differs from its supremum"
                " by rounding alone. Take a smaller alpha.",
            )
        if size < TOO_NEAR and (near := self._near(side, size, method)) is not None:
            return near
        found = self._reach(side, size, method)
        if found is None:
            raise ConvergenceError(
                "profile-not-found",
                f"the {method} interval of {words}: the likelihood could not be followed to the"
                f" {'upper' if side > 0 else 'lower'} limit at alpha={alpha!r}.\nTake a larger"
                " alpha, or ask for method='wald'.",
            )
        return found[0] + self.shift

    def _hidden(self, size: float) -> bool:
        """Whether so small a statistic is no more than rounding of the log-likelihood."""
        return size**2 * BLURRED < 10.0 * EPS * (1.0 + abs(self.top))

    def _near(self, side: float, size: float, method: str) -> float | None:
        """The end of an interval that is next to the estimate.

        There the root of either statistic is ``u d + v d^2``, d the distance.  The slopes
        (multipliers) on both sides tell u and v without a difference of log-likelihoods: twice
        that of the profile is ``u^2 d^2 + 2 u v d^3``, and its derivative ``-2 slope``.
        """
        if math.isinf(self.estimate) or (peak := self.peak) is None:
            return None
        step = TOO_NEAR * math.sqrt(peak.spread / self.unit)
        below, above = (self.line.stop(peak.at + each, peak) for each in (-step, step))
        if below is None or above is None:
            return None
        if method == PROFILE:
            square = self.unit * (below.slope - above.slope) / (2 * step)
            u = math.sqrt(max(square, 0.0))
            v = -self.unit * (below.slope + above.slope) / (6 * step**2)
            v = v / u if u else 0.0
        else:
            low, high = self.rao(below).value, self.rao(above).value
            u, v = (high - low) / (2 * step), (high + low) / (2 * step**2)
        if not u > 0:
            return None
        first = side * size / u
        return self.estimate + first * (1.0 - v * first / u)

    def _reach(self, side: float, size: float, method: str) -> tuple[float, Stop] | None:
        """Where the statistic has a size on one side of the estimate, before the shift."""
        statistic = self.root if method == PROFILE else self.rao
        if math.isinf(self.estimate):
            first = float(self.line.a @ self.start)
            return crossing(self.line, statistic, side * size, first, self.start, Bracket())
        peak = self.peak
        if peak is None:
            return None
        known = Bracket(low=peak.at) if side > 0 else Bracket(high=peak.at)
        first = peak.at + side * size * math.sqrt(peak.spread / self.unit)
        found = crossing(self.line, statistic, side * size, first, peak, known)
        for _ in range(CHANGES):
            if found is None or (theta := self.line.higher(*found)) is None:
                return found
            # there the statistic is smaller than it was taken to be: the end is further out
            at = found[0]
            known = Bracket(low=at) if side > 0 else Bracket(high=at)
            found = crossing(self.line, statistic, side * size, at, theta, known)
        return None

    @cached_property
    def peak(self) -> Stop | None:
        """The estimate as a point of the line, where it is finite."""
        return self.line.stop(self.estimate - self.shift, self.start)

    def curve(self, low: float, high: float, alpha: float) -> pd.DataFrame:
        """The profile from beyond the one end to beyond the other.

        Columns value, log_likelihood and signed_root; no rows where it is flat.
        """
        columns = ["value", "log_likelihood", "signed_root"]
        if math.isinf(low) and math.isinf(high):
            return pd.DataFrame(np.zeros((0, 3)), columns=columns)
        lowest, highest = self._shown(low, high, alpha)
        places = np.linspace(lowest, highest, POINTS)
        first = int(np.argmin(np.abs(places - self.estimate))) if self.peak_known else 0
        rows: dict[int, tuple[float, float, float]] = {}
        for order in (range(first, POINTS), range(first - 1, -1, -1)):
            near: Any = self.peak if self.peak_known else self.start
            for at in order:
                stop = self._highest(float(places[at]) - self.shift, near)
                if stop is None:
                    break
                rows[at] = self._row(float(places[at]), stop)
                near = stop
        return pd.DataFrame([rows[at] for at in sorted(rows)], columns=columns)

    def _highest(self, at: float, near: Stop | FloatArray) -> Stop | None:
        """The highest maximum at a place of the line."""
        stop = self.line.stop(at, near)
        if stop is not None and (theta := self.line.higher(at, stop)) is not None:
            return self.line.stop(at, theta)
        return stop

    @property
    def peak_known(self) -> bool:
        """Whether the estimate is finite and found again."""
        return math.isfinite(self.estimate) and self.peak is not None

    def _row(self, place: float, stop: Stop) -> tuple[float, float, float]:
        root = self.root(stop).value
        if math.isfinite(self.estimate) and self.peak is not None:
            distance = (place - self.estimate) / math.sqrt(self.peak.spread / self.unit)
            root = distance if abs(distance) < TOO_NEAR else root
        return place, min(self.unit * stop.value, self.top), root

    def _shown(self, low: float, high: float, alpha: float) -> tuple[float, float]:
        """Where the curve begins and ends."""
        if math.isfinite(low) and math.isfinite(high):
            beyond = BEYOND * (high - low)
            return low - beyond, high + beyond
        side = -1.0 if math.isfinite(low) else 1.0
        flat = self._reach(side, FLAT * normal_quantile(alpha), PROFILE)
        end = low if side < 0 else high
        width = abs(flat[0] + self.shift - end) if flat is not None else 1.0
        return (
            (end - BEYOND * width, end + width)
            if side < 0
            else (
                end - width,
                end + BEYOND * width,
            )
        )
