"""Whatever holds the data, the numbers are those of a plain pandas frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import narwhals
import numpy as np
import pandas as pd
import polars
import pyarrow as pa
import pytest

import mnlstat as mn
from mnlstat.design.opened import opened
from mnlstat.errors import DataError

FORMULA = "y ~ x + i + g + b"
OPTIONS: dict[str, Any] = {"freq_weights": "f", "offset": {"b": "o"}}
N = 160
GAPS = slice(3, 40, 9)


def plain() -> pd.DataFrame:
    """Numbers that float16 and int8 hold exactly."""
    rng = np.random.default_rng(5)
    return pd.DataFrame(
        {
            "y": rng.choice(["a", "b", "c"], N),
            "x": rng.integers(-40, 40, N) / 8,
            "i": rng.integers(-9, 9, N),
            "g": rng.choice(["p", "q", "r"], N),
            "b": rng.random(N) < 0.5,
            "f": rng.integers(0, 4, N),
            "o": rng.integers(-8, 8, N) / 4,
        }
    )


class Interchange:
    """Has nothing but the interchange protocol."""

    def __init__(self, table: Any) -> None:
        self._table = table

    def __dataframe__(self, *args: Any, **options: Any) -> Any:
        return self._table.__dataframe__(*args, **options)


class Capsule:
    """Has nothing but Arrow's stream."""

    def __init__(self, table: Any) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self._table.__arrow_c_stream__(requested_schema)


def arrow(data: pd.DataFrame) -> Any:
    return pa.Table.from_pandas(data, preserve_index=False)


def duckdb(data: pd.DataFrame) -> Any:
    return pytest.importorskip("duckdb").connect().from_df(data)


def read_only(data: pd.DataFrame) -> pd.DataFrame:
    columns = {name: data[name].to_numpy(copy=True) for name in data}
    for values in columns.values():
        values.setflags(write=False)
    return pd.DataFrame(columns, copy=False)


TABLES: dict[str, Callable[[pd.DataFrame], Any]] = {
    "copy": lambda d: d.copy(),
    "nullable": lambda d: d.convert_dtypes(),
    "of arrow": lambda d: d.convert_dtypes(dtype_backend="pyarrow"),
    "objects": lambda d: d.astype(object),
    "read only": read_only,
    "polars": polars.from_pandas,
    "polars lazy": lambda d: polars.from_pandas(d).lazy(),
    "polars categorical": lambda d: polars.from_pandas(d).with_columns(
        polars.col("y", "g").cast(polars.Categorical)
    ),
    "polars enum": lambda d: polars.from_pandas(d).with_columns(
        polars.col("g").cast(polars.Enum(["p", "q", "r", "unused"]))
    ),
    "arrow": arrow,
    "arrow batch": lambda d: arrow(d).to_batches()[0],
    "arrow chunks": lambda d: pa.concat_tables([arrow(d.iloc[:50]), arrow(d.iloc[50:])]),
    "arrow stream, read once": lambda d: arrow(d).to_reader(),
    "arrow dictionary": lambda d: arrow(d.assign(g=pd.Categorical(d["g"]))),
    "duckdb": duckdb,
    "narwhals": lambda d: narwhals.from_native(polars.from_pandas(d)),
    "narwhals lazy": lambda d: narwhals.from_native(polars.from_pandas(d).lazy()),
    "narwhals of pandas": narwhals.from_native,
    "interchange": lambda d: Interchange(arrow(d)),
    "capsule": lambda d: Capsule(arrow(d)),
    "dict of arrays": lambda d: {name: d[name].to_numpy() for name in d},
    "dict of lists": lambda d: d.to_dict("list"),
    "list of dicts": lambda d: d.to_dict("records"),
    "structured": lambda d: np.array(
        [tuple(row) for row in d.astype({"y": "U1", "g": "U1"}).to_numpy()],
        dtype=[("y", "U1"), ("x", float), ("i", int), ("g", "U1"), ("b", bool), ("f", int),
               ("o", float)],
    ),
    "records": lambda d: d.to_records(index=False),
    "callable of polars": lambda d: lambda: iter([polars.from_pandas(d)]),
}  # fmt: skip


def fitted(data: Any, **options: Any) -> Any:
    return mn.mnlogit(FORMULA, data, **(OPTIONS | options)).fit()


def same(one: Any, other: Any, *, bits: bool = True) -> None:
    compare = np.testing.assert_array_equal if bits else np.testing.assert_allclose
    assert one.params.index.equals(other.params.index)
    compare(one.params.to_numpy(), other.params.to_numpy())
    compare(one.bse.to_numpy(), other.bse.to_numpy())
    assert one.dropped.by_column == other.dropped.by_column
    assert one.dropped.used == other.dropped.used and one.nobs == other.nobs


@pytest.mark.parametrize("kind", TABLES)
def test_every_table(kind: str) -> None:
    data, make = plain(), TABLES[kind]
    reference, found = fitted(data), fitted(make(data))
    same(found, reference, bits="callable" not in kind)
    if "callable" not in kind:
        np.testing.assert_array_equal(found.predict(make(data)), reference.predict(data))
        np.testing.assert_array_equal(reference.predict(make(data)), reference.predict(data))
        same(found.update(". ~ . - g"), reference.update(". ~ . - g"))


@pytest.mark.parametrize("kind", [k for k in TABLES if k != "structured" and k != "records"])
def test_every_table_with_gaps(kind: str) -> None:
    """Missing numbers, labels, whole numbers, truths, weights and offsets."""
    data = plain().convert_dtypes()
    for at, name in enumerate(["y", "x", "i", "g", "b", "f", "o"]):
        data.loc[data.index[at::29], name] = pd.NA
    if kind in ("dict of arrays", "dict of lists", "list of dicts"):
        data = data.astype(object).where(data.notna(), None)
    if kind == "read only":
        return
    reference, found = fitted(plain().assign(**_objects(data))), fitted(TABLES[kind](data))
    same(found, reference, bits="callable" not in kind)
    assert len(found.dropped.by_column) == 7
    new = TABLES[kind](data)
    if "callable" not in kind:
        wanted = reference.predict(data)
        np.testing.assert_array_equal(found.predict(new), wanted)
        assert wanted.isna().any(axis=1).sum() > 20


def _objects(data: pd.DataFrame) -> dict[str, Any]:
    return {name: data[name].astype(object).where(data[name].notna(), None) for name in data}


LABELS: dict[str, Callable[[pd.Series], Any]] = {
    "category": lambda s: s.astype("category"),
    "category with unused levels": lambda s: pd.Categorical(s, ["p", "none", "q", "r", "more"]),
    "string of python": lambda s: s.astype(pd.StringDtype("python")),
    "string of arrow": lambda s: s.astype(pd.StringDtype("pyarrow")),
    "arrow string": lambda s: s.astype(pd.ArrowDtype(pa.string())),
    "arrow large string": lambda s: s.astype(pd.ArrowDtype(pa.large_string())),
    "arrow dictionary": lambda s: pd.Series(
        pa.array(s.sort_values()).dictionary_encode(), index=s.sort_values().index,
        dtype=pd.ArrowDtype(pa.dictionary(pa.int32(), pa.string())),
    ),
    "object": lambda s: s.astype(object),
}  # fmt: skip


@pytest.mark.parametrize("kind", LABELS)
def test_every_type_of_labels(kind: str) -> None:
    data = plain()
    same(fitted(data.assign(g=LABELS[kind](data["g"]))), fitted(data))


NUMBERS: dict[str, Any] = {
    **{name: name for name in ("float32", "float16", "int8", "int64", "uint8", "Int8", "Float32")},
    **{name: name for name in (">f8", ">f4", ">i4", "int16[pyarrow]", "double[pyarrow]", "object")},
    "decimal": lambda s: s.map(lambda each: Decimal(str(each))),
    "arrow decimal": lambda s: pd.Series(
        [Decimal(str(each)) for each in s], dtype=pd.ArrowDtype(pa.decimal128(12, 4))
    ),
    "sparse": lambda s: s.astype(pd.SparseDtype("float64", 0.0)),
}


@pytest.mark.parametrize("kind", NUMBERS)
def test_every_type_of_numbers(kind: str) -> None:
    data, make = plain(), NUMBERS[kind]
    for name in ("x", "i", "f", "o"):
        if "i" in kind[:3].lower() and name in ("x", "o"):
            continue
        if kind.startswith("u") and name != "f":
            continue
        series = data[name].astype(make) if isinstance(make, str) else make(data[name])
        same(fitted(data.assign(**{name: series})), fitted(data))


@pytest.mark.parametrize("kind", ["boolean", "bool[pyarrow]", "object"])
def test_truths_with_gaps(kind: str) -> None:
    data = plain()
    truths = data["b"].astype("boolean")
    truths[5:60:11] = pd.NA
    wanted = fitted(data.drop(index=data.index[5:60:11]))
    found = fitted(data.assign(b=truths.astype(kind)))
    np.testing.assert_array_equal(found.params.to_numpy(), wanted.params.to_numpy())


def test_layouts_of_arrays() -> None:
    data = plain()
    values = np.column_stack([data["x"], data["i"], data["f"], data["o"]])
    wide = np.empty((2 * N, 8))
    wide[::2, ::2] = values
    layouts = [np.asfortranarray(values), np.ascontiguousarray(values), wide[::2, ::2]]
    backwards = values[::-1].copy()[::-1]
    frozen = values.copy()
    frozen.setflags(write=False)
    reference = fitted(data)
    for layout in (*layouts, backwards, frozen):
        table = pd.DataFrame(layout, columns=list("xifo"), copy=False).assign(
            y=data["y"], g=data["g"], b=data["b"]
        )
        same(fitted(table), reference)
        for y in (data["y"], data["y"].to_numpy()):
            found = mn.MNLogit(y, layout[:, :2]).fit()
            wanted = mn.MNLogit(data["y"], values[:, :2].copy()).fit()
            np.testing.assert_array_equal(found.params.to_numpy(), wanted.params.to_numpy())


INDEXES = {
    "shuffled": pd.Index(np.random.default_rng(0).permutation(N)),
    "duplicates": pd.Index(np.arange(N) // 3),
    "text": pd.Index([f"row {at}" for at in range(N)]),
    "dates": pd.date_range("2020-01-01", periods=N),
    "levels": pd.MultiIndex.from_arrays([np.arange(N) // 7, np.arange(N) % 7], names=["h", "t"]),
    "levels that repeat": pd.MultiIndex.from_arrays([np.arange(N) // 7, np.zeros(N)]),
    "missing": pd.Index([None, *range(N - 1)], dtype=object),
}


@pytest.mark.parametrize("kind", INDEXES)
def test_any_index_is_kept(kind: str) -> None:
    data = plain()
    index = INDEXES[kind]
    named = data.set_axis(index, axis=0)
    found = fitted(named)
    same(found, fitted(data))
    assert found.predict(named).index.equals(index)
    by_array = fitted(named, freq_weights=data["f"].to_numpy())
    same(by_array, found)


def test_columns_with_names_of_levels() -> None:
    data = plain()
    data.columns = pd.MultiIndex.from_product([["a"], data.columns])
    with pytest.raises(DataError, match="several levels") as caught:
        mn.mnlogit("y ~ x", data)
    assert caught.value.code == "names-of-levels"
    flat = data.set_axis(["_".join(name) for name in data.columns], axis=1)
    assert mn.mnlogit("a_y ~ a_x", flat).fit().converged


def test_only_columns_that_are_used_are_converted() -> None:
    data = plain()
    bad = {"day": [pd.Timestamp("2020")] * N, "cells": [[1, 2]] * N}
    table = pa.table({**data.to_dict("list"), **bad})
    reference = mn.mnlogit("y ~ x", data).fit()
    for given in (table, polars.from_arrow(table), polars.from_arrow(table).lazy()):
        model = mn.mnlogit("y ~ x", given)
        np.testing.assert_array_equal(model.fit().params, reference.params)
        assert list(opened(given).frame(["x", "y", "none"])) == ["y", "x"]
        read = model.fit()._rows("a test").source.data
        assert list(read.frame(["x"])) == ["y", "x"]
        assert len(read.whole().columns) == 9


def test_a_lazy_table_is_collected_for_the_columns_alone() -> None:
    asked: list[list[str]] = []

    def scan(with_columns: Any, predicate: Any, n_rows: Any, batch_size: Any) -> Iterator[Any]:
        asked.append(with_columns)
        table = polars.from_pandas(plain())
        yield table if with_columns is None else table.select(with_columns)

    plugins = pytest.importorskip("polars.io.plugins", reason="newer than the oldest polars")
    lazy = plugins.register_io_source(scan, schema=polars.from_pandas(plain()).schema)
    model = mn.mnlogit("y ~ x", lazy)
    assert [sorted(each) for each in asked] == [["x", "y"]]
    model.fit().predict(lazy)
    assert [sorted(each) for each in asked][1:] == [["x"]]


def test_a_table_that_changes_between_reads() -> None:
    data = plain()
    state = [polars.from_pandas(data)]

    def scan(with_columns: Any, *rest: Any) -> Iterator[Any]:
        yield state[0] if with_columns is None else state[0].select(with_columns)

    plugins = pytest.importorskip("polars.io.plugins", reason="newer than the oldest polars")
    lazy = plugins.register_io_source(scan, schema=state[0].schema)
    res = mn.mnlogit("y ~ x", lazy).fit()
    same(res.update(". ~ . + g"), mn.mnlogit("y ~ x + g", data).fit())
    res = mn.mnlogit("y ~ x", lazy).fit()
    state[0] = state[0].reverse()
    with pytest.raises(DataError, match="changed"):
        res.update(". ~ . + g")


@pytest.mark.parametrize("given", [3, "none.parquet", None, pd.Series([1.0]), [1, 2], object()])
def test_what_is_no_table(given: Any) -> None:
    with pytest.raises(mn.errors.MnlstatError):
        mn.mnlogit("y ~ x", given)
