from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

from mnlstat.errors import OptionError
from mnlstat.report.agreement import digits
from mnlstat.report.compare import FRAME_COLUMNS, Comparison
from mnlstat.report.facts import describe, judge
from mnlstat.report.layout import WIDTH, display_width
from tests.report import fakes, golden_text, markup
from tests.report.test_peer import fit


@pytest.fixture(scope="module")
def problem():
    return fakes.anes96()


@pytest.fixture(scope="module")
def ours(problem):
    return describe(problem.fitted, problem.likelihood)


@pytest.fixture(scope="module")
def theirs(problem):
    return fit(problem)


@pytest.fixture
def comparison(ours, theirs):
    return Comparison(ours, theirs)


def moved(facts, problem, factor):
    """The same fit with all coefficients off by a factor."""
    params = facts.params * factor
    judged = judge(problem.likelihood, params.to_numpy())
    return replace(facts, params=params, llf=judged.loglike, judgement=judged)


def test_both_agree(comparison):
    assert comparison.agrees()
    assert comparison.agrees(rtol=1e-8)
    assert comparison.verdict.startswith("The fits agree: coefficients to 1")
    assert comparison.max_probability_difference < 1e-9


def test_the_one_nearer_the_maximum_is_named(ours, theirs, problem):
    worse = Comparison(ours, moved(theirs, problem, 1.001))
    assert not worse.agrees()
    assert worse.agrees(rtol=0.01)
    assert "mnlstat is nearer the maximum" in worse.verdict
    assert "its log-likelihood is higher" in worse.verdict
    other_way = Comparison(moved(ours, problem, 1.001), theirs)
    assert "statsmodels is nearer the maximum" in other_way.verdict


def test_nan_and_failure_are_told(ours, theirs, problem):
    nan = float("nan")
    lost = replace(
        theirs, params=theirs.params * nan, judgement=judge(problem.likelihood, np.full(36, nan))
    )
    comparison = Comparison(ours, lost)
    assert not comparison.agrees(1e9)
    assert "not finite, yet calls itself converged" in comparison.verdict
    failed = Comparison(ours, replace(lost, failure="LinAlgError: Singular matrix"))
    assert "could not fit this model: LinAlgError: Singular matrix" in str(failed)


def test_different_rows_never_agree(ours, theirs):
    comparison = Comparison(ours, replace(theirs, nobs=943))
    assert not comparison.agrees()
    assert "different rows: 944 and 943" in comparison.verdict


def test_another_kind_of_covariance_is_told(ours, theirs):
    robust = replace(theirs, bse=theirs.bse * 1.1, cov_type="HC0")
    assert "of different kinds: observed information and HC0" in Comparison(ours, robust).verdict


@pytest.mark.parametrize("rtol", [0, -1, float("nan"), "small", True])
def test_rtol_is_checked(comparison, rtol):
    with pytest.raises(OptionError, match="rtol"):
        comparison.agrees(rtol)


@pytest.mark.parametrize(
    ("distance", "same"), [(0.0, 15), (3e-16, 15), (1.5e-12, 11), (1e-6, 6), (0.5, 0), (7.0, 0)]
)
def test_digits(distance, same):
    assert digits(distance) == same


def test_frames(comparison, problem):
    table = comparison.coefficients
    assert table.index.equals(problem.fitted.params.index)
    gap = table["estimate_theirs"] - table["estimate_ours"]
    np.testing.assert_array_equal(table["difference"], gap)
    np.testing.assert_array_equal(table["difference_in_se"], gap / table["std_error_ours"])
    assert comparison.statistics.loc["nobs"].tolist() == [944, 944, 0]
    frame = comparison.to_frame()
    assert tuple(frame.columns) == FRAME_COLUMNS
    assert frame["quantity"].value_counts()["estimate"] == 36
    assert frame["quantity"].value_counts()["std_error"] == 36
    whole = frame[frame["outcome"].isna()].set_index("quantity")
    assert {
        "log_likelihood",
        "log_likelihood_null",
        "aic",
        "bic",
        "score_norm",
        "score_in_se",
        "max_probability_difference",
        "seconds_fit",
        "seconds_inference",
    } <= set(whole.index)
    assert frame["term"].notna().sum() == 72


def steady(facts, name, version, **judgement):
    """Facts without what changes from machine to machine."""
    judged = replace(facts.judgement, **judgement)
    seconds = {"fit": 0.0123, "inference": 0.0456}
    return replace(facts, name=name, version=version, judgement=judged, seconds=seconds)


def test_golden_text(ours, problem):
    theirs = replace(moved(ours, problem, 1.001), remarks=("warned: something.",))
    comparison = Comparison(
        steady(ours, "mnlstat", "1.0", score_norm=1.5e-12, decrement=2.5e-14),
        steady(theirs, "statsmodels", "0.15"),
    )
    golden_text.check("comparison", str(comparison))


def test_it_fits_the_page_for_awkward_labels(ours, theirs):
    names = {0: fakes.LONG, 1: fakes.MARKUP, 2: fakes.JAPANESE}
    label = [(names.get(o, o), names.get(i % 6, t)) for i, (o, t) in enumerate(ours.params.index)]
    index = ours.params.index.from_tuples(label, names=["outcome", "term"])
    pair = [
        replace(
            f, params=f.params.set_axis(index) * 1e9, bse=f.bse.set_axis(index), base=fakes.LONG
        )
        for f in (ours, theirs)
    ]
    comparison = Comparison(*pair)
    text = str(comparison)
    assert max(display_width(line) for line in text.splitlines()) <= WIDTH
    page = markup.read(comparison._repr_html_())
    assert "script" not in page.seen
    assert len(page.tables) == 3
    assert len(page.tables[2].bodies) == 6


def test_aliased_columns_are_left_out_and_named(problem):
    fitted = problem.fitted
    index = fitted.params.index
    more = index.append(index.from_tuples([(j, "twice") for j in range(1, 7)], names=index.names))
    widened = replace(
        fitted,
        params=fitted.params.reindex(more),
        bse=fitted.bse.reindex(more),
        aliased={"twice": "= 2 * age"},
    )
    facts = describe(widened, problem.likelihood)
    assert len(facts.params) == 36
    assert any("twice is aliased (= 2 * age)" in remark for remark in facts.remarks)


def test_it_can_be_kept(comparison):
    assert str(pickle.loads(pickle.dumps(comparison))) == str(comparison)
