"""What designs of surveys that cannot be, and fits of other kinds, get."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import (
    ClusterWarning,
    ConvergenceError,
    ConvergenceWarning,
    DataError,
    MnlstatError,
    OptionError,
    RankError,
    SeparationError,
    WeightsError,
)
from tests.inference.samples import fitted
from tests.inference.test_survey import survey

DESIGN = {"strata": "stratum", "psu": "psu"}


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    return survey().set_index(np.arange(240) + 1000)


@pytest.fixture(scope="module")
def res(data: pd.DataFrame) -> Any:
    return fitted(data, sampling_weights="w")


@pytest.mark.parametrize(
    ("options", "error", "code", "match"),
    [
        ({"lonely": "certainty"}, OptionError, "invalid-choice", "'remove', 'adjust', 'average'"),
        ({"nest": True}, OptionError, "survey-option", "give strata= and psu="),
        ({"nest": 1, **DESIGN}, OptionError, "not-true-or-false", "nest=1"),
        ({"method": "JK1"}, OptionError, "survey-option", "replicates= are not given"),
        ({"mse": False}, OptionError, "survey-option", "replicates= are not given"),
        ({"replicates": ["w", "f"]}, OptionError, "survey-option", "needs method="),
        (
            {"replicates": ["w", "f"], "method": "JK1", "psu": "psu"},
            OptionError,
            "survey-option",
            "replicate weights hold the design",
        ),
        ({"replicates": ["w"], "method": "JK1"}, WeightsError, "replicate-weights", "two at least"),
        ({"replicates": ["w", "x"], "method": "JK1"}, WeightsError, "replicate-weights", "'x'"),
        ({"replicates": ["w", "g"], "method": "JK1"}, WeightsError, "not-numbers", "'g'"),
        ({"replicates": ["w", "no"], "method": "JK1"}, DataError, "missing-column", "'no'"),
        ({"replicates": ["w", "f"], "method": "jk1"}, OptionError, "invalid-choice", "'JK1'"),
        ({"replicates": ["w", "f"], "method": "Fay"}, OptionError, "survey-option", "needs rho="),
        (
            {"replicates": ["w", "f"], "method": "BRR", "rho": 0.3},
            OptionError,
            "survey-option",
            "has no rho=",
        ),
        (
            {"replicates": ["w", "f"], "method": "Fay", "rho": 1.0},
            OptionError,
            "survey-option",
            "below one",
        ),
        ({"replicates": ["w", "f"], "method": "JKn"}, OptionError, "survey-option", "rscales="),
        (
            {"replicates": ["w", "w"], "method": "JKn", "rscales": [1.0]},
            OptionError,
            "survey-option",
            "1 numbers for 2 replicates",
        ),
        (
            {"replicates": ["w", "w"], "method": "JKn", "rscales": "half"},
            OptionError,
            "survey-option",
            "a number for each",
        ),
        ({"psu": ["school", "psu"]}, OptionError, "survey-option", "one column is wanted"),
        ({"psu": "schol"}, DataError, "missing-column", "did you mean 'school'"),
        ({"strata": np.zeros(7)}, DataError, "lengths-differ", "7 values"),
        ({"fpc": "g"}, DataError, "not-numbers", "'g' holds no numbers"),
        ({"fpc": "x"}, DataError, "fpc-unusable", "above zero"),
        ({"fpc": "population"}, DataError, "fpc-unusable", "one number for a stratum"),
        ({"fpc": np.full(240, 200.0)}, DataError, "fpc-unusable", "240 PSUs were sampled"),
        ({"fpc": np.ones(240)}, DataError, "fpc-unusable", "no sampling error"),
        ({"fpc": np.full(240, 240)}, DataError, "fpc-unusable", "no sampling error"),
        ({**DESIGN, "nest": False}, DataError, "psu-in-several-strata", "is in the strata"),
        ({"strata": "psu", "psu": "psu"}, DataError, "lonely-psu", "strata .* one PSU only"),
        ({"subpop": "x >"}, MnlstatError, "formula-syntax", "subpop"),
        ({"subpop": "x > 0"}, OptionError, "subpop-unlike-fit", "rows outside of it"),
        ({"subpop": np.ones(3, bool)}, OptionError, "subset-values", "subpop= must be"),
        ({"groups": "psu"}, OptionError, "covariance-option", "takes no groups"),
        ({"correction": "stata"}, OptionError, "covariance-option", "correction='stata'"),
    ],
)
def test_designs_that_cannot_be(
    res: Any, options: dict[str, Any], error: Any, code: str, match: str
) -> None:
    with pytest.raises(error, match=match) as caught:
        res.with_cov("survey", **options)
    assert caught.value.code == code


def test_designs_belong_to_surveys(res: Any, data: pd.DataFrame) -> None:
    with pytest.raises(OptionError, match="psu='psu' is of the design of a survey"):
        res.with_cov("robust", psu="psu")
    with pytest.raises(OptionError, match="psu='psu' is of the design of a survey"):
        mn.mnlogit("y ~ x", data).fit(cov_type="robust", psu="psu")
    with pytest.raises(OptionError, match="strata='stratum' is an option of a covariance"):
        mn.mnlogit("y ~ x", data).fit(strata="stratum")
    with pytest.raises(OptionError, match="one method of maximisation"):
        mn.mnlogit("y ~ x", data).fit(method="bfgs")
    with pytest.raises(OptionError, match=r"res\.with_cov") as caught:
        mn.mnlogit("y ~ x", data).fit(cov_type="bootstrap")
    assert caught.value.code == "bootstrap-first"


@pytest.mark.parametrize("kind", ["complex", "text", "category", "flags"])
def test_numbers_of_the_design_are_real(data: pd.DataFrame, kind: str) -> None:
    made = {
        "complex": data["fraction"] + 0j,
        "text": data["fraction"].astype(str),
        "category": data["fraction"].astype("category"),
        "flags": data["fraction"] > 0,
    }
    res = fitted(data.assign(odd=made[kind]), sampling_weights="w")
    codes = ("unusable-type", "not-numbers")
    for given in ("odd", made[kind]):
        with pytest.raises(DataError, match="fpc: ") as caught:
            res.with_cov("survey", **DESIGN, fpc=given)
        assert caught.value.code in codes
    if kind != "flags":
        with pytest.raises(WeightsError, match="replicates: ") as refused:
            res.with_cov("survey", replicates=["w", "odd"], method="JK1")
        assert refused.value.code in codes
    for rscales in ([1.0, 1j], ["1", "1"], [True, True]):
        with pytest.raises(OptionError, match="must be a number for each"):
            res.with_cov("survey", replicates=["w", "f"], method="JK1", rscales=rscales)


def test_corrections_of_later_stages_are_refused(res: Any, data: pd.DataFrame) -> None:
    for given in (["fraction", "population"], data[["fraction", "population"]]):
        with pytest.raises(OptionError, match="2 stages are given") as caught:
            res.with_cov("survey", **DESIGN, fpc=given)
        assert caught.value.code == "survey-option"
    one = res.with_cov("survey", **DESIGN, fpc=["fraction"])
    assert one.bse.equals(res.with_cov("survey", **DESIGN, fpc="fraction").bse)


def test_rows_that_left_the_design_are_said(data: pd.DataFrame) -> None:
    gone = (data["stratum"] == "n") & (data["psu"] == 2) | (data["stratum"] == "w")
    gone |= data.index == 1001
    res = fitted(data.assign(x=data["x"].where(~gone)), sampling_weights="w")
    found = res.with_cov("survey", **DESIGN)
    lost = 1 + data.loc[data["stratum"] == "w", "psu"].nunique()
    said = f"Not in the design: {gone.sum()} rows of the data, which miss values, and with them"
    said += f" all rows of {lost} PSUs and 1 stratum; subpop=True keeps them in it."
    assert said in found.cov_notes
    assert said in " ".join(str(found.summary()).split())
    # named over all strata, PSU 2 is still there
    names = data["stratum"] + data["psu"].astype(str)
    whole = res.with_cov("survey", strata="stratum", psu=names, nest=False)
    assert said in whole.cov_notes
    kept = res.with_cov("survey", **DESIGN, subpop=True)
    assert not any("Not in" in note for note in kept.cov_notes)
    rows = res.with_cov("survey")
    assert f"{gone.sum()} rows of the data, which miss values; subpop" in rows.cov_notes[1]
    women = mn.mnlogit("y ~ x", data, subset="g == 'u'").fit()
    part = women.with_cov("survey", **DESIGN, subpop=False)
    out = int((data["g"] != "u").sum())
    assert f"{out} rows of the data, which the fit did not use" in part.cov_notes[1]
    one = fitted(data.assign(x=data["x"].where(data.index != 1001)))
    notes = one.with_cov("survey", **DESIGN).cov_notes
    assert "Not in the design: 1 row of the data, which misses values; subpop" in notes[1]


def two_halves(res: Any) -> np.ndarray:
    """Replicate weights (n, 2) that weigh every other row up, and down."""
    half = np.arange(len(res.likelihood.rows)) % 2
    return res.likelihood.rows.weights[:, None] * np.column_stack([0.5 + half, 1.5 - half])


def test_other_degrees_of_freedom_are_said(res: Any) -> None:
    own = res.with_cov("survey", **DESIGN, df=11).cov_notes
    assert "11 degrees of freedom, given as df=, in place of those of the design, 20" in own[1]
    normal = res.with_cov("survey", **DESIGN, use_t=False).cov_notes
    assert "(use_t=False): the degrees of freedom of the design, 20, are not used" in normal[1]
    assert len(res.with_cov("survey", **DESIGN).cov_notes) == 2
    weights = two_halves(res)
    with pytest.warns(ClusterWarning):
        replicated = res.with_cov("survey", replicates=weights, method="bootstrap", df=5)
    assert "5 degrees of freedom, given as df=" in replicated.cov_notes[1]


@pytest.mark.parametrize("option", ["strata", "psu", "fpc"])
def test_missing_values_of_the_design_are_refused(data: pd.DataFrame, option: str) -> None:
    column = {"strata": "stratum", "psu": "psu", "fpc": "fraction"}
    holes = data.assign(**{column[option]: data[column[option]].where(data.index != 1007)})
    res = fitted(holes, sampling_weights="w")
    with pytest.raises(DataError, match=f"{option}: .* is missing .*1007") as caught:
        res.with_cov("survey", strata="stratum", psu="psu", fpc="fraction")
    assert caught.value.code == "missing-values"


def test_rows_that_a_fit_left_out_must_be_spoken_of(data: pd.DataFrame) -> None:
    none = data.assign(w=data["w"].where(data["g"] == "u", 0.0))
    fits = [
        mn.mnlogit("y ~ x", data, sampling_weights="w", subset="g == 'u'").fit(),
        mn.mnlogit("y ~ x", none, sampling_weights="w").fit(),
        mn.mnlogit("y ~ x", data, sampling_weights="w", subset="g == 'u'").fit().update("y ~ z"),
    ]
    for res in fits:
        with pytest.raises(OptionError) as caught:
            res.with_cov("survey", **DESIGN)
        assert caught.value.code == "subpop-needed"
    errors = [res.with_cov("survey", **DESIGN, subpop="g == 'u'").bse for res in fits[:2]]
    np.testing.assert_allclose(errors[0], errors[1], rtol=1e-12)


def test_rows_with_missing_predictors_leave_the_design_unless_all_stay(data: pd.DataFrame) -> None:
    holes = data.assign(x=data["x"].where(~((data["stratum"] == "n") & (data["psu"] == 0))))
    res = fitted(holes, sampling_weights="w")
    assert set(res.with_cov("survey", **DESIGN).df_t) == {19}
    assert set(res.with_cov("survey", **DESIGN, subpop=True).df_t) == {20}
    assert set(res.with_cov("survey", **DESIGN, subpop="w > 0").df_t) == {19}


def test_subpopulations_that_are_missing_are_refused(data: pd.DataFrame) -> None:
    holes = data.assign(q=data["z"].where(data.index != 1003))
    res = mn.mnlogit("y ~ x", holes, subset="q > 0", sampling_weights="w").fit()
    with pytest.raises(DataError, match="missing in 1 row"):
        res.with_cov("survey", **DESIGN, subpop="q > 0")


def test_kinds_of_fits_that_have_no_design(data: pd.DataFrame) -> None:
    with pytest.raises(OptionError, match="frequency weights repeat rows"):
        fitted(data, freq_weights="f").with_cov("survey", **DESIGN)
    with pytest.raises(OptionError, match="penalised"):
        mn.mnlogit("y ~ x", data).fit(penalty="jeffreys").with_cov("survey", **DESIGN)
    with pytest.raises(OptionError, match="penalised"):
        mn.mnlogit("y ~ x", data).fit(penalty=mn.Ridge(1.0)).with_cov("survey", **DESIGN)
    toy = mn.datasets.separated_toy()
    with pytest.raises(SeparationError):
        mn.mnlogit("y ~ x + z", toy).fit(separation="ignore").with_cov("survey")
    with pytest.warns(ConvergenceWarning):
        stopped = mn.mnlogit("y ~ x", data).fit(maxiter=1)
    with pytest.raises(ConvergenceError):
        stopped.with_cov("survey", **DESIGN)
    pickled = pickle.loads(pickle.dumps(fitted(data)))
    with pytest.raises(DataError, match="loaded without its data"):
        pickled.with_cov("survey", **DESIGN)
    streamed = mn.mnlogit("y ~ x", lambda: iter([data.iloc[:100], data.iloc[100:]])).fit()
    with pytest.raises(DataError, match="replicate weights take a fit for each of them"):
        streamed.with_cov("survey", replicates=["x", "z"], method="BRR")


def test_fits_of_other_kinds(data: pd.DataFrame, tmp_path: Any) -> None:
    plain = fitted(data).with_cov("survey", **DESIGN)
    assert plain.robust
    assert np.isnan(plain.llr)
    two = data.assign(y=data["y"].where(data["y"] == "a", "b"))
    assert fitted(two).with_cov("survey", **DESIGN).bse.notna().all()
    with pytest.warns(mn.errors.AliasedWarning):
        twice = mn.mnlogit("y ~ x + z + twice", data.assign(twice=2 * data["x"]))
    aliased = twice.fit().with_cov("survey", **DESIGN)
    assert aliased.bse.isna().sum() == 3
    bound = mn.mnlogit("y ~ x + z", data, parallel="z").fit().with_cov("survey", **DESIGN)
    assert bound.test("b:z = 0").df_denom == 20
    with pytest.raises(OptionError, match="under constraints"):
        bound.with_cov("survey", replicates=["w", "w"], method="JK1")
    for found in (plain, aliased, bound):
        found.save(tmp_path / "result")
        loaded = mn.load(tmp_path / "result")
        np.testing.assert_array_equal(loaded.bse, found.bse)
        assert loaded.cov_notes == found.cov_notes
        assert str(loaded.summary()) == str(found.summary())


def test_few_psus_are_said(data: pd.DataFrame) -> None:
    res = fitted(data, sampling_weights="w")
    few = data["school"] % 6
    with pytest.warns(ClusterWarning, match="tells of 5 directions only of the 12 coef"):
        found = res.with_cov("survey", psu=few)
    assert "the design tells of 5 directions only" in found.cov_notes[-1]
    assert found.df_t.eq(5).all()
    assert found.test("b:x = 0").df_denom == 5
    with pytest.raises(DataError, match="the sample has one PSU only"):
        res.with_cov("survey", psu=np.zeros(240))
    with pytest.raises(RankError, match="leave no degrees of freedom"):
        res.with_cov("survey", psu=np.zeros(240), lonely="adjust")


def test_replicates_that_fail_are_named(data: pd.DataFrame) -> None:
    res = fitted(data, sampling_weights="w")
    good = data["w"].to_numpy()
    half = np.where(data["g"] == "u", 2 * good, 0.0)
    with pytest.raises(DataError, match=r"replicate 2 does not tell g\[T.v\] from the other"):
        res.with_cov("survey", replicates=np.column_stack([good, half]), method="BRR")
    none = np.where(data["y"] == "b", 0.0, good)
    with pytest.raises(DataError, match="replicate 1 has no row of the outcome b"):
        res.with_cov("survey", replicates=np.column_stack([none, good]), method="BRR")
    apart = np.where((data["y"] == "b") & (data["x"] < 0.7), 0.0, good)
    apart = np.where((data["y"] != "b") & (data["x"] > 0.6), 0.0, apart)
    with pytest.raises(ConvergenceError, match="the fit of replicate 1 ended so: no finite"):
        res.with_cov("survey", replicates=np.column_stack([apart, good]), method="BRR")
    factors = np.where(np.column_stack([data["f"] == 1, data["f"] != 1]), 0.0, 1.1)
    with pytest.raises(WeightsError, match="have the sampling weights in them"):
        res.with_cov("survey", replicates=factors, method="JK1")


def test_the_summary_tells_the_design(res: Any) -> None:
    text = " ".join(str(res.with_cov("survey", **DESIGN, fpc="fraction").summary()).split())
    assert "survey, linearised, 24 PSUs (psu) in 4 strata (stratum)" in text
    assert "20 degrees of freedom, 24 PSUs less 4 strata" in text
    assert "correction by sampling fractions" in text
    assert "P>|t|" in text


def test_fits_without_residuals_have_no_covariance(data: pd.DataFrame) -> None:
    wide = data.groupby(["g", "y"]).size().unstack(fill_value=0).reset_index()
    res = mn.mnlogit("cbind(a, b, c, d) ~ g", wide).fit()
    with pytest.raises(RankError, match="fitted exactly") as caught:
        res.with_cov("survey")
    assert caught.value.code == "no-residual-variation"


def test_score_tests_linearise_under_the_hypothesis(res: Any) -> None:
    found = res.with_cov("survey", **DESIGN)
    score, wald = (found.test("b:x = 0.45", kind=kind) for kind in ("score", "wald"))
    assert (score.df, score.df_denom) == (wald.df, wald.df_denom) == (1, 20)
    # so near to the estimate both are nearly the same
    assert score.statistic == pytest.approx(wald.statistic, rel=0.1)
    weights = two_halves(res)
    with pytest.warns(ClusterWarning):
        replicated = res.with_cov("survey", replicates=weights, method="bootstrap")
    with pytest.raises(OptionError) as caught:
        replicated.test("b:x = 0", kind="score")
    assert caught.value.code == "score-of-bootstrap"
