"""A design as a few operations, whatever holds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray, IntArray
from mnlstat.rows.coordinates import Coordinates
from mnlstat.rows.grams import matrix_of, pair_sums

# Rows that are put into other coordinates at once.
CHUNK = 8192


class Matrix(Protocol):
    """A design ``X`` (n, k).

    Products are outcome-major: coefficients ``B`` (q, k), values of the rows (q, n).
    """

    @property
    def n_rows(self) -> int:
        """n."""

    @property
    def n_columns(self) -> int:
        """k."""

    def part(self, rows: slice) -> Matrix:
        """Consecutive rows, as a view."""

    def take(self, rows: IntArray | BoolArray) -> Matrix:
        """The chosen rows, as a copy."""

    def columns(self, kept: BoolArray) -> Matrix:
        """The kept columns."""

    def column(self, j: int) -> FloatArray:
        """One column (n,)."""

    def equals(self, other: Any) -> bool:
        """Whether another design has the same numbers in the same form."""

    def in_coordinates(self, coordinates: Any) -> Matrix:
        """Other columns that span the same space."""

    def dense(self) -> FloatArray:
        """``X`` as an array in Fortran order."""

    def matvec(self, B: FloatArray) -> FloatArray:
        """``B X'`` (q, n)."""

    def transpose_matvec(self, R: FloatArray) -> FloatArray:
        """``R X`` (q, k) for values of the rows (q, n)."""

    def leverages(self, gram: FloatArray) -> FloatArray:
        """``x_i'G^-1 x_i`` (n,) for a diagonal ``G`` (k,)."""

    def grams(self, weights: FloatArray) -> FloatArray:
        """``X'diag(w) X`` for each of r rows of weights (r, n), in a form that adds up (r, ...)."""

    def assemble(self, grams: FloatArray, q: int) -> Any:
        """The information (q k, q k) from the grams of each pair of outcomes j <= l."""


@dataclass(frozen=True)
class Dense:
    """An array (n, k), columns contiguous."""

    X: FloatArray

    @property
    def n_rows(self) -> int:
        """n."""
        return int(self.X.shape[0])

    @property
    def n_columns(self) -> int:
        """k."""
        return int(self.X.shape[1])

    def part(self, rows: slice) -> Dense:
        """Consecutive rows, as a view."""
        return Dense(self.X[rows])

    def take(self, rows: IntArray | BoolArray) -> Dense:
        """The chosen rows, as a copy."""
        return Dense(np.asfortranarray(self.X[rows]))

    def columns(self, kept: BoolArray) -> Dense:
        """The kept columns."""
        return Dense(np.asfortranarray(self.X.T[kept].T))  # of whole columns: no strides

    def column(self, j: int) -> FloatArray:
        """One column (n,), as a view."""
        return self.X[:, j]

    def equals(self, other: Any) -> bool:
        """Whether another design has the same numbers in the same form."""
        return isinstance(other, Dense) and np.array_equal(self.X, other.X)

    def in_coordinates(self, coordinates: Coordinates) -> Dense:
        """Other columns that span the same space."""
        Z = np.empty_like(self.X, order="F")
        for start in range(0, self.n_rows, CHUNK):
            Z[start : start + CHUNK] = coordinates.design(self.X[start : start + CHUNK])
        return Dense(Z)

    def dense(self) -> FloatArray:
        """The array."""
        return self.X

    def matvec(self, B: FloatArray) -> FloatArray:
        """``B X'`` (q, n)."""
        product: FloatArray = B @ self.X.T
        return product

    def transpose_matvec(self, R: FloatArray) -> FloatArray:
        """``R X`` (q, k)."""
        product: FloatArray = R @ self.X
        return product

    def leverages(self, gram: FloatArray) -> FloatArray:
        """``x_i'G^-1 x_i`` (n,) for a diagonal ``G`` (k,)."""
        leverages: FloatArray = np.square(self.X) @ (1.0 / gram)
        return leverages

    def grams(self, weights: FloatArray) -> FloatArray:
        """Distinct elements (r, k (k + 1) / 2)."""
        return pair_sums(self.X.T, weights)

    def assemble(self, grams: FloatArray, q: int) -> FloatArray:
        """The information, outcome-major."""
        return matrix_of(grams, self.n_columns, q)


@dataclass(frozen=True)
class Patterns:
    """A design in which few rows are distinct: these, and which of them each row is.

    Attributes
    ----------
    distinct : (M, k) array
    codes : (n,) int array
    """

    distinct: FloatArray
    codes: IntArray

    @property
    def n_rows(self) -> int:
        """n."""
        return len(self.codes)

    @property
    def n_columns(self) -> int:
        """k."""
        return int(self.distinct.shape[1])

    def part(self, rows: slice) -> Patterns:
        """Consecutive rows, as a view."""
        return Patterns(self.distinct, self.codes[rows])

    def take(self, rows: IntArray | BoolArray) -> Patterns:
        """The chosen rows."""
        return Patterns(self.distinct, self.codes[rows])

    def columns(self, kept: BoolArray) -> Patterns:
        """The kept columns."""
        return Patterns(np.asfortranarray(self.distinct[:, kept]), self.codes)

    def column(self, j: int) -> FloatArray:
        """One column (n,)."""
        column: FloatArray = self.distinct[:, j].take(self.codes)
        return column

    def equals(self, other: Any) -> bool:
        """Whether another design has the same numbers in the same form."""
        return (
            isinstance(other, Patterns)
            and np.array_equal(self.distinct, other.distinct)
            and np.array_equal(self.codes, other.codes)
        )

    def in_coordinates(self, coordinates: Coordinates) -> Patterns:
        """Other columns that span the same space."""
        return Patterns(coordinates.design(self.distinct), self.codes)

    def dense(self) -> FloatArray:
        """Every row written out."""
        X = np.empty((self.n_rows, self.n_columns), order="F")
        for j in range(self.n_columns):
            np.take(self.distinct[:, j], self.codes, out=X[:, j])
        return X

    def matvec(self, B: FloatArray) -> FloatArray:
        """``B X'`` (q, n)."""
        product: FloatArray = (B @ self.distinct.T)[:, self.codes]
        return product

    def transpose_matvec(self, R: FloatArray) -> FloatArray:
        """``R X`` (q, k)."""
        product: FloatArray = self._summed(R) @ self.distinct
        return product

    def leverages(self, gram: FloatArray) -> FloatArray:
        """``x_i'G^-1 x_i`` (n,) for a diagonal ``G`` (k,)."""
        leverages: FloatArray = (np.square(self.distinct) @ (1.0 / gram))[self.codes]
        return leverages

    def grams(self, weights: FloatArray) -> FloatArray:
        """Distinct elements (r, k (k + 1) / 2)."""
        return pair_sums(self.distinct.T, self._summed(weights))

    def assemble(self, grams: FloatArray, q: int) -> FloatArray:
        """The information, outcome-major."""
        return matrix_of(grams, self.n_columns, q)

    def _summed(self, values: FloatArray) -> FloatArray:
        """Sums of the values of the rows (q, n) over the rows of each pattern (q, M)."""
        M = len(self.distinct)
        return np.array([np.bincount(self.codes, row, minlength=M) for row in values])
