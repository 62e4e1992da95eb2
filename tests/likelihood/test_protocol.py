"""What the optimiser and inference ask of a likelihood besides value, score and information."""

from __future__ import annotations

import copy
import itertools
import pickle
from dataclasses import replace

import numpy as np
import pytest

from mnlstat.errors import DataError
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.linalg import factorise
from mnlstat.optimize.newton import maximise
from tests.likelihood.problems import KINDS, Problem, random_problem

kinds = pytest.mark.parametrize("kind", KINDS)
shapes = pytest.mark.parametrize(("J", "k"), [(2, 3), (3, 4), (4, 2), (6, 1), (3, 1)])


def cut(problem: Problem, block_rows: int) -> MultinomialLikelihood:
    """The likelihood of a problem with its rows in blocks of this size."""
    likelihood = problem.likelihood
    return replace(likelihood, rows=replace(likelihood.rows, block_rows=block_rows))


@shapes
@kinds
def test_an_affine_change_of_parameters_obeys_the_chain_rule(J: int, k: int, kind: str) -> None:
    problem = random_problem(J, k, kind)
    rng, p = np.random.default_rng(1), len(problem.params)
    d = max(1, p - 1)
    T, t0, theta = rng.normal(size=(p, d)), rng.normal(size=p), rng.normal(size=d)
    moved = problem.likelihood.recoordinate(T, t0)
    outer = moved.evaluate(theta, order=2)
    inner = problem.likelihood.evaluate(t0 + T @ theta, order=2)
    assert outer.value == pytest.approx(inner.value, rel=1e-14)
    np.testing.assert_allclose(outer.score, T.T @ inner.score, rtol=1e-11)
    np.testing.assert_allclose(outer.information, T.T @ inner.information @ T, rtol=1e-11)
    assert moved.start().shape == (d,)


@shapes
def test_an_affine_change_may_leave_out_the_origin_and_the_higher_orders(J: int, k: int) -> None:
    problem = random_problem(J, k)
    moved = problem.likelihood.recoordinate(2.0 * np.eye(len(problem.params)))
    value = moved.evaluate(problem.params / 2, order=0)
    assert value.value == problem.likelihood.loglike(problem.params)
    assert value.score is None and value.information is None


@shapes
@kinds
def test_subsamples_of_blocks_add_up_to_the_whole(J: int, k: int, kind: str) -> None:
    problem = random_problem(J, k, kind, n=50)
    likelihood = cut(problem, 7)
    whole = likelihood.evaluate(problem.params)
    parts = [likelihood.subsample(b).evaluate(problem.params) for b in ([0, 3, 7], [1, 2, 4, 5, 6])]
    assert sum(part.value for part in parts) == pytest.approx(whole.value, rel=1e-13)
    score = sum(part.score for part in parts)
    np.testing.assert_allclose(score, whole.score, atol=1e-12 * len(problem.X))
    information = sum(part.information for part in parts)
    np.testing.assert_allclose(information, whole.information, atol=1e-12 * len(problem.X))


@shapes
@kinds
def test_terms_of_blocks_rebuild_score_and_information(J: int, k: int, kind: str) -> None:
    problem = random_problem(J, k, kind)
    likelihood, q, p = cut(problem, 9), J - 1, len(problem.params)
    score, information, probabilities = np.zeros((q, k)), np.zeros((q, k, q, k)), []
    for block in likelihood.rows.blocks():
        terms = likelihood.block_terms(problem.params, block)
        w = np.ones(len(block.X)) if block.weights is None else block.weights
        score += np.einsum("i,iq,ik->qk", w, terms.residual, block.X)
        information += np.einsum("i,iqr,ik,il->qkrl", w, terms.variance, block.X, block.X)
        probabilities.append(terms.pi)
        np.testing.assert_allclose(
            terms.eta - terms.eta[:, [0]], np.log(terms.pi / terms.pi[:, [0]]), atol=1e-12
        )
    whole = likelihood.evaluate(problem.params)
    np.testing.assert_allclose(score.ravel(), whole.score, atol=1e-12 * len(problem.X))
    matrix = information.reshape(p, p)
    np.testing.assert_allclose(matrix, whole.information, atol=1e-12 * len(problem.X))
    expected = likelihood.probabilities(problem.params)
    np.testing.assert_allclose(np.concatenate(probabilities), expected, rtol=1e-14)


@shapes
@kinds
def test_the_root_of_the_information_squares_to_it(J: int, k: int, kind: str) -> None:
    problem = random_problem(J, k, kind)
    root = problem.likelihood.information_root(problem.params)
    information = problem.likelihood.information(problem.params)
    size = np.sqrt(np.outer(np.diag(information), np.diag(information)))
    assert (np.abs(root.T @ root - information) / size).max() < 1e-13


@shapes
@kinds
def test_the_curvature_radius_is_the_longest_difference_of_two_outcomes(
    J: int, k: int, kind: str
) -> None:
    problem = random_problem(J, k, kind)
    information = problem.likelihood.information(problem.params)
    factor = factorise(information)
    assert factor is not None
    root = factor.inverse_root
    inverse, longest = np.linalg.inv(information), 0.0
    units = np.vstack([np.zeros(J - 1), np.eye(J - 1)])
    for x, (one, other) in itertools.product(problem.X, itertools.combinations(units, 2)):
        a = np.kron(one - other, x)
        longest = max(longest, float(np.sqrt(a @ inverse @ a)))
    exact = problem.likelihood.curvature_radius(root, exact=True)
    assert exact == pytest.approx(longest, rel=1e-9)
    assert problem.likelihood.curvature_radius(root) >= exact * (1 - 1e-12)


@shapes
def test_the_preconditioner_is_the_information_when_every_row_has_the_shares(
    J: int, k: int
) -> None:
    problem = random_problem(J, k, "weights")
    X = np.column_stack([np.ones(len(problem.X)), problem.X])
    likelihood = MultinomialLikelihood.from_arrays(
        X, problem.y, J, base=problem.base, weights=problem.weights
    )
    at_shares = likelihood.information(likelihood.start())
    gram = X.T @ (X * problem.w[:, None])
    plain = X.T @ X
    expected = np.kron(np.eye(J - 1), plain @ np.linalg.inv(gram)) @ at_shares
    metric = likelihood.preconditioner()
    np.testing.assert_allclose(metric.matrix(), expected, rtol=1e-8, atol=1e-8)
    b = np.random.default_rng(J).normal(size=len(expected))
    np.testing.assert_allclose(metric.matrix() @ metric.solve(b), b, rtol=1e-9, atol=1e-9)


@shapes
def test_counts_and_repeated_choices_are_the_same_data(J: int, k: int) -> None:
    problem = random_problem(J, k, "counts")
    times = problem.counts.astype(int).ravel()
    rows, codes = (np.repeat(at.ravel(), times) for at in np.indices(problem.counts.shape))
    long = MultinomialLikelihood.from_arrays(problem.X[rows], codes, J, base=problem.base)
    one, other = problem.likelihood.evaluate(problem.params), long.evaluate(problem.params)
    assert one.value == pytest.approx(other.value, rel=1e-13)
    np.testing.assert_allclose(one.score, other.score, atol=1e-12 * len(rows))
    np.testing.assert_allclose(one.information, other.information, atol=1e-12 * len(rows))


def test_rows_of_weight_zero_are_as_if_they_were_not_there() -> None:
    problem = random_problem(3, 4, "offset")
    weights = np.tile([1.0, 0.0, 2.0, 0.5], 10)
    all_rows = replace(problem, weights=weights).likelihood
    seen = weights > 0
    rest = replace(
        problem,
        X=problem.X[seen],
        y=problem.y[seen],
        offset=problem.offset[seen],
        weights=weights[seen],
    ).likelihood
    one, other = all_rows.evaluate(problem.params), rest.evaluate(problem.params)
    assert one.value == other.value
    np.testing.assert_array_equal(one.information, other.information)


@pytest.mark.parametrize("unit", [1e12, 1e-3, 1e-12, 1e-300])
def test_the_unit_of_the_weights_scales_standard_errors_and_nothing_else(unit: float) -> None:
    problem = random_problem(3, 4, "weights", n=120)
    plain = maximise(problem.likelihood)
    scaled = maximise(replace(problem, weights=unit * problem.w).likelihood)
    assert plain.status.ok and scaled.status.ok
    np.testing.assert_allclose(scaled.params, plain.params, rtol=1e-12)
    ours, theirs = (np.sqrt((o.root**2).sum(axis=1)) for o in (scaled, plain))
    np.testing.assert_allclose(ours * np.sqrt(unit), theirs, rtol=1e-12)


@kinds
def test_copies_and_pickles_answer_with_the_same_bits(kind: str) -> None:
    problem = random_problem(4, 2, kind)
    likelihood = problem.likelihood
    value, score = likelihood.loglike(problem.params), likelihood.score(problem.params)
    for twin in (copy.deepcopy(likelihood), pickle.loads(pickle.dumps(likelihood))):
        assert twin.loglike(problem.params) == value
        np.testing.assert_array_equal(twin.score(problem.params), score)


@kinds
def test_asking_changes_neither_the_arrays_nor_the_parameters(kind: str) -> None:
    problem = random_problem(4, 2, kind)
    before = copy.deepcopy(problem)
    likelihood = problem.likelihood
    likelihood.evaluate(problem.params)
    likelihood.score_obs(problem.params)
    likelihood.start()
    for name in ("X", "y", "weights", "offset", "params"):
        np.testing.assert_array_equal(getattr(problem, name), getattr(before, name))


@pytest.mark.parametrize("wrong", [np.zeros(5), np.zeros((2, 3)), np.zeros(0), "a", None, [[1]]])
def test_parameters_of_the_wrong_shape_are_refused_with_the_right_one(wrong: object) -> None:
    likelihood = random_problem(3, 3).likelihood
    with pytest.raises(DataError, match=r"params"):
        likelihood.loglike(wrong)
