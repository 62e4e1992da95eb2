"""Rows that are read in pieces, again for each pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.inference.effects.learned import Learned
from mnlstat.inference.effects.places import DataPlace, Places
from mnlstat.rows.joining import joined
from mnlstat.rows.matrix import Dense, Matrix


@dataclass(frozen=True, eq=False)
class Piece:
    """Consecutive complete rows.

    Attributes
    ----------
    frame : the columns that the formula and the offset read
    weights, groups : (m,)
    offset : (m, J) or None
    matrix : all columns of their design, where the reading made them
    """

    frame: Any
    weights: FloatArray
    groups: IntArray
    offset: FloatArray | None = None
    matrix: Matrix | None = None

    def __len__(self) -> int:
        return len(self.weights)

    def rows(self, start: int, stop: int) -> Piece:
        """Some of the rows, as a view."""
        some = slice(start, stop)
        return Piece(
            self.frame.iloc[some],
            self.weights[some],
            self.groups[some],
            None if self.offset is None else self.offset[some],
            None if self.matrix is None else self.matrix.part(some),
        )

    @classmethod
    def joined(cls, pieces: Sequence[Piece]) -> Piece:
        """The rows of several pieces."""
        if len(pieces) == 1:
            return pieces[0]
        offsets = [each.offset for each in pieces if each.offset is not None]
        matrices = [each.matrix for each in pieces if each.matrix is not None]
        return cls(
            pd.concat([each.frame for each in pieces]),
            np.concatenate([each.weights for each in pieces]),
            np.concatenate([each.groups for each in pieces]),
            np.concatenate(offsets) if offsets else None,
            joined(matrices) if matrices else None,
        )


def stretches(pieces: Iterable[Piece], size: int) -> Iterator[Piece]:
    """The same rows in pieces of ``size`` rows, whatever pieces they come in."""
    waiting, n = list[Piece](), 0
    for piece in pieces:
        at = 0
        while n + len(piece) - at >= size:
            stop = at + size - n
            yield Piece.joined([*waiting, piece.rows(at, stop)])
            waiting, n, at = [], 0, stop
        if at < len(piece):
            waiting.append(piece.rows(at, len(piece)))
            n += len(piece) - at
    if waiting:
        yield Piece.joined(waiting)


@dataclass(frozen=True, eq=False)
class Pieces:
    """Rows that are read in pieces; what :class:`Places` is in memory.

    The split into blocks is that of rows in memory, however the rows are read.

    Attributes
    ----------
    learned : what the fit learned of the data
    read : a pass over the complete rows
    count : tells how many these are, after a pass
    n_groups : R
    size : rows of a block
    """

    learned: Learned
    read: Callable[[], Iterator[Piece]]
    count: Callable[[], int]
    n_groups: int = 1
    size: int = 8192

    def __len__(self) -> int:
        return self.count()

    def plain(self, name: str) -> FloatArray | None:
        """The derivative (k,) of every row in a column of the data that enters as it is."""
        return self.learned.plain(name)

    def places(self) -> Iterator[DataPlace]:
        """The rows, block by block, from a new pass."""
        for piece in stretches(self.read(), self.size):
            yield DataPlace(
                self.learned,
                partial(_given, piece.frame),
                piece.weights,
                piece.groups,
                piece.offset,
                None if piece.matrix is None else self._kept(piece.matrix),
            )

    def _kept(self, matrix: Matrix) -> Dense:
        kept = self.learned.aliasing.kept
        X = matrix.dense()
        return Dense(X if kept.all() else np.asfortranarray(X[:, kept]))


def _given(frame: Any) -> Any:
    return frame


# Rows of data, wherever they are.
AnyRows: TypeAlias = "Places | Pieces"
