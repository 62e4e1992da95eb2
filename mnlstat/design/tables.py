"""Tables of other libraries: their columns, and some of these as a pandas DataFrame."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from mnlstat.errors import DataError


@dataclass(frozen=True, eq=False)
class Native:
    """A table that is not of pandas.

    Attributes
    ----------
    columns : names of the columns
    n_rows : rows; None where telling takes reading
    fetch : makes a DataFrame of the columns of these names
    """

    columns: tuple[Any, ...]
    n_rows: int | None
    fetch: Callable[[Sequence[Any]], Any]


def native_of(data: Any) -> Native | None:
    """The table that ``data`` is; None where it is of a kind that is not known.

    polars, Arrow and duckdb are read by their own means; what else has the interface of Arrow's
    streams (``__arrow_c_stream__``) by pyarrow; and what else narwhals knows, by narwhals.
    """
    native = getattr(data, "to_native", None)
    if type(data).__module__.startswith("narwhals") and callable(native):
        data = native()
    maker = type(data).__module__.partition(".")[0]
    if isinstance(data, pd.DataFrame):
        return Native(tuple(data.columns), len(data), lambda names: data)
    if maker == "polars" and hasattr(data, "select") and hasattr(data, "collect_schema"):
        return _polars(data)
    if maker in ("duckdb", "_duckdb") and hasattr(data, "columns"):
        return _duckdb(data)
    if maker == "pyarrow":
        return _arrow(data.read_all() if hasattr(data, "read_all") else data)
    return _streamed(data) or _by_narwhals(data) or _interchanged(data)


def _polars(data: Any) -> Native:
    schema = data.collect_schema()

    def fetch(names: Sequence[Any]) -> Any:
        part = data.select(names)
        return from_polars(part.collect() if hasattr(part, "collect") else part)

    return Native(tuple(schema.names()), getattr(data, "height", None), fetch)


def _duckdb(data: Any) -> Native:
    def fetch(names: Sequence[Any]) -> Any:
        quoted = ", ".join('"' + name.replace('"', '""') + '"' for name in names)
        part = data.select(quoted)
        if _module("pyarrow") is None:
            return part.df()
        return as_pandas(part.to_arrow_table())

    return Native(tuple(data.columns), None, fetch)


def _arrow(data: Any) -> Native | None:
    """A table or batch; the columns that pandas stored its index in are not among its columns."""
    schema = getattr(data, "schema", None)
    if schema is None or not hasattr(data, "select") or not hasattr(data, "num_rows"):
        return None
    told = schema.pandas_metadata or {}
    index = [name for name in told.get("index_columns", ()) if name in schema.names]
    columns = tuple(name for name in schema.names if name not in index)

    def fetch(names: Sequence[Any]) -> Any:
        places = [at for at, name in enumerate(schema.names) if name in names or name in index]
        return as_pandas(data.select(places))

    return Native(columns, data.num_rows, fetch)


def _streamed(data: Any) -> Native | None:
    """What gives a stream of Arrow's batches, as many do once only: it is taken as a table."""
    pa = _module("pyarrow")
    if pa is None or not hasattr(data, "__arrow_c_stream__") or hasattr(data, "to_frame"):
        return None
    return _arrow(pa.table(data))


def _by_narwhals(data: Any) -> Native | None:
    """What narwhals reads; lazy tables only for the columns asked for."""
    nw = _module("narwhals")
    if nw is None:
        return None
    table = nw.from_native(data, pass_through=True)
    if not isinstance(table, nw.DataFrame | nw.LazyFrame):
        return None

    def fetch(names: Sequence[Any]) -> Any:
        part = table.select(list(names))
        part = part.collect() if isinstance(part, nw.LazyFrame) else part
        native = part.to_native()
        return native if isinstance(native, pd.DataFrame) else part.to_pandas()

    try:
        rows = len(table) if isinstance(table, nw.DataFrame) else None
    except NotImplementedError:  # it knows the names alone
        return None
    return Native(tuple(table.collect_schema().names()), rows, fetch)


def _interchanged(data: Any) -> Native | None:
    """What gives its columns by the interchange protocol of data frames."""
    if not hasattr(data, "__dataframe__") or _module("pyarrow") is None:
        return None
    interchange = importlib.import_module("pyarrow.interchange")
    given = data.__dataframe__()

    def fetch(names: Sequence[Any]) -> Any:
        return as_pandas(interchange.from_dataframe(given.select_columns_by_name(list(names))))

    return Native(tuple(given.column_names()), given.num_rows(), fetch)


def _module(name: str) -> Any:
    """A package that need not be installed."""
    with contextlib.suppress(ImportError):
        return importlib.import_module(name)
    return None


def as_pandas(data: Any) -> Any:
    """Return the pandas form; whole numbers beside nulls stay exact where the library can."""
    try:
        return data.to_pandas(integer_object_nulls=True)
    except TypeError:
        return data.to_pandas()


def from_polars(data: Any) -> Any:
    """Return a polars frame as pandas, with or without pyarrow.

    A Categorical is text, as its order is that of first appearance; an Enum keeps its order.
    """
    types = getattr(data, "schema", {})
    texts = [name for name, dtype in types.items() if str(dtype).startswith("Categorical")]
    if texts:
        data = data.with_columns([data[name].cast(str) for name in texts])
    try:
        return as_pandas(data)
    except Exception:  # no pyarrow, or a type that it does not know
        lists = {name: data[name].to_list() for name in data.columns}
        return pd.DataFrame({name: pd.Series(each, dtype=object) for name, each in lists.items()})


def check_levels_of_names(columns: Any) -> None:
    """Refuse columns whose names have several levels: a formula cannot write them."""
    if getattr(columns, "nlevels", 1) > 1:
        raise DataError(
            "names-of-levels",
            "the columns of the data have names of several levels (a MultiIndex), which a formula"
            " cannot write.\nGive each one name: data.columns = ['_'.join(map(str, name)) for name"
            " in data.columns].",
        )
