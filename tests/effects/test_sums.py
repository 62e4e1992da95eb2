"""Sums of probabilities and slopes, and their gradients, against their definitions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from mnlstat.arrays import FloatArray
from mnlstat.inference.effects.cubes import Cubes
from mnlstat.inference.effects.pairs import exchange, outflow, pairs, triples
from mnlstat.inference.effects.sums import (
    Rows,
    Slope,
    Sums,
    log_slope_sums,
    probability_sums,
    slope_sums,
)

N, K = 40, 4
COLUMNS = np.array([1, 3])
TINY = 1e-30


class Problem:
    """Random rows and coefficients; the base's coefficients are free here."""

    def __init__(self, J: int) -> None:
        rng = np.random.default_rng(J)
        self.X, self.w = rng.normal(size=(N, K)), rng.uniform(0.5, 2.0, N)
        self.B, self.dX = rng.normal(size=(J, K)), rng.normal(size=(N, 2))
        self.by, self.dx = rng.normal(size=N), rng.normal(size=K)

    def pi(self, B: FloatArray) -> FloatArray:
        e = np.exp(B @ self.X.T)
        return e / e.sum(axis=0)

    @property
    def rows(self) -> Rows:
        return Rows(self.X, self.pi(self.B), self.w)

    @property
    def slope(self) -> Slope:
        return Slope(COLUMNS, self.dX, self.B[:, COLUMNS] @ self.dX.T, self.by)

    def probabilities(self, B: FloatArray) -> FloatArray:
        return self.pi(B) @ self.w

    def slopes(self, B: FloatArray) -> FloatArray:
        pi, h = self.pi(B), B[:, COLUMNS] @ self.dX.T
        return (pi * (h - (pi * h).sum(axis=0))) @ (self.w * self.by)

    def log_slopes(self, B: FloatArray) -> FloatArray:
        pi, h = self.pi(B), B[:, COLUMNS] @ self.dX.T
        return (h - (pi * h).sum(axis=0)) @ (self.w * self.by)

    def constant(self, B: FloatArray) -> FloatArray:
        pi, h = self.pi(B), (B @ self.dx)[:, None]
        return (pi * (h - (pi * h).sum(axis=0))) @ self.w


def gradient(function: Callable[[FloatArray], FloatArray], B: FloatArray) -> FloatArray:
    """Derivatives (J, J, K) by complex steps, exact to rounding."""
    J, k = B.shape
    found = np.empty((J, J, k))
    for m in range(J):
        for r in range(k):
            moved = B.astype(complex)
            moved[m, r] += TINY * 1j
            found[:, m, r] = function(moved).imag / TINY
    return found


def assert_sums(found: Sums, function: Callable[[FloatArray], FloatArray], B: FloatArray) -> None:
    np.testing.assert_allclose(found.values[0], function(B), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(found.gradients[0], gradient(function, B), rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("J", [2, 3, 5, 7])
def test_sums_and_gradients_are_those_of_the_definitions(J: int) -> None:
    problem = Problem(J)
    B = problem.B
    assert_sums(probability_sums(problem.rows), problem.probabilities, B)
    assert_sums(slope_sums(problem.rows, problem.slope), problem.slopes, B)
    assert_sums(log_slope_sums(problem.rows, problem.slope), problem.log_slopes, B)
    shared = Cubes.of(problem.rows).slopes(problem.dx, B @ problem.dx)
    assert_sums(shared, problem.constant, B)


@pytest.mark.parametrize("J", [2, 4])
def test_parts_merge_to_the_whole(J: int) -> None:
    problem = Problem(J)
    half, other = np.arange(N // 3), np.arange(N // 3, N)
    rows, slope = problem.rows, problem.slope
    whole = slope_sums(rows, slope)
    merged = slope_sums(rows.part(half), slope.part(half)).merge(
        slope_sums(rows.part(other), slope.part(other))
    )
    np.testing.assert_allclose(merged.gradients, whole.gradients, rtol=1e-12, atol=1e-13)
    cubes = Cubes.of(rows.part(half)).merge(Cubes.of(rows.part(other)))
    both = Cubes.of(rows)
    np.testing.assert_allclose(cubes.triple_sums, both.triple_sums, rtol=1e-12, atol=1e-13)
    assert cubes.mass == pytest.approx(both.mass, rel=1e-15)


def test_outcomes_gain_what_others_lose() -> None:
    flows = np.random.default_rng(0).normal(size=(6, 3))
    assert np.abs(outflow(flows, 4).sum(axis=0)).max() < 1e-14
    assert np.abs(exchange(flows, 4).sum(axis=0)).max() < 1e-14
    assert np.abs(exchange(flows, 4).sum(axis=1)).max() < 1e-14


def test_triples_hold_every_pair_with_every_outcome() -> None:
    three, place = triples(4)
    first, second = pairs(4)
    assert len({tuple(row) for row in three.tolist()}) == len(three) == 16
    for p, (a, b) in enumerate(zip(first, second, strict=True)):
        for c in range(4):
            assert sorted((a, b, c)) == three[place[p, c]].tolist()


def test_slopes_keep_their_digits_where_a_probability_is_next_to_one() -> None:
    """``pi (1 - pi)`` from the sum of the others: a difference from one would be lost."""
    eta = np.array([[40.0], [0.0]])
    pi = np.exp(eta - 40.0) / np.exp(eta - 40.0).sum(axis=0)
    rows = Rows(np.ones((1, 1)), pi, np.ones(1))
    slope = Slope(np.array([0]), np.ones((1, 1)), np.array([[1.0], [0.0]]))
    exact = np.exp(-40.0) / (1.0 + np.exp(-40.0)) ** 2
    assert slope_sums(rows, slope).values[0] == pytest.approx([exact, -exact], rel=1e-14)
