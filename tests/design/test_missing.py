"""Missing and infinite values: found, counted, dropped before anything is learned."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from mnlstat.design.prepare import prepare
from mnlstat.errors import DataError, MissingDataWarning, OptionError

SCOPE = {"np": np, "pd": pd}


@pytest.fixture
def holed(frame) -> pd.DataFrame:
    data = frame.copy()
    data.loc[3:7, "x"] = np.nan
    data.loc[5:9, "g"] = None
    data.loc[0, "y"] = None
    data.loc[20:40, "h"] = None
    return data


def test_rows_are_dropped_and_counted_by_column(holed) -> None:
    made = prepare("y ~ x + g", holed, scope={})
    assert made.dropped.by_column == {"y": 1, "x": 5, "g": 5}
    assert (made.dropped.rows, made.dropped.used, made.dropped.total) == (120, 112, 8)
    assert made.X.shape == (112, 4) and made.codes.shape == (112,)
    kept = holed[["y", "x", "g"]].notna().all(axis=1)
    np.testing.assert_array_equal(made.source.kept, kept)
    assert made.source.index.equals(holed.index[kept])
    pd.testing.assert_frame_equal(made.source.used(), holed[kept])
    assert made.source.frame is holed


@pytest.mark.parametrize("right", ["center(x)", "standardize(x)", "bs(x, df=4)", "x*g", "C(i)"])
def test_what_is_learned_belongs_to_the_rows_used(right, holed) -> None:
    complete = holed.dropna(subset=["y", "x", "g"])
    made = prepare(f"y ~ {right} + x + g", holed, scope={})
    alone = prepare(f"y ~ {right} + x + g", complete, scope={})
    np.testing.assert_array_equal(made.X, alone.X)
    np.testing.assert_array_equal(made.spec.design(complete).X, made.X)


def test_missing_error_names_columns_and_counts(holed) -> None:
    with pytest.raises(DataError, match=r"'y' \(1 row\), 'x' \(5 rows\), 'g' \(5 rows\)"):
        prepare("y ~ x + g", holed, missing="error", scope={})
    assert prepare("y ~ z", holed.loc[1:], missing="error", scope={}).dropped.total == 0
    with pytest.raises(OptionError, match="did you mean 'drop'"):
        prepare("y ~ x", holed, missing="drp", scope={})


@pytest.mark.parametrize(
    "values",
    [
        pd.array([1, None] * 60, dtype="Int64"),
        pd.array([1.5, None] * 60, dtype="Float64"),
        pd.Series([1.5, None] * 60, dtype="double[pyarrow]"),
        pd.Series([1, None] * 60, dtype="int64[pyarrow]"),
        [1, None] * 60,
        pd.Series([2, np.nan, 3.5, pd.NA] * 30, dtype=object),
    ],
    ids=["Int64", "Float64", "arrow float", "arrow int", "object", "mixed objects"],
)
def test_every_kind_of_missing_number(values, frame) -> None:
    data = frame.assign(v=pd.Series(values))
    made = prepare("y ~ v", data, scope={})
    present = data["v"].notna().to_numpy()
    assert made.dropped.by_column == {"v": int((~present).sum())}
    np.testing.assert_array_equal(made.X[:, 1], data["v"][present].astype(float))


@pytest.mark.parametrize(
    ("term", "lost"),
    [
        ("np.log(x)", lambda d: d["x"] < 0),
        ("center(np.log(x))", lambda d: d["x"] < 0),
        ("standardize(np.log(x)):z", lambda d: d["x"] < 0),
        ("bs(np.sqrt(x), df=4)", lambda d: d["x"] < 0),
        ("cr(np.log(x), df=4)", lambda d: d["x"] < 0),
        ("te(cr(np.log(x), df=3), cr(z, df=3))", lambda d: d["x"] < 0),
        ("pd.cut(x, [-1, 0, 1])", lambda d: ~d["x"].between(-1, 1, inclusive="right")),
    ],
)
def test_missing_made_by_a_term_is_warned_about_and_learned_without(term, lost, frame) -> None:
    gone = lost(frame)
    factor = term.partition(":")[0] if "cut" not in term else term
    with pytest.warns(MissingDataWarning) as caught:
        made = prepare(f"y ~ {term}", frame, scope=SCOPE)
    assert len(caught) == 1
    assert str(caught[0].message).startswith(f"{factor} makes missing values")
    assert f"{gone.sum()} rows" in str(caught[0].message)
    assert caught[0].filename == __file__
    assert made.dropped.by_term == {factor: int(gone.sum())}
    alone = prepare(f"y ~ {term}", frame[~gone], scope=SCOPE)
    np.testing.assert_array_equal(made.X, alone.X)
    assert alone.dropped.by_term == {}


def test_no_warning_of_numpy_leaks_and_its_state_is_kept(frame) -> None:
    state = np.geterr()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        prepare("y ~ np.log(x) + np.sqrt(x)", frame, scope=SCOPE)
    assert {each.category for each in caught} == {MissingDataWarning}
    assert np.geterr() == state


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"x": np.nan}, "column 'x' is missing in all 120 rows"),
        ({"x": None}, "column 'x' is missing in all 120 rows"),
        ({"g": pd.NA}, "column 'g' is missing in all 120 rows"),
        ({"x": "hole"}, "most often 'x' \\(60\\), 'g' \\(60\\)"),
    ],
)
def test_the_column_that_empties_the_data_is_named(change, said, frame) -> None:
    data = frame.assign(**change)
    if change == {"x": "hole"}:
        first = np.arange(120) < 60
        data = frame.assign(x=frame["x"].mask(first), g=frame["g"].mask(~first))
    with pytest.raises(DataError, match=said):
        prepare("y ~ x + g", data, scope={})


def test_no_rows(frame) -> None:
    with pytest.raises(DataError, match="no rows"):
        prepare("y ~ x", frame.iloc[:0], scope={})
    with pytest.raises(DataError, match="one outcome only"):
        prepare("y ~ x", frame.iloc[:1], scope={})
    with pytest.raises(DataError, match=r"np\.log\(x - x - 1\) makes missing values in all"):
        prepare("y ~ np.log(x - x - 1)", frame, scope=SCOPE)
    with pytest.raises(DataError, match="new missing values each time"):
        prepare("y ~ np.sqrt(center(x)) ", frame, scope=SCOPE)


@pytest.mark.parametrize("column", ["x", "y"])
def test_infinite_values_are_refused_with_their_place(column, frame) -> None:
    data = frame.assign(y=frame["i"].astype(float))
    data[column] = data[column].where(data.index != 7, -np.inf)
    with pytest.raises(DataError, match=f"'{column}' has infinite values \\(1 row, first row 7\\)"):
        prepare("y ~ x", data, scope={})
    assert (
        prepare(
            "y ~ x", data.assign(z=data["z"].where(data.index != 7)), scope={}, rows=data.index != 7
        ).dropped.used
        == 119
    )


def test_infinite_made_by_a_term_is_refused(frame) -> None:
    data = frame.assign(z=frame["z"].where(frame.index != 5, 0.0))
    with pytest.raises(DataError, match=r"np.log\(z\) is infinite.*\(1 row, first row 5\)"):
        prepare("y ~ np.log(z)", data, scope=SCOPE)


def test_interaction_that_overflows_is_refused(frame) -> None:
    large = frame.assign(x=1e200, z=frame["z"].where(frame.index != 5, 1e200))
    assert prepare("y ~ x + z", large, scope={}).X.max() == 1e200
    with pytest.raises(DataError, match=r"x:z is infinite.*\(1 row, first row 5\)"):
        prepare("y ~ x:z", large, scope={})
    spec = prepare("y ~ x:z", frame, scope={}).spec
    with pytest.raises(DataError, match="x:z is infinite"):
        spec.design({"x": [1e200, np.nan], "z": [1e200, 1.0]})


def test_rows_restricts_the_fit(holed) -> None:
    rows = np.arange(120) < 60
    made = prepare("y ~ x + g", holed, scope={}, rows=rows)
    assert made.dropped.rows == 60 and made.dropped.used == 52
    assert not made.source.kept[60:].any()
    np.testing.assert_array_equal(made.X, prepare("y ~ x + g", holed[rows], scope={}).X)
    with pytest.raises(DataError, match="120 values True or False"):
        prepare("y ~ x", holed, scope={}, rows=np.arange(5))


def test_inputs_are_untouched(holed) -> None:
    before = holed.copy(deep=True)

    def meddle(v):
        v.iloc[:] = 0.0
        return v + np.arange(len(v))

    prepare("y ~ x + g + C(i) + meddle(z)", holed, scope={"meddle": meddle})
    pd.testing.assert_frame_equal(holed, before)
