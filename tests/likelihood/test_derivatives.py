"""Score and Hessian are the derivatives of the log-likelihood, for every shape and input."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from mnlstat.arrays import FloatArray
from tests.likelihood.problems import KINDS, SHAPES, Problem, random_problem

STENCIL = {1: 4 / 5, 2: -1 / 5, 3: 4 / 105, 4: -1 / 280}
"""Central difference of eighth order (Fornberg 1988, Math. Comp. 51, 699-706)."""
STEP = 0.02

shapes = pytest.mark.parametrize(("J", "k"), SHAPES)
kinds = pytest.mark.parametrize("kind", KINDS)


def differences(f: Callable[[FloatArray], FloatArray], at: FloatArray, step: float) -> FloatArray:
    """Derivatives of ``f`` in each coordinate of ``at``: (p, ...)."""
    moves = step * np.eye(len(at))
    return np.stack(
        [
            sum(
                weight * (np.asarray(f(at + m * move)) - np.asarray(f(at - m * move)))
                for m, weight in STENCIL.items()
            )
            / step
            for move in moves
        ]
    )


def size(problem: Problem) -> float:
    """How large a score could be: rounding and truncation are relative to it."""
    trials = problem.counts.sum(axis=1)
    return float((problem.w * trials * np.abs(problem.X).max(axis=1)).sum())


@shapes
@kinds
def test_score_is_the_derivative_of_the_log_likelihood(J: int, k: int, kind: str) -> None:
    problem = random_problem(J, k, kind)
    expected = differences(problem.likelihood.loglike, problem.params, STEP)
    score = problem.likelihood.score(problem.params)
    assert score.shape == (k * (J - 1),)
    np.testing.assert_allclose(score, expected, rtol=0, atol=1e-11 * size(problem))


@shapes
@kinds
def test_hessian_is_the_derivative_of_the_score(J: int, k: int, kind: str) -> None:
    problem = random_problem(J, k, kind)
    expected = differences(problem.likelihood.score, problem.params, STEP)
    hessian = problem.likelihood.hessian(problem.params)
    assert hessian.shape == (k * (J - 1),) * 2
    np.testing.assert_allclose(hessian, expected, rtol=0, atol=1e-11 * size(problem))


@pytest.mark.parametrize(("J", "k"), [(2, 3), (3, 4), (5, 2), (8, 3)])
@pytest.mark.parametrize("spread", [10.0, 100.0])
def test_derivatives_hold_where_probabilities_are_nearly_degenerate(
    J: int, k: int, spread: float
) -> None:
    problem = random_problem(J, k, spread=spread)
    likelihood, near = problem.likelihood, 1e-10 * size(problem)
    # The log-likelihood is itself of the order of ``spread``: rounding of it enters over the step.
    slope = differences(likelihood.loglike, problem.params, STEP)
    np.testing.assert_allclose(likelihood.score(problem.params), slope, rtol=0, atol=near)
    curvature = differences(likelihood.score, problem.params, STEP)
    np.testing.assert_allclose(likelihood.hessian(problem.params), curvature, rtol=0, atol=near)


@shapes
@kinds
def test_score_is_the_sum_of_the_scores_of_the_rows(J: int, k: int, kind: str) -> None:
    problem = random_problem(J, k, kind)
    rows = problem.likelihood.score_obs(problem.params)
    assert rows.shape == (len(problem.X), k * (J - 1))
    score = problem.likelihood.score(problem.params)
    np.testing.assert_allclose(rows.sum(axis=0), score, rtol=0, atol=1e-14 * size(problem))


@shapes
@kinds
def test_rows_of_the_score_are_residuals_times_the_design(J: int, k: int, kind: str) -> None:
    problem = random_problem(J, k, kind)
    pi, counts = problem.likelihood.probabilities(problem.params), problem.counts
    residuals = problem.w[:, None] * (counts - counts.sum(axis=1)[:, None] * pi)
    expected = [np.kron(r[problem.others], x) for r, x in zip(residuals, problem.X, strict=True)]
    rows = problem.likelihood.score_obs(problem.params)
    np.testing.assert_allclose(rows, expected, rtol=1e-13, atol=1e-13)


@shapes
@kinds
def test_probabilities_are_positive_and_sum_to_one(J: int, k: int, kind: str) -> None:
    problem = random_problem(J, k, kind)
    pi = problem.likelihood.probabilities(problem.params)
    assert pi.shape == (len(problem.X), J) and (pi > 0).all()
    np.testing.assert_allclose(pi.sum(axis=1), 1.0, rtol=J * np.finfo(float).eps)


@shapes
@kinds
def test_one_pass_gives_what_the_single_questions_give(J: int, k: int, kind: str) -> None:
    problem = random_problem(J, k, kind)
    likelihood, at = problem.likelihood, problem.params
    zero, one, two = (likelihood.evaluate(at, order=order) for order in (0, 1, 2))
    assert zero.value == one.value == two.value == likelihood.loglike(at)
    np.testing.assert_array_equal(one.score, likelihood.score(at))
    np.testing.assert_array_equal(two.score, likelihood.score(at))
    np.testing.assert_array_equal(two.information, -likelihood.hessian(at))
    np.testing.assert_array_equal(likelihood.information(at), two.information)


@shapes
@kinds
@pytest.mark.parametrize("spread", [1.0, 30.0])
def test_information_is_symmetric_and_positive_semidefinite(
    J: int, k: int, kind: str, spread: float
) -> None:
    problem = random_problem(J, k, kind, spread=spread)
    information = problem.likelihood.information(problem.params)
    np.testing.assert_array_equal(information, information.T)
    values = np.linalg.eigvalsh(information)
    assert values[0] >= -1e-15 * len(values) * values[-1]


@shapes
def test_start_is_the_maximum_among_constants_and_zero_elsewhere(J: int, k: int) -> None:
    problem = random_problem(J, k, "counts")
    X = np.column_stack([np.ones(len(problem.X)), problem.X])
    likelihood = type(problem.likelihood).from_arrays(X, problem.y, J, base=problem.base)
    start = likelihood.start()
    score = likelihood.score(start).reshape(J - 1, k + 1)
    np.testing.assert_allclose(score[:, 0], 0.0, atol=1e-12 * len(X))
    assert (start.reshape(J - 1, k + 1)[:, 1:] == 0).all()
