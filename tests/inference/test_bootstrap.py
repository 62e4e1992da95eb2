"""The bootstrap: replicates are fits, the same bits for any workers, intervals by formulas."""

from __future__ import annotations

import functools
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

import mnlstat as mn
from mnlstat.errors import (
    AliasedWarning,
    ClusterWarning,
    ConvergenceError,
    DataError,
    OptionError,
    ReplicateWarning,
    SeparationError,
    WeightsError,
)
from mnlstat.inference.bootstrap_intervals import acceleration, order_statistic
from mnlstat.rows.resampled import Population, clusters, dirichlet, pairs, strata
from tests.inference.samples import frame

FORMULA = "y ~ x + z + g"
KINDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("pairs", {}),
    ("cluster", {"groups": "school"}),
    ("stratified", {"strata": "g"}),
    ("bayesian", {}),
)
every = pytest.mark.parametrize(("kind", "options"), KINDS, ids=[kind for kind, _ in KINDS])


@functools.cache
def res() -> Any:
    return mn.mnlogit(FORMULA, frame()).fit()


@functools.cache
def boot() -> Any:
    return res().bootstrap(400, seed=7)


def generators(seed: int, n: int) -> list[np.random.Generator]:
    return [np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(n)]


def rows_of(found: Any) -> Population:
    return Population.of(found.likelihood.rows, equal_as_one=False)


# --- replicates ----------------------------------------------------------------------------


@every
def test_a_replicate_is_the_fit_with_the_weights_that_were_drawn(
    kind: str, options: dict[str, Any]
) -> None:
    data, population = frame(), rows_of(res())
    schools, levels = pd.factorize(data["school"])
    draw = {
        "pairs": pairs(population),
        "cluster": clusters(population, schools, len(levels)),
        "stratified": strata(population, pd.factorize(data["g"])[0], 2),
        "bayesian": dirichlet(population),
    }[kind]
    found = res().bootstrap(3, kind, seed=11, **options)
    assert (found.outcome == "fitted").all()
    for at, rng in enumerate(generators(11, 3)):
        again = mn.mnlogit(FORMULA, data, freq_weights=draw(rng)).fit()
        apart = (found.estimates.iloc[at] - again.params) / again.bse
        assert apart.abs().max() < 1e-8


@every
def test_workers_change_no_bit_and_seeds_do(kind: str, options: dict[str, Any]) -> None:
    first, other = (
        res().bootstrap(20, kind, seed=5, n_workers=workers, **options) for workers in (1, 3)
    )
    assert first.estimates.equals(other.estimates)
    assert not first.estimates.equals(res().bootstrap(20, kind, seed=6, **options).estimates)
    more = res().bootstrap(30, kind, seed=5, **options)
    assert more.estimates.iloc[:20].equals(first.estimates)


def test_without_a_seed_the_one_taken_is_kept() -> None:
    first = res().bootstrap(5)
    assert res().bootstrap(5, seed=first.seed).estimates.equals(first.estimates)


def test_draws_have_the_totals_that_they_should() -> None:
    data = frame().assign(f=np.arange(len(frame())) % 4 + 1)
    weighted = mn.mnlogit(FORMULA, data, freq_weights="f").fit()
    population = rows_of(weighted)
    rng = np.random.default_rng(1)
    assert pairs(population)(rng).sum() == data["f"].sum()
    assert dirichlet(population)(rng).sum() == pytest.approx(data["f"].sum())
    codes = pd.factorize(data["g"])[0]
    drawn = strata(population, codes, 2)(rng)
    np.testing.assert_array_equal(np.bincount(codes, drawn), np.bincount(codes, data["f"]))
    schools, levels = pd.factorize(data["school"])
    times = clusters(population, schools, len(levels))(rng) / data["f"].to_numpy()
    for school in range(len(levels)):
        assert len(set(times[schools == school])) == 1
    means = np.mean([pairs(population)(rng) for _ in range(2000)], axis=0)
    np.testing.assert_allclose(means, data["f"], atol=0.2)


def test_many_units_for_each_row_are_drawn_as_counts() -> None:
    data = frame()[:40].assign(f=1000)
    population = rows_of(mn.mnlogit("y ~ x", data, freq_weights="f").fit())
    drawn = pairs(population)(np.random.default_rng(1))
    assert drawn.sum() == 40_000
    assert drawn.std() == pytest.approx(np.sqrt(1000), rel=0.4)


def test_equal_rows_are_drawn_together() -> None:
    rng = np.random.default_rng(4)
    n = 4000
    data = pd.DataFrame({"g": rng.choice(list("uvw"), n), "y": rng.choice(list("abc"), n)})
    found = mn.mnlogit("y ~ g", data).fit()
    population = Population.of(found.likelihood.rows, equal_as_one=True)
    assert len(population.mass) == 9
    assert population.total == n
    replicate = found.bootstrap(1, seed=2).estimates.iloc[0]
    drawn = population.weighted(pairs(population)(generators(2, 1)[0]))
    table = pd.DataFrame(drawn.X, columns=["one", "v", "w"]).assign(
        y=np.array(list("abc"))[drawn.response], f=drawn.weights
    )
    again = mn.mnlogit("y ~ v + w", table, freq_weights="f").fit()
    np.testing.assert_allclose(replicate, again.params, rtol=1e-8)


# --- other models --------------------------------------------------------------------------


def test_two_outcomes_offsets_and_weights() -> None:
    data = frame().query("y in ['a', 'b']").assign(o=lambda d: 0.1 * d["z"])
    found = mn.mnlogit("y ~ x", data, offset="o", freq_weights="f").fit()
    one = found.bootstrap(1, seed=3)
    weights = pairs(rows_of(found))(generators(3, 1)[0])
    again = mn.mnlogit("y ~ x", data, offset="o", freq_weights=weights).fit()
    np.testing.assert_allclose(one.estimates.iloc[0], again.params, rtol=1e-8)


def test_a_row_of_counts_is_one_unit() -> None:
    rng = np.random.default_rng(8)
    table = pd.DataFrame({"x": rng.normal(size=50)})
    table[["a", "b", "c"]] = rng.multinomial(9, [0.3, 0.3, 0.4], size=50)
    found = mn.mnlogit("cbind(a, b, c) ~ x", table).fit()
    one = found.bootstrap(2, seed=3)
    weights = pairs(rows_of(found))(generators(3, 1)[0])
    assert weights.sum() == 50
    again = mn.mnlogit("cbind(a, b, c) ~ x", table, freq_weights=weights).fit()
    np.testing.assert_allclose(one.estimates.iloc[0], again.params, rtol=1e-8)


def test_shares_are_drawn_too() -> None:
    rng = np.random.default_rng(8)
    table = pd.DataFrame({"x": rng.normal(size=80)})
    table[["a", "b", "c"]] = rng.dirichlet([2.0, 3.0, 4.0], size=80)
    found = mn.mnlogit("cbind(a, b, c) ~ x", table).fit()
    drawn = found.bootstrap(300, seed=3)
    np.testing.assert_allclose(drawn.bse, found.bse, rtol=0.25)
    assert np.isfinite(drawn.conf_int(method="bca")).all(axis=None)


@pytest.mark.parametrize("base", [None, "b"])
def test_constraints_hold_in_each_replicate(base: Any) -> None:
    bound = mn.mnlogit(FORMULA, frame(), constraints=["b:x = c:x", "d:z = 0.2"]).fit()
    found = (bound if base is None else bound.rebase(base)).bootstrap(5, seed=1)
    own = found.estimates if base is None else -found.estimates["a"]
    if base is None:
        np.testing.assert_array_equal(own["b"]["x"], own["c"]["x"])
        assert (own["d"]["z"] == 0.2).all()
        weights = pairs(rows_of(bound))(generators(1, 1)[0])
        again = mn.mnlogit(
            FORMULA, frame(), constraints=["b:x = c:x", "d:z = 0.2"], freq_weights=weights
        ).fit()
        np.testing.assert_allclose(own.iloc[0], again.params, rtol=1e-7, atol=1e-9)
    else:
        np.testing.assert_allclose(found.estimates["c"]["x"], 0.0, atol=1e-12)
        np.testing.assert_allclose(own, bound.bootstrap(5, seed=1).estimates["b"], atol=1e-9)


def test_bias_reduced_fits_are_repeated_as_they_were() -> None:
    data = frame()[:70]
    found = mn.mnlogit("y ~ x", data).fit(penalty="jeffreys")
    drawn = found.bootstrap(3, seed=2)
    assert (drawn.outcome == "fitted").all()
    weights = pairs(rows_of(found))(generators(2, 1)[0])
    again = mn.mnlogit("y ~ x", data, freq_weights=weights).fit(penalty="jeffreys")
    np.testing.assert_allclose(drawn.estimates.iloc[0], again.params, rtol=1e-6)


def test_aliased_columns_stay_nan() -> None:
    with pytest.warns(AliasedWarning):
        found = mn.mnlogit("y ~ x + z + I(x + z)", frame()).fit()
    drawn = found.bootstrap(100, seed=1)
    assert drawn.estimates["b"]["I(x + z)"].isna().all()
    assert drawn.bse.notna().sum() == 9
    assert drawn.conf_int().loc[("b", "x")].notna().all()


# --- covariance ----------------------------------------------------------------------------


def test_the_covariance_is_that_of_the_replicates() -> None:
    np.testing.assert_allclose(boot().cov(), boot().estimates.cov(), rtol=1e-10)
    np.testing.assert_allclose(boot().bse, boot().estimates.std(), rtol=1e-10)
    under = res().with_cov(boot())
    np.testing.assert_allclose(under.bse, boot().bse, rtol=1e-12)
    assert under.params.equals(res().params)
    assert "bootstrap, rows with replacement (400)" in str(under.summary())
    assert np.isnan(under.llr_pvalue)
    z = (under.params / under.bse)["b", "x"]
    assert under.test("b:x").statistic == pytest.approx(z**2, rel=1e-10)
    moved = under.rebase("b").cov_params().loc[("a", "x"), ("a", "x")]
    assert moved == pytest.approx(under.cov_params().loc[("b", "x"), ("b", "x")])
    assert under.with_cov("observed").bse.equals(res().bse)


def test_the_covariance_goes_to_a_file(tmp_path: Any) -> None:
    under = res().with_cov(boot())
    again = mn.load(under.save(tmp_path / "fit.mnl"))
    np.testing.assert_array_equal(again.bse, under.bse)
    assert again.cov_type == under.cov_type


def test_a_result_of_replicates_has_no_other_model() -> None:
    under = res().with_cov(boot())
    with pytest.raises(OptionError) as caught:
        under.update(". ~ . - z")
    assert caught.value.code == "bootstrap-first"
    assert under.with_cov("robust").update(". ~ . - z").cov_type.startswith("robust")


def test_a_score_test_never_takes_another_covariance() -> None:
    for before in (res(), res().with_cov("robust")):
        under = before.with_cov(boot())
        with pytest.raises(OptionError) as caught:
            under.test("b:x", kind="score")
        assert caught.value.code == "score-of-bootstrap"


def test_standard_errors_are_those_of_the_sandwich_in_large_samples() -> None:
    found = mn.mnlogit("y ~ x + z", frame(3000, seed=3)).fit()
    sandwich, n = found.with_cov("robust").bse, 500
    for kind in ("pairs", "bayesian"):
        ratio = found.bootstrap(n, kind, seed=1).bse / sandwich
        assert (ratio - 1).abs().max() < 4 / np.sqrt(2 * n)


def test_standard_errors_of_clusters_are_those_of_their_sandwich() -> None:
    data = frame(4000, seed=3)
    data["school"] = np.arange(4000) % 400
    found = mn.mnlogit("y ~ x + z", data).fit()
    sandwich, n = found.with_cov("cluster", groups="school").bse, 500
    ratio = found.bootstrap(n, "cluster", groups="school", seed=1).bse / sandwich
    assert (ratio - 1).abs().max() < 4.5 / np.sqrt(2 * n)


# --- intervals -----------------------------------------------------------------------------


def test_intervals_are_those_of_their_formulas() -> None:
    label = ("b", "x")
    values, b = np.sort(boot().estimates[label]), res().params[label]
    n, z = len(values), norm.ppf(0.95)

    def at(share: float) -> float:
        place = (n + 1) * share - 1
        below = int(np.floor(place))
        return float(values[below] + (place - below) * (values[below + 1] - values[below]))

    wanted = {"percentile": (at(0.05), at(0.95))}
    se = values.std(ddof=1)
    wanted["normal"] = (b - z * se, b + z * se)
    bias = norm.ppf((values < b).mean())
    wanted["bc"] = (at(norm.cdf(2 * bias - z)), at(norm.cdf(2 * bias + z)))
    a = boot().acceleration[list(res().index).index(label)]
    ends = [norm.cdf(bias + (bias + side) / (1 - a * (bias + side))) for side in (-z, z)]
    wanted["bca"] = (at(ends[0]), at(ends[1]))
    for method, interval in wanted.items():
        found = boot().conf_int(0.1, method).loc[label]
        np.testing.assert_allclose(found, interval, rtol=1e-9)


def test_the_acceleration_is_that_of_the_jackknife() -> None:
    data = frame()[:90].reset_index(drop=True)
    found = mn.mnlogit("y ~ x", data).fit()
    left = [mn.mnlogit("y ~ x", data.drop(index=i)).fit().params.to_numpy() for i in range(90)]
    change = np.mean(left, axis=0) - np.array(left)
    wanted = (change**3).sum(axis=0) / (6 * (change**2).sum(axis=0) ** 1.5)
    a = found.bootstrap(1, seed=1).acceleration
    np.testing.assert_allclose(a, wanted, atol=0.004)
    assert np.abs(wanted).max() > 0.02


def test_repeated_rows_and_weights_have_one_acceleration() -> None:
    data = frame().assign(f=np.arange(len(frame())) % 3 + 1)
    repeated = data.loc[data.index.repeat(data["f"])].reset_index(drop=True)
    weighted = mn.mnlogit("y ~ x", data, freq_weights="f").fit().bootstrap(1, seed=1)
    alone = mn.mnlogit("y ~ x", repeated).fit().bootstrap(1, seed=1)
    np.testing.assert_allclose(weighted.acceleration, alone.acceleration, atol=1e-10)


def test_the_acceleration_of_strata_is_about_their_own_means() -> None:
    rng = np.random.default_rng(1)
    changes, codes = rng.gamma(1.0, size=(60, 2)), np.arange(60) % 3
    moved = changes + codes[:, None]
    parts = [(slice(0, 25), moved[:25]), (slice(25, 60), moved[25:])]
    found = acceleration(parts, np.ones(60), 2, codes)
    centred = changes - np.array([changes[codes == h].mean(axis=0) for h in range(3)])[codes]
    wanted = (centred**3).sum(axis=0) / (6 * (centred**2).sum(axis=0) ** 1.5)
    np.testing.assert_allclose(found, wanted, rtol=1e-10)


def test_the_acceleration_of_clusters_is_that_of_their_sums() -> None:
    found = res().bootstrap(1, "cluster", groups="school", seed=1)
    data, b = frame(), res().params.to_numpy()
    scores = res().likelihood.score_obs(b) @ res().cov_params().to_numpy()
    change = pd.DataFrame(scores).groupby(data["school"].to_numpy()).sum().to_numpy()
    change = change - change.mean(axis=0)
    rough = (change**3).sum(axis=0) / (6 * (change**2).sum(axis=0) ** 1.5)
    np.testing.assert_allclose(found.acceleration, rough, atol=0.02)
    assert np.abs(rough).max() > 0.04


def test_order_statistics_reach_as_far_as_there_are_values() -> None:
    values = np.arange(1.0, 20.0)
    assert order_statistic(values, 0.05) == 1.0
    assert order_statistic(values, 0.95) == 19.0
    assert order_statistic(values, 0.5) == 10.0
    assert order_statistic(values, 0.525) == 10.5
    assert np.isnan(order_statistic(values, 0.04))
    assert np.isnan(order_statistic(values, 0.96))
    ends = np.array([-np.inf, -np.inf, 0.0, np.inf])
    assert order_statistic(ends, 0.3) == -np.inf
    assert order_statistic(ends, 0.5) == -np.inf
    assert order_statistic(ends, 0.7) == np.inf


def test_too_few_replicates_are_refused() -> None:
    few = res().bootstrap(10, seed=1)
    with pytest.raises(OptionError) as caught:
        few.conf_int()
    assert caught.value.code == "too-few-replicates"
    assert "39 or more" in str(caught.value)
    assert few.conf_int(method="normal").notna().all(axis=None)
    assert "39 or more" in str(few)
    with pytest.raises(OptionError):
        res().bootstrap(1, seed=1).cov()
    assert res().bootstrap(39, seed=1).conf_int().notna().all(axis=None)


def test_the_bayesian_bootstrap_has_no_corrections() -> None:
    drawn = res().bootstrap(50, "bayesian", seed=1)
    with pytest.raises(OptionError) as caught:
        drawn.conf_int(method="bca")
    assert caught.value.code == "no-correction-of-bayesian"
    assert drawn.acceleration is None


# --- replicates without estimates ----------------------------------------------------------


def test_separated_replicates_are_counted_and_stay_infinite() -> None:
    found = mn.mnlogit("y ~ x + g", frame()[:28]).fit()
    with pytest.warns(ReplicateWarning, match="separated"):
        drawn = found.bootstrap(60, seed=1)
    assert drawn.n_separated > 0
    assert drawn.n == (drawn.outcome == "fitted").sum() + drawn.n_separated + drawn.n_failed
    apart = drawn.estimates[drawn.outcome == "separated"]
    assert (~np.isfinite(apart)).any(axis=1).all()
    assert np.isfinite(drawn.estimates[drawn.outcome == "fitted"]).all(axis=None)
    finite = drawn.estimates[np.isfinite(drawn.estimates).all(axis=1)]
    np.testing.assert_allclose(drawn.cov(), finite.cov(), rtol=1e-8)
    assert f"{drawn.n_separated} separated" in str(drawn)
    under = found.with_cov(drawn)
    assert any("left out" in note for note in under.cov_notes)
    for rng, values, how in zip(
        generators(1, 60), drawn.estimates.to_numpy(), drawn.outcome, strict=True
    ):
        if how != "separated":
            continue
        weights = pairs(rows_of(found))(rng)
        seen = set(frame()["y"][:28][weights > 0])
        if len(seen) < 4:
            continue
        again = mn.mnlogit("y ~ x + g", frame()[:28], freq_weights=weights).fit(separation="ignore")
        np.testing.assert_allclose(values, again.params, rtol=1e-6, atol=1e-8)
        break


def test_replicates_that_lose_a_column_fail_and_are_counted() -> None:
    rng = np.random.default_rng(2)
    data = pd.DataFrame({"y": rng.choice(list("ab"), 60), "g": ["u"] * 54 + ["v"] * 6})
    data.loc[54:, "y"] = list("ababab")
    found = mn.mnlogit("y ~ g", data).fit()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ReplicateWarning)
        drawn = found.bootstrap(2000, seed=3)
    assert drawn.n_failed > 0
    assert drawn.estimates[drawn.outcome == "failed"].isna().all(axis=None)
    expected = (1 - 6 / 60) ** 60
    assert drawn.n_failed / 2000 == pytest.approx(expected, abs=4 * np.sqrt(expected / 2000))


# --- what is refused -----------------------------------------------------------------------


def test_options_that_would_be_ignored_are_refused() -> None:
    for options in (
        {"kind": "cluster"},
        {"kind": "stratified"},
        {"groups": "school"},
        {"strata": "g"},
        {"kind": "cluster", "groups": "school", "strata": "g"},
        {"kind": "parametric"},
        {"n": 0},
        {"n_workers": 0},
        {"seed": -1},
        {"seed": "one"},
        {"progress": "yes"},
    ):
        with pytest.raises(OptionError):
            res().bootstrap(**{"n": 2} | options)


def test_more_replicates_than_memory_holds_are_refused() -> None:
    with pytest.raises(DataError) as caught:
        res().bootstrap(10**13)
    assert caught.value.code == "too-large"
    assert "n=10000000000000 replicates of 12 coefficients" in str(caught.value)


def test_fewer_clusters_than_coefficients_are_warned_of() -> None:
    with pytest.warns(ClusterWarning, match="5 clusters for 12 coefficients"):
        res().bootstrap(2, "cluster", groups=np.arange(len(frame())) % 5, seed=1)


def test_groups_that_do_not_fit_are_refused() -> None:
    with pytest.raises(DataError):
        res().bootstrap(2, "cluster", groups="nothing")
    with pytest.raises(DataError, match="strata"):
        res().bootstrap(2, "stratified", strata=np.zeros(len(frame())))


def test_fits_that_cannot_be_repeated_are_refused(tmp_path: Any) -> None:
    data = frame()
    pieces = mn.mnlogit("y ~ x", lambda: iter([data[:80], data[80:]])).fit()
    with pytest.raises(DataError) as caught:
        pieces.bootstrap(2)
    assert caught.value.code == "read-in-pieces"
    with pytest.raises(OptionError) as refused:
        mn.mnlogit("y ~ x", data, sampling_weights="w").fit().bootstrap(2)
    assert refused.value.code == "bootstrap-needs-units"
    with pytest.raises(OptionError):
        mn.mnlogit("y ~ x", data).fit(penalty=mn.Ridge(1.0)).bootstrap(2)
    with pytest.raises(WeightsError):
        mn.mnlogit("y ~ x", data, freq_weights="w").fit().bootstrap(2)
    toy = mn.datasets.separated_toy()
    with pytest.raises(SeparationError):
        mn.mnlogit("y ~ x + z", toy).fit(separation="ignore").bootstrap(2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        unfinished = mn.mnlogit("y ~ x", data).fit(maxiter=1)
    with pytest.raises(ConvergenceError):
        unfinished.bootstrap(2)
    loaded = mn.load(res().save(tmp_path / "fit.mnl"))
    with pytest.raises(DataError):
        loaded.bootstrap(2)
    kept = mn.load(res().save(tmp_path / "with.mnl", include_data=True))
    assert kept.bootstrap(2, seed=1).estimates.equals(res().bootstrap(2, seed=1).estimates)


def test_the_covariance_of_another_fit_is_refused() -> None:
    other = mn.mnlogit("y ~ x", frame()).fit()
    for result, given in ((other, boot()), (res().rebase("b"), boot())):
        with pytest.raises(OptionError) as caught:
            result.with_cov(given)
        assert caught.value.code == "bootstrap-of-another"
    with pytest.raises(OptionError):
        res().with_cov(boot(), groups="school")
    with pytest.raises(OptionError) as first:
        res().with_cov("bootstrap")
    assert first.value.code == "bootstrap-first"


def test_progress_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    res().bootstrap(10, seed=1, progress=True)
    told = capsys.readouterr()
    assert told.out == ""
    assert "10" in told.err


# --- coverage ------------------------------------------------------------------------------


@pytest.mark.slow
def test_intervals_cover_as_often_as_they_say() -> None:
    """1 - alpha = 0.9: within four standard errors of it for profile and score, near it else."""
    truth, samples, n = np.array([0.3, -0.7, -0.2, 0.5]), 400, 150
    rng = np.random.default_rng(2024)
    methods = ("wald", "profile", "score", "percentile", "normal", "bc", "bca", "studentised")
    hits = dict.fromkeys(methods, np.zeros(4))
    for _ in range(samples):
        x = rng.normal(size=n)
        utility = np.column_stack([np.zeros(n), truth[0] + truth[1] * x, truth[2] + truth[3] * x])
        y = np.array(list("abc"))[(utility + rng.gumbel(size=(n, 3))).argmax(axis=1)]
        found = mn.mnlogit("y ~ x", {"y": y, "x": x}).fit()
        drawn = found.bootstrap(299, seed=1, studentised=True)
        for method in hits:
            own = method in ("wald", "profile", "score")
            ends = found.conf_int(0.1, method) if own else drawn.conf_int(0.1, method)
            low, high = ends.to_numpy().T
            hits[method] = hits[method] + ((low <= truth) & (truth <= high))
    error = np.sqrt(0.9 * 0.1 / samples)
    for method, count in hits.items():
        allowed = 4 * error if method in ("wald", "profile", "score") else 4 * error + 0.02
        assert np.abs(count / samples - 0.9).max() < allowed, method
