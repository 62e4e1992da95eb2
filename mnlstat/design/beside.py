"""Columns beside the formula, of data that are read in pieces: weights and offsets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray, IntArray
from mnlstat.design.column import Column
from mnlstat.design.evaluate import Block
from mnlstat.design.offsets import LearnedOffset, offset_names
from mnlstat.design.weights import (
    INFINITE,
    NEGATIVE,
    NamedWeights,
    Weighting,
    check_known,
    check_numbers,
    check_repeatable,
    check_some,
    check_weighty,
    defective,
)
from mnlstat.design.words import count
from mnlstat.errors import OffsetError, WeightsError
from mnlstat.options import named, nearest, shown

# What an offset, and weights, hold that they may not, besides what is said of weights in memory.
OFFSET, TEXT = "offset", "text"
NUMBERS = ("number", "integer", "bool")
NO_PLACE = (
    "the data are read in pieces, so numbers cannot be lined up with their rows.\n"
    "Give the name of a column of the data; or give the data as a frame."
)


@dataclass(frozen=True)
class Beside:
    """What is read besides the formula.

    Attributes
    ----------
    weights : NamedWeights or None
    option : the option that gave them
    offset : columns of the offset
    """

    weights: NamedWeights | None = None
    option: str = ""
    offset: tuple[str, ...] = ()

    @classmethod
    def of(cls, weighting: Weighting | None, offset: Any, columns: Sequence[str]) -> Beside:
        """What the user gave.

        Raises
        ------
        WeightsError, OffsetError
            For numbers instead of names, and for columns that the data do not have.
        """
        weights, option = None, ""
        if weighting is not None:
            option = weighting.option
            if not isinstance(weighting.given, str):
                raise WeightsError("read-in-pieces", f"{option}: {NO_PLACE}")
            check_known(option, weighting.given, columns)
            weights = NamedWeights(weighting.kind, weighting.given)
        if offset is None:
            return cls(weights, option)
        names = offset_names(offset)
        if names is None:
            raise OffsetError("read-in-pieces", f"offset: {NO_PLACE}")
        for name in names:
            if name not in columns:
                near = nearest(name, list(columns))
                said = f"offset: the data have no column {shown(name)}{near}."
                raise OffsetError("missing-column", said)
        return cls(weights, option, names)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns."""
        own = () if self.weights is None else (self.weights.name,)
        return tuple(dict.fromkeys([*own, *self.offset]))

    def weighty(self, columns: Mapping[str, Column], kept: BoolArray) -> BoolArray:
        """Those of the complete rows that have a weight."""
        if self.weights is None:
            return kept
        return kept & (columns[self.weights.name].numbers() > 0)

    def without_weight(self, columns: Mapping[str, Column]) -> BoolArray | None:
        """Rows of weight zero; None where no weight is a number."""
        column = None if self.weights is None else columns[self.weights.name]
        return None if column is None or column.kind not in NUMBERS else column.numbers() == 0

    def weights_of(self, block: Block) -> FloatArray | None:
        """Weights of the rows of a block."""
        if self.weights is None:
            return None
        return block.columns[self.weights.name].numbers(block.rows)

    def repeats(self, columns: Mapping[str, Column], kept: BoolArray) -> IntArray:
        """The kept rows, each as often as its weight says."""
        assert self.weights is not None
        times = columns[self.weights.name].numbers(kept).astype(np.intp)
        return np.repeat(np.flatnonzero(kept), times)


NOTHING = Beside()


def offsets_of(block: Block, learned: LearnedOffset, n_outcomes: int) -> FloatArray:
    """Offsets (n, J) of the rows of a block."""
    values = np.zeros((block.n, n_outcomes))
    for position, name in learned.columns or ():
        values[:, position] = block.columns[name].numbers(block.rows)
    if learned.terms is not None:
        values[:, learned.terms.outcomes] += learned.terms.sum_of(block)[:, None]
    return values


@dataclass(frozen=True)
class WeightsFound:
    """What the first pass tells of the weights of complete rows.

    Attributes
    ----------
    zero : rows of weight zero
    total : the sum
    whole, ones : whether all of them are whole numbers, or one
    """

    zero: int = 0
    total: float = 0.0
    whole: bool = True
    ones: bool = True

    def with_rows(self, values: FloatArray) -> WeightsFound:
        """With the weights of more complete rows."""
        positive = values[values > 0]
        return WeightsFound(
            self.zero + len(values) - len(positive),
            self.total + float(positive.sum()),
            self.whole and np.array_equal(positive, np.floor(positive)),
            self.ones and bool((positive == 1).all()),
        )

    def check_repeatable(self, term: str) -> None:
        """Refuse a term that learns from rows which these weights cannot repeat."""
        check_repeatable(self.whole, self.total, term)


class Looking:
    """Looks at weights and offsets piece by piece, and says in the end what is wrong with them."""

    def __init__(self, beside: Beside) -> None:
        self.beside = beside
        self.found = WeightsFound()
        self._some = self._rows = False
        self._bad: dict[tuple[str, str], tuple[int, Any]] = {}

    def see(
        self, columns: Mapping[str, Column], wanted: BoolArray, kept: BoolArray, index: Any
    ) -> BoolArray:
        """Take in a piece, of which the kept rows are wanted and complete.

        Returns those that have a weight.
        """
        kept = self._see_weights(columns, wanted, kept, index)
        for name in self.beside.offset:
            if columns[name].kind in NUMBERS:
                values = columns[name].numbers()
                self._note(name, OFFSET, np.isinf(values) & kept, index)
        return kept

    def _see_weights(
        self, columns: Mapping[str, Column], wanted: BoolArray, kept: BoolArray, index: Any
    ) -> BoolArray:
        weights = self.beside.weights
        if weights is None:
            return kept
        column = columns[weights.name]
        self._rows |= bool(wanted.any())
        if column.kind not in NUMBERS:
            self._note_text(column, index)
            return kept
        values = column.numbers()
        self._note(weights.name, NEGATIVE, (values < 0) & wanted, index)
        self._note(weights.name, INFINITE, np.isinf(values) & wanted, index)
        self._some |= bool((values[wanted] > 0).any())
        self.found = self.found.with_rows(values[kept])
        return self.beside.weighty(columns, kept)

    def _note(self, name: str, what: str, bad: BoolArray, index: Any) -> None:
        if bad.any():
            key = name, what
            n, first = self._bad.get(key, (0, index[int(bad.argmax())]))
            self._bad[key] = n + int(bad.sum()), first

    def _note_text(self, column: Column, index: Any) -> None:
        """Note labels that are no numbers."""
        if column.is_levelled and len(column.values):
            odd = np.array([not _is_number(level) for level in column.levels] + [False])
            self._note(column.name, TEXT, odd[column.values], index)

    def check(self, columns: Mapping[str, Column], kept: int) -> None:
        """Refuse what cannot be weights or offsets.

        Raises
        ------
        WeightsError, OffsetError
            Naming the column, the defect, how many rows have it, and the first.
        """
        weights, option = self.beside.weights, self.beside.option
        if weights is not None:
            self._check_weights(weights.name, option, columns[weights.name])
        for name in self.beside.offset:
            if columns[name].kind not in (*NUMBERS, "empty"):
                raise OffsetError("not-numbers", f"offset: column {shown(name)} holds no numbers.")
            if (name, OFFSET) in self._bad:
                place = self._place(name, OFFSET)
                said = f"offset: column {shown(name)} has infinite values ({place})."
                raise OffsetError("infinite-values", said)
        if weights is not None and kept:
            check_weighty(weights.name, self.found.total > 0)

    def _check_weights(self, name: str, option: str, column: Column) -> None:
        if (name, TEXT) in self._bad and column.kind not in NUMBERS:
            said = f"{option}: column {shown(name)} holds text ({self._place(name, TEXT)}); "
            raise WeightsError("not-numbers", said + "weights are numbers.")
        check_numbers(option, column, named=True)
        if (name, NEGATIVE) in self._bad:
            place = self._place(name, NEGATIVE)
            raise defective("weights-negative", option, name, NEGATIVE, place)
        if (name, INFINITE) in self._bad:
            place = self._place(name, INFINITE)
            raise defective("infinite-values", option, name, INFINITE, place)
        check_some(option, self._some or not self._rows)

    def _place(self, name: str, what: str) -> str:
        n, first = self._bad[name, what]
        return f"{count(n)}, first row {named(first)}"


def _is_number(level: Any) -> bool:
    try:
        float(level)
    except (TypeError, ValueError):
        return False
    return True
