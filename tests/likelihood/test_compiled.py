"""The compiled kernel gives what numpy's gives, whichever instructions it uses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import mnlstat as mn
from mnlstat.arrays import FloatArray
from mnlstat.likelihood import compiled, kernels
from mnlstat.likelihood.evaluation import Evaluation
from mnlstat.likelihood.kernels import COMPILED, NUMPY
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.rows.matrix import Dense
from mnlstat.rows.threads import ThreadMap
from tests.likelihood.exact import exact
from tests.likelihood.problems import Problem, random_problem
from tests.likelihood.test_extremes import LARGE, ladder

VARIANTS = () if compiled._fused is None else compiled._fused.VARIANTS

built = pytest.mark.skipif(not VARIANTS, reason="the compiled kernel was not built")
with_each_variant = pytest.mark.parametrize("variant", range(len(VARIANTS)), ids=VARIANTS)
shapes = pytest.mark.parametrize(("J", "k"), [(J, k) for J in range(2, 9) for k in range(1, 8)])

Force = Callable[[int | None], None]


@pytest.fixture
def force(monkeypatch: pytest.MonkeyPatch) -> Force:
    """Choose a set of instructions, or numpy by None."""
    kept = compiled._fused

    def choose(variant: int | None) -> None:
        monkeypatch.setattr(compiled, "_fused", None if variant is None else kept)
        monkeypatch.setattr(compiled, "VARIANT", variant or 0)

    return choose


def both(force: Force, variant: int, likelihood: Any, at: FloatArray) -> tuple[Evaluation, ...]:
    """Evaluations by the compiled kernel and by numpy."""
    force(variant)
    assert likelihood.kernel == COMPILED
    one = likelihood.evaluate(at)
    force(None)
    assert likelihood.kernel == NUMPY
    return one, likelihood.evaluate(at)


def assert_near(one: Evaluation, other: Evaluation, problem: Problem, near: float = 1e-13) -> None:
    """Equal but for ``near``, relative to the sums without signs."""
    size = (problem.w[:, None] * np.abs(problem.X)).sum(axis=0)
    assert one.value == pytest.approx(other.value, rel=near)
    score = np.abs(one.score - other.score).reshape(-1, len(size))
    assert (score <= near * size).all()
    root = np.sqrt(np.diag(other.information))
    assert (np.abs(one.information - other.information) <= near * np.outer(root, root)).all()


@built
@with_each_variant
@shapes
@pytest.mark.parametrize("kind", ["choices", "weights", "offset"])
def test_it_equals_numpy(force: Force, variant: int, J: int, k: int, kind: str) -> None:
    problem = random_problem(J, k, kind)
    one, other = both(force, variant, problem.likelihood, problem.params)
    assert_near(one, other, problem)


@built
@with_each_variant
@pytest.mark.parametrize(("J", "k"), [(2, 30), (3, 9), (9, 4), (12, 11), (20, 3), (50, 5)])
def test_it_equals_numpy_where_tiles_are_many(force: Force, variant: int, J: int, k: int) -> None:
    problem = random_problem(J, k, "weights", n=300, spread=1 / k)
    one, other = both(force, variant, problem.likelihood, problem.params)
    assert_near(one, other, problem)


@built
@with_each_variant
@pytest.mark.parametrize("n", [3, 7, 8, 9, 31, 33, 255, 256, 257, 511, 1000, 4096, 4099, 9000])
def test_the_number_of_rows_need_not_fit_the_vectors(force: Force, variant: int, n: int) -> None:
    problem = random_problem(3, 5, "weights", n=n)
    one, other = both(force, variant, problem.likelihood, problem.params)
    assert_near(one, other, problem)


@built
@with_each_variant
@pytest.mark.parametrize("k", [1, 4])
def test_one_row_is_enough(force: Force, variant: int, k: int) -> None:
    likelihood = MultinomialLikelihood.from_arrays(np.full((1, k), 0.5), np.array([1]), 3)
    at = np.linspace(-1, 1, 2 * k)
    one, other = both(force, variant, likelihood, at)
    assert one.value == pytest.approx(other.value, rel=1e-15)
    np.testing.assert_allclose(one.score, other.score, rtol=1e-14)
    np.testing.assert_allclose(one.information, other.information, rtol=1e-14)


@built
@with_each_variant
@pytest.mark.parametrize("width", ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"])
def test_codes_may_be_integers_of_any_width(force: Force, variant: int, width: str) -> None:
    problem = random_problem(4, 3, "choices")
    likelihood = problem.likelihood
    narrow = replace(likelihood.rows, response=likelihood.rows.response.astype(width))
    one, _ = both(force, variant, replace(likelihood, rows=narrow), problem.params)
    _, other = both(force, variant, likelihood, problem.params)
    assert_near(one, other, problem)


@built
@with_each_variant
@pytest.mark.parametrize("largest", LARGE)
@pytest.mark.parametrize("base", [0, 1, 2])
@pytest.mark.parametrize("offset", [False, True], ids=["plain", "offset"])
def test_enormous_linear_predictors_give_right_values(
    force: Force, variant: int, largest: float, base: int, offset: bool
) -> None:
    problem = ladder(largest, base, offset)
    right = exact(problem)
    force(variant)
    found = problem.likelihood.evaluate(problem.params)
    assert found.value == pytest.approx(right.loglike, rel=1e-15)
    np.testing.assert_allclose(found.score, right.score, rtol=1e-14)
    np.testing.assert_allclose(found.information, right.information, rtol=1e-14, atol=1e-300)


@built
@with_each_variant
@pytest.mark.parametrize("eta", [1.0, 2.0, 5.0, 20.0, 36.75, 40.0, 300.0, 700.0, 708.0, 730.0])
@pytest.mark.parametrize("likely", [0, 1, 2])
@pytest.mark.parametrize("chosen", [0, 1, 2])
def test_one_minus_a_probability_near_one_keeps_its_digits(
    force: Force, variant: int, eta: float, likely: int, chosen: int
) -> None:
    offset = np.zeros((1, 3))
    offset[0, likely] = eta
    problem = Problem(np.ones((1, 1)), np.array([chosen]), 3, 1, None, offset, np.zeros(2))
    right = exact(problem, digits=700)
    force(variant)
    found = problem.likelihood.evaluate(problem.params)
    # Below 2^-1022 numbers have fewer digits.
    assert found.value == pytest.approx(right.loglike, rel=1e-15, abs=1e-323)
    np.testing.assert_allclose(found.score, right.score, rtol=1e-15, atol=1e-322)
    np.testing.assert_allclose(found.information, right.information, rtol=1e-15, atol=1e-322)


@built
@with_each_variant
@pytest.mark.parametrize("kind", ["choices", "weights", "offset"])
@pytest.mark.parametrize(("J", "k"), [(2, 3), (3, 4), (4, 2), (6, 1)])
@pytest.mark.parametrize("spread", [1.0, 20.0])
def test_it_agrees_with_fifty_digits(
    force: Force, variant: int, J: int, k: int, kind: str, spread: float
) -> None:
    problem = random_problem(J, k, kind, n=12, spread=spread)
    right = exact(problem)
    force(variant)
    found = problem.likelihood.evaluate(problem.params)
    # A linear predictor of size s is itself only known to s * eps.
    near = 4e-15 * (4 + spread * k)
    assert_near(found, Evaluation(right.loglike, right.score, right.information), problem, near)


@built
@with_each_variant
def test_a_sum_of_small_parts_keeps_its_digits(force: Force, variant: int) -> None:
    problem = random_problem(3, 2, "choices", n=20_000)
    pi = problem.likelihood.probabilities(problem.params)
    chosen = np.log(pi[np.arange(len(pi)), problem.y].astype(np.longdouble))
    force(variant)
    value = problem.likelihood.loglike(problem.params)
    assert value == pytest.approx(float(chosen.sum()), rel=1e-15)


@built
@with_each_variant
@pytest.mark.parametrize("J", [2, 3, 7, 13])
def test_neither_order_nor_threads_change_a_bit(force: Force, variant: int, J: int) -> None:
    problem = random_problem(J, 5, "weights", n=20_000)
    force(variant)
    alone, at = problem.likelihood, problem.params
    two = alone.evaluate(at)
    one = alone.evaluate(at, 1)
    assert alone.loglike(at) == one.value == two.value
    np.testing.assert_array_equal(one.score, two.score)
    for threads in (2, 3):
        rows = replace(alone.rows, mapper=ThreadMap(threads))
        again = replace(alone, rows=rows).evaluate(at)
        assert again.value == two.value
        np.testing.assert_array_equal(again.score, two.score)
        np.testing.assert_array_equal(again.information, two.information)


@built
def test_what_is_held_otherwise_is_left_to_numpy() -> None:
    problem = random_problem(3, 4, "choices")
    rows = problem.likelihood.rows
    assert compiled.takes(rows)
    assert not compiled.takes(random_problem(3, 4, "counts").likelihood.rows)
    assert not compiled.takes(replace(rows, matrix=Dense(np.ascontiguousarray(rows.X))))
    assert not compiled.takes(replace(rows, matrix=Dense(rows.X.astype(np.float32))))
    assert not compiled.takes(replace(rows, weights=np.ones(len(rows), dtype=np.float32)))


@built
def test_columns_and_rows_may_be_parts_of_larger_arrays() -> None:
    problem = random_problem(3, 4, "offset", n=50)
    rows = problem.likelihood.rows
    wide = np.asfortranarray(np.repeat(rows.X, 2, axis=1))
    apart = replace(
        rows,
        matrix=Dense(wide[:, ::2]),
        response=np.repeat(rows.response, 3)[::3],
        offset=np.asfortranarray(np.repeat(rows.offset, 2, axis=0))[::2],
        weights=np.ones(2 * len(rows))[::2],
    )
    assert compiled.takes(apart)
    one = replace(problem.likelihood, rows=apart).evaluate(problem.params)
    other = problem.likelihood.evaluate(problem.params)
    assert one.value == other.value
    np.testing.assert_array_equal(one.information, other.information)


@built
def test_arguments_that_do_not_fit_are_refused() -> None:
    X, y, B = np.ones((4, 2), order="F"), np.array([0, 1, 2, 1]), np.zeros((2, 2))
    score, grams = np.zeros((2, 2)), np.zeros((3, 3))
    right = [0, X, y, None, None, None, B, np.arange(3), np.zeros(2), score, grams]
    compiled._fused.block_sums(*right)
    wrong = {
        0: [len(VARIANTS), -1],
        1: [np.ones((4, 3), order="F"), np.ones((4, 2)), X.astype(np.float32), np.ones(4), None],
        2: [np.array([0, 1, 3, 1]), np.array([0, -1, 1, 1]), y[:3], y.astype(float)],
        3: [np.ones(3), np.ones(4, dtype=int)],
        4: [np.ones((2, 4)), np.ones((3, 5))],
        5: [np.array([3]), np.array([5]), np.array([[4]]), np.array([4.0]), np.array([2, 4])],
        6: [np.zeros((2, 3)), np.zeros((0, 2)), np.asfortranarray(np.ones((2, 4)))[:, ::2]],
        7: [np.array([0, 1, 1]), np.array([0, 1, 3]), np.arange(2), np.arange(0)],
        8: [np.zeros(3)],
        9: [np.zeros((2, 3)), None, np.zeros((2, 2)).astype(">f8")],
        10: [np.zeros((3, 2))],
    }
    for at, values in wrong.items():
        for value in values:
            arguments = [value if i == at else given for i, given in enumerate(right)]
            with pytest.raises((TypeError, ValueError, BufferError)):
                compiled._fused.block_sums(*arguments)


@built
def test_a_fit_is_the_same_and_names_its_kernel(force: Force) -> None:
    data = mn.datasets.anes96()
    formula = "PID ~ logpopul + selfLR + age + educ + income"
    force(0)
    one = mn.mnlogit(formula, data).fit()
    force(None)
    other = mn.mnlogit(formula, data).fit()
    assert (one.kernel, other.kernel) == (COMPILED, NUMPY)
    np.testing.assert_allclose(one.params, other.params, rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(one.bse, other.bse, rtol=1e-12)
    assert one.llf == pytest.approx(other.llf, rel=1e-14)


def test_without_it_numpy_does_the_work(force: Force) -> None:
    force(None)
    problem = random_problem(3, 4, "choices")
    assert kernels.available() == (NUMPY,)
    assert problem.likelihood.kernel == NUMPY
    assert np.isfinite(problem.likelihood.evaluate(problem.params).value)


@built
def test_with_it_it_is_preferred() -> None:
    assert kernels.available() == (COMPILED, NUMPY)
