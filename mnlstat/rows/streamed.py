"""Rows that are read again for each pass and never are in memory together."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray, IntArray
from mnlstat.errors import DataError
from mnlstat.rows.joining import joined, room_for, write
from mnlstat.rows.matrix import Matrix
from mnlstat.rows.rows import STRETCH, Block, Mapper, Rows

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

    def parts(self) -> Iterator[tuple[Matrix, IntArray]]:
        """Design and outcome codes (m,) of consecutive rows."""

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
    totals : (J,) rows of each outcome
    block_rows, mapper : as of :class:`Rows`
    sample : Rows, evenly spread, in the coordinates of the blocks
    """

    reader: Reader
    n_outcomes: int
    totals: FloatArray
    block_rows: int
    mapper: Mapper
    sample: Rows

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
    def weights(self) -> None:
        """Each row counts once."""
        return None

    @property
    def offset(self) -> None:
        """None."""
        return None

    def blocks(self) -> Iterator[Block]:
        """The blocks, in order, from a new pass."""
        for matrix, codes in blocks_of(self.reader, self.block_rows):
            yield self._block(matrix, codes)

    @abstractmethod
    def _block(self, matrix: Any, codes: IntArray) -> Block:
        """A block of rows as they are read."""

    def collapsed(self) -> Self:
        """The same rows."""
        return self

    def with_unit(self, unit: float) -> Self:
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


def blocks_of(reader: Reader, size: int) -> Iterator[tuple[Matrix, IntArray]]:
    """Design and codes of ``size`` rows each, whatever parts they come in."""
    rest: list[tuple[Matrix, IntArray]] = []
    waiting = 0
    for matrix, codes in reader.parts():
        at = 0
        if waiting:
            at = min(size - waiting, len(codes))
            rest.append((matrix.part(slice(0, at)), codes[:at]))
            waiting += at
            if waiting < size:
                continue
            yield _joined(rest)
            rest, waiting = [], 0
        while len(codes) - at >= size:
            yield matrix.part(slice(at, at + size)), codes[at : at + size]
            at += size
        if at < len(codes):
            left = np.arange(at, len(codes))
            rest, waiting = [(matrix.take(left), codes[left])], len(left)
    if waiting:
        yield _joined(rest)


def _joined(parts: list[tuple[Matrix, IntArray]]) -> tuple[Matrix, IntArray]:
    return joined([part for part, _ in parts]), np.concatenate([codes for _, codes in parts])


def rows_kept(reader: Reader, n_outcomes: int) -> int:
    """Rows of the sample."""
    per_parameter = KEPT_PER_PARAMETER * reader.n_columns * (n_outcomes - 1)
    return max(KEPT_ELEMENTS // reader.width, per_parameter)


class Sampling:
    """Gathers stretches of rows, evenly spread, as they come by; all rows where there is room."""

    def __init__(self, n: int, room: int) -> None:
        self.everything = n <= room
        stretches = max(room // STRETCH, 1)
        wanted = np.linspace(0, max(n - STRETCH, 0), stretches).astype(np.intp)
        positions = (wanted[:, None] + np.arange(STRETCH)).ravel()
        self._places = np.arange(n) if self.everything else positions
        self._matrix: Matrix | None = None
        self._codes = np.empty(len(self._places), dtype=np.intp)
        self._at = self._row = 0

    def add(self, matrix: Matrix, codes: IntArray) -> None:
        """Take what is wanted of the next rows."""
        stop = int(np.searchsorted(self._places, self._row + len(codes)))
        chosen = self._places[self._at : stop] - self._row
        if self._matrix is None:
            self._matrix = room_for(matrix, len(self._places))
        write(self._matrix, slice(self._at, stop), matrix.take(chosen))
        self._codes[self._at : stop] = codes[chosen]
        self._at, self._row = stop, self._row + len(codes)

    def all_of(self, reader: Reader) -> Sampling:
        """Take all rows."""
        for matrix, codes in reader.parts():
            self.add(matrix, codes)
        return self

    def rows(self, n_outcomes: int, block_rows: int, mapper: Mapper) -> Rows:
        """The rows gathered."""
        assert self._matrix is not None
        return Rows(self._matrix, self._codes, n_outcomes, block_rows=block_rows, mapper=mapper)
