"""Missing values: dropped and counted, or refused; made by a term, or emptying the data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mnlstat.errors import (
    DataError,
    MissingDataWarning,
)
from tests.behaviour.data import (
    fit,
    good_frame,
    refused,
    same_fit,
    spoilt,
    warned,
    with_column,
)

N = len(good_frame())


@pytest.mark.parametrize("column", ["x", "g"])
@pytest.mark.parametrize("gap", [None, np.nan, pd.NA], ids=["None", "nan", "NA"])
def test_rows_with_a_missing_predictor_are_dropped_and_counted(column: str, gap: Any) -> None:
    res = fit(spoilt(column, 4, gap))
    assert res.nobs == N - 1 and res.n_dropped == res.dropped.total == 1
    assert res.dropped.by_column == {column: 1}
    assert f"{column}" in str(res.summary()) and f"{N - 1}" in str(res.summary())
    assert "r4" not in res.fittedvalues.index


def test_missing_values_are_counted_by_column() -> None:
    data = good_frame()
    data.iloc[:3, 1] = np.nan
    data.iloc[2:7, 2] = np.nan
    res = fit(data)
    assert res.nobs == N - 7 and res.dropped.total == 7
    assert res.dropped.by_column == {"x": 3, "z": 5}


def test_missing_values_are_refused_on_request() -> None:
    data = good_frame()
    data.iloc[:3, 1] = np.nan
    data.iloc[2:7, 2] = np.nan
    with refused(DataError, "x", "3", "z", "5"):
        fit(data, missing="error")
    assert fit(good_frame(), missing="error").nobs == N


@pytest.mark.parametrize("transform", ["center(x)", "standardize(x)", "bs(x, df=4)", "scale(x)"])
def test_one_missing_value_does_not_empty_a_stateful_transform(transform: str) -> None:
    holes, rest = spoilt("x", 4, np.nan), good_frame().drop(index="r4")
    same_fit(holes, rest, f"y ~ {transform} + z")


def test_missing_values_in_columns_the_formula_does_not_read_do_not_matter() -> None:
    assert fit(with_column("other", np.nan)).nobs == N


def test_a_level_lost_with_its_rows_is_noted() -> None:
    data = good_frame()
    data.loc[data["g"] == "mid", "x"] = np.nan
    res = fit(data)
    assert res.params.index.get_level_values("term").isin(["g[T.top]", "Intercept", "x", "z"]).all()
    assert any("mid" in note for note in res.notes)


EMPTY = {
    "no rows": (good_frame().head(0), ("no rows",)),
    "one row": (good_frame().head(1), ("'y'", "two")),
    "column of missing values": (with_column("x", np.nan), ("x",)),
    "rows emptied together": (
        with_column("x", np.where(np.arange(N) % 2, np.nan, 1.0)).assign(
            z=np.where(np.arange(N) % 2, 1.0, np.nan)
        ),
        ("no rows",),
    ),
}


@pytest.mark.parametrize("case", EMPTY)
def test_data_without_rows_left_are_refused_with_what_emptied_them(case: str) -> None:
    data, names = EMPTY[case]
    with refused(DataError, *names):
        fit(data)


NAN_MAKERS = {
    "log of a negative": "np.log(x)",
    "inside a stateful transform": "center(np.log(x))",
    "inside a spline": "bs(np.log(x), df=4)",
}


@pytest.mark.parametrize("case", NAN_MAKERS)
def test_rows_in_which_a_term_makes_missing_values_are_dropped_with_a_warning(case: str) -> None:
    term = NAN_MAKERS[case]
    negative = int((good_frame()["x"] < 0).sum())
    with warned(MissingDataWarning, "np.log(x)", negative):
        res = fit(good_frame(), f"y ~ {term} + z")
    assert res.nobs == N - negative
    (name,) = res.dropped.by_term
    assert "np.log(x)" in name and res.dropped.by_term[name] == negative
    positive = good_frame()[good_frame()["x"] > 0]
    direct = fit(positive, f"y ~ {term} + z")
    np.testing.assert_array_equal(res.params.to_numpy(), direct.params.to_numpy())


def test_masked_entries_made_by_a_term_are_missing() -> None:
    data = good_frame()
    with warned(MissingDataWarning, "np.ma.masked_less(x.to_numpy(), 0)", (data["x"] < 0).sum()):
        res = fit(data, "y ~ np.ma.masked_less(x.to_numpy(), 0) + z")
    positive = data[data["x"] >= 0]
    np.testing.assert_array_equal(res.params, fit(positive, "y ~ x + z").params)


def test_missing_values_made_by_a_term_are_refused_on_request() -> None:
    with refused(DataError, "np.log(x)", int((good_frame()["x"] < 0).sum())):
        fit(good_frame(), "y ~ np.log(x)", missing="error")


def test_missing_values_made_by_several_terms_or_the_response_are_refused_on_request() -> None:
    data = good_frame()
    lost = [int((data[name] < 0).sum()) for name in ("x", "z")]
    with refused(DataError, f"np.log(x) ({lost[0]} rows)", f"np.sqrt(z) ({lost[1]} rows)"):
        fit(data, "y ~ np.log(x) + np.sqrt(z)", missing="error")
    with refused(DataError, "y.where(x > 0)", lost[0], 'missing="error"'):
        fit(data, "y.where(x > 0) ~ z", missing="error")


def test_an_infinite_value_made_by_a_term_is_refused() -> None:
    with refused(DataError, "np.log(x)", "infinite"):
        fit(spoilt("x", 7, 0.0).assign(x=lambda d: d["x"].abs()), "y ~ np.log(x)")
