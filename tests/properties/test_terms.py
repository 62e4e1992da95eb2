"""Tests of terms: what is a term, and what its test says."""

from __future__ import annotations

import numpy as np
import pytest

import mnlstat as mn
from tests.behaviour.data import fit, good_frame, with_column
from tests.report import markup


def test_a_constant_is_no_term_whatever_its_name() -> None:
    plain = fit(good_frame(), "y ~ x + z").wald_test_terms()
    named = fit(with_column("ones", 1.0), "y ~ 0 + ones + x + z").wald_test_terms()
    X = good_frame()[["x", "z"]].assign(const=2.0)
    arrays = mn.MNLogit(good_frame()["y"], X).fit().wald_test_terms()
    for table in (named, arrays):
        assert table.index.tolist() == ["x", "z"]
        np.testing.assert_allclose(table["statistic"], plain["statistic"], rtol=1e-9)


def test_a_column_for_each_level_is_tested_against_equal_shares_and_noted() -> None:
    res = fit(good_frame(), "y ~ 0 + g")
    B = np.eye(len(res.params))
    assert res.spanning_term == "g"
    assert res.wald_test_terms().loc["g", "df"] == 6
    expected = res.wald_test(B).statistic
    assert res.wald_test_terms().loc["g", "statistic"] == pytest.approx(expected, rel=1e-12)
    assert any("g has a column for each level" in note for note in res.summary().notes)
    assert fit(good_frame(), "y ~ 0 + x + g").spanning_term == "g"
    for formula in ("y ~ g", "y ~ x + g", "y ~ 0 + x", "y ~ 0 + x + z"):
        assert fit(good_frame(), formula).spanning_term is None


def test_without_slopes_there_is_nothing_to_test() -> None:
    summary = fit(good_frame(), "y ~ 1").summary()
    text = str(summary)
    assert "no slopes to test" in text
    assert dict(summary.statistics)["McFadden R2"] == "0.0000"
    assert "chi2" not in text and "P > chi2" not in text
    assert len(markup.read(summary.as_html()).tables) == 2
