"""Rows that are read again for each pass and never are in memory together."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol, Self

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray, IntArray
from mnlstat.errors import DataError
from mnlstat.rows.part import Part, joined_parts
from mnlstat.rows.rows import STRETCH, Block, Mapper, Rows, unit_of

# Elements of the design that are kept as a sample, and rows for each parameter.
KEPT_ELEMENTS = 2**21
KEPT_PER_PARAMETER = 8


class Reader(Protocol):
    """Where rows come from, the same ones in each pass."""

    @property
    def n_rows(self) -> int:
        """n."""

    @property
    def n_columns(self) -> int:
        """k."""

    @property
    def width(self) -> int:
        """Elements of a row, as it is held."""

    @property
    def checksum(self) -> int | None:
        """Of all rows, once they have been read."""

    def parts(self) -> Iterator[Part]:
        """Consecutive rows."""

    def written_out(self) -> Self:
        """The same rows, all columns as an array."""


@dataclass(frozen=True, kw_only=True, repr=False)
class Streamed(ABC):
    """Rows in blocks, read again in each pass; what :class:`Rows` is in memory.

    The split into blocks is that of rows in memory, however the rows are read.

    Attributes
    ----------
    reader : Reader
    n_outcomes : J
    tally : of the rows' outcomes, weights and offsets
    block_rows, mapper : as of :class:`Rows`
    sample : Rows, evenly spread, in the coordinates of the blocks
    unit : what the weights are divided by
    """

    reader: Reader
    n_outcomes: int
    tally: Tally
    block_rows: int
    mapper: Mapper
    sample: Rows
    unit: float = 1.0

    def __repr__(self) -> str:
        return f"<Streamed, {len(self)} rows from {self.reader!r}>"

    def __len__(self) -> int:
        return self.reader.n_rows

    @property
    @abstractmethod
    def n_columns(self) -> int:
        """k."""

    @property
    @abstractmethod
    def matrix(self) -> Any:
        """The form of the design."""

    @property
    def X(self) -> FloatArray:
        """Refused."""
        raise never_in_memory()

    @property
    def offset(self) -> FloatArray | None:
        """None where there is none; else the offsets of the sample."""
        return self.sample.offset

    def blocks(self) -> Iterator[Block]:
        """The blocks, in order, from a new pass."""
        for part in blocks_of(self.reader, self.block_rows):
            yield self._formed(part).block(self.n_outcomes, self.unit)

    @abstractmethod
    def _formed(self, part: Part) -> Part:
        """Rows as they are read, in the columns and coordinates of the blocks."""

    def collapsed(self) -> Self:
        """The same rows."""
        return self

    def with_unit(self, unit: float) -> Self:
        """The same rows with their weights divided by ``unit``."""
        if unit == 1.0:
            return self
        sample = self.sample.with_unit(unit)
        return replace(self, unit=self.unit * unit, sample=sample, tally=self.tally.divided(unit))

    def weight_unit(self) -> float:
        """A power of four near the mean weight where that is far from one, else one."""
        if self.tally.largest is None:
            return 1.0
        return unit_of(float(self.tally.totals.sum()) / len(self))

    def largest_weight(self) -> float | None:
        """The largest weight; None where there are none."""
        return self.tally.largest

    def mean_offset(self) -> FloatArray:
        """Mean offset of each outcome (J,)."""
        return self.tally.mean_offset

    def outcome_totals(self) -> FloatArray:
        """``N_j``, the weighted count of each outcome (J,)."""
        return self.tally.totals.copy()

    @abstractmethod
    def columns(self, kept: BoolArray) -> Streamed:
        """The same rows with the kept columns."""

    @abstractmethod
    def in_coordinates(self, coordinates: Any) -> Streamed:
        """The same rows with other columns that span the same space."""

    def spread(self, n_rows: int) -> Rows:
        """The sample, which was kept from the first pass, whatever its size."""
        return self.sample

    def subset(self, keep: IntArray | BoolArray) -> Rows:
        """Refused."""
        raise DataError(
            "read-in-pieces",
            "rows of data that are read in pieces cannot be chosen by their position.\n"
            "Specify the model with a frame.",
        )

    @abstractmethod
    def reach_of(self, step: FloatArray) -> float:
        """A bound on the range of ``x_i'd_j`` over outcomes j, from the ranges of the columns."""

    @abstractmethod
    def described(self) -> list[Any]:
        """Arrays that tell these rows from others."""


def never_in_memory() -> DataError:
    """What is raised where the design as one array is asked for."""
    return DataError(
        "read-in-pieces",
        "the design of data that are read in pieces is never in memory.\n"
        "Specify the model with a frame to look at its rows.",
    )


def blocks_of(reader: Reader, size: int) -> Iterator[Part]:
    """Stretches of ``size`` rows each, whatever parts they come in."""
    rest: list[Part] = []
    waiting = 0
    for part in reader.parts():
        at = 0
        if waiting:
            at = min(size - waiting, len(part))
            rest.append(part.rows(0, at))
            waiting += at
            if waiting < size:
                continue
            yield joined_parts(rest)
            rest, waiting = [], 0
        while len(part) - at >= size:
            yield part.rows(at, at + size)
            at += size
        if at < len(part):
            left = np.arange(at, len(part))
            rest, waiting = [part.take(left)], len(left)
    if waiting:
        yield joined_parts(rest)


def rows_kept(reader: Reader, n_outcomes: int) -> int:
    """Rows of the sample."""
    per_parameter = KEPT_PER_PARAMETER * reader.n_columns * (n_outcomes - 1)
    return max(KEPT_ELEMENTS // reader.width, per_parameter)


@dataclass(frozen=True, eq=False)
class Tally:
    """Weighted count of each outcome (J,), weighted sum of offsets (J,), the largest weight."""

    totals: FloatArray
    offsets: FloatArray
    largest: float | None

    @classmethod
    def of(cls, part: Part, n_outcomes: int) -> Tally:
        """That of some rows."""
        weights, offsets = part.weights, np.zeros(n_outcomes)
        if part.offset is not None:
            offsets = part.offset.sum(axis=0) if weights is None else weights @ part.offset
        largest = None if weights is None else float(weights.max())
        return cls(part.totals(n_outcomes), offsets, largest)

    @property
    def mean_offset(self) -> FloatArray:
        """Mean offset of each outcome (J,)."""
        mean: FloatArray = self.offsets / self.totals.sum()
        return mean

    def merge(self, other: Tally) -> Tally:
        """That of both."""
        largest = self.largest
        if largest is not None and other.largest is not None:
            largest = max(largest, other.largest)
        return Tally(self.totals + other.totals, self.offsets + other.offsets, largest)

    def divided(self, unit: float) -> Tally:
        """That of weights in another unit."""
        largest = None if self.largest is None else self.largest / unit
        return Tally(self.totals / unit, self.offsets / unit, largest)


class Sampling:
    """Gathers stretches of rows, evenly spread, as they come by; all rows where there is room."""

    def __init__(self, n: int, room: int, n_outcomes: int) -> None:
        self.everything = n <= room
        stretches = max(room // STRETCH, 1)
        wanted = np.linspace(0, max(n - STRETCH, 0), stretches).astype(np.intp)
        positions = (wanted[:, None] + np.arange(STRETCH)).ravel()
        self._places = np.arange(n) if self.everything else positions
        self._n_outcomes = n_outcomes
        self._kept: Part | None = None
        self._tally: Tally | None = None
        self._at = self._row = 0

    def add(self, part: Part) -> None:
        """Take what is wanted of the next rows."""
        stop = int(np.searchsorted(self._places, self._row + len(part)))
        chosen = self._places[self._at : stop] - self._row
        if self._kept is None:
            self._kept = part.room(len(self._places))
        self._kept.write(slice(self._at, stop), part.take(chosen))
        self._at, self._row = stop, self._row + len(part)
        found = Tally.of(part, self._n_outcomes)
        self._tally = found if self._tally is None else self._tally.merge(found)

    def all_of(self, reader: Reader) -> Sampling:
        """Take all rows."""
        for part in reader.parts():
            self.add(part)
        return self

    @property
    def tally(self) -> Tally:
        """That of all rows."""
        assert self._tally is not None
        return self._tally

    def rows(self, block_rows: int, mapper: Mapper) -> Rows:
        """The rows gathered."""
        kept, J = self._kept, self._n_outcomes
        assert kept is not None
        return Rows(kept.matrix, kept.codes, J, kept.weights, kept.offset, block_rows, mapper)
