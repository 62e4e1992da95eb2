"""One equation of a fit as a view: the numbers of the fit, its text, what other packages read."""

from __future__ import annotations

import dataclasses
import pickle
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import OptionError, UnknownOutcomeError

TRIPS = mn.datasets.travel_mode()


@pytest.fixture(scope="module")
def res() -> mn.MNLogitResults:
    return mn.mnlogit("mode ~ hinc + psize", TRIPS, base="car").fit()


@pytest.mark.parametrize("name", ["params", "bse", "tvalues", "pvalues"])
def test_numbers_are_those_of_the_fit(res: mn.MNLogitResults, name: str) -> None:
    whole = getattr(res, name)
    for outcome in ("air", "bus", "train"):
        part = getattr(res[outcome], name)
        pd.testing.assert_series_equal(part, whole.xs(outcome, level="outcome"))


def test_frames_are_those_of_the_fit(res: mn.MNLogitResults) -> None:
    one = res["bus"]
    expected = res.conf_int(0.2).xs("bus", level="outcome")
    pd.testing.assert_frame_equal(one.conf_int(alpha=0.2), expected)
    block = res.cov_params().to_numpy()[3:6, 3:6]
    np.testing.assert_array_equal(one.cov_params().to_numpy(), block)
    assert list(one.cov_params().columns) == list(one.cov_params().index) == list(one.params.index)
    tidy = res.tidy(exponentiate=True, alpha=0.1)
    mine = tidy[tidy["outcome"] == "bus"].reset_index(drop=True)
    pd.testing.assert_frame_equal(one.tidy(exponentiate=True, alpha=0.1), mine)
    assert one.tidy().attrs["base"] == "car"


def test_what_describes_the_fit_is_that_of_the_whole(res: mn.MNLogitResults) -> None:
    one = res["air"]
    for name in ("nobs", "llf", "llnull", "prsquared", "aic", "bic", "converged", "status",
                 "cov_type", "df_model", "df_resid", "formula", "base", "df_t"):  # fmt: skip
        assert getattr(one, name) == getattr(res, name), name


def test_it_prints_as_its_block_of_the_summary(res: mn.MNLogitResults) -> None:
    lines = str(res.summary()).splitlines()
    for outcome in ("air", "bus", "train"):
        printed = str(res[outcome]).splitlines()
        start = lines.index(next(line for line in lines if line.startswith(f"{outcome} vs car")))
        assert printed[2:] == lines[start : start + len(printed) - 2]
        assert printed[0] in lines
    assert repr(res["air"]) == str(res["air"])


def test_it_prints_the_alert_and_the_notes() -> None:
    with pytest.warns(mn.errors.SeparationWarning):
        fit = mn.mnlogit("y ~ x + z", mn.datasets.separated_toy()).fit()
    text = str(fit["C"])
    assert text.startswith("WARNING: separated")
    assert "-Inf" in text
    assert "* C is never seen where x[T.yes] = 1" in text


def test_equations_are_a_mapping_without_the_base(res: mn.MNLogitResults) -> None:
    equations = res.equations
    assert isinstance(equations, Mapping)
    assert list(equations) == ["air", "bus", "train"]
    assert len(equations) == 3
    assert "car" not in equations
    assert equations.get("boat") is None
    assert equations["bus"].outcome == "bus"
    assert "air, bus, train against car" in repr(equations)


def test_unknown_outcomes_name_the_nearest(res: mn.MNLogitResults) -> None:
    with pytest.raises(UnknownOutcomeError, match="did you mean 'train'") as caught:
        _ = res["trian"]
    assert caught.value.code == "unknown-outcome"
    assert isinstance(caught.value, KeyError)
    assert isinstance(caught.value, OptionError)


def test_the_base_says_that_it_has_no_equation(res: mn.MNLogitResults) -> None:
    with pytest.raises(UnknownOutcomeError, match=r"'car' is the base.*\n.*rebase") as caught:
        _ = res.equations["car"]
    assert caught.value.code == "equation-of-base"
    assert res.rebase("air")["car"].params["hinc"] == pytest.approx(-res["air"].params["hinc"])


def test_labels_are_those_of_the_outcomes_and_no_positions() -> None:
    fit = mn.mnlogit("vote ~ age", mn.datasets.anes96()).fit()
    assert fit[1].params.equals(fit[np.int64(1)].params)
    for label in ("1", True, 0, 2):
        with pytest.raises(UnknownOutcomeError):
            _ = fit[label]
    with pytest.raises(TypeError, match="not iterable"):
        iter(fit)


def test_it_is_a_view_that_cannot_be_changed(res: mn.MNLogitResults) -> None:
    one = res["air"]
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.outcome = "bus"  # type: ignore[misc]
    before = res.params.copy()
    params, cov = one.params, one.cov_params()
    params.iloc[:] = 0.0
    cov.iloc[:, :] = 0.0
    pd.testing.assert_series_equal(res.params, before)
    assert (one.params != 0).all()
    assert pickle.loads(pickle.dumps(one)).params.equals(one.params)


def test_what_maketables_reads(res: mn.MNLogitResults) -> None:
    one = res["air"]
    table = one.__maketables_coef_table__
    assert table.index.name == "Coefficient"
    assert list(table.columns) == ["b", "se", "t", "p", "ci95l", "ci95u"]
    np.testing.assert_array_equal(table["b"], one.params)
    np.testing.assert_array_equal(table[["ci95l", "ci95u"]], one.conf_int())
    assert one.__maketables_stat__("N") == 210
    assert one.__maketables_stat__("ll") == res.llf
    assert one.__maketables_stat__("pseudo_r2") == res.prsquared
    assert one.__maketables_stat__("adj_r2") is None
    assert one.__maketables_depvar__ == one.endog_names == "mode: air vs car"
    assert one.__maketables_fixef_string__ is None
    assert one.__maketables_vcov_info__ == {"vcov_type": "observed information"}
    assert all(map(one.__maketables_stat__, one.__maketables_default_stat_keys__))


def test_pseudo_likelihoods_have_no_criteria_for_maketables() -> None:
    weights = np.linspace(0.5, 2.0, len(TRIPS))
    fit = mn.mnlogit("mode ~ hinc", TRIPS, sampling_weights=weights).fit()
    assert fit["bus"].__maketables_stat__("aic") is None
    assert fit["bus"].__maketables_stat__("N") == fit.nobs
