"""Pictures of effects: numbers, places, labels, refusals."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import DataError, OptionError
from mnlstat.report.plots.style import style
from tests.report.plots.fits import anes, hsb, marks, pairs, programme, travel

NUMBERS = ["estimate", "std_error", "conf_low", "conf_high"]


def caption(ax: Any) -> str:
    """The words below the axes, with plain spaces."""
    return str(ax.get_xlabel()).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("arrange", ["variable", "outcome"])
def test_a_forest_of_margins(arrange: str) -> None:
    res = anes()
    options: dict[str, Any] = {"alpha": 0.1, "adjust": "bonferroni", "contrast": "pairwise"}
    ax = res.plot.effects(arrange=arrange, **options)
    wanted = res.margins(**options).frame
    pd.testing.assert_frame_equal(ax.data[list(wanted)], wanted)
    assert pairs(ax.data["estimate"], ax.data["y"]) <= marks(ax)
    intervals = {tuple(line.get_xdata()) for line in ax.get_lines() if len(line.get_xdata()) == 2}
    assert set(zip(wanted["conf_low"], wanted["conf_high"], strict=True)) <= intervals
    assert "90% intervals, adjusted by bonferroni" in caption(ax)
    assert "averaged over 944 rows" in caption(ax)
    words = " ".join(caption(ax).split())
    assert "change in probability per unit of each number, between levels of factors" in words
    ticks = [text.get_text() for text in ax.get_yticklabels()]
    assert "vote: 1 - 0" in ticks
    assert (ax.get_legend() is None) == (arrange == "outcome")


def test_the_variance_asked_for_is_drawn_and_told() -> None:
    ax = travel().plot.effects("hinc", variance="unconditional")
    wanted = travel().margins("hinc", variance="unconditional").frame
    np.testing.assert_array_equal(ax.data["conf_low"], wanted["conf_low"])
    assert "95% intervals, unconditional" in caption(ax)
    assert "unconditional" in caption(
        travel().plot.effect_over("hinc", variance="unconditional", values=[10, 20])
    )


@pytest.mark.parametrize(
    ("options", "unit"),
    [
        ({}, "change in probability per unit of hinc"),
        ({"kind": "eyex"}, "elasticity of the probability in hinc"),
        ({"kind": "eydx"}, "relative change in probability per unit of hinc"),
        ({"kind": "dyex"}, "change in probability per unit of log(hinc)"),
    ],
)
def test_units(options: dict[str, Any], unit: str) -> None:
    assert caption(travel().plot.effects("hinc", **options)).startswith(unit + "\n")


def test_a_single_comparison_is_named_below() -> None:
    ax = travel().comparisons({"hinc": 20}, at={"psize": [1, 2]}).plot()
    assert "difference in probability, hinc: +20" in caption(ax)
    ticks = [text.get_text().replace("\N{NO-BREAK SPACE}", " ") for text in ax.get_yticklabels()]
    assert ticks == ["psize = 1", "psize = 2"]


def test_a_single_row_has_a_label() -> None:
    table = anes().marginal_means("vote").contrasts("vote")
    texts = [text.get_text() for text in table.plot().get_yticklabels()]
    assert texts == ["vote\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}1 - 0"]
    assert len(travel().average_predictions().plot().data) == 4


def test_what_is_the_same_for_all_is_said_once() -> None:
    ax = travel().margins(at={"psize": 2}, others="mean").plot()
    assert "at the means of 210 rows, psize = 2" in caption(ax)
    assert [text.get_text() for text in ax.get_yticklabels()] == ["hinc", "psize"]


@pytest.mark.parametrize("comparison", ["ratio", "odds ratio"])
def test_ratios_on_a_logarithmic_axis_about_one(comparison: str) -> None:
    table = travel().comparisons({"hinc": 20, "psize": 1}, comparison=comparison)
    ax = table.plot()
    assert ax.get_xscale() == "log"
    assert [1.0, 1.0] in [list(line.get_xdata()) for line in ax.get_lines()]
    np.testing.assert_array_equal(ax.data["estimate"], table.estimates)
    ax = table.contrasts("outcome").plot()
    assert caption(ax).startswith(("ratio of ratios of probabilities\n", "ratio of odds ratios\n"))


def test_probabilities_have_no_line_of_no_effect_but_their_differences_have() -> None:
    means = programme().marginal_means("ses")
    for table, line in ((means, False), (means.contrasts("ses"), True)):
        ax = table.plot()
        found = [0.0, 0.0] in [list(each.get_xdata()) for each in ax.get_lines()]
        assert found == line
        assert (ax.get_xlim()[0] == 0.0) != line
    assert caption(means.plot()).startswith("probability\n")


def test_outcomes_keep_their_colours_and_unions_get_others() -> None:
    res = travel()
    ax = res.margins("hinc").plot(outcomes=["train", "bus"])
    assert set(ax.data["outcome"]) == {"bus", "train"}
    colours = {handle.get_color() for handle in ax.get_legend().legend_handles}
    assert colours == {style(1).colour, style(3).colour}
    ax = res.margins("hinc", combine={"land": ["bus", "car", "train"], "air": ["air"]}).plot()
    handles = ax.get_legend().legend_handles
    assert [handle.get_color() for handle in handles] == [style(4).colour, style(0).colour]


def test_a_number_with_many_values_runs() -> None:
    table = travel().average_predictions(at={"hinc": range(5, 70, 5)})
    ax = table.plot()
    pd.testing.assert_frame_equal(ax.data, table.frame)
    lines = {tuple(line.get_ydata()) for line in ax.get_lines()}
    assert lines == {tuple(part["estimate"]) for _, part in table.frame.groupby("outcome")}
    assert ax.get_ylim()[0] == 0.0
    assert table.plot("variable", outcomes="bus").data["y"].nunique() == 13


def test_many_lines_have_no_bands() -> None:
    res = travel()
    table = res.average_predictions(at={"hinc": range(5, 70, 5)}, by="psize")
    ax = table.plot()
    assert not ax.collections
    assert "intervals" not in caption(ax)
    assert "conf_low" in ax.data
    ax = table.plot(outcomes="bus")
    assert len(ax.collections) == 6
    assert not res.plot.probabilities("hinc", by="psize").collections
    assert len(res.plot.probabilities("hinc", by="psize", interval=True).collections) == 24


def test_over_a_key_with_few_values() -> None:
    table = travel().margins("hinc", at={"psize": [1, 2, 3]})
    ax = table.plot(over="psize")
    assert len(ax.get_lines()) == 5
    assert caption(ax).startswith("psize\n")
    assert ax.get_ylabel() == "change in probability per unit of hinc"
    ax = programme().marginal_means("ses").plot(over="ses")
    assert [text.get_text() for text in ax.get_xticklabels()] == ["high", "low", "middle"]


def test_long_names_have_several_lines_and_room_for_them() -> None:
    name = "socio_economic_status_of_the_household"
    frame = hsb().rename(columns={"ses": name})
    res = mn.mnlogit(f"prog ~ {name} + write", frame).fit()
    ax = res.plot.effects(arrange="outcome")
    texts = [text.get_text().replace("\n", "") for text in ax.get_yticklabels()]
    assert f"{name}: middle - high" in texts
    ax._repr_png_()
    boxes = [tick.get_window_extent() for tick in ax.get_yticklabels()]
    boxes.sort(key=lambda box: float(box.y0))
    assert all(low.y1 <= high.y0 + 1 for low, high in itertools.pairwise(boxes))


def test_differences_of_effects_are_named() -> None:
    table = travel().margins("hinc").contrasts("outcome")
    assert caption(table.plot()).startswith("difference between changes in probability per unit")


def test_rows_that_are_read_in_pieces(tmp_path: Path) -> None:
    frame = mn.datasets.travel_mode()
    frame.to_parquet(tmp_path / "trips.parquet")
    res = mn.mnlogit("mode ~ hinc + psize", tmp_path / "trips.parquet", base="car").fit()
    data = res.plot.effect_over("hinc", values=[10, 20]).data
    wanted = travel().plot.effect_over("hinc", values=[10, 20]).data
    np.testing.assert_allclose(data[NUMBERS], wanted[NUMBERS], rtol=1e-8)
    with pytest.raises(DataError, match="values=") as caught:
        res.plot.effect_over("hinc")
    assert caught.value.code == "read-in-pieces"


def test_a_factor_has_no_effect_over_itself() -> None:
    with pytest.raises(OptionError) as caught:
        programme().plot.effect_over("ses")
    assert caught.value.code == "set-and-compared"


def test_keys_may_be_called_as_columns_of_the_picture() -> None:
    frame = hsb().rename(columns={"write": "y", "female": "x", "ses": "row"})
    res = mn.mnlogit("prog ~ y + x + row", frame).fit()
    table = res.margins("row", at={"y": [40, 50], "x": ["male", "female"]})
    ax = table.plot()
    pd.testing.assert_frame_equal(ax.data[list(table.frame)], table.frame)
    assert ax.data["height"].nunique() == len(table)
    ax = res.margins("x", at={"y": range(40, 50)}, by="row").plot()
    assert ax.get_legend().get_texts()[3].get_text().strip() == "row (column)"


@pytest.mark.parametrize("over", [None, "psize"])
def test_an_effect_over_a_number(over: str | None) -> None:
    res, frame = travel(), mn.datasets.travel_mode()
    ax = res.plot.effect_over("hinc", over, alpha=0.1)
    name = over or "hinc"
    grid = np.linspace(frame[name].min(), frame[name].max(), 31)
    wanted = res.margins("hinc", at={name: grid}, alpha=0.1).frame
    pd.testing.assert_frame_equal(ax.data, wanted)
    lines = {tuple(line.get_ydata()) for line in ax.get_lines()}
    assert {tuple(part["estimate"]) for _, part in wanted.groupby("outcome")} <= lines
    assert len(ax.collections) == 4
    assert "90% intervals" in caption(ax)


def test_an_effect_over_a_factor() -> None:
    ax = programme().plot.effect_over("write", "ses")
    wanted = programme().margins("write", at={"ses": ["high", "low", "middle"]}).frame
    np.testing.assert_allclose(ax.data[NUMBERS], wanted[NUMBERS])
    assert {y for _, y in marks(ax)} >= set(ax.data["estimate"].round(9))
    assert [text.get_text() for text in ax.get_xticklabels()] == ["high", "low", "middle"]
    ax = programme().plot.effect_over("write", "ses", values=["middle"])
    assert [text.get_text() for text in ax.get_xticklabels()] == ["middle"]


def test_a_factor_of_numbers_is_no_number() -> None:
    ax = anes().plot.effect_over("educ", "vote")
    assert [text.get_text() for text in ax.get_xticklabels()] == ["0", "1"]


def test_levels_of_a_factor_over_a_number() -> None:
    ax = programme().plot.effect_over("ses", "write", values=[40, 50, 60])
    assert [line.get_xdata()[0] for line in ax.get_lines()[:6]] == [40] * 6
    legend = [text.get_text().strip() for text in ax.get_legend().get_texts()]
    assert legend[3:] == ["contrast", "low - high", "middle - high"]


def test_a_change_over_a_number() -> None:
    res = travel()
    ax = res.plot.effect_over("hinc", "psize", change=20, values=[4, 1], by=None)
    wanted = res.comparisons({"hinc": 20}, at={"psize": [4, 1]}).frame
    np.testing.assert_allclose(ax.data[NUMBERS], wanted[NUMBERS])
    assert ax.get_ylabel() == "difference in probability, hinc: +20"
    assert all(np.all(np.diff(line.get_xdata()) > 0) for line in ax.get_lines()[:4])


def test_averages_over_rows_as_observed() -> None:
    res, frame = travel(), mn.datasets.travel_mode()
    ax = res.plot.probabilities("hinc", at="observed")
    for income, part in ax.data.groupby("x"):
        predicted = res.predict(frame.assign(hinc=income)).mean()
        np.testing.assert_allclose(
            part.set_index("outcome")["estimate"], predicted[part["outcome"]], rtol=1e-10
        )
    grid = np.linspace(2, 72, 31)
    wanted = res.average_predictions(at={"hinc": grid}).frame
    found = ax.data.sort_values(["x", "outcome"])
    np.testing.assert_allclose(found[NUMBERS], wanted[NUMBERS])
    assert "averaged over 210 rows\n" in caption(ax)
    assert ax.get_ylabel() == "average predicted probability"


def test_averages_by_levels_that_are_set() -> None:
    res, frame = programme(), hsb()
    ax = res.plot.probabilities("write", by="ses", at="observed", outcomes="general")
    assert set(ax.data["by"]) == {"high", "low", "middle"}
    row = ax.data.iloc[40]
    given = frame.assign(ses=row["by"], write=row["x"])
    assert row["estimate"] == pytest.approx(res.predict(given)["general"].mean(), rel=1e-10)


def test_some_columns_held_and_others_observed() -> None:
    res = anes()
    ax = res.plot.probabilities("selfLR", at={"vote": 1}, others="observed", style="area")
    assert "averaged over 944 rows, at vote = 1" in caption(ax)
    given = mn.datasets.anes96().assign(vote=1, selfLR=7.0)
    last = ax.data[ax.data["x"] == 7.0].set_index("outcome")["estimate"]
    np.testing.assert_allclose(last[list(res.outcomes)], res.predict(given).mean(), rtol=1e-10)
    np.testing.assert_allclose(ax.data.groupby("x")["estimate"].sum(), 1.0, atol=1e-12)


def test_averages_over_other_rows() -> None:
    frame = mn.datasets.travel_mode().head(50).astype({"psize": float})
    frame.loc[frame.index[0], "psize"] = np.nan
    with pytest.warns(mn.errors.MissingDataWarning):
        ax = travel().plot.probabilities("hinc", at="observed", data=frame)
    assert "averaged over 49 rows" in caption(ax)


@pytest.mark.parametrize(
    ("draw", "code"),
    [
        (lambda r: r.plot.effects("hink"), "not-a-predictor"),
        (lambda r: r.plot.effects(arrange="term"), "invalid-choice"),
        (lambda r: r.plot.effects(outcomes="ship"), "unknown-outcome"),
        (lambda r: r.plot.effects(outcomes=[]), "unknown-outcome"),
        (lambda r: r.plot.effects(colour="red"), "unknown-option"),
        (lambda r: r.margins(at="rows").plot(), "too-many-to-draw"),
        (lambda r: r.margins().plot("outcome", over="variable"), "option-without-use"),
        (lambda r: r.margins().plot(over="psize"), "unknown-key"),
        (lambda r: r.plot.effect_over("hink"), "not-a-predictor"),
        (lambda r: r.plot.effect_over("hink", "psize"), "not-a-predictor"),
        (lambda r: r.plot.effect_over(["hinc"]), "not-a-predictor"),
        (lambda r: r.plot.effect_over("hinc", "size"), "not-a-predictor"),
        (lambda r: r.plot.effect_over("hinc", values=[]), "values-not-listed"),
        (lambda r: r.plot.effect_over("hinc", values=3), "values-not-listed"),
        (lambda r: r.plot.effect_over("hinc", values="low"), "values-not-listed"),
        (lambda r: r.plot.effect_over("hinc", kind="eyex", change=1), "option-without-use"),
        (lambda r: r.plot.effect_over("hinc", "psize", by="hinc"), "too-many-levels"),
        (lambda r: r.plot.probabilities("hinc", at="mean"), "invalid-choice"),
        (
            lambda r: r.plot.probabilities("hinc", at="observed", others="typical"),
            "others-without-values",
        ),
        (
            lambda r: r.plot.probabilities("hinc", at="observed", interval=False, alpha=0.1),
            "option-without-use",
        ),
    ],
)
def test_bad_options(draw: Any, code: str) -> None:
    with pytest.raises(OptionError) as caught:
        draw(travel())
    assert caught.value.code == code


@pytest.mark.parametrize("change", [(40, 60), [40, 60], "iqr", "minmax"])
def test_fixed_ends_of_what_runs_are_refused_by_the_name_of_the_option(change: Any) -> None:
    with pytest.raises(OptionError, match=r"^effect_over\(\): change=") as caught:
        programme().plot.effect_over("write", change=change)
    assert caught.value.code == "set-and-compared"
    assert len(programme().plot.effect_over("write", "ses", change=change).data)
