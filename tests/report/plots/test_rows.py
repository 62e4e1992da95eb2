"""Pictures of rows: ternary and calibration plots against hand computations."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

import mnlstat as mn
from mnlstat.errors import DataError, MissingDataWarning, OptionError
from tests.report.plots.fits import anes, hsb, marks, pairs, programme, travel

NUMBERS = ["predicted", "observed", "conf_low", "conf_high", "n"]


def test_points_of_the_triangle_are_weighted_means_of_its_corners() -> None:
    res = programme()
    ax = res.plot.ternary()
    p = res.predict()
    np.testing.assert_allclose(ax.data["x"], p["general"] + 0.5 * p["vocation"], atol=1e-14)
    np.testing.assert_allclose(ax.data["y"], np.sqrt(3) / 2 * p["vocation"], atol=1e-14)
    np.testing.assert_array_equal(ax.data["p(academic)"], p["academic"])
    assert list(ax.data["observed"]) == list(hsb()["prog"])
    assert marks(ax) == pairs(ax.data["x"], ax.data["y"])


def test_new_rows_are_coloured_where_their_outcome_is_known() -> None:
    frame = hsb()[["ses", "write", "prog"]].head(9).copy()
    frame.loc[2, "prog"] = None
    ax = programme().plot.ternary(frame)
    assert ax.data["observed"].isna().sum() == 1
    assert marks(ax) == pairs(ax.data["x"], ax.data["y"])
    blank = programme().plot.ternary(frame.drop(columns="prog"))
    assert "observed" not in blank.data
    assert blank.get_legend() is None
    assert marks(blank) == marks(ax)


@pytest.mark.parametrize("res", [anes(), travel()])
def test_other_numbers_of_outcomes_have_no_triangle(res: Any) -> None:
    with pytest.raises(OptionError, match=f"has {len(res.outcomes)}") as caught:
        res.plot.ternary()
    assert caught.value.code == "three-outcomes"


@pytest.mark.parametrize("bins", [1, 5, 10])
def test_shares_and_means_of_equal_classes(bins: int) -> None:
    frame = mn.datasets.travel_mode()
    frame["hinc"] += np.linspace(0, 0.01, len(frame))  # no two probabilities are equal
    res = mn.mnlogit("mode ~ hinc", frame).fit()
    ax = res.plot.calibration(bins=bins, alpha=0.1)
    for outcome in res.outcomes:
        p = res.predict()[outcome]
        classes = pd.qcut(p, bins, labels=False)
        seen = (frame["mode"] == outcome).astype(float)
        told = ax.data[ax.data["outcome"] == outcome]
        np.testing.assert_allclose(told["predicted"], p.groupby(classes).mean(), rtol=1e-12)
        np.testing.assert_allclose(told["observed"], seen.groupby(classes).mean(), rtol=1e-12)
        count = seen.groupby(classes)
        ends = proportion_confint(count.sum(), count.size(), alpha=0.1, method="wilson")
        np.testing.assert_allclose(told["conf_low"], ends[0], atol=1e-12)
        np.testing.assert_allclose(told["conf_high"], ends[1], atol=1e-12)
    assert marks(ax) == pairs(ax.data["predicted"], ax.data["observed"])


def test_equal_probabilities_share_a_class() -> None:
    frame = hsb()
    res = mn.mnlogit("prog ~ C(ses)", frame).fit()
    data = res.plot.calibration().data
    assert (data.groupby("outcome").size() == 3).all()
    np.testing.assert_allclose(data["predicted"], data["observed"], atol=1e-9)  # saturated


def test_frequency_weights_are_rows_that_repeat() -> None:
    frame = mn.datasets.travel_mode()
    frame["f"] = np.arange(len(frame)) % 3 + 1
    weighted = mn.mnlogit("mode ~ hinc + psize", frame, freq_weights="f").fit()
    repeated = frame.loc[frame.index.repeat(frame["f"])].reset_index(drop=True)
    plain = mn.mnlogit("mode ~ hinc + psize", repeated).fit()
    one, other = (fit.plot.calibration(bins=5).data for fit in (weighted, plain))
    np.testing.assert_allclose(one[NUMBERS], other[NUMBERS], rtol=1e-7, atol=1e-9)
    one, other = (fit.plot.probabilities("hinc").data for fit in (weighted, plain))
    np.testing.assert_allclose(one["estimate"], other["estimate"], rtol=1e-8)


def test_sampling_weights_count_as_fewer_trials() -> None:
    frame = mn.datasets.travel_mode()
    frame["w"] = np.where(np.arange(len(frame)) % 2, 1.0, 3.0)
    res = mn.mnlogit("mode ~ hinc", frame, sampling_weights="w").fit()
    row = res.plot.calibration(bins=1, outcomes="bus").data.iloc[0]
    w, bus = frame["w"], frame["mode"] == "bus"
    assert row["n"] == pytest.approx(w.sum() ** 2 / (w**2).sum())
    assert row["observed"] == pytest.approx((w * bus).sum() / w.sum())
    assert row["predicted"] == pytest.approx((w * res.predict()["bus"]).sum() / w.sum())


def test_counts_are_their_trials() -> None:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(rng.integers(0, 4, (40, 3)) + 1, columns=list("ABC"))
    frame["x"] = rng.normal(size=40)
    res = mn.mnlogit("cbind(A, B, C) ~ x", frame).fit()
    data = res.plot.calibration(bins=1).data
    totals = frame[list("ABC")].sum()
    np.testing.assert_allclose(data["observed"], totals / totals.sum())
    np.testing.assert_allclose(data["n"], totals.sum())
    np.testing.assert_allclose(data["predicted"], data["observed"], rtol=1e-8)  # score is zero


def test_outcomes_are_chosen() -> None:
    ax = anes().plot.calibration(outcomes=["p6", "p0"])
    assert list(dict.fromkeys(ax.data["outcome"])) == ["p0", "p6"]
    assert set(anes().plot.calibration(outcomes="p0").data["outcome"]) == {"p0"}


def test_new_rows_and_results_without_data() -> None:
    frame = mn.datasets.travel_mode()
    res = pickle.loads(pickle.dumps(travel()))
    pd.testing.assert_frame_equal(
        res.plot.calibration(frame).data, travel().plot.calibration().data
    )
    for draw in (res.plot.calibration, lambda: res.plot.probabilities("hinc")):
        with pytest.raises(DataError) as caught:
            draw()
        assert caught.value.code == "data-not-kept"
    with pytest.raises(DataError) as caught:
        res.plot.calibration(frame.drop(columns="mode"))
    assert caught.value.code == "outcomes-not-there"
    frame.loc[0, "mode"] = "ship"
    with pytest.raises(DataError) as caught:
        res.plot.calibration(frame)
    assert caught.value.code == "unknown-outcome"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"bins": 0}, "not-a-count"),
        ({"bins": 2.5}, "not-a-count"),
        ({"outcomes": "ship"}, "unknown-outcome"),
        ({"outcomes": []}, "unknown-outcome"),
        ({"alpha": 0}, "invalid-alpha"),
    ],
)
def test_bad_options_of_calibration(options: dict[str, Any], code: str) -> None:
    with pytest.raises(OptionError) as caught:
        travel().plot.calibration(**options)
    assert caught.value.code == code


def test_a_profile_is_drawn_from_its_curve() -> None:
    res = travel()
    ax, profile = res.plot.profile("bus:hinc", alpha=0.1), res.profile("bus:hinc", alpha=0.1)
    pd.testing.assert_frame_equal(ax.data, profile.curve)
    np.testing.assert_array_equal(ax.get_lines()[0].get_xdata(), profile.curve["value"])
    fall = profile.curve["log_likelihood"] - profile.log_likelihood
    np.testing.assert_array_equal(ax.get_lines()[0].get_ydata(), fall)


def test_new_rows_of_counts_are_refused_as_such() -> None:
    wide = pd.crosstab(hsb()["ses"], hsb()["prog"]).reset_index()
    res = mn.mnlogit("cbind(academic, general, vocation) ~ ses", wide).fit()
    assert len(res.plot.calibration().data)
    with pytest.raises(DataError, match="hold counts, not one outcome each") as caught:
        res.plot.calibration(wide)
    assert caught.value.code == "rows-of-several-choices"


def test_new_rows_without_an_outcome_are_told_of() -> None:
    frame = mn.datasets.travel_mode()
    frame.loc[:2, "mode"] = None
    with pytest.warns(MissingDataWarning, match="3 of 210 rows have no outcome") as caught:
        data = travel().plot.calibration(frame).data
    assert caught[0].message.code == "rows-left-out"
    pd.testing.assert_frame_equal(data, travel().plot.calibration(frame.iloc[3:]).data)
