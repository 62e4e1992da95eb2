"""The reference in extended precision agrees with mnlstat and does not depend on its start."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import mnlstat as mn
from benchmarks.accuracy import Referee, coefficient_digits, digits
from benchmarks.contenders import Ours, Solution
from benchmarks.extended import extended, is_feasible, orthonormal
from benchmarks.workloads import Workload, make, unscaled

pytestmark = pytest.mark.skipif(not is_feasible(1, 1, 2), reason="long double is not longer")


def fitted(workload: Workload) -> Solution:
    ours = Ours("fit")
    return ours.read(ours.prepare(workload)(0), workload)


@pytest.mark.parametrize("workload", [make("W1"), unscaled(2000)], ids=lambda each: each.name)
def test_it_agrees_to_the_last_digits_of_double(workload: Workload) -> None:
    ours = fitted(workload)
    theirs = extended(workload.X, workload.y, ours)
    assert coefficient_digits(ours.params, theirs) > 12
    assert digits(ours.bse, theirs.bse, theirs.bse) > 12
    likelihood = mn.MultinomialLikelihood.from_arrays(workload.X, workload.y)
    tightest = Referee(likelihood).tightest(ours.params)
    assert coefficient_digits(tightest.params, theirs) > 12


def test_the_start_does_not_matter() -> None:
    workload = unscaled(2000)
    ours = fitted(workload)
    first = extended(workload.X, workload.y, ours)
    away = replace(ours, params=ours.params + 1e-5 * ours.bse)
    second = extended(workload.X, workload.y, away)
    assert np.abs((first.params - second.params) / first.bse).max() < 1e-15
    assert np.abs(first.bse / second.bse - 1).max() < 1e-15


def test_columns_are_orthonormal() -> None:
    X = unscaled(500).X
    Z = (X @ orthonormal(X)).astype(float)
    np.testing.assert_allclose(Z.T @ Z / 500, np.eye(7), atol=1e-9)


def test_large_problems_are_left_to_double() -> None:
    assert is_feasible(100_000, 21, 4)
    assert not is_feasible(1_000_000, 31, 5)
