"""Against 50 digits or more: enormous linear predictors, probabilities that are nearly one."""

from __future__ import annotations

import numpy as np
import pytest

from tests.likelihood.exact import exact
from tests.likelihood.problems import KINDS, Problem, random_problem

LARGE = [2.0**14, 2.0**27, 2.0**996]
"""About 1e4, 1e8 and 1e300; powers of two, so that ties of linear predictors are exact."""


def ladder(largest: float, base: int = 0, offset: bool = False) -> Problem:
    """Three outcomes, linear predictors exactly ``largest`` times 0, +-1/4, +-1/2, +-1."""
    X = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.5], [0.25, -1.0], [0.0, 0.0]])
    shift = np.outer([1.0, -1.0, 0.5, 0.0, 0.25], [0.25, -0.5, 0.0]) * largest
    return Problem(
        X=X,
        y=np.array([0, 2, 1, 0, 2]),
        n_outcomes=3,
        base=base,
        weights=np.array([1.0, 0.5, 2.0, 1.0, 1.0]),
        offset=shift if offset else None,
        params=largest * np.array([1.0, -0.5, 0.5, 1.0]),
    )


@pytest.mark.parametrize("largest", LARGE)
@pytest.mark.parametrize("base", [0, 1, 2])
@pytest.mark.parametrize("offset", [False, True], ids=["plain", "offset"])
def test_enormous_linear_predictors_give_finite_right_values(
    largest: float, base: int, offset: bool
) -> None:
    problem = ladder(largest, base, offset)
    right, likelihood = exact(problem), problem.likelihood
    with np.errstate(all="raise", under="ignore"):
        value = likelihood.loglike(problem.params)
        score = likelihood.score(problem.params)
        information = likelihood.information(problem.params)
        pi = likelihood.probabilities(problem.params)
    assert value == pytest.approx(right.loglike, rel=1e-15)
    np.testing.assert_allclose(score, right.score, rtol=1e-14)
    np.testing.assert_allclose(information, right.information, rtol=1e-14, atol=1e-300)
    np.testing.assert_allclose(pi, right.probabilities, rtol=1e-15, atol=0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("J", "k"), [(2, 3), (3, 4), (4, 2), (6, 1)])
@pytest.mark.parametrize("spread", [1.0, 20.0])
def test_everything_agrees_with_fifty_digits(J: int, k: int, kind: str, spread: float) -> None:
    problem = random_problem(J, k, kind, n=12, spread=spread)
    right, likelihood = exact(problem), problem.likelihood
    # A linear predictor of size s is itself only known to s * eps.
    near = 1e-15 * (4 + spread * k)
    assert likelihood.loglike(problem.params) == pytest.approx(right.loglike, rel=near)
    total = np.abs(likelihood.score_obs(problem.params)).sum(axis=0)
    assert (np.abs(likelihood.score(problem.params) - right.score) <= 4 * near * total).all()
    root = np.sqrt(np.diag(right.information))
    size = np.outer(root, root)
    error = np.abs(likelihood.information(problem.params) - right.information) / size
    assert error.max() <= 4 * near
    pi = likelihood.probabilities(problem.params)
    np.testing.assert_allclose(pi, right.probabilities, rtol=8 * near)


@pytest.mark.parametrize("eta", [5.0, 20.0, 36.75, 40.0, 300.0, 700.0])
@pytest.mark.parametrize("base", [0, 1, 2])
@pytest.mark.parametrize("likely", [0, 1, 2])
def test_one_minus_a_probability_near_one_keeps_its_digits(
    eta: float, base: int, likely: int
) -> None:
    offset = np.zeros((1, 3))
    offset[0, likely] = eta
    problem = Problem(np.ones((1, 1)), np.array([likely]), 3, base, None, offset, np.zeros(2))
    right = exact(problem, digits=650)
    score = problem.likelihood.score(problem.params)
    np.testing.assert_allclose(score, right.score, rtol=1e-15)
    information = problem.likelihood.information(problem.params)
    np.testing.assert_allclose(information, right.information, rtol=1e-15)
    value = problem.likelihood.loglike(problem.params)
    assert value == pytest.approx(right.loglike, rel=1e-15)


def test_outcomes_never_chosen_may_have_probability_zero() -> None:
    offset = np.array([[0.0, 0.0, -1e300], [0.0, 1e4, 0.0]])
    problem = Problem(np.ones((2, 1)), np.array([0, 1]), 3, 0, None, offset, np.zeros(2))
    evaluation = problem.likelihood.evaluate(problem.params, order=2)
    assert evaluation.value == pytest.approx(-np.log(2), rel=1e-15)
    assert np.isfinite(evaluation.score).all() and np.isfinite(evaluation.information).all()
