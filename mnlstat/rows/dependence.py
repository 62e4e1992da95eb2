"""Which columns of a design with factors of many levels are combinations of others.

No column is written out.  The levels of the largest factor are orthogonal; of further factors the
tables of levels by levels tell how they overlap; what these leave of the other columns, row by row,
is orthogonalised.  Each dependence found is a null vector of the design, and which columns are left
out follows from all of these.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.linalg import Triangle, left_to_right
from mnlstat.rows.factor_columns import Factors, Sums, factors_of
from mnlstat.rows.geometry import EXACT_TOLERANCE, SAFE_SQUARES, Aliases
from mnlstat.rows.grouped import Grouped
from mnlstat.rows.level_geometry import LevelGeometry
from mnlstat.rows.null_vectors import last_columns
from mnlstat.rows.rows import Block
from mnlstat.rows.total import total

# Each projection leaves the rounding of the tables; the next one takes it out.
PROJECTIONS = 3
# A column this many times farther from the others than the tolerance is independent for certain.
CERTAIN = 10.0


def dependence_by_level(geometry: LevelGeometry, rank_tol: float) -> Aliases | None:
    """Columns, from left to right, that are combinations of those before them.

    None where that is not clear-cut, as with columns that are nearly collinear: then only the
    design written out tells.
    """
    factors = Factors.of(geometry.rows, geometry.matrix) if _ordinary(geometry) else None
    if factors is None:
        return None
    numbers = _Numbers.of(geometry, factors)
    dependent = numbers.null(rank_tol)
    if dependent is None:
        return None
    d = len(numbers.raw)
    null = np.vstack([np.pad(factors.null, ((0, 0), (0, d))), dependent])
    found = last_columns(*_in_order_of_design(geometry, factors, numbers, null))
    constant = geometry.matrix.layout.constant
    if found is not None and constant is not None:
        # of columns less their shift; what the shifts leave falls to the constant
        places = geometry.matrix.layout.others[geometry.matrix.rest.pieces[0]]
        left = -numbers.shift @ found.weights[places]
        left[places] += numbers.shift
        found.weights[constant] += np.where(found.kept, 0.0, left)
    return found


def _ordinary(geometry: LevelGeometry) -> bool:
    """Whether no square of a number overflows, or underflows: zeros would be what they are not."""
    largest = np.maximum(np.abs(geometry.by_level.low), np.abs(geometry.by_level.high))
    low, high = np.sqrt(SAFE_SQUARES)
    return bool(((largest == 0) | ((largest > low) & (largest < high))).all())


def _in_order_of_design(
    geometry: LevelGeometry, factors: Factors, numbers: _Numbers, null: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Null vectors (k, r) of the design, from those of its parts, and lengths of its columns."""
    layout, (G, H) = geometry.matrix.layout, factors.tables.T.shape
    levels, further, last = np.split(null, [G, G + H], axis=1)
    columns = layout.joined(levels, np.hstack([last, further])).T
    lengths, own = np.ones(len(columns)), layout.levels >= 0
    lengths[layout.levels[own]] = np.sqrt(factors.counts[own])
    lengths[layout.others] = np.append(numbers.lengths, np.sqrt(factors.rows_of_further))
    if layout.constant is not None:
        lengths[layout.constant] = np.sqrt(len(geometry.rows))
    return columns, np.where(lengths > 0, lengths, 1.0)


@dataclass(frozen=True)
class _Numbers:
    """The columns of the array (d), less their means where a constant can take these up.

    Attributes
    ----------
    shift : (d,) these means, else zero
    projection : (d, G + H) coefficients of their projection on the columns of the factors
    triangle : (d, d) of what the projection leaves of them
    raw, centred : (d,) lengths of the columns as they are, and less their shift
    """

    shift: FloatArray
    projection: FloatArray
    triangle: FloatArray
    raw: FloatArray
    centred: FloatArray

    @classmethod
    def of(cls, geometry: LevelGeometry, factors: Factors) -> _Numbers:
        """From some passes over the rows."""
        d, width = geometry.matrix.rest.X.shape[1], factors.null.shape[1]
        projection, none = np.zeros((d, width)), np.zeros(d)
        if not d:
            return cls(none, projection, np.zeros((0, 0)), none, none)
        shift, levels = none, geometry.by_level
        if geometry.matrix.layout.constant is not None:
            mean = levels.sums.sum(axis=0) / len(geometry.rows)
            shift = np.clip(mean, levels.low, levels.high)
        with np.errstate(over="ignore", invalid="ignore"):
            for _ in range(PROJECTIONS):
                projection = projection + factors.solve(_products(geometry, shift, projection))
            squares = total(geometry.rows, lambda block: _squares(block, shift)).values
            left = total(geometry.rows, lambda block: _triangle(block, shift, projection))
        return cls(shift, projection, left.r, np.sqrt(squares[0]), np.sqrt(squares[1]))

    @property
    def lengths(self) -> FloatArray:
        """Less their shift, but for constants, of which that leaves rounding."""
        constant = self.centred <= EXACT_TOLERANCE * self.raw
        return np.where(constant, self.raw, self.centred)

    def null(self, rank_tol: float) -> FloatArray | None:
        """Combinations (r, G + H + d) of the factors and these that are zero in every row.

        None where it is not clear which columns are independent.
        """
        if not (np.isfinite(self.triangle).all() and np.isfinite(self.raw).all()):
            return None
        rounding = EXACT_TOLERANCE * self.raw
        lengths = np.linalg.norm(self.triangle, axis=0)
        gone = lengths <= rounding
        safe = np.where(gone, 1.0, lengths)
        found = left_to_right(np.where(gone, 0.0, self.triangle / safe), rounding / safe)
        certain = CERTAIN * np.maximum(rounding, rank_tol * self.centred)
        if not (found.distance * safe > certain)[found.kept].all():
            return None
        combined = np.eye(len(safe)) - found.weights * safe / safe[:, None]
        own = np.delete(combined, found.kept, axis=1).T
        return np.hstack([-own @ self.projection, own])


def _left(block: Block, shift: FloatArray, projection: FloatArray) -> tuple[Grouped, FloatArray]:
    """The columns of the factors, and what they leave (d, n_b) of those of the array."""
    assert isinstance(block.matrix, Grouped)
    factors = factors_of(block.matrix)
    return factors, (block.matrix.rest.X - shift).T - factors.matvec(projection)


def _products(geometry: LevelGeometry, shift: FloatArray, projection: FloatArray) -> FloatArray:
    def of(block: Block) -> Sums:
        factors, left = _left(block, shift, projection)
        return Sums((factors.transpose_matvec(left),))

    return total(geometry.rows, of).values[0]


def _squares(block: Block, shift: FloatArray) -> Sums:
    assert isinstance(block.matrix, Grouped)
    X = block.matrix.rest.X
    return Sums((np.square(X).sum(axis=0), np.square(X - shift).sum(axis=0)))


def _triangle(block: Block, shift: FloatArray, projection: FloatArray) -> Triangle:
    return Triangle.of(_left(block, shift, projection)[1].T)
