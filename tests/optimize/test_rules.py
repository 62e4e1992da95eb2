"""The rules of the iteration, each on points made for it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from mnlstat.arrays import FloatArray
from mnlstat.inference.fit_statistics import FitStatistics
from mnlstat.likelihood.kernels import Sums
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.linalg import Factor, factorise
from mnlstat.optimize import newton
from mnlstat.optimize.existence import certify
from mnlstat.optimize.newton import maximise
from mnlstat.optimize.optimum import Optimum, Status
from mnlstat.optimize.point import Point, _acceptable, advance, at
from mnlstat.optimize.trace import NEWTON, Iteration, Trace


@dataclass
class Found:
    value: float
    score: FloatArray
    information: FloatArray
    scale: Any = None


@dataclass
class Parabola:
    """``-b'A b / 2``, with bounds on the curvature as they are told."""

    A: FloatArray
    bounds: list[float] = field(default_factory=lambda: [0.0])
    closer: float = math.inf
    exact: float = math.inf
    triangle: FloatArray | None = None
    n_rows: int = 100
    rarest: float = 10.0
    sample_rows: int = 0
    information_cost: float = 3.0
    well_preconditioned: bool = True
    unit: float = 1.0
    asked: int = 0

    @property
    def n_parameters(self) -> int:
        return len(self.A)

    def standardised(self) -> tuple[Parabola, None]:
        return self, None

    def evaluate(self, theta: Any, order: int = 2) -> Found:
        theta = np.asarray(theta, dtype=float)
        return Found(-float(theta @ self.A @ theta) / 2, -self.A @ theta, self.A)

    def start(self) -> FloatArray:
        return np.ones(len(self.A))

    def preconditioner(self) -> Factor:
        factor = factorise(1e-30 * np.eye(len(self.A)))
        assert factor is not None
        return factor

    def reach(self, step: FloatArray) -> float:
        return float(np.abs(step).max())

    def curvature_bound(self, root: FloatArray) -> float:
        self.asked += 1
        return self.bounds[min(self.asked, len(self.bounds)) - 1]

    def curvature_radius(self, root: FloatArray, exact: bool = False) -> float:
        return self.exact if exact else self.closer

    def information_root(self, params: Any) -> FloatArray:
        assert self.triangle is not None
        return self.triangle


def point(likelihood: Parabola, theta: Any) -> Point:
    found = at(likelihood, np.asarray(theta, dtype=float))
    assert found is not None
    return found


def climb(likelihood: Parabola, theta: Any) -> newton._Climb:
    return newton._Climb(likelihood, point(likelihood, theta), Trace(1.0, None))


def test_each_bound_on_the_curvature_is_asked_for_in_turn() -> None:
    root = np.eye(2)
    assert certify(Parabola(np.eye(2), [1e3]), 1e-6, root).radius == 1e3
    assert certify(Parabola(np.eye(2), [1e9], closer=1e3), 1e-6, root).radius == 1e3
    assert certify(Parabola(np.eye(2), [1e9], 1e9, exact=1e3), 1e-6, root).holds
    assert not certify(Parabola(np.eye(2), [1e9], 1e9, 1e9), 1e-6, root).holds


def test_what_rounding_of_the_score_may_hide_counts_against_the_certificate() -> None:
    # At the maximum the computed score is zero; with a radius like that it proves nothing.
    likelihood = Parabola(np.eye(2), [1e14], 1e14, 1e14)
    assert point(likelihood, [0, 0]).decrement == 0.0
    assert not climb(likelihood, [0, 0])._certificate().holds
    assert climb(Parabola(np.eye(2), [1e9]), [0, 0])._certificate().holds


def test_a_certificate_that_fails_at_first_gets_more_steps() -> None:
    late = maximise(Parabola(np.eye(2), [1e30] * 4 + [1.0], 1e30, 1e30))
    never = maximise(Parabola(np.eye(2), [1e30], 1e30, 1e30))
    assert never.status is Status.NOT_CERTIFIED and never.root is None
    # A parabola is at its maximum after one step: no further one is taken.
    assert late.status is Status.NOT_CERTIFIED

    class Halfway(Parabola):
        def evaluate(self, theta: Any, order: int = 2) -> Found:
            found = super().evaluate(theta, order)
            return Found(found.value, found.score, 2 * found.information)  # steps half too short

    late = maximise(Halfway(np.eye(2), [1e30] * 12 + [1.0], 1e30, 1e30))
    assert late.status is Status.CONVERGED


@pytest.mark.parametrize(("correlation", "by_triangle"), [(0.5, False), (1 - 1e-7, True)])
def test_nearly_singular_information_is_inverted_from_its_root(
    correlation: float, by_triangle: bool
) -> None:
    A = np.array([[1.0, correlation], [correlation, 1.0]])
    triangle = np.array([[2.0, 0.0], [0.0, 4.0]])
    likelihood = Parabola(A, triangle=triangle)
    root, _ = newton._inverse_root(likelihood, point(likelihood, [0, 0]))
    assert root is not None
    expected = np.linalg.inv(triangle.T @ triangle) if by_triangle else np.linalg.inv(A)
    np.testing.assert_allclose(root @ root.T, expected, rtol=1e-12)


def test_a_root_without_digits_gives_no_covariance() -> None:
    A = np.array([[1.0, 1 - 1e-7], [1 - 1e-7, 1.0]])
    nearly = np.array([[1.0, 1.0], [0.0, 1e-8]])  # condition 1e-8, that of the information 1e-16
    likelihood = Parabola(A, triangle=nearly)
    root, rcond = newton._inverse_root(likelihood, point(likelihood, [0, 0]))
    assert root is None and rcond < 1e-15
    assert maximise(likelihood).status is Status.SINGULAR


def test_every_element_of_the_score_must_be_small() -> None:
    here = Point(np.zeros(1), -1e12, np.array([0.5]), np.eye(1), factorise(np.eye(1)), np.ones(1))
    assert here.decrement**2 / 2 < 1e-12 * 1e12 and not here.settled(1e-12)
    small = Point(
        np.zeros(1), -1e12, np.array([1e-7]), np.eye(1), factorise(np.eye(1)), np.full(1, 1e-7)
    )
    assert small.settled(1e-12)


def made(value: float, score: float, step: float = 1.0) -> Point:
    information = np.array([[score / step]]) if score > 0 else np.eye(1)
    return Point(
        np.zeros(1), value, np.array([score]), information, factorise(information), np.array([step])
    )


def test_a_step_must_gain_its_share_and_not_overshoot() -> None:
    here = made(0.0, 1.0)  # the slope along the step is one
    assert _acceptable(here, made(0.5, 0.1), 1.0)
    assert not _acceptable(here, made(0.2, 0.1), 1.0)  # a fifth of what the slope promises
    assert not _acceptable(here, made(0.5, -0.6), 1.0)  # downhill by more than half at its end
    assert _acceptable(here, made(0.5, -0.4), 1.0)


def test_a_gain_that_drowns_in_rounding_is_told_by_the_slopes() -> None:
    here = made(-1e9, 1e-4, 1e-4)
    assert _acceptable(here, made(-1e9 - 1e-7, 1e-5, 1e-5), 1.0)
    assert not _acceptable(here, made(-1e9 + 1e-7, 2e-4, 2e-4), 1.0)


def test_a_step_out_of_all_proportion_is_cut_to_where_it_may_be_taken() -> None:
    class Far(Parabola):
        def evaluate(self, theta: Any, order: int = 2) -> Found:
            found = super().evaluate(theta, order)
            here = bool((np.asarray(theta) == 1.0).all())
            return Found(found.value, found.score, found.information * (1e-25 if here else 1.0))

    likelihood = Far(np.eye(1))
    there = advance(likelihood, point(likelihood, [1.0]))
    assert there is not None and abs(float(there.theta[0])) < 1.0


def test_optima_are_put_back_into_the_unit_of_the_weights() -> None:
    optimum = Optimum(
        params=np.ones(1),
        value=-3.0,
        root=np.eye(1),
        status=Status.CONVERGED,
        decrement=1e-3,
        relative_score=2e-3,
        radius=8.0,
        rcond=0.5,
        trace=(),
    )
    scaled = optimum.in_unit(16.0)
    assert (scaled.value, scaled.decrement, scaled.relative_score) == (-48.0, 4e-3, 8e-3)
    assert (scaled.radius, scaled.rcond) == (2.0, 0.5)
    np.testing.assert_array_equal(scaled.root, np.eye(1) / 4)
    # the product that certifies the maximum is free of the unit
    assert scaled.decrement * scaled.radius == optimum.decrement * optimum.radius
    taken = Iteration(NEWTON, 5, -3.0, 1e-3, 1.0, 0.1).in_unit(16.0)
    assert (taken.loglike, taken.decrement) == (-48.0, 4e-3)


def test_sums_carry_what_rounding_took() -> None:
    values = [1e16, 1.0, 1.0, 1.0, -1e16]
    merged = Sums(values[0], 0.0)
    for value in values[1:]:
        merged = merged.merge(Sums(value, 0.0))
    assert merged.value + merged.carried == math.fsum(values) == 3.0


def test_the_log_likelihood_of_a_sure_outcome_keeps_its_digits() -> None:
    likelihood = MultinomialLikelihood.from_arrays([[1.0], [1.0]], [1, 1], n_outcomes=2)
    assert likelihood.loglike([40.0]) == pytest.approx(-2 * math.exp(-40.0), rel=1e-15)


def test_nothing_is_nested_in_what_is_no_maximum() -> None:
    best = FitStatistics(-90.0, -100.0, 80, 4, 2, constant=True)
    assert best.llr == 20.0
    assert math.isnan(FitStatistics(-90.0, -100.0, 80, 4, 2, True, at_maximum=False).llr)
    assert math.isnan(FitStatistics(-90.0, -100.0, 80, 4, 2, constant=False).llr)


def test_a_tolerance_below_rounding_is_no_obstacle() -> None:
    rng = np.random.default_rng(4)
    X = np.column_stack([np.ones(200), rng.normal(size=(200, 2))])
    likelihood = MultinomialLikelihood.from_arrays(X, rng.integers(0, 3, 200), 3)
    assert maximise(likelihood, tol=1e-300).status is Status.CONVERGED


def test_offsets_that_are_constant_move_the_constants_only() -> None:
    rng = np.random.default_rng(0)
    X, y = np.column_stack([np.ones(60), rng.normal(size=(60, 2))]), rng.integers(0, 4, 60)
    plain = maximise(MultinomialLikelihood.from_arrays(X, y))
    offset = np.tile([0.0, 30.0, -30.0, 0.0], (60, 1))
    moved = maximise(MultinomialLikelihood.from_arrays(X, y, offset=offset))
    assert moved.status is Status.CONVERGED
    shift = np.kron([30.0, -30.0, 0.0], [1.0, 0.0, 0.0])
    np.testing.assert_allclose(moved.params + shift, plain.params, atol=1e-12)


@pytest.mark.parametrize("size", [50.0, 200.0, 1000.0])
def test_probabilities_of_zero_and_one_everywhere_are_no_obstacle(size: float) -> None:
    for seed in range(10):
        rng = np.random.default_rng(seed)
        X, y = np.column_stack([np.ones(60), rng.normal(size=(60, 2))]), rng.integers(0, 4, 60)
        wild = MultinomialLikelihood.from_arrays(X, y, offset=size * rng.normal(size=(60, 4)))
        assert maximise(wild).status is Status.CONVERGED


@pytest.mark.parametrize("unit", [1e20, 1e-20, 1e-300])
def test_counts_in_any_unit_have_the_same_maximum(unit: float) -> None:
    rng = np.random.default_rng(1)
    X, y = np.column_stack([np.ones(60), rng.normal(size=(60, 2))]), rng.integers(0, 3, 60)
    plain = maximise(MultinomialLikelihood.from_arrays(X, y))
    counted = maximise(MultinomialLikelihood.from_arrays(X, unit * np.eye(3)[y]))
    assert counted.status is Status.CONVERGED
    np.testing.assert_allclose(counted.params, plain.params, atol=1e-12)
    np.testing.assert_allclose(counted.root * math.sqrt(unit), plain.root, atol=1e-10)
