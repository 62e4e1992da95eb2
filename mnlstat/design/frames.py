"""Any table of data as a pandas DataFrame, and any column as a Series."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.design.opened import filled, opened
from mnlstat.design.tables import as_pandas
from mnlstat.design.underline import first_line
from mnlstat.errors import DataError


def as_frame(data: Any) -> Any:
    """Return ``data`` as a pandas DataFrame.

    Parameters
    ----------
    data : DataFrame, mapping, sequence of mappings, structured array, or any other table
        As :func:`~mnlstat.design.opened.opened` takes it.  A DataFrame is passed on by reference
        and never changed.

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
    return opened(data).whole()


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
    return as_pandas(data)


def is_table(data: Any) -> bool:
    """Whether the columns of ``data`` have names."""
    if isinstance(data, np.ndarray):
        return data.dtype.names is not None
    if isinstance(data, list | tuple):
        return bool(data) and isinstance(data[0], Mapping)
    if isinstance(data, Mapping) or callable(getattr(data, "collect", None)):
        return True
    if any(hasattr(data, name) for name in ("columns", "column_names", "__dataframe__")):
        return True
    return hasattr(data, "schema") and hasattr(data, "__arrow_c_stream__")


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
