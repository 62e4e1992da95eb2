"""Odd and extreme inputs that have a right answer get it."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from tests.catalogue.cases import N, clean, fit

FORMULA = "y ~ x + z + g"
CLEAN = fit(clean(), FORMULA)


def _frame(**changes: Any) -> pd.DataFrame:
    return clean().assign(**changes)


SAME_FIT: dict[str, Callable[[], Any]] = {
    "numbers as objects": lambda: fit(_frame(x=lambda d: d["x"].astype(object)), FORMULA),
    "Fortran order": lambda: fit(
        _frame(**pd.DataFrame(np.asfortranarray(clean()[["x", "z"]]), columns=["x", "z"])), FORMULA
    ),
    "a duplicate index": lambda: fit(clean().set_axis([7] * N), FORMULA),
    "an index of tuples": lambda: fit(clean().set_index([np.arange(N), np.arange(N)]), FORMULA),
    "columns in another order": lambda: fit(clean()[["w", "g", "z", "x", "y"]], FORMULA),
    "columns that are no text": lambda: fit(_frame(**{"0": 1}).rename(columns={"0": 0}), FORMULA),
    "a dict of lists": lambda: fit(clean().to_dict("list"), FORMULA),
    "records": lambda: fit(clean().to_dict("records"), FORMULA),
    "a structured array": lambda: fit(clean().to_records(index=False), FORMULA),
    "nullable types": lambda: fit(clean().convert_dtypes(), FORMULA),
    "categories": lambda: fit(_frame(y=lambda d: d["y"].astype("category")), FORMULA),
    "an unused category": lambda: fit(
        _frame(g=lambda d: pd.Categorical(d["g"], ["low", "mid", "never", "top"])), FORMULA
    ),
    "a row that misses its outcome": lambda: fit(
        pd.concat([clean(), clean().head(1).assign(y=None)]), FORMULA
    ),
    "weights of one": lambda: fit(clean(), FORMULA, freq_weights=np.ones(N)),
    "an offset of zero": lambda: fit(_frame(o=0.0), FORMULA, offset="o"),
    "an offset for all outcomes alike": lambda: fit(
        clean(), FORMULA, offset=np.repeat(np.arange(N)[:, None] / N, 3, axis=1)
    ),
    "a start far away": lambda: mn.mnlogit(FORMULA, clean()).fit(start_params=np.full(10, 200.0)),
    "a start that overflows": lambda: mn.mnlogit(FORMULA, clean()).fit(
        start_params=np.full(10, 1e300)
    ),
    "a read-only frame": lambda: fit(_read_only(), FORMULA),
    "blanks in the formula": lambda: fit(clean(), "  y  ~\n x +\n  z + g "),
    "a column called Intercept": lambda: fit(
        clean().rename(columns={"x": "Intercept"}), "y ~ Q('Intercept') + z + g"
    ),
}
RESCALED: dict[str, float] = {"1e12": 1e12, "1e-12": 1e-12, "1e150": 1e150, "1e-150": 1e-150}


def _read_only() -> pd.DataFrame:
    values = clean()["x"].to_numpy().copy()
    values.flags.writeable = False
    return _frame(x=values)


@pytest.mark.parametrize("name", SAME_FIT)
def test_the_fit_is_that_of_clean_data(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        res = SAME_FIT[name]()
    assert res.converged
    np.testing.assert_allclose(res.params, CLEAN.params, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(res.bse, CLEAN.bse, rtol=1e-9)
    assert res.llf == pytest.approx(CLEAN.llf, rel=1e-13)


@pytest.mark.parametrize("scale", RESCALED)
def test_a_column_of_any_size_has_the_coefficient_of_its_unit(scale: str) -> None:
    factor = RESCALED[scale]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        res = fit(_frame(x=lambda d: d["x"] * factor), FORMULA)
    slope = pd.IndexSlice[:, "x"]
    np.testing.assert_allclose(res.params.loc[slope] * factor, CLEAN.params.loc[slope], rtol=1e-9)
    np.testing.assert_allclose(res.bse.loc[slope] * factor, CLEAN.bse.loc[slope], rtol=1e-9)
    assert res.llf == pytest.approx(CLEAN.llf, rel=1e-13)


def test_five_hundred_outcomes() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"y": rng.integers(0, 500, 10_000), "x": rng.normal(size=10_000)})
    res = fit(frame, "y ~ x")
    assert res.converged
    assert len(res.params) == 998
    np.testing.assert_allclose(res.fittedvalues.sum(axis=1), 1.0, rtol=1e-12)


def test_a_level_with_one_row_leaves_the_others_right() -> None:
    frame = clean()
    frame.loc[7, "g"] = "unique"
    with pytest.warns(mn.errors.SeparationWarning, match="unique"):
        res = fit(frame, FORMULA)
    rest = fit(frame.drop(index=7), FORMULA)
    finite = np.isfinite(res.params) & ~res.params.index.get_level_values(1).str.contains("unique")
    alike = rest.params.reindex(res.params.index[finite])
    slopes = alike.index.get_level_values(1).isin(["x", "z"])
    np.testing.assert_allclose(res.params[finite][slopes], alike[slopes], rtol=1e-6)


NEW_DATA: dict[str, Callable[[], tuple[Any, Any]]] = {
    "no rows": lambda: (CLEAN.predict(clean().iloc[:0]), CLEAN.fittedvalues.iloc[:0]),
    "one row": lambda: (CLEAN.predict(clean().iloc[[4]]), CLEAN.fittedvalues.iloc[[4]]),
    "another order of rows": lambda: (
        CLEAN.predict(clean().iloc[::-1]), CLEAN.fittedvalues.iloc[::-1]
    ),
    "one level only": lambda: (
        CLEAN.predict(clean().query("g == 'mid'")), CLEAN.fittedvalues[clean()["g"] == "mid"]
    ),
    "categories in another order": lambda: (
        CLEAN.predict(_frame(g=lambda d: pd.Categorical(d["g"], ["top", "low", "mid"]))),
        CLEAN.fittedvalues,
    ),
    "more columns, in another order": lambda: (
        CLEAN.predict(clean()[["w", "z", "g", "x"]]), CLEAN.fittedvalues
    ),
    "a dict of numbers": lambda: (
        CLEAN.predict(clean()[["x", "z", "g"]].iloc[0].to_dict()), CLEAN.fittedvalues.iloc[[0]]
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NEW_DATA)
def test_predictions_are_those_of_the_same_rows(name: str) -> None:
    given, expected = NEW_DATA[name]()
    pd.testing.assert_frame_equal(given, expected, rtol=1e-13, check_index_type=False)


def test_a_row_that_misses_something_has_no_prediction() -> None:
    frame = clean()
    frame.loc[3, "x"] = np.nan
    given = CLEAN.predict(frame)
    assert given.isna().all(axis=1).tolist() == [i == 3 for i in range(N)]


@pytest.mark.parametrize("size", [1e4, 1e150, 1e300])
def test_extreme_predictors_have_probabilities_that_add_up(size: float) -> None:
    given = CLEAN.predict(_frame(x=size))
    assert np.isfinite(given.to_numpy()).all()
    np.testing.assert_allclose(given.sum(axis=1), 1.0, rtol=1e-12)
