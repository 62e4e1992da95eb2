"""Rows of numbers in blocks that can be read again."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray, IntArray
from mnlstat.rows.grouped import Grouped
from mnlstat.rows.matrix import Dense, Matrix, Patterns

# A mean weight in this range needs no other unit: no sum overflows, no stopping rule is fooled.
ORDINARY_WEIGHTS = (2.0**-10, 2.0**40)
# Who computes the parts of a sum over blocks.
Mapper: TypeAlias = "Callable[[Callable[[Block], Any], Iterable[Block]], Iterable[Any]]"
# Consecutive rows of a spread: long enough to be read at the speed of memory.
STRETCH = 256


@dataclass(frozen=True)
class Block:
    """Consecutive rows: design (n_b, k), response, weights (n_b,), offset (J, n_b).

    What is computed for a block is laid outcome-major, (J, n_b), so that inner loops are long.
    """

    matrix: Matrix
    response: IntArray | FloatArray
    n_outcomes: int
    weights: FloatArray | None
    offset: FloatArray | None

    @property
    def X(self) -> FloatArray:
        """The design as an array (n_b, k)."""
        return self.matrix.dense()

    @property
    def codes(self) -> IntArray:
        """The response where each row chose one outcome (n_b,)."""
        codes: IntArray = self.response.astype(np.intp, copy=False)
        return codes

    def counts(self) -> FloatArray:
        """``y`` (J, n_b): how often each outcome was chosen in each row."""
        if self.response.ndim == 2:
            return np.ascontiguousarray(self.response.T, dtype=float)
        counts = np.zeros((self.n_outcomes, len(self.response)))
        counts[self.response, np.arange(len(self.response))] = 1.0
        return counts

    def slices(self, n: int) -> Iterator[Block]:
        """The block in pieces of ``n`` rows."""
        size = len(self.response)
        if size <= n:
            yield self
            return
        for start in range(0, size, n):
            yield self.part(slice(start, start + n))

    def part(self, rows: slice) -> Block:
        """Consecutive ones of these rows."""
        return Block(
            self.matrix.part(rows),
            self.response[rows],
            self.n_outcomes,
            None if self.weights is None else self.weights[rows],
            None if self.offset is None else self.offset[:, rows],
        )

    def weighted(self, values: FloatArray) -> FloatArray:
        """``values`` (..., n_b) times the row weights."""
        return values if self.weights is None else values * self.weights


@dataclass(frozen=True)
class Rows:
    """Design, response, weights and offsets, cut into blocks by a rule of the shape alone.

    Attributes
    ----------
    matrix : (n, k) design
    response : (n,) integer codes 0..J-1, or (n, J) float counts
    n_outcomes : J
    weights : (n,) or None, all positive
    offset : (n, J) or None
    block_rows : rows in each block but the last
    mapper : runs a function over the blocks and yields the parts in order: ``map``, threads, ...
    squares : where rows stand for several that are equal, (n, J): the sums of their squared weights
    """

    matrix: Matrix
    response: IntArray | FloatArray
    n_outcomes: int
    weights: FloatArray | None = None
    offset: FloatArray | None = None
    block_rows: int = 4096
    mapper: Mapper = map
    squares: FloatArray | None = None

    def __len__(self) -> int:
        return self.matrix.n_rows

    @property
    def X(self) -> FloatArray:
        """The design as an array (n, k), columns contiguous."""
        return self.matrix.dense()

    @property
    def n_columns(self) -> int:
        """k."""
        return self.matrix.n_columns

    def blocks(self) -> Iterator[Block]:
        """The blocks, in order; the same split whoever reads them."""
        for start in range(0, len(self), self.block_rows):
            yield self.part(slice(start, min(start + self.block_rows, len(self))))

    def part(self, part: slice) -> Block:
        """Consecutive rows as a block."""
        return Block(
            self.matrix.part(part),
            self.response[part],
            self.n_outcomes,
            None if self.weights is None else self.weights[part],
            None if self.offset is None else self.offset[part].T,
        )

    def collapsed(self) -> Rows:
        """Rows with the same sums: those that are equal become one, with counts of outcomes."""
        matrix = self.matrix
        if not isinstance(matrix, Patterns) or self.offset is not None:
            return self
        M, J = len(matrix.distinct), self.n_outcomes
        if self.response.ndim == 2:
            table = np.column_stack([self._weighted_count(matrix, j) for j in range(J)])
            return replace(self, matrix=Dense(matrix.distinct), response=table, weights=None)
        counts = np.zeros(M * J)
        for start in range(0, len(self), self.block_rows):
            part = slice(start, start + self.block_rows)
            cells = matrix.codes[part].astype(np.intp) * J + self.response[part]
            weights = None if self.weights is None else self.weights[part]
            counts += np.bincount(cells, weights, minlength=M * J)
        response = counts.reshape(M, J)
        return replace(self, matrix=Dense(matrix.distinct), response=response, weights=None)

    def _weighted_count(self, matrix: Patterns, outcome: int) -> FloatArray:
        """How often an outcome was chosen in the rows of each pattern, from a table of counts."""
        chosen: FloatArray = np.asarray(self.response[:, outcome], dtype=float)
        chosen = chosen if self.weights is None else chosen * self.weights
        counts: FloatArray = np.bincount(matrix.codes, chosen, len(matrix.distinct)).astype(float)
        return counts

    def outcome_totals(self) -> FloatArray:
        """``N_j``, the weighted count of each outcome (J,)."""
        if self.response.ndim == 1:
            totals = np.zeros(self.n_outcomes)
            for start in range(0, len(self), self.block_rows):
                part = slice(start, start + self.block_rows)
                weights = None if self.weights is None else self.weights[part]
                totals += np.bincount(self.response[part], weights, self.n_outcomes)
            return totals
        counts = self.response if self.weights is None else self.response * self.weights[:, None]
        return np.asarray(np.asarray(counts, dtype=float).sum(axis=0))

    @property
    def mass(self) -> FloatArray:
        """What each row counts: its weight, times its trials where it holds counts (n,)."""
        mass = np.ones(len(self)) if self.weights is None else self.weights
        if self.response.ndim == 2:
            mass = mass * self.response.sum(axis=1)
        return np.asarray(mass, dtype=float)

    def weight_unit(self) -> float:
        """A power of four near the mean ``w m`` where that is far from one, else one."""
        if self.weights is None and self.response.ndim == 1:
            return 1.0
        mass = self.mass
        largest = float(mass.max())
        return unit_of(float((mass / largest).mean()) * largest if largest > 0 else 1.0)

    def largest_weight(self) -> float | None:
        """The largest weight of a row, or of the rows it stands for; None where there are none."""
        if self.squares is not None:
            return math.sqrt(float(self.squares.max()))
        return None if self.weights is None else float(self.weights.max())

    def units(self, squared: bool = False) -> Rows:
        """The same rows where each is one unit: one that stands for several is one per outcome.

        Its weight is the sum of theirs, or of their squares.
        """
        if self.squares is None:
            return self
        row, outcome = np.nonzero(self.response)
        weights = np.asarray(self.squares if squared else self.response, dtype=float)[row, outcome]
        matrix = self.matrix.take(row)
        return replace(self, matrix=matrix, response=outcome, weights=weights, squares=None)

    def with_unit(self, unit: float) -> Rows:
        """The same rows with their weights, or else their counts, divided by ``unit``."""
        if unit == 1.0:
            return self
        if self.weights is None:
            squares = None if self.squares is None else self.squares / unit / unit
            return replace(self, response=self.response / unit, squares=squares)
        return replace(self, weights=self.weights / unit)

    def mean_offset(self) -> FloatArray:
        """Mean offset of each outcome (J,)."""
        if self.offset is None:
            return np.zeros(self.n_outcomes)
        mean: FloatArray = np.average(self.offset, axis=0, weights=self.weights)
        return mean

    def columns(self, kept: BoolArray) -> Rows:
        """The same rows with the kept columns."""
        return replace(self, matrix=self.matrix.columns(kept))

    def in_coordinates(self, coordinates: Any) -> Rows:
        """The same rows with other columns that span the same space; sorted by level, if any."""
        if not isinstance(self.matrix, Grouped) or self.matrix.in_order:
            return replace(self, matrix=self.matrix.in_coordinates(coordinates))
        matrix, order = self.matrix.sorted_in_coordinates(coordinates)
        return replace(
            self,
            matrix=matrix,
            response=self.response[order],
            weights=None if self.weights is None else self.weights[order],
            offset=None if self.offset is None else self.offset[order],
        )

    def spread(self, n_rows: int) -> Rows:
        """About ``n_rows`` rows: stretches of 256, from the first row to the last."""
        n = len(self)
        if n_rows >= n:
            return self
        stretches = max(n_rows // STRETCH, 1)
        starts = np.linspace(0, n - STRETCH, stretches).astype(np.intp)
        return self.subset((starts[:, None] + np.arange(STRETCH)).ravel())

    def subset(self, keep: IntArray | BoolArray) -> Rows:
        """The chosen rows."""
        return replace(
            self,
            matrix=self.matrix.take(keep),
            response=self.response[keep],
            weights=None if self.weights is None else self.weights[keep],
            offset=None if self.offset is None else self.offset[keep],
            squares=None if self.squares is None else self.squares[keep],
        )


def unit_of(mean: float) -> float:
    """A power of four near a mean weight that is far from one, else one."""
    if ORDINARY_WEIGHTS[0] <= mean <= ORDINARY_WEIGHTS[1]:
        return 1.0
    return math.ldexp(1.0, math.frexp(mean)[1] // 2 * 2)


def block_rows(n_parameters: int) -> int:
    """Rows in a block, 4096 to 16384: enough that adding up the parts costs next to nothing."""
    return int(np.clip(2 ** (n_parameters.bit_length() + 6), 4096, 16384))
