"""The formulas once more, in decimal arithmetic with as many digits as asked for."""

from __future__ import annotations

import decimal
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from mnlstat.arrays import FloatArray
from tests.likelihood.problems import Problem


@dataclass(frozen=True)
class Exact:
    """Log-likelihood, score, information, probabilities: rounded to double at the very end."""

    loglike: float
    score: FloatArray
    information: FloatArray
    probabilities: FloatArray


def exact(problem: Problem, digits: int = 50) -> Exact:
    """Everything the likelihood answers, written from the definitions row by row."""
    precise = decimal.Context(prec=digits, Emin=decimal.MIN_EMIN, Emax=decimal.MAX_EMAX)
    with decimal.localcontext(precise):
        return _exact(problem)


def _exact(problem: Problem) -> Exact:
    k, others, p = problem.X.shape[1], problem.others, len(problem.params)
    value, probabilities = Decimal(0), []
    score, information = [Decimal(0)] * p, [[Decimal(0)] * p for _ in range(p)]
    for i, row in enumerate(problem.X):
        x, counts, w = _decimals(row), _decimals(problem.counts[i]), Decimal(float(problem.w[i]))
        log_pi = _log_probabilities(problem, i, x)
        pi = [v.exp() for v in log_pi]
        trials = sum(counts)
        probabilities.append(pi)
        value += w * sum(c * v for c, v in zip(counts, log_pi, strict=True))
        for a, j in enumerate(others):
            residual = w * (counts[j] - trials * pi[j])
            for s in range(k):
                score[a * k + s] += residual * x[s]
            for b, m in enumerate(others):
                weight = w * trials * pi[j] * ((j == m) - pi[m])
                for s in range(k):
                    for t in range(k):
                        information[a * k + s][b * k + t] += weight * x[s] * x[t]
    return Exact(float(value), *(np.array(v, float) for v in (score, information, probabilities)))


def _decimals(values: FloatArray) -> list[Decimal]:
    return [Decimal(float(v)) for v in values]


def _log_probabilities(problem: Problem, i: int, x: list[Decimal]) -> list[Decimal]:
    k, eta = len(x), [Decimal(0)] * problem.n_outcomes
    for a, j in enumerate(problem.others):
        coefficients = _decimals(problem.params[a * k : (a + 1) * k])
        eta[j] = sum((b * v for b, v in zip(coefficients, x, strict=True)), Decimal(0))
    if problem.offset is not None:
        eta = [v + o for v, o in zip(eta, _decimals(problem.offset[i]), strict=True)]
    highest = max(eta)
    log_total = sum((v - highest).exp() for v in eta).ln()
    return [v - highest - log_total for v in eta]
