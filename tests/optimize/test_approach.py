"""Short ways to the maximum end where Newton's method on all rows ends, whatever the data."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.optimize import approach, newton
from mnlstat.optimize.approach import Plan
from mnlstat.optimize.metrics import Sample
from mnlstat.optimize.newton import maximise
from mnlstat.optimize.optimum import Optimum
from mnlstat.optimize.quasi_newton import Descent, Found
from mnlstat.optimize.trace import NEWTON, QUASI_NEWTON, SPREAD, Iteration, Trace

N = 20_000


def simulated(kind: str, J: int = 4, k: int = 6, n: int = N) -> MultinomialLikelihood:
    """Data of one kind; the constant first."""
    rng = np.random.default_rng([J, k, len(kind)])
    X = np.column_stack([np.ones(n), rng.normal(size=(n, k - 1))])
    B = rng.normal(size=(k, J)) / np.sqrt(k)
    weights = None
    if kind == "heavy tails":
        X[:, 1:] = rng.standard_t(2, size=(n, k - 1))
    if kind == "unscaled":
        X[:, 1:] = X[:, 1:] * 10.0 ** np.arange(-4, k - 5) + 1000.0
        B[1:] /= 10.0 ** np.arange(-4, k - 5)[:, None]
        B[0] -= 1000 * B[1:].sum(axis=0)
    if kind == "rare outcome":
        B[0, 1] -= 7.0
    if kind == "weights":
        weights = rng.exponential(size=n)
    y = (X @ B + rng.gumbel(size=(n, J))).argmax(axis=1)
    if kind == "sorted by outcome":
        order = np.argsort(y, kind="stable")
        X, y = X[order], y[order]
    if kind == "sorted by a column":
        order = np.argsort(X[:, 1])
        X, y = X[order], y[order]
    return MultinomialLikelihood.from_arrays(X, y, J, weights=weights)


KINDS = (
    "plain", "heavy tails", "unscaled", "rare outcome", "weights", "sorted by outcome",
    "sorted by a column",
)  # fmt: skip
PLANS = {
    "spread": Plan(4096),
    "all rows": Plan(N),
    "scores alone": Plan(2500, by_information=False),
}


def plans_of(optimum: Optimum) -> set[str]:
    return {taken.plan for taken in optimum.trace}


def by_plain_newton(likelihood: MultinomialLikelihood, monkeypatch: pytest.MonkeyPatch) -> Optimum:
    with monkeypatch.context() as patched:
        patched.setattr(approach, "FEW_ROWS", 10 * N)
        patched.setattr(newton, "FEW_ROWS", 10 * N)
        found = maximise(likelihood)
    assert plans_of(found) == {NEWTON}
    return found


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_way_leads_to_the_same_maximum(
    kind: str, plan: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    likelihood = simulated(kind)
    plain = by_plain_newton(likelihood, monkeypatch)
    monkeypatch.setattr(Plan, "of", lambda shape: PLANS[plan])
    short = maximise(likelihood)
    assert QUASI_NEWTON in plans_of(short)
    assert plain.status.ok and short.status.ok
    errors = np.sqrt(np.square(plain.root).sum(axis=1))
    assert np.abs(short.params - plain.params).max() < 1e-10 * errors.max()
    np.testing.assert_allclose(short.params, plain.params, atol=1e-11 * errors.max())
    np.testing.assert_allclose(np.sqrt(np.square(short.root).sum(axis=1)), errors, rtol=2e-12)
    assert short.value == pytest.approx(plain.value, rel=1e-14)


def passes_of(likelihood: MultinomialLikelihood, sample: Sample | None) -> int:
    errors = list[float]()
    start = Found(likelihood.start(), likelihood.preconditioner())
    descent = Descent(likelihood, start, lambda _, error, __: errors.append(error), sample)
    theta = descent.run(1e-9, 100, contraction=0.5, inform=False).theta
    score = likelihood.score(theta)
    assert score @ np.linalg.solve(likelihood.information(theta), score) < 1e-16
    return len(errors)


def test_the_information_of_a_sample_saves_passes() -> None:
    likelihood = simulated("plain", J=20, k=12)
    part = likelihood.spread(4096)
    with_sample = passes_of(likelihood, Sample(part, part.n_rows / N, 0.15))
    assert with_sample < 0.75 * passes_of(likelihood, None)


@pytest.mark.parametrize("kind", KINDS)
def test_the_log_likelihood_of_all_rows_never_falls(kind: str) -> None:
    found = maximise(simulated(kind))
    assert found.status.ok
    values = [taken.loglike for taken in found.trace if taken.rows == N]
    assert all(b >= a - 1e-14 * abs(a) for a, b in itertools.pairwise(values))


@pytest.mark.parametrize("plan", PLANS)
def test_separated_data_are_not_called_converged(
    plan: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    likelihood = simulated("plain")
    X, y = likelihood.rows.X.copy(), likelihood.rows.response
    X[:, 1] = (y == 2) & (X[:, 2] > 0)  # only outcome 2 is ever seen where the column is one
    monkeypatch.setattr(Plan, "of", lambda shape: PLANS[plan])
    found = maximise(MultinomialLikelihood.from_arrays(X, y, 4))
    assert not found.status.ok and found.root is None


def test_an_outcome_that_the_spread_lacks_is_no_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    likelihood = simulated("plain")
    y = np.where(likelihood.rows.response == 3, 0, likelihood.rows.response)
    y[300:330] = 3  # between the stretches of the spread
    rare = MultinomialLikelihood.from_arrays(likelihood.rows.X, y, 4)
    assert (rare.spread(4096).rows.response != 3).all()
    plain = by_plain_newton(rare, monkeypatch)
    monkeypatch.setattr(Plan, "of", lambda shape: PLANS["spread"])
    short = maximise(rare)
    assert short.status.ok
    np.testing.assert_allclose(short.params, plain.params, rtol=1e-9, atol=1e-11)


def test_the_plan_follows_from_the_shape() -> None:
    class Shape:
        def __init__(self, n: int, k: int, J: int, rarest: float = 1e4) -> None:
            self.n_rows, self.n_parameters, self.rarest = n, k * (J - 1), rarest
            self.well_preconditioned, self.sample_rows = True, 0
            self.information_cost = 1 + J * (k + 1) / 18

    assert Plan.of(Shape(944, 8, 7)) == Plan()
    assert Plan.of(Shape(1_000_000, 31, 5)) == Plan(31_250)
    assert Plan.of(Shape(50_000, 201, 10)) == Plan(6_250, by_information=False)
    assert Plan.of(Shape(1_000_000, 6, 3, rarest=30)) == Plan(1_000_000)  # too rare for a spread


def test_whoever_watches_is_told_of_every_pass() -> None:
    told = list[Iteration]()
    found = maximise(simulated("plain"), watch=told.append)
    assert tuple(told) == found.trace
    assert plans_of(found) == {SPREAD, QUASI_NEWTON, NEWTON}
    assert found.trace[0].rows < N and found.trace[-1].rows == N
    seconds = [taken.seconds for taken in told]
    assert seconds == sorted(seconds)
    assert found.method.endswith("then Newton-Raphson")


def test_newton_takes_over_from_a_way_that_leads_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    likelihood = simulated("plain")
    plain = by_plain_newton(likelihood, monkeypatch)

    def astray(part: MultinomialLikelihood, trace: Trace, maxiter: int) -> np.ndarray:
        for _ in range(maxiter + 20):
            trace.add(QUASI_NEWTON, N, -1e9, 1.0)
        return likelihood.start()

    monkeypatch.setattr(newton, "approach", astray)
    found = maximise(likelihood)
    assert found.status.ok
    np.testing.assert_allclose(found.params, plain.params, rtol=1e-10, atol=1e-12)
