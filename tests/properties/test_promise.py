"""Digits of coefficients and standard errors: at least min(12, 15 - log10 condition).

The condition is that of the design with columns of unit length; the truth comes from Newton's
method in decimal arithmetic with sixty digits.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import mnlstat as mn
from mnlstat.arrays import FloatArray, IntArray
from tests.likelihood.exact import exact_maximum
from tests.likelihood.problems import Problem
from tests.reference.agreement import digits, least_digits

N, J = 40, 3


def columns(seed: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Two independent columns and noise."""
    return tuple(np.random.default_rng(seed).normal(size=(3, N)))


DESIGNS: dict[str, Callable[[FloatArray, FloatArray, FloatArray], list[FloatArray]]] = {
    "ordinary": lambda x, z, _: [x, z],
    "scales 1e12 and 1e-12": lambda x, z, _: [1e12 * x, 1e-12 * z],
    "scales 1e100 and 1e-100": lambda x, z, _: [1e100 * x, 1e-100 * z],
    "shift 1e3": lambda x, z, _: [x + 1e3, z],
    "shift 1e6": lambda x, z, _: [x + 1e6, z],
    "shift 1e8": lambda x, z, _: [x + 1e8, z - 1e5],
    "raw powers": lambda x, z, _: [(5 + x), (5 + x) ** 2, (5 + x) ** 3],
    "years": lambda x, z, _: [np.round(1990 + 10 * x), np.round(1990 + 10 * x) ** 2],
    "collinear 1e-2": lambda x, z, e: [x, x + 1e-2 * e],
    "collinear 1e-4": lambda x, z, e: [x, x + 1e-4 * e],
    "collinear 1e-6": lambda x, z, e: [x, x + 1e-6 * e],
    "collinear and shifted": lambda x, z, e: [x + 100, x + 1e-3 * e],
    "rare dummy": lambda x, z, e: [x, (np.arange(N) >= N - 9).astype(float)],
}


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("seed", range(3))
def test_digits_are_as_many_as_the_condition_allows(design: str, seed: int) -> None:
    x, z, noise = columns(seed)
    X = np.column_stack([np.ones(N), *DESIGNS[design](x, z, noise)])
    eta = np.outer(0.4 * x - 0.3 * z, [0.0, 1.0, -1.0])
    y = (eta + np.random.default_rng(seed + 50).gumbel(size=(N, J))).argmax(axis=1)
    y[-9:] = np.arange(9) % J
    res = mn.MNLogit(y, X).fit()
    assert res.converged
    truth = exact_maximum(Problem(X, y, J, 0, None, None, res.params.to_numpy()))
    unit = X / np.linalg.norm(X, axis=0)
    condition = np.log10(np.linalg.cond(unit))
    promised = min(12.0, 15.0 - condition)
    assert least_digits(res.params, truth.coef) >= promised
    assert least_digits(res.bse, truth.se) >= promised
    # Rounding of the columns moves their span by eps times the condition, and the log-likelihood
    # follows to the first order; only centring, which is nearly exact, is spared.
    centred = np.log10(np.linalg.cond((X[:, 1:] - X[:, 1:].mean(axis=0)) / X[:, 1:].std(axis=0)))
    assert digits(res.llf, truth.loglike) >= min(14.0, 17.0 - centred)


def test_a_rare_outcome_keeps_its_digits() -> None:
    x = np.linspace(-1.0, 1.4, 61)
    assert digits_reached(x, np.where(np.abs(x) < 0.05, 2, x + np.sin(40 * x) > 0)) >= 12


@pytest.mark.parametrize("gap", [0.1, 1e-3, 1e-6, 1e-9])
def test_nearly_separated_outcomes_keep_their_digits(gap: float) -> None:
    x = np.concatenate([np.linspace(-2.0, -0.2, 30), [gap, -gap], np.linspace(0.3, 1.5, 30)])
    # A number of size one is known to 2e-16, and so the overlap, which decides, to 2e-16 / gap.
    assert digits_reached(x + 0.3, np.repeat([0, 1], 31)) >= min(12.0, 15.7 + np.log10(gap))


def digits_reached(x: FloatArray, y: IntArray) -> float:
    """Least digits of coefficients and standard errors; the log-likelihood has fourteen."""
    X = np.column_stack([np.ones(len(x)), x])
    res = mn.MNLogit(y, X).fit()
    assert res.converged
    truth = exact_maximum(Problem(X, y, int(y.max()) + 1, 0, None, None, res.params.to_numpy()))
    assert digits(res.llf, truth.loglike) >= 14
    return min(least_digits(res.params, truth.coef), least_digits(res.bse, truth.se))
