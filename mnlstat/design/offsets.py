"""Offsets: what is added to the linear predictors of outcomes with a coefficient of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import BoolArray, FloatArray
from mnlstat.design.column import Column
from mnlstat.design.frames import as_array, as_frame, is_table
from mnlstat.design.offset_terms import OffsetTerms
from mnlstat.design.response import Response
from mnlstat.design.used import read_used
from mnlstat.design.words import where
from mnlstat.errors import MnlstatError, OffsetError
from mnlstat.options import nearest, shown


@dataclass(frozen=True)
class LearnedOffset:
    """Which columns are added to the linear predictors of which outcomes.

    Attributes
    ----------
    columns : tuple of (position of an outcome, name of a column)
        None where the numbers were given as an array: new data then need theirs.
    terms : OffsetTerms, optional
        Offsets of the formula, added to those.
    """

    columns: tuple[tuple[int, str], ...] | None
    terms: OffsetTerms | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The columns, each once."""
        named = [name for _, name in self.columns or ()]
        return tuple(dict.fromkeys([*named, *(self.terms.names if self.terms else ())]))

    def written(self, labels: Sequence[Any]) -> str:
        """Which numbers are added for which outcomes."""
        parts = ["given as numbers"] if self.columns is None else []
        parts += [f"{labels[at]}: {name}" for at, name in self.columns or ()]
        if self.terms is not None:
            parts += [f"{labels[at]}: {self.terms.written}" for at in self.terms.outcomes]
        return ", ".join(parts)

    def of(self, data: Any, n_outcomes: int, used: BoolArray | None = None) -> FloatArray:
        """Offsets (n, J) of new data; NaN where a column is missing.

        What they are in rows that are not ``used`` is no matter.

        Raises
        ------
        OffsetError
            For a missing column, text, infinite values, or numbers that only the fit knew.
        """
        if self.columns is None:
            raise OffsetError(
                "offset-not-kept",
                "the model has an offset that was given as an array, so new data have none.\n"
                "Give the offset as columns, offset={outcome: column}, to predict for new data.",
            )
        frame = as_frame(data)
        columns = read_columns(frame, tuple(dict.fromkeys(name for _, name in self.columns)), used)
        values = np.zeros((len(frame), n_outcomes))
        for position, name in self.columns:
            values[:, position] = columns[name].numbers()
        if self.terms is not None:
            values[:, self.terms.outcomes] += self.terms.of(frame)[:, None]
        return values


def read_columns(
    frame: Any, names: tuple[str, ...], used: BoolArray | None = None
) -> dict[str, Column]:
    """The columns of an offset, checked; those of the ``used`` rows are finite."""
    try:
        columns = read_used(frame, names)
    except MnlstatError as error:
        raise OffsetError(error.code, f"offset: {error.message}") from error
    for name, column in columns.items():
        if column.kind not in ("number", "integer", "bool", "empty"):
            raise OffsetError("not-numbers", f"offset: column {shown(name)} holds no numbers.")
        infinite = np.isinf(column.numbers())
        if used is not None:
            infinite &= used
        if infinite.any():
            raise OffsetError(
                "infinite-values",
                f"offset: column {shown(name)} has infinite values"
                f" ({where(infinite, frame.index)}).",
            )
    return columns


def offset_names(given: Any) -> tuple[str, ...] | None:
    """The columns that an offset names; None where it is numbers.

    Raises
    ------
    OffsetError
        For a mapping to anything but names of columns.
    """
    if isinstance(given, str):
        return (given,)
    if not isinstance(given, Mapping):
        return None
    for outcome, name in given.items():
        if not isinstance(name, str):
            raise OffsetError(
                "offset-not-column",
                f"offset={{{shown(outcome)}: ...}} must name a column of the data, not"
                f" {type(name).__name__}.\nGive numbers as an array with a column for each"
                " outcome.",
            )
    if not given:
        raise OffsetError("offset-without-outcome", "offset={} names no outcome.")
    return tuple(dict.fromkeys(given.values()))


def others_than_base(response: Response) -> tuple[int, ...]:
    """Positions of the outcomes to which an offset is added that names none."""
    return tuple(j for j in range(len(response.labels)) if j != response.base)


def learn_offset(given: Any, response: Response) -> LearnedOffset:
    """Which columns belong to which outcomes: a name alone is for all outcomes but the base.

    Raises
    ------
    OffsetError
        For what is no outcome.
    """
    if isinstance(given, str):
        return LearnedOffset(tuple((j, given) for j in others_than_base(response)))
    if not isinstance(given, Mapping):
        return LearnedOffset(None)
    found = []
    for outcome, name in given.items():
        if outcome not in response.labels:
            known = [str(label) for label in response.labels if isinstance(label, str)]
            raise OffsetError(
                "unknown-outcome",
                f"offset: {shown(outcome)} is not an outcome{nearest(str(outcome), known)}.\n"
                f"{_outcomes(response)}",
            )
        found.append((response.labels.index(outcome), name))
    return LearnedOffset(tuple(found))


def given_numbers(given: Any, index: Any, used: BoolArray, response: Response) -> FloatArray:
    """Offsets (n, J) of the used rows from a table or an array with a column for each outcome.

    A table is lined up by its labels and its index, an array by position.

    Raises
    ------
    OffsetError
        Naming the shapes wanted and given, or the first bad row.
    """
    J, n = len(response.labels), len(index)
    if is_table(given):
        table = as_frame(given)
        unknown = [name for name in table.columns if name not in response.labels]
        if unknown:
            raise OffsetError(
                "unknown-outcome",
                f"offset: {shown(unknown[0])} is not an outcome.\n{_outcomes(response)}",
            )
        if isinstance(given, pd.DataFrame) and not table.index.equals(index):
            table = _reordered(table, index)
        values = np.zeros((len(table), J))
        for name in table.columns:
            values[:, response.labels.index(name)] = _numbers(table[name])
    else:
        values = _numbers(as_array("offset", given))
    if values.shape != (n, J):
        raise OffsetError(
            "offset-shape",
            f"offset has shape {values.shape}; expected ({n}, {J}): a row for each row of the data,"
            f" a column for each outcome. {_outcomes(response)}\n"
            "Or name columns: offset={outcome: column}.",
        )
    bad = ~np.isfinite(values).all(axis=1) & used
    if bad.any():
        raise OffsetError(
            "not-finite", f"offset has infinite or missing values ({where(bad, index)})."
        )
    return values[used]


def _reordered(table: Any, index: Any) -> Any:
    """The rows of a table in the order of the data."""
    known = table.index.is_unique and index.is_unique and index.isin(table.index).all()
    if len(table) != len(index) or not known:
        raise OffsetError(
            "index-differs",
            "offset is a table whose index is not that of the data.\n"
            "Give an array to take it by position.",
        )
    return table.reindex(index)


def _outcomes(response: Response) -> str:
    """The outcomes there are, and those that no row used has."""
    text = f"Outcomes: {', '.join(map(shown, response.labels))}."
    if response.unseen:
        text += f" Without rows: {', '.join(map(shown, response.unseen))}."
    return text


def _numbers(values: Any) -> FloatArray:
    try:
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError, OverflowError) as error:
        raise OffsetError(
            "not-numbers",
            "offset must be numbers, a column for each outcome.\n"
            "Or name columns: offset={outcome: column}.",
        ) from error
