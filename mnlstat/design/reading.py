"""How a piece of the data becomes a block of complete rows, the same in every pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from mnlstat.arrays import BoolArray
from mnlstat.design import pieces
from mnlstat.design.beside import NOTHING, Beside
from mnlstat.design.column import EVERY, Column, Rows
from mnlstat.design.evaluate import Block, evaluate
from mnlstat.design.expression import Expression
from mnlstat.design.missing import labels_of, spread
from mnlstat.design.pieces import Chunks
from mnlstat.design.predictors import made_missing
from mnlstat.design.survey import Survey, changed
from mnlstat.design.used import read_used


class Wanted(Protocol):
    """Which rows of the data may be used at all."""

    @property
    def names(self) -> tuple[str, ...]:
        """Columns that tell."""

    def used(self, frame: Any) -> BoolArray:
        """Which rows of a piece."""


@dataclass(frozen=True)
class EveryRow:
    """All of them."""

    names: tuple[str, ...] = ()

    def used(self, frame: Any) -> BoolArray:
        """Each row of a piece."""
        return np.ones(len(frame), dtype=bool)


@dataclass(frozen=True, eq=False)
class Screen:
    """A term that makes missing values of present ones, as it was when its rows were dropped."""

    expression: Expression
    states: tuple[Any, ...]

    def passed(self, block: Block) -> BoolArray | None:
        """Rows that it keeps; None for all."""
        gone = made_missing(evaluate(self.expression, block, self.states))
        return None if gone is None else ~gone


@dataclass(frozen=True, eq=False)
class Reading:
    """Pieces of data, the columns of a formula, and the terms whose missing values drop rows.

    Which rows are used is found anew in every pass, so that nothing grows with their number.
    """

    chunks: Chunks
    columns: tuple[str, ...]
    wanted: Wanted
    survey: Survey
    screens: tuple[Screen, ...] = ()
    beside: Beside = NOTHING
    repeating: bool = False
    more: tuple[str, ...] = ()
    look: Callable[[Any, BoolArray], None] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that are read."""
        return tuple(dict.fromkeys([*self._own, *self.wanted.names, *self.more]))

    def looking(self, names: tuple[str, ...], look: Callable[[Any, BoolArray], None]) -> Reading:
        """The same, and each piece with more columns is shown, with which of its rows are used."""
        return replace(self, more=names, look=look)

    @property
    def _own(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*self.columns, *self.beside.names]))

    def to_learn(self, expressions: Sequence[Expression]) -> Reading:
        """The rows as they teach transforms: repeated as often as frequency weights say.

        Raises
        ------
        WeightsError
            For weights that cannot repeat rows.
        """
        weights = self.beside.weights
        if weights is None or not weights.is_frequency or self.survey.weights.ones:
            return self
        taught = next((each for each in expressions if each.transforms), None)
        if taught is None:
            return self
        self.survey.weights.check_repeatable(taught.text.name)
        return replace(self, repeating=True)

    @property
    def rows_taught(self) -> int:
        """How many rows teach a transform."""
        return int(self.survey.weights.total) if self.repeating else self.survey.kept

    def screened(self, more: list[Screen]) -> Reading:
        """The same with more terms that drop rows."""
        return replace(self, screens=(*self.screens, *more))

    def blocks(self) -> Iterator[Block]:
        """Yield the used rows of each piece that has some."""
        rows = 0
        for frame in self.chunks.read(self.names):
            rows += len(frame)
            columns, kept = self._read(frame)
            if self.look is not None:
                self.look(frame, kept)
            if kept.any() and self.repeating:
                yield from self._repeated(columns, kept, frame.index)
            elif kept.any():
                yield _block(columns, kept, frame.index)
        if rows != self.survey.rows:
            raise changed()

    def _repeated(self, columns: dict[str, Column], kept: BoolArray, index: Any) -> Iterator[Block]:
        rows = self.beside.repeats(columns, kept)
        for start in range(0, len(rows), pieces.CHUNK_ROWS):
            part = rows[start : start + pieces.CHUNK_ROWS]
            yield Block(columns, part, index[part], part=True)

    def some(self) -> Block | None:
        """A few used rows of the first piece, without reading it again; None if there are none."""
        frame = self.survey.some
        columns, kept = self._read(frame)
        return _block(columns, kept, frame.index) if kept.any() else None

    def used(self, frame: Any) -> BoolArray:
        """Which rows of a piece are used."""
        return self._read(frame)[1]

    def _read(self, frame: Any) -> tuple[dict[str, Column], BoolArray]:
        columns = self.survey.conformed(read_used(frame, self._own))
        kept = self.wanted.used(frame)
        for column in columns.values():
            if column.missing is not None:
                kept = kept & ~column.missing
        kept = self.beside.weighty(columns, kept)
        for screen in self.screens:
            if not kept.any():
                break
            passed = screen.passed(_block(columns, kept, frame.index))
            if passed is not None:
                kept = spread(kept, passed)
        return columns, kept


def _block(columns: dict[str, Column], kept: BoolArray, index: Any) -> Block:
    rows: Rows = EVERY if kept.all() else kept
    return Block(columns, rows, labels_of(index, kept), part=True)
