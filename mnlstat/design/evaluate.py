"""Evaluate expressions on blocks of complete rows."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.design.column import Column, Integers, Rows, read_column
from mnlstat.design.expression import Expression, Read
from mnlstat.design.failures import (
    FiniteOnly,
    InfiniteArgumentError,
    infinite_argument,
    not_evaluated,
    outside_knots,
)
from mnlstat.design.formula import CategoricalBox
from mnlstat.design.levels import Levelled, plain
from mnlstat.design.opened import filled
from mnlstat.design.transforms import OutsideKnotsError
from mnlstat.design.vocabulary import VOCABULARY
from mnlstat.design.whole import Found, Value, settled
from mnlstat.design.words import unseen, where
from mnlstat.errors import DataError, FormulaError, MnlstatError
from mnlstat.options import named, shown


@dataclass(frozen=True, eq=False)
class Block:
    """Rows of data to evaluate on: columns by name, which rows, and their labels.

    ``part`` says whether others follow, of data in pieces.
    """

    columns: Mapping[str, Column]
    rows: Rows
    index: Any
    integers: Integers = "whole"
    part: bool = False

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.index)

    def view(self, read: Read) -> Any:
        """Return a column as the expression reads it."""
        column = self.columns[read.column]
        if read.view == "levels":
            return column.levelled(self.rows)
        if read.view == "bare":
            categorical = column.is_levelled or column.kind == "bool"
            return column.levelled(self.rows) if categorical else column.numbers(self.rows)
        integers = "float" if read.view == "float" else self.integers
        return column.series(self.rows, self.index, integers)


class _Learning:
    """A stateful transform that learns from its only call."""

    def __init__(self, expression: Expression, state: Any) -> None:
        self._expression = expression
        self._called = False
        self.state = state

    def transform(self, *args: Any, **kwargs: Any) -> Any:
        if self._called:
            said = "calls a transform that learns from data several times in one place"
            raise _misfit(
                self._expression,
                "repeated-transform",
                f"{said}; write the calls out, one for each column",
            )
        self._called = True
        self.state.memorize_chunk(*args, **kwargs)
        self.state.memorize_finish()
        return self.state.transform(*args, **kwargs)


def learn(expression: Expression, block: Block) -> tuple[Value, tuple[Any, ...]]:
    """Return the value on the block, and the states that its transforms learned there."""

    def run(integers: Integers) -> tuple[Value, tuple[Any, ...]]:
        learning = [_Learning(expression, make()) for make in expression.transforms]
        value = _evaluated(expression, replace(block, integers=integers), learning)
        return value, tuple(each.state for each in learning)

    return _settled(expression, block, run)


class _Unfinished(Exception):
    """A transform has learned from these rows, and more may follow."""


class _Memorizing:
    """A stateful transform that learns from the rows of one block of several."""

    def __init__(self, state: Any, finished: bool) -> None:
        self.state, self.finished = state, finished
        self.learned = False

    def transform(self, *args: Any, **kwargs: Any) -> Any:
        if self.finished:
            return self.state.transform(*args, **kwargs)
        self.learned = True
        self.state.memorize_chunk(*args, **kwargs)
        raise _Unfinished


def memorize(
    expression: Expression,
    block: Block,
    states: Sequence[Any],
    finished: Sequence[bool],
    integers: Integers,
) -> int | None:
    """Let the first transform that is not finished, and whose arguments are, see a block.

    Returns its position; None when all are finished.
    """
    wrapped = [_Memorizing(*each) for each in zip(states, finished, strict=True)]
    try:
        _evaluated(expression, replace(block, integers=integers), wrapped)
    except _Unfinished:
        return next(at for at, each in enumerate(wrapped) if each.learned)
    return None


def way_of_integers(expression: Expression, block: Block) -> Integers:
    """Return how whole numbers are best given to an expression, judged by one block."""
    columns = [block.columns[read.column] for read in expression.reads if read.view == "number"]
    if all(column.kind != "integer" for column in columns):
        return "float"

    def run(integers: Integers) -> tuple[Value, Integers]:
        learning = [_Learning(expression, make()) for make in expression.transforms]
        return _evaluated(expression, replace(block, integers=integers), learning), integers

    return _settled(expression, block, run)[1]


def evaluate(expression: Expression, block: Block, states: Sequence[Any]) -> Value:
    """Return the value of an expression: (n,) or (n, columns) numbers, or categories.

    Raises
    ------
    FormulaError
        When the code raises or gives values that are no design columns.
    DataError
        When values lie outside of the knots of a spline, or are dates or complex.
    """

    def run(integers: Integers) -> tuple[Value, Sequence[Any]]:
        return _evaluated(expression, replace(block, integers=integers), states), states

    return _settled(expression, block, run)[0]


def _settled(expression: Expression, block: Block, run: Callable[[Integers], Found]) -> Found:
    """Return what the expression gives, whichever way its whole numbers need."""
    columns = [block.columns[read.column] for read in expression.reads if read.view == "number"]
    if all(column.kind != "integer" for column in columns):
        return run("float")
    found = settled(run, lambda: all(column.fits_floats() for column in columns))
    if found is None:
        said = "gives other values in floating point than in whole numbers, which may overflow"
        raise _misfit(expression, "whole-numbers-overflow", f"{said}; make a column of it")
    return found


def _evaluated(expression: Expression, block: Block, states: Sequence[Any]) -> Value:
    """Return what the code gives, its whole numbers as the block has them."""
    views = {read.placeholder: block.view(read) for read in expression.reads}
    if expression.bare_column is not None:
        bare: Value = next(iter(views.values()))
        return bare
    try:
        with np.errstate(all="ignore"):
            return _interpreted(expression, value_of(expression, views, states), block)
    except (MnlstatError, _Unfinished):
        raise
    except OutsideKnotsError as error:
        raise outside_knots(expression, block.index, error) from error
    except InfiniteArgumentError as error:
        raise infinite_argument(expression, block.index, error, block.part) from error
    except Exception as error:
        raise not_evaluated(expression, error, block.columns) from error


def value_of(expression: Expression, views: Mapping[str, Any], states: Sequence[Any] = ()) -> Any:
    """Return what the code gives, its columns being ``views``."""
    namespace = {"__builtins__": builtins, **VOCABULARY, **views}
    namespace |= {each.name: each.value for each in expression.outside}
    namespace |= {f"_state_{at}": FiniteOnly(at, state) for at, state in enumerate(states)}
    return eval(compile(expression.source, "<formula>", "eval"), namespace)


def _interpreted(expression: Expression, value: Any, block: Block) -> Value:
    """Return what the code gave as numbers or categories with one entry for each row."""
    value = filled(value)
    if isinstance(value, CategoricalBox):
        return _boxed(expression, value, block)
    if isinstance(value, Levelled):
        return value
    if np.ndim(value) == 0:
        raise _misfit(
            expression, "term-shape", f"gives a single value ({named(value)}), not one for each row"
        )
    if isinstance(value, pd.DataFrame):
        _check_order(expression, value.index, block)
        value = value.to_numpy(dtype=np.float64)
    if not isinstance(value, pd.Series):
        value = value if isinstance(value, pd.Categorical) else np.asarray(value)
    elif value.index is not block.index:
        _check_order(expression, value.index, block)
    if len(value) != block.n:
        raise _misfit(expression, "term-shape", f"gives {len(value)} values for {block.n} rows")
    if value.ndim == 2:
        return _matrix(expression, value)
    if value.ndim > 2:
        raise _misfit(expression, "term-shape", f"gives an array of {value.ndim} dimensions")
    series = value if isinstance(value, pd.Series) else pd.Series(value, index=block.index)
    column = read_column(expression.text.name, series)
    categorical = column.is_levelled or column.kind == "bool"
    return column.levelled() if categorical else column.numbers()


def _matrix(expression: Expression, value: Any) -> FloatArray:
    if value.dtype.kind not in "fiub":
        raise _misfit(
            expression, "term-shape", f"gives a two-dimensional array of type {value.dtype}"
        )
    return np.asarray(value, dtype=np.float64)


def _boxed(expression: Expression, box: Any, block: Block) -> Levelled:
    """Return what C(data, contrast, levels) asks for."""
    value = box.data
    if not isinstance(value, Levelled):
        value = _interpreted(expression, value, block)
    if not isinstance(value, Levelled):
        if value.ndim > 1 and value.shape[1] > 1:
            raise _misfit(
                expression,
                "term-shape",
                "gives several columns, which C() cannot make one factor of",
            )
        value = read_column(expression.text.name, pd.Series(value.reshape(-1))).levelled()
    if box.levels is not None:
        levels = _asked(expression, box.levels)
        codes = known_codes(expression, value, levels, block.index, "which is not among levels=")
        value = Levelled(codes, levels, declared=True, asked=True)
    return value if box.contrast is None else replace(value, contrast=box.contrast)


def _asked(expression: Expression, given: Any) -> tuple[Any, ...]:
    """Return the levels that the formula lists."""
    levels = plain(given)
    if not levels:
        raise _misfit(expression, "unusable-levels", "lists no level in levels=")
    twice = next((level for at, level in enumerate(levels) if level in levels[:at]), None)
    if twice is not None:
        raise _misfit(
            expression, "unusable-levels", f"lists the level {shown(twice)} twice in levels="
        )
    return levels


def known_codes(
    expression: Expression, value: Levelled, levels: tuple[Any, ...], index: Any, *why: str
) -> IntArray:
    """Return positions in ``levels``; refuse a level that is not among them."""
    codes = value.recoded(levels)
    if found := value.unknown(codes):
        label, rows = found
        whose = f"column {shown(expression.column)}" if expression.column else expression.text.name
        raise DataError(
            "unknown-level", unseen(whose, "level", label, where(rows, index), levels, *why)
        )
    return codes


def _check_order(expression: Expression, index: Any, block: Block) -> None:
    if len(index) == block.n and not index.equals(block.index):
        raise _misfit(
            expression, "index-differs", "gives the rows with another index or in another order"
        )


def _misfit(expression: Expression, code: str, said: str) -> FormulaError:
    return FormulaError(code, expression.text.pointed(f"{expression.text.name} {said}."))
