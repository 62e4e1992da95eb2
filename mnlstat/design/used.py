"""The columns of a frame that a formula uses: found, read, checked, compared with the learned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mnlstat.arrays import BoolArray
from mnlstat.design.column import Column, read_column
from mnlstat.design.words import unseen, where
from mnlstat.errors import DataError
from mnlstat.options import nearest, shown

NOUNS = {"number": "numbers", "integer": "numbers", "bool": "True and False", "text": "text"}


@dataclass(frozen=True)
class LearnedColumn:
    """What the fit saw in a column: its content, and the categories of a categorical one."""

    name: str
    content: str
    categories: tuple[Any, ...] | None
    ordered: bool


def read_used(frame: Any, names: Iterable[str]) -> dict[str, Column]:
    """Read the columns ``names`` of ``frame``.

    Raises
    ------
    DataError
        When one is missing, stands there twice, or is of a type that cannot be used.
    """
    columns = {}
    for name in names:
        check_there(name, frame.columns)
        series = frame[name]
        if series.ndim > 1:
            raise DataError(
                "duplicate-column",
                f"the data have {series.shape[1]} columns named {shown(name)}; rename or drop"
                " them.",
            )
        columns[name] = read_column(name, series)
    return columns


def check_there(name: str, columns: Any) -> None:
    """Refuse the name of a column that the data do not have."""
    if name not in columns:
        known = [str(column) for column in columns]
        raise DataError(
            "missing-column", f"the data have no column {shown(name)}{nearest(name, known)}."
        )


def check_finite(columns: Mapping[str, Column], kept: BoolArray, index: Any) -> None:
    """Refuse infinite values in the kept rows."""
    for column in columns.values():
        if column.kind != "number" or np.isfinite(column.values).all():
            continue
        infinite = np.isinf(column.values) & kept
        if infinite.any():
            raise DataError(
                "infinite-values",
                f"column {shown(column.name)} has infinite values ({where(infinite, index)}).\n"
                "Set them to missing or leave the rows out.",
            )


def learned_column(column: Column) -> LearnedColumn:
    """Return what new data must hold in this column."""
    categories = column.levels if column.kind == "category" else None
    return LearnedColumn(column.name, _content(column), categories, column.ordered)


def conformed(column: Column, learned: LearnedColumn, index: Any) -> Column:
    """Return a column of new data as the kind that the fit saw.

    Raises
    ------
    DataError
        When it holds text where numbers were learned, or the like, or an unknown category.
    """
    column = _of_content(column, learned)
    if learned.categories is not None:
        return _in_categories(column, learned, learned.categories, index)
    return replace(column, kind="text") if column.kind == "category" else column


def _in_categories(
    column: Column, learned: LearnedColumn, categories: tuple[Any, ...], index: Any
) -> Column:
    """Return a column as positions in the learned categories."""
    levelled = column.levelled()
    codes = levelled.recoded(categories)
    if found := levelled.unknown(codes):
        label, rows = found
        whose = f"column {shown(column.name)}"
        raise DataError(
            "unknown-level", unseen(whose, "level", label, where(rows, index), categories)
        )
    return Column(column.name, "category", codes, column.missing, categories, learned.ordered)


def _of_content(column: Column, learned: LearnedColumn) -> Column:
    """Return a column as numbers, truth values or text, whichever was learned."""
    content = _content(column)
    if len(column.values) == 0 or (column.missing is not None and column.missing.all()):
        return column
    if learned.content == "number" and content != "text":
        return column if column.kind in ("number", "integer") else _numbers_of(column)
    if learned.content == content:
        return column
    if learned.content == "bool" and content == "number":
        numbers = column.numbers() if not column.is_levelled else _numbers_of(column).values
        truths = numbers == 1.0
        if np.all(truths | (numbers == 0.0) | np.isnan(numbers)):
            return Column(column.name, "bool", truths, column.missing)
    wanted, given = NOUNS[learned.content], NOUNS[content]
    raise DataError(
        "column-changes-type",
        f"column {shown(learned.name)} must hold {wanted}, as in the data of the fit; it holds"
        f" {given}.",
    )


def _content(column: Column) -> str:
    """Return "number", "bool" or "text", also for what the categories of a column are."""
    if column.kind == "category":
        kinds = {type(level) for level in column.levels}
        if kinds <= {bool}:
            return "bool"
        return "number" if kinds <= {int, float} else "text"
    return "number" if column.kind in ("number", "integer") else column.kind


def _numbers_of(column: Column) -> Column:
    """Return truth values, or categories that are numbers, as numbers."""
    if column.is_levelled:
        values = np.array([*column.levels, np.nan], dtype=np.float64)[column.values]
    else:
        values = column.numbers()
    return Column(column.name, "number", values, column.missing)
