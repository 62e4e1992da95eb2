"""Every contender that is installed gives the same maximum, lined up with the workload."""

from __future__ import annotations

import numpy as np
import pytest

import mnlstat as mn
from benchmarks.accuracy import EQUAL, Accuracy, Referee, digits
from benchmarks.contenders import CONTENDERS, Contender, Ours, too_wide
from benchmarks.contenders_r import R_CONTENDERS, RPackage, solution_of
from benchmarks.workloads import Workload, many_levels


@pytest.fixture(scope="module")
def workload() -> Workload:
    return many_levels(2000, 4)


@pytest.fixture(scope="module")
def referee(workload: Workload) -> Referee:
    return Referee(mn.MultinomialLikelihood.from_arrays(workload.X, workload.y))


@pytest.mark.parametrize("contender", [*CONTENDERS, *R_CONTENDERS], ids=lambda each: each.name)
def test_a_contender_reaches_the_maximum(
    contender: Contender, workload: Workload, referee: Referee
) -> None:
    if reason := contender.obstacle(workload):
        pytest.skip(reason)
    solution = contender.read(contender.prepare(workload)(3), workload)
    reference = referee.tightest(solution.params)
    found = referee.judge(solution, reference)
    assert found.equal, found
    assert found.coefficient_digits > 4
    if solution.bse is not None:
        assert found.se_digits > 6


def test_the_referee_sees_a_wrong_solution(workload: Workload, referee: Referee) -> None:
    ours = Ours("fit")
    solution = ours.read(ours.prepare(workload)(0), workload)
    assert referee.relative_score(solution.params) < 1e-8
    shifted = solution.params + solution.bse
    assert referee.relative_score(shifted) > 0.5
    assert not Accuracy(referee.relative_score(shifted)).equal
    assert np.isnan(referee.relative_score(np.full_like(shifted, np.nan)))
    assert not Accuracy().equal


@pytest.mark.parametrize(
    ("value", "expected"), [(1.0, 16.0), (1.001, 3.0), (3.0, 0.0), (1 + 1e-9, 9.0)]
)
def test_digits(value: float, expected: float) -> None:
    assert digits(np.array([value]), np.array([1.0]), 1.0) == pytest.approx(expected, abs=1e-3)


def test_accuracy_is_equal_up_to_the_threshold() -> None:
    assert Accuracy(EQUAL).equal
    assert not Accuracy(2 * EQUAL).equal


def test_what_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr("shutil.which", lambda name: None)
    said = {each.name: each.obstacle() for each in (*CONTENDERS, *R_CONTENDERS)}
    assert said["statsmodels"] == "statsmodels is not installed"
    assert said["sklearn lbfgs"] == "scikit-learn is not installed"
    assert said["R nnet"] == "Rscript is not installed"
    assert said["mnlstat formula"] == ""


def test_a_design_that_is_too_wide_is_said(
    workload: Workload, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert too_wide(workload) == ""
    monkeypatch.setattr("benchmarks.contenders.DENSE_AT_MOST", 1000)
    assert too_wide(workload) == "takes a dense design only, here 0.0 GB"
    assert RPackage("nnet").obstacle(workload)


def test_what_r_writes_is_read_outcome_by_outcome() -> None:
    solution = solution_of(np.arange(14.0), 2, 3)
    assert solution.seconds == (0.0, 1.0)
    np.testing.assert_array_equal(solution.params, [[2, 3, 4], [5, 6, 7]])
    np.testing.assert_array_equal(solution.bse, [[8, 9, 10], [11, 12, 13]])
