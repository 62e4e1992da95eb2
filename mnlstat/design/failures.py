"""Why the code of a term failed, in words of the data: which column, which rows."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from mnlstat.arrays import BoolArray
from mnlstat.design.column import Column
from mnlstat.design.expression import Expression
from mnlstat.design.transforms import OutsideKnotsError, UsageError
from mnlstat.design.underline import first_line
from mnlstat.design.words import where
from mnlstat.errors import DataError, FormulaError
from mnlstat.options import shown

# What Python, numpy and pandas say of text where numbers are wanted.
TEXT = re.compile(
    r"could not convert|cannot be converted|not support argument|not supported for"
    r"|Object with dtype category|concatenate|unsupported operand|must be real number"
    r"|not all arguments converted"
)


class InfiniteArgumentError(ValueError):
    """The argument of a transform that learns is infinite in some rows."""

    def __init__(self, at: int, rows: BoolArray) -> None:
        super().__init__("infinite values")
        self.at = at
        self.rows = rows


class FiniteOnly:
    """The ``at``-th transform of a term, which is given no infinite values.

    They would make all of it missing, or knots that are none, so that the term looks guilty.
    """

    def __init__(self, at: int, state: Any) -> None:
        self._at, self._state = at, state

    def transform(self, *args: Any, **kwargs: Any) -> Any:
        """Transform ``args``, the first or ``x=`` being the data."""
        data = args[0] if args else kwargs.get("x")
        values = np.asarray(data)
        if values.dtype.kind == "f" and (infinite := np.isinf(values)).any():
            rows = infinite.reshape(len(values), -1).any(axis=1) if values.ndim else infinite
            raise InfiniteArgumentError(self._at, rows)
        return self._state.transform(*args, **kwargs)


def infinite_argument(
    expression: Expression, index: Any, error: InfiniteArgumentError, part: bool = False
) -> DataError:
    """What is said of a transform whose argument is infinite, though the data are not.

    ``part`` says that the rows are a part of the data, so that more may follow.
    """
    argument = _argument(expression, error.at)
    whose = expression.text.name if argument is None else f"{argument} in {expression.text.name}"
    place = where(error.rows, index) if len(error.rows) == len(index) else "in some rows"
    return DataError(
        "term-infinite",
        f"{whose} is infinite, though the data are finite ({'at least ' * part}{place}).\n"
        "Change the term or leave the rows out.",
    )


def _argument(expression: Expression, at: int) -> str | None:
    """The data of a transform as they were written, or nearly so."""
    names = {read.placeholder: read.column for read in expression.reads}
    for node in ast.walk(ast.parse(expression.source, mode="eval")):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == f"_state_{at}.transform":
            data = node.args[0] if node.args else next((k.value for k in node.keywords), None)
            if data is not None:
                return re.sub(
                    r"_column_\d+", lambda found: names.get(found[0], found[0]), ast.unparse(data)
                )
    return None


def not_evaluated(
    expression: Expression, error: Exception, columns: Mapping[str, Column] | None = None
) -> FormulaError:
    """What is said of code that raises."""
    text = None if columns is None else _text_among(expression, error, columns)
    if text is not None:
        said = f"column {shown(text)} is text, where numbers are wanted."
    else:
        said = str(error) if isinstance(error, UsageError) else first_line(error)
    said = f"{expression.text.name} cannot be evaluated: {said}"
    return FormulaError("term-failed", expression.text.pointed(said))


def _text_among(
    expression: Expression, error: Exception, columns: Mapping[str, Column]
) -> str | None:
    """The column of text that code of numbers stumbled over."""
    if not isinstance(error, TypeError | ValueError) or not TEXT.search(first_line(error)):
        return None
    read = (each.column for each in expression.reads if each.view != "levels")
    return next((name for name in read if _is_text(columns[name])), None)


def _is_text(column: Column) -> bool:
    return column.is_levelled and any(isinstance(level, str) for level in column.levels)


def outside_knots(expression: Expression, index: Any, error: OutsideKnotsError) -> DataError:
    """What is said of values where a spline is not defined."""
    return DataError(
        "outside-knots",
        f"{expression.text.name}: values lie outside of the outer knots, {error.low:g} to"
        f" {error.high:g} ({where(error.rows, index)}).\n"
        "The spline is not defined there; give lower_bound= and upper_bound= in the formula.",
    )
