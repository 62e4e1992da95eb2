"""The columns that stand beside a factor of many levels: an array, and further factors as codes."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray, IntArray
from mnlstat.rows.grams import matrix_of, pair_sums

Summer = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True)
class Coded:
    """A column of zeros and ones for each level of a factor but, perhaps, a reference.

    Attributes
    ----------
    codes : (n,) int, the level of each row
    own : (H,) bool, which levels have a column
    """

    codes: IntArray
    own: BoolArray

    @cached_property
    def n_columns(self) -> int:
        """Levels that have a column."""
        return int(self.own.sum())

    def effects(self, C: FloatArray) -> FloatArray:
        """Effect of every level (q, H) from those with a column (q, columns)."""
        effects = np.zeros((len(C), len(self.own)))
        effects[:, self.own] = C
        return effects

    def sums(self, values: FloatArray) -> FloatArray:
        """Sums of values (r, n) over the rows of each level that has a column (r, columns)."""
        H = len(self.own)
        sums = np.zeros((len(values), self.n_columns))
        for total, row in zip(sums, values, strict=True):
            total[:] = np.bincount(self.codes, row, H)[self.own]
        return sums

    def table(self, other: IntArray, n_other: int, values: FloatArray) -> FloatArray:
        """Sums of values (r, n) by level and by other codes (r, columns, n_other)."""
        H = len(self.own)
        cells = self.codes.astype(np.intp) * n_other + other
        tables = np.zeros((len(values), self.n_columns, n_other))
        for table, row in zip(tables, values, strict=True):
            table[:] = np.bincount(cells, row, H * n_other).reshape(H, n_other)[self.own]
        return tables


@dataclass(frozen=True)
class Rest:
    """m columns: those of an array, then those of each factor.

    Attributes
    ----------
    X : (n, d) array, columns contiguous
    coded : further factors as codes
    """

    X: FloatArray
    coded: tuple[Coded, ...] = ()

    @property
    def n_columns(self) -> int:
        """m."""
        return int(self.X.shape[1]) + sum(each.n_columns for each in self.coded)

    @cached_property
    def pieces(self) -> tuple[slice, ...]:
        """Where the array and each factor stand among the m columns."""
        ends = np.cumsum([0, self.X.shape[1], *(each.n_columns for each in self.coded)]).tolist()
        return tuple(slice(start, stop) for start, stop in itertools.pairwise(ends))

    def part(self, rows: slice) -> Rest:
        """Consecutive rows, as a view."""
        coded = tuple(Coded(each.codes[rows], each.own) for each in self.coded)
        return Rest(self.X[rows], coded)

    def take(self, rows: IntArray | BoolArray) -> Rest:
        """The chosen rows, as a copy."""
        n = int(rows.sum()) if rows.dtype == bool else len(rows)
        X = np.empty((n, self.X.shape[1]), order="F")
        for j, column in enumerate(self.X.T):
            X[:, j] = column[rows]
        return Rest(X, tuple(Coded(each.codes[rows], each.own) for each in self.coded))

    def columns(self, kept: BoolArray) -> Rest:
        """The kept columns (m,); a factor with none of its own is left out."""
        first = kept[self.pieces[0]]
        X = self.X if first.all() else np.asfortranarray(self.X[:, first])
        coded = []
        for piece, each in zip(self.pieces[1:], self.coded, strict=True):
            own = each.own.copy()
            own[each.own] = kept[piece]
            if own.any():
                coded.append(Coded(each.codes, own))
        return Rest(X, tuple(coded))

    def column(self, j: int) -> FloatArray:
        """One column (n,)."""
        if j < self.X.shape[1]:
            return self.X[:, j]
        for piece, each in zip(self.pieces[1:], self.coded, strict=True):
            if piece.start <= j < piece.stop:
                level = np.flatnonzero(each.own)[j - piece.start]
                found: FloatArray = (each.codes == level).astype(float)
                return found
        raise IndexError(j)

    def dense(self) -> FloatArray:
        """All columns written out."""
        if not self.coded:
            return self.X
        return np.asfortranarray(np.column_stack([self.column(j) for j in range(self.n_columns)]))

    def equals(self, other: Rest) -> bool:
        """Whether other columns are the same."""
        return (
            np.array_equal(self.X, other.X)
            and len(self.coded) == len(other.coded)
            and all(
                np.array_equal(a.codes, b.codes) and np.array_equal(a.own, b.own)
                for a, b in zip(self.coded, other.coded, strict=True)
            )
        )

    def matvec(self, C: FloatArray) -> FloatArray:
        """``C X'`` (q, n)."""
        product: FloatArray = C[:, self.pieces[0]] @ self.X.T
        for piece, each in zip(self.pieces[1:], self.coded, strict=True):
            product += each.effects(C[:, piece]).take(each.codes, axis=1)
        return product

    def transpose_matvec(self, R: FloatArray) -> FloatArray:
        """``R X`` (q, m)."""
        if not self.coded:
            product: FloatArray = R @ self.X
            return product
        return np.hstack([R @ self.X, *(each.sums(R) for each in self.coded)])

    def by_level(
        self, weights: FloatArray, summed: Summer, codes: IntArray, n_levels: int
    ) -> FloatArray:
        """Sums of the columns times weights (r, n) by level of another factor (r, m n_levels).

        ``summed`` adds values (r, n) up by level.
        """
        parts = [summed(weights * column) for column in self.X.T]
        for each in self.coded:
            parts.append(each.table(codes, n_levels, weights).reshape(len(weights), -1))
        return np.concatenate(parts, axis=1) if parts else np.zeros((len(weights), 0))

    def pairs(self, weights: FloatArray) -> FloatArray:
        """Sums of products of two columns times weights (r, n), in a form that adds up (r, ...)."""
        if not self.coded:
            return pair_sums(self.X.T, weights)
        r, m = len(weights), self.n_columns
        blocks = np.zeros((r, m, m))
        first, numbers = self.pieces[0], self.X.shape[1]
        own = pair_sums(self.X.T, weights)
        a, b = np.triu_indices(numbers)
        blocks[:, a, b] = blocks[:, b, a] = own
        for at, (piece, each) in enumerate(zip(self.pieces[1:], self.coded, strict=True)):
            diagonal = np.arange(piece.start, piece.stop)
            blocks[:, diagonal, diagonal] = each.sums(weights)
            for j in range(numbers):
                blocks[:, first.start + j, piece] = each.sums(weights * self.X[:, j])
            blocks[:, piece, first] = blocks[:, first, piece].transpose(0, 2, 1)
            for other, further in zip(self.pieces[at + 2 :], self.coded[at + 1 :], strict=True):
                table = each.table(further.codes, len(further.own), weights)[:, :, further.own]
                blocks[:, piece, other] = table
                blocks[:, other, piece] = table.transpose(0, 2, 1)
        return blocks.reshape(r, -1)

    def corner(self, pairs: FloatArray, q: int) -> FloatArray:
        """The information (q m, q m) of these columns from the sums for each pair of outcomes."""
        m = self.n_columns
        if not self.coded:
            return matrix_of(np.ascontiguousarray(pairs), m, q)
        j, l = np.triu_indices(q)
        full = np.empty((q, q, m, m))
        full[j, l] = full[l, j] = pairs.reshape(-1, m, m)
        return np.ascontiguousarray(full.transpose(0, 2, 1, 3)).reshape(q * m, q * m)
