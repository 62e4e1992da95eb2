"""Rows outside of a subset, or of weight zero, are not used: what they hold is no matter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import DataError, MnlstatError, OffsetError, WeightsError

N = 90


@pytest.fixture
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(2)
    made = pd.DataFrame({"y": rng.choice(list("abc"), N), "x": rng.normal(size=N)})
    made["o"], made["w"] = rng.normal(size=N), rng.integers(1, 4, N).astype(float)
    made["use"] = np.arange(N) % 3 > 0
    return made


def whole(frame: pd.DataFrame) -> Any:
    return frame


def in_pieces(frame: pd.DataFrame) -> Any:
    return lambda: iter([frame.iloc[:40], frame.iloc[40:]])


FORMS = pytest.mark.parametrize("form", [whole, in_pieces])
Form = Callable[[pd.DataFrame], Any]


@FORMS
@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("column", ["o", "w", "x"])
def test_values_outside_of_the_subset_are_no_matter(
    column: str, value: float, form: Form, frame: pd.DataFrame
) -> None:
    options: dict[str, Any] = {"freq_weights": "w", "offset": "o", "missing": "error"}
    right = mn.mnlogit("y ~ x", form(frame[frame["use"]]), **options).fit()
    frame.loc[~frame["use"], column] = value
    found = mn.mnlogit("y ~ x", form(frame), subset="use", **options).fit()
    pd.testing.assert_series_equal(found.params, right.params, rtol=1e-9)
    with pytest.raises(MnlstatError):
        mn.mnlogit("y ~ x", form(frame), **options)


@FORMS
def test_negative_weights_outside_of_the_subset_are_no_matter(
    form: Form, frame: pd.DataFrame
) -> None:
    right = mn.mnlogit("y ~ x", form(frame[frame["use"]]), sampling_weights="w").fit()
    frame.loc[~frame["use"], "w"] *= -1.0
    found = mn.mnlogit("y ~ x", form(frame), subset="use", sampling_weights="w").fit()
    pd.testing.assert_series_equal(found.params, right.params, rtol=1e-9)
    frame.loc[4, "w"] = -1.0
    with pytest.raises(WeightsError, match="1 row, first row 4"):
        mn.mnlogit("y ~ x", form(frame), subset="use", sampling_weights="w")


def test_an_array_of_weights_is_looked_at_in_the_subset_alone(frame: pd.DataFrame) -> None:
    weights = np.where(frame["use"], frame["w"], np.nan)
    right = mn.mnlogit("y ~ x", frame[frame["use"]], freq_weights="w").fit()
    found = mn.mnlogit("y ~ x", frame, freq_weights=weights, subset=frame["use"]).fit()
    pd.testing.assert_series_equal(found.params, right.params, rtol=1e-12)


@FORMS
def test_weights_that_are_zero_in_the_subset_leave_no_row(form: Form, frame: pd.DataFrame) -> None:
    frame.loc[frame["use"], "w"] = 0.0
    with pytest.raises(WeightsError, match="zero or missing"):
        mn.mnlogit("y ~ x", form(frame), freq_weights="w", subset="use")


@FORMS
@pytest.mark.parametrize("value", [np.inf, np.nan])
@pytest.mark.parametrize("column", ["o", "x"])
def test_values_in_rows_of_weight_zero_are_no_matter(
    column: str, value: float, form: Form, frame: pd.DataFrame
) -> None:
    frame.loc[~frame["use"], "w"] = 0.0
    options: dict[str, Any] = {"freq_weights": "w", "offset": {"b": "o"}, "missing": "error"}
    right = mn.mnlogit("y ~ x", form(frame), **options).fit()
    frame.loc[~frame["use"], column] = value
    found = mn.mnlogit("y ~ x", form(frame), **options).fit()
    pd.testing.assert_series_equal(found.params, right.params, rtol=1e-9)
    assert found.dropped.total == right.dropped.total
    frame.loc[1, column] = value
    with pytest.raises((DataError, OffsetError), match="1 row"):
        mn.mnlogit("y ~ x", form(frame), **options)


def test_arrays_of_weight_zero_are_no_matter(frame: pd.DataFrame) -> None:
    frame.loc[~frame["use"], "x"] = np.nan
    w = np.where(frame["use"], 1.0, 0.0)
    X = frame[["x"]].assign(const=1.0)
    found = mn.MNLogit(frame["y"], X, freq_weights=w, missing="error").fit()
    right = mn.MNLogit(frame["y"][frame["use"]], X[frame["use"]]).fit()
    pd.testing.assert_series_equal(found.params, right.params, rtol=1e-12)
