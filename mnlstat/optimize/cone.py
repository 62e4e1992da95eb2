"""Directions that a separated likelihood may recede along, as a cone: the signs they share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray

# What is smaller than this, of vectors of length one, is zero.
ZERO = 1e-9
# Least and greatest values of a linear function on the cone, within |z| <= 1, that are not zero.
SIGNIFICANT = 1e-7
# Constraints that the solver is given at first, and that join where they are broken.
AT_ONCE = 200
# Constraints that agree to so many decimals are one.
DECIMALS = 11
ROUNDS = 100


@dataclass(frozen=True)
class Cone:
    """``{z : K z >= 0}`` with an inside.

    Attributes
    ----------
    K : (c, d) rows of length one
    """

    K: FloatArray

    @classmethod
    def of(cls, rows: FloatArray) -> Cone:
        """From rows (c, d) of any length; those that are the same count once."""
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        unit = rows[lengths[:, 0] > 0] / lengths[lengths[:, 0] > 0]
        _, first = np.unique(np.round(unit, DECIMALS), axis=0, return_index=True)
        return cls(unit[np.sort(first)])

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
        """A direction ``z`` (d,) with the most room: ``K z >= t`` for the largest ``t``."""
        wide = np.hstack([self.K, -np.ones((len(self.K), 1))])
        bounds = [(-1.0, 1.0)] * self.dimension + [(0.0, None)]
        objective = np.append(np.zeros(self.dimension), 1.0)
        return _largest(objective, wide, bounds, _some(len(wide)))[:-1]

    def signs(self, functions: FloatArray) -> FloatArray:
        """The sign that each linear function (r, d) has on the cone.

        1 or -1 where it has one or is zero on the boundary only, 0 where it is zero, NaN where it
        depends on the direction.
        """
        lengths = np.linalg.norm(functions, axis=1)
        signs = np.zeros(len(functions))
        working, points = _some(len(self.K)), [self.inside]
        for at in np.flatnonzero(lengths > ZERO):
            signs[at] = self._sign(functions[at] / lengths[at], working, points)
        return signs

    def _sign(self, function: FloatArray, working: BoolArray, points: list[FloatArray]) -> float:
        """The sign of one function; ``points`` of the cone that were found before may tell it."""
        name = _names(function[None])[0]
        if name in self._known:
            return self._known[name]
        bounds = [(-1.0, 1.0)] * self.dimension
        seen = np.array(points) @ function
        for sign in (1.0, -1.0):
            if self.dimension > 1 and (sign * seen).max() <= SIGNIFICANT:
                points.append(_largest(sign * function, self.K, bounds, working))
                seen = np.append(seen, function @ points[-1])
        if seen.max() > SIGNIFICANT and seen.min() < -SIGNIFICANT:
            return float("nan")
        return 1.0 if seen.max() > SIGNIFICANT else -1.0


def _names(unit: FloatArray) -> list[bytes]:
    return [row.tobytes() for row in np.round(unit, DECIMALS) + 0.0]


def _some(n: int) -> BoolArray:
    chosen = np.zeros(n, dtype=bool)
    chosen[:: max(n // AT_ONCE, 1)] = True
    return chosen


def _largest(objective: FloatArray, K: FloatArray, bounds: Any, working: BoolArray) -> FloatArray:
    """Maximise ``objective'z`` over ``K z >= 0`` and bounds; rows join the working ones."""
    from scipy.optimize import linprog

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
