"""Rows with what a fit says of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import DataError, OptionError, WeightsError

TRIPS = mn.datasets.travel_mode()
FITTED = [f".fitted_{mode}" for mode in ("air", "bus", "car", "train")]
NEW = [*FITTED, ".fitted_class", ".resid"]


@pytest.fixture(scope="module")
def res() -> mn.MNLogitResults:
    return mn.mnlogit("mode ~ hinc + psize", TRIPS, base="car").fit()


def test_rows_of_the_fit(res: mn.MNLogitResults) -> None:
    rows = res.augment()
    assert list(rows.columns) == [*TRIPS.columns, *NEW]
    pd.testing.assert_frame_equal(rows[list(TRIPS.columns)], TRIPS)
    np.testing.assert_array_equal(rows[FITTED], res.fittedvalues)
    classes = res.predict(kind="class")
    assert rows[".fitted_class"].tolist() == classes.tolist()
    came = res.fittedvalues.to_numpy()[
        np.arange(len(TRIPS)), [res.outcomes.index(m) for m in TRIPS["mode"]]
    ]
    np.testing.assert_allclose(rows[".resid"], np.sqrt(-2 * np.log(came)), rtol=1e-14)
    assert rows.attrs["base"] == "car"
    assert ".resid" not in TRIPS.columns


WEIGHTS = np.arange(len(TRIPS)) % 4 + 1.0


@pytest.mark.parametrize("option", ["freq_weights", "sampling_weights"])
def test_squares_of_residuals_are_the_deviance_under_weights(option: str) -> None:
    fit = mn.mnlogit("mode ~ hinc", TRIPS, **{option: WEIGHTS}).fit()
    assert (fit.augment()[".resid"] ** 2).sum() == pytest.approx(-2 * fit.llf, rel=1e-12)
    new = fit.augment(TRIPS, weights=WEIGHTS)
    pd.testing.assert_frame_equal(new, fit.augment(), rtol=1e-12)
    data = TRIPS.assign(w=WEIGHTS)
    np.testing.assert_array_equal(fit.augment(data, weights="w")[".resid"], new[".resid"])


def test_weights_zero_leave_no_residual(res: mn.MNLogitResults) -> None:
    weights = np.where(np.arange(len(TRIPS)) < 5, 0.0, 1.0)
    residuals = res.augment(TRIPS, weights=weights)[".resid"]
    assert (residuals[:5] == 0).all()
    assert (residuals[5:] > 0).all()


def test_a_row_with_weight_counts_as_equal_rows(res: mn.MNLogitResults) -> None:
    one = res.augment(TRIPS.head(1), weights=[3.0])[".resid"]
    three = res.augment(TRIPS.iloc[[0, 0, 0]])[".resid"]
    assert one.iloc[0] ** 2 == pytest.approx((three**2).sum(), rel=1e-14)


def test_offsets_are_in_the_probabilities() -> None:
    fit = mn.mnlogit("mode ~ hinc", TRIPS, offset={"air": "psize"}, base="car").fit()
    assert (fit.augment()[".resid"] ** 2).sum() == pytest.approx(-2 * fit.llf, rel=1e-12)
    pd.testing.assert_frame_equal(fit.augment(TRIPS), fit.augment(), rtol=1e-12)


def test_index_is_kept_whatever_it_is(res: mn.MNLogitResults) -> None:
    data = TRIPS.head(4).set_axis(["b", "a", "b", "c"], axis=0)
    rows = res.augment(data)
    assert rows.index.equals(data.index)
    np.testing.assert_array_equal(rows[FITTED], res.predict(TRIPS.head(4)))


def test_rows_with_missing_values_are_kept(res: mn.MNLogitResults) -> None:
    data = TRIPS.head(4).astype({"hinc": float, "mode": object})
    data.loc[data.index[1], "hinc"] = np.nan
    data.loc[data.index[2], "mode"] = None
    rows = res.augment(data)
    assert len(rows) == 4
    assert rows[NEW].iloc[1].isna().all()
    assert rows[FITTED].iloc[2].notna().all()
    assert rows[".resid"].isna().tolist() == [False, True, True, False]


def test_rows_dropped_by_the_fit_are_in_what_is_given_only() -> None:
    data = TRIPS.astype({"hinc": float})
    data.loc[data.index[3], "hinc"] = np.nan
    fit = mn.mnlogit("mode ~ hinc", data).fit()
    assert len(fit.augment()) == len(data) - 1
    every = fit.augment(data)
    assert len(every) == len(data)
    pd.testing.assert_frame_equal(every.drop(data.index[3]), fit.augment(), rtol=1e-12)


def test_new_data_without_the_response_have_no_residuals(res: mn.MNLogitResults) -> None:
    rows = res.augment(TRIPS.drop(columns="mode").head(3))
    assert list(rows.columns[-5:]) == NEW[:-1]
    given = res.augment(TRIPS.drop(columns="mode"), observed=TRIPS["mode"])
    np.testing.assert_array_equal(given[".resid"], res.augment(TRIPS)[".resid"])


def test_mappings_and_arrays_are_data() -> None:
    X = TRIPS[["hinc", "psize"]].to_numpy(dtype=float)
    fit = mn.MNLogit(TRIPS["mode"].to_numpy(), np.column_stack([np.ones(len(X)), X])).fit()
    rows = fit.augment(np.column_stack([np.ones(2), X[:2]]))
    np.testing.assert_allclose(rows[FITTED], fit.augment()[FITTED].head(2), rtol=1e-14)
    by_name = mn.mnlogit("mode ~ hinc", TRIPS).fit().augment({"hinc": [20.0, 30.0]})
    assert list(by_name["hinc"]) == [20.0, 30.0]


def test_separated_fits_have_the_limits_of_probabilities() -> None:
    toy = mn.datasets.separated_toy()
    with pytest.warns(mn.errors.SeparationWarning):
        fit = mn.mnlogit("y ~ x + z", toy).fit()
    rows = fit.augment()
    assert (rows[".resid"] ** 2).sum() == pytest.approx(-2 * fit.llf, rel=1e-12)
    yes = rows["x"] == "yes"
    assert (rows.loc[yes, ".fitted_C"] == 0).all()
    never = fit.augment(toy[toy["x"] == "yes"].head(1).assign(y="C"))
    assert never[".resid"].iloc[0] == np.inf


def test_rows_of_counts_have_no_residuals() -> None:
    table = pd.DataFrame({"a": [3, 2, 5], "b": [4, 6, 1], "x": [0.0, 1.0, 2.5]})
    fit = mn.mnlogit("cbind(a, b) ~ x", table).fit()
    assert list(fit.augment().columns) == ["a", "b", "x", ".fitted_a", ".fitted_b", ".fitted_class"]
    with pytest.raises(DataError) as caught:
        fit.augment(table, observed=["a", "b", "a"])
    assert caught.value.code == "rows-of-several-choices"


def test_names_that_are_taken_are_refused(res: mn.MNLogitResults) -> None:
    with pytest.raises(DataError, match=r"'\.resid'") as caught:
        res.augment(TRIPS.assign(**{".resid": 0.0}))
    assert caught.value.code == "column-taken"
    odd = TRIPS.assign(mode=TRIPS["mode"].astype(object).replace("air", "class"))
    with pytest.raises(DataError, match=r"'\.fitted_class'"):
        mn.mnlogit("mode ~ hinc", odd).fit().augment()


def test_options_without_use_are_refused(res: mn.MNLogitResults) -> None:
    for given in ({"observed": TRIPS["mode"]}, {"weights": WEIGHTS}):
        with pytest.raises(OptionError) as caught:
            res.augment(**given)
        assert caught.value.code == "option-without-use"
    with pytest.raises(OptionError) as caught:
        res.augment(TRIPS[["hinc", "psize"]], weights=WEIGHTS)
    assert caught.value.code == "option-without-use"
    with pytest.raises(WeightsError):
        res.augment(TRIPS, weights=-WEIGHTS)
    with pytest.raises(DataError, match="boat"):
        res.augment(TRIPS.head(1).assign(mode="boat"))


def test_data_in_pieces_are_refused_with_the_reason(res: mn.MNLogitResults) -> None:
    def pieces() -> object:
        return iter([TRIPS])

    with pytest.raises(DataError, match="in pieces") as caught:
        res.augment(pieces)
    assert caught.value.code == "read-in-pieces"
    streamed = mn.mnlogit("mode ~ hinc", pieces).fit()
    with pytest.raises(DataError, match="in pieces"):
        streamed.augment()


def test_loaded_results_augment_what_is_given(res: mn.MNLogitResults, tmp_path: Path) -> None:
    loaded = mn.load(res.save(tmp_path / "rows.fit", include_data=True))
    with pytest.raises(DataError) as caught:
        loaded.augment()
    assert caught.value.code == "data-not-kept"
    pd.testing.assert_frame_equal(loaded.augment(TRIPS), res.augment(TRIPS))
