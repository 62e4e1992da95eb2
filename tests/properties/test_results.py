"""Results agree with each other: one index, one set of numbers, whatever way they are asked for."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mnlstat as mn
from mnlstat.inference.fit_statistics import null_loglike
from tests.properties.frames import Example, close, example, shapes

seeds = st.integers(0, 1000)


def assert_same_numbers(one: Any, other: Any) -> None:
    """Two results that must be the same to the last bit."""
    pd.testing.assert_series_equal(one.params, other.params)
    pd.testing.assert_series_equal(one.bse, other.bse)
    pd.testing.assert_frame_equal(one.cov_params(), other.cov_params())
    pd.testing.assert_frame_equal(one.tidy(), other.tidy())
    for name in ("llf", "llnull", "llr", "aic", "bic", "nobs", "df_model", "df_resid"):
        assert getattr(one, name) == getattr(other, name)


@given(shapes())
def test_everything_shaped_like_the_coefficients_has_one_index(data: Example) -> None:
    res = data.fit()
    index = res.params.index
    assert list(index.names) == ["outcome", "term"] and index.is_unique
    terms = len(index) // (len(data.outcomes) - 1)
    assert index.get_level_values("outcome").to_list() == list(np.repeat(data.outcomes[1:], terms))
    cov = res.cov_params()
    shaped = [res.bse, res.tvalues, res.pvalues, res.conf_int(), cov, cov.T]
    for other in shaped:
        pd.testing.assert_index_equal(other.index, index)
    pd.testing.assert_index_equal(res.index, index)
    tidy = res.tidy()
    columns = "outcome term estimate std_error statistic p_value conf_low conf_high"
    assert list(tidy.columns) == columns.split()
    assert list(zip(tidy["outcome"], tidy["term"], strict=True)) == index.to_list()


@given(shapes(), st.floats(0.01, 0.5))
def test_tables_hold_the_numbers_of_the_attributes(data: Example, alpha: float) -> None:
    res = data.fit()
    tidy, limits = res.tidy(alpha=alpha), res.conf_int(alpha)
    for column, series in {
        "estimate": res.params,
        "std_error": res.bse,
        "statistic": res.tvalues,
        "p_value": res.pvalues,
        "conf_low": limits["conf_low"],
        "conf_high": limits["conf_high"],
    }.items():
        np.testing.assert_array_equal(tidy[column].to_numpy(), series.to_numpy())
    close(np.sqrt(np.diag(res.cov_params())), res.bse.to_numpy(), 1e-14)
    close((res.params / res.bse).to_numpy(), res.tvalues.to_numpy(), 1e-14)
    middle = (limits["conf_low"] + limits["conf_high"]) / 2
    close(middle.to_numpy(), res.params.to_numpy(), 1e-14)


@given(shapes(), st.floats(0.01, 0.5))
def test_ratios_are_exponentials_with_their_own_standard_errors(
    data: Example, alpha: float
) -> None:
    res = data.fit()
    log, ratio = res.tidy(alpha=alpha), res.tidy(exponentiate=True, alpha=alpha)
    close(ratio["estimate"], np.exp(log["estimate"]), 1e-14)
    close(ratio["std_error"], np.exp(log["estimate"]) * log["std_error"], 1e-14)
    for column in ("statistic", "p_value"):
        pd.testing.assert_series_equal(ratio[column], log[column])
    for column in ("conf_low", "conf_high"):
        close(ratio[column], np.exp(log[column]), 1e-14)


@given(shapes())
def test_counting_follows_from_rows_outcomes_and_terms(data: Example) -> None:
    res = data.fit()
    p, q, n = len(res.params), len(data.outcomes) - 1, len(data.frame)
    assert (res.nobs, res.df_model, res.df_resid) == (n, p - q, n - p)
    assert res.aic == pytest.approx(2 * p - 2 * res.llf, rel=1e-15)
    assert res.bic == pytest.approx(p * np.log(n) - 2 * res.llf, rel=1e-15)
    assert res.llr == pytest.approx(2 * (res.llf - res.llnull), rel=1e-12)
    assert res.prsquared == pytest.approx(1 - res.llf / res.llnull, rel=1e-12)
    counts = data.frame["y"].value_counts()
    assert res.outcome_counts.to_dict() == counts.to_dict()


def test_the_null_log_likelihood_is_finite_when_an_outcome_never_occurs() -> None:
    shares = np.array([0.25, 0.75])
    expected = float((4 * shares * np.log(shares)).sum())
    assert null_loglike(np.array([1.0, 0.0, 3.0])) == pytest.approx(expected, rel=1e-15)


@given(shapes())
def test_copies_and_pickles_give_identical_numbers(data: Example) -> None:
    res = data.fit()
    new = data.frame.head(7)
    for twin in (copy.deepcopy(res), pickle.loads(pickle.dumps(res))):
        assert_same_numbers(twin, res)
        pd.testing.assert_frame_equal(twin.predict(new), res.predict(new))
        assert str(twin.summary()) == str(res.summary())


@given(shapes())
def test_a_second_fit_has_the_same_bits(data: Example) -> None:
    assert_same_numbers(data.fit(), data.fit())


@given(shapes())
def test_predictions_for_the_training_rows_are_the_fitted_values(data: Example) -> None:
    res = data.fit()
    pd.testing.assert_frame_equal(res.predict(data.frame), res.fittedvalues, rtol=1e-13)
    pd.testing.assert_frame_equal(res.predict(), res.fittedvalues)
    pd.testing.assert_index_equal(res.fittedvalues.index, data.frame.index)
    assert list(res.fittedvalues.columns) == data.outcomes
    by_likelihood = res.likelihood.probabilities(res.params.to_numpy())
    np.testing.assert_allclose(res.fittedvalues.to_numpy(), by_likelihood, rtol=1e-13)


@given(shapes())
def test_results_sit_at_the_maximum_of_the_public_likelihood(data: Example) -> None:
    res = data.fit()
    likelihood, params = res.likelihood, res.params.to_numpy()
    assert likelihood.loglike(params) == pytest.approx(res.llf, rel=1e-14)
    size = np.abs(likelihood.score_obs(params)).sum(axis=0)
    assert (np.abs(likelihood.score(params)) <= 1e-13 * size).all()
    close(np.linalg.inv(-likelihood.hessian(params)), res.cov_params().to_numpy(), 1e-10)


@given(shapes(n_numeric=3), st.sampled_from(["x0", "x2", "g"]))
def test_leaving_out_a_term_by_update_is_fitting_without_it(data: Example, term: str) -> None:
    rest = [name for name in [*data.numeric, "g"] if name != term]
    updated, direct = data.fit().update(f". ~ . - {term}"), data.fit(f"y ~ {' + '.join(rest)}")
    pd.testing.assert_index_equal(updated.params.index, direct.params.index)
    close(updated.params, direct.params, 1e-12)
    close(updated.cov_params(), direct.cov_params(), 1e-12)


def test_update_keeps_to_the_rows_of_the_first_fit() -> None:
    data = example(3, 3, 2, 3)
    holes = data.frame.copy()
    holes.iloc[:9, 0] = np.nan
    res = data.with_frame(holes).fit()
    smaller = res.update(". ~ . - x0")
    assert smaller.nobs == res.nobs == len(holes) - 9
    close(smaller.params, data.with_frame(holes.iloc[9:]).fit("y ~ x1 + g").params, 1e-12)


def test_update_keeps_the_base_of_the_result_itself() -> None:
    trips = mn.datasets.travel_mode()
    res = mn.mnlogit("mode ~ hinc + psize", trips, base="air").fit().rebase("car")
    left = res.update(". ~ . - psize")
    assert left.base == "car"
    again = left.rebase("bus").update(". ~ . + psize")
    assert again.base == "bus"
    close(again.params, res.rebase("bus").params, 1e-9)


def test_update_may_change_the_response() -> None:
    data = example(3, 3, 2, 3)
    updated = data.fit(base="b").update("g ~ . - g")
    close(updated.params, data.fit("g ~ x0 + x1").params, 1e-12)


@given(shapes(), seeds)
def test_the_wald_test_of_one_coefficient_is_its_z_squared(data: Example, seed: int) -> None:
    res = data.fit()
    at = seed % len(res.params)
    (outcome, term), R = res.params.index[at], np.eye(len(res.params))[[at]]
    z = res.tvalues.iloc[at]
    for test in (res.wald_test(R), res.test(f"{outcome}:{term} = 0")):
        assert test.df == 1
        assert test.statistic == pytest.approx(z**2, rel=1e-11)
        assert test.pvalue == pytest.approx(res.pvalues.iloc[at], rel=1e-9)


@given(shapes(n_outcomes=4, n_levels=3))
def test_restrictions_in_words_are_restrictions_in_a_matrix(data: Example) -> None:
    res = data.fit()
    index = res.params.index

    def unit(outcome: str, term: str) -> np.ndarray:
        return np.eye(len(index))[index.get_loc((outcome, term))]

    cases = {
        "b:x0 = c:x0": ([unit("b", "x0") - unit("c", "x0")], [0.0]),
        "d:x0 = 0.25": ([unit("d", "x0")], [0.25]),
        "b:x0 = c:x0, c:g[T.mid] = 1": (
            [unit("b", "x0") - unit("c", "x0"), unit("c", "g[T.mid]")],
            [0.0, 1.0],
        ),
    }
    for words, (R, r) in cases.items():
        said, given = res.test(words), res.wald_test(np.array(R), np.array(r))
        assert said.df == given.df == len(R)
        assert said.statistic == pytest.approx(given.statistic, rel=1e-12)
        assert said.pvalue == pytest.approx(given.pvalue, rel=1e-10)
        gap = np.array(R) @ res.params.to_numpy() - np.array(r)
        spread = np.array(R) @ res.cov_params().to_numpy() @ np.array(R).T
        assert said.statistic == pytest.approx(gap @ np.linalg.solve(spread, gap), rel=1e-9)


@given(shapes())
def test_term_tests_are_joint_tests_of_their_coefficients(data: Example) -> None:
    res = data.fit()
    table = res.wald_test_terms()
    for term in res.terms:
        if term.name not in table.index:
            continue
        names = list(res.spec.columns)[term.start : term.stop]
        rows = [i for i, (_, t) in enumerate(res.params.index) if t in names]
        joint = res.wald_test(np.eye(len(res.params))[rows])
        assert table.loc[term.name, "df"] == joint.df == len(rows)
        assert table.loc[term.name, "statistic"] == pytest.approx(joint.statistic, rel=1e-9)
        assert table.loc[term.name, "p_value"] == pytest.approx(joint.pvalue, rel=1e-8)
    slopes = [i for i, (_, t) in enumerate(res.params.index) if t != "Intercept"]
    joint = res.wald_test(np.eye(len(res.params))[slopes])
    assert res.wald_test_slopes().statistic == pytest.approx(joint.statistic, rel=1e-9)
    assert set(table.index) >= {*data.numeric, "g"}


@given(shapes(), seeds)
def test_any_start_leads_to_the_same_maximum(data: Example, seed: int) -> None:
    one = data.fit()
    start = 5 * np.random.default_rng(seed).normal(size=len(one.params))
    other = mn.mnlogit(data.formula, data.frame).fit(start_params=start)
    close(other.params, one.params, 1e-10)
    close(other.cov_params(), one.cov_params(), 1e-10)
