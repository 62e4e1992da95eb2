"""A table of any kind, of which only the columns that are asked for become pandas."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.design.tables import Native, as_pandas, from_polars, native_of
from mnlstat.design.underline import first_line
from mnlstat.errors import DataError
from mnlstat.options import shown

ACCEPTED = (
    "Give a pandas DataFrame, a dict of columns, a list of dicts, a structured array,"
    " or a table of polars, pyarrow or duckdb, or one that narwhals or pyarrow can read."
)


class Opened:
    """A table, its columns fetched when they are first asked for.

    Attributes
    ----------
    columns : names of the columns
    n_rows : rows; None where telling takes reading
    """

    def __init__(self, data: Any) -> None:
        self._frame: Any = None
        self._native: Native | None = None
        if isinstance(data, pd.DataFrame):
            self._frame = data
        else:
            self._native = _attempt(data, lambda: native_of(data) if _may_be_native(data) else None)
            if self._native is None:
                self._frame = _converted(data)
        native = self._native
        self.columns: Any = self._frame.columns if native is None else native.columns
        self.n_rows: int | None = len(self._frame) if native is None else native.n_rows

    @property
    def is_pandas(self) -> bool:
        """Whether all columns are there already."""
        return self._native is None

    def frame(self, names: Iterable[str]) -> Any:
        """A DataFrame with those of the named columns that there are, and perhaps others.

        Raises
        ------
        DataError
            When a column cannot be converted; when the table has changed since it was read first.
        """
        native = self._native
        if native is None:
            return self._frame
        wanted, before = set(names), self._frame
        known = () if before is None else tuple(before.columns)
        if before is not None and wanted.intersection(native.columns) <= set(known):
            return before
        # each read may give the rows in another order: columns must come from one
        read = [name for name in native.columns if name in wanted or name in known]
        read = list(dict.fromkeys(read or native.columns[:1]))
        frame = _attempt(native, lambda: native.fetch(read))
        if before is not None and not frame[list(known)].equals(before):
            raise DataError(
                "data-changed",
                f"the data changed since they were read first: {shown(known[0])} or other columns"
                " have other values, or their rows another order.\nGive a table in memory.",
            )
        self._frame = frame
        return frame

    def whole(self) -> Any:
        """A DataFrame of all columns."""
        return self.frame([] if self._native is None else self._native.columns)


def opened(data: Any) -> Opened:
    """Open a table of any kind.

    Parameters
    ----------
    data : DataFrame, mapping, sequence of mappings, structured array, table of polars (also lazy),
        pyarrow or duckdb, or any that narwhals or pyarrow can read

    Raises
    ------
    DataError
        When ``data`` is something else, or its columns differ in length or index.

    Examples
    --------
    >>> from mnlstat.design.opened import opened
    >>> opened({"x": [1.0, 2.0], "g": "a"}).n_rows
    2
    """
    return data if isinstance(data, Opened) else Opened(data)


def filled(values: Any) -> Any:
    """Return a masked array as one whose masked entries are missing; anything else as it is."""
    if not isinstance(values, np.ma.MaskedArray):
        return values
    if values.dtype.kind == "f":
        return values.filled(np.nan)
    objects = np.array(values.data, dtype=object)
    objects[np.ma.getmaskarray(values)] = None
    return objects


def _attempt(data: Any, convert: Callable[[], Any]) -> Any:
    """Let another library work, and say so in our words when it fails."""
    try:
        return convert()
    except DataError:
        raise
    except Exception as error:
        raise DataError(
            "not-a-table",
            f"the data ({type(data).__name__}) cannot be made a table: {first_line(error)}.\n"
            f"{ACCEPTED}",
        ) from error


def _may_be_native(data: Any) -> bool:
    plain = (Mapping, np.ndarray, pd.Series, str, bytes, list, tuple, type(None), int, float)
    return not isinstance(data, plain)


def _converted(data: Any) -> Any:
    frame = _attempt(data, lambda: _made(data))
    if frame is None:
        raise DataError(
            "not-a-table", f"the data are of type {type(data).__name__}. {ACCEPTED}{_hint(data)}"
        )
    return frame


def _made(data: Any) -> Any:
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
        return _only_frame(from_polars(data))
    if callable(getattr(data, "to_pandas", None)):
        return _only_frame(as_pandas(data))
    if isinstance(data, Sequence) and all(isinstance(row, Mapping) for row in data):
        return pd.DataFrame([dict(row) for row in data], dtype=object)
    return None


def _only_frame(made: Any) -> Any:
    return made if isinstance(made, pd.DataFrame) else None


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


def _hint(data: object) -> str:
    if isinstance(data, pd.Series):
        return "\nFor one row of a frame write df.iloc[[i]]; for one column, df[[name]]."
    return ""
