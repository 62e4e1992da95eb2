"""What each kind of predictor gets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mnlstat.errors import (
    AliasedWarning,
    ConditionWarning,
    DataError,
    RankError,
)
from tests.behaviour.data import (
    check_message,
    fit,
    good_frame,
    refused,
    same_fit,
    spoilt,
    warned,
    with_column,
)

N = len(good_frame())


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinite_predictors_are_refused(value: float) -> None:
    with refused(DataError, "'x'", "infinite", "1 row", "r7"):
        fit(spoilt("x", 7, value))


STRANGE = {
    "complex": np.arange(N) + 1j,
    "datetime": pd.date_range("2020-01-01", periods=N),
    "timedelta": pd.to_timedelta(np.arange(N), unit="D"),
}


@pytest.mark.parametrize("kind", STRANGE)
def test_predictors_that_are_no_numbers_are_refused_by_type(kind: str) -> None:
    with refused(DataError, "'x'", kind):
        fit(with_column("x", STRANGE[kind]))


def test_text_with_nearly_as_many_levels_as_rows_is_refused() -> None:
    with refused(DataError, "'g'", N, "text"):
        fit(with_column("g", [f"id {i}" for i in range(N)]))


def test_objects_that_are_all_numbers_are_numbers() -> None:
    same_fit(good_frame(), with_column("x", good_frame()["x"].astype(object)))


FLAGS = (np.arange(N) // 3) % 2 == 0


@pytest.mark.parametrize(
    "column",
    [
        FLAGS.astype("int8"),
        FLAGS.astype("uint64"),
        FLAGS.astype("float32"),
        pd.array(FLAGS.astype(int), dtype="Int64"),
        pd.array(FLAGS.astype(float), dtype="Float64"),
        pd.array(FLAGS.astype(float), dtype="float64[pyarrow]"),
    ],
    ids=["int8", "uint64", "float32", "Int64", "Float64", "arrow"],
)
def test_numbers_of_any_type_are_the_same_numbers(column: Any) -> None:
    same_fit(with_column("x", FLAGS.astype(float)), with_column("x", column))


@pytest.mark.parametrize(
    "column",
    [
        good_frame()["g"].astype("category"),
        good_frame()["g"].astype(object),
        good_frame()["g"].astype("string"),
        good_frame()["g"].astype("string[pyarrow]"),
    ],
    ids=["category", "object", "string", "arrow"],
)
def test_text_of_any_type_is_the_same_factor(column: Any) -> None:
    same_fit(good_frame(), with_column("g", column))


def test_whole_number_arithmetic_does_not_overflow() -> None:
    small = with_column("x", (np.arange(N) * 7 % 120).astype("int8"))
    large = small.assign(x=small["x"].astype(float))
    same_fit(large, small, "y ~ I(x ** 2) + I(x * x * x) + z")


ALIASED = {
    "constant": ("y ~ x + k + g", with_column("k", 3.0), "k", "Intercept"),
    "all zero": ("y ~ x + k + g", with_column("k", 0.0), "k", "0"),
    "duplicate": ("y ~ x + k + g", with_column("k", good_frame()["x"]), "k", "x"),
    "multiple": ("y ~ x + k + g", with_column("k", -2 * good_frame()["x"]), "k", "x"),
    "sum": ("y ~ x + z + I(x + z) + g", good_frame(), "I(x + z)", "z"),
}


@pytest.mark.parametrize("case", ALIASED)
def test_aliased_columns_are_named_with_what_they_equal(case: str) -> None:
    formula, data, column, part = ALIASED[case]
    with warned(AliasedWarning, column, part):
        res = fit(data, formula)
    assert list(res.aliased) == [column] and part in res.aliased[column]
    plain = fit(good_frame(), "y ~ x + z + g" if case == "sum" else "y ~ x + g")
    gone = res.params.index.get_level_values("term") == column
    assert res.params[gone].isna().all() and res.bse[gone].isna().all()
    np.testing.assert_allclose(res.params[~gone], plain.params, rtol=1e-11)
    np.testing.assert_allclose(res.bse[~gone], plain.bse, rtol=1e-11)
    assert res.llf == pytest.approx(plain.llf, rel=1e-14)
    assert (res.df_model, res.aic) == (plain.df_model, pytest.approx(plain.aic, rel=1e-14))
    np.testing.assert_allclose(res.predict(data), plain.fittedvalues, rtol=1e-11)
    assert column in str(res.summary())


@pytest.mark.parametrize("case", ALIASED)
def test_aliased_columns_are_refused_on_request(case: str) -> None:
    formula, data, column, part = ALIASED[case]
    with refused(RankError, column, part):
        fit(data, formula, rank="error")


def test_a_factor_with_one_level_is_aliased_with_the_constant_or_has_no_columns() -> None:
    data = with_column("f", "only")
    with pytest.warns(AliasedWarning) as caught:
        res = fit(data, "y ~ x + f")
    check_message(str(caught[0].message), ("f",))
    np.testing.assert_allclose(res.params.dropna(), fit(good_frame(), "y ~ x").params, rtol=1e-11)


def test_a_level_never_seen_is_left_out_and_noted() -> None:
    data = with_column("g", pd.Categorical(good_frame()["g"], ["low", "never", "mid", "top"]))
    same_fit(good_frame(), data)
    res = fit(data)
    assert any("never" in note for note in res.notes) and "never" in str(res.summary())
    with refused(DataError, "'g'", "'never'", "mid"):
        res.predict(data.assign(g="never"))


def nearly(gap: float) -> pd.DataFrame:
    noise = np.random.default_rng(5).normal(size=N)
    return with_column("k", good_frame()["x"] + gap * noise)


def test_columns_collinear_to_six_digits_are_fitted_in_silence() -> None:
    res = fit(nearly(1e-6), "y ~ x + k + z")
    assert res.converged and res.bse.notna().all()


def test_columns_collinear_to_ten_digits_are_warned_about() -> None:
    with pytest.warns(ConditionWarning) as caught:
        fit(nearly(1e-10), "y ~ x + k + z")
    check_message(str(caught[0].message), ("x", "k", "e+"))


def test_columns_nearly_collinear_may_be_kept_by_a_smaller_tolerance() -> None:
    with warned(ConditionWarning, "x", "k", "e+"):
        res = fit(nearly(1e-10), "y ~ x + k + z", rank_tol=1e-13)
    assert res.converged and res.aliased == {}


@pytest.mark.parametrize("scale", [1e12, 1e-12, 1e160, 1e-160, 1e200, 1e-200, -1.0])
def test_columns_of_any_size_are_fitted(scale: float) -> None:
    one, other = fit(good_frame()), fit(with_column("x", scale * good_frame()["x"]))
    is_x = one.params.index.get_level_values("term") == "x"
    for name, factor in (("params", scale), ("bse", abs(scale))):
        ours, theirs = (getattr(res, name).to_numpy() for res in (other, one))
        ours = ours * np.where(is_x, factor, 1.0)
        np.testing.assert_allclose(ours, theirs, rtol=1e-11)
    assert other.llf == pytest.approx(one.llf, rel=1e-14)
    np.testing.assert_allclose(other.fittedvalues, one.fittedvalues, rtol=1e-11)


def test_a_column_whose_coefficient_is_beyond_the_range_of_doubles_is_refused() -> None:
    for size in (1e-310, 1e-320, 1e-323):
        with refused(DataError, "x", "range"):
            fit(with_column("x", size * good_frame()["x"]))


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_variances_beyond_the_range_of_doubles_bring_no_foreign_warning(scale: float) -> None:
    res, plain = fit(with_column("x", scale * good_frame()["x"])), fit(good_frame())
    others = [label for label in res.index if label[1] != "x"]
    ours, theirs = (r.cov_params().loc[others, others] for r in (res, plain))
    np.testing.assert_allclose(ours, theirs, rtol=1e-10)
    np.testing.assert_allclose(res.tvalues, plain.tvalues, rtol=1e-11)


def test_tiny_values_among_ordinary_ones_are_values() -> None:
    tiny = good_frame()["x"].where(np.arange(N) % 4 > 0, 1e-310)
    same_fit(with_column("x", tiny.where(tiny.abs() > 1e-300, 0.0)), with_column("x", tiny))


def test_a_column_far_from_zero_keeps_its_digits() -> None:
    moved = np.round(good_frame()["x"] * 2**20) / 2**20
    one, other = fit(with_column("x", moved)), fit(with_column("x", moved + 2.0**27))
    for name in ("params", "bse"):
        np.testing.assert_allclose(
            getattr(other, name).xs("x", level="term"),
            getattr(one, name).xs("x", level="term"),
            rtol=1e-12,
        )
    assert other.llf == pytest.approx(one.llf, rel=1e-14)


def test_more_columns_than_rows_are_refused() -> None:
    names = [f"v{i}" for i in range(12)]
    data = good_frame(9).assign(
        **{v: np.random.default_rng(i).normal(size=9) for i, v in enumerate(names)}
    )
    with refused(RankError, "9", "13"):
        fit(data, f"y ~ {' + '.join(names)}")


def test_two_columns_of_one_name_are_refused() -> None:
    data = pd.concat([good_frame(), good_frame()[["x"]]], axis=1)
    with refused(DataError, "'x'"):
        fit(data)


def test_two_columns_of_one_name_that_is_not_read_do_not_matter() -> None:
    data = with_column("other", 1.0)
    same_fit(good_frame(), pd.concat([data, data[["other"]]], axis=1))


def test_a_column_called_intercept_is_told_from_the_constant() -> None:
    data = good_frame().rename(columns={"x": "Intercept"})
    res = fit(data, "y ~ Intercept + z")
    plain = fit(good_frame(), "y ~ x + z")
    assert res.params.index.is_unique
    np.testing.assert_array_equal(res.params.to_numpy(), plain.params.to_numpy())


def tables() -> dict[str, Any]:
    import polars
    import pyarrow

    frame = good_frame().reset_index(drop=True)
    columns = {name: frame[name].to_list() for name in frame}
    return {
        "dict of lists": columns,
        "dict of arrays": {name: np.array(values) for name, values in columns.items()},
        "polars": polars.DataFrame(columns),
        "arrow": pyarrow.table(columns),
        "records": frame.to_records(index=False),
    }


@pytest.mark.parametrize("kind", ["dict of lists", "dict of arrays", "polars", "arrow"])
def test_tables_of_any_library_are_the_same_data(kind: str) -> None:
    same_fit(good_frame().reset_index(drop=True), tables()[kind])


def test_columns_of_a_dict_of_different_lengths_are_refused() -> None:
    with refused(DataError, "length"):
        fit({"y": ["a", "b", "a"], "x": [1.0, 2.0]}, "y ~ x")
