"""Models side by side: likelihood-ratio tests, criteria, Vuong's test."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import mnlstat as mn
from mnlstat.errors import ConvergenceError, DataError, OptionError
from tests.behaviour.data import good_frame

FRAME = good_frame()


def fit(right: str, data: Any = FRAME, **options: Any) -> Any:
    return mn.mnlogit(f"y ~ {right}", data, **options).fit()


def test_anova_is_twice_the_gain() -> None:
    models = [fit("x + z + g"), fit("1"), fit("x + g")]
    table = mn.anova(*models)
    assert table.index.tolist() == [2, 3, 1]
    assert table["n_parameters"].tolist() == [2, 8, 10]
    gains = 2 * np.diff([models[at].llf for at in (1, 2, 0)])
    np.testing.assert_allclose(table["statistic"].iloc[1:], gains, rtol=1e-14)
    np.testing.assert_allclose(table["p_value"].iloc[1:], stats.chi2.sf(gains, [6, 2]), rtol=1e-12)
    assert np.isnan(table["statistic"].iloc[0])


def test_anova_against_constants_is_the_test_of_the_summary() -> None:
    large = fit("x * g")
    table = mn.anova(fit("1"), large)
    assert table["statistic"].iloc[1] == pytest.approx(large.llr, rel=1e-12)
    assert table["p_value"].iloc[1] == pytest.approx(large.llr_pvalue, rel=1e-10)


def test_another_base_or_coding_changes_nothing() -> None:
    one = mn.anova(fit("x"), fit("x + g"))
    other = mn.anova(fit("x", base="c"), fit("I(2 * x - 1) + C(g, Sum)", base="b"))
    pd.testing.assert_frame_equal(
        one.drop(columns="formula"), other.drop(columns="formula"), rtol=1e-10
    )


def test_frequency_weights_are_rows_that_repeat() -> None:
    weighted = FRAME.assign(f=np.arange(120) % 3)
    rows = FRAME.loc[FRAME.index.repeat(weighted["f"])]
    one = mn.anova(*(fit(r, weighted, freq_weights="f") for r in ("x", "x + g")))
    other = mn.anova(*(fit(r, rows) for r in ("x", "x + g")))
    pd.testing.assert_frame_equal(one, other, rtol=1e-10)
    first, second = (mn.vuong(*(fit(r, d, **o) for r in ("x", "z")))
                     for d, o in ((weighted, {"freq_weights": "f"}), (rows, {})))  # fmt: skip
    assert first.statistic == pytest.approx(second.statistic, rel=1e-9)


def test_criteria() -> None:
    models = [fit("x"), fit("z + g"), fit("x + z + g")]
    table = mn.information_criteria(*models)
    assert table["aic"].tolist() == [res.aic for res in models]
    for res, value in zip(models, table["aicc"], strict=True):
        p = res.n_parameters
        assert value == pytest.approx(res.aic + 2 * p * (p + 1) / (120 - p - 1), rel=1e-14)
    assert table["weight"].sum() == pytest.approx(1.0, rel=1e-14)
    ratio = table["weight"][1] / table["weight"][2]
    assert ratio == pytest.approx(np.exp((table["aic"][2] - table["aic"][1]) / 2), rel=1e-12)
    assert table["delta_aic"].min() == 0.0


@pytest.mark.parametrize("correction", ["none", "aic", "bic"])
def test_vuong_from_probabilities_by_hand(correction: str) -> None:
    one, other = fit("x"), fit("z + g")
    codes = FRAME["y"].map({"a": 0, "b": 1, "c": 2}).to_numpy()
    logs = [np.log(r.fittedvalues.to_numpy()[np.arange(120), codes]) for r in (one, other)]
    gaps = logs[0] - logs[1]
    extra = {"none": 0.0, "aic": 4 - 8, "bic": (4 - 8) * np.log(120) / 2}[correction]
    expected = (gaps.sum() - extra) / (np.sqrt(120) * gaps.std())
    found = mn.vuong(one, other, correction=correction)
    assert found.statistic == pytest.approx(expected, rel=1e-10)
    assert found.pvalue == pytest.approx(2 * stats.norm.sf(abs(expected)), rel=1e-10)
    back = mn.vuong(other, one, correction=correction)
    assert back.statistic == pytest.approx(-expected, rel=1e-10)
    assert "fits better" in str(found)


def test_rows_add_up_to_the_log_likelihood() -> None:
    res = fit("x + z + g")
    b = res.params.to_numpy()
    rows = res.likelihood.loglike_obs(b)
    assert rows.shape == (120,)
    assert rows.sum() == pytest.approx(res.llf, rel=1e-13)
    far = res.likelihood.loglike_obs(b * 1e4)
    assert np.isfinite(far).all()


def test_data_in_pieces_are_compared_by_their_terms() -> None:
    def pieces() -> Any:
        return iter([FRAME.iloc[:50], FRAME.iloc[50:]])

    few = mn.anova(fit("1", pieces), fit("g", pieces))
    known = mn.anova(fit("1"), fit("g"))["statistic"]
    np.testing.assert_allclose(few["statistic"], known, rtol=1e-9, atol=1e-10)
    table = mn.anova(fit("x", pieces), fit("x + z", pieces))
    memory = mn.anova(fit("x"), fit("x + z"))
    np.testing.assert_allclose(table["statistic"], memory["statistic"], rtol=1e-9)
    with pytest.raises(DataError, match="in memory"):
        mn.vuong(fit("x", pieces), fit("z", pieces))


def _missing() -> pd.DataFrame:
    return FRAME.assign(z=FRAME["z"].where(np.arange(120) > 3))


def _turned() -> pd.DataFrame:
    return FRAME.iloc[::-1].set_axis(FRAME.index)


REFUSED: dict[str, tuple[Any, type[Exception], str]] = {
    "other rows": (lambda: mn.anova(fit("x", _missing()), fit("x + z", _missing())),
                   DataError, "120 and 116 rows"),
    "another order": (lambda: mn.anova(fit("x"), fit("x + z", _turned())),
                      DataError, "another order"),
    "other labels": (lambda: mn.anova(fit("x", FRAME.iloc[:99]),
                                      fit("x + z", FRAME.iloc[:99].set_axis(range(99)))),
                     DataError, "other labels"),
    "other outcomes": (lambda: mn.anova(fit("x"), fit("x + z", FRAME.replace({"y": {"a": "q"}}))),
                       DataError, "different outcomes"),
    "not nested": (lambda: mn.anova(fit("x"), fit("z + g")), DataError, "not nested"),
    "the same twice": (lambda: mn.anova(fit("x"), fit("x")), DataError, "not nested"),
    "an offset in one": (lambda: mn.anova(fit("x"), fit("x + g", offset="z")),
                         DataError, "not nested"),
    "one alone": (lambda: mn.anova(fit("x")), OptionError, "2 models at least"),
    "no result": (lambda: mn.anova(fit("x"), "y ~ z"), OptionError, "not str"),
    "sampling weights": (lambda: mn.anova(*(fit(r, sampling_weights=np.arange(1, 121))
                                            for r in ("x", "x + z"))),
                         OptionError, "pseudo-likelihood"),
    "other weights": (lambda: mn.anova(fit("x"), fit("x + z", freq_weights=[2] * 120)),
                      DataError, "differ"),
    "penalised": (lambda: mn.information_criteria(
        fit("x"), mn.mnlogit("y ~ z", FRAME).fit(penalty="jeffreys")), OptionError, "penalised"),
    "nested": (lambda: mn.vuong(fit("x"), fit("x + z")), DataError, "nested in the other"),
    "correction": (lambda: mn.vuong(fit("x"), fit("z"), correction="AIC"), OptionError, "'aic'"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_what_cannot_be_compared_is_refused(case: str) -> None:
    call, error, words = REFUSED[case]
    with pytest.raises(error, match=words):
        call()


@pytest.mark.filterwarnings("ignore::mnlstat.errors.ConvergenceWarning")
def test_fits_that_did_not_converge_are_refused() -> None:
    with pytest.raises(ConvergenceError, match="did not reach"):
        mn.anova(fit("x"), mn.mnlogit("y ~ x + z", FRAME).fit(maxiter=1))


def test_models_under_constraints_are_nested_in_those_without() -> None:
    full = fit("x + z + g")
    one = fit("x + z + g", constraints="b:x = c:x")
    two = fit("x + z + g", constraints=["b:x = c:x", "c:x = 0.1", "b:z = 0"])
    fewer = fit("z + g")
    table = mn.anova(two, full, one)
    assert table.index.tolist() == [1, 3, 2] and table["df"].tolist()[1:] == [2, 1]
    gains = 2 * np.diff([two.llf, one.llf, full.llf])
    np.testing.assert_allclose(table["statistic"].iloc[1:], gains, rtol=1e-12)
    assert table["constraints"].tolist() == [
        "b:x = c:x, c:x = 0.1, b:z = 0", "b:x = c:x", ""
    ]  # fmt: skip
    last = table[["statistic", "df", "p_value"]].to_numpy()[2]
    np.testing.assert_allclose(numbers_of(full.test("b:x = c:x", kind="lr")), last)
    assert mn.anova(fewer, one)["df"].iloc[1] == 1  # that x has no slopes implies equal ones
    assert "constraints" not in mn.anova(fewer, full)
    with pytest.raises(DataError, match="not nested"):
        mn.anova(two, fit("x + z + g", constraints="b:z = 0.2"))
    with pytest.raises(DataError, match="not nested"):
        mn.anova(fit("x + g"), fit("x + z + g", constraints="b:x = c:x"))
    shifted = fit("z + I(x + z) + g")
    with pytest.raises(DataError, match="is told only of the same columns"):
        mn.anova(fit("x"), fit("I(2 * x) + z", parallel="z"))
    assert mn.anova(one, shifted)["df"].iloc[1] == 1  # bound, in other columns of the same span


def numbers_of(test: Any) -> list[float]:
    return [test.statistic, test.df, test.pvalue]


def test_constraints_against_another_base() -> None:
    one = fit("x + z", base="a", constraints=["b:x = c:x", "b:z = c:z"])
    same = fit("x + z", base="c", constraints=["b:x = 0"])
    assert mn.anova(one, same)["df"].iloc[1] == 1
    with pytest.raises(DataError, match="not nested"):
        mn.anova(one, fit("x + z", base="c", constraints="a:x = 0"))
