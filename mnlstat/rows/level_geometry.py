"""What the columns of a design with a factor of many levels look like."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.linalg import Triangle, factorise
from mnlstat.rows.geometry import Aliases, Geometry, condition_of_columns
from mnlstat.rows.grouped import Grouped, LevelMeans
from mnlstat.rows.level_survey import LevelSums
from mnlstat.rows.null_vectors import NO_DISTANCE
from mnlstat.rows.rows import Block, Rows
from mnlstat.rows.streamed import Streamed
from mnlstat.rows.streamed_levels import StreamedLevels
from mnlstat.rows.total import total

# Reciprocal condition of the columns beside the factor at which they count as dependent.
SINGULAR = 1e-11
# Below this condition a Cholesky factor of products within levels is as good a triangle as a QR's.
CHOLESKY_CONDITION = 1e5


@dataclass(frozen=True)
class _Product:
    value: FloatArray

    def merge(self, other: _Product) -> _Product:
        return _Product(self.value + other.value)


@dataclass(frozen=True)
class _Products:
    pairs: FloatArray
    across: FloatArray

    def merge(self, other: _Products) -> _Products:
        return _Products(self.pairs + other.pairs, self.across + other.across)


@dataclass(frozen=True)
class Ranges:
    """Smallest and largest value of each column, and a diagonal Gram matrix."""

    low: FloatArray
    high: FloatArray
    gram: FloatArray


@dataclass(frozen=True)
class LevelGeometry:
    """Properties of a grouped design: those of the other columns within the levels.

    Attributes
    ----------
    rows : Rows or StreamedLevels
        With a grouped matrix.
    """

    rows: Rows | StreamedLevels

    @property
    def matrix(self) -> Grouped:
        """The design."""
        matrix = self.rows.matrix
        assert isinstance(matrix, Grouped)
        return matrix

    @cached_property
    def by_level(self) -> LevelSums:
        """Sums over the rows of each level."""

        def of(block: Block) -> LevelSums:
            part = block.matrix
            assert isinstance(part, Grouped)
            codes, G = part.codes, part.n_levels
            X = part.rest.X
            sums = [np.bincount(codes, column, G) for column in X.T]
            return LevelSums(
                np.bincount(codes, minlength=G).astype(float),
                np.array(sums, dtype=float).reshape(-1, G).T,
                X.min(axis=0),
                X.max(axis=0),
            )

        return total(self.rows, of)

    @cached_property
    def outcomes_by_level(self) -> FloatArray:
        """Weighted count of each outcome in the rows of each level (J, G)."""

        def of(block: Block) -> _Product:
            part = block.matrix
            assert isinstance(part, Grouped)
            counts = block.weighted(block.counts())
            return _Product(np.array([np.bincount(part.codes, c, part.n_levels) for c in counts]))

        return total(self.rows, of).value

    @property
    def means(self) -> FloatArray:
        """Means of the columns of the array by level (G, d)."""
        return self.by_level.sums / np.maximum(self.by_level.counts, 1.0)[:, None]

    @cached_property
    def within(self) -> FloatArray:
        """Products (d, d) of the columns of the array less the means of their levels."""
        means = self.means

        def of(block: Block) -> _Product:
            part = block.matrix
            assert isinstance(part, Grouped)
            centred = part.rest.X - means[part.codes]
            with np.errstate(over="ignore", invalid="ignore"):  # whoever asks looks at the size
                return _Product(centred.T @ centred)

        return total(self.rows, of).value

    @cached_property
    def triangle(self) -> FloatArray:
        """``R`` (d, d) with ``R'R`` the products within the levels; zero where there is none."""
        d = len(self.within)
        if not d or not np.isfinite(self.within).all():
            return np.zeros((d, d))
        factor = factorise(self.within)
        if factor is not None and condition_of_columns(factor.upper) < CHOLESKY_CONDITION:
            return factor.upper * factor.scale
        means = self.means

        def of(block: Block) -> Triangle:
            part = block.matrix
            assert isinstance(part, Grouped)
            return Triangle.of(part.rest.X - means[part.codes])

        return total(self.rows, of).r

    @cached_property
    def beside(self) -> FloatArray | None:
        """Products of the other columns less the means of their levels, each of length one.

        The columns of the array orthonormal, then those of further factors; None where one of them
        is constant within the levels.
        """
        if not np.diag(self.triangle).all():
            return None
        if not self.matrix.rest.coded:
            return np.eye(len(self.triangle))
        coordinates = self.coordinates
        counts, G = self.by_level.counts, self.matrix.n_levels
        width = self.matrix.rest.n_columns

        def of(block: Block) -> _Products:
            part = block.matrix
            assert isinstance(part, Grouped)
            if coordinates is not None:
                part = part.in_coordinates(coordinates)
            ones = np.ones((1, part.n_rows))
            across = part.rest.by_level(ones, part.by_level, part.codes, G).reshape(width, G)
            return _Products(part.rest.pairs(ones).reshape(width, width), across)

        found = total(self.rows, of)
        products = found.pairs - (found.across / counts) @ found.across.T
        if not (np.diag(products) > NO_DISTANCE * np.diag(found.pairs)).all():
            return None
        scale = np.sqrt(np.diag(products))
        return products / scale / scale[:, None]

    def independent(self, tolerance: float) -> bool:
        """Whether no column is near to a combination of others, nor any level without rows."""
        if not self.by_level.counts.all():
            return False
        if len(self.within):
            size = np.maximum(np.abs(self.by_level.low), np.abs(self.by_level.high))
            spread = np.sqrt(np.diag(self.within) / len(self.rows))
            if not (np.isfinite(spread).all() and (spread > tolerance * size).all()):
                return False
            if self.condition_number > 1.0 / tolerance:
                return False
        beside = self.beside
        if beside is None:
            return False
        factor = factorise(beside) if len(beside) else None
        return not len(beside) or (factor is not None and factor.rcond > SINGULAR)

    @cached_property
    def coordinates(self) -> LevelMeans | None:
        """Coordinates in which all columns are orthogonal; None when they are already."""
        if self.matrix.as_arrow:
            return None
        return LevelMeans(self.matrix.layout, self.means, self.triangle)

    @cached_property
    def sums(self) -> Ranges:
        """Ranges of the columns; a diagonal that bounds their Gram matrix.

        ``x_i'D^-1 x_i`` is at most one in every row when ``D`` is the sum of squares of each column
        times the number of factors: the level means are taken out of the columns of the array.
        """
        layout, k, rest = self.matrix.layout, self.matrix.n_columns, self.matrix.rest
        low, high, gram = np.zeros(k), np.ones(k), np.full(k, float(len(self.rows)))
        own, numbers = layout.levels >= 0, layout.others[rest.pieces[0]]
        gram[layout.levels[own]] = self.counts[own]
        if self.matrix.as_arrow:
            gram[numbers] = 1.0
        else:
            low[numbers], high[numbers] = self.by_level.low, self.by_level.high
            gram[numbers] = np.diag(self.within)
        for piece, each in zip(rest.pieces[1:], self.further, strict=True):
            gram[layout.others[piece]] = each
        if layout.constant is not None:
            low[layout.constant] = 1.0
        return Ranges(low, high, gram * (1 + len(rest.coded)))

    @cached_property
    def counts(self) -> FloatArray:
        """Rows of each level (G,)."""
        return np.bincount(self.matrix.codes, minlength=self.matrix.n_levels).astype(float)

    @cached_property
    def further(self) -> tuple[FloatArray, ...]:
        """For each further factor, the rows of its levels that have a column."""
        coded = self.matrix.rest.coded
        return tuple(np.bincount(c.codes, minlength=len(c.own))[c.own].astype(float) for c in coded)

    @property
    def constant(self) -> FloatArray:
        """``c`` with ``X c = 1``."""
        layout = self.matrix.layout
        c = np.zeros(self.matrix.n_columns)
        c[layout.levels if layout.constant is None else layout.constant] = 1.0
        return c

    @property
    def plain(self) -> bool:
        """False: the means of the levels are always taken out."""
        return False

    @cached_property
    def condition_number(self) -> float:
        """Largest over smallest singular value of the columns of the array within the levels."""
        return condition_of_columns(self.triangle) if len(self.triangle) else 1.0

    @property
    def centred_condition_number(self) -> float:
        """The same: the constant is taken out with the levels."""
        return self.condition_number

    @cached_property
    def weakest_pair(self) -> tuple[int, int]:
        """The two columns that weigh most in the most nearly collinear combination."""
        others = self.matrix.layout.others[self.matrix.rest.pieces[0]]
        scale = np.sqrt(np.diag(self.within))
        _, _, right = np.linalg.svd(self.triangle / scale)
        first, *rest = np.argsort(-np.abs(right[-1]), kind="stable").tolist()
        second = rest[0] if rest else first
        return int(others[first]), int(others[second])

    def dependence(self, rank_tol: float) -> Aliases:
        """No column is a combination of others."""
        k = self.matrix.n_columns
        return Aliases(np.ones(k, dtype=bool), np.zeros(k, dtype=bool), np.ones(k), np.eye(k))


def geometry_of(rows: Rows | Streamed) -> Geometry | LevelGeometry:
    """Properties of a design, whatever holds it."""
    if isinstance(rows, StreamedLevels):
        return _surveyed(rows)
    if isinstance(rows, Rows) and isinstance(rows.matrix, Grouped):
        return LevelGeometry(rows)
    return Geometry(rows)


def _surveyed(rows: StreamedLevels) -> LevelGeometry:
    """Properties of rows that are read in pieces, as far as the first pass told them."""
    found, survey = LevelGeometry(rows), rows.survey
    known = {
        "counts": survey.counts,
        "outcomes_by_level": survey.outcomes,
        "further": survey.further,
    }
    if rows.coordinates is None:
        known["by_level"] = survey.by_level
        known["within"] = survey.within
    vars(found).update(known)
    return found
