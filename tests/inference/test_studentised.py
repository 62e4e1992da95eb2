"""Studentised bootstrap intervals: errors against refits, quantiles by hand, what is refused."""

from __future__ import annotations

import functools
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

import mnlstat as mn
from mnlstat.errors import OptionError, ReplicateWarning
from mnlstat.inference.bootstrap_intervals import studentised
from mnlstat.rows.resampled import Population, clusters, pairs, strata
from tests.inference.samples import frame

FORMULA = "y ~ x + z + g"


@functools.cache
def res() -> Any:
    return mn.mnlogit(FORMULA, frame()).fit()


@functools.cache
def boot() -> Any:
    return res().bootstrap(199, seed=7, studentised=True)


def generators(seed: int, n: int) -> list[np.random.Generator]:
    return [np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(n)]


def rows_of(found: Any) -> Population:
    return Population.of(found.likelihood.rows, equal_as_one=False)


def drawn_frame(data: pd.DataFrame, weights: np.ndarray) -> pd.DataFrame:
    """The rows that were drawn, each as often as it was."""
    return data.loc[data.index.repeat(weights.astype(int))].reset_index(drop=True)


# --- standard errors of replicates ---------------------------------------------------------


def test_errors_of_rows_are_hc0_of_the_fit_to_them() -> None:
    found = res().bootstrap(4, seed=5, studentised=True)
    for at, rng in enumerate(generators(5, 4)):
        again = mn.mnlogit(FORMULA, drawn_frame(frame(), pairs(rows_of(res()))(rng))).fit()
        np.testing.assert_allclose(found.std_errors.iloc[at], again.with_cov("HC0").bse, rtol=1e-7)
    np.testing.assert_allclose(found.sandwich, res().with_cov("HC0").bse, rtol=1e-10)


@pytest.mark.parametrize("weights", [{}, {"freq_weights": "f"}])
def test_errors_of_clusters_are_those_of_their_sandwich(weights: dict[str, Any]) -> None:
    """A cluster that was drawn twice is two clusters."""
    data = frame()
    own = mn.mnlogit(FORMULA, data, **weights).fit()
    schools, levels = pd.factorize(data["school"])
    found = own.bootstrap(3, "cluster", groups="school", seed=5, studentised=True)
    draw = clusters(rows_of(own), schools, len(levels))
    for at, rng in enumerate(generators(5, 3)):
        f = data["f"].to_numpy() if weights else np.ones(len(data))
        times = (draw(rng) / f).astype(int)
        copies = [
            data[times > copy].assign(own=lambda d, copy=copy: d["school"] + 1000 * copy)
            for copy in range(times.max())
        ]
        again = mn.mnlogit(FORMULA, pd.concat(copies, ignore_index=True), **weights).fit()
        wanted = again.with_cov("cluster", groups="own", correction="none").bse
        np.testing.assert_allclose(found.std_errors.iloc[at], wanted, rtol=1e-7)
    wanted = own.with_cov("cluster", groups="school", correction="none").bse
    np.testing.assert_allclose(found.sandwich, wanted, rtol=1e-10)


def test_errors_within_strata_are_about_their_means() -> None:
    data = frame()
    found = res().bootstrap(3, "stratified", strata="g", seed=5, studentised=True)
    draw = strata(rows_of(res()), pd.factorize(data["g"])[0], 2)
    for at, rng in enumerate(generators(5, 3)):
        table = drawn_frame(data, draw(rng))
        again = mn.mnlogit(FORMULA, table).fit()
        scores = pd.DataFrame(again.likelihood.score_obs(again.params.to_numpy()))
        about = scores - scores.groupby(table["g"].to_numpy()).transform("mean")
        inverse = again.cov_params().to_numpy()
        wanted = np.sqrt(np.diag(inverse @ (about.T @ about).to_numpy() @ inverse))
        np.testing.assert_allclose(found.std_errors.iloc[at], wanted, rtol=1e-7)


def test_equal_rows_counts_offsets_and_badly_scaled_columns() -> None:
    rng = np.random.default_rng(4)
    n = 600
    data = pd.DataFrame({"g": rng.choice(list("uvw"), n), "y": rng.choice(list("abc"), n)})
    data["x"] = rng.normal(size=n) * 1e-8 + 1e-6
    data["o"] = rng.normal(size=n) * 0.1
    table = pd.DataFrame({"x": rng.normal(size=50)})
    table[["a", "b", "c"]] = rng.multinomial(9, [0.3, 0.3, 0.4], size=50)
    models = [
        mn.mnlogit("y ~ g", data),
        mn.mnlogit("y ~ x", data, offset="o"),
        mn.mnlogit("cbind(a, b, c) ~ x", table),
    ]
    for model in models:
        own = model.fit()
        found = own.bootstrap(40, seed=1, studentised=True)
        np.testing.assert_allclose(found.sandwich, own.with_cov("HC0").bse, rtol=1e-9)
        assert found.conf_int(0.1, "studentised").notna().all(axis=None)


def test_errors_change_no_replicate_and_workers_no_bit() -> None:
    plain = res().bootstrap(199, seed=7)
    assert boot().estimates.equals(plain.estimates)
    assert plain.std_errors is None
    threads = res().bootstrap(199, seed=7, studentised=True, n_workers=3)
    assert threads.std_errors.equals(boot().std_errors)


# --- intervals -----------------------------------------------------------------------------


def test_intervals_are_those_of_the_formula() -> None:
    label, alpha = ("c", "z"), 0.1
    b, se = res().params[label], res().with_cov("HC0").bse[label]
    t = np.sort((boot().estimates[label] - b) / boot().std_errors[label])
    low, high = b - t[189] * se, b - t[9] * se  # places 190 and 10 of 199
    found = boot().conf_int(alpha, "studentised").loc[label]
    np.testing.assert_allclose(found, [low, high], rtol=1e-8)
    assert boot().table(alpha, "studentised").loc[label, "conf_low"] == found["conf_low"]


def test_normal_errors_give_the_normal_interval() -> None:
    z = norm.ppf(np.arange(1, 1000) / 1000)
    errors = np.full(999, 0.25)
    found = studentised(2.0 + 0.25 * z, errors, 2.0, 0.5, 0.05)
    np.testing.assert_allclose(found, 2.0 + 0.5 * norm.ppf([0.025, 0.975]), rtol=1e-12)


def test_a_skewed_t_moves_the_interval_against_the_skew() -> None:
    t = np.arange(-9.0, 30.0)  # 39 values
    low, high = studentised(1.0 + t, np.ones(39), 1.0, 1.0, 0.05)
    assert (low, high) == (1.0 - 29.0, 1.0 + 9.0)
    wide = studentised(1.0 + t, np.ones(39), 1.0, 2.0, 0.05)
    assert wide == (1.0 - 58.0, 1.0 + 18.0)


def test_what_constraints_fix_is_its_own_interval() -> None:
    bound = mn.mnlogit(FORMULA, frame(), constraints=["b:x = c:x", "d:z = 0.2"]).fit()
    found = bound.bootstrap(99, seed=1, studentised=True)
    ends = found.conf_int(0.1, "studentised")
    assert tuple(ends.loc["d", "z"]) == (bound.params["d", "z"],) * 2
    np.testing.assert_allclose(ends.loc["b", "x"], ends.loc["c", "x"], rtol=1e-12)
    np.testing.assert_allclose(found.sandwich, bound.with_cov("HC0").bse, rtol=1e-8, atol=1e-14)
    weights = pairs(rows_of(bound))(generators(1, 1)[0])
    again = mn.mnlogit(
        FORMULA, frame(), constraints=["b:x = c:x", "d:z = 0.2"], freq_weights=weights
    ).fit()
    np.testing.assert_allclose(
        found.std_errors.iloc[0], again.with_cov("HC0").bse, rtol=1e-7, atol=1e-12
    )


def test_constraints_against_another_base() -> None:
    bound = mn.mnlogit(FORMULA, frame(), base="c", constraints=["b:x = 0"]).fit()
    found = bound.bootstrap(99, seed=1, studentised=True)
    np.testing.assert_allclose(found.sandwich, bound.with_cov("HC0").bse, rtol=1e-8, atol=1e-14)
    turned = mn.mnlogit(FORMULA, frame(), constraints=["b:x = 0"]).fit().rebase("c")
    drawn = turned.bootstrap(99, seed=1, studentised=True)
    np.testing.assert_allclose(drawn.sandwich, turned.with_cov("HC0").bse, rtol=1e-8, atol=1e-14)


# --- replicates without errors -------------------------------------------------------------


def test_separated_replicates_are_left_out_and_counted() -> None:
    found = mn.mnlogit("y ~ x + g", frame()[:28]).fit()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ReplicateWarning)
        drawn = found.bootstrap(150, seed=1, studentised=True)
    lost = drawn.outcome != "fitted"
    assert lost.any()
    assert drawn.std_errors[lost].isna().all(axis=None)
    assert drawn.std_errors[~lost].notna().all(axis=None)
    with pytest.warns(ReplicateWarning, match=f"{lost.sum()} of 150 replicates have no") as told:
        ends = drawn.conf_int(0.2, "studentised")
    assert told[0].message.code == "replicates-without-estimate"
    assert np.isfinite(ends).all(axis=None)


def test_replicates_without_errors_are_refused() -> None:
    plain = res().bootstrap(50, seed=1)
    for drawn in (plain, res().bootstrap(50, "bayesian", seed=1)):
        with pytest.raises(OptionError, match="studentised=True") as caught:
            drawn.conf_int(method="studentised")
        assert caught.value.code == "no-replicate-errors"
    with pytest.raises(OptionError) as caught:
        res().bootstrap(5, "bayesian", studentised=True)
    assert caught.value.code == "no-replicate-errors"
    with pytest.raises(OptionError) as caught:
        mn.mnlogit("y ~ x", frame()).fit(penalty="jeffreys").bootstrap(5, studentised=True)
    assert caught.value.code == "no-replicate-errors"
    with pytest.raises(OptionError):
        res().bootstrap(5, studentised="yes")
    with pytest.raises(OptionError) as caught:
        res().bootstrap(5, seed=1, studentised=True).conf_int(method="studentised")
    assert caught.value.code == "too-few-replicates"
