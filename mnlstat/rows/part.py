"""Consecutive rows as a reader gives them, whatever they will be put together with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.rows.joining import joined, room_for, write
from mnlstat.rows.matrix import Matrix
from mnlstat.rows.rows import Block


@dataclass(frozen=True, eq=False)
class Part:
    """Design of m rows, outcome codes (m,), weights (m,) or None, offset (m, J) or None."""

    matrix: Matrix
    codes: IntArray
    weights: FloatArray | None = None
    offset: FloatArray | None = None

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def arrays(self) -> list[Any]:
        """What belongs to the rows besides the design."""
        return [each for each in (self.codes, self.weights, self.offset) if each is not None]

    def rows(self, start: int, stop: int) -> Part:
        """Some of the rows, as a view."""
        part = slice(start, stop)
        return self._with(self.matrix.part(part), part)

    def take(self, places: IntArray) -> Part:
        """Some of the rows, as a copy."""
        return self._with(self.matrix.take(places), places)

    def in_form(self, matrix: Matrix, order: IntArray | None = None) -> Part:
        """The same rows, perhaps in another order, with another design."""
        if order is None:
            return Part(matrix, self.codes, self.weights, self.offset)
        return self._with(matrix, order)

    def _with(self, matrix: Matrix, rows: Any) -> Part:
        return Part(
            matrix,
            self.codes[rows],
            None if self.weights is None else self.weights[rows],
            None if self.offset is None else self.offset[rows],
        )

    def block(self, n_outcomes: int, unit: float = 1.0) -> Block:
        """The rows as a block, their weights divided by ``unit``."""
        weights = self.weights
        if weights is not None and unit != 1.0:
            weights = weights / unit
        offset = None if self.offset is None else self.offset.T
        return Block(self.matrix, self.codes, n_outcomes, weights, offset)

    def totals(self, n_outcomes: int) -> FloatArray:
        """Weighted count of each outcome (J,)."""
        return np.bincount(self.codes, self.weights, n_outcomes).astype(float)

    def room(self, n: int) -> Part:
        """Arrays for n rows of this form that are still to be written."""

        def empty(like: Any) -> Any:
            return None if like is None else np.empty((n, *like.shape[1:]), like.dtype)

        codes = np.empty(n, dtype=np.intp)
        return Part(room_for(self.matrix, n), codes, empty(self.weights), empty(self.offset))

    def write(self, rows: slice, part: Part) -> None:
        """Write other rows here."""
        write(self.matrix, rows, part.matrix)
        for to, values in zip(self.arrays, part.arrays, strict=True):
            to[rows] = values


def joined_parts(parts: Sequence[Part]) -> Part:
    """The rows of several parts of the same form."""
    if len(parts) == 1:
        return parts[0]
    codes, *more = (np.concatenate(each) for each in zip(*(p.arrays for p in parts), strict=True))
    weights = more.pop(0) if parts[0].weights is not None else None
    offset = more.pop(0) if parts[0].offset is not None else None
    return Part(joined([part.matrix for part in parts]), codes, weights, offset)
