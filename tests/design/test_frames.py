"""Any table becomes a DataFrame; a DataFrame is passed on as it is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow
import pytest

from mnlstat.design.column import read_column
from mnlstat.design.frames import as_frame
from mnlstat.errors import DataError

BIG = 10**17


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
    made = as_frame(polars.DataFrame({"x": [1.0, None], "g": ["a", None], "i": [BIG, None]}))
    assert made["x"].isna().tolist() == [False, True] and made["g"].iloc[0] == "a"
    assert made["i"].iloc[0] == BIG


@pytest.mark.parametrize("lazy", [False, True])
def test_polars_categories_are_text_and_enums_keep_their_order(lazy) -> None:
    polars = pytest.importorskip("polars")
    values = ["r", "p", None, "q"]
    table = polars.DataFrame(
        {
            "g": polars.Series(values, dtype=polars.Categorical),
            "e": polars.Series(values, dtype=polars.Enum(["q", "r", "p"])),
        }
    )
    made = as_frame(table.lazy() if lazy else table)
    for name, levels in (("g", ("p", "q", "r")), ("e", ("q", "r", "p"))):
        column = read_column(name, made[name])
        assert column.levels == levels
        assert column.missing.tolist() == [False, False, True, False]


def test_whole_numbers_beside_nulls_stay_exact() -> None:
    values = [BIG + 1, None, BIG, -BIG - 1]
    tables = [
        pyarrow.table({"i": values}),
        pd.DataFrame({"i": pd.array(values, dtype="Int64")}),
        pd.DataFrame({"i": pd.array(values, dtype="int64[pyarrow]")}),
        {"i": np.ma.array([BIG + 1, 0, BIG, -BIG - 1], mask=[0, 1, 0, 0])},
        {"i": values},
        [{"i": value} for value in values],
    ]
    polars = pytest.importorskip("polars")
    tables.append(polars.DataFrame({"i": values}))
    if hasattr(polars, "Int128"):
        tables.append(polars.DataFrame({"i": polars.Series(values, dtype=polars.Int128)}))
    for table in tables:
        levelled = read_column("i", as_frame(table)["i"]).levelled()
        assert levelled.levels == (-BIG - 1, BIG, BIG + 1)
        assert levelled.codes.tolist() == [2, -1, 1, 0]


def test_masked_entries_are_missing() -> None:
    mask = [False, True, False]
    numbers = np.ma.array([1.0, 2.0, 3.0], mask=mask)
    labels = np.ma.array(["a", "b", "a"], mask=mask)
    records = np.ma.array([(1.0, "a")] * 3, dtype=[("x", float), ("g", "U1")])
    records["x"], records["g"] = numbers, labels
    records.mask = mask
    for table in ({"x": numbers, "g": labels}, records):
        assert as_frame(table).isna().to_numpy().tolist() == [[each] * 2 for each in mask]


def test_series_of_a_dict_must_have_one_index() -> None:
    y, x = pd.Series(["a", "b", "c"]), pd.Series([1.0, 2.0, 3.0], index=[1, 2, 3])
    with pytest.raises(DataError, match="column 'y' is a Series whose index"):
        as_frame({"y": y, "x": x})
    made = as_frame({"y": y, "x": x.set_axis([2, 1, 0])})
    assert made.loc[[0, 1, 2], "x"].tolist() == [3.0, 2.0, 1.0]
    assert as_frame({"y": y.set_axis([7, 8, 9]), "x": x.to_numpy()}).index.tolist() == [7, 8, 9]


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
