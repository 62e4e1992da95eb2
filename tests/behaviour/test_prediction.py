"""What each kind of new data gets."""

from __future__ import annotations

import functools
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mnlstat.errors import DataError
from mnlstat.inference.multiplicity import MaxT
from tests.behaviour.data import fit, good_frame, refused, spoilt, with_column

N = len(good_frame())
INTERVALS: list[dict[str, Any]] = [
    {"interval": True},
    {"interval": True, "scale": "probability"},
    {"interval": True, "kind": "link"},
    {"interval": True, "combine": {"two": ["a", "b"]}},
    {"interval": True, "simultaneous": "outcomes"},
    {"interval": True, "simultaneous": "all"},
]


@functools.cache
def fitted(formula: str = "y ~ x + z + g") -> Any:
    return fit(good_frame(), formula)


@functools.cache
def steep() -> Any:
    """Slopes so large that linear predictors leave the range of numbers."""
    return fit(good_frame().assign(x=good_frame()["x"] / 1000), "y ~ x + z")


def test_an_unseen_level_is_named_with_the_known_ones() -> None:
    with refused(DataError, "'g'", "'huge'", "low", "mid", "top"):
        fitted().predict(spoilt("g", 3, "huge"))


def test_a_missing_column_is_named() -> None:
    with refused(DataError, "'z'"):
        fitted().predict(good_frame().drop(columns="z"))


WRONG_TYPE = {
    "text for a number": ("x", "tall", "number"),
    "numbers for a factor": ("g", 1.5, "'g'"),
    "dates for a number": ("x", pd.Timestamp("2020-01-01"), "datetime"),
    "complex for a number": ("x", 1j, "complex"),
}


@pytest.mark.parametrize("case", WRONG_TYPE)
def test_a_column_of_the_wrong_type_is_refused(case: str) -> None:
    column, value, named = WRONG_TYPE[case]
    with refused(DataError, f"'{column}'", named):
        fitted().predict(with_column(column, value))


@pytest.mark.parametrize("column", ["x", "g"])
@pytest.mark.parametrize("gap", [None, np.nan, pd.NA], ids=["None", "nan", "NA"])
def test_a_row_with_a_missing_value_is_kept_as_missing(column: str, gap: Any) -> None:
    new = spoilt(column, 4, gap)
    pi = fitted().predict(new)
    pd.testing.assert_index_equal(pi.index, new.index)
    assert pi.loc["r4"].isna().all() and pi.drop(index="r4").notna().all(axis=None)
    pd.testing.assert_frame_equal(
        pi.drop(index="r4"), fitted().fittedvalues.drop(index="r4"), rtol=1e-13
    )


def test_a_whole_column_of_missing_values_gives_missing_rows() -> None:
    assert fitted().predict(with_column("x", np.nan)).isna().all(axis=None)


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinite_values_are_refused_in_the_words_of_the_fit(value: float) -> None:
    new = spoilt("x", 7, value)
    with refused(DataError, "'x'", "infinite", "1 row", "r7"):
        fitted().predict(new)
    with pytest.raises(DataError) as at_fit:
        fit(new)
    with pytest.raises(DataError) as at_predict:
        fitted().predict(new)
    assert str(at_fit.value) == str(at_predict.value)


def test_an_empty_frame_gives_an_empty_frame_with_the_outcomes() -> None:
    pi = fitted().predict(good_frame().head(0))
    assert pi.shape == (0, 3) and list(pi.columns) == ["a", "b", "c"]


def shuffled_categories() -> pd.DataFrame:
    return with_column("g", pd.Categorical(good_frame()["g"], ["top", "other", "low", "mid"]))


SAME = {
    "extra columns": lambda: with_column("extra", "anything"),
    "other order of columns": lambda: good_frame()[["g", "z", "y", "x"]],
    "without the response": lambda: good_frame().drop(columns="y"),
    "response of missing values": lambda: with_column("y", None),
    "categories in another order": shuffled_categories,
    "object columns": lambda: good_frame().astype(object),
}


@pytest.mark.parametrize("case", SAME)
def test_columns_and_levels_are_matched_by_name(case: str) -> None:
    pd.testing.assert_frame_equal(fitted().predict(SAME[case]()), fitted().predict(good_frame()))


def test_new_rows_may_have_one_level_only() -> None:
    top = good_frame()[good_frame()["g"] == "top"]
    expected = fitted().predict(good_frame()).loc[top.index]
    pd.testing.assert_frame_equal(fitted().predict(top), expected)
    pd.testing.assert_frame_equal(fitted().predict(top.head(1)), expected.head(1))


INDEXES = {
    "repeated labels": [7, 7, "a", None],
    "dates": pd.date_range("2020-01-01", periods=4),
    "two levels": pd.MultiIndex.from_product([[1, 2], ["a", "b"]], names=["one", "two"]),
}


@pytest.mark.parametrize("kind", INDEXES)
def test_the_index_of_the_rows_is_kept(kind: str) -> None:
    new = good_frame().head(4).set_axis(INDEXES[kind])
    pd.testing.assert_index_equal(fitted().predict(new).index, new.index)
    labels = good_frame().set_axis(np.repeat(["a", "b"], N // 2))
    pd.testing.assert_index_equal(fit(labels).fittedvalues.index, labels.index)


@pytest.mark.parametrize("kind", ["dict", "polars", "arrow"])
def test_new_rows_may_come_as_any_table(kind: str) -> None:
    import polars
    import pyarrow

    columns = {name: values.to_list() for name, values in good_frame().items()}
    make = {"dict": dict, "polars": polars.DataFrame, "arrow": pyarrow.table}[kind]
    pi = fitted().predict(make(columns))
    np.testing.assert_array_equal(pi, fitted().predict(good_frame()))


@pytest.mark.parametrize("size", [1e4, 1e8, 1e300, 1e308])
@pytest.mark.parametrize("sign", [1, -1])
def test_enormous_linear_predictors_give_probabilities(size: float, sign: int) -> None:
    new = good_frame().head(3).assign(x=[sign * size, 0.0, -sign * size])
    pi = fitted("y ~ x + g").predict(new)
    assert np.isfinite(pi).all(axis=None) and ((pi >= 0) & (pi <= 1)).all(axis=None)
    np.testing.assert_allclose(pi.sum(axis=1), 1.0, rtol=1e-15)
    slopes = {"a": 0.0, **fitted("y ~ x + g").params.xs("x", level="term").to_dict()}
    highest, lowest = max(slopes, key=slopes.get), min(slopes, key=slopes.get)
    if sign < 0:
        highest, lowest = lowest, highest
    assert pi.iloc[0][highest] == pytest.approx(1.0) and pi.iloc[2][lowest] == pytest.approx(1.0)


@pytest.mark.parametrize("options", [{"kind": "class"}, {}, *INTERVALS])
@pytest.mark.parametrize("size", [1e308, -1e308, 1.7e308])
def test_numbers_out_of_range_give_no_warning_of_numpy(size: float, options: Any) -> None:
    new = good_frame().head(2).assign(x=size, z=size)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for res in (fitted("y ~ x + g"), fitted("y ~ I(x / 100) + I(z / 100)"), steep()):
            res.predict(new, **options)


@pytest.mark.parametrize("options", INTERVALS)
def test_no_error_is_zero_because_numbers_are_out_of_range(options: Any) -> None:
    """A variance that cannot be told is missing, and so are both ends."""
    new = good_frame().head(1).assign(x=1.7e308, z=1.7e308)
    for res in (fitted("y ~ I(x / 100) + z"), steep()):
        found = res.predict(new, **options)
        lost = found["conf_low"].isna() | found["conf_high"].isna()
        assert found.loc[lost, "std_error"].isna().all()


def test_bands_of_enormous_predictors_are_those_of_their_correlations() -> None:
    """Lengths of 1e200 have squares that are no numbers."""
    rows = np.random.default_rng(2).normal(size=(4, 3))
    scales = np.array([[1e200], [1.0], [1e-200], [1e305]])
    assert MaxT(scales * rows).quantile(0.05) == pytest.approx(MaxT(rows).quantile(0.05), rel=1e-9)


@pytest.mark.parametrize("new", [3, "rows", object(), [1, 2], np.zeros((2, 2, 2))])
def test_what_is_no_table_is_refused(new: Any) -> None:
    with pytest.raises(DataError):
        fitted().predict(new)


def test_stateful_transforms_use_what_they_learned() -> None:
    for formula in ("y ~ center(x)", "y ~ bs(x, df=4)", "y ~ standardize(x) + g"):
        res = fitted(formula)
        expected = res.predict(good_frame()).iloc[5:8]
        pd.testing.assert_frame_equal(res.predict(good_frame().iloc[5:8]), expected, rtol=1e-13)


def test_a_transform_undefined_for_a_new_row_gives_a_missing_row_with_a_warning() -> None:
    from mnlstat.errors import MissingDataWarning

    positive = good_frame().assign(x=good_frame()["x"].abs() + 0.1)
    res = fit(positive, "y ~ np.log(x) + z")
    new = positive.head(5).assign(x=[1.0, -1.0, 2.0, 3.0, 4.0])
    with pytest.warns(MissingDataWarning, match=r"np\.log\(x\)"):
        pi = res.predict(new)
    assert pi.iloc[1].isna().all() and pi.drop(index="r1").notna().all(axis=None)
