"""Terms dropped and added one at a time, and step by step."""

from __future__ import annotations

import itertools
import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import mnlstat as mn
from mnlstat.errors import (
    ConvergenceError,
    ConvergenceWarning,
    DataError,
    FormulaError,
    OptionError,
    SeparationWarning,
)
from tests.inference.samples import frame
from tests.reference.models import load

FRAME = frame(300, 5)
# Certified: likelihood ratio and Wald statistic of each term of anes96_pid.
ANES = {
    "logpopul": ("16.4399850726371", "16.0922455647312"),
    "selfLR": ("478.101179317889", "257.027362961782"),
    "age": ("19.5958841962524", "19.0086453554246"),
    "educ": ("15.9437579955853", "15.4974117911459"),
    "income": ("28.7935404392395", "27.3970332689441"),
}


def fit(right: str, data: Any = FRAME, **options: Any) -> Any:
    return mn.mnlogit(f"y ~ {right}", data, **options).fit()


def test_certified_statistics_of_terms() -> None:
    model = load("anes96_pid")
    res = mn.mnlogit(model.formula, model.frame()).fit()
    ratio, wald = mn.drop1(res), mn.drop1(res, test="Wald")
    for term, (lr, w) in ANES.items():
        assert ratio.loc[term, "statistic"] == pytest.approx(float(lr), rel=1e-12)
        assert wald.loc[term, "statistic"] == pytest.approx(float(w), rel=1e-12)
        assert ratio.loc[term, "df"] == 6


def test_each_row_of_drop1_is_a_fit() -> None:
    res = fit("x*g + z")
    table = mn.drop1(res)
    assert table.index.tolist() == ["<none>", "x:g", "z"]
    for term, right in (("z", "x*g"), ("x:g", "x + g + z")):
        small = fit(right)
        row = table.loc[term]
        assert row["log_likelihood"] == pytest.approx(small.llf, rel=1e-13)
        assert row["aic"] == pytest.approx(small.aic, rel=1e-13)
        assert row["statistic"] == pytest.approx(2 * (res.llf - small.llf), rel=1e-9)
        assert row["df"] == res.n_parameters - small.n_parameters
        assert row["p_value"] == pytest.approx(stats.chi2.sf(row["statistic"], row["df"]))
    assert table.loc["<none>", "aic"] == res.aic
    assert table.loc["<none>"].drop(["aic", "log_likelihood"]).isna().all()


def test_adding_is_dropping_backwards() -> None:
    small, large = fit("x + g"), fit("x + g + z")
    for test in ("LR", "Wald"):
        added = mn.add1(small, "~ . + z", test=test, criterion="bic").loc["z"]
        dropped = mn.drop1(large, "~ z", test=test, criterion="bic").loc["z"]
        assert added["statistic"] == pytest.approx(dropped["statistic"], rel=1e-9)
        assert added["bic"] == pytest.approx(large.bic, rel=1e-13)
        assert dropped["bic"] == pytest.approx(small.bic, rel=1e-13)


def test_marginality() -> None:
    res = fit("x*z*g")
    assert mn.drop1(res).index.tolist() == ["<none>", "x:z:g"]
    assert mn.add1(fit("x"), "x*z*g").index.tolist() == ["<none>", "z", "g"]
    assert mn.add1(fit("x + z"), "x*z").index.tolist() == ["<none>", "x:z"]
    assert mn.add1(fit("x"), "~ . + x:z").index.tolist() == ["<none>", "x:z"]
    for scope in ("x", "x:z"):
        with pytest.raises(OptionError, match="part of another term"):
            mn.drop1(res, scope)
    assert len(mn.drop1(fit("0 + x"))) == 1
    assert mn.drop1(fit("0 + x + z")).index.tolist() == ["<none>", "x", "z"]
    assert mn.drop1(fit("x")).loc["x", "df"] == 3
    assert mn.add1(fit("x"), "~ x").index.tolist() == ["<none>"]


def test_names_that_need_quotes_and_offsets_stay() -> None:
    data = FRAME.rename(columns={"x": "my x", "z": "z.1"})
    res = fit("`my x` + z.1*g + offset(w)", data)
    table = mn.drop1(res)
    assert table.index.tolist() == ["<none>", "Q('my x')", "Q('z.1'):g"]
    assert mn.drop1(res, "`my x`")["aic"].tolist() == table["aic"].tolist()[:2]
    assert table.loc["Q('my x')", "log_likelihood"] == fit("z.1*g + offset(w)", data).llf
    assert "Q('z.1'):g" in mn.add1(fit("z.1 + g + offset(w)", data), "~ z.1*g").index


@pytest.mark.parametrize("criterion", ["aic", "bic"])
def test_steps_end_where_no_single_move_is_better(criterion: str) -> None:
    upper = "x*z + g*z + f"
    for start in ("1", upper, "x + f"):
        found = mn.step(fit(start), f"~ {upper}", criterion=criterion)
        assert found.complete
        values = found.trace[criterion].to_numpy()
        assert (np.diff(values) < 0).all()
        assert values[-1] == getattr(found.result, criterion)
        beside = [
            mn.drop1(found.result, test="none", criterion=criterion),
            mn.add1(found.result, f"~ {upper}", test="none", criterion=criterion),
        ]
        for table in beside:
            assert table[criterion].min() == pytest.approx(values[-1], rel=1e-12)


def test_backward_and_forward_keep_their_direction() -> None:
    backward = mn.step(fit("x + z + g + f"), direction="backward")
    assert {move[:1] for move in backward.trace["move"]} == {"", "-"}
    forward = mn.step(fit("1"), "~ x + z + g + f", direction="forward")
    assert {move[:1] for move in forward.trace["move"]} == {"", "+"}
    assert set(forward.formula.split(" ~ ")[1].split(" + ")) == set(
        backward.formula.split(" ~ ")[1].split(" + ")
    )
    smallest = mn.step(fit("x + z + g + f"), ("~ f", "~ ."))
    assert " f" in smallest.formula


def test_the_first_step_is_the_best_of_all() -> None:
    terms = ["x", "z", "g", "f"]
    best = min(terms, key=lambda term: fit(term).aic)
    assert mn.step(fit("1"), "~ x + z + g + f").trace["move"][1] == f"+ {best}"
    every = [c for m in range(5) for c in itertools.combinations(terms, m)]
    least = min(every, key=lambda chosen: fit(" + ".join(chosen) or "1").aic)
    assert mn.step(fit("x + z + g + f")).result.aic == pytest.approx(
        fit(" + ".join(least) or "1").aic, rel=1e-12
    )


def test_a_selected_model_says_so() -> None:
    found = mn.step(fit("x + z + g"))
    assert "conditional on that" in found.result.notes[-1]
    assert "conditional on" in str(found.result.summary())
    assert "conditional on that" in str(found)
    again = mn.step(found.result)
    assert again.result.notes.count(found.result.notes[-1]) == 1
    direct = mn.mnlogit(found.formula, FRAME).fit()
    np.testing.assert_allclose(found.result.params, direct.params, rtol=1e-10)
    stopped = mn.step(fit("x + z + g + f"), maxsteps=0)
    assert not stopped.complete
    assert "number of steps" in str(stopped)


def test_covariance_base_and_options_go_along() -> None:
    res = fit("x + z + g", base="c").with_cov("cluster", groups="school")
    found = mn.step(res).result
    assert found.base == "c"
    assert found.cov_type.startswith("clustered by school")
    with pytest.raises(OptionError, match="does not rely on the likelihood") as caught:
        mn.drop1(res)
    assert caught.value.code == "lr-of-robust"
    table = mn.drop1(res, test="Wald")
    for term, row in res.wald_test_terms().iterrows():
        assert table.loc[term, "statistic"] == row["statistic"]


def test_rows_stay_the_same() -> None:
    holes = FRAME.assign(z=FRAME["z"].where(FRAME.index > 20), q=np.log(FRAME["x"].abs()))
    res = fit("x", holes)
    for call in (
        lambda: mn.add1(res, "~ . + z"),
        lambda: mn.step(res, "~ . + z"),
    ):
        with pytest.raises(
            DataError, match=r"'\+ z': 21 of the 300 rows .* miss z \(21\)"
        ) as caught:
            call()
        assert caught.value.code == "different-rows"
    whole = fit("x", holes, subset="!isna(z)")
    assert mn.add1(whole, "~ . + z").index.tolist() == ["<none>", "z"]
    # a term that leaves takes no rows back
    assert mn.drop1(fit("x + z", holes)).loc["z", "log_likelihood"] == pytest.approx(
        fit("x", holes[holes["z"].notna()]).llf, rel=1e-12
    )


def test_pseudo_likelihoods_have_wald_tests_only() -> None:
    res = fit("x + z", sampling_weights="w")
    with pytest.raises(OptionError) as caught:
        mn.drop1(res)
    assert caught.value.code == "lr-of-pseudo-likelihood"
    with pytest.raises(OptionError, match="pseudo-likelihood"):
        mn.drop1(res, test="Wald")
    with pytest.raises(OptionError, match="pseudo-likelihood"):
        mn.step(res)
    table = mn.drop1(res, test="Wald", criterion=None)
    assert table.columns.tolist() == ["df", "log_likelihood", "statistic", "p_value"]
    assert table.loc["z", "statistic"] == res.wald_test_terms().loc["z", "statistic"]
    by_f = mn.drop1(res.with_cov("survey", psu="school"), test="Wald", criterion=None)
    assert by_f.loc["z", "df_denom"] == 19 - 3 + 1


def test_fits_that_cannot_be_compared() -> None:
    for penalty in ("jeffreys", mn.Ridge(1.0)):
        res = mn.mnlogit("y ~ x + z", FRAME).fit(penalty=penalty)
        for call in (mn.drop1, mn.step, lambda r: mn.add1(r, "~ . + g")):
            with pytest.raises(OptionError, match="penalised"):
                call(res)
        with pytest.raises(OptionError, match="penalised"):
            mn.drop1(res, test="Wald", criterion=None)
    with pytest.raises(OptionError, match="parallel=") as caught:
        mn.drop1(fit("x + z", parallel="z"))
    assert caught.value.code == "selection-constrained"
    with pytest.warns(ConvergenceWarning):
        stopped = mn.mnlogit("y ~ x + z", FRAME).fit(maxiter=1)
    with pytest.raises(ConvergenceError):
        mn.drop1(stopped)
    with pytest.raises(DataError, match="without its data"):
        mn.drop1(pickle.loads(pickle.dumps(fit("x + z"))))
    with pytest.raises(FormulaError, match="given arrays"):
        mn.drop1(mn.MNLogit(FRAME["y"], FRAME[["x", "z"]].assign(const=1.0)).fit())
    with pytest.raises(OptionError, match="takes fitted models"):
        mn.drop1("y ~ x")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda r: mn.drop1(r, "~ q"), "has no term 'q'"),
        (lambda r: mn.drop1(r, "y2 ~ x"), "names a response"),
        (lambda r: mn.drop1(r, 3), "right side of a formula"),
        (lambda r: mn.drop1(r, test="F"), "test='F'"),
        (lambda r: mn.drop1(r, criterion="hq"), "criterion='hq'"),
        (lambda r: mn.step(r, criterion=None), "criterion=None"),
        (lambda r: mn.step(r, direction="up"), "direction='up'"),
        (lambda r: mn.step(r, direction="forward"), "needs scope="),
        (lambda r: mn.step(r, "~ x"), "does not lie between"),
        (lambda r: mn.step(r, ("~ g", "~ .")), "does not lie between"),
        (lambda r: mn.step(r, ("~ 1", "~ x", "~ .")), "smallest and the largest"),
        (lambda r: mn.step(r, maxsteps=-1), "maxsteps"),
    ],
)
def test_options_that_cannot_be_honoured(call: Any, match: str) -> None:
    with pytest.raises(OptionError, match=match):
        call(fit("x + z"))


def test_fits_of_other_kinds() -> None:
    data = FRAME.assign(twice=2 * FRAME["x"])
    with pytest.warns(mn.errors.AliasedWarning):
        aliased = fit("x + z + twice", data)
    table = mn.drop1(aliased)
    assert table.loc[["x", "twice"], "df"].tolist() == [0, 0]
    assert table.loc[["x", "twice"], "p_value"].isna().all()
    assert mn.step(aliased).trace["move"][1] == "- x"
    counted = FRAME.groupby(["g", "school", "y"]).size().unstack(fill_value=0).reset_index()
    counts = mn.mnlogit("cbind(a, b, c, d) ~ g + school", counted).fit()
    long = fit("g + school")
    np.testing.assert_allclose(
        mn.drop1(counts)["statistic"], mn.drop1(long)["statistic"], rtol=1e-9
    )
    repeated = FRAME.loc[FRAME.index.repeat(FRAME["f"])]
    np.testing.assert_allclose(
        mn.drop1(fit("x + z", freq_weights="f"))["aic"],
        mn.drop1(fit("x + z", repeated.reset_index(drop=True)))["aic"],
        rtol=1e-10,
    )
    two = FRAME.assign(y=FRAME["y"].where(FRAME["y"] == "a", "b"))
    assert mn.drop1(fit("x + z", two)).loc["z", "df"] == 1
    streamed = mn.mnlogit("y ~ x + z", lambda: iter([FRAME.iloc[:150], FRAME.iloc[150:]])).fit()
    np.testing.assert_allclose(mn.drop1(streamed)["aic"], mn.drop1(fit("x + z"))["aic"], rtol=1e-10)


def test_the_supremum_of_separated_data_counts() -> None:
    toy = mn.datasets.separated_toy()
    with pytest.warns(SeparationWarning):
        res = mn.mnlogit("y ~ x + z", toy).fit()
    with pytest.warns(SeparationWarning):
        table = mn.drop1(res)
    assert np.isfinite(table["aic"]).all()
    assert (table["statistic"].iloc[1:] >= 0).all()


def test_inputs_are_left_alone() -> None:
    data = FRAME.copy()
    res = fit("x + z + g", data)
    before = str(res.summary())
    mn.step(res)
    pd.testing.assert_frame_equal(data, FRAME)
    assert str(res.summary()) == before


@pytest.mark.filterwarnings("ignore::mnlstat.errors.AliasedWarning")
@pytest.mark.parametrize("test", ["LR", "Wald"])
def test_a_term_that_another_one_replaces_is_not_tested(test: str) -> None:
    rng = np.random.default_rng(5)
    data = pd.DataFrame({"x": rng.normal(size=200), "z": rng.normal(size=200)})
    data["y"] = rng.choice(list("ABC"), 200)
    table = mn.drop1(mn.mnlogit("y ~ x + I(2*x) + z", data).fit(), test=test)
    assert table.loc["x", "df"] == 0
    assert np.isnan(table.loc["x", "p_value"])
    assert np.isfinite(table.loc["z", "p_value"])
