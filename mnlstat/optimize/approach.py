"""The way to the neighbourhood of the maximum, where a pass over all rows is dear.

Newton's method from the null model takes some seven passes with the information.  A few rows
suffice to come within sampling error of the maximum, and scores alone suffice from there; the
information is needed once, at the end.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from mnlstat.arrays import FloatArray
from mnlstat.linalg import EPS
from mnlstat.optimize.metrics import Sample, Scaled
from mnlstat.optimize.point import advance, at
from mnlstat.optimize.protocol import Conditioned, Shape
from mnlstat.optimize.quasi_newton import DEAR, Descent, Found
from mnlstat.optimize.surrogate import surrogate_step
from mnlstat.optimize.trace import NEWTON, QUASI_NEWTON, SPREAD, SURROGATE, Trace

# Below so many rows Newton's method on all of them is as fast as anything.
FEW_ROWS = 16384
# Rows in a spread: one in so many, but at least these, and these for each parameter.
SPREAD_SHARE = 32
SPREAD_LEAST = 4096
SPREAD_PER_PARAMETER = 7
# Passes with the score alone that each way is expected to take.
PASSES_FROM_SPREAD = 5.0
PASSES_FROM_NULL = 33.0
# Newton steps on the rows of a spread, or on all rows where there is none.
STEPS_ON_SPREAD = 4.0
NEWTON_STEPS = 4.0
# An outcome with fewer rows than this in a spread would be a matter of luck there.
RARE_IN_SPREAD = 20.0
# The error, in standard errors for each sqrt(row of the rarest outcome), at which the information
# is taken; it then does not change any more to 12 digits.
NEGLIGIBLE = 1e-12
# What rounding leaves of the error, in eps for each sqrt(row x parameter).
ROUNDING = 0.3
LIMIT = 120
# Steps with the help of the sample; from there Newton's steps square what is left.
SURROGATES = 2
# What a pass leaves of the error where the metric is the information of a sample, for each
# sqrt(parameter / row).
SAMPLING = 0.7


@dataclass(frozen=True)
class Plan:
    """How to come near the maximum.

    Attributes
    ----------
    rows : Newton steps are taken on so many rows first; all of them where a few will not do; none
        for Newton steps to the end
    by_information : False to go by scores alone, first on these rows
    """

    rows: int = 0
    by_information: bool = True

    @classmethod
    def of(cls, likelihood: Shape) -> Plan:
        """The cheapest way, by counting passes."""
        n, p, cost = likelihood.n_rows, likelihood.n_parameters, likelihood.information_cost
        if likelihood.sample_rows:
            return cls(likelihood.sample_rows)
        if n < FEW_ROWS:
            return cls()
        rows = max(SPREAD_PER_PARAMETER * p, SPREAD_LEAST, n // SPREAD_SHARE)
        enough = likelihood.rarest * rows / n >= RARE_IN_SPREAD
        ways = {cls(n): (NEWTON_STEPS + 1) * cost + PASSES_FROM_SPREAD}
        if enough and rows <= n // 3:
            ways[cls(rows)] = STEPS_ON_SPREAD * cost * rows / n + PASSES_FROM_SPREAD + cost
        if likelihood.well_preconditioned:
            ways[cls(n // 8, by_information=False)] = PASSES_FROM_NULL + cost
        return min(ways, key=lambda way: ways[way])


def approach(likelihood: Conditioned, trace: Trace, maxiter: int) -> FloatArray | None:
    """A point near the maximum; None where plain Newton steps are the better way.

    Nothing depends on how near it is but time: who calls goes on with Newton steps on all rows.
    """
    plan = Plan.of(likelihood)
    if not plan.rows or maxiter < LIMIT // 2:
        return None
    # where rows are read anew, the information comes with the score at little cost
    fused = likelihood.reads_anew and likelihood.information_cost < DEAR
    if plan.by_information:
        all_rows = plan.rows == likelihood.n_rows
        if all_rows and fused:
            return None
        part = likelihood if all_rows else likelihood.spread(plan.rows)
        start = _by_newton(part, likelihood.n_rows, trace)
        contraction = 0.15
        sample = None if all_rows else _sample(part, likelihood.n_rows)
    else:
        start = _by_scores(likelihood, plan.rows, trace)
        contraction, sample = 0.5, None
    if start is None:
        return None
    if plan.by_information and fused:
        return _by_surrogate(likelihood, part, start.theta, trace)

    def note(value: float, error: float, length: float) -> None:
        trace.add(QUASI_NEWTON, likelihood.n_rows, value, error, length)

    descent = Descent(likelihood, start, note, sample)
    return descent.run(
        _tolerance(likelihood), LIMIT, contraction=contraction, inform=plan.by_information
    ).theta


def _by_surrogate(
    likelihood: Conditioned, part: Conditioned, theta: FloatArray, trace: Trace
) -> FloatArray:
    """Some passes over all rows, and the steps that the sample makes of them."""
    share, best = part.n_rows / likelihood.n_rows, None
    for _ in range(SURROGATES):
        here = at(likelihood, theta)
        if here is None or here.factor is None or (best and here.value < best.value):
            return theta if best is None else best.theta
        trace.add(SURROGATE, likelihood.n_rows, here.value, here.decrement)
        best, theta = here, theta + surrogate_step(here, part, share)
    return theta


def _sample(part: Conditioned, n_rows: int) -> Sample:
    contraction = SAMPLING * math.sqrt(part.n_parameters / part.n_rows)
    return Sample(part, part.n_rows / n_rows, min(contraction, 0.9))


def _tolerance(likelihood: Shape) -> float:
    floor = ROUNDING * EPS * math.sqrt(float(likelihood.n_rows) * likelihood.n_parameters)
    return max(NEGLIGIBLE * math.sqrt(likelihood.rarest), floor)


def _by_newton(part: Conditioned, n_rows: int, trace: Trace) -> Found | None:
    """Newton steps on some rows until the error is small beside that of sampling them."""
    plan = NEWTON if part.n_rows == n_rows else SPREAD
    here = at(part, part.start())
    enough = 0.5 * math.sqrt(part.n_parameters)
    for _ in range(25):
        if here is None or here.factor is None:
            return None
        trace.add(plan, part.n_rows, here.value, here.decrement, here.length)
        left = here.decrement * min(1.0, 3 * here.decrement / math.sqrt(part.n_rows))
        if left < enough:
            share = part.n_rows / n_rows
            return Found(here.theta + here.step, Scaled(here.factor, share))
        here = advance(part, here)
    return None


def _by_scores(likelihood: Conditioned, rows: int, trace: Trace) -> Found | None:
    """Passes over some rows with the metric of the null model."""
    metric, theta = likelihood.preconditioner(), likelihood.start()
    if rows < 3 * likelihood.n_parameters:
        return Found(theta, metric)
    part = likelihood.spread(rows)

    def note(value: float, error: float, length: float) -> None:
        trace.add(QUASI_NEWTON, part.n_rows, value, error, length)

    share = likelihood.n_rows / part.n_rows
    descent = Descent(part, Found(theta, Scaled(metric, share)), note)
    found = descent.run(0.3 * math.sqrt(part.n_parameters), LIMIT, contraction=0.5, inform=False)
    return Found(found.theta, metric)
