"""Coefficients that are infinite: which, in which direction, and what stays finite among them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray, IntArray
from mnlstat.inference.predictions import probabilities
from mnlstat.inference.rebasing import rebased
from mnlstat.optimize.cone import Cone
from mnlstat.optimize.separation import Separation, zeros_cleared

SHOWN = {0.0: "finite", 1.0: "+inf", -1.0: "-inf"}
UNDETERMINED = "undetermined"


@dataclass(frozen=True, eq=False)
class Infinity:
    """The directions along which estimates recede; finite combinations of them do not change.

    Attributes
    ----------
    kind : "quasi-complete" or "complete"
    null : (p, d) basis of the directions
    cone : which combinations of the basis raise the log-likelihood
    """

    kind: str
    null: FloatArray
    cone: Cone

    @classmethod
    def of(cls, separation: Separation) -> Infinity:
        """What a separation says of the coefficients."""
        return cls(separation.kind.value, separation.null, separation.cone)

    def signs(self, functions: FloatArray) -> FloatArray:
        """For linear functions (r, p) of the coefficients: 0 finite, 1 or -1 infinite, or NaN.

        NaN where the sign depends on the direction taken.
        """
        return self.cone.signs(zeros_cleared(functions @ self.null, functions, self.null))

    @cached_property
    def of_coefficients(self) -> FloatArray:
        """The signs of the coefficients themselves (p,)."""
        return self.signs(np.eye(len(self.null)))

    @property
    def finite(self) -> BoolArray:
        """Which coefficients are finite (p,)."""
        finite: BoolArray = self.of_coefficients == 0
        return finite

    def shown(self, values: FloatArray) -> FloatArray:
        """Values (p,) with what is infinite as infinite, and NaN where it has no sign."""
        signs = self.of_coefficients
        with np.errstate(invalid="ignore"):
            return np.where(signs == 0, values, signs * np.inf)

    def words(self) -> list[str]:
        """finite, +inf, -inf or undetermined, for each coefficient."""
        return [SHOWN.get(float(sign), UNDETERMINED) for sign in self.of_coefficients]

    def rebased(self, k: int, old: int, new: int) -> Infinity:
        """The same against another base outcome."""
        return replace(self, null=rebased(self.null, k, old, new))

    def probabilities(
        self, X: FloatArray, B: FloatArray, base: int, offset: FloatArray | None = None
    ) -> FloatArray:
        """Limits of the probabilities (n, J) of rows of a design (n, k).

        The outcomes that rise fastest share them as the finite parts of their coefficients say, the
        others have none.  NaN where that depends on the direction taken.
        """
        return probabilities(X, B, base, self.shifts(X, len(B), base, offset))

    def shifts(
        self, X: FloatArray, q: int, base: int, offset: FloatArray | None = None
    ) -> FloatArray:
        """What is added to the finite parts of linear predictors (n, J): offsets, in the limit.

        Minus infinity for the outcomes that have no probability; NaN where that depends on the
        direction taken.
        """
        direction = (self.null @ self.cone.inside).reshape(q, -1)
        rise = np.insert(X @ direction.T, base, 0.0, axis=1)
        size = np.insert(np.abs(X) @ np.abs(direction).T, base, 0.0, axis=1).max(axis=1)
        first = np.where(np.isnan(rise).any(axis=1), 0, rise.argmax(axis=1))
        shift = np.zeros(rise.shape) if offset is None else offset.copy()
        place = self._places(q, base)
        for outcome in range(q + 1):
            rows = np.flatnonzero((first != outcome) & (size > 0))
            signs = self._contrasts(X[rows], place[first[rows]], int(place[outcome]))
            shift[rows[signs > 0], outcome] = -np.inf
            shift[rows[np.isnan(signs) | (signs < 0)]] = np.nan
        return shift

    def log_odds(self, X: FloatArray, q: int, base: int, one: int, other: int) -> FloatArray:
        """Signs of ``x'(d_one - d_other)`` (n,), outcomes by position: 0 where it is finite.

        1 or -1 where the log odds are infinite, NaN where their sign depends on the direction or
        the row is not complete.
        """
        place = self._places(q, base)
        signs = np.full(len(X), np.nan)
        rows = np.flatnonzero(~np.isnan(X).any(axis=1))
        first = np.full(len(rows), place[one])
        signs[rows] = self._contrasts(X[rows], first, int(place[other]))
        return signs

    @staticmethod
    def _places(q: int, base: int) -> IntArray:
        """The equation of each outcome, -1 for the base."""
        place = np.full(q + 1, -1)
        place[np.delete(np.arange(q + 1), base)] = np.arange(q)
        return place

    def _contrasts(self, X: FloatArray, first: IntArray, other: int) -> FloatArray:
        """Signs of ``x'(d_first - d_other)``, -1 standing for the base."""
        n, k = X.shape
        functions = np.zeros((n, len(self.null)))
        for j in range(len(self.null) // k):
            functions[first == j, j * k : (j + 1) * k] += X[first == j]
        if other >= 0:
            functions[:, other * k : (other + 1) * k] -= X
        different, places = np.unique(functions, axis=0, return_inverse=True)
        signs: FloatArray = self.signs(different)[places.ravel()]
        return signs
