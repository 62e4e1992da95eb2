"""Any table becomes a DataFrame; a DataFrame is passed on as it is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow
import pytest

from mnlstat.design.frames import as_frame
from mnlstat.errors import DataError


def test_a_frame_is_passed_by_reference(frame) -> None:
    assert as_frame(frame) is frame


def test_tables_of_all_kinds() -> None:
    columns = {"x": [1.0, 2.0], "g": ["a", "b"]}
    tables = [
        columns,
        {"x": np.array([1.0, 2.0]), "g": pd.Series(["a", "b"])},
        [{"x": 1.0, "g": "a"}, {"x": 2.0, "g": "b"}],
        ({"x": 1.0, "g": "a"}, {"x": 2.0, "g": "b"}),
        np.array([(1.0, "a"), (2.0, "b")], dtype=[("x", float), ("g", "U1")]),
        pyarrow.table(columns),
    ]
    check_tables(tables)


def test_polars_tables() -> None:
    polars = pytest.importorskip("polars")
    columns = {"x": [1.0, 2.0], "g": ["a", "b"]}
    check_tables([polars.DataFrame(columns), polars.LazyFrame(columns)])


def check_tables(tables) -> None:
    for table in tables:
        made = as_frame(table)
        assert list(made.columns) == ["x", "g"]
        assert made["x"].tolist() == [1.0, 2.0] and made["g"].tolist() == ["a", "b"]


def test_scalars_make_one_row_or_are_repeated() -> None:
    assert as_frame({"x": 1.0, "g": "a"}).shape == (1, 2)
    assert as_frame({"x": [1.0, 2.0], "g": "a"})["g"].tolist() == ["a", "a"]


def test_polars_without_pyarrow(monkeypatch) -> None:
    polars = pytest.importorskip("polars")

    def missing(self):
        raise ModuleNotFoundError("pyarrow")

    monkeypatch.setattr(polars.DataFrame, "to_pandas", missing)
    made = as_frame(polars.DataFrame({"x": [1.0, None], "g": ["a", None]}))
    assert made["x"].isna().tolist() == [False, True] and made["g"].iloc[0] == "a"


@pytest.mark.parametrize(
    "data",
    [
        None,
        1,
        "x",
        b"x",
        np.ones((2, 2)),
        [1, 2],
        pd.Series([1]),
        object(),
        {"x": [1], "z": [1, 2]},
    ],
)
def test_other_things_are_refused_with_what_is_accepted(data) -> None:
    with pytest.raises(DataError, match="Give a pandas DataFrame"):
        as_frame(data)


def test_a_row_of_a_frame_gets_a_hint(frame) -> None:
    with pytest.raises(DataError, match="iloc"):
        as_frame(frame.iloc[0])
