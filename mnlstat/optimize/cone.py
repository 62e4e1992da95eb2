"""Directions that a separated likelihood may recede along, as a cone: the signs they share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray, IntArray
from mnlstat.linalg import row_norms

# What is smaller than this, of vectors of length one, is zero.
ZERO = 1e-9
# What a combination of constraints may miss of a function that it proves positive.
MISSED = 1e-10
# Room beyond rounding, of vectors of length one.
ROOM = 1e-13
# Constraints for each dimension that are looked at first, and that join where they are broken.
TIGHTEST = 3
# Constraints that a linear programme begins with.
AT_ONCE = 200
# Constraints that agree to so many decimals are one.
DECIMALS = 11
ROUNDS = 100
# Numbers at once where each function meets each constraint.
CELLS = 4_000_000


@dataclass(frozen=True)
class Cone:
    """``{z : K z >= 0}`` with an inside.

    Attributes
    ----------
    K : (c, d) rows of length one
    towards : (d,), optional
        A direction that may lie inside.
    """

    K: FloatArray
    towards: FloatArray | None = None

    @classmethod
    def of(cls, rows: FloatArray, towards: FloatArray | None = None) -> Cone:
        """From rows (c, d) of any length; those that are the same count once."""
        lengths = row_norms(rows)
        unit = rows[lengths > 0] / lengths[lengths > 0, None]
        first = dict[bytes, int]()
        for at, name in enumerate(_names(unit)):
            first.setdefault(name, at)
        return cls(unit[list(first.values())], towards)

    @property
    def dimension(self) -> int:
        """d."""
        return int(self.K.shape[1])

    @cached_property
    def _known(self) -> dict[bytes, float]:
        """The signs of the constraints themselves: what rows of the fit ask for."""
        known = dict.fromkeys(_names(self.K), 1.0)
        return known | dict.fromkeys(_names(-self.K), -1.0)

    @cached_property
    def inside(self) -> FloatArray:
        """A direction ``z`` (d,) with room, of length one: the one given, or that with the most."""
        if self.towards is not None and (length := float(np.linalg.norm(self.towards))) > 0:
            inside = self.towards / length
            if (self.K @ inside).min(initial=1.0) > ZERO:
                return inside
        wide = np.hstack([self.K, -np.ones((len(self.K), 1))])
        bounds = [(-1.0, 1.0)] * self.dimension + [(0.0, None)]
        objective = np.append(np.zeros(self.dimension), 1.0)
        found = _largest(objective, wide, bounds)[:-1]
        return found / max(float(np.linalg.norm(found)), np.finfo(float).tiny)

    @property
    def has_inside(self) -> bool:
        """Whether ``inside`` has room beyond rounding."""
        return float(self._room.min(initial=1.0)) > ROOM

    @cached_property
    def _room(self) -> FloatArray:
        """What each constraint has inside (c,)."""
        room: FloatArray = self.K @ self.inside
        return room

    @cached_property
    def _tightest(self) -> IntArray:
        """Constraints in the order of their room inside."""
        return np.argsort(self._room, kind="stable")

    def signs(self, functions: FloatArray) -> FloatArray:
        """The sign that each linear function (r, d) has on the cone.

        1 or -1 where a combination of constraints proves it (it may be zero on the boundary), 0 for
        a function that is zero, NaN where it depends on the direction: a direction with room shows
        the other sign.  NaN also where rounding hides which of the two it is.
        """
        lengths = row_norms(functions)
        signs = np.zeros(len(functions))
        some = np.flatnonzero(lengths > 0)
        unit = functions[some] / lengths[some, None]
        own = np.array([self._known.get(name, 0.0) for name in _names(unit)])
        asked = np.flatnonzero(own == 0)
        side = np.where(unit[asked] @ self.inside >= 0, 1.0, -1.0)
        side[self._falling(unit[asked] * side[:, None])] = np.nan
        own[asked] = side
        signs[some] = own
        return signs

    def _falling(self, unit: FloatArray) -> BoolArray:
        """Which functions (r, d) of length one, not negative inside, are negative on the cone.

        A point where one is tells of others, and so do the ways down from the middle of points.
        """
        middle, found = self.inside, 0
        falling = self._crossed(unit, middle)
        for at in range(len(unit)):
            if falling[at] or (below := self._below(unit[at])) is None:
                continue
            falling[at] = True
            if np.isnan(below).any():
                continue
            falling |= unit @ below < -ROOM
            middle, found = middle + below, found + 1
            if found & (found - 1) == 0:  # a power of two
                left = np.flatnonzero(~falling)
                falling[left] = self._crossed(unit[left], middle / (found + 1))
        return falling

    def _crossed(self, unit: FloatArray, point: FloatArray) -> BoolArray:
        """Whether functions (r, d) turn negative on the straight way down from a point inside."""
        start, room = unit @ point, np.maximum(self.K @ point, 0.0)
        reach = np.empty(len(unit))
        step = max(CELLS // max(len(self.K), 1), 1)
        for first in range(0, len(unit), step):
            part = slice(first, first + step)
            falls = self.K @ unit[part].T
            with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
                ways = np.where(falls > 0, room[:, None] / falls, np.inf)
            reach[part] = ways.min(axis=0, initial=np.inf)
        crossed: BoolArray = start - reach * (1 - ROOM) < -ROOM
        return crossed

    def _below(self, function: FloatArray) -> FloatArray | None:
        """A point with room where a function (d,) is negative; None where it nowhere is.

        A function of length one, positive inside, is nowhere negative where it is a combination of
        constraints with weights that are not negative (Farkas); what is left of the nearest one is
        a direction along which it falls.  NaN where rounding hides whether there is a point.
        """
        step = TIGHTEST * self.dimension
        working = self._tightest[:step]
        spare = np.maximum(self._room - ROOM, np.finfo(float).tiny)
        for _ in range(ROUNDS):
            left = _left(self.K[working], function)
            length = float(np.linalg.norm(left))
            if length <= MISSED:
                return None
            down = -left / length
            slack = self.K @ down
            # so much of the inside gives room to all constraints
            share = float((np.maximum(ROOM - slack, 0.0) / spare).max(initial=0.0))
            point = down + share * self.inside
            if float(point @ function) < -ROOM * (1 + share):
                return point / float(np.linalg.norm(point))
            broken = np.argsort(slack)[:step]
            joining = np.setdiff1d(broken[slack[broken] < 0], working)
            if not len(joining):
                break
            working = np.concatenate([working, joining])
        return np.full(self.dimension, np.nan)


def _names(unit: FloatArray) -> list[bytes]:
    """What is the same for rows that agree."""
    return [blake2b(row.tobytes(), digest_size=16).digest() for row in _rounded(unit)]


def _rounded(unit: FloatArray) -> Iterator[FloatArray]:
    step = max(CELLS // max(unit.shape[1], 1), 1)
    for start in range(0, len(unit), step):
        yield from np.round(unit[start : start + step], DECIMALS) + 0.0


def _left(rows: FloatArray, function: FloatArray) -> FloatArray:
    """What the nearest combination of rows with weights ``u >= 0`` leaves of a function (d,).

    Where the least squares do not end, the direction that a linear programme finds.
    """
    from scipy.optimize import nnls

    try:
        weights = nnls(rows.T, function)[0]
    except RuntimeError:
        bounds = [(-1.0, 1.0)] * rows.shape[1]
        return -_largest(-function, rows, bounds)
    used = np.flatnonzero(weights > 0)
    left = np.asarray(function - weights[used] @ rows[used], dtype=float)
    if np.linalg.norm(left) <= ROOM:
        return left
    refined = weights[used] + np.linalg.lstsq(rows[used].T, left, rcond=None)[0]
    if (refined >= 0).all():
        left = function - refined @ rows[used]
    return left


def _largest(objective: FloatArray, K: FloatArray, bounds: Any) -> FloatArray:
    """Maximise ``objective'z`` over ``K z >= 0`` and bounds; rows join where they are broken."""
    from scipy.optimize import linprog

    working = np.zeros(len(K), dtype=bool)
    working[:: max(len(K) // AT_ONCE, 1)] = True
    for _ in range(ROUNDS):
        some = K[working]
        answer = linprog(
            -objective, A_ub=-some, b_ub=np.zeros(len(some)), bounds=bounds, method="highs-ds"
        )
        broken = np.where(working, 0.0, -(K @ answer.x))
        worst = np.argsort(-broken)[:AT_ONCE]
        worst = worst[broken[worst] > ZERO]
        if not len(worst):
            break
        working[worst] = True
    return np.asarray(answer.x, dtype=float)
