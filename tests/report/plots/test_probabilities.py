"""Predicted probabilities over a variable: where others are held, numbers, places, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import ConvergenceWarning, DataError, OptionError
from tests.report.plots.fits import anes, hsb, marks, pairs, programme, travel

INTERVAL = ["estimate", "std_error", "conf_low", "conf_high"]


def test_lines_are_predictions_at_means_and_most_frequent_levels() -> None:
    res, frame = anes(), mn.datasets.anes96()
    ax = res.plot.probabilities("selfLR", alpha=0.1)
    rows = pd.DataFrame({"selfLR": np.linspace(1, 7, 101)})
    rows = rows.assign(educ=frame["educ"].mean(), income=frame["income"].mean(), vote=0)
    told = res.predict(rows, interval=True, alpha=0.1)
    for outcome in res.outcomes:
        found = ax.data[ax.data["outcome"] == outcome]
        np.testing.assert_allclose(found["x"], rows["selfLR"])
        wanted = told[told["outcome"] == outcome]
        np.testing.assert_allclose(found[INTERVAL], wanted[INTERVAL], rtol=1e-9)
    lines = {tuple(line.get_ydata()) for line in ax.get_lines()}
    assert lines == {tuple(part["estimate"]) for _, part in ax.data.groupby("outcome")}
    assert len(ax.collections) == len(res.outcomes)
    label = ax.get_xlabel().replace("\N{NO-BREAK SPACE}", " ")
    assert "educ = 4.566" in label
    assert "vote = 0" in label
    assert "90% intervals" in label


def test_others_are_held_where_at_says() -> None:
    res = travel()
    data = res.plot.probabilities("hinc", at={"psize": 4}, interval=False).data
    rows = pd.DataFrame({"hinc": np.linspace(2, 72, 101), "psize": 4})
    for outcome, part in data.groupby("outcome"):
        np.testing.assert_allclose(part["estimate"], res.predict(rows)[outcome], rtol=1e-12)
    assert "std_error" not in data


@pytest.mark.parametrize("at", ["typical", "observed"])
def test_rows_of_counts_count_by_their_counts(at: str) -> None:
    wide = hsb().pivot_table(
        index=["ses", "female", "write"], columns="prog", aggfunc="size", fill_value=0
    )
    counts = mn.mnlogit(
        "cbind(academic, general, vocation) ~ ses + female + write", wide.reset_index()
    ).fit()
    rows = mn.mnlogit("prog ~ ses + female + write", hsb()).fit()
    found, exact = (each.plot.probabilities("ses", at=at) for each in (counts, rows))
    if at == "typical":
        assert found.get_xlabel() == exact.get_xlabel()
    pd.testing.assert_frame_equal(found.data, exact.data, rtol=1e-6)


def test_a_line_for_each_level() -> None:
    res = programme()
    ax = res.plot.probabilities("write", by="ses", outcomes="general")
    assert list(dict.fromkeys(ax.data["by"])) == ["high", "low", "middle"]
    for level, part in ax.data.groupby("by"):
        rows = pd.DataFrame({"write": part["x"].to_numpy(), "ses": level})
        np.testing.assert_allclose(part["estimate"], res.predict(rows)["general"], rtol=1e-12)
    assert len({str(line._unscaled_dash_pattern) for line in ax.get_lines()}) == 3


def test_a_number_with_few_values_can_be_by() -> None:
    assert set(travel().plot.probabilities("hinc", by="psize").data["by"]) == {1, 2, 3, 4, 5, 6}


def test_areas_stand_on_one_another() -> None:
    ax = travel().plot.probabilities("hinc", style="area")
    total = ax.data.groupby("x")["estimate"].sum()
    np.testing.assert_allclose(total, 1.0, atol=1e-14)
    floor = np.zeros(101)
    for area, outcome in zip(ax.collections, travel().outcomes, strict=True):
        part = ax.data[ax.data["outcome"] == outcome]
        top = floor + part["estimate"].to_numpy()
        vertices = area.get_paths()[0].vertices
        assert pairs(part["x"], top) <= pairs(*vertices.T)
        assert pairs(part["x"], floor) <= pairs(*vertices.T)
        floor = top


@pytest.mark.parametrize("by", [None, "female"])
def test_points_of_a_factor(by: Any) -> None:
    frame = hsb()
    res = mn.mnlogit("prog ~ C(ses) + female", frame).fit()
    ax = res.plot.probabilities("ses", by=by)
    for row in ax.data.itertuples():
        held = row.by if by else frame["female"].mode()[0]
        rows = pd.DataFrame({"ses": [row.x], "female": [held]})
        assert row.estimate == pytest.approx(res.predict(rows)[row.outcome].item())
    heights = {y for _, y in marks(ax)}
    assert heights == set(ax.data["estimate"].round(9))
    levels = ["high", "low", "middle"]
    places = sorted(x for x, _ in marks(ax))
    assert {levels[round(x)] for x in places} == set(levels)
    assert len(places) == len(ax.data)


def test_bars_of_a_factor() -> None:
    ax = programme().plot.probabilities("ses", style="bars")
    bars = {(round(bar.get_x() + 0.35), round(bar.get_height(), 12)) for bar in ax.patches}
    levels = ["high", "low", "middle"]
    assert bars == {(levels.index(row.x), round(row.estimate, 12)) for row in ax.data.itertuples()}


@pytest.mark.parametrize("kind", ["bool", "category", "text", "C()"])
def test_kinds_of_factors(kind: str) -> None:
    frame = mn.datasets.travel_mode()
    alone = frame["psize"] == 1
    text = alone.map({True: "alone", False: "with others"})
    columns = {"bool": alone, "text": text, "C()": alone.astype(int)}
    frame["g"] = text.astype("category") if kind == "category" else columns[kind]
    term = "C(g)" if kind == "C()" else "g"
    res = mn.mnlogit(f"mode ~ hinc + {term}", frame).fit()
    data = res.plot.probabilities("g").data
    wanted = [0, 1] if kind in ("bool", "C()") else ["alone", "with others"]
    assert list(dict.fromkeys(data["x"])) == wanted
    assert set(res.plot.probabilities("hinc", by="g").data["by"]) == set(wanted)


def test_a_column_of_the_offset_is_held_at_its_mean() -> None:
    frame = mn.datasets.travel_mode()
    frame["o"] = np.linspace(-1, 1, len(frame)) ** 3 + 0.25
    res = mn.mnlogit("mode ~ hinc", frame, offset={"bus": "o"}).fit()
    rows = pd.DataFrame({"hinc": [2.0], "o": frame["o"].mean()})
    data = res.plot.probabilities("hinc").data
    first = data[data["x"] == 2.0].set_index("outcome")["estimate"]
    np.testing.assert_allclose(first, res.predict(rows).iloc[0], rtol=1e-10)


def test_ranges_of_other_rows() -> None:
    frame = mn.datasets.travel_mode().query("hinc < 40")
    data = travel().plot.probabilities("hinc", data=frame[["hinc", "psize"]]).data
    assert data["x"].max() == frame["hinc"].max()
    with pytest.raises(DataError) as caught:
        travel().plot.probabilities("hinc", data=frame[["hinc"]])
    assert caught.value.code == "missing-column"
    with pytest.raises(DataError) as caught:
        travel().plot.probabilities("hinc", data=frame.head(0))
    assert caught.value.code == "no-rows"


@pytest.mark.parametrize(
    ("variable", "options", "code"),
    [
        ("hink", {}, "not-a-predictor"),
        (None, {}, "not-a-predictor"),
        ("mode", {}, "not-a-predictor"),
        ("hinc", {"by": "hinc"}, "column-twice"),
        ("hinc", {"by": "size"}, "not-a-predictor"),
        ("hinc", {"at": {"hinc": 3}}, "column-twice"),
        ("hinc", {"at": {"size": 3}}, "not-a-predictor"),
        ("hinc", {"at": {"psize": [1, 2]}}, "at-not-values"),
        ("hinc", {"at": {"psize": None}}, "at-not-values"),
        ("hinc", {"at": 3}, "at-not-values"),
        ("psize", {"by": "hinc"}, "too-many-levels"),
        ("hinc", {"style": "bars"}, "style-of-variable"),
        ("hinc", {"style": "pie"}, "invalid-choice"),
        ("hinc", {"style": "area", "by": "psize"}, "stacked-option"),
        ("hinc", {"style": "area", "interval": True}, "stacked-option"),
        ("hinc", {"style": "area", "outcomes": "bus"}, "stacked-option"),
        ("hinc", {"interval": "yes"}, "not-true-or-false"),
        ("hinc", {"interval": False, "alpha": 0.1}, "option-without-use"),
        ("hinc", {"style": "area", "alpha": 0.1}, "option-without-use"),
        ("hinc", {"outcomes": "ship"}, "unknown-outcome"),
        ("hinc", {"alpha": 1}, "invalid-alpha"),
    ],
)
def test_bad_options(variable: Any, options: dict[str, Any], code: str) -> None:
    with pytest.raises(OptionError) as caught:
        travel().plot.probabilities(variable, **options)
    assert caught.value.code == code


@pytest.mark.parametrize("at", [None, "observed"])
def test_a_ridge_is_drawn_without_intervals_and_says_so(at: Any) -> None:
    res = mn.mnlogit("prog ~ C(ses) + write", hsb()).fit(penalty=mn.Ridge(1.0))
    ax = res.plot.probabilities("write", at=at)
    assert list(ax.data) == ["outcome", "x", "estimate"]
    assert not ax.collections
    assert "no intervals, as the estimates of a ridge have no standard errors" in ax.get_xlabel()
    assert "ridge" not in res.plot.probabilities("write", at=at, interval=False).get_xlabel()
    assert "ridge" not in res.plot.probabilities("write", at=at, style="area").get_xlabel()
    with pytest.raises(OptionError, match=r"^probabilities\(interval=True\)") as caught:
        res.plot.probabilities("write", at=at, interval=True)
    assert caught.value.code == "no-errors-of-ridge"


def test_a_fit_without_standard_errors_promises_no_intervals() -> None:
    with pytest.warns(ConvergenceWarning):
        res = mn.mnlogit("prog ~ write", hsb()).fit(maxiter=1)
    ax = res.plot.probabilities("write")
    assert ax.data["std_error"].isna().all()
    assert "no intervals, as the fit has no standard errors" in ax.get_xlabel()
