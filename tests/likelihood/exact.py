"""The formulas once more, in decimal arithmetic with as many digits as asked for."""

from __future__ import annotations

import decimal
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np

from mnlstat.arrays import FloatArray
from tests.likelihood.problems import Problem

Vector = list[Decimal]


@dataclass(frozen=True)
class Exact:
    """Log-likelihood, score, information, probabilities: rounded to double at the very end."""

    loglike: float
    score: FloatArray
    information: FloatArray
    probabilities: FloatArray


@dataclass(frozen=True)
class Maximum:
    """Coefficients, standard errors and log-likelihood at the maximum, unrounded."""

    coef: list[Fraction]
    se: list[Fraction]
    loglike: Fraction


def exact(problem: Problem, digits: int = 50) -> Exact:
    """Everything the likelihood answers, written from the definitions row by row."""
    with decimal.localcontext(_context(digits)):
        value, *arrays = _sums(problem, _decimals(problem.params))
        return Exact(float(value), *(np.array(v, float) for v in arrays))


def exact_maximum(problem: Problem, digits: int = 60) -> Maximum:
    """The maximum by Newton's method from ``problem.params``, which must be near to it."""
    with decimal.localcontext(_context(digits)):
        params, p = _decimals(problem.params), len(problem.params)
        for _ in range(25):
            value, score, information, _ = _sums(problem, params)
            identity = [[Decimal(int(i == j)) for j in range(p)] for i in range(p)]
            inverse = _solved(information, identity)
            step = [sum(a * g for a, g in zip(row, score, strict=True)) for row in inverse]
            gain = sum(a * g for a, g in zip(step, score, strict=True))
            if gain < Decimal(10) ** (-digits // 2 - 15):
                se = [Fraction(inverse[i][i].sqrt()) for i in range(p)]
                return Maximum([Fraction(b) for b in params], se, Fraction(value))
            params = [b + d for b, d in zip(params, step, strict=True)]
    raise AssertionError("the exact iteration does not settle")


def _context(digits: int) -> decimal.Context:
    return decimal.Context(prec=digits, Emin=decimal.MIN_EMIN, Emax=decimal.MAX_EMAX)


def _sums(problem: Problem, params: Vector) -> tuple[Decimal, Vector, list[Vector], list[Vector]]:
    k, others, p = problem.X.shape[1], problem.others, len(params)
    value, probabilities = Decimal(0), []
    score, information = [Decimal(0)] * p, [[Decimal(0)] * p for _ in range(p)]
    for i, row in enumerate(problem.X):
        x, counts, w = _decimals(row), _decimals(problem.counts[i]), Decimal(float(problem.w[i]))
        log_pi = _log_probabilities(problem, i, x, params)
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
    return value, score, information, probabilities


def _decimals(values: Sequence[float] | FloatArray) -> Vector:
    return [Decimal(float(v)) for v in values]


def _log_probabilities(problem: Problem, i: int, x: Vector, params: Vector) -> Vector:
    k, eta = len(x), [Decimal(0)] * problem.n_outcomes
    for a, j in enumerate(problem.others):
        b = params[a * k : (a + 1) * k]
        eta[j] = sum((c * v for c, v in zip(b, x, strict=True)), Decimal(0))
    if problem.offset is not None:
        eta = [v + o for v, o in zip(eta, _decimals(problem.offset[i]), strict=True)]
    highest = max(eta)
    log_total = sum((v - highest).exp() for v in eta).ln()
    return [v - highest - log_total for v in eta]


def _solved(matrix: list[Vector], right: list[Vector]) -> list[Vector]:
    """``matrix^-1 right`` by elimination; a positive definite matrix needs no pivoting."""
    n = len(matrix)
    rows = [[*a, *b] for a, b in zip(matrix, right, strict=True)]
    for i in range(n):
        pivot = rows[i][i]
        rows[i] = [v / pivot for v in rows[i]]
        for j in range(n):
            factor = rows[j][i]
            if j != i and factor:
                rows[j] = [v - factor * u for v, u in zip(rows[j], rows[i], strict=True)]
    return [row[n:] for row in rows]
