"""Effects against predictions, and what must not change them."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from tests.effects.problems import data, fit, frame, mean_of, wide

NUMBERS = ["estimate", "std_error"]
ASKED: dict[str, Callable[[Any], Any]] = {
    "margins": lambda res: res.margins(),
    "groups": lambda res: res.margins(["x", "g"], by="c"),
    "means": lambda res: res.margins("x", at="mean"),
    "typical": lambda res: res.margins("x", at="typical"),
    "scenarios": lambda res: res.margins("x", at={"g": ["v", "w"]}),
    "elasticities": lambda res: res.margins("z", kind="eyex"),
    "changes": lambda res: res.comparisons({"x": "iqr", "g": "pairwise"}),
    "deviations": lambda res: res.comparisons({"x": "sd", "z": "minmax"}),
    "predictions": lambda res: res.average_predictions(by="g"),
    "grid": lambda res: res.marginal_means("g"),
    "proportional": lambda res: res.marginal_means("g", weights="proportional"),
}
asked = pytest.mark.parametrize("name", ASKED)
FORMULA = "y ~ x * z + g"


def assert_same(found: Any, exact: Any, digits: float = 1e-11) -> None:
    """Equal estimates and standard errors, relative to the largest."""
    assert list(found.keys["outcome"]) == list(exact.keys["outcome"])
    for column in NUMBERS:
        one, other = (each.frame[column].to_numpy() for each in (found, exact))
        np.testing.assert_allclose(one, other, rtol=digits, atol=digits * np.abs(other).max())


def test_a_change_is_a_difference_of_average_predictions() -> None:
    res, rows = fit("y ~ x * z + g + poly(x, 2)"), frame()
    found = wide(res.comparisons({"x": 0.7, "z": (1.0, 2.0), "g": ("u", "w")})).to_numpy()
    exact = [
        mean_of(res, rows.assign(x=rows.x + 0.7)) - mean_of(res, rows),
        mean_of(res, rows.assign(z=2.0)) - mean_of(res, rows.assign(z=1.0)),
        mean_of(res, rows.assign(g="w")) - mean_of(res, rows.assign(g="u")),
    ]
    np.testing.assert_allclose(found, exact, rtol=1e-12, atol=1e-15)


def test_named_steps_are_those_of_the_column() -> None:
    res, rows = fit(FORMULA), frame()
    quarter, three = rows.x.quantile([0.25, 0.75], interpolation="midpoint")
    for step, (low, high) in {
        "sd": (rows.x, rows.x + rows.x.std()),
        "minmax": (rows.x.min(), rows.x.max()),
        "iqr": (quarter, three),
    }.items():
        found = wide(res.comparisons({"x": step})).to_numpy()[0]
        exact = mean_of(res, rows.assign(x=high)) - mean_of(res, rows.assign(x=low))
        np.testing.assert_allclose(found, exact, rtol=1e-11, atol=1e-14)
    centred = wide(res.comparisons({"x": "sd"}, centred=True)).to_numpy()[0]
    half = rows.x.std() / 2.0
    exact = mean_of(res, rows.assign(x=rows.x + half)) - mean_of(res, rows.assign(x=rows.x - half))
    np.testing.assert_allclose(centred, exact, rtol=1e-11, atol=1e-14)


def test_values_that_are_set_are_values_of_the_data() -> None:
    res, rows = fit(FORMULA), frame()
    for verb in ("margins", "comparisons"):
        found = wide(getattr(res, verb)("x", at={"g": ["v"], "z": [2.0]})).to_numpy()
        exact = getattr(res, verb)("x", data=rows.assign(g="v", z=2.0))
        np.testing.assert_allclose(found, wide(exact).to_numpy(), rtol=1e-12)
    found = wide(res.average_predictions(at={"z": [1.0, 2.0]})).to_numpy()
    exact = [mean_of(res, rows.assign(z=z)) for z in (1.0, 2.0)]
    np.testing.assert_allclose(found, exact, rtol=1e-13)


def test_a_value_that_is_set_twice_is_one() -> None:
    res, at = fit(FORMULA), {"z": [1.0, 2, 1, np.float64(2.0)], "g": ["u", "u"]}
    for ask in (res.average_predictions, lambda at: res.marginal_means("g", at=at)):
        once = ask(at={"z": [1.0, 2], "g": ["u"]})
        pd.testing.assert_frame_equal(ask(at=at).frame, once.frame, rtol=1e-12)
    found = res.average_predictions(at=at).contrasts("z")
    assert found.keys["z"].unique().tolist() == ["2.0 - 1.0"]


def test_a_group_is_its_rows() -> None:
    res, rows = fit(FORMULA), frame()
    for at in ("overall", "mean", "typical", "median"):
        found = res.margins(["x", "z"], by="g", at=at)
        for level, some in rows.groupby("g"):
            part = res.margins(["x", "z"], at=at, data=some).frame
            own = found.frame[found.frame["g"] == level]
            for column in NUMBERS:
                np.testing.assert_allclose(own[column], part[column], rtol=1e-11, atol=1e-15)


def test_each_row_is_data_of_one_row() -> None:
    res, rows = fit(FORMULA), frame().iloc[:4]
    found = res.margins("z", at="rows", data=rows).frame
    for label in rows.index:
        part = res.margins("z", data=rows.loc[[label]]).frame
        own = found[found["row"] == label]
        for column in NUMBERS:
            np.testing.assert_allclose(own[column], part[column], rtol=1e-12)


def test_outcomes_taken_together_are_sums() -> None:
    res = fit(FORMULA)
    together = {"public": ["bus", "train"], "car": ["car"], "wheels": ["bus", "car"]}
    for ask in (
        lambda **how: res.margins("x", **how),
        lambda **how: res.average_predictions(**how),
        lambda **how: res.comparisons("g", **how),
    ):
        alone, found = wide(ask()), wide(ask(combine=together))
        np.testing.assert_allclose(found["public"], alone["bus"] + alone["train"], rtol=1e-12)
        np.testing.assert_allclose(found["car"], alone["car"], rtol=1e-12)
        np.testing.assert_allclose(found["wheels"], alone["bus"] + alone["car"], rtol=1e-11)


def test_ratios_by_hand() -> None:
    res, rows = fit(FORMULA), frame()
    low, high = mean_of(res, rows), mean_of(res, rows.assign(x=rows.x + 1.0))
    for comparison, exact in {
        "ratio": high / low,
        "odds ratio": high / (1.0 - high) / (low / (1.0 - low)),
    }.items():
        found = res.comparisons("x", comparison=comparison)
        table = found.frame
        np.testing.assert_allclose(table["estimate"], exact, rtol=1e-12)
        errors = np.sqrt(np.diag(found.cov))
        np.testing.assert_allclose(table["std_error"], exact * errors, rtol=1e-12)
        np.testing.assert_allclose(table["statistic"], np.log(exact) / errors, rtol=1e-10)
        z = 1.959963984540054
        np.testing.assert_allclose(table["conf_low"], exact * np.exp(-z * errors), rtol=1e-12)
        np.testing.assert_allclose(table["conf_high"], exact * np.exp(z * errors), rtol=1e-12)


def test_second_differences_by_hand() -> None:
    effects = fit(FORMULA).comparisons("x", by="c")
    V, values, S = effects.cov.to_numpy(), effects.estimates, 3
    found = effects.contrasts("c").frame
    assert list(found["c"]) == ["1 - 0"] * S
    np.testing.assert_allclose(found["estimate"], values[S:] - values[:S], rtol=1e-12)
    C = np.hstack([-np.eye(S), np.eye(S)])
    np.testing.assert_allclose(found["std_error"], np.sqrt(np.diag(C @ V @ C.T)), rtol=1e-10)


def test_marginal_means_by_hand() -> None:
    res = fit("y ~ x + g + C(k)")
    rows = frame()
    shares = rows["k"].value_counts(normalize=True).sort_index().to_numpy()
    for weights, share in (("equal", np.full(3, 1 / 3)), ("proportional", shares)):
        found = wide(res.marginal_means("g", weights=weights)).to_numpy()
        for at, level in enumerate("uvw"):
            grid = pd.DataFrame({"x": rows.x.mean(), "g": level, "k": [1, 2, 3]})
            np.testing.assert_allclose(found[at], mean_of(res, grid, share), rtol=1e-12)


def test_offsets_move_with_their_columns() -> None:
    res, rows = fit("y ~ z + x + offset(np.log(z))"), frame()
    found = wide(res.comparisons({"z": 0.5, "x": 1.0})).to_numpy()
    exact = [
        mean_of(res, rows.assign(z=rows.z + 0.5)) - mean_of(res, rows),
        mean_of(res, rows.assign(x=rows.x + 1.0)) - mean_of(res, rows),
    ]
    np.testing.assert_allclose(found, exact, rtol=1e-12)
    typical = pd.DataFrame({"z": [rows.z.mean()], "x": [rows.x.mean()]})
    found = wide(res.average_predictions(at="typical")).to_numpy()[0]
    np.testing.assert_allclose(found, mean_of(res, typical), rtol=1e-12)
    found = wide(res.marginal_means("z", at={"z": [1.0, 3.0]})).to_numpy()
    exact = [mean_of(res, typical.assign(z=z)) for z in (1.0, 3.0)]
    np.testing.assert_allclose(found, exact, rtol=1e-12)


def test_columns_that_the_offset_reads_can_be_set() -> None:
    rows = frame().assign(off=lambda each: np.sin(np.arange(len(each))))
    res = mn.mnlogit("y ~ x + g", rows, offset={"train": "off"}).fit()
    exact = [mean_of(res, rows.assign(off=value, x=1.0)) for value in (0.0, 2.0)]
    found = wide(res.average_predictions(at={"off": [0.0, 2.0], "x": 1.0})).to_numpy()
    np.testing.assert_allclose(found, exact, rtol=1e-12)
    step = [mean_of(res, rows.assign(off=2.0, x=rows.x + h)) for h in (-1e-5, 1e-5)]
    found = res.margins("x", at={"off": 2.0}).estimates
    np.testing.assert_allclose(found, (step[1] - step[0]) / 2e-5, rtol=1e-6, atol=1e-9)
    means = res.marginal_means("g", at={"off": [0.0, 2.0]})
    grid = pd.DataFrame({"x": rows.x.mean(), "g": "u", "off": [0.0, 2.0]})
    np.testing.assert_allclose(wide(means).to_numpy()[0], mean_of(res, grid), rtol=1e-12)
    assert dict(means.facts)["Grid"] == "g (3) x off (2), equal weights"
    assert f"off = {rows.off.mean():.6g}" in dict(res.marginal_means("g").facts)["Held at"]
    found = res.get_margeff(atexog={"off": 2.0}).margeff.loc["x"]
    np.testing.assert_allclose(found, res.margins("x", at={"off": 2.0}).estimates, rtol=1e-12)


@pytest.mark.parametrize("offset", ["np.log(z)", "np.log(z) * x", "np.log(e) * z"])
def test_slopes_of_an_offset_are_those_at_the_values_that_are_set(offset: str) -> None:
    rows = frame().assign(e=lambda each: 1.0 + np.arange(len(each)) % 5)
    res = mn.mnlogit(f"y ~ z + x + offset({offset})", rows).fit()
    at = {"e": 3.0} if "e" in offset else {"z": 1.5, "x": 0.2}
    there = rows.assign(**at)
    low, high = (mean_of(res, there.assign(z=there.z + h)) for h in (-1e-5, 1e-5))
    found = res.margins("z", at=at).estimates
    np.testing.assert_allclose(found, (high - low) / 2e-5, rtol=1e-6, atol=1e-9)


@asked
def test_row_order_base_and_units_are_no_matter(name: str) -> None:
    exact, rows = ASKED[name](fit(FORMULA)), frame()
    shuffled = rows.sample(frac=1.0, random_state=1)
    assert_same(ASKED[name](mn.mnlogit(FORMULA, shuffled).fit()), exact, 1e-9)
    rebased = ASKED[name](fit(FORMULA).rebase("train"))
    assert_same(rebased, exact, 1e-10)
    fitted = ASKED[name](mn.mnlogit(FORMULA, rows, base="car").fit())
    order = fitted.frame.set_index(list(fitted.keys.columns))
    again = exact.frame.set_index(list(exact.keys.columns)).reindex(order.index)
    np.testing.assert_allclose(order[NUMBERS], again[NUMBERS], rtol=1e-8, atol=1e-11)


def test_a_unit_only_scales_the_effect() -> None:
    rows = frame().assign(x=frame().x * 1000.0)
    found = mn.mnlogit(FORMULA, rows).fit().margins("x").frame
    exact = fit(FORMULA).margins("x").frame
    np.testing.assert_allclose(found[NUMBERS] * 1000.0, exact[NUMBERS], rtol=1e-8)


@pytest.mark.parametrize("coding", ["C(g, Sum)", "C(g, Helmert)", "C(g, Treatment('w'))"])
def test_the_coding_of_a_factor_is_no_matter(coding: str) -> None:
    found, exact = fit(f"y ~ x * {coding}"), fit("y ~ x * C(g)")
    assert_same(found.margins("x"), exact.margins("x"), 1e-9)
    pairs = [res.comparisons({"g": ("u", "v")}) for res in (found, exact)]
    assert_same(*pairs, 1e-9)
    assert_same(found.marginal_means("g"), exact.marginal_means("g"), 1e-9)


@asked
def test_frequency_weights_are_repeated_rows(name: str) -> None:
    rows = frame()
    repeated = rows.loc[rows.index.repeat(rows["w"])].reset_index(drop=True)
    weighted = ASKED[name](mn.mnlogit(FORMULA, rows, freq_weights="w").fit())
    assert_same(weighted, ASKED[name](mn.mnlogit(FORMULA, repeated).fit()), 1e-10)


def test_sampling_weights_weigh_the_average() -> None:
    res, rows = mn.mnlogit(FORMULA, frame(), sampling_weights="w").fit(), frame()
    found = wide(res.comparisons("x")).to_numpy()[0]
    moved = mean_of(res, rows.assign(x=rows.x + 1.0), rows["w"])
    np.testing.assert_allclose(found, moved - mean_of(res, rows, rows["w"]), rtol=1e-12)


def test_counts_are_a_row_for_each_choice() -> None:
    rng = np.random.default_rng(3)
    rows = pd.DataFrame({"x": rng.normal(size=30), "g": rng.choice(list("ab"), 30)})
    counts = rng.multinomial(4, [0.3, 0.3, 0.4], size=30) + rng.integers(0, 2, (30, 3))
    rows[["r", "s", "t"]] = counts
    long = rows.loc[rows.index.repeat(counts.sum(axis=1))].reset_index(drop=True)
    long["y"] = np.concatenate([np.repeat(["r", "s", "t"], each) for each in counts])
    one = mn.mnlogit("cbind(r, s, t) ~ x + g", rows).fit()
    other = mn.mnlogit("y ~ x + g", long).fit()
    for ask in (
        lambda res: res.margins(),
        lambda res: res.margins("x", by="g"),
        lambda res: res.comparisons({"x": "sd"}),
        lambda res: res.average_predictions(at="typical"),
        lambda res: res.marginal_means("g"),
    ):
        assert_same(ask(one), ask(other), 1e-9)


@pytest.mark.parametrize("offset", ["off", "numbers"])
def test_offsets_of_a_grid_are_means_of_rows_that_count_by_their_weights(offset: str) -> None:
    rows = frame().assign(off=lambda each: np.sin(np.arange(len(each))))
    repeated = rows.loc[rows.index.repeat(rows["w"])].reset_index(drop=True)
    one, other = (
        mn.mnlogit(
            "y ~ x + g",
            table,
            offset={"train": "off"} if offset == "off" else _numbers(table["off"]),
            **weights,
        ).fit()
        for table, weights in ((rows, {"freq_weights": "w"}), (repeated, {}))
    )
    assert_same(one.marginal_means("g"), other.marginal_means("g"), 1e-9)


def _numbers(column: pd.Series) -> np.ndarray:
    """An offset of the second of three outcomes, as an array."""
    return np.outer(column, [0.0, 1.0, 0.0])


@pytest.mark.parametrize("n_outcomes", [2, 10])
def test_few_and_many_outcomes(n_outcomes: int) -> None:
    rng = np.random.default_rng(n_outcomes)
    rows = pd.DataFrame({"x": rng.normal(size=500), "z": rng.normal(size=500)})
    rows["y"] = rng.integers(0, n_outcomes, 500)
    res = mn.mnlogit("y ~ x + z", rows).fit()
    found = wide(res.comparisons("x")).to_numpy()[0]
    exact = mean_of(res, rows.assign(x=rows.x + 1.0)) - mean_of(res, rows)
    np.testing.assert_allclose(found, exact, rtol=1e-11, atol=1e-15)
    assert abs(wide(res.margins("x")).to_numpy().sum()) < 1e-15
    assert res.margins("x").test().df == n_outcomes - 1


def test_a_thousand_groups_are_blocks_of_rows() -> None:
    rows = data(3000, 2)
    rows["id"] = np.random.default_rng(0).permutation(3000) % 1000
    res = mn.mnlogit("y ~ x + z", rows).fit()
    found = res.margins(["x", "z"], by="id")
    assert len(found) == 2 * 1000 * 3
    own = found.frame[found.frame["id"] == 17]
    part = res.margins(["x", "z"], data=rows[rows["id"] == 17]).frame
    for column in NUMBERS:
        np.testing.assert_allclose(own[column], part[column], rtol=1e-11)


def test_blocks_are_no_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    from mnlstat.inference.effects.places import Places

    res = fit("y ~ x * z + g")
    whole = [ask(res) for ask in ASKED.values()]
    original = Places.__init__

    def small(self: Any, *args: Any, **options: Any) -> None:
        original(self, *args, **{"size": 37, **options})

    monkeypatch.setattr(Places, "__init__", small)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for exact, ask in zip(whole, ASKED.values(), strict=True):
            assert_same(ask(res), exact, 1e-11)


@pytest.mark.parametrize("n", [197, 198, 199, 200])
def test_quartiles_are_those_of_definition_2_of_hyndman_and_fan(n: int) -> None:
    rows = frame().iloc[:n]
    res = mn.mnlogit("y ~ x + g", rows).fit()
    ends = tuple(np.quantile(rows["x"], [0.25, 0.75], method="averaged_inverted_cdf"))
    found, wanted = res.comparisons({"x": "iqr"}), res.comparisons({"x": ends})
    np.testing.assert_allclose(found.frame["estimate"], wanted.frame["estimate"], rtol=1e-12)
