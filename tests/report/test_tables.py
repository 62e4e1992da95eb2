from __future__ import annotations

import numpy as np
import pytest

from mnlstat.errors import OptionError
from mnlstat.report.tables import TIDY_COLUMNS, glance, tidy
from tests.report import fakes
from tests.saving.results import KINDS


def test_tidy_has_its_columns_in_order_and_the_rows_of_params():
    fitted = fakes.by_hand()
    frame = tidy(fitted)
    assert tuple(frame.columns) == TIDY_COLUMNS
    assert frame["outcome"].tolist() == ["general", "general", "vocation", "vocation"]
    assert frame["term"].tolist() == ["Intercept", "write"] * 2
    np.testing.assert_array_equal(frame["estimate"], fitted.params)
    np.testing.assert_array_equal(frame["std_error"], fitted.bse)
    np.testing.assert_array_equal(frame["conf_low"], fitted.conf_int()["conf_low"])


def test_relative_risk_ratios_are_those_of_stata():
    fitted = fakes.by_hand()
    plain, ratios = tidy(fitted, alpha=0.1), tidy(fitted, alpha=0.1, exponentiate=True)
    np.testing.assert_allclose(ratios["estimate"], np.exp(plain["estimate"]), rtol=1e-15)
    expected = np.exp(plain["estimate"]) * plain["std_error"]
    np.testing.assert_allclose(ratios["std_error"], expected, rtol=1e-15)
    np.testing.assert_array_equal(ratios["statistic"], plain["statistic"])
    np.testing.assert_array_equal(ratios["p_value"], plain["p_value"])
    for end in ("conf_low", "conf_high"):
        np.testing.assert_allclose(ratios[end], np.exp(plain[end]), rtol=1e-15)


def test_ratios_overflow_to_infinity_without_a_warning():
    fitted = fakes.by_hand(estimates=(800.0, 1.0, -800.0, 1.0))
    frame = tidy(fitted, exponentiate=True)
    assert frame["estimate"].tolist()[0] == float("inf")
    assert frame["estimate"].tolist()[2] == 0.0


def test_glance_is_one_row():
    fitted = fakes.aliased()
    frame = glance(fitted)
    assert frame.shape == (1, 21)
    row = frame.iloc[0]
    assert row["nobs"] == 200
    assert row["n_parameters"] == 4
    assert row["df_model"] == 2
    assert row["df_residual"] == 196
    assert row["deviance"] == -2 * fitted.llf
    assert row["n_dropped"] == 6
    assert row["base"] == "academic"
    assert row["status"].startswith("converged")


def test_glance_says_what_was_weighted_added_and_penalised():
    row = glance(KINDS["formula"]()).iloc[0]
    assert row[["weights", "offset", "penalty"]].tolist() == [None] * 3
    assert np.isnan(row["penalised_log_likelihood"])
    assert glance(KINDS["frequency weights"]()).iloc[0]["weights"].startswith("frequency, times")
    assert glance(KINDS["sampling weights"]()).iloc[0]["weights"].startswith("sampling, stands")
    assert glance(KINDS["offset"]()).iloc[0]["offset"] == "general: z, vocation: i"
    res = KINDS["penalised"]()
    row = glance(res).iloc[0]
    assert row["penalty"] == "jeffreys" and row["penalised_log_likelihood"] == res.penalised_llf
    assert row["log_likelihood"] == res.llf != res.penalised_llf


@pytest.mark.parametrize("make", [tidy, glance])
def test_every_table_says_base_covariance_and_n(make):
    origin = {"base": "academic", "cov_type": "observed information", "nobs": 200}
    assert make(fakes.by_hand()).attrs == origin


@pytest.mark.parametrize("alpha", [0, 1, -0.1, float("nan"), "5%", True])
def test_alpha_is_checked(alpha):
    with pytest.raises(OptionError, match="alpha"):
        tidy(fakes.by_hand(), alpha=alpha)


def test_exponentiate_is_checked():
    with pytest.raises(OptionError, match="exponentiate"):
        tidy(fakes.by_hand(), exponentiate="yes")
