"""What a refusal tells the user to ask for is there: tests, covariances, folds, names."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import DataError, FormulaError, MnlstatError, OptionError, RankError

ANES = mn.datasets.anes96()


def fit(data: Any = ANES, **options: Any) -> Any:
    return mn.mnlogit("vote ~ age + educ", data).fit(**options)


def refused(call: Any) -> str:
    with pytest.raises(MnlstatError) as found:
        call()
    return str(found.value)


def reloaded(res: Any, folder: Any, **options: Any) -> Any:
    res.save(folder / "a.fit", **options)
    return mn.load(folder / "a.fit")


def test_small_sample_clusters_are_not_scaled() -> None:
    res = fit().with_cov("CR2", groups="PID")
    assert "Rao-Scott" not in str(res.test(term="age", kind="all"))
    said = refused(lambda: res.test(term="age", kind="lr"))
    assert "Rao-Scott" not in said
    assert "kind='score'" in said
    assert res.test(term="age", kind="score").df == 1


def test_a_result_without_rows_has_its_wald_tests(tmp_path: Any) -> None:
    res = reloaded(fit().with_cov("robust"), tmp_path)
    assert "Rao-Scott" not in str(res.test(term="age", kind="all"))
    assert "Ask for kind='wald'." in refused(lambda: res.test(term="age", kind="lr"))
    said = refused(lambda: res.test(term="age", kind="score"))
    assert "Wald tests, contrasts, rebase() and predict(data) do without" in said
    assert res.test(term="age") == fit().with_cov("robust").test(term="age")


def test_an_exact_jackknife_has_no_score_test(tmp_path: Any) -> None:
    res = fit(ANES[:200]).with_cov("jackknife", refit=True)
    for each in (res, reloaded(res, tmp_path, include_data=True)):
        said = refused(lambda each=each: each.test(term="age", kind="score"))
        assert "Ask for kind='wald', or with_cov('robust')" in said
        assert each.with_cov("robust").test(term="age", kind="score").df == 1
        assert "kind='score'" not in refused(lambda each=each: each.test(term="age", kind="lr"))


def test_replicate_weights_have_no_score_test(tmp_path: Any) -> None:
    weights = 1.0 + np.random.default_rng(1).uniform(-0.5, 0.5, size=(200, 12))
    res = fit(ANES[:200]).with_cov("survey", replicates=weights, method="bootstrap")
    said = refused(
        lambda: reloaded(res, tmp_path, include_data=True).test(term="age", kind="score")
    )
    assert "replicates tell of this one alone" in said


def test_bias_reduced_fits_under_another_covariance() -> None:
    res = fit(ANES[:200], penalty="jeffreys").with_cov("jackknife", refit=True)
    said = refused(lambda: res.test(term="age", kind="lr"))
    assert "Ask for kind='wald' or res.with_cov('observed') for it." in said
    assert "Ask for kind='wald', or" in refused(lambda: res.test(term="age", kind="Rao-Scott"))
    assert res.with_cov("observed").test(term="age", kind="lr").df == 1


def test_a_ridge_is_not_sent_to_other_tests() -> None:
    res = fit(ANES[:200], penalty=mn.Ridge(1.0))
    assert "Test a fit without penalty" in refused(lambda: res.test_combine(kind="Rao-Scott"))
    assert "Fit without penalty=" in refused(lambda: res.bootstrap(10, studentised=True))


def survey(n: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "y": rng.choice(list("abc"), n),
            "x": rng.normal(size=n),
            "p": np.arange(n) // 15,
            "w": rng.uniform(1, 2, n),
        }
    )


def test_the_file_of_a_subset_does_not_hold_the_other_rows(tmp_path: Any) -> None:
    data = survey()
    model = mn.mnlogit("y ~ x", data, sampling_weights="w", subset="p > 4")
    res, p = model.fit(), data["p"].to_numpy()
    loaded = reloaded(res, tmp_path, include_data=True)
    used = p[p > 4]
    assert res.with_cov("survey", psu=p, subpop=True).df_t.iloc[0] == 19
    with pytest.raises(OptionError, match="the survey has 75 rows that the fit left out"):
        loaded.with_cov("survey", psu=used)
    for inside in (True, "p > 4"):
        with pytest.raises(DataError, match="the data had 75 rows besides"):
            loaded.with_cov("survey", psu=used, subpop=inside)
    own = loaded.with_cov("survey", psu=used, subpop=False)
    pd.testing.assert_series_equal(own.bse, res.with_cov("survey", psu=p, subpop=False).bse)


def test_the_file_of_all_rows_holds_all_rows(tmp_path: Any) -> None:
    res = mn.mnlogit("y ~ x", survey(), sampling_weights="w").fit()
    loaded = reloaded(res, tmp_path, include_data=True)
    p = survey()["p"].to_numpy()
    found = loaded.with_cov("survey", psu=p, subpop=True)
    pd.testing.assert_series_equal(found.bse, res.with_cov("survey", psu="p").bse)


@pytest.mark.parametrize("lonely", [None, "remove", "adjust", "average"])
def test_strata_without_a_second_psu_are_not_sent_in_a_circle(lonely: str | None) -> None:
    data = survey().assign(s=lambda d: d["p"] % 6)
    res = mn.mnlogit("y ~ x", data, sampling_weights="w").fit()
    said = refused(lambda: res.with_cov("survey", strata="s", psu="s", lonely=lonely))
    assert "lonely=" not in said
    assert "merge strata that are alike, or leave strata= out" in said
    one = refused(lambda: res.with_cov("survey", psu=np.zeros(len(data)), lonely=lonely))
    assert "lonely=" not in one
    assert "leave psu= out" in one


def test_finite_populations_are_given_as_a_column() -> None:
    data = ANES.assign(w=1.5, s=np.where(ANES["age"] > 40, "north", "south"))
    res = mn.mnlogit("vote ~ age", data, sampling_weights="w").fit()
    for sizes in ({"north": 5000}, {"north": 5000, "south": 4000}):
        said = refused(lambda sizes=sizes: res.with_cov("survey", strata="s", fpc=sizes))
        assert "a column is wanted, with the number of its stratum in each row" in said
    column = data["s"].map({"north": 5000, "south": 4000})
    assert res.with_cov("survey", strata="s", fpc=column).bse.notna().all()


@pytest.mark.parametrize(
    ("call", "label"),
    [
        (lambda res: res.test_combine("0", "1"), "0"),
        (lambda res: res.test(outcome="1"), "1"),
        (lambda res: res.rebase("1"), "1"),
        (lambda res: res.test(outcome=11), "1"),
    ],
)
def test_outcomes_of_another_type_are_told_apart(call: Any, label: str) -> None:
    assert f"did you mean {label}?" in refused(lambda: call(fit()))


def test_contrasts_of_an_aliased_column_say_so() -> None:
    with pytest.warns(mn.errors.AliasedWarning):
        res = mn.mnlogit("vote ~ age + I(2*age)", ANES).fit()
    with pytest.raises(RankError, match="is aliased \\(= 2\\*age\\)"):
        res.contrasts("I(2 * age)")


def test_terms_may_be_quoted_as_in_the_formula() -> None:
    data = ANES.rename(columns={"age": "x 1", "PID": "g 1"})
    res = mn.mnlogit("vote ~ `x 1` + C(`g 1`)", data).fit()
    plain = mn.mnlogit("vote ~ age + C(PID)", ANES).fit()
    for name in ("`x 1`", "x 1", "Q('x 1')"):
        assert res.contrasts(name)["estimate"].item() == plain.params[(1, "age")]
        assert res.test(term=name).statistic == plain.test(term="age").statistic
    for name in ("C(`g 1`)", "`g 1`", "g 1", "C(g 1)"):
        found = res.pairwise(name)["estimate"]
        pd.testing.assert_series_equal(found, plain.pairwise("PID")["estimate"])
    assert "Terms: 'Intercept', 'C(`g 1`)', '`x 1`'." in refused(lambda: res.test(term="x 2"))
    assert "test(term='`x 1`')" in refused(lambda: res.test("`x 1`"))


def test_a_separated_result_without_rows_has_the_table_of_pairs(tmp_path: Any) -> None:
    res = mn.mnlogit("y ~ x + z", mn.datasets.separated_toy()).fit(separation="ignore")
    whole, bare = (each.test_combine() for each in (res, reloaded(res, tmp_path)))
    wald = whole["test"] == "Wald"
    pd.testing.assert_frame_equal(whole[wald], bare[wald])
    assert bare.loc[~wald, "statistic"].isna().all()
    assert "infinite" in bare.attrs["notes"]["wald"]


@pytest.mark.parametrize("test", ["rao-scott", "RAO-SCOTT FIRST-ORDER", "wald", "lr"])
def test_tests_of_dropped_terms_are_named_as_other_tests(test: str) -> None:
    res = fit() if test == "lr" else fit().with_cov("robust")
    known = {each.lower(): each for each in ("LR", "Wald", "Rao-Scott", "Rao-Scott first-order")}
    criterion = "aic" if test == "lr" else None
    pd.testing.assert_frame_equal(
        mn.drop1(res, test=test, criterion=criterion),
        mn.drop1(res, test=known[test.lower()], criterion=criterion),
    )


def test_a_spline_without_inner_knots() -> None:
    with pytest.raises(FormulaError, match="is a straight line; write the column itself"):
        mn.mnlogit("vote ~ cr(age, df=2)", ANES)
    assert mn.mnlogit("vote ~ 0 + cr(age, df=3)", ANES).fit().converged


@pytest.mark.parametrize("caller", ["conf_int", "summary", "tidy"])
def test_refused_intervals_name_the_method_called(caller: str) -> None:
    res = fit().with_cov("robust")
    said = refused(lambda: getattr(res, caller)(method="profile"))
    assert said.startswith(f"{caller}(method='profile'): ")
