"""Splitting rows into blocks, and the number of threads, move nothing that matters."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from mnlstat.likelihood.evaluation import Evaluation
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.rows.threads import ThreadMap
from tests.likelihood.problems import KINDS, Problem, random_problem

kinds = pytest.mark.parametrize("kind", KINDS)


def large_problem(kind: str) -> Problem:
    """Enough rows for several blocks of the default size."""
    return random_problem(4, 5, kind, n=10_000)


def cut(likelihood: MultinomialLikelihood, block_rows: int) -> MultinomialLikelihood:
    """The same rows in blocks of another size."""
    return replace(likelihood, rows=replace(likelihood.rows, block_rows=block_rows))


def assert_same_bits(one: Evaluation, other: Evaluation) -> None:
    assert one.value == other.value
    np.testing.assert_array_equal(one.score, other.score)
    np.testing.assert_array_equal(one.information, other.information)


@kinds
@pytest.mark.parametrize("block_rows", [1000, 2048, 3333, 10_000])
def test_another_split_changes_nothing_beyond_the_thirteenth_digit(
    kind: str, block_rows: int
) -> None:
    problem = large_problem(kind)
    likelihood = problem.likelihood
    one = likelihood.evaluate(problem.params)
    other = cut(likelihood, block_rows).evaluate(problem.params)
    assert other.value == pytest.approx(one.value, rel=1e-15)
    size = np.sqrt((likelihood.score_obs(problem.params) ** 2).sum(axis=0) * len(problem.X))
    assert (np.abs(other.score - one.score) <= 1e-13 * size).all()
    root = np.sqrt(np.diag(one.information))
    error = np.abs(other.information - one.information) / np.outer(root, root)
    assert error.max() < 1e-13


@pytest.mark.parametrize("block_rows", [1, 7, 39, 40, 41])
def test_blocks_of_any_size_are_allowed(block_rows: int) -> None:
    problem = random_problem(3, 4)
    one = problem.likelihood.evaluate(problem.params)
    other = cut(problem.likelihood, block_rows).evaluate(problem.params)
    assert other.value == pytest.approx(one.value, rel=1e-14)
    np.testing.assert_allclose(other.score, one.score, atol=1e-12)
    np.testing.assert_allclose(other.information, one.information, atol=1e-12)


@kinds
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_the_same_split_gives_the_same_bits_for_any_number_of_threads(
    kind: str, threads: int
) -> None:
    problem = large_problem(kind)
    alone = problem.likelihood
    together = replace(alone, rows=replace(alone.rows, mapper=ThreadMap(threads)))
    assert alone.rows.block_rows < len(problem.X)
    assert_same_bits(alone.evaluate(problem.params), together.evaluate(problem.params))
    np.testing.assert_array_equal(
        alone.information_root(problem.params), together.information_root(problem.params)
    )


@pytest.mark.parametrize(("n", "k"), [(500, 5), (4000, 5), (10_000, 5), (512, 40), (2000, 40)])
def test_the_number_of_blas_threads_changes_no_bit(n: int, k: int) -> None:
    problem = random_problem(4, k, n=n)
    answers = []
    for threads in (1, 2, 4):
        with threadpool_limits(threads, user_api="blas"):
            answers.append(problem.likelihood.evaluate(problem.params))
    assert_same_bits(answers[0], answers[1])
    assert_same_bits(answers[0], answers[2])


def test_the_split_follows_from_the_shape_alone() -> None:
    one, other = (random_problem(4, 5, n=n).likelihood.rows for n in (500, 10_000))
    assert one.block_rows == other.block_rows
    sizes = [len(block.X) for block in other.blocks()]
    assert sum(sizes) == 10_000 and set(sizes[:-1]) == {other.block_rows}


def test_the_log_likelihood_keeps_its_digits_over_many_blocks() -> None:
    problem = random_problem(3, 2, "choices", n=20_000)
    pi = problem.likelihood.probabilities(problem.params)
    chosen = np.log(pi[np.arange(len(pi)), problem.y].astype(np.longdouble))
    value = cut(problem.likelihood, 16).loglike(problem.params)
    assert value == pytest.approx(float(chosen.sum()), rel=2e-15)
