"""The certificate says "finite maximum" exactly when linear programming finds no direction.

Albert & Anderson (1984), Biometrika 71: with a design of full rank the maximum is finite unless
some D, not zero, has x_i'(d_j - d_l) >= 0 for every outcome j seen in row i and every other l.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.optimize import linprog

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.optimize.newton import maximise

Data = tuple[FloatArray, IntArray, int]


def small_data(seed: int) -> Data:
    """A constant and columns of small whole numbers: separated about half of the time."""
    rng = np.random.default_rng(seed)
    J, k, n = rng.integers(2, 5), rng.integers(1, 4), rng.integers(8, 40)
    while True:
        X = np.column_stack([np.ones(n), rng.integers(-3, 4, size=(n, k - 1))])
        eta = rng.choice([0.0, 1.0, 3.0]) * X @ rng.normal(size=(k, J))
        y = (eta + rng.gumbel(size=(n, J))).argmax(axis=1)
        if np.linalg.matrix_rank(X) == k and len(np.unique(y)) == J:
            return X, y, int(J)


def is_separated(X: FloatArray, y: IntArray, J: int) -> bool:
    """Whether some direction never lowers and somewhere raises the log-likelihood."""
    units = np.vstack([np.zeros(J - 1), np.eye(J - 1)])
    pairs = [
        np.kron(units[j] - units[other], x)
        for x, j in zip(X, y, strict=True)
        for other in range(J)
        if other != j
    ]
    A = np.array(pairs)
    found = linprog(-A.sum(axis=0), A_ub=-A, b_ub=np.zeros(len(A)), bounds=(-1, 1))
    assert found.status == 0
    return bool(-found.fun > 1e-7)


def disagreements(seeds: range) -> list[int]:
    """Seeds of the data on which certificate and linear programme differ."""
    wrong = []
    for seed in seeds:
        X, y, J = small_data(seed)
        optimum = maximise(MultinomialLikelihood.from_arrays(X, y, J))
        if optimum.status.ok == is_separated(X, y, J):
            wrong.append(seed)
    return wrong


def test_both_kinds_of_data_occur() -> None:
    share = np.mean([is_separated(*small_data(seed)) for seed in range(200)])
    assert 0.2 < share < 0.8


def test_certificate_and_linear_programme_agree() -> None:
    assert disagreements(range(150)) == []


@pytest.mark.slow
def test_certificate_and_linear_programme_agree_on_many_more() -> None:
    assert disagreements(range(150, 4000)) == []


@pytest.mark.parametrize("seed", range(40))
def test_a_certified_maximum_has_no_score_left(seed: int) -> None:
    X, y, J = small_data(seed)
    likelihood = MultinomialLikelihood.from_arrays(X, y, J)
    optimum = maximise(likelihood)
    assert optimum.status.ok != is_separated(X, y, J)
    assert (optimum.root is None) == (not optimum.status.ok)
    if optimum.status.ok:
        size = np.abs(likelihood.score_obs(optimum.params)).sum(axis=0)
        assert (np.abs(likelihood.score(optimum.params)) <= 1e-13 * size + 1e-15).all()
    values = [point.loglike for point in optimum.trace]
    # far out on separated data the rounding of the linear predictors is what limits the values
    predictors = np.abs(X) @ np.abs(likelihood.coefficients(optimum.params)).T
    rounding = np.finfo(float).eps * (4 * np.abs(values).max() + predictors.sum())
    assert all(b >= a - rounding for a, b in itertools.pairwise(values))
