"""Pyarrow datasets with a filter give what the filtered rows give in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.design.chunks import chunks_of
from mnlstat.errors import DataError
from tests.streaming.data import as_folder, as_parquet, frame
from tests.streaming.test_equality import same
from tests.streaming.test_files import halves, retyped, written

pa = pytest.importorskip("pyarrow")
ds = pytest.importorskip("pyarrow.dataset")


def given_as(way: str, data: pd.DataFrame, folder: Path) -> Any:
    if way == "file":
        return ds.dataset(as_parquet(data, folder))
    if way == "table":
        return ds.dataset(pa.Table.from_pandas(data, preserve_index=False))
    if way == "feather":
        pa.feather.write_feather(data, folder / "data.feather")
        return ds.dataset(folder / "data.feather", format="feather")
    inner = as_folder(data, folder)
    if way == "union":
        files = sorted(inner.iterdir())
        return ds.dataset([ds.dataset(files[:1]), ds.dataset(files[1:])])
    return ds.dataset(inner)


@pytest.mark.parametrize("way", ["file", "folder", "union", "table", "feather"])
def test_a_filter(way: str, tmp_path: Path) -> None:
    import pyarrow.feather  # noqa: F401

    data = frame()
    given = given_as(way, data, tmp_path).filter(ds.field("z") > 0.5)
    kept = data[data["z"] > 0.5].reset_index(drop=True)
    res = mn.mnlogit("y ~ x + g + center(year)", given).fit()
    memory = mn.mnlogit("y ~ x + g + center(year)", kept).fit()
    same(res, memory)
    np.testing.assert_allclose(res.params, memory.params, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(res.bse, memory.bse, rtol=1e-12)


def test_filters_one_after_the_other(tmp_path: Path) -> None:
    data = frame()
    given = ds.dataset(as_folder(data, tmp_path)).filter(ds.field("z") > 0.2)
    given = given.filter(ds.field("g").isin(["red", "amber"]))
    kept = data[(data["z"] > 0.2) & data["g"].isin(["red", "amber"])].reset_index(drop=True)
    same(mn.mnlogit("y ~ x + g", given).fit(), mn.mnlogit("y ~ x + g", kept).fit())


def test_a_filter_by_what_folders_tell(tmp_path: Path) -> None:
    data = frame().dropna(subset=["g"])
    table = pa.Table.from_pandas(data, preserve_index=False)
    ds.write_dataset(
        table, tmp_path / "by", format="parquet", partitioning=["g"], partitioning_flavor="hive"
    )
    given = ds.dataset(tmp_path / "by", partitioning="hive").filter(ds.field("g") != "blue")
    res = mn.mnlogit("y ~ x + g", given).fit()
    memory = mn.mnlogit("y ~ x + g", data[data["g"] != "blue"]).fit()
    np.testing.assert_allclose(res.params, memory.params, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(res.bse, memory.bse, rtol=1e-11)
    assert res.nobs == memory.nobs and res.factors == memory.factors


def test_predictions_for_the_filtered_rows(tmp_path: Path) -> None:
    data = frame()
    given = ds.dataset(as_folder(data, tmp_path)).filter(ds.field("z") > 0.5)
    res = mn.mnlogit("y ~ x + z", given).fit()
    kept = data[data["z"] > 0.5].reset_index(drop=True)
    written = pd.read_parquet(res.predict(to=tmp_path / "pi.parquet"))
    memory = mn.mnlogit("y ~ x + z", kept).fit().predict(kept)
    np.testing.assert_allclose(written[list(memory.columns)], memory, rtol=1e-10)


def test_a_filter_that_leaves_nothing(tmp_path: Path) -> None:
    given = ds.dataset(as_parquet(frame(), tmp_path)).filter(ds.field("z") < -1)
    with pytest.raises(DataError, match="no rows"):
        mn.mnlogit("y ~ x", given)


def test_files_whose_values_the_dataset_cannot_hold(tmp_path: Path) -> None:
    one, two = halves()
    folder = written(tmp_path, one, retyped(two, "year", pa.float64()))
    some = ds.field("z") > 0.5
    said = r"'year' is double in '.*part-1\.parquet', and int64 .*\n.* a schema that can hold both"
    with pytest.raises(DataError, match=said):
        mn.mnlogit("y ~ x + year", ds.dataset(folder).filter(some))
    at = one.schema.get_field_index("year")
    schema = one.schema.set(at, pa.field("year", pa.float64()))
    kept = frame(4000)[frame(4000)["z"] > 0.5].reset_index(drop=True)
    given = ds.dataset(folder, schema=schema).filter(some)
    same(mn.mnlogit("y ~ x + year", given).fit(), mn.mnlogit("y ~ x + year", kept).fit())


@pytest.mark.parametrize("without", [0, 1])
def test_a_column_that_is_not_in_all_filtered_files(without: int, tmp_path: Path) -> None:
    parts = list(halves())
    schema = parts[0].schema
    parts[without] = parts[without].drop_columns(["g"])
    folder = written(tmp_path, *parts)
    some = ds.dataset(folder, schema=schema).filter(ds.field("z") > 0.5)
    with pytest.raises(DataError, match=rf"'g' is not in '.*part-{without}\.parquet'"):
        mn.mnlogit("y ~ x + g", some)
    kept = frame(4000)[frame(4000)["z"] > 0.5].reset_index(drop=True)
    same(mn.mnlogit("y ~ x", some).fit(), mn.mnlogit("y ~ x", kept).fit())


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    # How far pyarrow reads ahead is chance at each file: as many files are read of either.
    most = []
    for files, times in ((10, 8), (80, 1)):
        table = pa.Table.from_pandas(frame(6000), preserve_index=False)
        folder = written(tmp_path / str(files), *[table] * files)
        given = ds.dataset(folder).filter(ds.field("z") > 0.05)
        chunks, before = chunks_of(given), pa.total_allocated_bytes()
        held, rows = 0, 0
        for _ in range(times):
            for piece in chunks.read(["y", "x", "z", "year", "g"]):
                held, rows = max(held, pa.total_allocated_bytes() - before), rows + len(piece)
        assert rows == 6000 * files * times
        most.append(held)
    assert most[1] < 2 * most[0]
