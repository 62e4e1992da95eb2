"""The highest of several maxima, of a penalised likelihood that is held at a linear restriction.

``l + 1/2 log|I|`` is not concave.  Let R be the largest standard error, at a maximum, of what a row
says of two outcomes.  Along a line of unit length there (in standard errors), the second derivative
of ``-l`` is at least ``exp(-R t)``, and that of ``1/2 log|I|`` at most ``R^2 exp(R t) / 2`` of the
information; so it has no other maximum nearer than ``log(2 / R^2) / R``.  The slope of
``1/2 log|I|`` is at most ``p R / 2`` anywhere, so that none at all is higher where
``(p + 1/2) R^2 < 1``.  That is the common case, at the cost of a pass.  Else other starts are
climbed from, too, each until it comes so near to a maximum that is known.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.optimize.optimum import Status
from mnlstat.optimize.penalised import MOST, Penalised, climb
from mnlstat.optimize.trace import Trace

# Two climbs that end so near to each other, in standard errors, have ended at the same maximum.
SAME = 0.03
# Where to look along an axis, in standard errors, how many axes, and how often from a better one.
PLACES = np.array([1.5, 3.0, 6.0, 12.0, 24.0])
AXES, ROUNDS = 2, 2
# An axis along which rows say so little has but one maximum.
STRAIGHT = 0.5
# By so much, relative to the value, one maximum is higher than another.
HIGHER = 1e-10


class Held(Penalised, Protocol):
    """A penalised likelihood within a restriction."""

    @property
    def n_penalised(self) -> int:
        """p, of the parameters that the penalty is of."""

    def reach(self, phi: FloatArray, root: FloatArray) -> float:
        """R: the largest standard error of what a row says of two outcomes.

        ``root`` (d, m) is F with ``F F'`` the covariance.
        """


@dataclass(frozen=True, eq=False)
class Peak:
    """A maximum.

    Attributes
    ----------
    phi : (d,)
    value : float
    root : (d, d) ``F`` with ``F F'`` the inverse information
    reach : R
    """

    phi: FloatArray
    value: float
    root: FloatArray
    reach: float

    def holds(self, phi: FloatArray) -> bool:
        """Whether no other maximum is as near as a point."""
        gap = np.linalg.solve(self.root, phi - self.phi)
        return bool(np.linalg.norm(gap) <= self._radius)

    @property
    def _radius(self) -> float:
        if not 0 < self.reach**2 < 2:
            return SAME
        return max(math.log(2 / self.reach**2) / self.reach, SAME)

    def is_only(self, p: int) -> bool:
        """Whether no point is higher."""
        return (p + 0.5) * self.reach**2 < 1


@dataclass(eq=False)
class Search:
    """Climbs from several starts.

    Attributes
    ----------
    held : Held
    peaks : what has been found
    unfinished : the highest value at which a climb has got stuck
    """

    held: Held
    peaks: list[Peak] = field(default_factory=list)
    unfinished: float = -math.inf

    @property
    def best(self) -> Peak | None:
        """The highest maximum."""
        return max(self.peaks, key=lambda peak: peak.value) if self.peaks else None

    @property
    def settled(self) -> bool:
        """Whether the first maximum is known to be the only one."""
        return len(self.peaks) == 1 and self.peaks[0].is_only(self.held.n_penalised)

    @property
    def certain(self) -> bool:
        """Whether no climb got stuck above the highest maximum."""
        best = self.best
        slack = HIGHER * (1 + abs(self.unfinished))
        return best is not None and not self.unfinished > best.value + slack

    def climb(self, start: FloatArray) -> None:
        """Climb from a start, if it is not on the way to what is known."""
        if self._known(start):
            return
        phi, factor, status, _ = climb(self.held, start, MOST, Trace(1.0, None), self._known)
        if self._known(phi):
            return
        value = self._value(phi)
        if status is not Status.PENALISED or factor is None:
            self.unfinished = max(self.unfinished, value)
            return
        root = factor.inverse_root
        self.peaks.append(Peak(phi, value, root, self.held.reach(phi, root)))

    def look_around(self) -> None:
        """Along the axes of the least information, from the highest maximum, while that helps."""
        for _ in range(ROUNDS):
            before = self.best
            if before is None:
                return
            for start in self._starts_around(before):
                self.climb(start)
            if self.best is before:
                return

    def _known(self, phi: FloatArray) -> bool:
        return any(peak.holds(phi) for peak in self.peaks)

    def _starts_around(self, peak: Peak) -> Iterator[FloatArray]:
        axes, errors, _ = np.linalg.svd(peak.root)
        for axis in (axes * errors).T[:AXES]:
            if self.held.reach(peak.phi, axis[:, None]) < STRAIGHT:
                continue
            for side in (-1.0, 1.0):
                points = peak.phi + np.outer(side * PLACES, axis)
                values = np.array([peak.value, *(self._value(point) for point in points)])
                yield from (points[at] for at in _tops(values))

    def _value(self, phi: FloatArray) -> float:
        with np.errstate(over="ignore", invalid="ignore"):
            return self.held.evaluate(phi, 0).value


def _tops(values: FloatArray) -> list[int]:
    """Where values after the first are higher than those beside them, less one."""
    after = np.append(values[2:], -np.inf)
    found: list[int] = np.flatnonzero((values[1:] > values[:-1]) & (values[1:] >= after)).tolist()
    return found


def highest(
    held: Held, first: FloatArray, others: Callable[[Search], Iterator[FloatArray]]
) -> Search:
    """The search from a first start, and from others where that does not settle it."""
    search = Search(held)
    search.climb(first)
    if not search.settled:
        for start in others(search):
            search.climb(start)
    return search
