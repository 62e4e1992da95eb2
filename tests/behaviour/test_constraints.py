"""Linear equality constraints: equal to models written otherwise, exact, tested, refused."""

from __future__ import annotations

import pickle
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

import mnlstat as mn
from mnlstat.errors import AliasedWarning, OptionError, RankError, SeparationWarning

FORMULA = "party ~ educ + income + age"
EVERY = [f"{o}:{t} = 0" for o in ("ind", "rep") for t in ("Intercept", "educ", "income", "age")]
GROUPS = {"dem": ["p0", "p1"], "ind": ["p2", "p3", "p4"], "rep": ["p5", "p6"]}
PARTIES = {member: name for name, members in GROUPS.items() for member in members}


@pytest.fixture(scope="module")
def anes() -> pd.DataFrame:
    frame = mn.datasets.anes96()
    return frame.assign(party=frame["PID"].astype(str).map(PARTIES))


def fitted(data: Any, **options: Any) -> Any:
    return mn.mnlogit(options.pop("formula", FORMULA), data, base="dem", **options).fit()


def stacked(X: Any, codes: Any, designs: Any, weights: Any = None) -> tuple[Any, Any, float]:
    """Newton's method for predictors ``Z_j (n, d)`` of each outcome: estimate, covariance, l."""
    phi, n = np.zeros(designs[0].shape[1]), len(X)
    w = np.ones(n) if weights is None else weights
    for _ in range(30):
        eta = np.stack([Z @ phi for Z in designs], axis=1)
        pi = np.exp(eta - eta.max(axis=1, keepdims=True))
        pi /= pi.sum(axis=1, keepdims=True)
        mean = sum(pi[:, j, None] * Z for j, Z in enumerate(designs))
        chosen = np.stack(designs)[codes, np.arange(n)]
        score = w @ (chosen - mean)
        information = sum(
            ((w * pi[:, j])[:, None] * (Z - mean)).T @ (Z - mean) for j, Z in enumerate(designs)
        )
        phi = phi + np.linalg.solve(information, score)
    return phi, np.linalg.inv(information), float(w @ np.log(pi[np.arange(n), codes]))


def test_zero_for_every_outcome_is_leaving_the_column_out(anes: pd.DataFrame) -> None:
    res = fitted(anes, constraints=["ind:age = 0", "rep:age = 0"])
    without = fitted(anes, formula="party ~ educ + income")
    assert res.converged and res.n_parameters == without.n_parameters == 6
    kept = without.index
    np.testing.assert_allclose(res.params[kept], without.params, rtol=1e-10)
    np.testing.assert_allclose(res.bse[kept], without.bse, rtol=1e-10)
    np.testing.assert_allclose(
        res.cov_params().loc[kept, kept], without.cov_params(), rtol=1e-8, atol=1e-14
    )
    for name in ("llf", "llr", "llr_pvalue", "aic", "bic", "df_model", "df_resid", "prsquared"):
        assert getattr(res, name) == pytest.approx(getattr(without, name), rel=1e-11), name
    assert (res.params[:, "age"] == 0).all() and (res.bse[:, "age"] == 0).all()
    assert res.pvalues[:, "age"].isna().all() and res.tvalues[:, "age"].isna().all()
    assert np.linalg.matrix_rank(res.cov_params()) == 6
    for ratios, shown in ((False, "0.0000"), (True, "1.0000")):
        lines = str(res.summary(rrr=ratios)).splitlines()
        assert sum(line.split() == ["age", shown, "fixed"] for line in lines) == 2
    full = fitted(anes)
    for kind in ("score", "lr", "wald"):
        assert res.constraints_test(kind=kind).df == 2
    lr = res.constraints_test(kind="lr").statistic
    assert lr == pytest.approx(2 * (full.llf - without.llf), rel=1e-9)
    wald = full.test("ind:age = 0, rep:age = 0").statistic
    assert res.constraints_test(kind="wald").statistic == pytest.approx(wald, rel=1e-9)


@pytest.mark.parametrize("weighted", [False, True])
def test_a_shared_coefficient_is_that_of_a_stacked_design(
    anes: pd.DataFrame, weighted: bool
) -> None:
    weights = 1.0 + np.arange(len(anes)) % 3 if weighted else None
    options = {} if weights is None else {"freq_weights": weights}
    res = fitted(anes, parallel=["income"], constraints="rep:age = 2 * ind:age - 0.01", **options)
    X = res.likelihood.rows.X  # Intercept, educ, income, age
    codes = res.sample.codes
    zero = np.zeros((len(X), 6))
    ind, rep = zero.copy(), zero.copy()
    ind[:, :2], rep[:, 2:4] = X[:, :2], X[:, :2]
    ind[:, 4], rep[:, 4] = X[:, 2], X[:, 2]
    ind[:, 5], rep[:, 5] = X[:, 3], 2 * X[:, 3]
    shift = np.stack([np.zeros(len(X)), np.zeros(len(X)), -0.01 * X[:, 3]], axis=1)
    same = {"parallel": "income", "constraints": "rep:age = 2 * ind:age", **options}
    direct = fitted(anes, offset=shift, **same)
    phi, covariance, value = stacked(X, codes, [zero, ind, rep], weights)
    homogeneous = fitted(anes, **same)
    b = homogeneous.params
    got = [*b["ind"][:2], *b["rep"][:2], b["ind", "income"], b["ind", "age"]]
    np.testing.assert_allclose(got, phi, rtol=1e-9)
    errors = homogeneous.bse
    got = [*errors["ind"][:2], *errors["rep"][:2], errors["ind", "income"], errors["ind", "age"]]
    np.testing.assert_allclose(got, np.sqrt(np.diag(covariance)), rtol=1e-9)
    assert homogeneous.llf == pytest.approx(value, rel=1e-12)
    assert res.llf == pytest.approx(direct.llf, rel=1e-12)
    assert res.params["rep", "age"] == pytest.approx(direct.params["rep", "age"] - 0.01, rel=1e-9)
    np.testing.assert_allclose(res.bse, direct.bse, rtol=1e-9)


def test_what_is_equal_is_so_to_the_last_bit(anes: pd.DataFrame) -> None:
    words = ["ind:educ = rep:educ", "rep:age = 0", "rep:income = 3 * ind:income"]
    res = fitted(anes, constraints=words)
    assert res.params["ind", "educ"] == res.params["rep", "educ"]
    assert res.bse["ind", "educ"] == res.bse["rep", "educ"]
    assert res.params["rep", "age"] == 0 and res.bse["rep", "age"] == 0
    assert res.params["rep", "income"] == 3 * res.params["ind", "income"]
    moved = res.rebase("rep")
    assert moved.params["ind", "educ"] == 0 and moved.bse["ind", "educ"] == 0
    pd.testing.assert_series_equal(moved.rebase("dem").params, res.params, rtol=1e-13)
    assert res.score_norm < 1e-7 and moved.score_norm == pytest.approx(res.score_norm, abs=1e-9)
    assert moved.constraints == tuple(words) and moved.constraints_base == "dem"
    for kind in ("score", "lr", "wald"):
        first, second = (r.constraints_test(kind=kind).statistic for r in (res, moved))
        assert first == pytest.approx(second, rel=1e-10)
    np.testing.assert_allclose(moved.fittedvalues, res.fittedvalues, atol=1e-14)


def test_outcomes_of_equal_slopes_can_be_merged(anes: pd.DataFrame) -> None:
    """Combining two outcomes: the closed form of the restricted maximum."""
    words = [f"ind:{term} = rep:{term}" for term in ("educ", "income", "age")]
    res = fitted(anes, constraints=words)
    merged = fitted(anes.assign(party=anes["party"].replace({"rep": "ind"})))
    a, b = (float((anes["party"] == name).sum()) for name in ("ind", "rep"))
    expected = merged.llf + a * np.log(a / (a + b)) + b * np.log(b / (a + b))
    assert res.llf == pytest.approx(expected, rel=1e-13)
    test = res.constraints_test(kind="lr")
    assert test.df == 3 and test.statistic == pytest.approx(2 * (fitted(anes).llf - expected), 1e-9)
    assert "LR test" in str(test)


@pytest.mark.parametrize("base", ["dem", "ind", "rep"])
def test_parallel_is_equality_over_outcomes_but_the_base(anes: pd.DataFrame, base: str) -> None:
    res = mn.mnlogit(FORMULA, anes, base=base, parallel=["income", "educ"]).fit()
    first, second = (name for name in res.outcomes if name != base)
    words = [f"{first}:{term} = {second}:{term}" for term in ("income", "educ")]
    other = mn.mnlogit(FORMULA, anes, base=base, constraints=words).fit()
    pd.testing.assert_series_equal(res.params, other.params, rtol=1e-10)
    assert res.constraints == ("parallel: income", "parallel: educ")
    terms = res.wald_test_terms()
    assert terms["df"].tolist() == [1, 1, 2]
    single = (res.params[first, "income"] / res.bse[first, "income"]) ** 2
    assert terms.loc["income", "statistic"] == pytest.approx(single, rel=1e-10)
    assert res.df_model == 4


def test_a_factor_can_be_parallel(anes: pd.DataFrame) -> None:
    frame = anes.assign(g=pd.cut(anes["age"], [0, 35, 50, 100]).astype(str))
    res = fitted(frame, formula="party ~ educ + g", parallel="g")
    assert res.n_parameters == 2 * 4 - 2
    columns = [name for name in res.spec.columns if name.startswith("g")]
    for column in columns:
        assert res.params["ind", column] == res.params["rep", column]
    one = fitted(frame, formula="party ~ educ + g", parallel=columns[:1])
    assert one.n_parameters == 2 * 4 - 1
    both = fitted(frame, formula="party ~ educ + g", parallel=["g", columns[0]])
    assert both.n_parameters == res.n_parameters


def test_the_score_test_is_that_of_the_full_score(anes: pd.DataFrame) -> None:
    res = fitted(anes, constraints=["ind:educ = rep:educ", "rep:age = 0"])
    b = res.params.to_numpy()
    score, information = res.likelihood.score(b), res.likelihood.information(b)
    expected = score @ np.linalg.solve(information, score)
    assert res.constraints_test().statistic == pytest.approx(expected, rel=1e-8)
    assert str(res.constraints_test()).startswith("Score test of ind:educ = rep:educ, rep:age = 0")


def test_repeated_rows_are_frequency_weights(anes: pd.DataFrame) -> None:
    times = np.arange(len(anes)) % 4
    options = {"constraints": "ind:educ = rep:educ", "parallel": "age"}
    one = fitted(anes.assign(n=times), freq_weights="n", **options)
    other = fitted(anes.loc[anes.index.repeat(times)], **options)
    np.testing.assert_allclose(one.params, other.params, rtol=1e-9)
    np.testing.assert_allclose(one.bse, other.bse, rtol=1e-9)
    for kind in ("score", "lr", "wald"):
        first, second = (r.constraints_test(kind=kind).statistic for r in (one, other))
        assert first == pytest.approx(second, rel=1e-8)


def test_the_sandwich_is_mapped_back(anes: pd.DataFrame) -> None:
    weights = 0.5 + np.arange(len(anes)) % 5
    words = ["ind:educ = rep:educ", "rep:age = 0"]
    res = fitted(anes, sampling_weights=weights, constraints=words)
    b, n = res.params.to_numpy(), len(anes)
    elimination = res.constrained.elimination
    T = elimination.directions(np.eye(6))
    information = res.likelihood.information(b)
    scores = res.likelihood.score_obs(b)
    M = scores.T @ scores
    bread = T @ np.linalg.inv(T.T @ information @ T) @ T.T
    np.testing.assert_allclose(
        res.cov_params(), n / (n - 1) * bread @ M @ bread, rtol=1e-8, atol=1e-14
    )
    scaled = fitted(anes, sampling_weights=1e6 * weights, constraints=words)
    np.testing.assert_allclose(scaled.bse, res.bse, rtol=1e-9, atol=0)
    R = res.constrained.R
    inverse = np.linalg.inv(information)
    V = n / (n - 1) * inverse @ M @ inverse
    gap = R @ inverse @ res.likelihood.score(b)
    expected = gap @ np.linalg.solve(R @ V @ R.T, gap)
    assert res.constraints_test().statistic == pytest.approx(expected, rel=1e-8)
    assert scaled.constraints_test().statistic == pytest.approx(expected, rel=1e-8)
    free = fitted(anes, sampling_weights=weights)
    wald = res.constraints_test(kind="wald").statistic
    assert wald == pytest.approx(free.test(", ".join(words)).statistic, rel=1e-8)
    with pytest.raises(OptionError, match="pseudo-likelihood"):
        res.constraints_test(kind="lr")


def test_tests_of_what_constraints_settle(anes: pd.DataFrame) -> None:
    res = fitted(anes, constraints=["ind:educ = rep:educ", "rep:age = 0"])
    for hypothesis, code in {
        "ind:educ = rep:educ": "fixed-by-constraints",
        "rep:age = 0": "fixed-by-constraints",
        "rep:age = 1": "against-constraints",
        "ind:age = 0, 2 * rep:age = 1": "against-constraints",
        "ind:educ - rep:educ + 5 * rep:age = 0": "fixed-by-constraints",
    }.items():
        with pytest.raises(OptionError) as caught:
            res.test(hypothesis)
        assert caught.value.code == code, hypothesis
    with pytest.raises(RankError, match="not independent"):
        res.test("ind:age = 0, 2 * ind:age = 0")
    one, both = res.test("ind:educ = 0"), res.test("ind:educ = 0, rep:educ = 0")
    assert both.df == 1 and both.statistic == pytest.approx(one.statistic, rel=1e-10)
    assert res.test("ind:age = 0, rep:age = 0").df == 1
    slopes = res.wald_test_slopes()
    assert slopes.df == 4 and np.isfinite(slopes.statistic)
    fixed = fitted(anes, constraints=["ind:age = 0.1", "rep:age = 0.1"])
    assert np.isnan(fixed.wald_test_terms().loc["age", "statistic"])
    assert np.isnan(fixed.llr)
    text = " ".join(str(fixed.summary()).split())
    assert "LR chi2" not in text and "ind:age = 0.1, rep:age = 0.1; base dem" in text


def test_constraints_on_constants_are_not_nested_in_the_null_model(anes: pd.DataFrame) -> None:
    res = fitted(anes, constraints=["ind:Intercept = rep:Intercept"])
    assert np.isnan(res.llr) and res.n_parameters == 7 and res.df_model == 6
    assert "Wald chi2(6)" in str(res.summary())


@pytest.mark.parametrize("factor", [1e-9, 1e9])
def test_units_and_shifts_of_columns(anes: pd.DataFrame, factor: float) -> None:
    one = fitted(anes, constraints="ind:educ = rep:educ", parallel="age")
    moved = anes.assign(age=factor * anes["age"], educ=anes["educ"] + 1e5)
    other = fitted(moved, constraints="ind:educ = rep:educ", parallel="age")
    assert other.converged
    np.testing.assert_allclose(other.fittedvalues, one.fittedvalues, atol=1e-9)
    assert factor * other.bse["ind", "age"] == pytest.approx(one.bse["ind", "age"], rel=1e-8)


def test_only_separation_in_free_directions_counts() -> None:
    toy = mn.datasets.separated_toy()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        names = [name for name in mn.mnlogit("y ~ x + z", toy).index if name[1] == "x[T.yes]"]
        words = [f"{outcome}:{term} = 0" for outcome, term in names]
        res = mn.mnlogit("y ~ x + z", toy, constraints=words).fit()
        without = mn.mnlogit("y ~ z", toy).fit()
    assert res.converged and res.llf == pytest.approx(without.llf, rel=1e-12)
    assert np.isfinite(res.constraints_test().statistic)
    assert res.constraints_test(kind="lr").statistic > 0
    with pytest.raises(mn.errors.SeparationError, match="without the constraints"):
        res.constraints_test(kind="wald")
    model = mn.mnlogit("y ~ x + z", toy, parallel="z")
    with pytest.warns(SeparationWarning):
        separated = model.fit()
    assert not separated.converged and separated.bse.isna().all()
    with pytest.raises(mn.errors.SeparationError):
        model.fit(separation="error")
    with pytest.raises(mn.errors.ConvergenceError, match="constrained-fit"):
        separated.constraints_test()
    for asked in (model.separation, separated.separation):
        with pytest.raises(OptionError, match="separation-under-constraints"):
            asked()


@pytest.mark.parametrize("seed", range(40))
def test_the_certificate_is_that_of_the_free_directions(seed: int) -> None:
    """Against a linear programme over them: the sum of all slacks, none negative."""
    rng = np.random.default_rng(seed)
    X = np.column_stack([np.ones(9), rng.integers(-1, 2, (9, 2))])
    y = np.concatenate([np.arange(3), rng.integers(0, 3, 6)])
    frame = pd.DataFrame(X, columns=list("abc"))
    model = mn.MNLogit(y, frame, constraints=["1:b = 2:b", "1:c = 0"])
    res = model.fit(separation="ignore")
    T = res.constrained.elimination.directions(np.eye(4))
    by_outcome = np.vstack([np.zeros((3, 4)), T]).reshape(3, 3, 4)
    slacks = [
        x @ (by_outcome[chosen] - by_outcome[other])
        for x, chosen in zip(X, y, strict=True)
        for other in range(3)
        if other != chosen
    ]
    A = np.array(slacks)
    answer = linprog(-A.sum(axis=0), A_ub=-A, b_ub=np.zeros(len(A)), bounds=(-1, 1))
    assert res.converged == (-answer.fun < 1e-7)


def test_update_keeps_constraints_and_their_base(anes: pd.DataFrame) -> None:
    res = fitted(anes, constraints="ind:educ = rep:educ")
    updated = res.rebase("rep").update(". ~ . - age")
    direct = fitted(anes, formula="party ~ educ + income", constraints="ind:educ = rep:educ")
    assert updated.base == "rep" and updated.constraints == res.constraints
    pd.testing.assert_series_equal(updated.rebase("dem").params, direct.params, rtol=1e-10)
    with pytest.raises(OptionError, match="ind:educ"):
        res.update(". ~ . - educ")
    again = pickle.loads(pickle.dumps(res))
    assert again.constraints == res.constraints
    assert str(again.summary()) == str(res.summary())


def test_rows_read_in_pieces_and_levels_in_codes(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    n = 20_000
    frame = pd.DataFrame({"x": rng.normal(size=n), "s": rng.integers(0, 60, n)})
    frame["y"] = np.where(rng.random(n) < 0.5, "a", rng.choice(list("bc"), n))
    options = {"parallel": ["x"], "constraints": "b:C(s)[T.3] = 0"}
    coded = mn.mnlogit("y ~ x + C(s)", frame, **options).fit()
    dense = pd.get_dummies(frame["s"], prefix="s", drop_first=True, dtype=float)
    arrays = mn.MNLogit(
        frame["y"], dense.assign(x=frame["x"], const=1.0), parallel="x", constraints="b:s_3 = 0"
    ).fit()
    assert coded.converged and coded.llf == pytest.approx(arrays.llf, rel=1e-12)
    assert coded.bse["b", "x"] == pytest.approx(arrays.bse["b", "x"], rel=1e-8)
    frame.to_csv(tmp_path / "rows.csv", index=False)
    pieces = mn.mnlogit("y ~ x + C(s)", tmp_path / "rows.csv", **options).fit()
    np.testing.assert_allclose(pieces.params, coded.params, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(pieces.bse, coded.bse, rtol=1e-7, atol=0)
    for kind in ("score", "lr", "wald"):
        first, second = (r.constraints_test(kind=kind).statistic for r in (pieces, coded))
        assert first == pytest.approx(second, rel=1e-6)


def test_start_values_and_statsmodels_names(anes: pd.DataFrame) -> None:
    model = mn.MNLogit.from_formula(FORMULA, anes, base="dem", constraints="rep:age = 0")
    res = model.fit()
    again = model.fit(start_params=res.params)
    assert again.iterations <= 1
    np.testing.assert_allclose(again.params, res.params, rtol=1e-10)
    far = model.fit(start_params=np.full(8, 3.0))
    np.testing.assert_allclose(far.params, res.params, rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"constraints": ["ind:age = 0", "ind:age = 0"]}, "redundant-constraint"),
        ({"constraints": ["ind:age = rep:age"], "parallel": ["age"]}, "redundant-constraint"),
        ({"constraints": "ind:age = 0, rep:age = 0, ind:age = rep:age"}, "redundant-constraint"),
        ({"constraints": ["ind:age = 0", "2 * ind:age = 1"]}, "infeasible-constraint"),
        ({"constraints": ["ind:age = rep:age", "ind:age = rep:age + 1"]}, "infeasible-constraint"),
        ({"parallel": ["incom"]}, "unknown-term"),
        ({"constraints": 3}, "not-a-list-of-texts"),
        ({"parallel": []}, "not-a-list-of-texts"),
        ({"constraints": EVERY}, "constraints-leave-nothing"),
    ],
)
def test_wrong_constraints_are_named(anes: pd.DataFrame, options: Any, code: str) -> None:
    with pytest.raises(OptionError) as caught:
        mn.mnlogit(FORMULA, anes, base="dem", **options)
    assert caught.value.code == code
    if code in ("redundant-constraint", "infeasible-constraint"):
        assert "constraint '" in str(caught.value)


def test_what_cannot_be_honoured_is_refused(anes: pd.DataFrame) -> None:
    model = mn.mnlogit(FORMULA, anes, base="dem", parallel="age")
    for options in ({"penalty": "jeffreys"}, {"penalty": mn.Ridge(1)}, {"checkpoint": "x.ckpt"}):
        with pytest.raises(OptionError, match="not-with-constraints"):
            model.fit(**options)
    with pytest.raises(OptionError, match="compare"):
        model.fit().compare()
    with pytest.raises(OptionError, match="no-constraints"):
        fitted(anes).constraints_test()
    with pytest.raises(OptionError, match="kind"):
        model.fit().constraints_test(kind="LM")
    with pytest.raises(OptionError, match="did you mean 'ind:age'"):
        mn.mnlogit(FORMULA, anes, base="dem", constraints="ind:agee = 0")
    with pytest.raises(OptionError, match="two outcomes"):
        mn.mnlogit("vote ~ age", anes, parallel="age")
    with pytest.warns(AliasedWarning), pytest.raises(OptionError, match="aliased"):
        mn.mnlogit("party ~ age + I(2 * age)", anes, parallel="I(2 * age)")
    with pytest.warns(AliasedWarning), pytest.raises(RankError, match="aliased"):
        mn.mnlogit("party ~ age + I(2 * age)", anes, constraints="ind:I(2 * age) = 0")


def test_counts_are_rows_and_shares_have_the_sandwich(anes: pd.DataFrame) -> None:
    table = pd.crosstab(anes["age"], anes["party"]).reset_index()
    words = ["ind:age = 2 * rep:age"]
    counts = mn.mnlogit("cbind(dem, ind, rep) ~ age", table, constraints=words).fit()
    rows = mn.mnlogit("party ~ age", anes, constraints=words).fit()
    np.testing.assert_allclose(counts.params, rows.params, rtol=1e-9)
    np.testing.assert_allclose(counts.bse, rows.bse, rtol=1e-9)
    for kind in ("score", "lr", "wald"):
        first, second = (r.constraints_test(kind=kind).statistic for r in (counts, rows))
        assert first == pytest.approx(second, rel=1e-8)
    names = ["dem", "ind", "rep"]
    shares = table.assign(**(table[names].T / table[names].sum(axis=1)).T)
    zero = ["ind:age = 0", "rep:age = 0"]
    res = mn.mnlogit("cbind(dem, ind, rep) ~ age", shares, constraints=zero).fit()
    without = mn.mnlogit("cbind(dem, ind, rep) ~ 1", shares).fit()
    np.testing.assert_allclose(res.bse[without.index], without.bse, rtol=1e-9)
    free = mn.mnlogit("cbind(dem, ind, rep) ~ age", shares).fit()
    wald = res.constraints_test(kind="wald").statistic
    assert wald == pytest.approx(free.test(", ".join(zero)).statistic, rel=1e-9)
    with pytest.raises(OptionError, match="pseudo-likelihood"):
        res.constraints_test(kind="lr")


def test_a_saved_result_keeps_its_constraints(anes: pd.DataFrame, tmp_path: Path) -> None:
    res = fitted(anes, constraints="ind:educ = rep:educ", parallel="age")
    again = mn.load(res.save(tmp_path / "fit.mnl", include_data=True))
    assert again.constraints == res.constraints and str(again.summary()) == str(res.summary())
    assert again.constraints_test() == res.constraints_test()
    assert again.rebase("rep").score_norm < 1e-7
    assert "constraints leave free" in " ".join(str(res.convergence()).split())
    assert res.turned_back == ()
    with pytest.raises(mn.errors.DataError, match="hauck_donner"):
        res.hauck_donner()
