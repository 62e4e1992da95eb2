"""What the columns of a design with a factor of many levels look like."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.linalg import factorise
from mnlstat.rows.geometry import Aliases, Geometry, condition_of_columns
from mnlstat.rows.grouped import Grouped, LevelMeans
from mnlstat.rows.rows import Block, Rows
from mnlstat.rows.streamed import Streamed
from mnlstat.rows.total import total


@dataclass(frozen=True)
class LevelSums:
    """Rows, and sums of the other columns, by level; smallest and largest value of the others."""

    counts: FloatArray
    sums: FloatArray
    low: FloatArray
    high: FloatArray

    def merge(self, other: LevelSums) -> LevelSums:
        """Those of both parts."""
        return LevelSums(
            self.counts + other.counts,
            self.sums + other.sums,
            np.minimum(self.low, other.low),
            np.maximum(self.high, other.high),
        )


@dataclass(frozen=True)
class _Product:
    value: FloatArray

    def merge(self, other: _Product) -> _Product:
        return _Product(self.value + other.value)


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
    rows : Rows
        With a grouped matrix.
    """

    rows: Rows

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
            sums = [np.bincount(codes, column, G) for column in part.rest.T]
            return LevelSums(
                np.bincount(codes, minlength=G).astype(float),
                np.array(sums, dtype=float).reshape(-1, G).T,
                part.rest.min(axis=0),
                part.rest.max(axis=0),
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
        """Means of the other columns by level (G, m)."""
        return self.by_level.sums / self.by_level.counts[:, None]

    @cached_property
    def within(self) -> FloatArray:
        """Products (m, m) of the other columns less the means of their levels."""
        means = self.means

        def of(block: Block) -> _Product:
            part = block.matrix
            assert isinstance(part, Grouped)
            centred = part.rest - means[part.codes]
            return _Product(centred.T @ centred)

        return total(self.rows, of).value

    def independent(self, tolerance: float) -> bool:
        """Whether no column is near to a combination of others, nor any level without rows."""
        if not self.by_level.counts.all():
            return False
        if not len(self.within):
            return True
        size = np.maximum(np.abs(self.by_level.low), np.abs(self.by_level.high))
        spread = np.sqrt(np.diag(self.within) / len(self.rows))
        if not (np.isfinite(spread).all() and (spread > tolerance * size).all()):
            return False
        return factorise(self.within) is not None and self.condition_number < 1.0 / tolerance

    @cached_property
    def coordinates(self) -> LevelMeans | None:
        """Coordinates in which all columns are orthogonal; None when they are already."""
        if self.matrix.as_arrow:
            return None
        factor = factorise(self.within) if len(self.within) else None
        triangle = np.zeros((0, 0)) if factor is None else factor.upper * factor.scale
        return LevelMeans(self.matrix.layout, self.means, triangle)

    @cached_property
    def sums(self) -> Ranges:
        """Ranges of the columns; the diagonal of their Gram matrix."""
        layout, k = self.matrix.layout, self.matrix.n_columns
        low, high, gram = np.zeros(k), np.ones(k), np.full(k, float(len(self.rows)))
        own = layout.levels >= 0
        gram[layout.levels[own]] = self.by_level.counts[own]
        low[layout.others], high[layout.others] = self.by_level.low, self.by_level.high
        gram[layout.others] = np.diag(self.within)
        if layout.constant is not None:
            low[layout.constant] = 1.0
        return Ranges(low, high, gram)

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
        """Largest over smallest singular value of the other columns within the levels."""
        if not len(self.within):
            return 1.0
        factor = factorise(self.within)
        return float("inf") if factor is None else condition_of_columns(factor.upper)

    @property
    def centred_condition_number(self) -> float:
        """The same: the constant is taken out with the levels."""
        return self.condition_number

    @cached_property
    def weakest_pair(self) -> tuple[int, int]:
        """The two columns that weigh most in the most nearly collinear combination."""
        others = self.matrix.layout.others
        scale = np.sqrt(np.diag(self.within))
        _, vectors = np.linalg.eigh(self.within / scale / scale[:, None])
        first, *rest = np.argsort(-np.abs(vectors[:, 0]), kind="stable").tolist()
        second = rest[0] if rest else first
        return int(others[first]), int(others[second])

    def dependence(self, rank_tol: float) -> Aliases:
        """No column is a combination of others."""
        k = self.matrix.n_columns
        return Aliases(np.ones(k, dtype=bool), np.zeros(k, dtype=bool), np.ones(k), np.eye(k))


def geometry_of(rows: Rows | Streamed) -> Geometry | LevelGeometry:
    """Properties of a design, whatever holds it."""
    if isinstance(rows, Rows) and isinstance(rows.matrix, Grouped):
        return LevelGeometry(rows)
    return Geometry(rows)
