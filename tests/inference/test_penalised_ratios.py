"""Likelihood ratios of bias-reduced fits: all with the information of the whole design."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

import mnlstat as mn
from mnlstat.errors import ConvergenceError, OptionError
from mnlstat.inference.likelihood_tests import ratio_test
from mnlstat.inference.profiled import Profiled
from tests.inference import samples


@functools.cache
def separated() -> Any:
    """Data of which the maximum of the likelihood is infinite."""
    return mn.mnlogit("y ~ x + z", mn.datasets.separated_toy()).fit(penalty="jeffreys")


@functools.cache
def ordinary() -> Any:
    return mn.mnlogit("y ~ x * g + z", samples.frame()).fit(penalty="jeffreys")


@functools.cache
def summing() -> Any:
    model = mn.mnlogit("y ~ x * C(g, Sum) + z", samples.frame())
    return model.fit(penalty="jeffreys")


PRODUCT = "x:C(g, Sum)"
FITS = [separated, ordinary]


def penalised(res: Any, b: Any) -> float:
    """``l + 1/2 log|I|`` from its definition."""
    sign, logdet = np.linalg.slogdet(res.likelihood.information(b))
    assert sign > 0
    return float(res.likelihood.loglike(b) + logdet / 2)


def largest(res: Any, R: Any, r: Any) -> float:
    """Its maximum under ``R b = r`` by a general optimiser."""
    origin = np.linalg.lstsq(R, r, rcond=None)[0]
    free = np.linalg.svd(R)[2][len(R) :].T
    start = free.T @ (res.estimates.values - origin)
    best = minimize(lambda phi: -penalised(res, origin + free @ phi), start, method="BFGS")
    return -float(best.fun)


@pytest.mark.parametrize("fit", FITS)
def test_twice_the_loss_of_the_penalised_likelihood(fit: Any) -> None:
    res = fit()
    term = res.terms[1].name
    rows = np.eye(len(res.params))[res.index.get_level_values("term").str.startswith(term)]
    rows = rows if fit is separated else np.eye(len(res.params))[[1, 7]]
    asked = {"term": term} if fit is separated else {"hypothesis": rows}
    found = res.test(kind="lr", **asked)
    top = penalised(res, res.estimates.values)
    assert top == pytest.approx(res.penalised_llf, rel=1e-12)
    expected = 2 * (top - largest(res, rows, np.zeros(len(rows))))
    assert found.statistic == pytest.approx(expected, abs=1e-6)
    assert found.df == len(rows) and found.kind == "LR"


@pytest.mark.parametrize("fit", FITS)
def test_one_coefficient_is_the_profile_at_zero(fit: Any) -> None:
    res = fit()
    profiled = Profiled(res.likelihood, res.estimates, res.llf, penalised=True)
    for c, (outcome, term) in zip(np.eye(len(res.params)), res.index, strict=True):
        problem: Any = profiled.problem(c)
        root = problem.root(problem.line.stop(0.0 - problem.shift, problem.start)).value
        found = res.test(f"{outcome}:{term} = 0", kind="lr").statistic
        assert found == pytest.approx(root**2, rel=1e-9, abs=1e-11)


def test_limits_of_the_profile_are_on_the_edge_of_the_test() -> None:
    res = separated()
    ends = res.conf_int(method="profile", alpha=0.1)
    for outcome, term in res.index:
        for end in ends.loc[(outcome, term)]:
            found = res.test(f"{outcome}:{term} = {end!r}", kind="lr")
            assert found.pvalue == pytest.approx(0.1, abs=1e-9)


@pytest.mark.parametrize("sort", [1, 2, 3])
def test_tables_are_made_of_nested_maxima(sort: int) -> None:
    res = summing()
    table = res.anova(type=sort, kind="LR")
    assert table.attrs["kind"] == "LR"
    loss = res.test(term=PRODUCT, kind="lr").statistic
    assert table.loc[PRODUCT, "statistic"] == pytest.approx(
        loss if sort != 1 else _sequential(res, [PRODUCT, "z"], ["z"]), rel=1e-8
    )
    if sort == 2:
        both = res.test(term=["x", PRODUCT], kind="lr").statistic
        assert table.loc["x", "statistic"] == pytest.approx(both - loss, rel=1e-8)
    if sort == 1:  # nothing is lost between the steps
        slopes = res.test(term=[t.name for t in res.terms if t.factors], kind="lr").statistic
        assert table["statistic"].sum() == pytest.approx(slopes, rel=1e-9)


def _sequential(res: Any, with_term: list[str], without: list[str]) -> float:
    return float(
        res.test(term=with_term, kind="lr").statistic - res.test(term=without, kind="lr").statistic
    )


@pytest.mark.parametrize("fit", FITS)
def test_base_and_units_of_columns_do_not_matter(fit: Any) -> None:
    res = fit()
    other = res.rebase(res.outcomes[1])
    np.testing.assert_allclose(other.anova(), res.anova(), rtol=1e-8)
    pair = res.outcomes[1], res.outcomes[2]
    one, two = (r.test_combine(*pair, kind="LR")["statistic"].item() for r in (res, other))
    assert one == pytest.approx(two, rel=1e-8)
    if fit is ordinary:
        scaled = samples.frame().assign(x=lambda f: 1e6 * f["x"] + 1e4)
        moved = mn.mnlogit("y ~ x * g + z", scaled).fit(penalty="jeffreys")
        term = "x:g"
        np.testing.assert_allclose(moved.anova().loc[term], res.anova().loc[term], rtol=1e-7)


def test_frequency_weights_are_repeated_rows() -> None:
    data = samples.frame(90)
    times = np.arange(90) % 3 + 1
    weighted = mn.mnlogit("y ~ x + z", data.assign(f=times), freq_weights="f")
    repeated = mn.mnlogit("y ~ x + z", data.loc[data.index.repeat(times)])
    one, two = (m.fit(penalty="jeffreys").anova() for m in (weighted, repeated))
    np.testing.assert_allclose(one, two, rtol=1e-8)


def test_nothing_free_and_a_hypothesis_far_away() -> None:
    res = separated()
    p = len(res.params)
    fixed = res.test(np.eye(p), np.zeros(p), kind="lr")
    expected = 2 * (penalised(res, res.estimates.values) - penalised(res, np.zeros(p)))
    assert fixed.statistic == pytest.approx(expected, rel=1e-10) and fixed.df == p
    profiled = Profiled(res.likelihood, res.estimates, res.llf, penalised=True)
    problem: Any = profiled.problem(np.eye(p)[list(res.index).index(("C", "x[T.yes]"))])
    for value in (10.0, 20.0):
        root = problem.root(problem.line.stop(value - problem.shift, problem.peak)).value
        far = res.test(f"C:x[T.yes] = {value}", kind="lr").statistic
        assert far == pytest.approx(root**2, rel=1e-8)
    with pytest.raises(ConvergenceError) as error:  # the determinant is rounding there
        res.test("C:x[T.yes] = 60", kind="lr")
    assert error.value.code == "restricted-fit"


def test_merging_outcomes_is_the_same_hypothesis_in_words() -> None:
    res = separated()
    table = res.test_combine("B", "C").set_index("test")
    words = res.test("B:x[T.yes] = C:x[T.yes], B:z = C:z", kind="lr")
    assert table.loc["LR", "statistic"] == pytest.approx(words.statistic, rel=1e-9)
    assert np.isnan(table.loc["score", "statistic"])


def test_the_score_is_refused_and_left_blank() -> None:
    res = separated()
    calls = [
        lambda: res.test("C:z = 0", kind="score"),
        lambda: res.anova(kind="score"),
        lambda: res.test_combine("B", "C", kind="score"),
    ]
    for call in calls:
        with pytest.raises(OptionError) as error:
            call()
        assert error.value.code == "score-of-penalised"
    every = res.test("C:z = 0", kind="all")
    assert every["score"] is None and every["lr"].statistic > 0
    assert "penalised estimate" in str(every)


def test_what_is_made_of_other_designs_points_to_it() -> None:
    res = separated()
    for call in (lambda: mn.drop1(res), lambda: mn.anova(res, res)):
        with pytest.raises(OptionError, match=r"res\.anova\(\) tests its terms") as error:
            call()
        assert error.value.code == "lr-of-penalised"


def test_results_that_were_saved_with_their_rows(tmp_path: Any) -> None:
    res = separated()
    loaded = mn.load(res.save(tmp_path / "fit.mnl", include_data=True))
    pd.testing.assert_frame_equal(loaded.anova(), res.anova(), rtol=1e-9)


def test_a_smaller_maximum_that_is_larger_is_none() -> None:
    with pytest.raises(ConvergenceError) as error:
        ratio_test(-10.0, -9.0, 1, "b:x = 0")
    assert error.value.code == "not-a-maximum"
    assert ratio_test(-10.0, -10.0 + 1e-12, 1, "b:x = 0").statistic == 0.0


def test_the_summary_says_where_they_are() -> None:
    assert "test(kind='lr')" in " ".join(str(separated().summary()).split())


def apart(n: int = 40, seed: int = 7) -> Any:
    """A bias-reduced fit of data that a plane separates."""
    x, z = np.random.default_rng(seed).normal(size=(2, n))
    data = pd.DataFrame({"y": np.where(x + z > 0, "b", "a"), "x": x, "z": z})
    return mn.mnlogit("y ~ x + z", data).fit(penalty="jeffreys")


def by_grid(res: Any, x: Any, success: Any, slope: float, places: Any) -> float:
    """The statistic of a slope of one predictor, by its penalised likelihood on a grid."""
    linear = np.multiply.outer(places, np.ones(len(x))) + slope * x
    value = -np.logaddexp(0, np.where(success, -linear, linear)).sum(axis=1)
    weight = 1 / (2 + np.exp(linear) + np.exp(-linear))
    moments = [(weight * x**power).sum(axis=1) for power in range(3)]
    value += 0.5 * np.log(moments[0] * moments[2] - moments[1] ** 2)
    return 2 * (res.penalised_llf - float(value.max()))


@functools.cache
def flowers() -> pd.DataFrame:
    return pd.read_csv(Path(__file__).parents[1] / "reference" / "data" / "iris.csv")


def test_the_highest_of_several_maxima() -> None:
    iris = flowers()
    res = mn.mnlogit("Species ~ Petal_Width", iris[:100]).fit(penalty="jeffreys")
    x, success = iris["Petal_Width"][:100].to_numpy(), np.arange(100) >= 50
    for slope in (20.0, 25.0, 30.0, 40.0):
        expected = by_grid(res, x, success, slope, -slope * np.linspace(0.2, 1.5, 20001))
        found = res.test(f"versicolor:Petal_Width = {slope}", kind="lr").statistic
        assert found == pytest.approx(expected, abs=1e-5)
    low, high = res.conf_int(0.01, method="profile", which="versicolor:Petal_Width").iloc[0]
    for end in (low, high):
        expected = by_grid(res, x, success, end, -end * np.linspace(0.2, 1.5, 20001))
        assert expected == pytest.approx(6.634896601021214, abs=1e-5)


def test_a_hypothesis_further_away_is_worse() -> None:
    res = mn.mnlogit("Species ~ Petal_Width + Sepal_Width", flowers()).fit(penalty="jeffreys")
    values = (350.0, 380.0, 400.0, 450.0)
    found = [res.test(f"versicolor:Intercept = {v}", kind="lr").statistic for v in values]
    np.testing.assert_allclose(found, [10.997, 11.698, 12.165, 13.328], atol=6e-4)


def test_ends_of_separated_data_are_on_the_edge_of_the_test() -> None:
    res = apart()
    for alpha in (0.1, 0.05, 0.01):
        for (outcome, term), row in res.conf_int(alpha, method="profile").iterrows():
            for end in row:
                found = res.test(f"{outcome}:{term} = {float(end)!r}", kind="lr")
                assert found.pvalue == pytest.approx(alpha, abs=1e-6)


def test_a_hypothesis_out_of_range_is_named() -> None:
    x = np.random.default_rng(0).normal(size=20)
    data = pd.DataFrame({"y": np.where(x > 0, "b", "a"), "x": x})
    penalised = mn.mnlogit("y ~ x", data).fit(penalty="jeffreys")
    plain = mn.mnlogit("vote ~ age", mn.datasets.anes96()).fit()
    for res, hypothesis in ((penalised, "b:x = 1000"), (plain, "1:age = 1e6")):
        with pytest.raises(ConvergenceError, match=rf"^{hypothesis}: .*\n?.*nearer") as error:
            res.test(hypothesis, kind="lr")
        assert error.value.code == "restricted-fit"
