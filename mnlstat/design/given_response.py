"""The response of a model of arrays: a column of labels, or a column for each outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray
from mnlstat.design.cbind import cbind
from mnlstat.design.column import Column, read_column
from mnlstat.design.counts import CBIND, Counted
from mnlstat.design.dialect import quoted
from mnlstat.design.frames import as_array, as_column, as_frame, is_table
from mnlstat.design.outcomes import Chosen, RowOutcomes
from mnlstat.errors import DataError
from mnlstat.options import shown

LABELLED = (pd.Categorical, pd.Index, pd.api.extensions.ExtensionArray)


@dataclass(frozen=True, eq=False)
class GivenResponse:
    """A response beside its design.

    Attributes
    ----------
    outcomes : of all rows
    frame : DataFrame
        The design with the index that the two have together.
    columns : by name, to see which rows miss something
    values : by name, what was given
    written : the left side of a formula that reads them
    """

    outcomes: RowOutcomes
    frame: Any
    columns: Mapping[str, Column]
    values: Mapping[str, Any]
    written: str


def given_response(y: Any, frame: Any, X: Any) -> GivenResponse:
    """Read the response ``y`` of a design ``X`` whose columns are those of ``frame``.

    Raises
    ------
    DataError
        For other lengths or indexes, a name that a column of X has, and what is no response.
    """
    table = _table(y)
    if table is None:
        name, outcomes = _column(y, frame.columns)
        frame, outcomes = _of_one_index(frame, X, outcomes, y)
        column = read_column(name, outcomes)
        chosen = Chosen(name, column.levelled(), column.kind == "text")
        return GivenResponse(chosen, frame, {name: column}, {name: outcomes}, quoted(name))
    frame, table = _of_one_index(frame, X, table, y)
    labels = tuple(table.columns)
    names = _free_names(labels, frame.columns)
    written = f"{CBIND}({', '.join(map(quoted, names))})"
    bare = not is_table(y)
    counted = Counted("y" if bare else written, labels, _numbers(table), table.index).checked()
    values = {name: table[label] for name, label in zip(names, labels, strict=True)}
    columns = {name: read_column(name, values[name]) for name in names}
    return GivenResponse(counted, frame, columns, values, written)


def _table(y: Any) -> Any:
    """A response in several columns as a frame, None for one column."""
    if is_table(y):
        frame = as_frame(y)
        if frame.shape[1] <= 1:
            return None
        if isinstance(frame.columns, pd.MultiIndex):
            frame = frame.set_axis(frame.columns.to_flat_index(), axis=1)
        twice = frame.columns[frame.columns.duplicated()]
        if len(twice):
            raise DataError("duplicate-column", f"y has two columns named {shown(twice[0])}.")
        return frame
    if as_column(y) is not None or isinstance(y, LABELLED):
        return None
    values = as_array("y", y)
    several = values.ndim == 2 and values.shape[1] > 1
    return pd.DataFrame(values) if several else None


def _numbers(table: Any) -> FloatArray:
    """The columns side by side."""
    try:
        return cbind(*(table.iloc[:, at] for at in range(table.shape[1])))
    except DataError as error:
        raise DataError(
            "response-shape",
            "y must be one column of outcomes, or a column of counts for each outcome; it has"
            f" {table.shape[1]} columns, not all of numbers.",
        ) from error


def _free_names(labels: Sequence[Any], taken: Any) -> list[str]:
    """The columns as text; refuse those that X has, too."""
    names = [str(label) if isinstance(label, str) else f"y[{label}]" for label in labels]
    for name in names:
        if name in taken:
            raise DataError(
                "response-in-predictors",
                f"the outcome {shown(name)} is a column of X, too; rename one of them.",
            )
    return names


def _column(y: Any, taken: Any) -> tuple[str, Any]:
    """Return name and values of the response; without a name, one that no column of X has."""
    y = y.to_flat_index() if isinstance(y, pd.MultiIndex) else y
    column = as_column(y)
    name = getattr(y if column is None else column, "name", None)
    if column is None:
        column = y if isinstance(y, LABELLED) else _flat(as_array("y", y), y)
    if name is None or name == "":
        name = "y"
        while name in taken:
            name += "_"
    elif str(name) in taken:
        raise DataError(
            "response-in-predictors",
            f"the response {shown(name)} is a column of X, too; rename one of them.",
        )
    return str(name), column


def _flat(values: Any, y: Any) -> Any:
    """Return one column of outcomes; lists as objects, so that 1 and "1" stay apart."""
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1:
        raise DataError(
            "response-shape",
            "y must be one column of outcomes, or a column of counts for each outcome; its shape is"
            f" {values.shape}.",
        )
    return values if isinstance(y, np.ndarray) else np.array(list(y), dtype=object)


def _of_one_index(frame: Any, X: Any, outcomes: Any, y: Any) -> tuple[Any, Any]:
    """Return X and y with one index: the one that came with X or y, else the row numbers."""
    if len(outcomes) != len(frame):
        raise DataError("lengths-differ", f"y has {len(outcomes)} rows, X has {len(frame)}.")
    if not isinstance(outcomes, pd.Series | pd.DataFrame):
        return frame, pd.Series(outcomes, index=frame.index)
    if not _has_index(X):
        return frame.set_axis(outcomes.index), outcomes
    if _has_index(y) and not outcomes.index.equals(frame.index):
        raise DataError("index-differs", "y and X have different indexes; give both in one order.")
    return frame, outcomes.set_axis(frame.index)


def _has_index(given: Any) -> bool:
    """Whether rows come with labels of their own."""
    parts = given.values() if isinstance(given, Mapping) else [given]
    return any(isinstance(part, pd.Series | pd.DataFrame) for part in parts)
