"""Likelihood-ratio and score tests: their definitions, and what must not move them."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import mnlstat as mn
from mnlstat.arrays import FloatArray
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
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from tests.inference import samples
from tests.inference.samples import KINDS, name

FRAME = samples.frame()
WORDS = "b:x = c:x, d:z = 0.1"
every_kind = pytest.mark.parametrize("kind", KINDS, ids=name)


@pytest.fixture(scope="module")
def res() -> Any:
    return samples.fitted(FRAME)


def covered(res: Any, kind: tuple[str, dict[str, Any]], **options: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ClusterWarning)
        return res.with_cov(kind[0], **kind[1], **options)


def numbers(test: Any) -> list[float]:
    return [test.statistic, test.df, test.pvalue]


def restricted(words: Any, **options: Any) -> Any:
    return samples.fitted(FRAME, constraints=words, **options)


def test_lr_is_twice_the_gain_over_the_constrained_fit(res: Any) -> None:
    found = res.test(WORDS, kind="lr")
    expected = 2 * (res.llf - restricted(WORDS).llf)
    assert found.kind == "LR" and found.df == 2
    assert found.statistic == pytest.approx(expected, rel=1e-11)
    assert found.pvalue == pytest.approx(stats.chi2.sf(expected, 2), rel=1e-9)
    assert str(found) == f"LR test of {WORDS}\nchi2(2) = {expected:.4f}, P = {found.pvalue:.3f}"


def test_lr_of_a_term_is_the_difference_of_separate_fits(res: Any) -> None:
    without = mn.mnlogit("y ~ x + g", FRAME).fit()
    expected = 2 * (res.llf - without.llf)
    found = res.test(term="z", kind="lr")
    assert numbers(found)[:2] == [pytest.approx(expected, rel=1e-11), 3]
    words = "b:z = 0, c:z = 0, d:z = 0"
    for kind in ("wald", "lr", "score"):
        np.testing.assert_allclose(
            numbers(res.test(term="z", kind=kind)), numbers(res.test(words, kind=kind)), rtol=1e-9
        )


def boos(res: Any, at: Any, R: FloatArray, middle: FloatArray) -> float:
    """``u'(A M A')^-1 u`` for a hypothesis that leading coefficients are as given."""
    tested = R.any(axis=0)
    score, information = res.likelihood.score(at), res.likelihood.information(at)
    I_tv, I_vv = information[np.ix_(tested, ~tested)], information[np.ix_(~tested, ~tested)]
    across = I_tv @ np.linalg.inv(I_vv)
    A = np.zeros((tested.sum(), len(at)))
    A[:, tested], A[:, ~tested] = np.eye(tested.sum()), -across
    u = score[tested] - across @ score[~tested]
    return float(u @ np.linalg.solve(A @ middle @ A.T, u))


@pytest.mark.parametrize("kind", ["robust", "cluster"])
def test_robust_score_tests_are_those_of_boos(res: Any, kind: str) -> None:
    words = ["b:x = 0", "d:z = 0"]
    at = restricted(words).params.to_numpy()
    S = res.likelihood.score_obs(at)
    n = len(S)
    factor = n / (n - 1)
    if kind == "cluster":
        S = pd.DataFrame(S).groupby(FRAME["school"].to_numpy()).sum().to_numpy()
        factor = len(S) / (len(S) - 1)
    R = np.array([[label == ("b", "x") or label == ("d", "z") for label in res.index]])
    expected = boos(res, at, R, factor * S.T @ S)
    options = {"groups": "school"} if kind == "cluster" else {}
    found = covered(res, (kind, options)).test(words, kind="score")
    assert found.statistic == pytest.approx(expected, rel=1e-8)


def test_plain_score_test_is_that_of_rao(res: Any) -> None:
    at = restricted(WORDS).params.to_numpy()
    g, information = res.likelihood.score(at), res.likelihood.information(at)
    expected = g @ np.linalg.solve(information, g)
    assert res.test(WORDS, kind="score").statistic == pytest.approx(expected, rel=1e-9)


def test_score_test_by_outer_products_is_n_times_an_uncentred_r2(res: Any) -> None:
    at = restricted(WORDS).params.to_numpy()
    S = res.likelihood.score_obs(at)
    g = S.sum(axis=0)
    expected = g @ np.linalg.solve(S.T @ S, g)
    found = covered(res, ("opg", {})).test(WORDS, kind="score")
    assert found.statistic == pytest.approx(expected, rel=1e-8)


@every_kind
def test_another_base_moves_no_test(res: Any, kind: tuple[str, dict[str, Any]]) -> None:
    one = covered(res, kind)
    other = one.rebase("c")
    there = "b:x = 0, d:z = d:Intercept - d:Intercept + a:z + 0.1"
    for by in ("wald", "score"):
        first = numbers(one.test(WORDS, kind=by))
        np.testing.assert_allclose(first, numbers(other.test(there, kind=by)), rtol=1e-7)
        table = [r.anova(kind=by) for r in (one, other)]
        pd.testing.assert_frame_equal(*table, rtol=1e-7)


@pytest.mark.parametrize("sort", [1, 2, 3])
@pytest.mark.parametrize("kind", ["LR", "score", "Wald"])
def test_another_base_moves_no_table(sort: int, kind: str) -> None:
    fits = [
        mn.mnlogit("y ~ C(g, Sum) * x + z", FRAME, base=base).fit().anova(type=sort, kind=kind)
        for base in ("a", "c")
    ]
    pd.testing.assert_frame_equal(*fits, rtol=1e-8)


def test_another_base_moves_no_ratio(res: Any) -> None:
    first = res.test(WORDS, kind="lr").statistic
    there = "b:x = 0, d:z = a:z + 0.1"
    assert res.rebase("c").test(there, kind="lr").statistic == pytest.approx(first, rel=1e-9)


@every_kind
def test_a_squared_z_is_the_wald_test_of_one(res: Any, kind: tuple[str, dict[str, Any]]) -> None:
    found = covered(res, kind)
    for outcome, term in [("b", "x"), ("d", "z")]:
        test = found.test(f"{outcome}:{term} = 0")
        assert test.statistic == pytest.approx(found.tvalues[outcome, term] ** 2, rel=1e-10)


def test_score_test_of_independence_is_pearsons() -> None:
    table = np.array([[12, 7, 9], [5, 14, 8], [6, 3, 17]])
    rows, columns = np.nonzero(table)
    data = pd.DataFrame({"g": rows, "y": columns, "f": table[rows, columns]}).astype(
        {"g": str, "y": str}
    )
    res = mn.mnlogit("y ~ g", data, freq_weights="f").fit()
    pearson = stats.chi2_contingency(table)
    deviance = stats.chi2_contingency(table, lambda_="log-likelihood")
    np.testing.assert_allclose(
        numbers(res.test(term="g", kind="score")), [pearson[0], 4, pearson[1]], rtol=1e-11
    )
    np.testing.assert_allclose(
        numbers(res.test(term="g", kind="lr")), [deviance[0], 4, deviance[1]], rtol=1e-11
    )


def test_t_gives_f(res: Any) -> None:
    plain, with_t = (covered(res, ("robust", {}), use_t=t) for t in (False, True))
    for kind in ("wald", "score"):
        one, other = plain.test(WORDS, kind=kind), with_t.test(WORDS, kind=kind)
        n, p = len(FRAME), len(res.params)
        assert other.distribution == "F" and other.df_denom == n - p
        assert other.statistic == pytest.approx(one.statistic / 2, rel=1e-12)
        assert other.pvalue == pytest.approx(stats.f.sf(other.statistic, 2, n - p), rel=1e-9)
    assert "df_denom" in with_t.test(WORDS, kind="all").to_frame()


def test_the_slopes_of_an_outcome(res: Any) -> None:
    words = "b:x = 0, b:z = 0, b:g[T.v] = 0"
    for kind in ("wald", "lr", "score"):
        found = res.test(outcome="b", kind=kind)
        np.testing.assert_allclose(numbers(found), numbers(res.test(words, kind=kind)), rtol=1e-9)
    without = mn.mnlogit("y ~ 0 + x", FRAME).fit()
    assert without.test(outcome="b").df == 1
    levels = mn.mnlogit("y ~ 0 + g + x", FRAME).fit()
    own = mn.mnlogit("y ~ g + x", FRAME).fit()
    for kind in ("wald", "lr", "score"):
        np.testing.assert_allclose(
            numbers(levels.test(outcome="c", kind=kind)),
            numbers(own.test(outcome="c", kind=kind)),
            rtol=1e-8,
        )


def test_all_three_say_why_one_is_not_there(res: Any) -> None:
    found = covered(res, ("robust", {})).test(WORDS, kind="all")
    assert found["lr"] is None and list(found) == ["wald", "lr", "score"] and len(found) == 3
    frame = found.to_frame()
    assert list(frame) == ["statistic", "df", "p_value"]
    assert frame.loc["LR"].isna().all() and frame.loc["score", "df"] == 2
    assert "does not rely on the likelihood" in found.notes["lr"]
    lines = repr(found).splitlines()
    assert lines[0] == f"Tests of {WORDS}" and lines[2] == "   LR"
    assert lines[-1].startswith("LR: the covariance (robust sandwich, times n/(n-1)) does not")


def test_a_score_test_reads_the_rows_no_more_than_it_must(
    res: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = []
    inside = MultinomialLikelihood._evaluate

    def counted(self: Any, B: Any, order: int) -> Any:
        orders.append(order)
        return inside(self, B, order)

    monkeypatch.setattr(MultinomialLikelihood, "_evaluate", counted)
    res.test(term="x", kind="lr")
    fit = len(orders)
    orders.clear()
    res.test(term="x", kind="score")
    assert len(orders) == fit + 1
    orders.clear()
    res.test(term="x", kind="all")
    assert len(orders) == fit + 1
    assert fit <= 6


def test_nothing_free_under_the_hypothesis() -> None:
    res = mn.mnlogit("y ~ 0 + x", FRAME).fit()
    n = len(FRAME)
    found = res.test(term="x", kind="lr")
    assert found.statistic == pytest.approx(2 * (res.llf - n * np.log(1 / 4)), rel=1e-12)
    words = "b:x = 0.5, c:x = 0, d:x = -0.1"
    at = np.array([0.5, 0.0, -0.1])
    assert res.test(words, kind="lr").statistic == pytest.approx(
        2 * (res.llf - res.likelihood.loglike(at)), rel=1e-12
    )
    g, information = res.likelihood.score(at), res.likelihood.information(at)
    assert res.test(words, kind="score").statistic == pytest.approx(
        g @ np.linalg.solve(information, g), rel=1e-9
    )
    pd.testing.assert_index_equal(res.anova().index, pd.Index(["x"], name="term"))


def test_two_outcomes_and_aliased_columns() -> None:
    data = FRAME.assign(y=np.where(FRAME["y"] == "a", "no", "yes"), x2=2 * FRAME["x"])
    one = mn.mnlogit("y ~ x + z", data).fit()
    with pytest.warns(mn.errors.AliasedWarning):
        other = mn.mnlogit("y ~ x + x2 + z", data).fit()
    for kind in ("wald", "lr", "score"):
        np.testing.assert_allclose(
            numbers(one.test("yes:x = 0.3", kind=kind)),
            numbers(other.test("yes:x = 0.3", kind=kind)),
            rtol=1e-9,
        )
        with pytest.raises(RankError, match="aliased"):
            other.test("yes:x2 = 0", kind=kind)
        with pytest.raises(RankError, match="aliased"):
            other.test(term="x2", kind=kind)
    for sort in (1, 2, 3):
        table = other.anova(type=sort)
        assert table.loc["x2", "df"] == 0 and np.isnan(table.loc["x2", "statistic"])
        assert table.loc["z", "statistic"] == pytest.approx(
            one.anova(type=sort).loc["z", "statistic"], rel=1e-9
        )


@pytest.mark.parametrize("kind", ["wald", "lr", "score"])
def test_frequency_weights_and_counts_are_rows_that_repeat(kind: str) -> None:
    rows = FRAME.loc[FRAME.index.repeat(FRAME["f"])].reset_index(drop=True)
    one = samples.fitted(rows)
    other = samples.fitted(FRAME, freq_weights="f")
    counts = FRAME.assign(**{j: FRAME["f"] * (FRAME["y"] == j) for j in samples.OUTCOMES})
    third = mn.mnlogit("cbind(a, b, c, d) ~ x + z + g", counts).fit()
    for found in (other, third):
        np.testing.assert_allclose(
            numbers(found.test(WORDS, kind=kind)), numbers(one.test(WORDS, kind=kind)), rtol=1e-9
        )


def test_sampling_weights_have_score_tests_and_no_ratio() -> None:
    res = samples.fitted(FRAME, sampling_weights="w")
    at = restricted("b:x = 0", sampling_weights="w").params.to_numpy()
    S = res.likelihood.score_obs(at)
    n = len(S)
    R = np.array([[label == ("b", "x") for label in res.index]])
    expected = boos(res, at, R, n / (n - 1) * S.T @ S)
    assert res.test("b:x = 0", kind="score").statistic == pytest.approx(expected, rel=1e-8)
    scaled = samples.fitted(FRAME.assign(w=1e9 * FRAME["w"]), sampling_weights="w")
    assert scaled.test("b:x = 0", kind="score").statistic == pytest.approx(expected, rel=1e-8)
    again = res.with_cov("robust").test("b:x = 0", kind="score")
    assert again.statistic == pytest.approx(expected, rel=1e-8)
    with pytest.raises(OptionError, match="sampling weights make a pseudo-likelihood"):
        res.test("b:x = 0", kind="lr")
    assert res.anova().attrs["kind"] == "Wald"
    notes = res.test_combine("a", "b").attrs["notes"]
    why = "sampling weights make a pseudo-likelihood, whose ratio is no test."
    assert notes == {"lr": f"{why} kind='Rao-Scott' scales it."}


def test_shares_have_score_tests_and_no_ratio() -> None:
    rng = np.random.default_rng(3)
    shares = pd.DataFrame(rng.dirichlet([2, 1, 1], 80), columns=list("abc"))
    shares["x"] = rng.normal(size=80)
    res = mn.mnlogit("cbind(a, b, c) ~ x", shares).fit()
    assert res.test(term="x", kind="score").df == 2
    with pytest.raises(OptionError, match="shares make a pseudo-likelihood"):
        res.test(term="x", kind="lr")


def separated(right: str, **options: Any) -> Any:
    with pytest.warns(SeparationWarning):
        return mn.mnlogit(f"y ~ {right}", mn.datasets.separated_toy(), **options).fit()


def test_separated_fits_have_ratios_of_suprema() -> None:
    toy = mn.datasets.separated_toy()
    res, smaller = (separated(right) for right in ("x + z", "x"))
    plain = mn.mnlogit("y ~ z", toy).fit()
    for term, other in {"x": plain, "z": smaller}.items():
        expected = 2 * (res.llf - other.llf)
        for found in (res.test(term=term, kind="lr"), res.test(_zero(res, term), kind="lr")):
            assert found.statistic == pytest.approx(expected, rel=1e-9)
        assert res.anova().loc[term, "statistic"] == pytest.approx(expected, rel=1e-10)
    score = res.test(term="x", kind="score")
    assert score.df == 2 and np.isfinite(score.statistic)
    with pytest.raises(SeparationError, match="no Wald test"):
        res.test(term="x")
    with pytest.raises(SeparationError, match="at infinity there is no score test"):
        res.test(term="z", kind="score")
    notes = res.test(term="x", kind="all").notes
    assert list(notes) == ["wald"] and "because the data are separated" in notes["wald"]
    with pytest.warns(SeparationWarning, match="no score test"):
        table = res.anova(kind="score")
    assert np.isnan(table.loc["z", "statistic"]) and table.loc["z", "df"] == 2


def _zero(res: Any, term: str) -> list[str]:
    return [f"{j}:{t} = 0" for j, t in res.index if t.split("[")[0] == term]


def test_separated_under_constraints() -> None:
    free, bound = separated("x + z"), separated("x + z", parallel="z")
    words = [f"{free.index[2][0]}:z = {free.index[-1][0]}:z"]
    expected = free.test(words, kind="lr").statistic
    assert bound.constraints_test(kind="lr").statistic == pytest.approx(expected, abs=1e-9)
    assert mn.anova(bound, free)["statistic"].iloc[1] == pytest.approx(expected, abs=1e-9)


def test_fits_that_did_not_end(res: Any) -> None:
    with pytest.warns(ConvergenceWarning):
        short = mn.mnlogit(samples.FORMULA, FRAME).fit(maxiter=1)
    with pytest.raises(ConvergenceError, match="did not reach its maximum"):
        short.test(WORDS, kind="lr")
    with pytest.raises(ConvergenceError, match="did not reach its maximum"):
        short.anova()
    expected = res.test(WORDS, kind="score").statistic
    assert short.test(WORDS, kind="score").statistic == pytest.approx(expected, rel=1e-9)
    assert np.isnan(short.test(WORDS).statistic)


def test_penalised_fits_refuse() -> None:
    jeffreys = mn.mnlogit(samples.FORMULA, FRAME).fit(penalty="jeffreys")
    assert jeffreys.test(WORDS).df == 2 and jeffreys.anova(kind="Wald").attrs["kind"] == "Wald"
    with pytest.raises(OptionError) as error:
        jeffreys.test(WORDS, kind="score")
    assert error.value.code == "score-of-penalised"
    ridge = mn.mnlogit(samples.FORMULA, FRAME).fit(penalty=mn.Ridge(1.0))
    calls = [
        lambda: ridge.test(WORDS, kind="all"),
        lambda: ridge.anova(),
        lambda: ridge.test_combine(),
        lambda: ridge.nlcom("exp(b:x)"),
        lambda: ridge.test_nonlinear("exp(b:x) = 1"),
    ]
    for call in calls:
        with pytest.raises(OptionError, match="shrunk on purpose"):
            call()


def test_the_name_of_a_term_is_told_from_a_coefficient(res: Any) -> None:
    with pytest.raises(OptionError, match=r"test\(term='x'\) tests it") as error:
        res.test("x")
    assert error.value.code == "unknown-coefficient"


def test_reasons_do_not_repeat_the_call(res: Any) -> None:
    drawn = res.with_cov(res.bootstrap(30, seed=1))
    notes = drawn.test("b:x = c:x", kind="all").notes
    assert notes["score"].startswith("it takes the covariance of another model")


def test_loaded_results(res: Any, tmp_path: Any) -> None:
    bare = mn.load(res.save(tmp_path / "bare.mnl"))
    assert bare.test(WORDS).statistic == res.test(WORDS).statistic
    assert bare.anova(kind="Wald").equals(res.anova(kind="Wald"))
    merged = bare.test_combine()
    assert merged["p_value"].notna().equals(merged["test"] == "Wald")
    for call in (lambda: bare.test(WORDS, kind="lr"), lambda: bare.anova()):
        with pytest.raises(DataError, match="loaded without its data"):
            call()
    full = mn.load(res.save(tmp_path / "full.mnl", include_data=True))
    for kind in ("lr", "score"):
        assert numbers(full.test(WORDS, kind=kind)) == numbers(res.test(WORDS, kind=kind))
    robust = covered(res, ("robust", {}))
    again = mn.load(robust.save(tmp_path / "robust.mnl", include_data=True))
    assert again.test(WORDS).statistic == robust.test(WORDS).statistic
    with pytest.raises(OptionError, match="is not saved with the data"):
        again.test(WORDS, kind="score")
    found = again.with_cov("robust").test(WORDS, kind="score")
    assert numbers(found) == numbers(robust.test(WORDS, kind="score"))


def test_data_in_pieces_give_what_memory_gives(res: Any) -> None:
    pieces = mn.mnlogit(
        samples.FORMULA, lambda: (FRAME.iloc[i : i + 50] for i in range(0, len(FRAME), 50))
    ).fit()
    for kind in ("lr", "score"):
        for asked in ({"hypothesis": WORDS}, {"term": "x"}, {"outcome": "b"}):
            np.testing.assert_allclose(
                numbers(pieces.test(**asked, kind=kind)),
                numbers(res.test(**asked, kind=kind)),
                rtol=1e-10,
            )
        pd.testing.assert_frame_equal(pieces.anova(kind=kind), res.anova(kind=kind), rtol=1e-10)
    pd.testing.assert_frame_equal(pieces.test_combine(), res.test_combine(), rtol=1e-9)


@pytest.mark.parametrize("kind", ["wald", "lr", "score"])
def test_within_constraints(kind: str) -> None:
    bound = restricted(["b:x = c:x", "d:g[T.v] = 0.2"])
    both = restricted(["b:x = c:x", "d:g[T.v] = 0.2", "d:z = 0", "b:x = 0"])
    found = bound.test("d:z = 0, c:x = 0", kind=kind)
    assert found.df == 2
    if kind == "lr":
        assert found.statistic == pytest.approx(2 * (bound.llf - both.llf), rel=1e-9)
    settled = bound.test("b:x = 0, c:x = 0", kind=kind)
    np.testing.assert_allclose(
        numbers(settled), numbers(bound.test("b:x = 0", kind=kind)), rtol=1e-9
    )
    assert settled.df == 1
    moved = bound.rebase("d").test("a:z = 0, c:x = a:x", kind=kind)
    np.testing.assert_allclose(numbers(moved), numbers(found), rtol=1e-8)
    for words, code in {
        "b:x = c:x": "fixed-by-constraints",
        "d:g[T.v] = 0": "against-constraints",
    }.items():
        with pytest.raises(OptionError) as error:
            bound.test(words, kind=kind)
        assert error.value.code == code


def test_score_and_wald_of_constraints_use_the_covariance_of_the_result() -> None:
    free, bound = samples.fitted(FRAME), restricted("b:x = c:x")
    one = bound.with_cov("robust").constraints_test().statistic
    assert one == pytest.approx(
        free.with_cov("robust").test("b:x = c:x", kind="score").statistic, rel=1e-8
    )
    assert one != pytest.approx(bound.constraints_test().statistic, rel=1e-3)
    wald = bound.with_cov("robust").constraints_test(kind="wald").statistic
    assert wald == pytest.approx(free.with_cov("robust").test("b:x = c:x").statistic, rel=1e-8)
    with pytest.raises(OptionError, match="does not rely on the likelihood"):
        bound.with_cov("robust").constraints_test(kind="lr")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, "one-hypothesis"),
        ({"hypothesis": WORDS, "term": "x"}, "one-hypothesis"),
        ({"term": "x", "outcome": "b"}, "one-hypothesis"),
        ({"term": "xx"}, "unknown-term"),
        ({"term": 3}, "unknown-term"),
        ({"term": []}, "unknown-term"),
        ({"term": ["x", 1]}, "unknown-term"),
        ({"outcome": "e"}, "unknown-outcome"),
        ({"outcome": "a"}, "outcome-is-base"),
        ({"outcome": []}, "unknown-outcome"),
        ({"term": "x", "value": 1}, "value-with-words"),
        ({"term": "x", "kind": "LM"}, "invalid-choice"),
        ({"term": "x", "kind": None}, "invalid-choice"),
    ],
)
def test_what_cannot_be_asked(res: Any, asked: dict[str, Any], code: str) -> None:
    with pytest.raises(OptionError) as error:
        res.test(**asked)
    assert error.value.code == code


@pytest.mark.parametrize("kind", ["wald", "lr", "score", "all"])
def test_dependent_restrictions_are_refused(res: Any, kind: str) -> None:
    with pytest.raises(RankError, match="not independent"):
        res.test("b:x = c:x, c:x = d:x, b:x = d:x", kind=kind)
    constants = mn.mnlogit("y ~ 1", FRAME).fit()
    with pytest.raises(OptionError, match="no slopes"):
        constants.test(outcome="b", kind=kind)
