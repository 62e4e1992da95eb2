"""Covariances of effects: ``D V D'`` with D by differences, simulation, every kind of V."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import mnlstat as mn
from mnlstat.errors import RankError
from tests.effects.problems import fit, frame

TOGETHER = {"not bus": ["car", "train"], "bus": ["bus"]}
ASKED: dict[str, Callable[[Any], Any]] = {
    "derivatives": lambda res: res.margins(["x", "z"]),
    "factor": lambda res: res.margins("g", contrast="pairwise"),
    "at means": lambda res: res.margins("z", at="mean"),
    "at medians": lambda res: res.margins("x", at="median", by="c"),
    "groups": lambda res: res.margins(["x", "z"], by=["g", "c"]),
    "scenarios": lambda res: res.margins("x", at={"z": [1.0, 2.5], "g": ["u", "v"]}),
    "rows": lambda res: res.margins("z", at="rows", data=frame().iloc[:7]),
    "elasticities": lambda res: res.margins(["x", "z"], kind="eyex"),
    "semi-elasticities": lambda res: res.margins("z", kind="eydx", by="g"),
    "elasticities at means": lambda res: res.margins("z", kind="dyex", at="mean"),
    "elasticity of a union": lambda res: res.margins("z", kind="eyex", combine=TOGETHER),
    "its rows": lambda res: res.margins(
        "z", kind="eydx", combine=TOGETHER, at="rows", data=frame().iloc[:5]
    ),
    "changes": lambda res: res.comparisons({"x": "sd", "z": 0.5}, centred=True),
    "ratios": lambda res: res.comparisons({"x": 1.0, "g": "sequential"}, comparison="ratio"),
    "odds ratios": lambda res: res.comparisons("z", comparison="odds ratio", combine=TOGETHER),
    "predictions": lambda res: res.average_predictions(at={"g": ["u", "w"]}, by="c"),
    "marginal means": lambda res: res.marginal_means("g", weights="proportional"),
    "second differences": lambda res: res.margins("x", by="g").contrasts("g"),
}


def gradients(res: Any, ask: Callable[[Any], Any]) -> np.ndarray:
    """Derivatives (M, p) of what is asked in the coefficients, by central differences."""
    b, columns = res.estimates.values, []
    for j in range(len(b)):
        step = 1e-5 * max(abs(b[j]), 1.0)
        ends = []
        for sign in (1.0, -1.0):
            moved = b.copy()
            moved[j] += sign * step
            other = replace(res, estimates=replace(res.estimates, values=moved))
            ends.append(ask(other).estimands.values)
        columns.append((ends[0] - ends[1]) / (2.0 * step))
    return np.column_stack(columns)


@pytest.mark.parametrize("name", ASKED)
def test_the_delta_method(name: str) -> None:
    res = fit("y ~ x * z + g + offset(np.log(z))")
    found = ASKED[name](res)
    D = gradients(res, ASKED[name])
    V = res.cov_params().to_numpy()
    exact = D @ V @ D.T
    size = np.sqrt(np.outer(np.diag(exact), np.diag(exact)))
    assert (np.abs(found.cov.to_numpy() - exact) <= 1e-6 * size).all()


DRAWS = 100


def standard(n: int, p: int) -> np.ndarray:
    """Normal draws, moved and turned so that their means are zero and their covariance one."""
    z = np.random.default_rng(5).normal(size=(n, p))
    left, _, right = np.linalg.svd(z - z.mean(axis=0), full_matrices=False)
    return np.asarray(np.sqrt(n) * left @ right)


@pytest.mark.parametrize("name", ["derivatives", "changes", "marginal means", "ratios"])
def test_simulation_from_the_asymptotic_distribution(name: str) -> None:
    """Of estimates that are so precise that their functions are straight lines."""
    some = frame().iloc[:30]
    ask: Callable[[Any], Any] = {
        "derivatives": lambda res: res.margins(["x", "z"], data=some),
        "changes": lambda res: res.comparisons({"x": 1.0, "g": "pairwise"}, data=some),
        "marginal means": lambda res: res.marginal_means("g"),
        "ratios": lambda res: res.comparisons("z", comparison="ratio", data=some),
    }[name]
    res = fit("y ~ x * z + g")
    precise = replace(res.estimates.covariance, root=res.estimates.covariance.root * 0.02)
    res = replace(res, estimates=replace(res.estimates, covariance=precise))
    b, F = res.estimates.values, precise.root
    values = [
        ask(replace(res, estimates=replace(res.estimates, values=b + F @ z))).estimands.values
        for z in standard(DRAWS, F.shape[1])
    ]
    spread, errors = np.std(values, axis=0), ask(res).estimands.standard_errors()
    np.testing.assert_allclose(spread, errors, rtol=0.02)


def covariances() -> dict[str, Any]:
    data = frame()
    return {
        "HC0": {},
        "HC1": {},
        "HC2": {},
        "opg": {},
        "cluster": {"groups": data["id"]},
        "CR2": {"groups": data["id"]},
    }


@pytest.mark.parametrize("kind", covariances())
def test_every_covariance_flows_through(kind: str) -> None:
    res = fit("y ~ x + z")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        robust = res.with_cov(kind, **covariances()[kind])
    ask = ASKED["derivatives"]
    D = gradients(res, ask)
    found = ask(robust)
    exact = D @ robust.cov_params().to_numpy() @ D.T
    np.testing.assert_allclose(found.cov.to_numpy(), exact, rtol=1e-5, atol=1e-10)
    assert dict(found.facts)["Covariance"] == robust.cov_type
    np.testing.assert_allclose(found.estimates, ask(res).estimates, rtol=1e-14)


def test_survey_effects_have_t_quantiles() -> None:
    from scipy import stats

    res = mn.mnlogit("y ~ x + z", frame(), sampling_weights="w").fit()
    survey = res.with_cov("survey", psu="id")
    found = survey.margins("x")
    row, df = found.frame.iloc[0], found.estimands.covariance.df
    assert df is not None and (df == df[0]).all()
    reach = stats.t.ppf(0.975, df[0]) * row["std_error"]
    assert row["conf_high"] - row["estimate"] == pytest.approx(reach, rel=1e-12)
    exact = 2.0 * stats.t.sf(abs(row["statistic"]), df[0])
    assert row["p_value"] == pytest.approx(exact, rel=1e-10)
    assert survey.margins("x").test().distribution == "F"


def test_the_sum_over_outcomes_has_neither_effect_nor_variance() -> None:
    res = fit("y ~ x * z + g")
    for effects in (res.margins(), res.comparisons({"x": 1.0, "g": "pairwise"})):
        S = len(res.outcomes)
        C = np.kron(np.eye(len(effects) // S), np.ones(S))
        size = effects.frame["std_error"].max()
        assert np.abs(C @ effects.estimates).max() < 1e-14
        total = effects.estimands.combined(C)
        assert (total.standard_errors() <= 1e-14 * size).all()


def test_a_joint_test_counts_what_is_free() -> None:
    res = fit("y ~ x * z + g")
    assert res.margins("x").test().df == 2
    assert res.margins(["x", "z"]).test().df == 4
    assert res.margins("x", by="g").test().df == 6
    with pytest.raises(RankError, match="Test fewer"):
        res.margins("x", at="rows").test()  # more effects than coefficients
    with pytest.raises(RankError, match="sum to one"):
        res.average_predictions().test()
    one = res.margins("x").contrasts("outcome", method="reference")
    V = one.cov.to_numpy()
    found = one.test()
    assert found.statistic == pytest.approx(one.estimates @ np.linalg.solve(V, one.estimates))


def test_adjustment_by_the_largest_t_is_that_of_the_correlations() -> None:
    res = fit("y ~ x * z + g")
    found = res.margins("x", by="g", adjust="max-t").frame
    plain = res.margins("x", by="g")
    rng, F = np.random.default_rng(0), plain.estimands.covariance.root
    t = rng.normal(size=(200_000, F.shape[1])) @ F.T / plain.estimands.standard_errors()
    largest = np.abs(t).max(axis=1)
    for statistic, p in zip(found["statistic"], found["p_value"], strict=True):
        assert p == pytest.approx((largest > abs(statistic)).mean(), abs=0.006)
    again = plain.adjusted("max-t").frame
    np.testing.assert_array_equal(again["p_value"], found["p_value"])
