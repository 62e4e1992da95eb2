"""A step that sees the curvature of a sample leads further than Newton's, and never astray."""

from __future__ import annotations

import numpy as np
import pytest

from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.optimize.newton import maximise
from mnlstat.optimize.point import Point, at
from mnlstat.optimize.surrogate import surrogate_step
from tests.optimize.test_approach import N, simulated


def point(likelihood: MultinomialLikelihood, theta: np.ndarray) -> Point:
    here = at(likelihood, theta)
    assert here is not None
    return here


def maximum_of(likelihood: MultinomialLikelihood) -> np.ndarray:
    return np.asarray(maximise(likelihood).params)


@pytest.mark.parametrize("kind", ["plain", "heavy tails", "sorted by a column"])
def test_nearer_than_newton(kind: str) -> None:
    likelihood = simulated(kind)
    sample = likelihood.spread(5000)
    here = point(likelihood, maximum_of(sample))
    share = sample.n_rows / N
    by_newton = point(likelihood, here.theta + here.step)
    ours = point(likelihood, here.theta + surrogate_step(here, sample, share))
    assert ours.decrement < 0.5 * by_newton.decrement
    assert ours.value >= here.value


def test_all_rows_as_their_own_sample_lead_to_the_maximum() -> None:
    likelihood = simulated("plain")
    here = point(likelihood, maximum_of(likelihood) + 0.1)
    by_newton = point(likelihood, here.theta + here.step)
    ours = point(likelihood, here.theta + surrogate_step(here, likelihood, 1.0))
    assert ours.decrement < 0.1 * by_newton.decrement


def test_a_sample_without_an_outcome_does_no_harm() -> None:
    likelihood = simulated("rare outcome")
    sample = likelihood.spread(1000)
    here = point(likelihood, likelihood.start())
    by_newton = point(likelihood, here.theta + here.step)
    ours = point(likelihood, here.theta + surrogate_step(here, sample, sample.n_rows / N))
    assert ours.decrement <= 1.01 * by_newton.decrement


def test_a_sample_that_is_no_such_is_not_followed_far() -> None:
    likelihood, other = simulated("plain"), simulated("rare outcome")
    here = point(likelihood, maximum_of(likelihood) + 0.02)
    wild = surrogate_step(here, other, 1e-9)  # a share that magnifies it beyond all measure
    np.testing.assert_array_equal(wild, here.step)
