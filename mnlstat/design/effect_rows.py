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
    check_rowwise,
    column_of,
    depending,
    derivative,
    pieces_of,
    values_for,
    with_notes,
)
from mnlstat.design.evaluate import Block
from mnlstat.design.factor_slopes import check_numbers
from mnlstat.design.given_values import series_of
from mnlstat.design.new_rows import NewRows, checked_rows
from mnlstat.design.offset_slopes import offset_slope, offset_with
from mnlstat.design.plan import Plan
from mnlstat.design.response import Response
from mnlstat.design.used import conformed
from mnlstat.design.variables import Described, not_read
from mnlstat.design.words import count
from mnlstat.errors import DataError, OptionError
from mnlstat.options import shown

ONE_ROW = pd.RangeIndex(1)


class Planned(Described, Protocol):
    """A design that can be written."""

    @property
    def plan(self) -> Plan:
        """Which products stand where."""

    @property
    def response(self) -> Response:
        """Outcomes."""


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
    of_offset = _check_read(spec, [name], with_offset)
    factors, moving = spec.learned_factors, depending(spec.learned_factors, [name])
    if rows.complete.any():
        found = derivative(spec.plan, factors, rows.block(), name)
        found = replace(found, X=_spread(found.X, rows))
    else:
        for at in moving:
            check_numbers(factors[at], name, rows.block())
        columns = _positions(spec.plan, moving)
        nothing = _spread(np.zeros((0, len(columns))), rows)
        found = DesignDerivative(columns, nothing, constant=False, exact=True)
    if spec.offset is None or not of_offset:
        return found
    slope, terms = offset_slope(spec.offset, rows.frame, len(spec.response.labels), name)
    return with_notes(replace(found, offset=slope), terms)


def varied(
    spec: Planned, rows: NewRows, values: Mapping[str, Any], with_offset: bool
) -> DesignChange:
    """Return the design columns that depend on replaced data columns."""
    of_offset = _check_read(spec, list(values), with_offset)
    new = replaced(spec, rows, values)
    moving = depending(spec.learned_factors, list(values))
    at = _positions(spec.plan, moving)
    made = np.zeros((0, len(at))) if not new.complete.any() else _made(spec, moving, new.block())
    X = _spread(made, new)
    complete = new.complete & ~np.isnan(X).any(axis=1)
    if spec.offset is None or not of_offset:
        return DesignChange(at, X, complete)
    offset = offset_with(spec.offset, rows.frame, len(spec.response.labels), values)
    return DesignChange(at, X, complete, offset)


def replaced(spec: Described, rows: NewRows, values: Mapping[str, Any]) -> NewRows:
    """Return rows in which data columns have other values: one for all rows, or one for each."""
    learned = {each.name: each for each in spec.learned_columns}
    columns = dict(rows.columns)
    for name, given in values.items():
        if name in columns:
            column = _column(name, given, rows)
            index = rows.index if rows.n else ONE_ROW
            column = conformed(column, learned[name], index)
            columns[name] = column if np.ndim(given) else _repeated(column, rows.n)
    of_offset = () if spec.offset is None else spec.offset.names
    new = {name: given for name, given in values.items() if name in of_offset}
    return checked_rows(columns, rows.index, rows.frame.assign(**new) if new else rows.frame)


def _made(spec: Planned, moving: Sequence[int], block: Block) -> FloatArray:
    """Write the columns that depend on some factors."""
    pieces = pieces_of(spec.plan, moving)
    check_rowwise(spec.learned_factors, pieces)
    values, lost = values_for(spec.learned_factors, pieces, block)
    X = np.ones((block.n, len(pieces)), order="F")
    with np.errstate(over="ignore", invalid="ignore"):
        for out, (_, subterm, chosen) in enumerate(pieces):
            parts = zip(subterm.factors, subterm.contrasts, chosen, strict=True)
            for factor, contrast, column in parts:
                X[:, out] *= column_of(values[factor], contrast, column)
    X[lost] = np.nan
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


def _check_read(spec: Planned, names: Sequence[str], with_offset: bool) -> bool:
    """Return whether the offset reads one of the columns.

    Refuse columns that nothing reads, or the offset, of which the caller takes no account.
    """
    of_offset = () if spec.offset is None else spec.offset.names
    for name in names:
        if name not in spec.variables and not (with_offset and name in of_offset):
            raise not_read(spec, name)
        if name in of_offset and not with_offset:
            raise OptionError(
                "offset-column",
                f"column {shown(name)} is read by the offset, too, which is not taken account of"
                " here.",
            )
    return any(name in of_offset for name in names)


def _column(name: str, given: Any, rows: NewRows) -> Column:
    """Read new values of a column: one, or one for each row."""
    if np.ndim(given) == 0:
        return read_column(name, series_of([given], rows.index[:1] if rows.n else ONE_ROW))
    if np.ndim(given) > 1 or len(given) != rows.n:
        raise DataError(
            "lengths-differ",
            f"values of shape {np.shape(given)} are given for column {shown(name)}, for"
            f" {count(rows.n)}.\nGive one value, or one for each row.",
        )
    if isinstance(given, pd.Series):
        if not given.index.equals(rows.index):
            raise DataError(
                "index-differs",
                f"the values given for column {shown(name)} have another index than the data.\n"
                "Give an array to take them by position.",
            )
        return read_column(name, given)
    return read_column(name, series_of(given, rows.index))


def _repeated(column: Column, n: int) -> Column:
    missing = None if column.missing is None else np.repeat(column.missing, n)
    return replace(column, values=np.repeat(column.values, n), missing=missing)
