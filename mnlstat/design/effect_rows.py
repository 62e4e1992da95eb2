"""Design rows for effects: derivatives in a column, and rows in which columns are replaced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import pandas as pd

from mnlstat.arrays import BoolArray, FloatArray, IntArray
from mnlstat.design.column import Column, read_column
from mnlstat.design.derivative import (
    DesignDerivative,
    column_of,
    depending,
    derivative,
    pieces_of,
    values_for,
)
from mnlstat.design.evaluate import Block
from mnlstat.design.factor_slopes import check_numbers
from mnlstat.design.new_rows import NewRows, checked_rows
from mnlstat.design.plan import Plan
from mnlstat.design.response import Response
from mnlstat.design.used import conformed
from mnlstat.design.variables import Described, not_read
from mnlstat.errors import DataError, OptionError
from mnlstat.options import shown


class Planned(Described, Protocol):
    """A design that can be written."""

    @property
    def plan(self) -> Plan: ...
    @property
    def response(self) -> Response: ...


@dataclass(frozen=True, eq=False)
class DesignChange:
    """The columns of a design that other values of some data columns change.

    Attributes
    ----------
    columns : (c,) intp
        Positions of the design columns that depend on the data columns.
    X : (n, c) float64, Fortran order
        What they are then; NaN in rows that miss something.
    complete : (n,) bool
        Whether nothing is missing then.
    offset : (n, J) float64, optional
        The offset then; None where it does not depend on the data columns.
    """

    columns: IntArray
    X: FloatArray
    complete: BoolArray
    offset: FloatArray | None = None

    def applied(self, X: FloatArray) -> FloatArray:
        """A copy of the design (n, k) of the data with these columns in it."""
        changed = np.array(X, order="F")
        changed[:, self.columns] = self.X
        return changed


def derivative_of(spec: Planned, rows: NewRows, name: str, with_offset: bool) -> DesignDerivative:
    """Return the derivative of the design of rows, NaN in those that are not complete."""
    _check_read(spec, [name], with_offset)
    factors, moving = spec.learned_factors, depending(spec.learned_factors, [name])
    if not rows.complete.any():
        for at in moving:
            check_numbers(factors[at], name, rows.block())
        columns = _positions(spec.plan, moving)
        return DesignDerivative(columns, _spread(np.zeros((0, len(columns))), rows), False, True)
    found = derivative(spec.plan, factors, rows.block(), name)
    return replace(found, X=_spread(found.X, rows))


def varied(
    spec: Planned, rows: NewRows, values: Mapping[str, Any], with_offset: bool
) -> DesignChange:
    """Return the design columns that depend on replaced data columns."""
    _check_read(spec, list(values), with_offset)
    new = replaced(spec, rows, values)
    moving = depending(spec.learned_factors, list(values))
    made = _made(spec, moving, new.block()) if new.complete.any() else None
    at = _positions(spec.plan, moving)
    X = _spread(np.zeros((0, len(at))) if made is None else made, new)
    return DesignChange(at, X, new.complete)


def replaced(spec: Described, rows: NewRows, values: Mapping[str, Any]) -> NewRows:
    """Return rows in which data columns have other values: one for all rows, or one for each."""
    learned = {each.name: each for each in spec.learned_columns}
    columns = dict(rows.columns)
    for name, given in values.items():
        if name in columns:
            column = conformed(_column(name, given, rows), learned[name], rows.index)
            columns[name] = column if _is_many(given) else _repeated(column, rows.n)
    return checked_rows(columns, rows.index, rows.frame)


def _made(spec: Planned, moving: Sequence[int], block: Block) -> FloatArray:
    """Write the columns that depend on some factors."""
    pieces = pieces_of(spec.plan, moving)
    values = values_for(spec.learned_factors, pieces, block)
    X = np.ones((block.n, len(pieces)), order="F")
    for out, (_, subterm, chosen) in enumerate(pieces):
        parts = zip(subterm.factors, subterm.contrasts, chosen, strict=True)
        for factor, contrast, column in parts:
            X[:, out] *= column_of(values[factor], contrast, column)
    return X


def _positions(plan: Plan, factors: Sequence[int]) -> IntArray:
    return np.array([at for at, *_ in pieces_of(plan, factors)], dtype=np.intp)


def _spread(X: FloatArray, rows: NewRows) -> FloatArray:
    """Values of the complete rows among all, NaN in the others."""
    if rows.complete.all() and rows.n == len(X):
        return X
    spread = np.full((rows.n, X.shape[1]), np.nan, order="F")
    spread[rows.complete] = X
    return spread


def _check_read(spec: Planned, names: Sequence[str], with_offset: bool) -> None:
    """Refuse columns that nothing reads, or the offset, of which the caller takes no account."""
    of_offset = () if spec.offset is None else spec.offset.names
    for name in names:
        if name not in spec.variables and not (with_offset and name in of_offset):
            raise not_read(spec, name)
        if name in of_offset and not with_offset:
            raise OptionError(
                "offset-column",
                f"column {shown(name)} is read by the offset as well as by predictors.",
            )


def _is_many(given: Any) -> bool:
    return np.ndim(given) > 0


def _column(name: str, given: Any, rows: NewRows) -> Column:
    """Read new values of a column: one, or one for each row."""
    if not _is_many(given):
        return read_column(name, pd.Series([given], index=rows.index[:1]))
    series = given if isinstance(given, pd.Series) else pd.Series(given)
    if len(series) != rows.n:
        raise DataError(
            "lengths-differ",
            f"{len(series)} values are given for column {shown(name)}, for {rows.n} rows.",
        )
    if isinstance(given, pd.Series) and not given.index.equals(rows.index):
        raise DataError(
            "index-differs",
            f"the values given for column {shown(name)} have another index than the data.\n"
            "Give an array to take them by position.",
        )
    return read_column(name, series)


def _repeated(column: Column, n: int) -> Column:
    missing = None if column.missing is None else np.repeat(column.missing, n)
    return replace(column, values=np.repeat(column.values, n), missing=missing)
