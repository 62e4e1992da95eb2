"""Parquet files whose columns differ, and datasets with a filter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import DataError, FileFormatError
from tests.streaming.data import frame
from tests.streaming.test_equality import same

pa = pytest.importorskip("pyarrow")
ds = pytest.importorskip("pyarrow.dataset")
pq = pytest.importorskip("pyarrow.parquet")


def written(folder: Path, *tables: Any) -> Path:
    """Tables or frames as the files of a folder, in their order."""
    folder = folder / "files"
    folder.mkdir(parents=True)
    for at, table in enumerate(tables):
        if isinstance(table, pd.DataFrame):
            table = pa.Table.from_pandas(table, preserve_index=False)
        pq.write_table(table, folder / f"part-{at}.parquet", row_group_size=1500)
    return folder


def halves() -> tuple[Any, Any]:
    table = pa.Table.from_pandas(frame(4000), preserve_index=False)
    return table.slice(0, 2000), table.slice(2000)


def retyped(table: Any, name: str, kind: Any) -> Any:
    at = table.schema.get_field_index(name)
    column = table.column(name)
    column = column.dictionary_encode() if pa.types.is_dictionary(kind) else column
    return table.set_column(at, name, column.cast(kind))


WIDER = [
    ("year", pa.int16(), pa.int64()),
    ("year", pa.int64(), pa.float64()),
    ("year", pa.uint16(), pa.float32()),
    ("year", pa.float64(), pa.int32()),
    ("year", pa.int64(), pa.decimal128(21, 2)),
    ("g", pa.string(), pa.dictionary(pa.int32(), pa.string())),
    ("g", pa.dictionary(pa.int32(), pa.string()), pa.large_string()),
    ("g", pa.large_string(), pa.string()),
    ("y", pa.string(), pa.dictionary(pa.int32(), pa.string())),
]


@pytest.mark.parametrize(("name", "first", "second"), WIDER)
@pytest.mark.parametrize("way", ["folder", "glob", "dataset"])
def test_types_that_go_together(
    way: str, name: str, first: Any, second: Any, tmp_path: Path
) -> None:
    one, two = halves()
    folder = written(tmp_path, retyped(one, name, first), retyped(two, name, second))
    given = {"folder": folder, "glob": str(folder / "*"), "dataset": ds.dataset(folder)}[way]
    memory = mn.mnlogit("y ~ x + g + year", frame(4000)).fit()
    same(mn.mnlogit("y ~ x + g + year", given).fit(), memory)


@pytest.mark.parametrize("empty", [0, 1])
@pytest.mark.parametrize("name", ["x", "g", "old", "year"])
def test_a_column_without_values_in_one_file(name: str, empty: int, tmp_path: Path) -> None:
    parts = list(halves())
    at = parts[empty].schema.get_field_index(name)
    kept, parts[empty] = parts[empty], parts[empty].set_column(at, name, pa.nulls(2000))
    data = frame(4000)
    data[name] = data[name].where((data.index < 2000) == (empty == 1), None)
    assert kept.num_rows == 2000
    res = mn.mnlogit(f"y ~ z + {name}", written(tmp_path, *parts)).fit()
    whole = data.dropna(subset=[name]).astype({name: frame(4000)[name].dtype})
    memory = mn.mnlogit(f"y ~ z + {name}", whole).fit()
    np.testing.assert_allclose(res.params, memory.params, rtol=1e-10, atol=1e-11)
    np.testing.assert_allclose(res.bse, memory.bse, rtol=1e-12)


def test_fractions_after_whole_numbers_are_kept(tmp_path: Path) -> None:
    data = frame(4000)
    data["n"] = np.where(data.index < 2000, data["year"], data["year"] + 0.25)
    one = data.head(2000).astype({"n": "int64"})
    folder = written(tmp_path, one, data.tail(2000))
    same(mn.mnlogit("y ~ x + n", folder).fit(), mn.mnlogit("y ~ x + n", data).fit())


@pytest.mark.parametrize("without", [0, 1])
def test_a_column_that_is_not_in_all_files(without: int, tmp_path: Path) -> None:
    parts = list(halves())
    parts[without] = parts[without].drop_columns(["g"])
    folder = written(tmp_path, *parts)
    same(mn.mnlogit("y ~ x", folder).fit(), mn.mnlogit("y ~ x", frame(4000)).fit())
    said = rf"column 'g' is not in '.*part-{without}\.parquet'.*\nAdd it to that file"
    with pytest.raises(DataError, match=said):
        mn.mnlogit("y ~ x + g", folder)


def test_categories_in_one_piece_and_text_in_the_next() -> None:
    data = frame(4000)
    one = data.head(2000).astype({"g": pd.CategoricalDtype(["red", "green", "blue", "amber"])})
    res = mn.mnlogit("y ~ g + x", lambda: iter([one, data.tail(2000)])).fit()
    same(res, mn.mnlogit("y ~ g + x", data).fit())


@pytest.mark.parametrize("without", [0, 1])
def test_a_column_that_is_not_in_all_texts(without: int, tmp_path: Path) -> None:
    for at in (0, 1):
        part = frame(4000).iloc[2000 * at : 2000 * (at + 1)]
        part = part.drop(columns=["g"] if at == without else [])
        part.to_csv(tmp_path / f"part-{at}.csv", index=False)
    given = str(tmp_path / "*.csv")
    same(mn.mnlogit("y ~ x", given).fit(), mn.mnlogit("y ~ x", frame(4000)).fit())
    with pytest.raises(DataError, match=rf"column 'g' is not in '.*part-{without}\.csv'"):
        mn.mnlogit("y ~ x + g", given)


@pytest.mark.parametrize("form", ["feather", "csv"])
def test_wider_types_in_files_of_other_forms(form: str, tmp_path: Path) -> None:
    data = frame(4000)
    data["n"] = np.where(data.index < 2000, data["year"], data["year"] + 0.25)
    for at in (0, 1):
        part = data.iloc[2000 * at : 2000 * (at + 1)].astype({"n": "int64"} if at == 0 else {})
        table = pa.Table.from_pandas(part, preserve_index=False)
        if at == 1 and form == "feather":
            table = retyped(table, "g", pa.dictionary(pa.int32(), pa.string()))
        ds.write_dataset(
            table,
            tmp_path / form,
            format=form,
            basename_template=f"part-{at}-{{i}}",
            existing_data_behavior="overwrite_or_ignore",
        )
    given = ds.dataset(tmp_path / form, format=form)
    same(
        mn.mnlogit("y ~ z + n", given).fit(),
        mn.mnlogit("y ~ z + n", data if form == "feather" else data.fillna({"y": ""})).fit(),
    )


CLASHES = [
    ("year", pa.int64(), pa.string(), "numbers", "text"),
    ("year", pa.string(), pa.float64(), "text", "numbers"),
    ("old", pa.bool_(), pa.int8(), "True and False", "numbers"),
    ("g", pa.string(), pa.binary(), "text", "binary"),
]


@pytest.mark.parametrize(("name", "first", "second", "one", "other"), CLASHES)
def test_types_that_clash(
    name: str, first: Any, second: Any, one: str, other: str, tmp_path: Path
) -> None:
    a, b = halves()
    folder = written(tmp_path, retyped(a, name, first), retyped(b, name, second))
    with pytest.raises(DataError) as caught:
        mn.mnlogit(f"y ~ x + {name}", folder)
    for said in (f"column {name!r}", "part-0.parquet", "part-1.parquet", str(first), str(second)):
        assert said in str(caught.value)
    assert f"holds {one} (" in str(caught.value) and f" and {other} " in str(caught.value)
    same(mn.mnlogit("y ~ x", folder).fit(), mn.mnlogit("y ~ x", frame(4000)).fit())


def test_a_table_with_a_column_without_values() -> None:
    table = pa.table({"y": ["a", "b"] * 50, "x": range(100), "n": pa.nulls(100)})
    with pytest.raises(DataError, match="no rows are left"):
        mn.mnlogit("y ~ x + n", ds.dataset(table))


def test_types_that_a_dataset_was_told_are_taken(tmp_path: Path) -> None:
    a, b = halves()
    folder = written(tmp_path, retyped(a, "year", pa.string()), b)
    schema = a.schema.set(a.schema.get_field_index("year"), pa.field("year", pa.float64()))
    memory = mn.mnlogit("y ~ x + year", frame(4000)).fit()
    same(mn.mnlogit("y ~ x + year", ds.dataset(folder, schema=schema)).fit(), memory)
    schema = a.schema.set(a.schema.get_field_index("g"), pa.field("g", pa.float64()))
    with pytest.raises(FileFormatError, match=r"cannot read '.*part-0\.parquet'"):
        mn.mnlogit("y ~ x + g", ds.dataset(folder, schema=schema))


def test_one_of_many_files_is_broken(tmp_path: Path) -> None:
    folder = written(tmp_path, *halves())
    whole = (folder / "part-1.parquet").read_bytes()
    (folder / "part-1.parquet").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FileFormatError, match=r"part-1\.parquet'"):
        mn.mnlogit("y ~ x", folder)


def test_a_folder_that_tells_missing_values(tmp_path: Path) -> None:
    data = frame(4000)
    table = pa.Table.from_pandas(data[["y", "x", "g"]], preserve_index=False)
    pq.write_to_dataset(table, tmp_path / "by", partition_cols=["g"])
    res = mn.mnlogit("y ~ x + g", tmp_path / "by").fit()
    memory = mn.mnlogit("y ~ x + g", data).fit()
    assert res.dropped.by_column == memory.dropped.by_column
    np.testing.assert_allclose(res.bse, memory.bse, rtol=1e-10)
    np.testing.assert_allclose(res.params, memory.params, rtol=1e-8)
