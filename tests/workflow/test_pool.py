"""Multiple imputation: Rubin's rules against arithmetic by hand, and what must not change."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import mnlstat as mn
from mnlstat.errors import ConvergenceError, DataError, OptionError, RankError, SeparationError
from mnlstat.inference.pooled_tests import d3, denominator, of_statistics
from mnlstat.inference.rubin import Imputations, barnard_rubin

M = 4
FORMULA = "party ~ educ + age"


def anes() -> pd.DataFrame:
    frame = mn.datasets.anes96()
    return frame.assign(party=frame["PID"].replace({"p1": "p0", "p3": "p4", "p5": "p6"}))


@cache
def completed() -> tuple[pd.DataFrame, ...]:
    frame, rng = anes(), np.random.default_rng(7)
    lost = rng.random(len(frame)) < 0.3
    seen = frame["educ"][~lost].to_numpy()
    return tuple(
        frame.assign(educ=frame["educ"].where(~lost, rng.choice(seen, len(frame))))
        for _ in range(M)
    )


@cache
def fits() -> tuple[Any, ...]:
    return tuple(mn.mnlogit(FORMULA, frame).fit() for frame in completed())


@cache
def pooled() -> Any:
    return mn.pool(fits())


def by_hand() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    Q = np.array([res.params.to_numpy() for res in fits()])
    W = np.mean([res.cov_params().to_numpy() for res in fits()], axis=0)
    return Q, W, np.cov(Q.T)


def test_three_numbers_by_hand() -> None:
    # Q = 2, W = 0.5, B = 1, T = 0.5 + 4/3, r = 8/3, share = 8/11
    found = Imputations(np.array([[1.0], [2.0], [3.0]]), (np.array([[math.sqrt(0.5)]]),) * 3, 20.0)
    assert found.mean[0] == 2.0
    assert found.covariance().standard_errors()[0] ** 2 == pytest.approx(11 / 6, rel=1e-14)
    assert found.increase[0] == pytest.approx(8 / 3, rel=1e-14)
    assert found.share[0] == pytest.approx(8 / 11, rel=1e-14)
    old, seen = 2 / (8 / 11) ** 2, 21 / 23 * 20 * 3 / 11
    df = old * seen / (old + seen)
    assert found.single(1)[0] == pytest.approx(df, rel=1e-14)
    assert found.missing[0] == pytest.approx((8 / 3 + 2 / (df + 3)) / (11 / 3), rel=1e-14)


def test_rules_of_rubin() -> None:
    (Q, W, B), res = by_hand(), pooled()
    T = W + (1 + 1 / M) * B
    np.testing.assert_allclose(res.params, Q.mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(res.cov_params("within"), W, rtol=1e-10)
    np.testing.assert_allclose(res.cov_params("between"), B, rtol=1e-10, atol=1e-16)
    np.testing.assert_allclose(res.cov_params(), T, rtol=1e-10)
    r = (1 + 1 / M) * np.diag(B) / np.diag(W)
    np.testing.assert_allclose(res.riv, r, rtol=1e-10)
    complete = fits()[0].nobs - len(r)
    assert res.df_complete == complete
    old = (M - 1) * (1 + 1 / r) ** 2
    seen = (complete + 1) / (complete + 3) * complete / (1 + r)
    np.testing.assert_allclose(res.df_t, 1 / (1 / old + 1 / seen), rtol=1e-10)
    np.testing.assert_allclose(res.fmi, (r + 2 / (res.df_t + 3)) / (1 + r), rtol=1e-10)
    t = res.params / np.sqrt(np.diag(T))
    np.testing.assert_allclose(res.pvalues, 2 * stats.t.sf(abs(t), res.df_t), rtol=1e-9)
    reach = stats.t.ppf(0.95, res.df_t) * np.sqrt(np.diag(T))
    np.testing.assert_allclose(res.conf_int(0.1)["conf_high"], res.params + reach, rtol=1e-9)


def test_without_variance_between_the_fit_itself_is_left() -> None:
    one = fits()[0]
    same = mn.pool([one] * 3, df_complete=math.inf)
    np.testing.assert_allclose(same.bse, one.bse, rtol=1e-12)
    np.testing.assert_allclose(same.pvalues, one.pvalues, rtol=1e-10)
    pd.testing.assert_frame_equal(same.conf_int(), one.conf_int(), rtol=1e-12)
    wald = one.test(term="educ")
    for kind in ("D1", "D2"):
        found = same.test(term="educ", kind=kind)
        assert found.statistic * found.df == pytest.approx(wald.statistic, rel=1e-10)
        assert found.pvalue == pytest.approx(wald.pvalue, rel=1e-9)
    ratio = same.test(term="educ", kind="D3")
    assert 3 * ratio.statistic == pytest.approx(one.test(term="educ", kind="lr").statistic)
    limited = mn.pool([one] * 3).df_t
    assert limited.to_numpy() == pytest.approx(barnard_rubin(np.zeros(1), 3, 935.0)[0])


def test_d1_by_matrices() -> None:
    (Q, W, B), names = by_hand(), list(pooled().index)
    chosen = [at for at, (_, term) in enumerate(names) if term == "educ"]
    q, w, b = Q.mean(axis=0)[chosen], W[np.ix_(chosen, chosen)], B[np.ix_(chosen, chosen)]
    k = len(chosen)
    r = (1 + 1 / M) * np.trace(b @ np.linalg.inv(w)) / k
    statistic = q @ np.linalg.inv(w) @ q / (k * (1 + r))
    t = k * (M - 1)
    v = 4 + (t - 4) * (1 + (1 - 2 / t) / r) ** 2
    found = mn.pool(fits(), df_complete=math.inf).test(term="educ")
    assert found.statistic == pytest.approx(statistic, rel=1e-9)
    assert found.df_denom == pytest.approx(v, rel=1e-9)
    assert found.pvalue == pytest.approx(stats.f.sf(statistic, k, v), rel=1e-8)
    small = pooled().test(term="educ")
    assert small.statistic == pytest.approx(statistic, rel=1e-9)
    assert small.df_denom < v


def test_one_restriction_is_the_square_of_t() -> None:
    name = f"{pooled().outcomes[1]}:educ"
    found = pooled().test(f"{name} = 0")
    at = (pooled().outcomes[1], "educ")
    assert found.statistic == pytest.approx(pooled().tvalues[at] ** 2, rel=1e-10)
    assert found.df_denom == pytest.approx(pooled().df_t[at], rel=1e-10)
    assert found.pvalue == pytest.approx(pooled().pvalues[at], rel=1e-9)


def reiter(k: int, m: int, r: float, complete: float) -> float:
    """Equation (1) of Reiter (2007), term after term."""
    t = k * (m - 1)
    a, v = r * t / (t - 2), (complete + 1) / (complete + 3) * complete
    c0, c1, c2 = 1 / (t - 4), v - 2 * (1 + a), v - 4 * (1 + a)
    z = 1 / c2 + c0 * (a**2 * c1 / ((1 + a) ** 2 * c2))
    z += c0 * (8 * a**2 * c1 / ((1 + a) * c2**2) + 4 * a**2 / ((1 + a) * c2))
    z += c0 * (4 * a**2 / (c2 * c1) + 16 * a**2 * c1 / c2**3) + c0 * (8 * a**2 / c2**2)
    return 4 + 1 / z


@pytest.mark.parametrize("r", [0.05, 0.4, 2.0])
@pytest.mark.parametrize(("k", "m"), [(2, 5), (3, 10), (8, 20)])
def test_denominator_degrees_of_freedom(k: int, m: int, r: float) -> None:
    t = k * (m - 1)
    large = 4 + (t - 4) * (1 + (1 - 2 / t) / r) ** 2
    assert denominator(k, m, r) == pytest.approx(large, rel=1e-13)
    assert denominator(k, m, r, 60.0) == pytest.approx(reiter(k, m, r, 60.0), rel=1e-12)
    assert denominator(k, m, r, 60.0) < min(large, 60.0)
    # for complete data without end the one becomes nearly the other
    assert denominator(k, m, r, 1e12) == pytest.approx(large, rel=0.01)


def test_denominator_with_few_imputations() -> None:
    assert denominator(2, 3, 0.5) == pytest.approx(4 * 1.5 * 9 / 2)
    assert denominator(2, 3, 0.5, 1e9) == pytest.approx(27.0)
    assert denominator(2, 3, 0.01, 30.0) == pytest.approx(31 / 33 * 30)
    assert denominator(2, 3, 0.0) == math.inf


def test_d2_by_hand() -> None:
    found = of_statistics([4.0, 9.0], 1, "h")
    # roots 2 and 3: r = 1.5 * 0.5; D2 = (6.5 - 3 * 0.75) / 1.75, v = (1 + 4/3)^2
    assert found.statistic == pytest.approx(4.25 / 1.75)
    assert found.df_denom == pytest.approx(49 / 9)
    walds = [res.test(term="educ").statistic for res in fits()]
    same = of_statistics(walds, 3, "educ = 0 in every equation")
    mine = pooled().test(term="educ", kind="D2")
    assert mine.statistic == pytest.approx(same.statistic, rel=1e-10)
    assert mine.df_denom == pytest.approx(same.df_denom, rel=1e-8)


def test_d3_from_fits_under_the_hypothesis() -> None:
    small = [res.update(". ~ . - educ") for res in fits()]
    b = np.mean([res.params for res in fits()], axis=0)
    b0 = np.mean([res.params for res in small], axis=0)
    own = [2 * (res.llf - less.llf) for res, less in zip(fits(), small, strict=True)]
    shared = [
        2 * (res.likelihood.loglike(b) - less.likelihood.loglike(b0))
        for res, less in zip(fits(), small, strict=True)
    ]
    r = (M + 1) / (3 * (M - 1)) * (np.mean(own) - np.mean(shared))
    found = pooled().test(term="educ", kind="D3")
    assert found.statistic == pytest.approx(np.mean(shared) / (3 * (1 + r)), rel=1e-7)
    assert found.df_denom == pytest.approx(denominator(3, M, r), rel=1e-5)
    assert d3([1.0, 1.0], [2.0, 2.0], 1, "h").statistic == 2.0  # r is not negative


@pytest.mark.parametrize("kind", ["D1", "D2", "D3"])
def test_nothing_depends_on_the_base_or_on_the_order(kind: str) -> None:
    last = pooled().outcomes[-1]
    one = pooled().test_slopes(kind)
    for other in (pooled().rebase(last), mn.pool(fits()[::-1]), mn.pool(list(fits()))):
        found = other.test_slopes(kind)
        assert found.statistic == pytest.approx(one.statistic, rel=1e-7)
        assert found.df_denom == pytest.approx(one.df_denom, rel=1e-5)


def test_fits_against_other_bases_are_rebased_with_a_note() -> None:
    a, b, *rest = fits()
    mixed = mn.pool([a, b.rebase(b.outcomes[1]), *rest])
    np.testing.assert_allclose(mixed.params, pooled().params, rtol=1e-10)
    np.testing.assert_allclose(mixed.cov_params(), pooled().cov_params(), rtol=1e-8)
    assert "Imputation 2 had another base" in str(mixed)
    assert pooled().notes == ()


def test_effects_are_pooled_like_coefficients() -> None:
    effects = [res.margins("educ") for res in fits()]
    found = pooled().margins("educ")
    Q = np.array([each.estimates for each in effects])
    W = np.mean([each.cov.to_numpy() for each in effects], axis=0)
    T = W + (1 + 1 / M) * np.cov(Q.T)
    np.testing.assert_allclose(found.frame["estimate"], Q.mean(axis=0), rtol=1e-13)
    np.testing.assert_allclose(found.frame["std_error"], np.sqrt(np.diag(T)), rtol=1e-10)
    alone = mn.pool(effects)
    np.testing.assert_allclose(alone.frame["std_error"], found.frame["std_error"])
    share = (1 + 1 / M) * np.var(Q, axis=0, ddof=1) / np.diag(T)
    large = stats.t.sf(abs(Q.mean(axis=0)) / np.sqrt(np.diag(T)), (M - 1) / share**2)
    np.testing.assert_allclose(alone.frame["p_value"], 2 * large, rtol=1e-8)
    given = mn.pool(effects, df_complete=pooled().df_complete)
    pd.testing.assert_frame_equal(given.frame, found.frame)
    difference = found.contrasts("outcome").frame["estimate"][0]
    assert difference == pytest.approx(Q.mean(axis=0)[1] - Q.mean(axis=0)[0])
    # the last effect follows from the others: which is left out does not matter
    part = Imputations(Q[:, 1:], tuple(e.estimands.covariance.root[1:] for e in effects), 935.0)
    for kind in ("D1", "D2"):
        test = found.test(kind)
        assert test.df == 3
        from mnlstat.inference import pooled_tests

        same = getattr(pooled_tests, kind.lower())(part, "")
        assert test.statistic == pytest.approx(same.statistic, rel=1e-8)


def test_predictions_ratios_and_means() -> None:
    probabilities = pooled().average_predictions().frame
    assert probabilities["estimate"].sum() == pytest.approx(1.0)
    assert probabilities["conf_low"].between(0, 1).all()
    given = [mn.mnlogit("party ~ educ + C(vote)", frame).fit() for frame in completed()]
    means = mn.pool(given).marginal_means()
    each = [res.marginal_means().estimates for res in given]
    np.testing.assert_allclose(means.estimates, np.mean(each, axis=0), rtol=1e-12)
    ratio = pooled().comparisons("educ", comparison="ratio")
    logs = [np.log(r.comparisons("educ", comparison="ratio").estimates) for r in fits()]
    np.testing.assert_allclose(np.log(ratio.estimates), np.mean(logs, axis=0), rtol=1e-12)


def test_tables_and_reports() -> None:
    frame = pooled().tidy(exponentiate=True)
    assert list(frame.columns[-3:]) == ["df", "fmi", "riv"]
    np.testing.assert_allclose(frame["estimate"], np.exp(pooled().params))
    text = str(pooled())
    assert max(map(len, text.splitlines())) <= 80
    assert "M = 4" in text and "FMI" in text and "Complete-data df   935" in text
    assert "<table" in pooled()._repr_html_()
    assert "RRR" in str(pooled().summary(rrr=True))


def test_covariances_with_degrees_of_freedom() -> None:
    clustered = [r.with_cov("cluster", groups="income", use_t=True) for r in fits()]
    assert mn.pool(clustered).df_complete == clustered[0].df_t.iloc[0]
    robust = [r.with_cov("robust") for r in fits()]
    assert mn.pool(robust).df_complete == 935
    with pytest.raises(OptionError, match="robust"):
        mn.pool(robust).test(term="educ", kind="D3")
    with pytest.raises(DataError, match="covariance"):
        mn.pool([fits()[0], robust[1]])


def code_of(results: Any, **options: Any) -> str:
    with pytest.raises(mn.errors.MnlstatError) as caught:
        mn.pool(results, **options)
    return caught.value.code


def test_what_cannot_be_pooled_is_named() -> None:
    one, two, *_ = fits()
    other = mn.mnlogit("party ~ educ", completed()[0]).fit()
    fewer = mn.mnlogit(FORMULA, completed()[0].iloc[1:]).fit()
    assert code_of([one]) == code_of(one) == code_of([]) == "too-few-imputations"
    assert code_of([one, other]) == code_of([one, fewer]) == "imputations-differ"
    assert code_of([one, one.margins()]) == code_of(["a", "b"]) == "not-results"
    assert code_of([one.margins("age"), two.margins("educ")]) == "imputations-differ"
    assert code_of([one, two], df_complete=-1) == "not-positive"
    assert code_of([one, two], df_complete="many") == "not-positive"
    with pytest.raises(DataError, match=r"imputation 2 has another number of rows.*943, not 944"):
        mn.pool([one, fewer])
    with pytest.raises(RankError):
        pooled().test(["p4:educ = 0", "p4:educ = 0"])
    with pytest.raises(OptionError, match="D4"):
        pooled().test(term="educ", kind="D4")


@pytest.mark.filterwarnings("ignore::mnlstat.errors.MnlstatWarning")
def test_members_without_standard_errors_are_named() -> None:
    toy = mn.datasets.separated_toy()
    separated = mn.mnlogit("y ~ x + z", toy).fit()
    with pytest.raises(SeparationError, match="imputation 1"):
        mn.pool([separated, separated])
    stopped = mn.mnlogit(FORMULA, completed()[1]).fit(maxiter=1)
    with pytest.raises(ConvergenceError, match="imputation 2"):
        mn.pool([fits()[0], stopped])
    ridge = [mn.mnlogit(FORMULA, f).fit(penalty=mn.Ridge(1.0)) for f in completed()[:2]]
    assert code_of(ridge) == "no-errors-of-ridge"
    firth = mn.pool([mn.mnlogit(FORMULA, f).fit(penalty="jeffreys") for f in completed()[:2]])
    assert firth.test(term="educ").pvalue > 0
    with pytest.raises(OptionError, match="penalised"):
        firth.test(term="educ", kind="D3")


def test_likelihood_ratios_need_the_rows() -> None:
    import pickle

    loaded = mn.pool([pickle.loads(pickle.dumps(res)) for res in fits()])
    assert loaded.test(term="educ").pvalue == pytest.approx(pooled().test(term="educ").pvalue)
    with pytest.raises(DataError, match="rows"):
        loaded.test(term="educ", kind="D3")


def test_aliased_in_one_imputation_alone() -> None:
    frames = [f.assign(z=f["educ"] * 2.0) for f in completed()[:2]]
    frames[1]["z"] = np.arange(len(frames[1])) % 7
    with pytest.warns(mn.errors.AliasedWarning):
        models = [mn.mnlogit("party ~ educ + z", f).fit() for f in frames]
    with pytest.raises(DataError, match="z is aliased"):
        mn.pool(models)
