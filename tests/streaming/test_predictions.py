"""Predictions written to a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import DataError, MissingDataWarning, OptionError
from tests.streaming.data import WAYS, as_callable, as_csv, as_parquet, frame

READ: dict[str, Callable[[Path], pd.DataFrame]] = {
    ".parquet": pd.read_parquet,
    ".csv": pd.read_csv,
}


@pytest.mark.parametrize("suffix", READ)
@pytest.mark.parametrize("way", WAYS)
def test_each_row_of_any_data(way: str, suffix: str, tmp_path: Path) -> None:
    data = frame()
    memory = mn.mnlogit("y ~ center(x) + g", data).fit()
    source = WAYS[way](data, tmp_path)
    to = tmp_path / f"pi{suffix}"
    res = mn.mnlogit("y ~ center(x) + g", source).fit()
    expected = memory.predict(data)
    for fit, given in ((res, None), (res, source), (memory, source), (res, data)):
        assert fit.predict(given, to=to) == to
        found = READ[suffix](to)
        assert list(found) == ["bus", "car", "walk"]
        np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert not list(tmp_path.glob(".pi*"))


def test_a_frame_in_memory_has_the_rows_used(tmp_path: Path) -> None:
    memory = mn.mnlogit("y ~ x", frame()).fit()
    path = memory.predict(to=str(tmp_path / "pi.parquet"))
    np.testing.assert_allclose(pd.read_parquet(path), memory.fittedvalues, rtol=1e-14)


def test_lost_rows_are_told_once(tmp_path: Path) -> None:
    data = frame()
    with pytest.warns(MissingDataWarning):
        res = mn.mnlogit("y ~ np.log(z - 0.1)", as_csv(data, tmp_path)).fit()
    lost = int((data["z"] <= 0.1).sum())
    with pytest.warns(MissingDataWarning, match=f"in {lost} rows") as told:
        path = res.predict(to=tmp_path / "pi.csv")
    assert len(told) == 1
    assert int(pd.read_csv(path)["car"].isna().sum()) == lost


def test_what_fails_leaves_no_file(tmp_path: Path) -> None:
    data = frame()
    res = mn.mnlogit("y ~ x + g", as_parquet(data, tmp_path)).fit()
    before = sorted(tmp_path.iterdir())
    cases: list[tuple[Any, Any, type[Exception], str]] = [
        (as_callable(data.assign(g="new"), tmp_path), "pi.csv", DataError, "level 'new'"),
        (as_callable(data[["x"]], tmp_path), "pi.csv", DataError, "no column 'g'"),
        (None, "pi.txt", OptionError, "must end in"),
        (None, "nowhere/pi.csv", OptionError, "cannot write"),
    ]
    for given, to, kind, said in cases:
        with pytest.raises(kind, match=said):
            res.predict(given, to=tmp_path / to)
    with pytest.raises(OptionError, match="name of a file"):
        res.predict(to=3)
    with pytest.raises(DataError, match="written to a file"):
        res.predict(as_callable(data, tmp_path))
    assert sorted(tmp_path.iterdir()) == before


def test_text_stays_text_where_a_piece_looks_like_numbers(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    codes = [f"0{i % 4}" for i in range(70_000)] + ["B"] * 3000
    data = pd.DataFrame({"y": rng.choice(["p", "q", "r"], len(codes)), "c": codes})
    data.to_csv(tmp_path / "codes.csv", index=False)
    res = mn.mnlogit("y ~ c", tmp_path / "codes.csv").fit()
    again = res.predict(tmp_path / "codes.csv", to=tmp_path / "again.csv")
    own = res.predict(to=tmp_path / "own.csv")
    assert again.read_bytes() == own.read_bytes()
    digits = data.head(100)
    digits.to_csv(tmp_path / "digits.csv", index=False)
    found = pd.read_csv(res.predict(tmp_path / "digits.csv", to=tmp_path / "digits_out.csv"))
    np.testing.assert_allclose(found.to_numpy(), res.predict(digits).to_numpy(), rtol=1e-14)


def test_no_rows_give_a_file_of_no_rows(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    data = pd.DataFrame({"x": rng.normal(size=300), "g": rng.choice(["a", "b"], 300)})
    data["y"] = rng.choice(["p", "q"], 300)
    res = mn.mnlogit("y ~ x + g", data).fit()
    data.head(0).to_parquet(tmp_path / "none.parquet")
    found = pd.read_parquet(res.predict(tmp_path / "none.parquet", to=tmp_path / "out.parquet"))
    assert list(found) == ["p", "q"] and len(found) == 0


@pytest.mark.parametrize("suffix", READ)
@pytest.mark.parametrize("way", ["parquet", "callable"])
def test_intervals_links_and_classes_of_any_data(way: str, suffix: str, tmp_path: Path) -> None:
    data = frame()
    memory = mn.mnlogit("y ~ center(x) + g", data).fit()
    source = {"parquet": as_parquet, "callable": as_callable}[way](data, tmp_path)
    res = mn.mnlogit("y ~ center(x) + g", source).fit()
    to = tmp_path / f"p{suffix}"
    for options in (
        {"interval": True},
        {"interval": True, "kind": "link", "base": "walk"},
        {"shape": "long", "combine": {"wheels": ["bus", "car"]}},
    ):
        expected = memory.predict(data, **options)
        found = READ[suffix](res.predict(source, to=to, **options))
        np.testing.assert_array_equal(found.pop("row"), expected.index)
        assert list(found) == list(expected)
        for name in found:
            if name in ("outcome", "base"):
                np.testing.assert_array_equal(found[name], expected[name])
            else:
                np.testing.assert_allclose(found[name], expected[name], rtol=1e-12, atol=1e-15)
    found = READ[suffix](res.predict(to=to, kind="class"))
    expected = memory.predict(data, kind="class")
    assert list(found) == ["class"]
    np.testing.assert_array_equal(found["class"].isna(), expected.isna())
    np.testing.assert_array_equal(found["class"].dropna(), expected.dropna())
    pd.testing.assert_frame_equal(res.classification_table(), memory.classification_table())


def test_a_column_of_missing_classes_keeps_its_type(tmp_path: Path) -> None:
    data = frame()
    res = mn.mnlogit("y ~ x", data).fit()
    gone = data.assign(x=data["x"].where(data.index < 5000))
    found = pd.read_parquet(
        res.predict(as_callable(gone, tmp_path), to=tmp_path / "c.parquet", kind="class")
    )
    assert len(found) == len(data) and found["class"].iloc[5000:].isna().all()


def test_tables_of_weighted_pieces_are_those_of_memory(tmp_path: Path) -> None:
    data = frame().assign(w=lambda d: d["z"] * 1e-6)
    memory = mn.mnlogit("y ~ x + g", data, sampling_weights="w").fit().classification_table()
    source = as_parquet(data, tmp_path)
    res = mn.mnlogit("y ~ x + g", source, sampling_weights="w").fit()
    found = res.classification_table()
    np.testing.assert_allclose(found, memory, rtol=1e-10)
    used = data.dropna()
    np.testing.assert_allclose(found.sum().sum(), used["w"].sum(), rtol=1e-10)
