"""Rows that are read again for each pass, all columns of the design as an array."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray
from mnlstat.rows.coordinates import Coordinates
from mnlstat.rows.grams import matrix_of
from mnlstat.rows.matrix import Dense
from mnlstat.rows.part import Part
from mnlstat.rows.rows import Block, Mapper, Rows
from mnlstat.rows.streamed import (
    Reader,
    Sampling,
    Streamed,
    blocks_of,
    never_in_memory,
    rows_kept,
)
from mnlstat.rows.sums import ColumnSums
from mnlstat.rows.threads import one_blas_thread


@dataclass(frozen=True)
class Outline:
    """A design of which only the shape is at hand."""

    n_rows: int
    n_columns: int

    def assemble(self, grams: FloatArray, q: int) -> FloatArray:
        """The information, outcome-major."""
        return matrix_of(grams, self.n_columns, q)

    def dense(self) -> FloatArray:
        """Nothing: the rows are never together."""
        raise never_in_memory()


@dataclass(frozen=True, kw_only=True, repr=False)
class StreamedColumns(Streamed):
    """Rows whose blocks are arrays.

    Attributes
    ----------
    sums : of the columns, in the coordinates of the blocks
    middle, reach : (k,) every value of a column lies within ``middle -+ reach``, as it is read
    kept : (K,) bool columns that the blocks have
    coordinates : of the blocks; None for the columns as they are read
    """

    sums: ColumnSums
    middle: FloatArray
    reach: FloatArray
    kept: BoolArray
    coordinates: Coordinates | None = None

    @property
    def n_columns(self) -> int:
        """k."""
        return int(self.kept.sum())

    @property
    def matrix(self) -> Outline:
        """The shape of the design."""
        return Outline(len(self), self.n_columns)

    def _formed(self, part: Part) -> Part:
        X = part.matrix.dense()
        X = X if self.kept.all() else np.asfortranarray(X[:, self.kept])
        if self.coordinates is not None:
            X = self.coordinates.design(X)
        return part.in_form(Dense(X))

    def columns(self, kept: BoolArray) -> StreamedColumns:
        """The same rows with the kept columns."""
        every = np.zeros(len(self.kept), dtype=bool)
        every[np.flatnonzero(self.kept)[kept]] = True
        sums = ColumnSums(
            self.sums.low[kept],
            self.sums.high[kept],
            self.sums.sums[kept],
            self.sums.gram[np.ix_(kept, kept)],
        )
        return replace(
            self,
            kept=every,
            sums=sums,
            sample=self.sample.columns(kept),
            middle=self.middle[kept],
            reach=self.reach[kept],
        )

    def in_coordinates(self, coordinates: Any) -> StreamedColumns:
        """The same rows with columns that are orthonormal; of these the sums are known."""
        k = self.n_columns
        low, high = np.full(k, -np.inf), np.full(k, np.inf)
        if coordinates.constant is not None:
            first = coordinates.design(np.eye(1, k) * coordinates.value)[0, 0]
            low[0] = high[0] = first
        sums = ColumnSums(low, high, np.full(k, np.nan), np.eye(k))
        sample = self.sample.in_coordinates(coordinates)
        return replace(self, coordinates=coordinates, sums=sums, sample=sample)

    def reach_of(self, step: FloatArray) -> float:
        """A bound on the range of ``x_i'd_j`` over outcomes j, from the ranges of the columns."""
        if self.coordinates is not None:
            step = self.coordinates.to_original(step.ravel()).reshape(step.shape)
        every = np.vstack([step, np.zeros(step.shape[1])])
        pairs = every[:, None] - every
        return float((np.abs(pairs @ self.middle) + np.abs(pairs) @ self.reach).max())

    def described(self) -> list[Any]:
        """Arrays that tell these rows from others."""
        sums, sample = self.sums, self.sample
        return [sums.low, sums.high, sums.gram, sample.X, sample.response, self.outcome_totals()]


def streamed_columns(
    reader: Reader, n_outcomes: int, block_rows: int, mapper: Mapper
) -> Rows | StreamedColumns:
    """Read all rows once: sums of the columns, and a sample; all rows where that holds them."""
    sampling = Sampling(reader.n_rows, rows_kept(reader, n_outcomes), n_outcomes)
    if sampling.everything:
        return sampling.all_of(reader).rows(block_rows, mapper)

    def sampled() -> Iterator[Block]:
        for part in blocks_of(reader, block_rows):
            sampling.add(part)
            yield part.block(n_outcomes)

    sums: ColumnSums | None = None
    with one_blas_thread():
        for part in mapper(ColumnSums.of, sampled()):
            sums = part if sums is None else sums.merge(part)
    assert sums is not None
    return StreamedColumns(
        reader=reader,
        n_outcomes=n_outcomes,
        tally=sampling.tally,
        block_rows=block_rows,
        mapper=mapper,
        sample=sampling.rows(block_rows, mapper),
        sums=sums,
        middle=sums.low / 2 + sums.high / 2,
        reach=sums.high / 2 - sums.low / 2,
        kept=np.ones(reader.n_columns, dtype=bool),
    )
