"""Linear combinations, contrasts of outcomes and of levels, and tests adjusted for their number."""

from __future__ import annotations

import itertools
import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

import mnlstat as mn
from mnlstat.errors import OptionError, RankError
from mnlstat.inference.multiplicity import (
    MaxT,
    benjamini_hochberg,
    bonferroni,
    holm,
)
from tests.behaviour.data import good_frame

FRAME = good_frame()
RES = mn.mnlogit("y ~ x + z + g", FRAME).fit()
COLUMNS = ["estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"]


def test_a_combination_by_hand() -> None:
    table = RES.lincom("2*b:x - c:x, b:z + c:z = 0.5")
    b, V = RES.params, RES.cov_params()
    R = np.zeros((2, len(b)))
    for at, weights in enumerate([{("b", "x"): 2, ("c", "x"): -1}, {("b", "z"): 1, ("c", "z"): 1}]):
        for label, weight in weights.items():
            R[at, b.index.get_loc(label)] = weight
    estimate = R @ b.to_numpy() - [0.0, 0.5]
    error = np.sqrt(np.diag(R @ V.to_numpy() @ R.T))
    np.testing.assert_allclose(table["estimate"], estimate, rtol=1e-12)
    np.testing.assert_allclose(table["std_error"], error, rtol=1e-12)
    np.testing.assert_allclose(table["p_value"], 2 * stats.norm.sf(abs(estimate / error)))
    np.testing.assert_allclose(table["conf_high"], estimate + stats.norm.isf(0.025) * error)
    assert table["combination"].tolist() == ["2*b:x - c:x", "b:z + c:z = 0.5"]


def test_the_square_of_z_is_the_wald_test() -> None:
    for words in ("b:x = c:x", "3*b:x - c:z = 1"):
        z = RES.lincom(words)["statistic"].item()
        assert z**2 == pytest.approx(RES.test(words).statistic, rel=1e-10)


def test_the_name_of_statsmodels() -> None:
    words = ["b:x = c:x", "b:z = 1"]
    pd.testing.assert_frame_equal(RES.t_test(words), RES.lincom(words))


def test_ratios_are_exponentials() -> None:
    plain, ratios = RES.lincom("b:x - c:x"), RES.lincom("b:x - c:x", exponentiate=True)
    for name in ("estimate", "conf_low", "conf_high"):
        np.testing.assert_allclose(ratios[name], np.exp(plain[name]), rtol=1e-14)
    np.testing.assert_allclose(ratios["std_error"], ratios["estimate"] * plain["std_error"])
    np.testing.assert_array_equal(ratios[["statistic", "p_value"]], plain[["statistic", "p_value"]])


def test_contrasts_are_the_coefficients_against_every_base() -> None:
    table = RES.contrasts()
    assert len(table) == 3 * 4
    for (outcome, versus), rows in table.groupby(["outcome", "versus"]):
        other = RES.rebase(versus)
        np.testing.assert_allclose(
            rows["estimate"], other.params.loc[outcome].drop("Intercept"), rtol=1e-11
        )
        np.testing.assert_allclose(
            rows["std_error"], other.bse.loc[outcome].drop("Intercept"), rtol=1e-11
        )


def test_contrasts_do_not_depend_on_the_base() -> None:
    for base in "bc":
        pd.testing.assert_frame_equal(
            RES.rebase(base).contrasts(adjust="max-t"), RES.contrasts(adjust="max-t"), rtol=1e-3
        )
        pd.testing.assert_frame_equal(RES.rebase(base).contrasts(), RES.contrasts(), rtol=1e-10)


def test_contrasts_per_standard_deviation_and_in_per_cent() -> None:
    plain, scaled = RES.contrasts(["x", "z"]), RES.contrasts(["x", "z"], scale="sd")
    sds = plain["term"].map(FRAME[["x", "z"]].std())
    np.testing.assert_allclose(scaled["estimate"], plain["estimate"] * sds, rtol=1e-12)
    np.testing.assert_allclose(scaled["statistic"], plain["statistic"], rtol=1e-12)
    percent = RES.contrasts("x", percent=True)
    ratios = RES.contrasts("x", exponentiate=True)
    np.testing.assert_allclose(percent["estimate"], 100 * (ratios["estimate"] - 1), rtol=1e-12)
    np.testing.assert_allclose(percent["conf_low"], 100 * (ratios["conf_low"] - 1), rtol=1e-12)


def test_weights_repeat_rows_in_standard_deviations() -> None:
    frame = FRAME.assign(f=np.arange(120) % 3)
    one = mn.mnlogit("y ~ x", frame, freq_weights="f").fit().contrasts(scale="sd")
    rows = frame.loc[frame.index.repeat(frame["f"])]
    other = mn.mnlogit("y ~ x", rows).fit().contrasts(scale="sd")
    np.testing.assert_allclose(one["estimate"], other["estimate"], rtol=1e-11)


@pytest.mark.parametrize("coding", ["g", "C(g, Sum)", "C(g, Helmert)", "C(g, Treatment('mid'))"])
def test_levels_differ_alike_whatever_their_coding(coding: str) -> None:
    table = mn.mnlogit(f"y ~ x + z + {coding}", FRAME).fit().pairwise("g")
    pd.testing.assert_frame_equal(table, RES.pairwise("g"), rtol=1e-9)


def test_levels_by_hand_also_without_a_constant() -> None:
    table = RES.pairwise("g").set_index(["outcome", "level", "versus"])
    b = RES.params.loc["b"]
    assert table.loc[("b", "top", "low"), "estimate"] == pytest.approx(b["g[T.top]"], rel=1e-12)
    assert table.loc[("b", "top", "mid"), "estimate"] == pytest.approx(
        b["g[T.top]"] - b["g[T.mid]"], rel=1e-12
    )
    full = mn.mnlogit("y ~ 0 + g + x + z", FRAME).fit().pairwise("g")
    pd.testing.assert_frame_equal(full, RES.pairwise("g"), rtol=1e-9)


def test_adjusted_p_values_are_those_of_statsmodels() -> None:
    p = np.random.default_rng(0).uniform(size=23) ** 3
    for method, name in (
        (bonferroni, "bonferroni"),
        (holm, "holm"),
        (benjamini_hochberg, "fdr_bh"),
    ):
        np.testing.assert_allclose(method(p), multipletests(p, method=name)[1], rtol=1e-13)
        with_gap = np.insert(p, 4, np.nan)
        np.testing.assert_allclose(np.delete(method(with_gap), 4), method(p), rtol=1e-13)
        assert np.isnan(method(with_gap)[4])


@pytest.mark.parametrize("k", [3, 4, 6, 12])
def test_all_pairs_of_equal_means_have_the_studentised_range(k: int) -> None:
    pairs = list(itertools.combinations(range(k), 2))
    R = np.array([[(i == b) - (i == a) for i in range(k)] for a, b in pairs], dtype=float)
    expected = stats.studentized_range.ppf(0.95, k, np.inf) / np.sqrt(2)
    largest = MaxT(R)
    assert largest.pvalue(expected) == pytest.approx(0.05, abs=1e-4)
    assert largest.quantile(0.05) == pytest.approx(expected, abs=1e-3)


def test_independent_and_equal_statistics_are_known_exactly() -> None:
    assert MaxT(np.eye(5)).pvalue(2.0) == pytest.approx(
        1 - (1 - 2 * stats.norm.sf(2.0)) ** 5, abs=1e-4
    )
    assert MaxT(np.ones((5, 1))).pvalue(2.0) == pytest.approx(2 * stats.norm.sf(2.0), rel=1e-12)
    assert MaxT(np.eye(1), 7.0).pvalue(2.0) == pytest.approx(2 * stats.t.sf(2.0, 7), rel=1e-12)


def test_simultaneous_intervals_are_wider_than_single_and_narrower_than_bonferroni() -> None:
    def width(adjust: str) -> Any:
        table = RES.contrasts(adjust=adjust)
        return table["conf_high"] - table["conf_low"]

    assert (width("none") < width("max-t")).all()
    assert (width("max-t") < width("bonferroni")).all()
    table = RES.contrasts(adjust="max-t")
    excluded = (table["conf_low"] > 0) | (table["conf_high"] < 0)
    np.testing.assert_array_equal(excluded, table["p_value"] < 0.05)
    assert table.attrs["adjust"] == "max-t"


def test_infinite_coefficients_have_infinite_and_finite_differences() -> None:
    frame = FRAME.assign(s=(FRAME["y"] == "a") & (FRAME["x"] > 0))
    with pytest.warns(mn.errors.SeparationWarning):
        res = mn.mnlogit("y ~ z + s", frame).fit()
    table = res.contrasts("s").set_index(["outcome", "versus"])
    assert table.loc[("b", "a"), "estimate"] == -np.inf
    assert np.isnan(table.loc[("b", "a"), "std_error"])
    assert np.isnan(table.loc[("b", "a"), "p_value"])


def test_another_covariance_is_used() -> None:
    robust = RES.with_cov("HC0")
    R = RES.lincom("b:x - c:x")
    assert robust.lincom("b:x - c:x")["estimate"].item() == R["estimate"].item()
    V = robust.cov_params()
    cells = V.loc[[("b", "x"), ("c", "x")], [("b", "x"), ("c", "x")]].to_numpy()
    expected = np.sqrt(cells[0, 0] + cells[1, 1] - 2 * cells[0, 1])
    assert robust.lincom("b:x - c:x")["std_error"].item() == pytest.approx(expected, rel=1e-12)


REFUSED: dict[str, tuple[Any, type[Exception], str]] = {
    "adjust": (lambda: RES.lincom("b:x", adjust="tukey"), OptionError, "'tukey'"),
    "alpha": (lambda: RES.lincom("b:x", alpha=2), OptionError, "alpha"),
    "term": (lambda: RES.contrasts("income"), OptionError, "income"),
    "no term": (lambda: RES.contrasts([]), OptionError, "no term"),
    "scale": (lambda: RES.contrasts(scale="SD"), OptionError, "'SD'"),
    "two scales": (lambda: RES.contrasts(percent=True, exponentiate=True), OptionError, "one"),
    "no factor": (lambda: RES.pairwise("x"), OptionError, "not a factor"),
    "product": (lambda: mn.mnlogit("y ~ x * g", FRAME).fit().pairwise("g"), OptionError, "x:g"),
    "aliased": (lambda: _aliased().pairwise("g"), RankError, "aliased"),
}  # fmt: skip


def _aliased() -> Any:
    with pytest.warns(mn.errors.AliasedWarning):
        return mn.mnlogit("y ~ t + g", FRAME.assign(t=FRAME["g"] == "top")).fit()


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_what_cannot_be_combined_is_refused(case: str) -> None:
    call, error, words = REFUSED[case]
    with pytest.raises(error, match=words):
        call()


def test_what_constraints_fix_has_no_test() -> None:
    res = mn.mnlogit("y ~ x + z", FRAME, constraints=["b:x = c:x", "b:z = 0"]).fit()
    table = res.lincom(["b:x - c:x", "b:z", "b:x"], adjust="max-t")
    assert table["estimate"].tolist()[:2] == [0.0, 0.0]
    assert table["std_error"].tolist()[:2] == [0.0, 0.0]
    assert table["p_value"].isna().tolist() == [True, True, False]


def test_a_ridge_has_estimates_only() -> None:
    res = mn.mnlogit("y ~ x + z", FRAME).fit(penalty=mn.Ridge(1.0))
    table = res.contrasts(adjust="max-t")
    assert table["estimate"].notna().all()
    assert table[["std_error", "p_value", "conf_low"]].isna().all(axis=None)


@pytest.mark.parametrize("scale", [1.0, 1e3])
def test_what_general_constraints_fix_has_no_standard_error(scale: float) -> None:
    frame = FRAME.assign(x=scale * FRAME["x"] + 7.0)
    words = ["3*b:x = 0.7*c:x", "b:z + 0.3*c:z = 0.17"]
    res = mn.mnlogit("y ~ x + z", frame, constraints=words).fit()
    boot = res.with_cov(res.bootstrap(20, seed=1))
    for found in (res, res.with_cov("robust"), boot):
        table = found.lincom("3*b:x - 0.7*c:x, b:x", adjust="max-t")
        assert table["std_error"].iloc[0] == 0.0
        assert np.isnan(table["p_value"].iloc[0])
        alone = found.lincom("b:x")
        assert table["p_value"].iloc[1] == pytest.approx(alone["p_value"].item(), rel=1e-9)
        assert found.nlcom("3*b:x - 0.7*c:x")["std_error"].item() == 0.0
    turned = res.rebase("c").lincom("3*b:x - 3*a:x + 0.7*a:x")
    assert turned["std_error"].item() == 0.0
    assert turned["conf_low"].item() == turned["estimate"].item()


def test_the_bootstrap_knows_what_constraints_fix() -> None:
    res = mn.mnlogit("y ~ x + z", FRAME, parallel=["x"], constraints=["c:z = 0.2"]).fit()
    boot = res.with_cov(res.bootstrap(20, seed=1))
    assert boot.bse["c", "z"] == 0.0
    with pytest.raises(OptionError, match="constraints of the model fix it"):
        boot.test("c:z = 0.3")


def test_pairs_that_constraints_rule_out_leave_the_others() -> None:
    res = mn.mnlogit("y ~ x + z", FRAME, parallel=["x"], constraints=["c:z = 0.2"]).fit()
    table = res.test_combine().set_index(["outcome", "versus", "test"])
    assert table.loc[("a", "c"), "statistic"].isna().all()
    assert table.loc[("a", "b"), "statistic"].notna().all()


def test_all_three_give_what_there_is() -> None:
    jeffreys = mn.mnlogit("y ~ x + z", FRAME).fit(penalty="jeffreys")
    loaded = pickle.loads(pickle.dumps(RES))
    for res in (jeffreys, loaded, RES.with_cov(RES.bootstrap(20, seed=1))):
        tests = res.test(term="z", kind="all")
        assert tests["wald"] is not None and tests["score"] is None
        assert set(tests.notes) == ({"score"} if res is jeffreys else {"lr", "score"})


BAD: dict[str, Any] = {
    "brackets": lambda: RES.test("(" * 3000 + "b:x" + ")" * 3000 + " = 0"),
    "signs": lambda: RES.nlcom("-" * 5000 + "b:x"),
    "terms": lambda: RES.contrasts(3),
    "ways": lambda: RES.bootstrap(3, kind="cluster", groups=["g", "y"]),
    "df": lambda: RES.with_cov("robust", df=1e-300),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused(case: str) -> None:
    with pytest.raises(OptionError):
        BAD[case]()


def test_more_restrictions_than_degrees_of_freedom_are_refused() -> None:
    design = RES.with_cov("robust", df=2)
    assert np.isfinite(design.test(["b:x", "c:x"]).pvalue)
    frame = FRAME.assign(w=1.0 + np.arange(120) % 3, p=np.arange(120) % 4)
    survey = mn.mnlogit("y ~ x + z", frame, sampling_weights="w").fit()
    with pytest.warns(mn.errors.ClusterWarning):
        survey = survey.with_cov("survey", psu="p")
    with pytest.raises(RankError, match=r"4 restrictions"):
        survey.test(["b:x", "c:x", "b:z", "c:z"])
    table = survey.wald_test_terms()
    assert not (table["df_denom"] <= 0).any()
    str(survey.summary())


# --- intervals by the likelihood -----------------------------------------------------------


@pytest.mark.parametrize("method", ["profile", "score"])
def test_intervals_by_the_likelihood_of_any_two_outcomes(method: str) -> None:
    table = RES.contrasts(["x", "g"], method=method, alpha=0.1)
    for row in table.itertuples():
        other = RES.rebase(row.versus).conf_int(0.1, method, which=[(row.outcome, row.term)])
        np.testing.assert_allclose([row.conf_low, row.conf_high], other.iloc[0], rtol=1e-8)
    plain = RES.contrasts(["x", "g"])
    pd.testing.assert_frame_equal(table[COLUMNS[:4]], plain[COLUMNS[:4]])
    assert table.attrs["method"] == method and plain.attrs["method"] == "wald"
    scaled = RES.contrasts("x", method=method, alpha=0.1, scale="sd", percent=True)
    ends = table.loc[table["term"] == "x", ["conf_low", "conf_high"]] * FRAME["x"].std()
    np.testing.assert_allclose(
        scaled[["conf_low", "conf_high"]], 100 * np.expm1(ends), rtol=1e-8, atol=1e-10
    )


def test_intervals_by_the_likelihood_of_combinations_and_levels() -> None:
    words = ["b:x - c:x", "b:z = 0.5"]
    table = RES.lincom(words, method="profile", exponentiate=True, adjust="bonferroni", alpha=0.1)
    for at, (combination, r) in enumerate([("b:x - c:x", 0.0), ("b:z", 0.5)]):
        found = RES.profile(combination, alpha=0.05)
        expected = np.exp(np.array([found.low, found.high]) - r)
        np.testing.assert_allclose(table.loc[at, ["conf_low", "conf_high"]].astype(float), expected)
    levels = RES.pairwise("g", method="profile")
    other = mn.mnlogit("y ~ x + z + C(g, Sum)", FRAME).fit().pairwise("g", method="profile")
    pd.testing.assert_frame_equal(levels, other, rtol=1e-8)
    constant = RES.contrasts("Intercept", scale="sd", method="profile")
    assert (constant[["conf_low", "conf_high"]] == 0).all(axis=None)


def test_infinite_contrasts_have_the_end_that_the_likelihood_gives() -> None:
    apart = mn.mnlogit("y ~ x + z", mn.datasets.separated_toy()).fit(separation="ignore")
    table = apart.contrasts("x", method="profile")
    low, high = table["conf_low"], table["conf_high"]
    assert low.tolist()[1:] == [-np.inf, -np.inf] and np.isfinite(high).all()
    assert high[1] == pytest.approx(
        apart.conf_int(method="profile").loc[("C", "x[T.yes]"), "conf_high"], rel=1e-8
    )


def test_intervals_by_the_likelihood_are_refused_as_others_are() -> None:
    for call, code in (
        (lambda: RES.contrasts("x", method="profile", adjust="max-t"), "max-t-of-wald"),
        (
            lambda: RES.with_cov("robust").lincom("b:x", method="profile"),
            "profile-needs-likelihood",
        ),
        (lambda: RES.lincom("b:x", method="walt"), "invalid-choice"),
    ):
        with pytest.raises(OptionError) as error:
            call()
        assert error.value.code == code
