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


def test_update_needs_a_formula_and_says_so() -> None:
    with refused(FormulaError, "mnlogit"):
        RESULT.update(". ~ . - x")
