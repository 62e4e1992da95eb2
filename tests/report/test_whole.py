"""Summary and comparison of real fits, from a formula to the printed page."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import mnlstat as mn
from mnlstat.errors import ConvergenceError, ConvergenceWarning, DataError, UnknownOptionError
from mnlstat.report.layout import WIDTH
from tests.report import golden_text, markup


@pytest.fixture(scope="module")
def anes():
    return mn.datasets.anes96()


@pytest.fixture(scope="module")
def fitted(anes):
    return mn.mnlogit("PID ~ logpopul + selfLR + age + educ + income", anes).fit()


def test_golden_summary_of_anes96(fitted):
    golden_text.check("anes96", str(fitted.summary()))


def test_compare_sees_the_names_of_its_caller(anes):
    def halved(column):
        return column / 2

    comparison = mn.compare("vote ~ halved(age) + selfLR", anes)
    assert comparison.agrees(1e-8)
    assert comparison.formula == "vote ~ halved(age) + selfLR"


def test_text_outcomes_any_base_and_missing_rows(anes):
    holes = anes.assign(age=anes["age"].where(anes.index % 7 > 0))
    comparison = mn.compare("PID ~ age + C(educ > 3)", holes, base="p3")
    assert comparison.agrees(1e-8)
    assert comparison.ours.base == comparison.theirs.base == "p3"
    assert comparison.ours.nobs == comparison.theirs.nobs < len(anes)


def test_a_result_of_statsmodels_sets_the_base(anes, fitted):
    X = sm.add_constant(anes[["income", "logpopul", "selfLR", "age", "educ"]].astype(float))
    results = sm.MNLogit(anes["PID"].astype(object), X).fit(disp=0)
    comparison = fitted.rebase("p4").compare(results)
    assert comparison.agrees(1e-8)
    assert comparison.ours.base == "p0"
    assert mn.compare(fitted.formula, anes, other=results).agrees(1e-8)


def test_aliased_columns_are_left_out_of_the_comparison(anes):
    with pytest.warns(mn.errors.AliasedWarning):
        comparison = mn.compare("vote ~ age + I(2 * age) + educ", anes)
    assert comparison.agrees(1e-8)
    assert "I(2 * age) is aliased" in " ".join(str(comparison).split())


def test_without_a_maximum_there_is_nothing_to_compare(anes):
    with pytest.warns(ConvergenceWarning):
        stopped = mn.mnlogit("PID ~ age + educ", anes).fit(maxiter=1)
    with pytest.raises(ConvergenceError, match="compare"):
        stopped.compare()
    assert str(stopped.summary()).splitlines()[2].startswith("WARNING: not converged")


def test_nearly_collinear_columns_show_who_is_right():
    rng = np.random.default_rng(3)
    x = rng.normal(size=300)
    data = pd.DataFrame({"x": x, "z": 1e6 * x + rng.normal(size=300)})
    data["y"] = rng.integers(0, 3, 300)
    comparison = mn.mnlogit("y ~ x + z", data).fit().compare()
    assert comparison.ours.decrement < 1e-8
    text = str(comparison)
    assert max(map(len, text.splitlines())) <= WIDTH
    assert "statsmodels" in comparison.verdict or comparison.agrees(1e-3)


def test_html_of_a_real_fit(fitted):
    assert len(markup.read(fitted.summary()._repr_html_()).tables) == 3
    assert len(markup.read(fitted.compare()._repr_html_()).tables) == 3


def test_unknown_options_and_foreign_objects(anes, fitted):
    with pytest.raises(UnknownOptionError, match="did you mean 'base'"):
        mn.compare("PID ~ age", anes, bse="p1")
    with pytest.raises(DataError, match="not a fitted statsmodels MNLogit"):
        fitted.compare(7)
