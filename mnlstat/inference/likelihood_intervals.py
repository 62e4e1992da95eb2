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
from mnlstat.errors import ConvergenceError
from mnlstat.inference.distributions import normal_quantile
from mnlstat.optimize.along import Line, Stop
from mnlstat.optimize.crossing import Bracket, Measured, crossing

WALD, PROFILE, SCORE = "wald", "profile", "score"
# Of the curve: its points, how far it goes beyond the ends, and where it stops on the side that
# has none (as a share of the statistic at the other end).
POINTS, BEYOND, FLAT = 41, 0.2, 0.05
# So near to the estimate, in standard errors, the difference of log-likelihoods is rounding.
TOO_NEAR = 1e-3


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
        """
        if math.isnan(self.estimate) or self.estimate == side * math.inf:
            return side * math.inf
        found = self._reach(side, normal_quantile(alpha), method)
        if found is None:
            raise ConvergenceError(
                "profile-not-found",
                f"the {method} interval of {words}: the likelihood could not be followed to the"
                f" {'upper' if side > 0 else 'lower'} limit.\nAsk for method='wald', or rescale"
                " the columns.",
            )
        return found[0] + self.shift

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
        return crossing(self.line, statistic, side * size, first, peak, known)

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
                stop = self.line.stop(float(places[at]) - self.shift, near)
                if stop is None:
                    break
                rows[at] = self._row(float(places[at]), stop)
                near = stop
        return pd.DataFrame([rows[at] for at in sorted(rows)], columns=columns)

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
