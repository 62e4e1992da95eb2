"""The package against certified values: every public model with a finite maximum.

``tests/reference/README.md`` says where the values come from.  Required digits are relative to
the exact value and follow from one number per model, the digits asked of coefficients and
standard errors; everything derived from these may lose what its condition loses, no more.
"""

from __future__ import annotations

import functools
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import AliasedWarning, DataError, SeparationWarning
from tests.digits import table as digits_table
from tests.reference import models
from tests.reference.agreement import digits, least_digits
from tests.reference.models import ReferenceModel

Z_975 = 1.959963984540054
WELL_CONDITIONED, ILL_CONDITIONED = 12.0, 10.0
"""Digits of coefficients and standard errors, below and above a condition number of 1e6."""


def by_name(which: list[ReferenceModel]) -> pytest.MarkDecorator:
    """Run a test for each of these models."""
    return pytest.mark.parametrize("model", which, ids=[m.id for m in which])


estimated = by_name(models.full_rank_models() + models.aliased_models())
with_covariance = by_name(
    [m for m in models.every_model() if m.is_public and "cov" in m.content.get("certified", ())]
)
with_slopes = by_name([m for m in models.full_rank_models() if len(m["design_columns"]) > 1])


@functools.cache
def _fit(name: str) -> Any:
    model = models.load(name)
    with warnings.catch_warnings():
        if model.aliased:
            warnings.simplefilter("ignore", AliasedWarning)
        return mn.mnlogit(model.formula, model.frame(), base=model["base"]).fit()


def fit(model: ReferenceModel) -> Any:
    """The fit of a model, made once."""
    return _fit(model.id)


def required(model: ReferenceModel) -> float:
    """Digits asked of coefficients and standard errors."""
    return ILL_CONDITIONED if model.condition > 1e6 and not model.aliased else WELL_CONDITIONED


def unit(model: ReferenceModel) -> float:
    """The relative error that goes with :func:`required`."""
    return float(10.0 ** -required(model))


def kept(model: ReferenceModel, series: pd.Series) -> pd.Series:
    """The estimated entries of something shaped like the coefficients."""
    return series.loc[model.index].astype(float)


@estimated
def test_coefficients_have_the_digits_asked_for(model: ReferenceModel) -> None:
    ours = kept(model, fit(model).params)
    assert least_digits(ours, model.certified("coef")) >= required(model)


@estimated
def test_standard_errors_have_the_digits_asked_for(model: ReferenceModel) -> None:
    ours = kept(model, fit(model).bse)
    assert least_digits(ours, model.certified("se")) >= required(model)


@estimated
@pytest.mark.parametrize(
    ("ours", "certified"),
    [("llf", "loglik"), ("llnull", "loglik_null"), ("aic", "aic"), ("bic", "bic")],
)
def test_log_likelihoods_and_criteria_have_14_digits(
    model: ReferenceModel, ours: str, certified: str
) -> None:
    assert digits(getattr(fit(model), ours), model.certified(certified)) >= 14


@estimated
def test_r2_and_likelihood_ratio_are_within_rounding_of_the_log_likelihoods(
    model: ReferenceModel,
) -> None:
    res, block = fit(model), model["certified"]
    near = 1e-14 * max(1.0, abs(model.certified_float("loglik_null")))
    assert res.prsquared == pytest.approx(float(block["pseudo_r2"]["mcfadden"]), rel=0, abs=near)
    ratio = float(block["lr_vs_null"]["statistic"]) if block.get("lr_vs_null") else 0.0
    assert res.llr == pytest.approx(ratio, rel=0, abs=near)


@with_slopes
def test_the_p_value_of_the_likelihood_ratio_follows_from_it(model: ReferenceModel) -> None:
    block = model["certified"]["lr_vs_null"]
    near = 1e-14 * abs(model.certified_float("loglik_null")) + 1e-12
    assert fit(model).df_model == block["df"]
    assert fit(model).llr_pvalue == pytest.approx(float(block["pvalue"]), rel=near, abs=1e-300)


@estimated
def test_counts_and_degrees_of_freedom_are_those_of_the_data(model: ReferenceModel) -> None:
    res, certified = fit(model), model["certified"]
    assert res.nobs == certified["nobs_for_bic"]
    assert res.df_model == certified["n_params"] - (len(model.outcomes) - 1)
    assert res.df_resid == res.nobs - certified["n_params"]
    assert res.outcome_counts.to_dict() == model["outcome_counts"]
    assert res.converged and res.constant


@estimated
def test_outcomes_and_terms_are_named_in_the_order_of_the_formula(model: ReferenceModel) -> None:
    res = fit(model)
    assert list(res.outcomes) == model.outcomes and res.base == model["base"]
    columns = [(j, t) for j in model.outcomes[1:] for t in model["design_columns"]]
    assert res.params.index.to_list() == columns
    assert [term.name for term in res.terms] == list(model["terms"])


@estimated
def test_z_and_p_have_the_digits_of_their_parts(model: ReferenceModel) -> None:
    res, z = fit(model), model.certified_float("z")
    np.testing.assert_allclose(kept(model, res.tvalues), z, rtol=2 * unit(model))
    error = np.abs(kept(model, res.pvalues) / model.certified_float("p") - 1)
    assert (error <= 2 * unit(model) * (1 + z**2) + 1e-13).all()


@estimated
def test_limits_have_the_digits_of_estimate_and_standard_error(model: ReferenceModel) -> None:
    limits = fit(model).conf_int().loc[model.index]
    size = model.certified_float("coef").abs() + Z_975 * model.certified_float("se")
    for column, name in (("conf_low", "ci95_lower"), ("conf_high", "ci95_upper")):
        error = (limits[column] - model.certified_float(name)).abs()
        assert (error <= unit(model) * size).all()


@estimated
def test_relative_risk_ratios_are_exponentials_of_the_coefficients(model: ReferenceModel) -> None:
    tidy = fit(model).tidy(exponentiate=True).set_index(["outcome", "term"])
    error = (tidy["estimate"].loc[model.index] / model.certified_float("rrr") - 1).abs()
    size = 1 + model.certified_float("coef").abs()
    assert (error <= unit(model) * size).all()


@with_covariance
def test_covariance_has_the_digits_of_the_standard_errors(model: ReferenceModel) -> None:
    ours = fit(model).cov_params().loc[model.index, model.index]
    se = model.certified_float("se").to_numpy()
    error = np.abs(ours.to_numpy() - model.covariance().to_numpy()) / np.outer(se, se)
    assert error.max() <= 2 * unit(model)


@estimated
def test_predicted_probabilities_agree_at_the_stated_rows(model: ReferenceModel) -> None:
    stated = pd.DataFrame([row["values"] for row in model["predictions"]])
    if stated.empty:
        stated = pd.DataFrame(index=range(len(model["predictions"])))
    ours = fit(model).predict(stated)
    assert list(ours.columns) == model.outcomes
    for (_, row), expected in zip(ours.iterrows(), model["predictions"], strict=True):
        exact = [expected["prob"][outcome] for outcome in model.outcomes]
        assert least_digits(row, exact) >= required(model)


@with_slopes
def test_wald_tests_of_terms_agree(model: ReferenceModel) -> None:
    table = fit(model).wald_test_terms()
    expected = {k: v for k, v in model["wald_tests"].items() if k != "_all_slopes"}
    for term, block in expected.items():
        assert table.loc[term, "df"] == block["df"]
        assert_chi2(model, table.loc[term, "statistic"], table.loc[term, "p_value"], block)


@with_slopes
def test_wald_test_of_all_slopes_agrees(model: ReferenceModel) -> None:
    block = model["wald_tests"]["_all_slopes"]
    test = fit(model).wald_test_slopes()
    assert test.df == block["df"]
    assert_chi2(model, test.statistic, test.pvalue, block)


def assert_chi2(model: ReferenceModel, statistic: float, pvalue: float, block: Any) -> None:
    """A quadratic form in z values: ten times the error of one, and p by its derivative."""
    near = 10 * unit(model)
    assert statistic == pytest.approx(float(block["statistic"]), rel=near)
    error = near * (1 + float(block["statistic"])) + 1e-13
    assert pvalue == pytest.approx(float(block["pvalue"]), rel=error, abs=1e-300)


@by_name(models.aliased_models())
def test_aliased_columns_are_named_and_have_no_values(model: ReferenceModel) -> None:
    with pytest.warns(AliasedWarning, match=r"I\(read \+ write\)"):
        res = mn.mnlogit(model.formula, model.frame(), base=model["base"]).fit()
    assert list(res.aliased) == model.aliased
    gone = res.params.index.get_level_values("term").isin(model.aliased)
    for series in (res.params, res.bse, res.tvalues, res.pvalues):
        assert series[gone].isna().all() and series[~gone].notna().all()
    covariance = res.cov_params().to_numpy()
    assert np.isnan(covariance[gone]).all() and np.isnan(covariance[:, gone]).all()
    assert np.isfinite(covariance[~gone][:, ~gone]).all()


@by_name(models.aliased_models())
def test_the_likelihood_takes_parameters_with_and_without_the_aliased_ones(
    model: ReferenceModel,
) -> None:
    res = fit(model)
    full, short = res.params.to_numpy(), kept(model, res.params).to_numpy()
    assert res.likelihood.loglike(full) == res.likelihood.loglike(short)
    assert digits(res.likelihood.loglike(short), model.certified("loglik")) >= 14
    np.testing.assert_array_equal(res.likelihood.hessian(full), res.likelihood.hessian(short))
    with pytest.raises(DataError, match="aliased"):
        res.likelihood.score(np.nan_to_num(full))


@by_name(models.separated_models())
def test_separated_data_are_fitted_in_the_limit(model: ReferenceModel) -> None:
    exact = model["separation"]
    with pytest.warns(SeparationWarning, match=f"(?i){exact['status']} separation"):
        res = mn.mnlogit(model.formula, model.frame(), base=model["base"]).fit()
    assert not res.converged and res.separation().kind == exact["status"]
    limit = res.separation().table["limit"]
    for (outcome, term), word in limit.items():
        assert word == exact["divergence"][f"{outcome}:{term}"], (outcome, term)
        finite = word == "finite"
        for series in (res.bse, res.tvalues, res.pvalues, res.conf_int()["conf_low"]):
            assert np.isfinite(series[outcome, term]) == finite
        if finite:
            known = exact["finite_coefficients"][f"{outcome}:{term}"]
            assert digits(res.params[outcome, term], known["coef"]) >= 13
            assert digits(res.bse[outcome, term], known["se_in_limit_model"]) >= 13
    assert digits(res.llf, exact["sup_loglik"]) >= 14
    assert res.llnull == pytest.approx(float(model["separation"]["loglik_null"]), rel=1e-14)


def test_the_table_of_digits_has_a_line_for_each_certified_model() -> None:
    head, *lines = digits_table().splitlines()
    names = [line.split()[0] for line in lines]
    assert names == [m.id for m in models.every_model() if m.is_certified]
    assert len({len(line) for line in (head, *lines)}) == 1
