"""Likelihood ratios scaled by design effects (Rao & Scott 1984)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

import mnlstat as mn
from mnlstat.errors import OptionError, SeparationError
from tests.inference.test_survey import survey

DATA = survey().assign(f3=lambda d: np.array(list("pqr"))[d["year"] % 3])


def fit(right: str, data: Any = DATA, **options: Any) -> Any:
    return mn.mnlogit(f"y ~ {right}", data, **{"sampling_weights": "w", **options}).fit()


def effects(res: Any, term: str) -> Any:
    """Eigenvalues of ``(R I^-1 R')^-1 R V R'``, from full matrices."""
    R = np.eye(len(res.params))[[label.startswith(term) for _, label in res.index]]
    inverse = np.linalg.inv(res.likelihood.information(res.params.to_numpy()))
    V = res.cov_params().to_numpy()
    return np.linalg.eigvals(np.linalg.solve(R @ inverse @ R.T, R @ V @ R.T)).real


@pytest.mark.parametrize("term", ["z", "f3"])
@pytest.mark.parametrize("design", [None, {"strata": "stratum", "psu": "psu"}])
def test_by_hand(term: str, design: Any) -> None:
    res = fit("x + z + f3")
    res = res if design is None else res.with_cov("survey", **design)
    row = mn.drop1(res, test="Rao-Scott", criterion=None).loc[term]
    small = fit("x + f3" if term == "z" else "x + z")
    delta, X = effects(res, term), 2 * (res.llf - small.llf)
    df = delta.sum() ** 2 / (delta**2).sum()
    assert row["df"] == pytest.approx(df, rel=1e-8)
    if design is None:
        scaled = X * delta.sum() / (delta**2).sum()
        assert row["statistic"] == pytest.approx(scaled, rel=1e-8)
        assert row["p_value"] == pytest.approx(stats.chi2.sf(scaled, df), rel=1e-7)
    else:
        F = X / delta.sum()
        assert row["statistic"] == pytest.approx(F, rel=1e-8)
        assert row["df_denom"] == pytest.approx(20 * df, rel=1e-8)
        assert row["p_value"] == pytest.approx(stats.f.sf(F, df, 20 * df), rel=1e-7)
    added = mn.add1(small.with_cov("survey", **design) if design else small, f"~ . + {term}",
                    test="Rao-Scott", criterion=None)  # fmt: skip
    assert added.loc[term, "p_value"] == pytest.approx(row["p_value"], rel=1e-6)


def test_of_a_likelihood_it_is_the_likelihood_ratio() -> None:
    res = fit("x + z*f3", sampling_weights=None)
    plain, scaled = mn.drop1(res), mn.drop1(res, test="Rao-Scott")
    np.testing.assert_allclose(scaled, plain, rtol=1e-8)


def test_the_unit_of_weights_and_the_base_do_not_matter() -> None:
    one = mn.drop1(fit("x + z"), test="Rao-Scott", criterion=None)
    many = fit("x + z", DATA.assign(w=1e6 * DATA["w"]), base="d")
    other = mn.drop1(many, test="Rao-Scott", criterion=None)
    columns = ["df", "statistic", "p_value"]
    np.testing.assert_allclose(other[columns], one[columns], rtol=1e-7)


def test_what_has_none() -> None:
    with pytest.raises(OptionError, match="pseudo-likelihood"):
        mn.drop1(fit("x + z"), test="Rao-Scott")
    for penalty in ("jeffreys", mn.Ridge(1.0)):
        res = mn.mnlogit("y ~ x + z", DATA).fit(penalty=penalty)
        with pytest.raises(OptionError, match="penalised"):
            mn.drop1(res, test="Rao-Scott", criterion=None)
    res = fit("x + z", sampling_weights=None).with_cov("CR2", groups="school")
    with pytest.raises(OptionError, match="degrees of freedom for each"):
        mn.drop1(res, test="Rao-Scott")
    recoded = mn.drop1(fit("0 + f3 + g"), test="Rao-Scott", criterion=None)
    assert np.isnan(recoded.loc["f3", "p_value"])
    toy = mn.datasets.separated_toy()
    separated = mn.mnlogit("y ~ x + z", toy).fit(separation="ignore")
    with pytest.raises((SeparationError, OptionError, mn.errors.ConvergenceError)):
        mn.drop1(separated, test="Rao-Scott", criterion=None)


R = ["b:x = c:x, d:x = 0.1", "b:z = 0, c:z = 0.2, d:x = 0"]


@pytest.mark.parametrize("hypothesis", R)
@pytest.mark.parametrize("design", [None, {"strata": "stratum", "psu": "psu"}])
def test_any_linear_hypothesis_by_hand(hypothesis: str, design: Any) -> None:
    res = fit("x + z + f3")
    bound = mn.mnlogit("y ~ x + z + f3", DATA, sampling_weights="w",
                       constraints=hypothesis.split(", ")).fit()  # fmt: skip
    res = res if design is None else res.with_cov("survey", **design)
    labels = [f"{outcome}:{term}" for outcome, term in res.index]
    wanted = {
        R[0]: [{"b:x": 1, "c:x": -1}, {"d:x": 1}],
        R[1]: [{"b:z": 1}, {"c:z": 1}, {"d:x": 1}],
    }
    rows = np.array([[row.get(label, 0.0) for label in labels] for row in wanted[hypothesis]])
    inverse = np.linalg.inv(res.likelihood.information(res.params.to_numpy()))
    V, X = res.cov_params().to_numpy(), 2 * (res.llf - bound.llf)
    delta = np.linalg.eigvals(
        np.linalg.solve(rows @ inverse @ rows.T, rows @ V @ rows.T)
    ).real  # fmt: skip
    m, df = len(rows), delta.sum() ** 2 / (delta**2).sum()
    second = res.test(hypothesis, kind="Rao-Scott")
    first = res.test(hypothesis, kind="Rao-Scott first-order")
    assert (second.kind, first.kind) == ("Rao-Scott", "Rao-Scott first-order")
    assert second.df == pytest.approx(df, rel=1e-8)
    assert first.df == m
    if design is None:
        assert second.statistic == pytest.approx(X * delta.sum() / (delta**2).sum(), rel=1e-7)
        assert first.statistic == pytest.approx(X * m / delta.sum(), rel=1e-7)
        assert first.pvalue == pytest.approx(stats.chi2.sf(first.statistic, m), rel=1e-8)
        assert second.pvalue == pytest.approx(stats.chi2.sf(second.statistic, df), rel=1e-7)
    else:
        for test, numerator in ((second, df), (first, m)):
            assert test.statistic == pytest.approx(X / delta.sum(), rel=1e-7)
            assert test.df_denom == pytest.approx(20 * numerator, rel=1e-8)
            tail = stats.f.sf(test.statistic, numerator, 20 * numerator)
            assert test.pvalue == pytest.approx(tail, rel=1e-6)


def test_of_a_term_it_is_that_of_drop1() -> None:
    res = fit("x + z + f3").with_cov("survey", strata="stratum", psu="psu")
    for kind in ("Rao-Scott", "Rao-Scott first-order"):
        table = mn.drop1(res, test=kind, criterion=None)
        for term in ("x", "z", "f3"):
            test = res.test(term=term, kind=kind)
            row = table.loc[term]
            assert test.statistic == pytest.approx(row["statistic"], rel=1e-7)
            assert test.df == pytest.approx(row["df"], rel=1e-7)
            assert test.pvalue == pytest.approx(row["p_value"], rel=1e-6)


def test_of_a_likelihood_any_hypothesis_is_the_likelihood_ratio() -> None:
    res = fit("x + z", sampling_weights=None)
    plain, scaled = (res.test("b:x = c:x, d:z = 0", kind=kind) for kind in ("lr", "Rao-Scott"))
    assert scaled.statistic == pytest.approx(plain.statistic, rel=1e-9)
    assert scaled.df == pytest.approx(2, rel=1e-9)
    for many in (res.rebase("d"), res):
        assert many.test("b:x = c:x", kind="rao-scott").df == pytest.approx(1, rel=1e-12)


def test_under_constraints_it_is_of_what_they_leave_open() -> None:
    res = fit("x + z", parallel="z").with_cov("survey", strata="stratum", psu="psu")
    one, all_ = res.test("b:z = 0", kind="Rao-Scott"), res.test(term="z", kind="Rao-Scott")
    assert one.df == pytest.approx(1)
    assert all_.statistic == pytest.approx(one.statistic, rel=1e-8)


def test_refused_likelihood_ratios_name_it() -> None:
    weighted, robust = fit("x + z"), fit("x + z", sampling_weights=None).with_cov("HC1")
    for res in (weighted, robust):
        for call in (lambda r: r.test("b:x = 0", kind="lr"), lambda r: r.anova(kind="LR"),
                     mn.drop1, lambda r: mn.anova(r, r.update(". ~ . - z"))):  # fmt: skip
            with pytest.raises(OptionError, match="'Rao-Scott'"):
                call(res)
        assert "kind='Rao-Scott' scales it" in res.test("b:x = 0", kind="all").notes["lr"]
        assert res.test("b:x = 0", kind="Rao-Scott").pvalue < 1


def test_hypotheses_without_a_scale() -> None:
    jeffreys = mn.mnlogit("y ~ x + z", DATA).fit(penalty="jeffreys")
    with pytest.raises(OptionError, match="penalised"):
        jeffreys.test("b:x = 0", kind="Rao-Scott")
    cr2 = fit("x + z", sampling_weights=None).with_cov("CR2", groups="school")
    with pytest.raises(OptionError, match="degrees of freedom for each"):
        cr2.test("b:x = 0", kind="Rao-Scott")
    toy = mn.mnlogit("y ~ x + z", mn.datasets.separated_toy()).fit(separation="ignore")
    with pytest.raises(SeparationError, match="no design effects"):
        toy.test(term="z", kind="Rao-Scott")
    with pytest.raises(OptionError, match="'rao-scott'"):
        fit("x").test("b:x = 0", kind="rao")


@pytest.mark.parametrize("kind", ["Rao-Scott", "Rao-Scott first-order"])
@pytest.mark.parametrize("design", [None, {"strata": "stratum", "psu": "psu"}])
def test_tables_of_terms_are_tests_in_the_models_without_others(kind: str, design: Any) -> None:
    def under(right: str, **options: Any) -> Any:
        res = fit(right, **options)
        return res if design is None else res.with_cov("survey", **design)

    whole, without, alone = under("x*z + f3"), under("x + z + f3"), under("f3 + x")
    two, one = whole.anova(type=2, kind=kind), under("f3 + x + x:z").anova(type=1, kind=kind)
    wanted = {
        ("x", "two"): (two, without.test(term="x", kind=kind)),
        ("z", "two"): (two, without.test(term="z", kind=kind)),
        ("x:z", "two"): (two, whole.test(term="x:z", kind=kind)),
        ("x", "one"): (one, alone.test(term="x", kind=kind)),
    }
    assert two.attrs["kind"] == kind
    for (term, _), (table, test) in wanted.items():
        row = table.loc[term]
        assert row["statistic"] == pytest.approx(test.statistic, rel=1e-6)
        assert row["df"] == pytest.approx(test.df, rel=1e-6)
        assert row["p_value"] == pytest.approx(test.pvalue, rel=1e-5)
        if design is not None:
            assert row["df_denom"] == pytest.approx(test.df_denom, rel=1e-6)
    bound = under("x*z", parallel="z").anova(kind=kind).loc["z"]
    direct = under("x + z", parallel="z").test(term="z", kind=kind)
    assert bound["p_value"] == pytest.approx(direct.pvalue, rel=1e-5)


def test_tables_of_terms_without_a_scale() -> None:
    jeffreys = mn.mnlogit("y ~ x + z", DATA).fit(penalty="jeffreys")
    with pytest.raises(OptionError, match="penalised"):
        jeffreys.anova(kind="Rao-Scott")
    weights = np.column_stack([DATA["w"]] * 30) * np.random.default_rng(2).uniform(0.5, 1.5, 30)
    weights *= np.random.default_rng(3).uniform(0.5, 1.5, weights.shape)
    res = fit("x*z").with_cov("survey", replicates=weights, method="bootstrap")
    assert res.anova(type=3, kind="Rao-Scott")["p_value"].notna().all()
    with pytest.raises(OptionError, match="replicates tell of this one alone"):
        res.anova(type=2, kind="Rao-Scott")


def test_merged_outcomes() -> None:
    res = fit("x + z").with_cov("survey", strata="stratum", psu="psu")
    for kind in ("Rao-Scott", "Rao-Scott first-order"):
        row = res.test_combine("b", "c", kind=kind).iloc[0]
        test = res.test("b:x = c:x, b:z = c:z", kind=kind)
        assert row["test"] == kind
        assert row["statistic"] == pytest.approx(test.statistic, rel=1e-7)
        assert row["df"] == pytest.approx(test.df, rel=1e-8)
        assert row["p_value"] == pytest.approx(test.pvalue, rel=1e-6)
    jeffreys = mn.mnlogit("y ~ x + z", DATA).fit(penalty="jeffreys")
    with pytest.raises(OptionError, match=r"test_combine\(kind='Rao-Scott'\): the scores"):
        jeffreys.test_combine(kind="Rao-Scott")
