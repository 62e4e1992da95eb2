"""Any table of data as a pandas DataFrame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.design.underline import first_line
from mnlstat.errors import DataError

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
        When ``data`` is something else, or its columns differ in length.

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
    except Exception as error:
        raise DataError(
            f"the data ({type(data).__name__}) cannot be made a table: {first_line(error)}.\n"
            f"{ACCEPTED}"
        ) from error
    if frame is None:
        raise DataError(f"the data are of type {type(data).__name__}. {ACCEPTED}{_hint(data)}")
    return frame


def _converted(data: Any) -> Any:
    """Return a DataFrame, or None when ``data`` is no table."""
    if isinstance(data, Mapping):
        return _from_mapping(data)
    if isinstance(data, np.ndarray):
        return pd.DataFrame.from_records(data) if data.dtype.names else None
    if isinstance(data, pd.Series | str | bytes):
        return None
    if callable(getattr(data, "collect", None)):
        data = data.collect()
    if hasattr(data, "columns") and callable(getattr(data, "to_dict", None)):
        return _from_polars(data)
    if callable(getattr(data, "to_pandas", None)):
        return _only_frame(data.to_pandas())
    if isinstance(data, Sequence) and all(isinstance(row, Mapping) for row in data):
        return pd.DataFrame([dict(row) for row in data])
    return None


def _only_frame(made: Any) -> Any:
    return made if isinstance(made, pd.DataFrame) else None


def _from_mapping(data: Mapping[Any, Any]) -> Any:
    """Return a frame of columns; scalars alone make one row."""
    if data and all(np.ndim(value) == 0 for value in data.values()):
        return pd.DataFrame({name: [value] for name, value in data.items()})
    return pd.DataFrame(dict(data))


def _from_polars(data: Any) -> Any:
    """Return a polars frame as pandas, with or without pyarrow."""
    try:
        return _only_frame(data.to_pandas())
    except (ImportError, AttributeError):
        return pd.DataFrame({name: data[name].to_list() for name in data.columns})


def _hint(data: object) -> str:
    if isinstance(data, pd.Series):
        return "\nFor one row of a frame write df.iloc[[i]]; for one column, df[[name]]."
    return ""
