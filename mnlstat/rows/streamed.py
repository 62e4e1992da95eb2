"""Rows that are read again for each pass and never are in memory together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray, IntArray
from mnlstat.errors import DataError
from mnlstat.rows.coordinates import Coordinates
from mnlstat.rows.grams import matrix_of
from mnlstat.rows.matrix import Dense
from mnlstat.rows.rows import STRETCH, Block, Mapper, Rows
from mnlstat.rows.sums import ColumnSums
from mnlstat.rows.threads import one_blas_thread

# Elements of the design that are kept as a sample, and for each pair of parameters and columns.
KEPT_ELEMENTS = 2**21
KEPT_PER_PAIR = 8


class Reader(Protocol):
    """Where rows come from, the same ones in each pass."""

    @property
    def n_rows(self) -> int:
        """n."""

    @property
    def n_columns(self) -> int:
        """k."""

    def parts(self) -> Iterator[tuple[FloatArray, IntArray]]:
        """Design (m, k) and outcome codes (m,) of consecutive rows."""


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
        raise DataError(
            "the design of data that are read in pieces is never in memory.\n"
            "Specify the model with a frame to look at its rows."
        )


@dataclass(frozen=True)
class Streamed:
    """Rows in blocks, read again in each pass; what :class:`Rows` is in memory.

    The split into blocks is that of rows in memory, however the rows are read.

    Attributes
    ----------
    reader : Reader
    n_outcomes : J
    totals : (J,) rows of each outcome
    block_rows, mapper : as of :class:`Rows`
    sums : of the columns, in the coordinates of the blocks
    sample : Rows, evenly spread, in the coordinates of the blocks
    middle, reach : (k,) every value of a column lies within ``middle -+ reach``, as it is read
    kept : (K,) bool columns that the blocks have
    coordinates : of the blocks; None for the columns as they are read
    """

    reader: Reader
    n_outcomes: int
    totals: FloatArray
    block_rows: int
    mapper: Mapper
    sums: ColumnSums
    sample: Rows
    middle: FloatArray
    reach: FloatArray
    kept: BoolArray
    coordinates: Coordinates | None = None

    def __repr__(self) -> str:
        return f"<Streamed, {len(self)} rows from {self.reader!r}>"

    def __len__(self) -> int:
        return self.reader.n_rows

    @property
    def n_columns(self) -> int:
        """k."""
        return int(self.kept.sum())

    @property
    def matrix(self) -> Outline:
        """The shape of the design."""
        return Outline(len(self), self.n_columns)

    @property
    def X(self) -> FloatArray:
        """Refused."""
        return self.matrix.dense()

    @property
    def weights(self) -> None:
        """Each row counts once."""
        return None

    @property
    def offset(self) -> None:
        """None."""
        return None

    def blocks(self) -> Iterator[Block]:
        """The blocks, in order, from a new pass."""
        every = bool(self.kept.all())
        for X, codes in blocks_of(self.reader, self.block_rows):
            part = X if every else np.asfortranarray(X[:, self.kept])
            if self.coordinates is not None:
                part = self.coordinates.design(part)
            yield Block(Dense(part), codes, self.n_outcomes, None, None)

    def collapsed(self) -> Streamed:
        """The same rows."""
        return self

    def sorted_by_level(self) -> Streamed:
        """The same rows."""
        return self

    def with_unit(self, unit: float) -> Streamed:
        """The same rows: without weights the unit is one."""
        return self

    def weight_unit(self) -> float:
        """One."""
        return 1.0

    def mean_offset(self) -> FloatArray:
        """Zero for each outcome (J,)."""
        return np.zeros(self.n_outcomes)

    def outcome_totals(self) -> FloatArray:
        """``N_j``, the rows of each outcome (J,)."""
        return self.totals.copy()

    def columns(self, kept: BoolArray) -> Streamed:
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

    def in_coordinates(self, coordinates: Any) -> Streamed:
        """The same rows with columns that are orthonormal; of these the sums are known."""
        k = self.n_columns
        low, high = np.full(k, -np.inf), np.full(k, np.inf)
        if coordinates.constant is not None:
            first = coordinates.design(np.eye(1, k) * coordinates.value)[0, 0]
            low[0] = high[0] = first
        sums = ColumnSums(low, high, np.full(k, np.nan), np.eye(k))
        sample = self.sample.in_coordinates(coordinates)
        return replace(self, coordinates=coordinates, sums=sums, sample=sample)

    def spread(self, n_rows: int) -> Rows:
        """The sample, which was kept from the first pass: about ``n_rows`` rows at most."""
        return self.sample

    def subset(self, keep: IntArray | BoolArray) -> Rows:
        """Refused."""
        raise DataError(
            "rows of data that are read in pieces cannot be chosen by their position.\n"
            "Specify the model with a frame."
        )

    def reach_of(self, step: FloatArray) -> float:
        """A bound on the range of ``x_i'd_j`` over outcomes j, from the ranges of the columns."""
        if self.coordinates is not None:
            step = self.coordinates.to_original(step.ravel()).reshape(step.shape)
        every = np.vstack([step, np.zeros(step.shape[1])])
        pairs = every[:, None] - every
        return float((np.abs(pairs @ self.middle) + np.abs(pairs) @ self.reach).max())


def blocks_of(reader: Reader, size: int) -> Iterator[tuple[FloatArray, IntArray]]:
    """Design and codes of ``size`` rows each, whatever parts they come in."""
    rest: list[tuple[FloatArray, IntArray]] = []
    waiting = 0
    for X, codes in reader.parts():
        at = 0
        if waiting:
            at = min(size - waiting, len(codes))
            rest.append((X[:at], codes[:at]))
            waiting += at
            if waiting < size:
                continue
            yield _joined(rest)
            rest, waiting = [], 0
        while len(codes) - at >= size:
            yield X[at : at + size], codes[at : at + size]
            at += size
        if at < len(codes):
            rest, waiting = [(X[at:].copy(order="F"), codes[at:].copy())], len(codes) - at
    if waiting:
        yield _joined(rest)


def _joined(parts: list[tuple[FloatArray, IntArray]]) -> tuple[FloatArray, IntArray]:
    if len(parts) == 1:
        return parts[0]
    rows = sum(len(codes) for _, codes in parts)
    X, start = np.empty((rows, parts[0][0].shape[1]), order="F"), 0
    for part, codes in parts:
        X[start : start + len(codes)] = part
        start += len(codes)
    return X, np.concatenate([codes for _, codes in parts])


def first_pass(
    reader: Reader, n_outcomes: int, totals: FloatArray, block_rows: int, mapper: Mapper
) -> Rows | Streamed:
    """Read all rows once: sums of the columns, and a sample; all rows where that holds them."""
    n, k = reader.n_rows, reader.n_columns
    elements = max(KEPT_ELEMENTS, KEPT_PER_PAIR * k * k * (n_outcomes - 1))
    sampling = _Sampling(n, k, elements // k)
    if sampling.everything:
        for X, codes in reader.parts():
            sampling.add(X, codes)
        return sampling.rows(n_outcomes, block_rows, mapper)

    def sampled() -> Iterator[Block]:
        for X, codes in blocks_of(reader, block_rows):
            sampling.add(X, codes)
            yield Block(Dense(X), codes, n_outcomes, None, None)

    sums: ColumnSums | None = None
    with one_blas_thread():
        for part in mapper(ColumnSums.of, sampled()):
            sums = part if sums is None else sums.merge(part)
    assert sums is not None
    return Streamed(
        reader,
        n_outcomes,
        totals,
        block_rows,
        mapper,
        sums,
        sampling.rows(n_outcomes, block_rows, mapper),
        sums.low / 2 + sums.high / 2,
        sums.high / 2 - sums.low / 2,
        np.ones(k, dtype=bool),
    )


class _Sampling:
    """Gathers stretches of rows, evenly spread, as they come by."""

    def __init__(self, n: int, k: int, room: int) -> None:
        self.everything = n <= room
        stretches = max(room // STRETCH, 1)
        wanted = np.linspace(0, max(n - STRETCH, 0), stretches).astype(np.intp)
        positions = (wanted[:, None] + np.arange(STRETCH)).ravel()
        self._places = np.arange(n) if self.everything else positions
        self._X = np.empty((len(self._places), k), order="F")
        self._codes = np.empty(len(self._places), dtype=np.intp)
        self._at = self._row = 0

    def add(self, X: FloatArray, codes: IntArray) -> None:
        """Take what is wanted of the next rows."""
        stop = int(np.searchsorted(self._places, self._row + len(codes)))
        chosen = self._places[self._at : stop] - self._row
        self._X[self._at : stop] = X[chosen]
        self._codes[self._at : stop] = codes[chosen]
        self._at, self._row = stop, self._row + len(codes)

    def rows(self, n_outcomes: int, block_rows: int, mapper: Mapper) -> Rows:
        """The rows gathered."""
        return Rows(Dense(self._X), self._codes, n_outcomes, block_rows=block_rows, mapper=mapper)
