"""Options of the fit, and fits that are hard, impossible or cut short."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import ConvergenceWarning, OptionError, SeparationWarning
from tests.behaviour.data import fit, good_frame, refused, warned, with_column

N = len(good_frame())
MODEL = mn.mnlogit("y ~ x + z + g", good_frame())
RESULT = MODEL.fit()
P = len(RESULT.params)

ALPHAS = [0, 1, -0.1, 1.5, np.nan, np.inf, "0.05", None, True, [0.05], 5]


@pytest.mark.parametrize("alpha", ALPHAS, ids=repr)
@pytest.mark.parametrize("method", ["conf_int", "tidy", "summary"])
def test_levels_outside_of_0_to_1_are_refused(method: str, alpha: Any) -> None:
    with refused(OptionError, "alpha", repr(alpha)):
        getattr(RESULT, method)(alpha=alpha)


@pytest.mark.parametrize("value", [-1, 2.5, np.nan, "many", None, True, [3]], ids=repr)
def test_an_impossible_number_of_iterations_is_refused(value: Any) -> None:
    with refused(OptionError, "maxiter", repr(value)):
        MODEL.fit(maxiter=value)


@pytest.mark.parametrize("value", [-1e-8, 0, np.nan, np.inf, "small", None, True], ids=repr)
def test_an_impossible_tolerance_is_refused(value: Any) -> None:
    with refused(OptionError, "tol", repr(value)):
        MODEL.fit(tol=value)


@pytest.mark.parametrize("value", [-1e-8, np.nan, np.inf, "small", None, True], ids=repr)
def test_an_impossible_rank_tolerance_is_refused(value: Any) -> None:
    with refused(OptionError, "rank_tol", repr(value)):
        fit(good_frame(), rank_tol=value)


@pytest.mark.parametrize("option", ["missing", "rank"])
@pytest.mark.parametrize("value", ["drpo", "", None, 1, ["drop"]], ids=repr)
def test_choices_that_do_not_exist_are_refused_with_those_that_do(option: str, value: Any) -> None:
    with refused(OptionError, option, repr(value), "'drop'", "'error'"):
        fit(good_frame(), **{option: value})


UNKNOWN = {
    "mnlogit": (lambda: mn.mnlogit("y ~ x", good_frame(), bas="a"), "bas", "base"),
    "MNLogit": (lambda: mn.MNLogit(good_frame()["y"], good_frame()[["x"]], mising="drop"),
                "mising", "missing"),
    "from_formula": (lambda: mn.MNLogit.from_formula("y ~ x", good_frame(), bas="a"),
                     "bas", "base"),
    "fit": (lambda: MODEL.fit(max_iter=3), "max_iter", "maxiter"),
    "fit's covariance": (lambda: MODEL.fit(covtype="HC0"), "covtype", "cov_type"),
    "summary": (lambda: RESULT.summary(aplha=0.1), "aplha", "alpha"),
    "tidy": (lambda: RESULT.tidy(exponent=True), "exponent", "exponentiate"),
    "conf_int": (lambda: RESULT.conf_int(level=0.9), "level", "alpha"),
    "predict": (lambda: RESULT.predict(dta=None), "dta", "data"),
}  # fmt: skip


@pytest.mark.parametrize("case", UNKNOWN)
def test_unknown_options_are_type_errors_that_name_the_nearest(case: str) -> None:
    call, name, nearest = UNKNOWN[case]
    with refused(OptionError, name, nearest):
        call()
    with pytest.raises(TypeError, match=name):
        call()


@pytest.mark.parametrize("base", ["A", "d", 0, None.__class__, np.nan, ["a"], ""], ids=repr)
def test_an_unknown_base_is_refused_with_the_outcomes(base: Any) -> None:
    with refused(OptionError, "base", "'a'", "'b'", "'c'"):
        fit(good_frame(), base=base)
    with refused(OptionError, "'a'", "'b'", "'c'"):
        RESULT.rebase(base)


def test_a_misspelt_base_is_answered_with_the_nearest() -> None:
    data = with_column("y", np.array(["academic", "general", "vocation"])[np.arange(N) % 3])
    with refused(OptionError, "vocatoin", "did you mean 'vocation'"):
        fit(data, base="vocatoin")


@pytest.mark.parametrize("base", [np.nan, pd.NA], ids=repr)
def test_a_missing_base_is_called_missing(base: Any) -> None:
    with refused(OptionError, "base", "missing", "'a', 'b', 'c'"):
        fit(good_frame(), base=base)


def test_a_base_never_seen_is_refused() -> None:
    data = with_column("y", pd.Categorical(good_frame()["y"], ["never", "a", "b", "c"]))
    with refused(OptionError, "never", "'a'"):
        fit(data, base="never")


STARTS = {
    "short": np.zeros(P - 1),
    "long": np.zeros(P + 1),
    "nan": np.full(P, np.nan),
    "one inf": np.where(np.arange(P) == 2, np.inf, 0.0),
    "matrix": np.zeros((P, 1)),
    "text": ["0.5a"] * P,
    "number": 3.0,
    "object": object(),
    "other labels": pd.Series(np.zeros(P)),
    "a label twice": pd.Series(np.zeros(P), index=MODEL.index[[0, 0, *range(2, P)]]),
}


@pytest.mark.parametrize("case", STARTS)
def test_starts_of_the_wrong_shape_or_not_finite_are_refused(case: str) -> None:
    with refused(OptionError, "start_params"):
        MODEL.fit(start_params=STARTS[case])


@pytest.mark.parametrize("start", [200.0, -200.0, 1e4, 1e150, 1e-300])
def test_a_far_start_leads_to_the_right_answer(start: float) -> None:
    res = MODEL.fit(start_params=np.full(P, start))
    assert res.converged
    np.testing.assert_allclose(res.params, RESULT.params, rtol=1e-11)
    np.testing.assert_allclose(res.bse, RESULT.bse, rtol=1e-11)


def test_a_labelled_start_is_lined_up_by_its_labels() -> None:
    start = RESULT.params.sample(frac=1.0, random_state=3)
    res = MODEL.fit(start_params=start)
    assert res.iterations <= 2
    np.testing.assert_allclose(res.params, RESULT.params, rtol=1e-12)


@pytest.mark.parametrize("maxiter", [0, 1, 2])
def test_a_fit_cut_short_says_so_and_has_no_standard_errors(maxiter: int) -> None:
    with warned(ConvergenceWarning, "not converged", "iteration", maxiter):
        res = MODEL.fit(maxiter=maxiter)
    assert not res.converged and "not converged" in str(res.status.value)
    assert res.iterations == maxiter
    for series in (res.bse, res.tvalues, res.pvalues):
        assert series.isna().all()
    assert res.conf_int().isna().all(axis=None) and res.cov_params().isna().all(axis=None)
    head = "\n".join(str(res.summary()).splitlines()[:8])
    assert "not converged" in head.lower()
    rebased = res.rebase("c")
    assert not rebased.converged and rebased.bse.isna().all()


def test_the_warning_of_a_fit_cut_short_names_how_far_the_maximum_is() -> None:
    with pytest.warns(ConvergenceWarning) as caught:
        res = MODEL.fit(maxiter=2)
    assert f"{res.decrement:.3g}" in str(caught[0].message)


def overlap(gap: float) -> pd.DataFrame:
    """Two outcomes that ``x`` separates but for an overlap of width ``gap``."""
    x = np.concatenate([np.arange(-10.0, 0.0), [gap, -gap], np.arange(1.0, 11.0)])
    return pd.DataFrame({"x": x, "y": ["a"] * 11 + ["b"] * 11})


@pytest.mark.parametrize("gap", [0.3, 0.01, 1e-4, 1e-6])
def test_near_separation_is_no_separation(gap: float) -> None:
    res = fit(overlap(gap), "y ~ x")
    assert res.converged and np.isfinite(res.bse).all()


def test_touching_outcomes_are_separated() -> None:
    with pytest.warns(SeparationWarning):
        assert not fit(overlap(0.0), "y ~ x").converged


def test_a_pair_of_outcomes_that_alone_would_be_separated_is_no_separation() -> None:
    a, c, b = np.arange(5.0), np.arange(6.0, 11.0), np.arange(11.0)
    data = pd.DataFrame({"x": np.concatenate([a, b, c]), "y": ["a"] * 5 + ["b"] * 11 + ["c"] * 5})
    with pytest.warns(SeparationWarning):
        assert not fit(data[data["y"] != "b"], "y ~ x").converged
    res = fit(data, "y ~ x")
    assert res.converged and np.isfinite(res.bse).all()


def test_large_coefficients_of_small_columns_are_no_separation() -> None:
    res = fit(with_column("x", 1e-9 * good_frame()["x"]))
    assert res.converged and res.params.abs().max() > 1e7


def test_extreme_probabilities_are_no_separation() -> None:
    x = np.linspace(-60, 60, 400)
    y = np.where(x > 0, "b", "a")
    y[[190, 195, 204, 209]] = ["b", "b", "a", "a"]
    res = fit(pd.DataFrame({"x": x, "y": y}), "y ~ x")
    assert res.converged and res.fittedvalues.min(axis=None) < 1e-20


SEPARATED = {
    "complete": pd.DataFrame({"x": np.arange(12.0), "y": ["a"] * 6 + ["b"] * 6}),
    "quasi-complete": pd.DataFrame(
        {"x": [0.0, 0, 0, 0, 1, 1, 1, 1], "y": list("abab") + list("bbbb")}
    ),
    "empty cell of three outcomes": pd.DataFrame(
        {"x": [0.0] * 6 + [1.0] * 6, "y": list("abcabc") + list("ababab")}
    ),
    "one outcome apart": pd.DataFrame(
        {
            "x": [0.0, 1, 2, 3, 4, 5, 6, 7, 20, 21, 22, 23],
            "y": list("abababab") + list("cccc"),
        }
    ),
}


@pytest.mark.parametrize("case", SEPARATED)
@pytest.mark.parametrize("scale", [1.0, 1e-6, 1e6])
def test_separated_data_are_warned_about_and_have_no_standard_errors(
    case: str, scale: float
) -> None:
    data = SEPARATED[case].assign(x=lambda d: scale * d["x"])
    with warned(SeparationWarning, "separation"):
        res = fit(data, "y ~ x")
    assert not res.converged and "separated" in str(res.status.value)
    infinite = res.separation().table["limit"] != "finite"
    assert infinite.any()
    assert res.bse[infinite].isna().all() and res.pvalues[infinite].isna().all()
    assert res.conf_int()[infinite].isna().all(axis=None)
    assert np.isfinite(res.bse[~infinite]).all()
    assert "separated" in "\n".join(str(res.summary()).splitlines()[:8])
    assert np.isfinite(res.llf) and np.isfinite(res.predict()).all(axis=None)


def test_a_saturated_model_has_the_shares_of_each_cell() -> None:
    res = fit(good_frame(), "y ~ g")
    shares = pd.crosstab(good_frame()["g"], good_frame()["y"], normalize="index")
    cells = res.predict(pd.DataFrame({"g": shares.index}))
    np.testing.assert_allclose(cells, shares, rtol=1e-12)
