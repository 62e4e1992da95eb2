"""``subset=``: the rows of the data that a model is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import BoolArray
from mnlstat.design.conditions import Condition, read_condition
from mnlstat.design.frames import as_array, as_column
from mnlstat.design.given_values import series_of
from mnlstat.design.missing import Dropped, check_missing, check_some_chosen
from mnlstat.design.survey import Survey
from mnlstat.design.weights import Weights, mixes_repeated_rows
from mnlstat.errors import OptionError
from mnlstat.options import shown


@dataclass(frozen=True, eq=False)
class Chosen:
    """Which of ``n_rows`` rows are in a subset, and how many are not, or not known to be.

    ``text`` is the condition, where it is one in words.
    """

    rows: BoolArray
    n_rows: int
    outside: int
    unknown: int
    text: str | None = None


def chosen_rows(
    subset: Any, frame: Any, wanted: BoolArray, scope: Mapping[str, Any], missing: str
) -> Chosen:
    """Return which of the wanted rows of a frame are in the subset.

    Parameters
    ----------
    subset : None, str, or (rows,) bool array or Series
        All of them; a condition; or a truth value for each row, a Series aligned by its index.
    frame : DataFrame
    wanted : (rows,) bool
    scope : mapping
        Names that the condition may use besides the data.
    missing : {"drop", "error"}
        What to do with rows for which it is missing.

    Raises
    ------
    FormulaError, OptionError, DataError
        For a condition that cannot be read, truth values that are none or do not fit the data, and
        when no row is left.
    """
    n = int(wanted.sum())
    if subset is None:
        return Chosen(wanted, n, 0, 0)
    text = None
    if isinstance(subset, str):
        counts = frozenset({len(frame), n})
        condition = read_condition(subset, list(frame.columns), scope, counts)
        text, (inside, unknown) = condition.text, condition.holds(frame)
    else:
        inside, unknown = _given(subset, frame)
    left = wanted & inside
    n_unknown = int((wanted & unknown).sum())
    check_missing({"subset": n_unknown} if n_unknown else {}, missing)
    check_some_chosen(n, int(left.sum()), n_unknown)
    return Chosen(left, n, n - int(left.sum()) - n_unknown, n_unknown, text)


def check_not_repeated(
    subset: Any, frame: Any, scope: Mapping[str, Any], weights: Weights | None
) -> None:
    """Refuse a condition that depends on all rows where frequency weights repeat them.

    Raises
    ------
    WeightsError
        For ``x > x.mean()``, whose mean would be that of rows which count once.
    """
    if not isinstance(subset, str) or weights is None or not weights.is_frequency:
        return
    if (weights.values == 1).all():
        return
    condition = read_condition(subset, list(frame.columns), scope, frozenset({len(frame)}))
    if condition.mixes_rows(frame):
        raise mixes_repeated_rows(f"subset={shown(condition.text)}", "compute the condition")


def names_of(subset: Any, columns: Sequence[str], scope: Mapping[str, Any]) -> tuple[str, ...]:
    """The columns that tell which rows are in a subset."""
    if not isinstance(subset, str):
        return ()
    return read_condition(subset, list(columns), scope, frozenset()).names


def _given(subset: Any, frame: Any) -> tuple[BoolArray, BoolArray]:
    """Return truth values given for each row, and where they are missing."""
    column = as_column(subset)
    if isinstance(subset, pd.DataFrame):
        subset = column
    if column is None:
        values = as_array("subset", subset)
        column = series_of(values) if values.ndim == 1 else None
    if column is None or len(column) != len(frame):
        given = "a single value" if column is None else f"{len(column)} values"
        raise OptionError(
            "subset-values",
            f"subset= must be a condition as text, or true or false for each of the {len(frame)}"
            f" rows; it is {given}.",
        )
    if isinstance(subset, pd.Series) and not subset.index.equals(frame.index):
        known = subset.index.is_unique and frame.index.is_unique
        if not known or not frame.index.isin(subset.index).all():
            raise OptionError(
                "subset-values",
                "subset is a Series whose index is not that of the data.\n"
                "Give an array to take it by position, or a condition as text.",
            )
        column = subset.reindex(frame.index)
    unknown = np.asarray(pd.isna(column), dtype=bool)
    held = column[~unknown]  # objects may have no hash
    kinds = {type(value) for value in (held if held.dtype == object else held.unique())}
    if not kinds <= {bool, np.bool_}:
        kind = min(kind.__name__ for kind in kinds - {bool, np.bool_})
        raise OptionError(
            "subset-values", f"subset= must hold true and false; it holds values of type {kind}."
        )
    inside = np.zeros(len(frame), dtype=bool)
    inside[~unknown] = np.asarray(column[~unknown], dtype=bool)
    return inside, unknown


@dataclass(frozen=True, eq=False)
class SubsetRows:
    """The rows of data in pieces for which a condition holds.

    ``unknown`` counts, by the first row of each piece, where it is missing.
    """

    condition: Condition
    unknown: dict[Any, int] = field(default_factory=dict)

    @classmethod
    def of(cls, subset: Any, columns: Sequence[str], scope: Mapping[str, Any]) -> SubsetRows:
        """Read the condition; truth values do not go with data in pieces."""
        if not isinstance(subset, str):
            raise OptionError(
                "subset-values",
                "subset= of data that are read in pieces must be a condition as text, such as"
                " 'age > 30'.",
            )
        return cls(read_condition(subset, columns, scope, frozenset()))

    @property
    def n_unknown(self) -> int:
        """Rows in which the condition is missing."""
        return sum(self.unknown.values())

    @property
    def names(self) -> tuple[str, ...]:
        """Columns that tell."""
        return self.condition.names

    def used(self, frame: Any) -> BoolArray:
        """Which rows of a piece."""
        if not len(frame):
            return np.zeros(0, dtype=bool)
        start = frame.index[0]
        inside, unknown = self.condition.holds(frame, by_row=start == 0)
        self.unknown[start] = int(unknown.sum())
        return inside


def unknown_rows(chosen: SubsetRows | None) -> dict[str, int]:
    """How many rows miss what the condition wants to know, where there are some."""
    n = 0 if chosen is None else chosen.n_unknown
    return {"subset": n} if n else {}


def dropped_rows(
    chosen: SubsetRows | None, seen: Survey, used: int, by_term: Mapping[str, int]
) -> Dropped:
    """What became of the rows of data in pieces."""
    if chosen is None:
        return Dropped(seen.wanted, used, seen.missing, by_term, seen.weights.zero)
    unknown = chosen.n_unknown
    outside = seen.rows - seen.wanted - unknown
    return Dropped(
        seen.rows,
        used,
        seen.missing,
        by_term,
        seen.weights.zero,
        not_in_subset=outside,
        of_unknown_subset=unknown,
        subset=chosen.condition.text,
    )
