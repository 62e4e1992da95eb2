"""Other columns that span the same space, and the way back for coefficients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import solve_triangular
from scipy.linalg.blas import dtrsm

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.linalg import AT_ONCE, column_parts

# Powers of two up to this exponent, and down to its negative, are doubles without loss of digits.
LARGEST_POWER = 1000


@dataclass(frozen=True)
class Coordinates:
    """``z = R^-T 2^-e (x - shift)`` for a row ``x``, so that ``x'beta = z'gamma``.

    Subtracting a number and scaling by a power of two are exact in floating point or nearly so;
    only the triangle rounds.  The constant column takes up what the shifts leave:
    ``beta_c = gamma_c - sum_j (shift_j / value) beta_j``.

    Attributes
    ----------
    shift : (k,) subtracted from each column; zero for the constant one
    exponent : (k,) powers of two that the columns are divided by
    constant : position of the constant column, None when nothing is shifted
    value : the value of the constant column
    triangle : ``R`` (k, k) upper, None for the identity
    """

    shift: FloatArray
    exponent: IntArray
    constant: int | None
    value: float
    triangle: FloatArray | None

    def orthonormal(self, triangle: FloatArray) -> Coordinates:
        """These coordinates followed by ``R^-1``."""
        return replace(self, triangle=triangle)

    def design(self, X: FloatArray) -> FloatArray:
        """The rows (n, k) in these coordinates."""
        Z: FloatArray = np.subtract(X, self.shift, order="F")
        if np.abs(self.exponent).max(initial=0) < LARGEST_POWER:
            Z *= np.ldexp(1.0, -self.exponent)  # to the same bits, and faster
        else:
            np.ldexp(Z, -self.exponent, out=Z)
        if self.triangle is None or not Z.size:
            return Z
        solved: FloatArray = dtrsm(1.0, self.triangle, Z, side=1, overwrite_b=True)
        return solved

    def to_original(self, theta: FloatArray) -> FloatArray:
        """Parameters (q k, ...) of the columns ``x``, from those of the columns ``z``."""
        return by_parts(lambda part: self._by_equation(self._beta, part), theta)

    def from_original(self, params: FloatArray) -> FloatArray:
        """Parameters (q k, ...) of the columns ``z``, from those of the columns ``x``."""
        return self._by_equation(self._gamma, params)

    def _by_equation(
        self, change: Callable[[FloatArray], FloatArray], values: FloatArray
    ) -> FloatArray:
        k, rest = len(self.shift), values.shape[1:]
        by_column = np.moveaxis(values.reshape(len(values) // k, k, *rest), 1, 0)
        changed = change(by_column.reshape(k, -1)).reshape(by_column.shape)
        return np.moveaxis(changed, 0, 1).reshape(values.shape)

    def _beta(self, gamma: FloatArray) -> FloatArray:
        if self.triangle is not None:
            gamma = solve_triangular(self.triangle, gamma, check_finite=False)
        beta = _scaled(gamma, -self.exponent)
        if self.constant is not None:
            with np.errstate(invalid="ignore"):  # coefficients of subnormal columns overflow
                beta[self.constant] -= (self.shift / self.value) @ beta
        return beta

    def _gamma(self, beta: FloatArray) -> FloatArray:
        gamma = beta.copy()
        if self.constant is not None:
            gamma[self.constant] += (self.shift / self.value) @ beta
        gamma = _scaled(gamma, self.exponent)
        return gamma if self.triangle is None else self.triangle @ gamma

    def combined(self, weights: FloatArray) -> FloatArray:
        """Weights (k, k) that combine columns ``z``, as weights of the columns ``x``."""
        combined = _scaled(self._beta(weights).T, self.exponent).T
        if self.constant is not None:
            combined[self.constant] += self.shift / self.value
        return combined

    def unshifted(self, columns: FloatArray) -> FloatArray:
        """Scaled columns (m, k), given in a basis of the shifted ones, with the shift put back."""
        if self.constant is None:
            return columns
        share = np.ldexp(self.shift / self.value, self.exponent[self.constant] - self.exponent)
        return columns + np.outer(columns[:, self.constant], share)


def by_parts(change: Callable[[FloatArray], FloatArray], values: FloatArray) -> FloatArray:
    """``change`` of parameters (p, ...), some columns at a time where they are many."""
    if values.ndim == 1 or values.shape[1] <= AT_ONCE:
        return change(values)
    changed = np.empty(values.shape)
    for part in column_parts(values.shape[1]):
        changed[:, part] = change(values[:, part])
    return changed


def _scaled(values: FloatArray, exponent: IntArray) -> FloatArray:
    with np.errstate(over="ignore", under="ignore"):
        return np.ldexp(values, exponent[:, None])
