"""What options of covariances, groups and fits of other kinds get."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import mnlstat as mn
from mnlstat.errors import (
    ClusterWarning,
    ConvergenceError,
    ConvergenceWarning,
    DataError,
    OptionError,
    RankError,
    SeparationError,
    SeparationWarning,
)
from tests.inference.samples import FORMULA, fitted, frame


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    rows = frame()
    rows.loc[5, "x"] = np.nan
    return rows.set_index(np.arange(160) + 1000)


@pytest.fixture(scope="module")
def res(data: pd.DataFrame) -> Any:
    return fitted(data)


@pytest.mark.parametrize(
    ("kind", "options", "match"),
    [
        ("HC0", {"correction": "stata"}, "correction='stata'.*has its own factor"),
        ("HC3", {"groups": "school"}, "takes no groups; cov_type='cluster' does"),
        ("robust", {"groups": "school"}, "takes no groups"),
        ("robust", {"lags": 2}, "has no lags"),
        ("cluster", {"groups": "school", "time": "year"}, "has no order"),
        ("cluster", {}, "needs groups="),
        ("CR2", {}, "needs groups="),
        ("CR2", {"groups": "school", "correction": "stata"}, "has its own factor"),
        ("CR3", {"groups": ["school", "year"]}, "one way of clustering, not 2"),
        ("HAC", {"groups": "school"}, "takes no groups"),
        ("HAC", {"unit": "row"}, "what a unit is"),
        ("HAC", {"lags": -1}, "lags=-1 must be a whole number"),
        ("HAC", {"lags": 159}, "159 rows are at most 158"),
        ("observed", {"unit": "row"}, "what a unit is"),
        ("robust", {"correction": "sas"}, "'stata', 'statsmodels', 'sandwich', 'none'"),
        ("robust", {"unit": "person"}, "unit='person'"),
        ("hc0", {}, r"kind='hc0' is not one of.*did you mean 'HC"),
        ("sandwich", {}, "kind='sandwich'"),
        (None, {}, "kind=None"),
    ],
)
def test_combinations_that_mean_nothing_are_refused(
    res: Any, data: pd.DataFrame, kind: Any, options: dict[str, Any], match: str
) -> None:
    with pytest.raises(OptionError, match=match):
        res.with_cov(kind, **options)
    if kind is not None and "lags" not in match:
        with pytest.raises(OptionError, match=match.replace("kind=", "cov_type=")):
            mn.mnlogit(FORMULA, data).fit(cov_type=kind, **options)


def test_options_without_a_covariance_are_refused(data: pd.DataFrame) -> None:
    model = mn.mnlogit(FORMULA, data)
    for options in ({"groups": "school"}, {"use_t": False}, {"unit": "row"}, {"df": 3}):
        with pytest.raises(OptionError, match="give cov_type="):
            model.fit(**options)


def test_groups_in_every_form_are_the_same(res: Any, data: pd.DataFrame) -> None:
    used = data.index.drop(1005)
    labels = data["school"].map(lambda at: f"s{at}")
    wanted = res.with_cov("cluster", groups="school").cov_params()
    forms = [
        data["school"],
        data["school"].to_numpy(),
        data["school"].tolist(),
        data.loc[used, "school"].to_numpy(),
        data.loc[used, "school"],
        data["school"].sample(frac=1.0, random_state=0),
        labels,
        labels.tolist(),
        labels.astype("category"),
        data["school"].astype(float),
        data["school"].astype("Int64"),
        ["school"],
        data[["school"]],
    ]
    for given in forms:
        np.testing.assert_allclose(
            res.with_cov("cluster", groups=given).cov_params(), wanted, rtol=1e-12
        )


def test_several_ways_in_every_form_are_the_same(res: Any, data: pd.DataFrame) -> None:
    wanted = res.with_cov("cluster", groups=["school", "year"]).cov_params()
    forms = [
        ("school", "year"),
        ["school", data["year"]],
        data[["school", "year"]],
        data[["school", "year"]].to_numpy(),
    ]
    for given in forms:
        found = res.with_cov("cluster", groups=given).cov_params()
        np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_groups_that_cannot_be_used_are_refused(res: Any, data: pd.DataFrame) -> None:
    holes = data["school"].astype(float)
    holes.loc[1007] = np.nan
    cases: list[tuple[Any, str]] = [
        ("scool", r"groups: the data have no column 'scool' \(did you mean 'school'\?\)"),
        (["school", "yeer"], "no column 'yeer'"),
        (np.zeros(160), "one group only, 0"),
        (np.arange(150), "groups has 150 values for 160 rows, 159 of them used"),
        (3, "groups has 1 values for 160 rows"),
        (data["school"].reset_index(drop=True), "index is not that of the data"),
        (pd.concat([data["school"], data["school"]]), "index is not that of the data"),
        (holes, r"missing \(1 row, first row 1007\)"),
        (np.zeros((160, 2, 2)), "groups=.*no column"),
        ([], "groups has 0 values"),
    ]
    for given, match in cases:
        with pytest.raises(DataError, match=match):
            res.with_cov("cluster", groups=given)
    holes.loc[1007], holes.loc[1005] = 3.0, np.nan  # a row that the fit did not use
    res.with_cov("cluster", groups=holes)


def test_data_that_changed_are_noticed(data: pd.DataFrame) -> None:
    rows = data.copy()
    res = fitted(rows)
    rows.loc[2000] = rows.loc[1000]
    with pytest.raises(DataError, match="the data have changed"):
        res.with_cov("cluster", groups="school")


def test_fewer_clusters_than_coefficients_are_said(res: Any, data: pd.DataFrame) -> None:
    few = np.asarray(data["school"]) % 5
    with pytest.warns(ClusterWarning, match=r"^5 clusters for 12 coefficients"):
        found = res.with_cov("cluster", groups=few)
    assert np.linalg.matrix_rank(found.cov_params().to_numpy(), tol=1e-10) == 4
    test = found.wald_test_slopes()
    assert np.isnan(test.statistic) and test.df == 9
    assert "nan" in str(found.summary())
    with pytest.raises(RankError, match="covariance of 6 restrictions is singular"):
        found.test([f"{j}:{t} = 0" for j in "bcd" for t in "xz"])
    with pytest.raises(RankError, match="not independent"):
        found.test("b:x = 0, 2*b:x = 0")
    assert found.test("b:x = 0, c:x = 0").df == 2


def test_a_row_or_cluster_of_full_leverage_is_named() -> None:
    data = frame(60)
    alone = np.where(data.index < 20, "one", np.where(data.index < 40, "two", "three"))
    res = mn.mnlogit("y ~ x + C(group)", data.assign(group=alone)).fit()
    for kind in ("CR2", "CR3", "jackknife"):
        with pytest.raises(RankError, match=r"the cluster group = '(one|two|three)' alone"):
            res.with_cov(kind, groups="group")
    saturated = pd.DataFrame({"a": [3, 5], "b": [4, 1], "x": [0.0, 1.0]})
    res = mn.mnlogit("cbind(a, b) ~ x", saturated).fit()
    for kind in ("HC2", "HC3", "jackknife"):
        with pytest.raises(RankError, match=f"{kind}: row [01] alone determines"):
            res.with_cov(kind)
    assert np.isfinite(res.with_cov("HC3", unit="trial").bse).all()


def test_rows_of_counts_are_units_unless_trials_are_asked_for() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=40)
    counts = np.array([rng.multinomial(6, [0.3, 0.5, 0.2]) for _ in x])
    table = pd.DataFrame(counts, columns=["a", "b", "c"]).assign(x=x, id=np.arange(40) % 13)
    long = table.melt(["x", "id"], ["a", "b", "c"], "y", "f").query("f > 0")
    rows = mn.mnlogit("cbind(a, b, c) ~ x", table).fit()
    trials = mn.mnlogit("y ~ x", long, freq_weights="f").fit()
    for kind in ("opg", "robust", "HC0", "HC1", "HC2", "HC3", "jackknife"):
        by_trial = rows.with_cov(kind, unit="trial").bse
        np.testing.assert_allclose(by_trial, trials.with_cov(kind).bse, rtol=1e-9)
        by_row = rows.with_cov(kind).bse
        assert by_row.equals(rows.with_cov(kind, unit="row").bse)
        assert (np.abs(by_row / by_trial - 1) > 1e-3).any()
    for kind in ("cluster", "CR2", "CR3"):
        np.testing.assert_allclose(
            rows.with_cov(kind, groups="id").bse,
            trials.with_cov(kind, groups="id").bse,
            rtol=1e-9,
        )


def test_pseudo_likelihoods_have_sandwiches_only(data: pd.DataFrame) -> None:
    res = fitted(data, sampling_weights="w")
    for kind in ("observed", "opg", "nonrobust"):
        with pytest.raises(OptionError, match="sampling weights make a pseudo-likelihood"):
            res.with_cov(kind)
    again = res.with_cov("robust")
    np.testing.assert_allclose(again.bse, res.bse, rtol=1e-12)
    assert again.cov_type == res.cov_type


def test_shares_have_sandwiches_only() -> None:
    rng = np.random.default_rng(3)
    shares = rng.dirichlet([2, 3, 1], 50)
    table = pd.DataFrame(shares, columns=["a", "b", "c"]).assign(x=rng.normal(size=50))
    res = mn.mnlogit("cbind(a, b, c) ~ x", table).fit()
    with pytest.raises(OptionError, match="shares make a pseudo-likelihood"):
        res.with_cov("observed")
    np.testing.assert_allclose(res.with_cov("robust").bse, res.bse, rtol=1e-12)
    assert (res.with_cov("HC3").bse > res.with_cov("HC0").bse).all()
    with pytest.raises(OptionError, match="shares are not made of trials"):
        res.with_cov("HC3", unit="trial")


def test_separated_penalised_and_unfinished_fits_say_why_not(data: pd.DataFrame) -> None:
    toy = mn.datasets.separated_toy()
    with pytest.warns(SeparationWarning):
        separated = mn.mnlogit("y ~ x + z", toy).fit()
    with pytest.raises(SeparationError, match="data are separated"):
        separated.with_cov("robust")
    with pytest.warns(SeparationWarning):
        blank = mn.mnlogit("y ~ x + z", toy).fit(cov_type="HC0")
    assert blank.bse.isna().all() and "HC0: none" in blank.cov_type
    with pytest.warns(ConvergenceWarning):
        unfinished = mn.mnlogit(FORMULA, data).fit(maxiter=0)
    with pytest.raises(ConvergenceError, match="not converged"):
        unfinished.with_cov("robust")
    penalised = mn.mnlogit(FORMULA, data).fit(penalty="jeffreys")
    with pytest.raises(OptionError, match="penalised estimates keep"):
        penalised.with_cov("robust")
    with pytest.raises(OptionError, match="penalised estimates keep"):
        mn.mnlogit(FORMULA, data).fit(penalty="jeffreys", cov_type="robust")
    assert penalised.with_cov("observed").bse.equals(penalised.bse)
    shrunk = mn.mnlogit(FORMULA, data).fit(penalty=mn.Ridge(1.0))
    for kind in ("observed", "HC0"):
        with pytest.raises(OptionError, match="penalised estimates keep"):
            shrunk.with_cov(kind)


def test_there_is_no_likelihood_ratio_under_a_robust_covariance(res: Any) -> None:
    robust = res.with_cov("robust")
    assert np.isnan(robust.llr) and np.isnan(robust.llr_pvalue) and not np.isnan(res.llr)
    assert robust.llf == res.llf and robust.aic == res.aic
    text = str(robust.summary())
    assert "Wald chi2(9)" in text and "LR chi2" not in text
    assert "there is no\n  likelihood-ratio test" in text
    assert res.with_cov("opg").llr == res.llr
    assert robust.with_cov("observed").llr == res.llr
    assert robust.glance()["cov_type"][0] == robust.tidy().attrs["cov_type"] == robust.cov_type


def test_what_is_fitted_again_keeps_its_covariance(res: Any, data: pd.DataFrame) -> None:
    groups = data["school"].to_numpy()
    used = np.delete(groups, 5)
    for given in ("school", groups, used, data["school"]):
        found = res.with_cov("cluster", groups=given, use_t=True).update(". ~ . - z")
        wanted = mn.mnlogit("y ~ x + g", data).fit().with_cov("cluster", groups="school")
        np.testing.assert_allclose(found.bse, wanted.bse, rtol=1e-10)
        assert (found.df_t == 19).all() and found.llr != found.llr
    ordered = res.with_cov("HAC", time=np.arange(160)[::-1], lags=2).update(". ~ . - z")
    wanted = mn.mnlogit("y ~ x + g", data).fit().with_cov("HAC", lags=2)
    np.testing.assert_allclose(ordered.bse, wanted.bse, rtol=1e-10)


def test_fit_and_result_give_the_same(data: pd.DataFrame, res: Any) -> None:
    model = mn.mnlogit(FORMULA, data)
    one = model.fit(cov_type="CR2", groups="school", use_t=False)
    two = res.with_cov("CR2", groups="school", use_t=False)
    assert one.cov_params().equals(two.cov_params()) and str(one.summary()) == str(two.summary())


def test_time_that_is_no_order_is_refused(res: Any, data: pd.DataFrame) -> None:
    cases: list[tuple[Any, str]] = [
        ("year", r"the same in several rows"),
        ("g", "time: 'g' holds"),
        (data["x"].where(data["x"] > -9), None),
    ]
    for given, match in cases:
        if match is None:
            res.with_cov("HAC", time=given)
            continue
        with pytest.raises(DataError, match=match):
            res.with_cov("HAC", time=given)
    days = pd.date_range("2020-01-01", periods=160)
    wanted = res.with_cov("HAC").cov_params()
    for given in (days, days.tz_localize("Europe/Berlin"), days.to_period("D"), np.arange(160.0)):
        assert res.with_cov("HAC", time=given).cov_params().equals(wanted)


def test_results_without_rows_say_so(res: Any) -> None:
    again = pickle.loads(pickle.dumps(res.with_cov("HC3")))
    assert again.cov_type.startswith("HC3") and again.bse.equals(res.with_cov("HC3").bse)
    with pytest.raises(DataError, match=r"with_cov\(\) needs the rows of the fit"):
        again.with_cov("robust")


@pytest.mark.parametrize(
    ("theirs", "ours", "options"),
    [
        ("HC0", "robust", {"correction": "statsmodels"}),
        ("HC0", "HC0", {}),
        ("HC1", "HC1", {}),
        ("cluster", "cluster", {"correction": "statsmodels"}),
        ("HAC", "HAC", {"lags": 3}),
        ("nonrobust", "nonrobust", {}),
    ],
)
def test_statsmodels_gives_the_same(theirs: str, ours: str, options: dict[str, Any]) -> None:
    data = frame()
    codes = pd.Categorical(data["y"]).codes
    X = sm.add_constant(data[["x", "z"]])
    groups: dict[str, Any] = {}
    if theirs == "cluster":
        groups = {"cov_kwds": {"groups": data["school"]}}
    if theirs == "HC1":  # no factor there: as HC0
        ours = "HC0"
    if theirs == "HAC":
        groups = {"cov_kwds": {"maxlags": 3}}
    peer = sm.MNLogit(codes, X).fit(disp=0, cov_type=theirs, tol=1e-14, maxiter=100, **groups)
    res = mn.mnlogit("y ~ x + z", data).fit()
    if theirs == "cluster":
        options = {**options, "groups": "school"}
    found = res.with_cov(ours, **options).bse.to_numpy().reshape(3, 3)
    np.testing.assert_allclose(found, peer.bse.to_numpy().T, rtol=1e-8)


def test_what_relies_on_the_likelihood_refuses_a_robust_covariance(data: pd.DataFrame) -> None:
    small = mn.mnlogit("y ~ x", data).fit()
    large = mn.mnlogit("y ~ x + z", data).fit()
    assert mn.anova(small, large)["df"].iloc[1] == 3
    with pytest.raises(OptionError, match="likelihood ratio does"):
        mn.anova(small, large.with_cov("robust"))
    with pytest.raises(OptionError, match="this result has: HC0"):
        large.with_cov("HC0").compare()
    bound = mn.mnlogit("y ~ x + z", data, constraints="b:x = c:x").fit()
    assert bound.with_cov("HC0").constraints_test().df == 1
    with pytest.raises(OptionError, match="likelihood ratio does"):
        bound.with_cov("HC0").constraints_test(kind="lr")


def test_constraints_leave_free_directions_to_the_sandwich(data: pd.DataFrame) -> None:
    rows = data.dropna()
    res = mn.mnlogit("y ~ x + z", rows, constraints="b:x = c:x").fit()
    T = np.delete(np.eye(9), 4, axis=1)
    T[4, 1] = 1.0
    b, likelihood = res.params.to_numpy(), res.likelihood
    inverse = np.linalg.inv(T.T @ likelihood.information(b) @ T)
    scores = likelihood.score_obs(b) @ T
    V = T @ inverse @ (scores.T @ scores) @ inverse @ T.T
    found = res.with_cov("HC0")
    np.testing.assert_allclose(found.cov_params(), V, rtol=1e-9, atol=1e-14)
    assert found.bse["b", "x"] == pytest.approx(found.bse["c", "x"], rel=1e-12)
    n = len(rows)
    np.testing.assert_allclose(res.with_cov("HC1").cov_params(), V * n / (n - 8), rtol=1e-9)
    by_t = res.with_cov("CR2", groups="school")
    test = by_t.test("b:z = 0, c:z = 0")
    assert test.df == 2 and test.df_denom is not None and 1 < test.df_denom < 20
    assert "F" in str(by_t.summary())
