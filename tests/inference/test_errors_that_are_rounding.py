"""Clusters, replicates and deletions that say nothing of errors: NaN or refused, never P = 0."""

from __future__ import annotations

import functools
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import ClusterWarning, MnlstatWarning, RankError, ReplicateWarning, WeightsError
from tests.inference.samples import frame

DATA = frame(600, 5)
DATA = DATA.assign(firm=np.array(list("pqrst"))[DATA["school"] % 5])
# one level of the factor is a cluster of its own
LEVEL = DATA.assign(own=np.where(DATA["firm"] == "p", "p", DATA["school"].astype(str)))
NOTHING = "no-variance-of-clusters"


@functools.cache
def res(formula: str = "y ~ x + firm") -> Any:
    return mn.mnlogit(formula, DATA).fit()


def covaried(found: Any, *args: Any, **options: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MnlstatWarning)
        return found.with_cov(*args, **options)


# --- coefficients of which clusters say nothing --------------------------------------------


@pytest.mark.parametrize("design", [{"groups": "firm"}, {"psu": "firm"}])
@pytest.mark.parametrize("kind", ["Rao-Scott", "Rao-Scott first-order"])
def test_rao_scott_says_nothing_of_them(design: dict[str, str], kind: str) -> None:
    found = covaried(res(), "survey" if "psu" in design else "cluster", **design)
    with pytest.raises(RankError, match="says nothing of the errors") as caught:
        found.test(term="firm", kind=kind)
    assert caught.value.code == NOTHING
    with pytest.warns(MnlstatWarning, match="^firm = 0 in every equation"):
        table = found.anova(kind=kind)
    assert table.loc["firm", ["statistic", "p_value"]].isna().all()
    # that of x is what it was: the ratio over the mean design effect
    ratio = 2 * (found.llf - mn.mnlogit("y ~ firm", DATA).fit().llf)
    root, robust = (each.estimates.covariance.matrix() for each in (res(), found))
    at = np.flatnonzero(found.index.get_level_values("term") == "x")
    effects = np.linalg.solve(root[np.ix_(at, at)], robust[np.ix_(at, at)])
    mean = np.trace(effects) / 3
    if kind == "Rao-Scott first-order" and "groups" in design:
        assert table.loc["x", "statistic"] == pytest.approx(ratio / mean, rel=1e-8)


def test_a_dropped_term_of_them_has_no_scaled_ratio() -> None:
    found = covaried(mn.mnlogit("y ~ x + z + firm", DATA).fit(), "cluster", groups="firm")
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        table = mn.drop1(found, test="Rao-Scott first-order")
    assert "drop1: firm = 0 in every equation: the covariance" in "".join(
        str(each.message) for each in seen
    )
    assert table["p_value"].isna().to_dict() == {
        "<none>": True,
        "x": False,
        "z": False,
        "firm": True,
    }


def test_warnings_of_clusters_stay_in_the_notes(tmp_path: Any) -> None:
    with pytest.warns(ClusterWarning) as seen:
        found = res().with_cov("cluster", groups="firm")
    said = [each.message.message.partition("\n")[0] for each in seen]
    assert [each.message.code for each in seen] == ["few-clusters", NOTHING]
    assert list(found.cov_notes) == said
    assert "5 clusters of firm for 18 coefficients" in str(found.summary())
    found.save(tmp_path / "result")
    assert mn.load(tmp_path / "result").cov_notes == found.cov_notes


def test_fits_together_say_so_too() -> None:
    fits = [res("y ~ x"), res()]
    with pytest.warns(ClusterWarning) as seen:
        joint = mn.suest(fits, groups="firm")
    assert [each.message.code for each in seen] == ["few-clusters", "few-clusters", NOTHING]
    assert "the scores of m2/b:Intercept, " in joint.cov_notes[-1]
    assert joint.cov_notes[0].startswith("m1: 5 clusters of firm for 6 coefficients")
    assert f"* {joint.cov_notes[-1]}" in str(joint)
    assert mn.suest(fits).cov_notes == ()


# --- standard errors that are rounding -----------------------------------------------------


def test_errors_of_a_level_that_is_a_cluster_are_nan() -> None:
    fit = mn.mnlogit("y ~ 0 + firm", LEVEL).fit()
    found = covaried(fit, "cluster", groups="own")
    mine = found.index.get_level_values("term") == "firm[p]"
    for values in (found.bse, found.tvalues, found.pvalues):
        np.testing.assert_array_equal(values.isna(), mine)
    assert (found.bse[~mine] > 0.01).all()
    np.testing.assert_array_equal(found.rebase("b").bse.isna(), mine)
    with pytest.raises(RankError, match="its variance is rounding") as caught:
        found.test("b:firm[p] = 0")
    assert caught.value.code == NOTHING
    assert np.isnan(found.lincom("b:firm[p] - c:firm[p]")["std_error"]).all()
    assert np.isnan(found.nlcom("exp(b:firm[p])")["std_error"]).all()
    assert found.test("b:firm[q] = 0").pvalue > 0
    rows = LEVEL.drop_duplicates("firm").reset_index(drop=True)
    none = found.predict(rows, interval=True)["std_error"].isna().to_numpy().reshape(5, 4)
    np.testing.assert_array_equal(none.all(axis=1), rows["firm"] == "p")
    np.testing.assert_array_equal(none.any(axis=1), rows["firm"] == "p")
    with pytest.raises(RankError, match="m1/b:firm"):
        mn.suest([fit, res("y ~ x")], groups=LEVEL["own"])


def test_what_constraints_fix_has_no_error_and_no_nan() -> None:
    fit = mn.mnlogit("y ~ x", DATA, constraints="b:x = 0.5").fit()
    found = fit.with_cov("cluster", groups="school")
    assert found.bse["b", "x"] == 0
    assert found.bse.notna().all()


# --- replicates ----------------------------------------------------------------------------


def test_a_cluster_drawn_alone_has_no_standard_error() -> None:
    data = DATA.assign(third=np.arange(600) % 3)
    fit = mn.mnlogit(
        "y ~ x", data[data["y"].isin(["a", "b"])].assign(y=lambda d: d["y"].astype(str))
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ClusterWarning)
        boot = fit.fit().bootstrap(199, "cluster", groups="third", seed=1, studentised=True)
    alone = boot.std_errors.isna().all(axis=1)
    assert 5 < alone.sum() < 60
    assert (boot.std_errors[~alone] > 1e-4).all(axis=None)
    with pytest.warns(ReplicateWarning, match=f"{alone.sum()} of 199 replicates have no standard"):
        ends = boot.conf_int(method="studentised")
    assert (np.abs(ends) < 100).all(axis=None)


def test_draws_that_leave_the_estimates_as_they_are_are_refused() -> None:
    fit = mn.mnlogit("y ~ x", DATA).fit()
    with pytest.raises(RankError, match="all 9 replicates with finite estimates are the same"):
        fit.bootstrap(9, "stratified", strata=np.arange(len(DATA)), seed=1)
    # strata of outcomes within one level leave the coefficients of that level as they are
    fit = mn.mnlogit("y ~ 0 + firm", DATA).fit()
    strata = np.where(DATA["firm"] == "p", DATA["y"].astype(str), "other")
    boot = fit.bootstrap(9, "stratified", strata=strata, seed=1)
    with pytest.raises(
        RankError, match=r"replicates of b:firm\[p\], .* are all the same"
    ) as caught:
        fit.with_cov(boot)
    assert caught.value.code == "replicates-alike"


def test_notes_of_few_clusters_stay_with_the_bootstrap() -> None:
    fit = mn.mnlogit("y ~ x", DATA).fit()
    with pytest.warns(ClusterWarning):
        boot = fit.bootstrap(19, "cluster", groups="firm", seed=1)
    assert "5 clusters of firm for 6 coefficients" in fit.with_cov(boot).cov_notes[0]
    assert "5 clusters of firm for 6 coefficients" in str(boot)


@pytest.mark.parametrize("factors", [[1.0, 1.0, 1.0], [0.9, 1.0, 1.1]])
@pytest.mark.parametrize("mse", [True, False])
def test_replicate_weights_that_are_alike_are_refused(factors: list[float], mse: bool) -> None:
    weights = np.ones((len(DATA), 1)) * factors
    with pytest.raises(RankError, match="all 3 columns of weights are alike but for a factor"):
        mn.mnlogit("y ~ x", DATA).fit().with_cov(
            "survey", replicates=weights, method="JK1", mse=mse
        )


def test_replicate_weights_that_change_no_estimate_are_refused() -> None:
    twice = pd.concat([DATA, DATA], ignore_index=True)
    up = np.repeat([0.5, 1.5], len(DATA))
    with pytest.raises(RankError, match="are all the same, and say nothing") as caught:
        mn.mnlogit("y ~ x", twice).fit().with_cov(
            "survey", replicates=np.column_stack([up, 2 - up]), method="BRR"
        )
    assert caught.value.code == "replicates-alike"


def test_factors_of_replicates_that_are_given_are_said() -> None:
    weights = np.where(np.arange(600)[:, None] % 10 == np.arange(10), 0.0, 10 / 9)
    fit = res("y ~ x")
    given = {"replicates": weights, "method": "JK1"}
    plain = fit.with_cov("survey", **given)
    assert "scale" not in plain.cov_notes[0]
    scaled = fit.with_cov("survey", **given, scale=50.0)
    assert scaled.cov_notes[0].endswith("; squares are multiplied by scale=50, as given.")
    np.testing.assert_allclose(scaled.bse, plain.bse * np.sqrt(50 / 0.9), rtol=1e-12)
    each = fit.with_cov("survey", **given, scale=2.0, rscales=np.linspace(0.1, 1, 10))
    assert "by scale=2 and rscales= from 0.1 to 1, as given" in each.cov_notes[0]


# --- deletions -----------------------------------------------------------------------------


def test_a_jackknife_of_so_many_units_is_refused() -> None:
    few = DATA[:60]
    many = mn.mnlogit("y ~ x", few.assign(f=1e15), freq_weights="f").fit()
    with pytest.raises(WeightsError, match="one of 6e\\+16 units moves the estimates") as caught:
        many.with_cov("jackknife", refit=True)
    assert caught.value.code == "too-many-units"
    assert (many.with_cov("jackknife").bse > 0).all()
    some = mn.mnlogit("y ~ x", few.assign(f=1e7), freq_weights="f").fit()
    ratio = some.with_cov("jackknife", refit=True).bse / some.with_cov("jackknife").bse
    np.testing.assert_allclose(ratio, 1.0, rtol=1e-6)


def test_lost_deletions_are_named_where_the_others_change_nothing() -> None:
    fit = mn.mnlogit("y ~ 1", pd.DataFrame({"y": list("aab")})).fit()
    with (
        pytest.warns(ReplicateWarning),
        pytest.raises(RankError, match="1 of 3 deletions have no finite estimates") as caught,
    ):
        fit.with_cov("jackknife", refit=True)
    assert caught.value.code == "jackknife-without-estimates"
    assert "fitted exactly" not in caught.value.message


def test_indicators_alone_are_named_as_the_cause() -> None:
    with pytest.raises(RankError, match="in each cluster the scores sum to zero"):
        res("y ~ firm").with_cov("cluster", groups="firm")


# --- columns of any scale ------------------------------------------------------------------


@pytest.mark.parametrize("exponent", [-531, 531])
def test_intervals_do_not_depend_on_the_scale_of_columns(exponent: int) -> None:
    few = DATA[:200]
    scale = 2.0**exponent
    plain, scaled = (
        mn.mnlogit("y ~ x", data).fit() for data in (few, few.assign(x=scale * few["x"]))
    )
    boots = [each.bootstrap(99, seed=1, studentised=True) for each in (plain, scaled)]
    slopes = plain.index.get_level_values("term") == "x"
    factor = np.where(slopes, scale, 1.0)
    for method in ("percentile", "normal", "bc", "bca", "studentised"):
        wanted, found = (boot.conf_int(method=method) for boot in boots)
        np.testing.assert_allclose(found.mul(factor, axis=0), wanted, rtol=1e-6)
    np.testing.assert_allclose(boots[1].sandwich * factor, boots[0].sandwich, rtol=1e-10)
    wanted, found = (each.conf_int(method="profile") for each in (plain, scaled))
    np.testing.assert_allclose(found.mul(factor, axis=0), wanted, rtol=1e-9)


def test_advice_on_few_clusters_leaves_out_what_was_done() -> None:
    with pytest.warns(ClusterWarning, match=r"at a time, by t \(use_t=True\) or with 'CR2'\."):
        res("y ~ x").with_cov("cluster", groups="firm")
    with pytest.warns(ClusterWarning, match=r"at a time, with 'CR2'\."):
        res("y ~ x").with_cov("cluster", groups="firm", use_t=True)
    with pytest.warns(ClusterWarning, match=r"at a time\. "):
        res("y ~ x").with_cov("CR2", groups="firm")
