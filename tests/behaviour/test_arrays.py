"""The door for arrays: response and design given apart, as in statsmodels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import DataError, FormulaError
from tests.behaviour.data import fit, good_frame, refused

DATA = good_frame()
N = len(DATA)
Y, X = DATA["y"], DATA[["x", "z"]].assign(const=1.0)
RESULT = mn.MNLogit(Y, X).fit()


def test_frames_keep_their_names_and_order() -> None:
    assert RESULT.params.loc["b"].index.to_list() == ["x", "z", "const"]
    assert RESULT.params.index.names == ["outcome", "term"]
    by_formula = fit(DATA, "y ~ x + z").params.rename({"Intercept": "const"})
    np.testing.assert_allclose(RESULT.params, by_formula.loc[RESULT.params.index], rtol=1e-12)


def test_arrays_get_the_names_of_statsmodels() -> None:
    res = mn.MNLogit(Y.to_numpy(), X.to_numpy()).fit()
    assert res.params.loc["b"].index.to_list() == ["x1", "x2", "const"]
    np.testing.assert_array_equal(res.params, RESULT.params)


def test_no_constant_is_added() -> None:
    res = mn.MNLogit(Y, X[["x", "z"]]).fit()
    assert len(res.params) == 4 and not res.constant


@pytest.mark.parametrize("make", [np.asarray, list, pd.Index, pd.Categorical])
def test_the_response_may_come_in_many_forms(make: Any) -> None:
    res = mn.MNLogit(make(Y), X.reset_index(drop=True)).fit()
    np.testing.assert_array_equal(res.params, RESULT.params)


def test_a_frame_of_one_column_is_a_response() -> None:
    np.testing.assert_array_equal(mn.MNLogit(DATA[["y"]], X).fit().params, RESULT.params)


@pytest.mark.parametrize("kind", ["polars", "arrow", "chunked", "masked"])
def test_columns_of_other_libraries_are_responses(kind: str) -> None:
    import polars
    import pyarrow

    rows = list(Y)
    column = {
        "polars": polars.Series(rows, dtype=polars.Categorical),
        "arrow": pyarrow.array(rows),
        "chunked": pyarrow.chunked_array([rows[:7], rows[7:]]),
        "masked": np.ma.array(rows, mask=False),
    }[kind]
    np.testing.assert_array_equal(mn.MNLogit(column, X).fit().params, RESULT.params)


@pytest.mark.parametrize("kind", ["dict", "polars", "arrow", "records"])
def test_any_table_of_one_column_is_a_response(kind: str) -> None:
    import polars
    import pyarrow

    table = {
        "dict": {"choice": list(Y)},
        "polars": polars.DataFrame({"choice": list(Y)}),
        "arrow": pyarrow.table({"choice": list(Y)}),
        "records": DATA[["y"]].rename(columns={"y": "choice"}).to_records(index=False),
    }[kind]
    model = mn.MNLogit(table, X)
    assert model.formula == "choice ~ 0 + x + z + const"
    np.testing.assert_array_equal(model.fit().params, RESULT.params)
    with refused(DataError, "y", "one column", "2"):
        mn.MNLogit({"choice": list(Y), "other": list(Y)}, X)


def test_masked_entries_are_missing() -> None:
    holes = np.zeros((N, 3), dtype=bool)
    holes[[3, 8], [0, 1]] = True
    masked = np.ma.array(X.to_numpy(), mask=holes)
    y = np.ma.array(list(Y), mask=np.arange(N) == 5)
    res = mn.MNLogit(y, masked).fit()
    assert res.dropped.by_column == {"y": 1, "x1": 1, "x2": 1}
    gone = RESULT.predict(masked).isna().all(axis=1).to_numpy()
    assert np.flatnonzero(gone).tolist() == [3, 8]
    whole = np.ma.array(np.arange(2 * N).reshape(N, 2) % 7, mask=holes[:, :2])
    assert mn.MNLogit(Y, whole).fit().dropped.by_column == {"x1": 1, "x2": 1}


def test_rows_of_an_array_take_the_labels_of_the_response() -> None:
    some = DATA["x"] > 0
    res = mn.MNLogit(Y[some], X[some].to_numpy()).fit()
    pd.testing.assert_index_equal(res.fittedvalues.index, Y[some].index)
    np.testing.assert_array_equal(res.params, mn.MNLogit(Y[some], X[some]).fit().params)
    with refused(DataError, "index"):
        mn.MNLogit({"y": Y[some]}, X[some].reset_index(drop=True))


def test_a_response_without_a_name_does_not_take_that_of_a_column() -> None:
    model = mn.MNLogit(Y.to_numpy(), X.rename(columns={"x": "y"}))
    assert model.formula == "y_ ~ 0 + y + z + const"
    np.testing.assert_array_equal(model.fit().params, RESULT.params)
    with refused(DataError, "'y'", "rename"):
        mn.MNLogit(Y, X.rename(columns={"x": "y"}))


def test_rows_are_never_matched_by_position_against_their_labels() -> None:
    with refused(DataError, "y", "X", "index"):
        mn.MNLogit(Y.sample(frac=1.0, random_state=1), X)
    with refused(DataError, "y", "X", "index"):
        mn.MNLogit(Y.reset_index(drop=True), X)


def test_different_lengths_are_named() -> None:
    with refused(DataError, "y", "5", "X", "120"):
        mn.MNLogit(Y[:5], X)


WRONG: dict[str, tuple[Any, tuple[str, ...]]] = {
    "one dimension": (X["x"].to_numpy(), ("X", "(120,)")),
    "text column": (DATA[["x", "g"]], ("'g'", "text")),
    "column twice": (X[["x", "x"]], ("'x'",)),
    "infinite": (X.assign(x=X["x"].where(Y != "b", np.inf)), ("'x'", "infinite", "40", "r1")),
    "no columns": (X[[]], ("X", "no columns")),
    "no rows": (X.head(0), ("X",)),
}


@pytest.mark.parametrize("case", WRONG)
def test_designs_that_cannot_be_used_are_refused(case: str) -> None:
    design, names = WRONG[case]
    with refused(DataError, *names):
        mn.MNLogit(Y, design)


def test_rows_with_missing_numbers_are_dropped_and_counted() -> None:
    holes = X.assign(x=X["x"].where(X["x"] > 0))
    res = mn.MNLogit(Y, holes).fit()
    assert res.nobs == (X["x"] > 0).sum()
    assert res.dropped.by_column == {"x": (X["x"] <= 0).sum()}
    with refused(DataError, "x", (X["x"] <= 0).sum()):
        mn.MNLogit(Y, holes, missing="error")


def test_new_rows_are_matched_by_name_or_taken_as_the_design() -> None:
    expected = RESULT.predict().to_numpy()
    np.testing.assert_allclose(RESULT.predict(X[["const", "z", "x"]]), expected, rtol=1e-14)
    np.testing.assert_allclose(RESULT.predict(X.to_numpy()), expected, rtol=1e-14)
    with refused(DataError, "'z'"):
        RESULT.predict(X[["x", "const"]])


def test_new_rows_may_be_records_and_must_be_a_rectangle() -> None:
    records = X.head(4).to_records(index=False)
    pd.testing.assert_frame_equal(
        RESULT.predict(records), RESULT.predict(X.head(4).reset_index(drop=True))
    )
    with refused(DataError, "new data"):
        RESULT.predict([[1.0], [2.0, 3.0]])


def test_update_needs_a_formula_and_says_so() -> None:
    with refused(FormulaError, "mnlogit"):
        RESULT.update(". ~ . - x")
