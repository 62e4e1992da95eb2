"""Forests of coefficients and odds-ratio plots: numbers, places, and what is said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import OptionError
from tests.report.plots.fits import anes, marks, pairs, programme, separated, travel

NUMBERS = ["outcome", "term", "estimate", "std_error", "conf_low", "conf_high"]


@pytest.mark.parametrize("by", ["outcome", "term"])
@pytest.mark.parametrize("rrr", [False, True])
def test_a_forest_shows_the_numbers_of_tidy(by: str, rrr: bool) -> None:
    res = anes()
    ax = res.plot.coefficients(by, rrr=rrr, alpha=0.1)
    told = res.tidy(exponentiate=rrr, alpha=0.1)
    told = told[told["term"] != "Intercept"].reset_index(drop=True)
    pd.testing.assert_frame_equal(ax.data[NUMBERS], told[NUMBERS], check_names=False)
    assert marks(ax) == pairs(told["estimate"], ax.data["y"])
    spans = {
        tuple(np.round(line.get_xdata(), 9))
        for line in ax.get_lines()
        if line.get_marker() in ("None", None) and len(set(line.get_xdata())) == 2
    }
    assert spans == pairs(told["conf_low"], told["conf_high"])


def test_rows_stand_in_their_groups() -> None:
    for by in ("outcome", "term"):
        data = anes().plot.coefficients(by).data
        ends = data.groupby(by, sort=False)["y"].agg(["min", "max"]).sort_values("min")
        assert (ends["max"].to_numpy()[:-1] < ends["min"].to_numpy()[1:]).all()
        assert data["y"].is_unique


def test_terms_are_chosen_by_name_or_column() -> None:
    res = programme()
    assert set(res.plot.coefficients(terms="C(ses)").data["term"]) == {
        "C(ses)[T.low]",
        "C(ses)[T.middle]",
    }
    chosen = res.plot.coefficients(terms=["C(ses)[T.low]", "Intercept"]).data
    assert set(chosen["term"]) == {"C(ses)[T.low]", "Intercept"}


def test_models_are_taken_against_one_base() -> None:
    res, frame = travel(), mn.datasets.travel_mode()
    small = mn.mnlogit("mode ~ hinc", frame, base="air").fit()
    ax = res.plot.coefficients(models={"small": small}, name="full")
    told = ax.data[ax.data["model"] == "small"]
    wanted = small.rebase("car").tidy()
    wanted = wanted[wanted["term"] == "hinc"]
    np.testing.assert_allclose(told["estimate"], wanted["estimate"], rtol=1e-12)
    assert list(told["outcome"]) == ["air", "bus", "train"]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["full", "small"]
    assert marks(ax) == pairs(ax.data["estimate"], ax.data["y"])


def test_the_label_tells_base_unit_and_level() -> None:
    said = travel().plot.coefficients(alpha=0.1).get_xlabel()
    assert "log odds against car (base), per unit of the column" in said
    assert "90% intervals, Wald" in said
    said = travel().plot.coefficients(rrr=True, method="profile").get_xlabel()
    assert "relative risk ratio" in said
    assert "profile likelihood" in said


@pytest.mark.parametrize("rrr", [False, True])
def test_infinite_estimates_are_arrows_and_aliased_ones_are_said(rrr: bool) -> None:
    ax = separated().plot.coefficients(rrr=rrr)
    infinite = ax.data[ax.data["estimate"] == (0.0 if rrr else -np.inf)]
    assert list(infinite["term"]) == ["x[T.yes]"]
    arrows = [line for line in ax.get_lines() if line.get_marker() == "<"]
    assert [line.get_ydata()[0] for line in arrows] == list(infinite["y"])
    assert "infinite estimates" in ax.get_xlabel()
    assert "left out, aliased: I(2 * z)" in ax.get_xlabel()
    assert "I(2 * z)" not in set(ax.data["term"])
    finite = ax.data.drop(infinite.index)
    assert marks(ax) == pairs(finite["estimate"], finite["y"])


def test_a_half_infinite_interval_reaches_the_edge() -> None:
    with pytest.warns(mn.errors.SeparationWarning):
        res = mn.mnlogit("y ~ x + z", mn.datasets.separated_toy()).fit()
    ax = res.plot.coefficients(method="profile")
    row = ax.data[np.isinf(ax.data["estimate"])].iloc[0]
    assert np.isneginf(row["conf_low"])
    edge = ax.get_xlim()[0]
    assert any(
        np.allclose(line.get_xdata(), [edge, row["conf_high"]])
        and np.allclose(line.get_ydata(), row["y"])
        for line in ax.get_lines()
        if len(line.get_xdata()) == 2
    )


def test_without_intervals_none_are_promised() -> None:
    frame = mn.datasets.travel_mode()
    res = mn.mnlogit("mode ~ hinc", frame).fit(penalty=mn.Ridge(1.0))
    assert "interval" not in res.plot.coefficients().get_xlabel()
    odds = res.plot.odds_ratios()
    assert not odds.data["connected"].any()
    assert "no lines, as this fit has no tests" in odds.get_xlabel()


def test_ratios_that_no_number_holds_are_refused() -> None:
    frame = mn.datasets.travel_mode()
    frame["tiny"] = frame["hinc"] * 1e-6
    res = mn.mnlogit("mode ~ tiny", frame).fit()
    assert len(res.plot.coefficients().data)
    with pytest.raises(OptionError) as caught:
        res.plot.coefficients(rrr=True)
    assert caught.value.code == "ratios-too-large"
    assert len(res.plot.odds_ratios().data)


@pytest.mark.parametrize("scale", [None, "sd"])
@pytest.mark.parametrize("alpha", [0.05, 0.5])
def test_outcomes_stand_at_their_log_odds_and_lines_join_what_does_not_differ(
    scale: Any, alpha: float
) -> None:
    res = travel()
    ax = res.plot.odds_ratios(scale=scale, alpha=alpha)
    told = res.contrasts(scale=scale)
    assert (ax.data["connected"] == (told["p_value"] > alpha)).all()
    np.testing.assert_array_equal(ax.data["estimate"], told["estimate"])
    size = res.likelihood.rows.X[:, 1:].std(axis=0, ddof=1) if scale else np.ones(2)
    for at, term in enumerate(["hinc", "psize"]):
        b = res.params.xs(term, level="term")
        for outcome in res.outcomes:
            wanted = 0.0 if outcome == "car" else b[outcome] * size[at]
            assert any(
                text.get_text() == outcome
                and abs(text.get_position()[0] - wanted) < 1e-6
                and round(text.get_position()[1]) == at
                for text in ax.texts
            )
    assert len(ax.patches) == int(ax.data["connected"].sum())
    assert f"at the {100 * alpha:g}% level" in ax.get_xlabel()


def test_lines_begin_and_end_at_the_outcomes() -> None:
    ax = travel().plot.odds_ratios("psize")
    places = {text.get_text(): text.get_position() for text in ax.texts}
    joined = ax.data[ax.data["connected"]]
    ends = [(places[row.versus], places[row.outcome]) for row in joined.itertuples()]
    found = [(tuple(p.get_path().vertices[0]), tuple(p.get_path().vertices[2])) for p in ax.patches]
    np.testing.assert_allclose(found, ends)


def test_outcomes_that_constraints_make_equal_are_joined() -> None:
    frame = mn.datasets.travel_mode()
    model = mn.mnlogit("mode ~ hinc", frame, base="car", constraints="bus:hinc = train:hinc")
    data = model.fit().plot.odds_ratios().data
    row = data[(data["outcome"] == "train") & (data["versus"] == "bus")]
    assert row["connected"].all()


def test_long_names_become_letters_with_a_legend() -> None:
    ax = programme().plot.odds_ratios("write")
    assert [text.get_text() for text in ax.texts] == ["A", "B", "C"]
    named = [text.get_text() for text in ax.get_legend().get_texts()]
    assert named == ["academic", "general", "vocation"]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"by": "row"}, "invalid-choice"),
        ({"rrr": "yes"}, "not-true-or-false"),
        ({"terms": "hink"}, "unknown-term"),
        ({"terms": []}, "unknown-term"),
        ({"terms": 5}, "unknown-term"),
        ({"models": [1]}, "models-not-named"),
        ({"models": {"other": 1}}, "models-not-named"),
        ({"name": ""}, "models-not-named"),
        ({"alpha": 2}, "invalid-alpha"),
        ({"method": "magic"}, "invalid-choice"),
        ({"colour": "red"}, "unknown-option"),
    ],
)
def test_bad_options_of_a_forest(options: dict[str, Any], code: str) -> None:
    with pytest.raises(OptionError) as caught:
        travel().plot.coefficients(**options)
    assert caught.value.code == code


def test_models_of_other_outcomes_and_of_the_same_name_are_refused() -> None:
    with pytest.raises(OptionError) as caught:
        travel().plot.coefficients(models={"other": programme()})
    assert caught.value.code == "models-of-other-outcomes"
    with pytest.raises(OptionError) as caught:
        travel().plot.coefficients(models={"this model": travel()})
    assert caught.value.code == "models-not-named"


def test_a_model_of_constants_has_nothing_to_show() -> None:
    res = mn.mnlogit("mode ~ 1", mn.datasets.travel_mode()).fit()
    for draw in (res.plot.coefficients, res.plot.odds_ratios):
        with pytest.raises(OptionError) as caught:
            draw()
        assert caught.value.code == "nothing-to-plot"
    assert len(res.plot.coefficients(terms="Intercept").data) == 3
