"""What the columns of a design look like: ranges, products, condition, dependence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray
from mnlstat.linalg import EPS, Triangle, factorise, left_to_right
from mnlstat.rows.coordinates import Coordinates
from mnlstat.rows.rows import Block, Rows
from mnlstat.rows.streamed import Streamed
from mnlstat.rows.streamed_columns import StreamedColumns
from mnlstat.rows.sums import ColumnSums
from mnlstat.rows.total import total

# Products of columns of other sizes lose digits to underflow, or all to overflow.
SAFE_SQUARES = (1e-200, 1e200)
# Below this condition of the Gram matrix (unit diagonal) the columns are used as they are.
PLAIN_CONDITION = 1e4
# Below this one the Cholesky factor of the Gram matrix is as good a triangle as a QR's.
CHOLESKY_CONDITION = 1e10
# A constant is in the span when a combination of columns is this near to it in every row; one pass
# leaves the rounding of the triangle, the next ones take it out.
SPANNED = 1e-9
REFINEMENTS = 3
# A column this near, in its own rounding, to the span of others is a combination of them.
EXACT_TOLERANCE = 1e-13


@dataclass(frozen=True)
class Peak:
    """A maximum over rows."""

    value: float

    def merge(self, other: Peak) -> Peak:
        """The larger of both."""
        return Peak(max(self.value, other.value))


@dataclass(frozen=True)
class Aliases:
    """Which columns are combinations of others.

    Attributes
    ----------
    kept : (k,) bool, the independent columns
    near : (k,) bool, not kept and yet not a combination to the last digit
    distance : (k,) of each column from the span of those before it, relative to its spread
    weights : (k, k) ``X[:, j]`` is ``X @ weights[:, j]``; zero where not kept
    """

    kept: BoolArray
    near: BoolArray
    distance: FloatArray
    weights: FloatArray


@dataclass(frozen=True)
class Geometry:
    """Properties of the design ``X`` (n, k), each from one pass and only when asked for."""

    rows: Rows | Streamed

    @cached_property
    def sums(self) -> ColumnSums:
        """Ranges, sums and products of the columns as they are."""
        if isinstance(self.rows, StreamedColumns):
            return self.rows.sums
        return total(self.rows, ColumnSums.of)

    @cached_property
    def constant_column(self) -> int | None:
        """Position of the first column that has one value, not zero."""
        same = (self.sums.low == self.sums.high) & (self.sums.low != 0)
        return int(np.argmax(same)) if same.any() else None

    @cached_property
    def constant(self) -> FloatArray | None:
        """``c`` with ``X c = 1`` in every row, or None when no such combination exists."""
        if self.constant_column is not None:
            c = np.zeros(self.rows.n_columns)
            c[self.constant_column] = 1.0 / self.sums.low[self.constant_column]
            return c
        change = self.standard.orthonormal(self.triangle)
        if not np.diag(self.triangle).all():
            return None
        gamma = np.zeros(self.rows.n_columns)
        for _ in range(REFINEMENTS):
            gamma = gamma + self._misfit(change, gamma).projection
        if self._misfit(change, gamma).largest > SPANNED:
            return None
        return change.to_original(gamma)

    def _misfit(self, change: Coordinates, gamma: FloatArray) -> _Misfit:
        """How ``Z gamma`` differs from one, for the columns ``Z`` in other coordinates."""

        def of(block: Block) -> _Misfit:
            Z = change.design(block.X)
            gap = 1.0 - Z @ gamma
            return _Misfit(gap @ Z, float(np.abs(gap).max()))

        return total(self.rows, of)

    @cached_property
    def standard(self) -> Coordinates:
        """Columns less their mean (when the first is constant), scaled by a power of two."""
        low, high = self.sums.low, self.sums.high
        shift = np.zeros(self.rows.n_columns)
        constant = 0 if self.constant_column == 0 else None
        if constant == 0:
            mean = self.sums.sums / len(self.rows)
            shift = np.where(np.isfinite(mean), np.clip(mean, low, high), low / 2 + high / 2)
            shift[0] = 0.0
        reach = np.maximum(high - shift, shift - low)
        exponent = np.frexp(np.where(reach > 0, reach, 1.0))[1]
        value = 1.0 if constant is None else float(low[0])
        return Coordinates(shift, exponent.astype(np.intp), constant, value, None)

    @cached_property
    def triangle(self) -> FloatArray:
        """``R`` with ``R'R`` the Gram matrix of the standard columns."""
        change = self.standard.design
        gram = total(self.rows, lambda block: _Gram(_product(change(block.X))))
        factor = factorise(gram.value)
        if factor is not None and _gram_condition(gram.value) < CHOLESKY_CONDITION:
            return factor.upper * factor.scale
        return self._qr(change)

    def _qr(self, change: Callable[[FloatArray], FloatArray]) -> FloatArray:
        return total(self.rows, lambda block: Triangle.of(change(block.X))).r

    @cached_property
    def plain(self) -> bool:
        """Whether the columns are well enough conditioned to be used as they are."""
        gram = self.sums.gram
        squares = np.diag(gram)
        if not ((squares > SAFE_SQUARES[0]) & (squares < SAFE_SQUARES[1])).all():
            return False
        return _gram_condition(gram) <= PLAIN_CONDITION

    @cached_property
    def coordinates(self) -> Coordinates | None:
        """Coordinates in which the columns are orthonormal; None where they are not needed."""
        return None if self.plain else self.standard.orthonormal(self.triangle)

    def changed(self, rows: Rows | Streamed) -> Geometry:
        """Properties of the same rows in ``coordinates``, as far as they are known from here."""
        found = Geometry(rows)
        constant, change = self.constant, self.coordinates
        if constant is not None and change is not None:
            constant = change.from_original(constant)
        vars(found)["constant"] = constant
        if change is not None and not isinstance(rows, Streamed):
            unknown, k = np.full(rows.n_columns, np.nan), rows.n_columns
            vars(found)["sums"] = ColumnSums(unknown, unknown, unknown, np.eye(k))
        return found

    @cached_property
    def condition_number(self) -> float:
        """Largest over smallest singular value of the design with columns of unit length."""
        if self.plain:
            return float(np.sqrt(_gram_condition(self.sums.gram)))
        return condition_of_columns(self.standard.unshifted(self.triangle))

    @cached_property
    def centred_condition_number(self) -> float:
        """The same after taking out the constant: a shift of a column costs no digits."""
        return min(condition_of_columns(self.triangle), self.condition_number)

    @cached_property
    def weakest_pair(self) -> tuple[int, int]:
        """The two columns that weigh most in the most nearly collinear combination."""
        lengths = np.linalg.norm(self.triangle, axis=0)
        _, _, right = np.linalg.svd(self.triangle / np.where(lengths > 0, lengths, 1.0))
        first, second = np.argsort(-np.abs(right[-1]), kind="stable")[:2]
        return int(min(first, second)), int(max(first, second))

    def dependence(self, rank_tol: float) -> Aliases:
        """Columns, from left to right, that are combinations of those before them.

        A column counts as one when its distance from their span is within its own rounding, or
        below ``rank_tol`` times its spread.
        """
        k = self.rows.n_columns
        if self.plain:
            return Aliases(np.ones(k, dtype=bool), np.zeros(k, dtype=bool), np.ones(k), np.eye(k))
        lengths = np.linalg.norm(self.triangle, axis=0)
        triangle = self.triangle
        if not lengths.all() or condition_of_columns(triangle) > np.sqrt(CHOLESKY_CONDITION):
            triangle = self._qr(self.standard.design)
        safe = np.where(lengths > 0, lengths, 1.0)
        raw = np.linalg.norm(self.standard.unshifted(triangle), axis=0) / safe
        rounding = EXACT_TOLERANCE * raw
        found = left_to_right(triangle / safe, np.maximum(rounding, rank_tol))
        kept = np.zeros(k, dtype=bool)
        kept[found.kept] = True
        weights = found.weights * safe / safe[:, None]
        near = ~kept & (found.distance > rounding)
        return Aliases(kept, near, found.distance, self.standard.combined(weights))


@dataclass(frozen=True)
class _Misfit:
    projection: FloatArray
    largest: float

    def merge(self, other: _Misfit) -> _Misfit:
        largest = max(self.largest, other.largest)
        return _Misfit(self.projection + other.projection, largest)


@dataclass(frozen=True)
class _Gram:
    value: FloatArray

    def merge(self, other: _Gram) -> _Gram:
        return _Gram(self.value + other.value)


def _product(X: FloatArray) -> FloatArray:
    product: FloatArray = X.T @ X
    return product


def _gram_condition(gram: FloatArray) -> float:
    scale = np.sqrt(np.diag(gram))
    values = np.linalg.eigvalsh(gram / scale / scale[:, None])
    return float(values[-1] / values[0]) if values[0] > len(values) * EPS else float("inf")


def condition_of_columns(matrix: FloatArray) -> float:
    """Largest over smallest singular value when the columns have unit length."""
    lengths = np.linalg.norm(matrix, axis=0)
    values = np.linalg.svd(matrix / np.where(lengths > 0, lengths, 1.0), compute_uv=False)
    return float(values[0] / values[-1]) if values[-1] > 0 else float("inf")
