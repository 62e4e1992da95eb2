"""statsmodels as a peer: the same numbers, whatever the labels, the base and the way of fitting."""

from __future__ import annotations

import subprocess
import sys
import warnings
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import statsmodels
import statsmodels.api as sm
import statsmodels.formula.api as smf

from mnlstat.errors import (
    ConvergenceError,
    DataError,
    OffsetError,
    SeparationError,
    WeightsError,
)
from mnlstat.peers.refusal import refuse_unfittable
from mnlstat.peers.statsmodels import base_of, facts_of, fit_statsmodels
from tests.report import fakes

FORMULA = "PID ~ logpopul + selfLR + age + educ + income"


@pytest.fixture(scope="module")
def anes():
    return fakes.anes96()


@pytest.fixture(scope="module")
def frame():
    return sm.datasets.anes96.load_pandas().data


def fit(problem, labels=None, base=0):
    labels = labels or problem.fitted.outcomes
    likelihood = fakes.Likelihood(problem.X, problem.codes, len(labels), base)
    return fit_statsmodels(problem.codes, problem.X, labels, problem.columns, base, likelihood)


def describe(problem, results, labels=None):
    labels = labels or problem.fitted.outcomes
    base = base_of(results, labels, problem.codes)
    likelihood = fakes.Likelihood(problem.X, problem.codes, len(labels), base)
    return facts_of(results, problem.codes, problem.X, labels, problem.columns, likelihood)


def test_numbers_labels_and_times(anes):
    facts = fit(anes)
    assert facts.software == f"statsmodels {statsmodels.__version__}"
    assert facts.nobs == 944
    assert facts.converged
    assert facts.cov_type == "observed information"
    assert facts.params.index.names == ["outcome", "term"]
    pd.testing.assert_series_equal(facts.params, anes.fitted.params, rtol=1e-9)
    pd.testing.assert_series_equal(facts.bse, anes.fitted.bse, rtol=1e-9)
    assert facts.llf == pytest.approx(-1461.9227472481, abs=1e-9)
    assert facts.score_norm < 1e-6
    assert facts.decrement < 1e-8
    assert facts.probabilities.shape == (944, 7)
    assert facts.seconds["fit"] > 0
    assert facts.seconds["inference"] > 0


def test_outcomes_may_be_text_and_any_of_them_the_base(anes):
    labels = tuple("gfedcba")
    facts = fit(anes, labels, base=3)
    assert facts.base == "d"
    assert list(dict.fromkeys(facts.params.index.get_level_values("outcome"))) == list("gfecba")
    ours = anes.fitted.params.unstack("term")[list(anes.columns)]
    expected = ours.loc[1] - ours.loc[3]
    np.testing.assert_allclose(facts.params["f"], expected, rtol=1e-7)
    np.testing.assert_allclose(facts.params["g"], -ours.loc[3], rtol=1e-7)
    assert facts.decrement < 1e-8


def test_a_peer_that_raises_is_reported(anes):
    twice = np.column_stack([anes.X[:, :3], anes.X[:, 1]])
    likelihood = fakes.Likelihood(twice, anes.codes, 7, 0)
    columns = ("Intercept", "a", "b", "a again")
    facts = fit_statsmodels(anes.codes, twice, anes.fitted.outcomes, columns, 0, likelihood)
    if facts.failure:  # depends on how the singular matrix rounds
        assert "Singular" in facts.failure
        assert facts.params.isna().all()
    assert len(facts.params) == 24


def test_its_warnings_are_kept_and_none_leaks():
    x = np.linspace(-1, 1, 40)
    X = np.column_stack([np.ones(40), x])
    codes = (x > 0).astype(int)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        facts = fit_statsmodels(
            codes, X, ("no", "yes"), ("Intercept", "x"), 0, fakes.Likelihood(X, codes, 2, 0)
        )
    assert facts.failure or any("warned" in remark for remark in facts.remarks)


@pytest.mark.parametrize("wrapped", [True, False])
def test_a_formula_fit_of_the_user(anes, frame, wrapped):
    results = smf.mnlogit(FORMULA, frame).fit(disp=0)
    facts = describe(anes, results if wrapped else results._results)
    pd.testing.assert_series_equal(facts.params, anes.fitted.params, rtol=1e-7)
    assert facts.seconds == {}


def test_an_array_fit_with_other_names_order_and_outcomes(anes, frame):
    order = ["income", "age", "selfLR", "educ", "logpopul"]
    X = sm.add_constant(frame[order]).rename(columns={"age": "years"})
    party = frame["PID"].map(lambda code: "gfedcba"[int(code)]).astype(object)
    results = sm.MNLogit(party, X).fit(disp=0, maxiter=100)
    labels = tuple("gfedcba")
    assert base_of(results, labels, anes.codes) == 6
    facts = describe(anes, results, labels)
    assert facts.base == "a"
    ours = anes.fitted.params.unstack("term")[list(anes.columns)]
    np.testing.assert_allclose(facts.params["f"], ours.loc[1] - ours.loc[6], rtol=1e-6)
    assert facts.decrement < 1e-6


def test_rows_in_another_order_are_the_same_data(anes, frame):
    results = smf.mnlogit(FORMULA, frame.sample(frac=1, random_state=1)).fit(disp=0)
    assert describe(anes, results).decrement < 1e-6


def test_what_it_cannot_compute_is_nan(anes, frame):
    results = smf.mnlogit(FORMULA, frame).fit(disp=0)
    results._results.normalized_cov_params = None
    facts = describe(anes, results)
    assert facts.bse.isna().all()
    assert facts.params.notna().all()
    assert any("no bse, ValueError" in remark for remark in facts.remarks)


def test_a_robust_covariance_is_named(anes, frame):
    results = smf.mnlogit(FORMULA, frame).fit(disp=0, cov_type="HC0")
    assert describe(anes, results).cov_type == "HC0"


@pytest.mark.parametrize("labels", [(False, True), (0, 1), (0.0, 1.0), ("0", "1"), (1.5, 2.5)])
def test_however_statsmodels_spells_the_outcomes(labels):
    problem = fakes.simulated(150, 2, 2, outcomes=labels)
    y = pd.Series(np.array(labels, dtype=object)[problem.codes]).infer_objects()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = sm.MNLogit(y, pd.DataFrame(problem.X, columns=problem.columns)).fit(disp=0)
    assert describe(problem, results).base == labels[0]


def test_what_does_not_match_is_an_error(anes, frame):
    results = smf.mnlogit(FORMULA, frame[10:]).fit(disp=0)
    with pytest.raises(DataError, match="934 rows, mnlstat 944"):
        describe(anes, results)
    results = smf.mnlogit("PID ~ logpopul + selfLR + age + educ", frame).fit(disp=0)
    with pytest.raises(DataError, match="terms differ"):
        describe(anes, results)
    scaled = frame.assign(age=frame["age"] / 10)
    with pytest.raises(DataError, match="column age holds other numbers"):
        describe(anes, smf.mnlogit(FORMULA, scaled).fit(disp=0))
    merged = frame.assign(PID=frame["PID"].clip(upper=5))
    with pytest.raises(DataError, match="outcomes differ"):
        describe(anes, smf.mnlogit(FORMULA, merged).fit(disp=0))
    moved = frame.assign(PID=6 - frame["PID"])
    with pytest.raises(DataError, match="outcome 0 occurs 175 times"):
        describe(anes, smf.mnlogit(FORMULA, moved).fit(disp=0))


def test_what_is_not_a_fit_is_an_error(frame):
    logit = smf.logit("vote ~ age", frame).fit(disp=0)
    for wrong in (logit, "text", None, SimpleNamespace(model=None)):
        with pytest.raises(DataError, match="not a fitted statsmodels MNLogit"):
            base_of(wrong, (0, 1), np.zeros(4, int))
    results = smf.mnlogit("vote ~ age", frame).fit(disp=0)
    results.remove_data()
    with pytest.raises(DataError, match="no data any more"):
        base_of(results, (0, 1), np.zeros(4, int))


def test_what_statsmodels_cannot_fit_is_refused_with_the_reason():
    ok = fakes.Status.CONVERGED
    refuse_unfittable(ok)
    with pytest.raises(WeightsError, match="no weights"):
        refuse_unfittable(ok, weights=True)
    with pytest.raises(OffsetError, match="no offset"):
        refuse_unfittable(ok, offset=True)
    with pytest.raises(SeparationError, match="no finite maximum"):
        refuse_unfittable(fakes.Status.NOT_CERTIFIED)
    with pytest.raises(ConvergenceError, match="iteration limit"):
        refuse_unfittable(fakes.Status.MAXITER)


def test_statsmodels_is_imported_only_when_it_is_asked():
    code = "import sys, mnlstat.peers.statsmodels; print('statsmodels' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
