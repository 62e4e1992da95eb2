"""Kinds, shapes, classes, tables and sets of predictions; what is refused."""

from __future__ import annotations

import functools
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import (
    AliasedWarning,
    DataError,
    MissingDataWarning,
    MnlstatWarning,
    OptionError,
    UnknownOptionError,
    WeightsError,
)
from tests.behaviour.data import fit, good_frame, refused, spoilt, warned

COLUMNS = ["estimate", "std_error", "conf_low", "conf_high"]


@functools.cache
def fitted(formula: str = "y ~ x + z + g") -> Any:
    return fit(good_frame(), formula)


# --- shapes --------------------------------------------------------------------------------


def test_shapes_hold_the_same_numbers() -> None:
    data, res = good_frame(), fitted()
    long = res.predict(data, interval=True)
    assert list(long) == ["outcome", *COLUMNS]
    pd.testing.assert_index_equal(long.index, data.index.repeat(3))
    wide = res.predict(data, interval=True, shape="wide")
    assert wide.columns.names == ["outcome", "statistic"]
    pd.testing.assert_index_equal(wide.index, data.index)
    for outcome in "abc":
        own = long.loc[long["outcome"] == outcome, COLUMNS]
        np.testing.assert_array_equal(wide[outcome], own)
    points = res.predict(data, shape="long")
    assert list(points) == ["outcome", "estimate"]
    np.testing.assert_allclose(points["estimate"], long["estimate"], rtol=1e-14)
    np.testing.assert_array_equal(points["estimate"], res.predict(data).to_numpy().ravel())
    pd.testing.assert_frame_equal(res.predict(data, kind="probability"), res.predict(data))


def test_links_are_log_odds_against_any_outcome() -> None:
    data, res = good_frame(), fitted()
    logs = np.log(res.predict(data))
    for base in "abc":
        found = res.predict(data, kind="link", base=base)
        others = [outcome for outcome in "abc" if outcome != base]
        assert list(found) == others and found.attrs["base"] == base
        np.testing.assert_allclose(found, logs[others].sub(logs[base], axis=0), atol=1e-12)
        long = res.predict(data, kind="link", base=base, shape="long")
        assert list(long) == ["outcome", "base", "estimate"] and set(long["base"]) == {base}
    pd.testing.assert_frame_equal(
        res.predict(data, kind="link"), res.predict(data, kind="link", base="a")
    )


@pytest.mark.parametrize("options", [{}, {"kind": "link"}, {"shape": "wide"}], ids=str)
def test_a_row_with_a_missing_predictor_stays_as_missing(options: dict[str, Any]) -> None:
    found = fitted().predict(spoilt("x", 4, np.nan), interval=True, **options)
    gone = found.index == "r4"
    numbers = found.select_dtypes("number")
    assert numbers[gone].isna().all(axis=None) and numbers[~gone].notna().all(axis=None)


def test_the_rows_used_are_predicted_without_data() -> None:
    data, res = good_frame(), fitted()
    for options in ({"interval": True}, {"kind": "link"}, {"shape": "long"}, {"kind": "class"}):
        own, given = res.predict(**options), res.predict(data, **options)
        compare = pd.testing.assert_series_equal if isinstance(own, pd.Series) else None
        (compare or pd.testing.assert_frame_equal)(own, given, rtol=1e-12)
    empty = res.predict(data.head(0), interval=True)
    assert list(empty) == ["outcome", *COLUMNS] and not len(empty)
    assert not len(res.predict(data.head(0), kind="class"))
    assert not len(res.predict(data.head(0), interval=True, simultaneous="all"))


def test_rows_and_blocks_do_not_depend_on_each_other() -> None:
    rng = np.random.default_rng(0)
    many = good_frame().iloc[rng.integers(0, 120, 9001)].reset_index(drop=True)
    res = fitted()
    found = res.predict(many, interval=True)
    alone = res.predict(many.iloc[[8000]], interval=True)
    pd.testing.assert_frame_equal(found.loc[[8000]], alone, rtol=1e-12)


def test_models_of_arrays_and_of_counts_and_loaded_ones(tmp_path: Path) -> None:
    data = good_frame()
    res = mn.MNLogit(data["y"], data[["x", "z"]].assign(one=1.0)).fit()
    X = data[["x", "z"]].assign(one=1.0).head(5)
    by_array = res.predict(X.to_numpy(), interval=True)
    np.testing.assert_array_equal(by_array[COLUMNS], res.predict(X, interval=True)[COLUMNS])
    table = pd.crosstab(data["g"], data["y"]).reset_index()
    counts = mn.mnlogit("cbind(a, b, c) ~ g", table).fit()
    rows = fit(data, "y ~ g")
    pd.testing.assert_frame_equal(
        counts.predict(table, interval=True),
        rows.predict(table, interval=True),
        rtol=1e-9,
    )
    loaded = mn.load(fitted().save(tmp_path / "fit"))
    pd.testing.assert_frame_equal(
        loaded.predict(data, interval=True), fitted().predict(data, interval=True)
    )
    with refused(DataError, "needs the rows"):
        loaded.predict(interval=True)


def test_labels_stay_as_they_are() -> None:
    data = good_frame().assign(y=lambda d: d["y"].map({"a": 3, "b": 1, "c": 2}))
    res = fit(data)
    assert set(res.predict(data, interval=True)["outcome"]) == {1, 2, 3}
    classes = res.predict(data, kind="class")
    assert classes.isin([1, 2, 3]).all() and pd.api.types.is_integer_dtype(classes)
    assert res.predict(data.head(1), combine={0: [1, 3]}).columns.to_list() == [0, 2]


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "kind": ({"kind": "probabilty"}, "did you mean 'probability'"),
    "alpha": ({"interval": True, "alpha": 2}, "alpha=2"),
    "alpha alone": ({"alpha": 0.1}, "alpha="),
    "scale alone": ({"scale": "probability"}, "scale="),
    "scale of link": (
        {"kind": "link", "interval": True, "scale": "probability"},
        "scale=",
    ),
    "bands alone": ({"simultaneous": "all"}, "simultaneous="),
    "interval": ({"interval": 1}, "interval=1"),
    "simultaneous": ({"interval": True, "simultaneous": "rows"}, "simultaneous='rows'"),
    "shape": ({"shape": "tall"}, "shape='tall'"),
    "base of probabilities": ({"base": "b"}, "base="),
    "base": ({"kind": "link", "base": "B"}, "base='B'"),
    "interval of class": ({"kind": "class", "interval": True}, "interval="),
    "shape of class": ({"kind": "class", "shape": "long"}, "shape="),
    "costs alone": ({"costs": np.eye(3)}, "costs="),
    "ties alone": ({"ties": "first"}, "ties="),
    "ties": ({"kind": "class", "ties": "last"}, "ties='last'"),
    "combine": ({"combine": ["a", "b"]}, "combine="),
    "combine nothing": ({"combine": {}}, "combine="),
    "combine none": ({"combine": {"ab": []}}, "'ab'"),
    "combine text": ({"combine": {"ab": "ab"}}, "'ab'"),
    "class of all": ({"kind": "class", "combine": {"abc": list("abc")}}, "'abc'"),
    "odds of all": ({"kind": "link", "combine": {"abc": list("abc")}}, "'abc'"),
    "combine unknown": ({"combine": {"ab": ["a", "B"]}}, "combine='B'"),
    "class twice": ({"kind": "class", "combine": {"ab": ["a", "b"], "bc": ["b", "c"]}}, "'b'"),
    "odds twice": ({"kind": "link", "combine": {"ab": ["a", "b"], "bc": ["b", "c"]}}, "'b'"),
    "combine label": ({"combine": {"c": ["a", "b"]}}, "'c'"),
    "cost shape": ({"kind": "class", "costs": np.eye(2)}, "3 rows"),
    "cost missing": ({"kind": "class", "costs": {"a": {"b": 1}}}, "finite"),
    "cost outcome": ({"kind": "class", "costs": {"a": {"d": 1}}}, "'d'"),
    "cost row": ({"kind": "class", "costs": {"a": 1}}, "'a'"),
    "cost text": ({"kind": "class", "costs": {"a": {"b": "much"}}}, "'much'"),
    "cost array": ({"kind": "class", "costs": [["x"] * 3] * 3}, "numbers"),
    "cost frame": ({"kind": "class", "costs": pd.DataFrame(np.eye(3))}, "index"),
    "file": ({"to": "p.txt"}, "must end in"),
    "band in file": ({"to": "p.csv", "interval": True, "simultaneous": "all"}, "simultaneous="),
    "wide in file": ({"to": "p.csv", "interval": True, "shape": "wide"}, "shape="),
}


@pytest.mark.parametrize("options", [{}, {"scale": "probability"}])
def test_combinations_overlap_as_those_of_averages_do(options: dict[str, Any]) -> None:
    """One rule for both: other names of one outcome, cumulative ones, all."""
    combine = {"one": ["a"], "ab": ["a", "b"], "bc": ["b", "c"], "all": list("abc")}
    for row in (0, 17):
        rows = good_frame().iloc[[row]]
        found = fitted().predict(rows, interval=True, combine=combine, **options)
        wanted = fitted().average_predictions(data=rows, combine=combine, **options).frame
        wanted = wanted.set_index("outcome").loc[list(found["outcome"])]
        np.testing.assert_allclose(found["estimate"], wanted["estimate"], rtol=1e-12)
        np.testing.assert_allclose(found["std_error"], wanted["std_error"], rtol=1e-9, atol=1e-15)
        found, wanted = found[found["outcome"] != "all"], wanted.drop(index="all")
        ends = ["conf_low", "conf_high"]
        np.testing.assert_allclose(found[ends], wanted[ends], rtol=1e-9)
        plain = fitted().predict(rows, combine=combine).iloc[0]
        np.testing.assert_allclose(plain[list(wanted.index)], wanted["estimate"], rtol=1e-12)


def test_all_outcomes_together_are_certain() -> None:
    data = spoilt("x", 4, np.nan)
    combine = {"all": list("abc"), "ab": ["a", "b"]}
    found = fitted().predict(data, interval=True, combine=combine).query("outcome == 'all'")
    there = found.iloc[:, 1:].dropna()
    assert len(there) == len(data) - 1
    assert (there["estimate"] <= 1.0).all()
    np.testing.assert_allclose(there, np.tile([1.0, 0.0, 1.0, 1.0], (len(there), 1)), rtol=1e-15)


def test_another_name_of_an_outcome_is_taken() -> None:
    data, res = good_frame(), fitted()
    for given in ((), (data,)):
        found = res.predict(*given, combine={"first": ["a"]})
        assert list(found) == ["first", "b", "c"]
        np.testing.assert_allclose(found, res.predict(*given), rtol=1e-13)
    assert "first" in set(res.predict(data, kind="class", combine={"first": ["a"]}))


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_honoured_is_refused(case: str) -> None:
    options, named = REFUSED[case]
    with refused(OptionError, named):
        fitted().predict(good_frame(), **options)


def test_unknown_options_and_too_many_bands() -> None:
    with refused(UnknownOptionError, "'intervals'", "interval"):
        fitted().predict(intervals=True)
    many = pd.concat([good_frame()] * 30)
    with refused(OptionError, "10800 predictions", "grid"):
        fitted().predict(many, interval=True, simultaneous="all")
    with refused(OptionError, "3600 rows", "grid"):
        fitted().predict(many, interval=True, simultaneous="outcomes")


def test_a_ridge_has_no_errors_of_predictions() -> None:
    res = mn.mnlogit("y ~ x + z", good_frame()).fit(penalty=mn.Ridge(1.0))
    with refused(OptionError, "ridge"):
        res.predict(interval=True)
    assert res.predict(kind="link").notna().all(axis=None)


def test_broken_aliases_are_told() -> None:
    data = good_frame().assign(twice=lambda d: 2 * d["x"])
    with pytest.warns(AliasedWarning):
        res = fit(data, "y ~ x + twice + z")
    with warned(AliasedWarning, "twice"):
        res.predict(data.assign(twice=0.0), interval=True)


# --- classes -------------------------------------------------------------------------------


def test_classes_are_the_most_probable_outcomes() -> None:
    data, res = good_frame(), fitted()
    found = res.predict(data, kind="class")
    expected = res.predict(data).idxmax(axis=1)
    pd.testing.assert_series_equal(found, expected, check_names=False, check_dtype=False)
    assert found.name == "class"
    merged = res.predict(data, kind="class", combine={"a or b": ["a", "b"]})
    pi = res.predict(data)
    np.testing.assert_array_equal(merged == "c", pi["c"] > 0.5)
    gap = res.predict(spoilt("x", 4, np.nan), kind="class")
    assert pd.isna(gap["r4"]) and gap.drop("r4").notna().all()


def test_costs_decide_by_the_least_expected_cost() -> None:
    data, res = good_frame(), fitted()
    table = pd.DataFrame(
        [[0, 1, 4], [2, 0.0, 1], [1, 5, -1]], index=list("abc"), columns=list("abc")
    )
    expected = (res.predict(data) @ table).idxmin(axis=1)
    shuffled = table.loc[list("cab"), list("bca")]
    words = {true: row.to_dict() for true, row in table.iterrows()}
    for costs in (table, shuffled, words, table.to_numpy()):
        found = res.predict(data, kind="class", costs=costs)
        np.testing.assert_array_equal(found, expected)
    equal = {true: {other: 1 for other in "abc" if other != true} for true in "abc"}
    pd.testing.assert_series_equal(
        res.predict(data, kind="class", costs=equal), res.predict(data, kind="class")
    )


def test_ties_are_what_was_asked_for() -> None:
    data = pd.DataFrame({"y": list("bbaac"), "x": [1, 2, 3, 4, 5]})
    res = mn.mnlogit("y ~ 1", data).fit()
    assert list(res.predict(kind="class")) == ["a"] * 5
    assert list(res.predict(data, kind="class", ties="first")) == ["a"] * 5
    assert res.predict(data, kind="class", ties="missing").isna().all()
    with refused(DataError, "5 rows", "first row 0"):
        res.predict(data, kind="class", ties="error")
    with refused(DataError, "5 rows"):
        res.classification_table(ties="error")


# --- tables --------------------------------------------------------------------------------


def test_the_table_counts_what_came_by_what_was_predicted() -> None:
    data, res = good_frame(), fitted()
    table = res.classification_table()
    expected = pd.crosstab(data["y"], res.predict(kind="class"))
    np.testing.assert_array_equal(table, expected)
    pd.testing.assert_frame_equal(res.classification_table(data), table)
    right, most = np.trace(table), data["y"].value_counts().max()
    assert table.attrs["share_right"] == right / 120
    assert table.attrs["adjusted_count_r2"] == (right - most) / (120 - most)
    apart = data.drop(columns="y")
    pd.testing.assert_frame_equal(res.classification_table(apart, observed=data["y"]), table)
    pd.testing.assert_frame_equal(res.classification_table(apart, observed=list(data["y"])), table)


def test_tables_find_a_response_whose_name_is_quoted() -> None:
    data = good_frame().rename(columns={"y": "my y"})
    res = mn.mnlogit("Q('my y') ~ x + z + g", data).fit()
    expected = fitted().classification_table()
    pd.testing.assert_frame_equal(res.classification_table(data), expected)


def test_tables_honour_weights() -> None:
    data = good_frame().assign(f=np.tile([1, 2, 3, 1], 30))
    weighted = mn.mnlogit("y ~ x + z", data, freq_weights="f").fit()
    repeated = data.loc[data.index.repeat(data["f"])].reset_index(drop=True)
    expected = mn.mnlogit("y ~ x + z", repeated).fit().classification_table()
    pd.testing.assert_frame_equal(weighted.classification_table(), expected)
    for weights in ("f", data["f"], data["f"].to_numpy()):
        pd.testing.assert_frame_equal(
            weighted.classification_table(data, weights=weights), expected
        )
    half = weighted.classification_table(data, weights=data["f"] / 2)
    np.testing.assert_allclose(half, expected / 2)
    assert half.attrs["adjusted_count_r2"] == pytest.approx(expected.attrs["adjusted_count_r2"])


def test_tables_of_counts_and_of_costs() -> None:
    data = good_frame()
    table = pd.crosstab(data["g"], data["y"]).reset_index()
    counts = mn.mnlogit("cbind(a, b, c) ~ g", table).fit()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows = fit(data, "y ~ g")
    np.testing.assert_array_equal(counts.classification_table(), rows.classification_table())
    costs = np.array([[0, 1, 4], [2, 0.0, 1], [1, 5, 0]])
    found = fitted().classification_table(costs=costs)
    decided = fitted().predict(kind="class", costs=costs)
    expected = np.mean(
        [costs["abc".index(t), "abc".index(d)] for t, d in zip(data["y"], decided, strict=True)]
    )
    assert found.attrs["mean_cost"] == pytest.approx(expected)
    with refused(DataError, "counts"):
        counts.classification_table(table)


def test_a_table_of_no_complete_row_is_refused() -> None:
    with pytest.raises(DataError, match="no row") as caught:
        fitted().classification_table(good_frame().assign(x=np.nan))
    assert caught.value.code == "no-complete-rows"


def test_rows_without_class_or_outcome_are_left_out() -> None:
    data = spoilt("x", 4, np.nan)
    data.loc[data.index[7], "y"] = None
    with pytest.warns(MissingDataWarning, match="2 of 120 rows") as told:
        table = fitted().classification_table(data)
    assert [each.message.code for each in told] == ["rows-left-out"]
    assert table.to_numpy().sum() == 118
    data = pd.DataFrame({"y": list("bbaac")})
    table = mn.mnlogit("y ~ 1", data).fit().classification_table(ties="missing")
    assert (table == 0).all(axis=None) and table.attrs["undecided"] == 5
    assert np.isnan(table.attrs["share_right"])


def test_tables_refuse_what_they_cannot_use() -> None:
    data, res = good_frame(), fitted()
    with refused(OptionError, "weights="):
        res.classification_table(weights="x")
    with refused(OptionError, "observed="):
        res.classification_table(observed=data["y"])
    with refused(DataError, "'y'", "observed="):
        res.classification_table(data.drop(columns="y"))
    with refused(DataError, "observed=", "3 rows"):
        res.classification_table(data, observed=list("abc"))
    with refused(DataError, "observed=", "1 row"):
        res.classification_table(data, observed="a")
    with refused(DataError, "observed=", "index"):
        res.classification_table(data, observed=data["y"].reset_index(drop=True))
    with refused(DataError, "'d'"):
        res.classification_table(data.assign(y="d"))
    with refused(DataError, "in pieces"):
        res.classification_table("rows.parquet")
    for weights, said in (
        ("nothing", "nothing"),
        (np.full(120, -1.0), "negative"),
        (np.full(120, np.nan), "missing"),
        (np.full(120, np.inf), "infinite"),
        (["much"] * 120, "numbers"),
        ("y", "numbers"),
        (np.ones(3), "3 rows"),
    ):
        with refused(WeightsError, said):
            res.classification_table(data, weights=weights)


# --- sets ----------------------------------------------------------------------------------


def drawn(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    utility = np.column_stack([np.zeros(n), x, -0.5 * x - 0.5]) + rng.gumbel(size=(n, 3))
    return pd.DataFrame({"y": np.array(list("abc"))[utility.argmax(axis=1)], "x": x})


@pytest.mark.parametrize("method", ["lac", "aps"])
def test_sets_hold_the_outcome_as_often_as_they_say(method: str) -> None:
    # whatever the model is: this one is wrong, and of few rows
    res = mn.mnlogit("y ~ I(x**2)", drawn(60, 1)).fit()
    held, sizes = [], []
    for seed in range(40):
        calibration, test = drawn(49, 100 + seed), drawn(400, 200 + seed)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            sets = res.prediction_sets(test, calibration=calibration, alpha=0.2, method=method)
        held.append(
            np.mean([row[y] for (_, row), y in zip(sets.iterrows(), test["y"], strict=True)])
        )
        sizes.append(sets["size"].mean())
        np.testing.assert_array_equal(sets["size"], sets[list("abc")].sum(axis=1))
    deviation = np.std(held) / np.sqrt(len(held))
    assert np.mean(held) > 0.8 - 2 * deviation
    assert np.mean(sizes) < 3
    if method == "lac":
        assert np.mean(held) < 0.8 + 1 / 50 + 2 * deviation
    else:
        assert min(sizes) >= 1


def test_sets_by_definition() -> None:
    res, calibration, test = mn.mnlogit("y ~ x", drawn(200, 1)).fit(), drawn(99, 2), drawn(50, 3)
    own, pi = res.predict(calibration), res.predict(test)
    came = np.array([own.loc[at, y] for at, y in calibration["y"].items()])
    sets = res.prediction_sets(test, calibration=calibration)
    limit = np.sort(1 - came)[89]  # the 90th of 99: ceil(100 * 0.9)
    assert sets.attrs["threshold"] == pytest.approx(limit) and sets.attrs["n_calibration"] == 99
    np.testing.assert_array_equal(sets[list("abc")], 1 - pi <= limit + 1e-9)
    above = own.where(own.gt(came, axis=0), 0.0).sum(axis=1)
    sets = res.prediction_sets(test, calibration=calibration, method="aps")
    limit = np.sort(above)[89]
    assert sets.attrs["threshold"] == pytest.approx(limit)
    ranked = np.sort(pi, axis=1)[:, ::-1].cumsum(axis=1)
    before = np.column_stack([np.zeros(50), ranked[:, :2]])
    np.testing.assert_array_equal(sets["size"], (before <= limit + 1e-9).sum(axis=1))


def test_rows_of_the_fit_do_not_calibrate() -> None:
    data = drawn(300, 5)
    res = mn.mnlogit("y ~ x", data.iloc[:150]).fit()
    with warned(MnlstatWarning, "150 rows", "held out"):
        res.prediction_sets(data, calibration=data)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        res.prediction_sets(data, calibration=data.iloc[150:])
        res.prediction_sets(data, calibration=data.iloc[150:].reset_index(drop=True))


def test_sets_say_what_they_lack() -> None:
    res, held = mn.mnlogit("y ~ x", drawn(100, 1)).fit(), drawn(40, 2)
    with warned(MnlstatWarning, "8 rows", "0.889"):
        sets = res.prediction_sets(held, calibration=held.head(8))
    assert (sets["size"] == 3).all()
    with warned(MissingDataWarning, "1 row,"):
        res.prediction_sets(held, calibration=held.assign(x=held["x"].where(held.index > 0)))
    gap = held.assign(x=held["x"].where(held.index != 3))
    sets = res.prediction_sets(gap, calibration=held)
    assert sets.loc[3].isna().all() and sets.drop(index=3).notna().all(axis=None)
    with refused(DataError, "complete"):
        res.prediction_sets(held, calibration=held.assign(x=np.nan))
    with refused(DataError, "observed="):
        res.prediction_sets(held, calibration=held[["x"]])
    with refused(OptionError, "alpha=1"):
        res.prediction_sets(held, calibration=held, alpha=1)
    with refused(OptionError, "method='APS'"):
        res.prediction_sets(held, calibration=held, method="APS")
    with refused(OptionError, "calibration"):
        res.prediction_sets(held)
