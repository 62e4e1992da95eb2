"""A factor of many levels beside other columns: its columns are never written out.

With a coefficient for each level the information is an arrow: one small block for each level, and a
border for the other columns.  Taking the level means out of the other columns (Frisch & Waugh
1933, Econometrica 1; Lovell 1963, JASA 58) makes the two orthogonal, so that the arrow is as well
conditioned as the likelihood allows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.linalg import solve_triangular

from mnlstat.arrays import BoolArray, FloatArray, IntArray
from mnlstat.arrow import Arrow
from mnlstat.rows.coordinates import by_parts
from mnlstat.rows.layout import Layout
from mnlstat.rows.matrix import Dense, Matrix
from mnlstat.rows.rest import Coded, Rest

# Rows that are put into other coordinates at once.
CHUNK = 8192


@dataclass(frozen=True)
class Grouped:
    """Columns for the levels of a factor, as codes, and other columns.

    Attributes
    ----------
    codes : (n,) int, the level of each row
    n_levels : G
    rest : (n, m) the other columns
    layout : where these stand in the design
    as_arrow : whether the information is assembled as an arrow
    in_order : whether the rows are sorted by level
    """

    codes: IntArray
    n_levels: int
    rest: Rest
    layout: Layout
    as_arrow: bool = False
    in_order: bool = False

    @property
    def n_rows(self) -> int:
        """n."""
        return len(self.codes)

    @property
    def n_columns(self) -> int:
        """k."""
        return self.layout.n_columns

    def part(self, rows: slice) -> Grouped:
        """Consecutive rows, as a view."""
        return replace(self, codes=self.codes[rows], rest=self.rest.part(rows))

    def take(self, rows: IntArray | BoolArray) -> Grouped:
        """The chosen rows, as a copy."""
        rest = self.rest.take(rows)
        return replace(self, codes=self.codes[rows], rest=rest, in_order=False)

    def columns(self, kept: BoolArray) -> Matrix:
        """The kept columns; written out where what is left has no layout."""
        found = self._layout_of(kept)
        if found is None:
            X = np.empty((self.n_rows, int(kept.sum())), order="F")
            for at, j in enumerate(np.flatnonzero(kept).tolist()):
                X[:, at] = self.column(j)
            return Dense(X)
        layout, place = found
        every = np.array_equal(place, np.arange(self.n_levels))
        return replace(
            self,
            codes=self.codes if every else place.astype(self.codes.dtype)[self.codes],
            n_levels=len(layout.levels),
            rest=self.rest.columns(kept[self.layout.others]),
            layout=layout,
            in_order=self.in_order and every,
        )

    def stays_grouped(self, kept: BoolArray) -> bool:
        """Whether the kept columns (k,) need not be written out."""
        return self._layout_of(kept) is not None

    def _layout_of(self, kept: BoolArray) -> tuple[Layout, IntArray] | None:
        return self.layout.of_kept(kept, np.bincount(self.codes, minlength=self.n_levels) > 0)

    def column(self, j: int) -> FloatArray:
        """One column (n,)."""
        place = np.flatnonzero(self.layout.others == j)
        if place.size:
            return self.rest.column(int(place[0]))
        if j == self.layout.constant:
            return np.ones(self.n_rows)
        own: FloatArray = (self.layout.levels[self.codes] == j).astype(float)
        return own

    def equals(self, other: Any) -> bool:
        """Whether another design has the same numbers in the same form."""
        return (
            isinstance(other, Grouped)
            and self.layout.constant == other.layout.constant
            and np.array_equal(self.layout.levels, other.layout.levels)
            and np.array_equal(self.layout.others, other.layout.others)
            and np.array_equal(self.codes, other.codes)
            and self.rest.equals(other.rest)
        )

    def dense(self) -> FloatArray:
        """Every column written out."""
        X = np.zeros((self.n_rows, self.n_columns), order="F")
        columns = self.layout.levels[self.codes]
        own = np.flatnonzero(columns >= 0)
        X[own, columns[own]] = 1.0
        X[:, self.layout.others] = self.rest.dense()
        if self.layout.constant is not None:
            X[:, self.layout.constant] = 1.0
        return X

    def matvec(self, B: FloatArray) -> FloatArray:
        """``B X'`` (q, n)."""
        effects, others = self.layout.split(B)
        product = self.rest.matvec(others)
        product += effects.take(self.codes, axis=1)
        return product

    def transpose_matvec(self, R: FloatArray) -> FloatArray:
        """``R X`` (q, k)."""
        return self.layout.summed(self.by_level(R), self.rest.transpose_matvec(R))

    def grams(self, weights: FloatArray) -> FloatArray:
        """For each weight: sums by level, of each other column by level, of pairs of others."""
        across = self.rest.by_level(weights, self.by_level, self.codes, self.n_levels)
        own, pairs = self.by_level(weights), self.rest.pairs(weights)
        return np.concatenate([own, across, pairs], axis=1)

    def assemble(self, grams: FloatArray, q: int) -> Any:
        """The information: an arrow where asked for, else a matrix."""
        G, m = self.n_levels, self.rest.n_columns
        j, l = np.triu_indices(q)
        own = np.empty((q, q, G))
        own[j, l] = own[l, j] = grams[:, :G]
        cross = np.empty((q, q, m, G))
        cross[j, l] = cross[l, j] = grams[:, G : G * (1 + m)].reshape(len(j), m, G)
        corner = self.rest.corner(grams[:, G * (1 + m) :], q)
        arrow = Arrow(
            np.ascontiguousarray(own.transpose(2, 0, 1)),
            np.ascontiguousarray(cross.transpose(3, 0, 1, 2)).reshape(G, q, q * m),
            corner,
        )
        return arrow if self.as_arrow else self._recoded(arrow.dense(), q)

    def _recoded(self, matrix: FloatArray, q: int) -> FloatArray:
        """The information of a coefficient for each level as that of the columns."""
        G, m = self.n_levels, self.rest.n_columns
        half = self._sides(matrix.reshape(q, G + m, -1))
        full = self._sides(np.moveaxis(half.reshape(half.shape[0] * half.shape[1], q, -1), 0, -1))
        p = q * self.n_columns
        return full.reshape(p, p).T.copy()

    def _sides(self, values: FloatArray) -> FloatArray:
        """Sums for the columns (q, k, ...) from those for the levels and others (q, G + m, ...)."""
        G, own = self.n_levels, self.layout.levels >= 0
        product = np.empty((len(values), self.n_columns, values.shape[2]))
        product[:, self.layout.levels[own]] = values[:, :G][:, own]
        product[:, self.layout.others] = values[:, G:]
        if self.layout.constant is not None:
            product[:, self.layout.constant] = values[:, :G].sum(axis=1)
        return product

    def leverages(self, gram: FloatArray) -> FloatArray:
        """``x_i'G^-1 x_i`` (n,) for a diagonal ``G`` (k,)."""
        by_level, others = gram[self.layout.levels], gram[self.layout.others]
        leverages: FloatArray = (1.0 / by_level)[self.codes]
        leverages = leverages + np.square(self.rest.X) @ (1.0 / others[self.rest.pieces[0]])
        for piece, each in zip(self.rest.pieces[1:], self.rest.coded, strict=True):
            leverages += each.effects(1.0 / others[None, piece])[0, each.codes]
        return leverages

    def in_coordinates(self, coordinates: LevelMeans) -> Grouped:
        """The design in other coordinates: a column for each level, the array orthonormal."""
        return self._changed(coordinates, np.arange(self.n_rows), self.in_order)

    def sorted_in_coordinates(self, coordinates: LevelMeans) -> tuple[Grouped, IntArray]:
        """The same with the rows sorted by level, which makes sums by level fast, and the order."""
        small = self.codes.astype(np.min_scalar_type(self.n_levels))
        order = np.argsort(small, kind="stable")
        return self._changed(coordinates, order, True), order

    def _changed(self, coordinates: LevelMeans, order: IntArray, in_order: bool) -> Grouped:
        codes, Z = self.codes[order], np.empty_like(self.rest.X, order="F")
        array = Rest(self.rest.X)
        for start in range(0, self.n_rows, CHUNK):
            part = slice(start, start + CHUNK)
            Z[part] = coordinates.design(array.take(order[part]).X, codes[part])
        coded = tuple(Coded(each.codes[order], each.own) for each in self.rest.coded)
        rest = Rest(Z, coded)
        layout = Layout.plain(self.n_levels, rest.n_columns)
        return replace(
            self, codes=codes, rest=rest, layout=layout, as_arrow=True, in_order=in_order
        )

    def by_level(self, values: FloatArray) -> FloatArray:
        """Sums over the rows of each level (q, G)."""
        if not self.in_order:
            return np.array([np.bincount(self.codes, row, self.n_levels) for row in values])
        first = np.flatnonzero(np.append(True, self.codes[1:] != self.codes[:-1]))
        sums = np.zeros((len(values), self.n_levels))
        sums[:, self.codes[first]] = np.add.reduceat(values, first, axis=1)
        return sums


@dataclass(frozen=True)
class LevelMeans:
    """``z = R^-T (x - mean of the row's level)`` for the columns of the array, and the way back.

    Attributes
    ----------
    layout : of the design as it was specified
    means : (G, d) means of these columns by level
    triangle : ``R`` (d, d), ``R'R`` the products of the columns less these means
    """

    layout: Layout
    means: FloatArray
    triangle: FloatArray

    def design(self, X: FloatArray, codes: IntArray) -> FloatArray:
        """The columns (n, d) in these coordinates."""
        centred = (X - self.means[codes]).T
        if not len(centred):  # older LAPACK wrappers refuse a triangle of no rows
            return X
        solved: FloatArray = solve_triangular(self.triangle, centred, trans="T", check_finite=False)
        return solved.T

    def to_original(self, theta: FloatArray) -> FloatArray:
        """Parameters (q k, ...) of the columns as specified."""
        return by_parts(self._to_original, theta)

    def _to_original(self, theta: FloatArray) -> FloatArray:
        G, d = self.means.shape
        m, rest = len(self.layout.others), theta.shape[1:]
        by_column = theta.reshape(-1, G + m, *rest)
        q = len(by_column)
        others = by_column[:, G:].copy()
        flat = np.moveaxis(others[:, :d], 1, 0).reshape(d, q * math.prod(rest))
        slopes = solve_triangular(self.triangle, flat, check_finite=False) if d else flat
        others[:, :d] = np.moveaxis(slopes.reshape(d, q, *rest), 0, 1)
        shift = np.moveaxis((self.means @ slopes).reshape(G, q, *rest), 0, 1)
        return self.layout.joined(by_column[:, :G] - shift, others).reshape(-1, *rest)

    def from_original(self, params: FloatArray) -> FloatArray:
        """Parameters (q (G + m), ...) in these coordinates."""
        G, d = self.means.shape
        rest = params.shape[1:]
        effects, others = self.layout.split(params.reshape(-1, self.layout.n_columns, *rest))
        q = len(effects)
        flat = np.moveaxis(others[:, :d], 1, 0).reshape(d, q * math.prod(rest))
        shift = np.moveaxis((self.means @ flat).reshape(G, q, *rest), 0, 1)
        others = others.copy()
        others[:, :d] = np.moveaxis((self.triangle @ flat).reshape(d, q, *rest), 0, 1)
        return np.concatenate([effects + shift, others], axis=1).reshape(-1, *rest)
