"""Any table of data as a pandas DataFrame, and any column as a Series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.design.underline import first_line
from mnlstat.errors import DataError
from mnlstat.options import shown

ACCEPTED = (
    "Give a pandas DataFrame, a dict of columns, a list of dicts, a structured array,"
    " or a polars or pyarrow table."
)


def as_frame(data: Any) -> Any:
    """Return ``data`` as a pandas DataFrame.

    Parameters
    ----------
    data : DataFrame, mapping, sequence of mappings, structured array, or any table with
        ``to_pandas()`` (polars, pyarrow), ``collect()`` or ``to_dict()``
        A DataFrame is passed on by reference and never changed.

    Raises
    ------
    DataError
        When ``data`` is something else, or its columns differ in length or index.

    Examples
    --------
    >>> from mnlstat.design.frames import as_frame
    >>> as_frame({"x": [1.0, 2.0], "g": "a"}).shape
    (2, 2)
    """
    if isinstance(data, pd.DataFrame):
        return data
    try:
        frame = _converted(data)
    except DataError:
        raise
    except Exception as error:
        raise DataError(
            "not-a-table",
            f"the data ({type(data).__name__}) cannot be made a table: {first_line(error)}.\n"
            f"{ACCEPTED}",
        ) from error
    if frame is None:
        raise DataError(
            "not-a-table", f"the data are of type {type(data).__name__}. {ACCEPTED}{_hint(data)}"
        )
    return frame


def as_column(data: Any) -> Any:
    """Return a column, or a table with one column, as a Series; None for anything else.

    Raises
    ------
    DataError
        For a table with several columns.
    """
    if isinstance(data, pd.Series):
        return data
    if is_table(data):
        frame = as_frame(data)
        if frame.shape[1] != 1:
            raise DataError(
                "response-shape",
                f"y must be one column of outcomes; it has {frame.shape[1]} columns.",
            )
        return frame.iloc[:, 0]
    if not callable(getattr(data, "to_pandas", None)):
        return None
    if callable(getattr(data, "to_frame", None)):  # polars
        return as_frame(data.to_frame()).iloc[:, 0]
    return _pandas(data)


def is_table(data: Any) -> bool:
    """Whether the columns of ``data`` have names."""
    if isinstance(data, np.ndarray):
        return data.dtype.names is not None
    if isinstance(data, list | tuple):
        return bool(data) and isinstance(data[0], Mapping)
    if isinstance(data, Mapping) or callable(getattr(data, "collect", None)):
        return True
    return hasattr(data, "columns")


def with_text_names(frame: Any) -> Any:
    """Return a frame whose columns are named by text."""
    return frame.set_axis([str(name) for name in frame.columns], axis=1)


def as_array(name: str, given: Any) -> Any:
    """Return what the user gave as an array, or refuse what is none."""
    if isinstance(given, np.ma.MaskedArray):
        return filled(given)
    try:
        return np.asarray(given)
    except Exception as error:  # whatever an object's own __array__ raises
        raise DataError(
            "not-an-array", f"{name} cannot be made an array: {first_line(error)}"
        ) from error


def filled(values: Any) -> Any:
    """Return a masked array as one whose masked entries are missing; anything else as it is."""
    if not isinstance(values, np.ma.MaskedArray):
        return values
    if values.dtype.kind == "f":
        return values.filled(np.nan)
    objects = np.array(values.data, dtype=object)
    objects[np.ma.getmaskarray(values)] = None
    return objects


def _converted(data: Any) -> Any:
    """Return a DataFrame, or None when ``data`` is no table."""
    if isinstance(data, Mapping):
        return _from_mapping(data)
    if isinstance(data, np.ndarray):
        names = data.dtype.names
        return pd.DataFrame({name: filled(data[name]) for name in names}) if names else None
    if isinstance(data, pd.Series | str | bytes):
        return None
    if callable(getattr(data, "collect", None)):
        data = data.collect()
    if hasattr(data, "columns") and callable(getattr(data, "to_dict", None)):
        return _from_polars(data)
    if callable(getattr(data, "to_pandas", None)):
        return _only_frame(_pandas(data))
    if isinstance(data, Sequence) and all(isinstance(row, Mapping) for row in data):
        return pd.DataFrame([dict(row) for row in data], dtype=object)
    return None


def _only_frame(made: Any) -> Any:
    return made if isinstance(made, pd.DataFrame) else None


def _pandas(data: Any) -> Any:
    """Return the pandas form; whole numbers beside nulls stay exact where the library can."""
    try:
        return data.to_pandas(integer_object_nulls=True)
    except TypeError:
        return data.to_pandas()


def _from_mapping(data: Mapping[Any, Any]) -> Any:
    """Return a frame of columns; scalars alone make one row."""
    if data and all(np.ndim(value) == 0 for value in data.values()):
        return pd.DataFrame({name: [value] for name, value in data.items()})
    frame = pd.DataFrame({name: _exact(value) for name, value in data.items()})
    for name, value in data.items():
        if isinstance(value, pd.Series) and len(value) != len(frame):
            raise DataError(
                "index-differs",
                f"column {shown(name)} is a Series whose index is not that of the other columns.\n"
                "Give all columns one index, or give arrays.",
            )
    return frame


def _exact(column: Any) -> Any:
    """Return a column from which pandas will not make floats, as it does of whole numbers."""
    if isinstance(column, list | tuple) and any(value is None for value in column):
        return pd.Series(column, dtype=object).to_numpy()
    return filled(column)


def _from_polars(data: Any) -> Any:
    """Return a polars frame as pandas, with or without pyarrow.

    A Categorical is text, as its order is that of first appearance; an Enum keeps its order.
    """
    types = getattr(data, "schema", {})
    texts = [name for name, dtype in types.items() if str(dtype).startswith("Categorical")]
    if texts:
        data = data.with_columns([data[name].cast(str) for name in texts])
    try:
        return _only_frame(_pandas(data))
    except Exception:  # no pyarrow, or a type that it does not know
        lists = {name: data[name].to_list() for name in data.columns}
        return pd.DataFrame({name: pd.Series(each, dtype=object) for name, each in lists.items()})


def _hint(data: object) -> str:
    if isinstance(data, pd.Series):
        return "\nFor one row of a frame write df.iloc[[i]]; for one column, df[[name]]."
    return ""
