"""Groups of the rows of a fit: named by a column of its data, or given for its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import IntArray
from mnlstat.design.frames import as_array, as_column, as_frame, is_table
from mnlstat.design.given_values import factorised, series_of
from mnlstat.design.source import DesignOnly, Source
from mnlstat.design.words import where
from mnlstat.errors import DataError
from mnlstat.options import named, nearest, shown

# Names of groups that were given as values without a name of their own.
OPTIONS = ("groups", "strata", "psu")


@dataclass(frozen=True, eq=False)
class Groups:
    """A group for each row of a fit.

    Attributes
    ----------
    name : of the column, or of the option
    codes : (n,) position of the group of each row
    labels : of the G groups, in the order in which they first come
    """

    name: str
    codes: IntArray
    labels: Any

    def __len__(self) -> int:
        return len(self.labels)

    def named(self, what: str) -> str:
        """``clusters of school``; ``clusters`` where they were given without a name."""
        return what if self.name in OPTIONS else f"{what} of {self.name}"

    def label(self, at: int) -> str:
        """The label of one group, for messages."""
        label = self.labels[at]
        return shown(label.item() if isinstance(label, np.generic) else label)

    @classmethod
    def of(cls, name: str, values: Any) -> Groups:
        """The groups of values without missing ones."""
        try:
            codes, labels = factorised(values)
        except TypeError as error:  # lists and the like
            raise DataError(
                "not-labels", f"{shown(name)} holds values that cannot be labels of groups."
            ) from error
        return cls(name, codes.astype(np.intp), labels)

    def with_(self, other: Groups) -> Groups:
        """The groups of rows that are alike in both."""
        both = self.codes * len(other) + other.codes
        return Groups.of(f"{self.name} and {other.name}", both)


def ways_of(given: Any, source: Source) -> list[Any]:
    """The ways of grouping that an argument holds: one, or each element of a list of several."""
    if isinstance(given, np.ndarray) and given.ndim == 2:
        return list(given.T)
    if is_table(given) and not isinstance(given, pd.Series):
        frame = as_frame(given)
        return [frame.iloc[:, at] for at in range(frame.shape[1])]
    if not isinstance(given, list | tuple) or not given:
        return [given]
    if all(isinstance(each, str) for each in given):
        labels = len(given) in (len(source.kept), len(source.index))
        columns = source.frame is not None and all(each in source.frame for each in given)
        return list(given) if columns or not labels else [given]
    return list(given) if all(map(_is_a_way, given)) else [given]


def _is_a_way(each: Any) -> bool:
    return isinstance(each, str | list | tuple | np.ndarray) or as_column(each) is not None


def of_data(option: str, given: Any, source: Source) -> Any:
    """Values for all rows of the data, missing where a row was not used, as a Series.

    Parameters
    ----------
    option : what gave them
    given : name of a column of the data; an array for all of its rows, or for those used; a Series,
        lined up by its index
    source : the data, and which of their rows were used

    Raises
    ------
    DataError
        For an unknown column, another length or index, changed data.
    """
    index = _labels(option, source)
    if isinstance(given, str):
        return _column_of(source, given, option)
    if isinstance(given, pd.Series) and not given.index.equals(index):
        return _by_label(given, index, source, option)
    values = _one_dimensional(given, option)
    n, used = len(source.kept), int(source.kept.sum())
    if len(values) == n:
        return series_of(values).set_axis(index)
    if len(values) != used:
        rows = f"{n} rows" if n == used else f"{n} rows, {used} of them used"
        raise DataError(
            "lengths-differ",
            f"{option} has {len(values)} values for {rows}.\n"
            "Give one for each row of the data, a Series with their index, or the name of a"
            " column.",
        )
    full = pd.Series([None] * n, index=index, dtype=object)
    full.iloc[np.flatnonzero(source.kept)] = np.asarray(values, dtype=object)
    return full


def used_values(option: str, given: Any, source: Source) -> tuple[str, Any]:
    """Name and values (n,) for the rows used, none missing; DataError as for :func:`of_data`."""
    values = of_data(option, given, source)[source.kept]
    name = given if isinstance(given, str) else getattr(given, "name", None)
    name = option if name in (None, "") else named(name)
    missing = values.isna().to_numpy(dtype=bool)
    if missing.any():
        raise DataError(
            "missing-values",
            f"{option}: {shown(name)} is missing ({where(missing, source.index)}) in rows that the"
            " fit used.\nFill it in, or fit the model to the rows that have it.",
        )
    return name, values


def for_data(option: str, given: Any, source: Source) -> list[Any]:
    """The ways of grouping, each a name or values for all rows of the data: for other fits."""
    ways = ways_of(given, source)
    return [each if isinstance(each, str) else of_data(option, each, source) for each in ways]


def groups_of(given: Any, source: Source, option: str = "groups") -> tuple[Groups, ...]:
    """The groups of the rows used, one for each way.

    Raises
    ------
    DataError
        As for :func:`of_data`; for missing values, and for a single group.
    """
    ways = ways_of(given, source)
    if not ways:
        raise DataError("wrong-shape", f"{option}={shown(given)} has no columns.")
    found = [Groups.of(*used_values(option, each, source)) for each in ways]
    for each in found:
        check_several(each, option)
    return tuple(found)


def check_several(groups: Groups, option: str) -> None:
    """Refuse a single group."""
    if len(groups) < 2:
        raise DataError(
            "one-cluster",
            f"{option}: {shown(groups.name)} has one group only, {groups.label(0)}, in the"
            " rows used; two at least are needed.",
        )


def _labels(option: str, source: Source) -> Any:
    """Labels of all rows of the data, which must be those of the fit."""
    if isinstance(source, DesignOnly):
        return source.index
    index = source.frame.index
    if len(index) != len(source.kept) or not index[source.kept].equals(source.index):
        raise DataError(
            "data-changed",
            f"{option}: the data have changed since the model was fitted: they had"
            f" {len(source.kept)} rows, in another order or with other labels.",
        )
    return index


def _column_of(source: Source, name: str, option: str) -> Any:
    if isinstance(source, DesignOnly):
        raise DataError(
            "data-not-kept",
            f"{option}={shown(name)}: the file of this result holds the design only, not the"
            " columns of the data.\nGive a label for each row.",
        )
    frame = source.frame
    if name not in frame.columns:
        known = [str(column) for column in frame.columns]
        raise DataError(
            "missing-column",
            f"{option}: the data have no column {shown(name)}{nearest(name, known)}.",
        )
    series = frame[name]
    if series.ndim > 1:
        raise DataError(
            "duplicate-column", f"{option}: the data have several columns named {shown(name)}."
        )
    return series


def _by_label(given: Any, labels: Any, source: Source, option: str) -> Any:
    """A Series lined up by its index, never by position."""
    twice = not (given.index.is_unique and labels.is_unique)
    if twice or not source.index.isin(given.index).all():
        raise DataError(
            "index-differs",
            f"{option} is a Series whose index is not that of the data.\n"
            "Give an array to take it by position, or the name of a column.",
        )
    return given.reindex(labels)


def _one_dimensional(given: Any, option: str) -> Any:
    """The values of a column or an array."""
    table = is_table(given) and not isinstance(given, pd.Series)
    if table and as_frame(given).shape[1] != 1:
        raise DataError("wrong-shape", f"{option}: give one column, not a table of several.")
    column = as_column(given)
    if column is not None:
        return column.array
    values = given if isinstance(given, list | tuple) else as_array(option, given)
    try:
        return series_of(values).array
    except (ValueError, TypeError) as error:
        raise DataError(
            "wrong-shape", f"{option}={shown(given)} is no column, nor an array of labels."
        ) from error
