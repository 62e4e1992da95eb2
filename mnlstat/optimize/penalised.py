"""The maximum of a penalised likelihood, by steps of the unpenalised information."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.linalg import EPS, Factor, factorise
from mnlstat.optimize.metrics import Memory
from mnlstat.optimize.newton import maximise
from mnlstat.optimize.optimum import Optimum, Status
from mnlstat.optimize.protocol import Evaluated
from mnlstat.optimize.trace import PENALISED, Iteration, Trace

CUTS, MOST = 30, 200
# A start so many standard errors for each sqrt(row) away is no start: data are never so far.
FAR = 100.0
# An error of so many standard errors that has stopped falling is rounding; above it no fit ends.
ENOUGH = 1e-9
PATIENCE = 3
# A step so short, in standard errors, tells where the climb will end.
BRIEF = 0.3
# A gain this small, relative to the value, may drown in rounding: the error then tells.
SMALL_GAIN = 1e-10


class Penalised(Protocol):
    """A likelihood with a penalty."""

    @property
    def n_rows(self) -> int:
        """n."""

    def evaluate(self, theta: FloatArray, order: int = 2) -> Evaluated:
        """Penalised value, its gradient, and the unpenalised information."""

    def loglike(self, theta: FloatArray) -> float:
        """Without the penalty."""


def maximise_jeffreys(
    likelihood: Any,
    wrap: Callable[[Any, float], Penalised],
    *,
    start: FloatArray | None = None,
    maxiter: int = 200,
    watch: Callable[[Iteration], None] | None = None,
) -> tuple[Optimum, float]:
    """The maximum of a likelihood with a penalty, and the penalised value there.

    ``wrap`` gives the penalised form of a likelihood in good coordinates, of its unit.
    """
    conditioned, change = likelihood.standardised()
    trace = Trace(1.0, watch)
    penalised = wrap(conditioned, likelihood.unit)
    if start is None:
        first = conditioned.start()
        if blind(penalised, first):
            first = maximise(conditioned).params
    else:
        first = start if change is None else change.from_original(start)
    theta, factor, status, error = climb(penalised, first, maxiter, trace)
    root = None if factor is None else factor.inverse_root
    if root is not None and change is not None:
        root = change.to_original(root)
    value = penalised.loglike(theta)
    optimum = Optimum(
        params=theta if change is None else change.to_original(theta),
        value=value,
        root=root if status.ok else None,
        status=status,
        decrement=error,
        relative_score=error,
        radius=math.nan,
        rcond=math.nan if factor is None else factor.rcond,
        trace=tuple(trace.passes),
    )
    determinant = math.nan if root is None else float(np.linalg.slogdet(root)[1])
    return optimum, value - determinant


def blind(penalised: Penalised, theta: FloatArray) -> bool:
    """Whether nothing is to be seen from a point: most probabilities there are zero or one."""
    here = penalised.evaluate(theta)
    factor = None if here.information is None else factorise(np.asarray(here.information))
    if factor is None or here.score is None or not math.isfinite(here.value):
        return True
    far = float(here.score @ factor.solve(here.score))
    return not far < FAR**2 * penalised.n_rows


def climb(
    penalised: Penalised,
    start: FloatArray,
    maxiter: int,
    trace: Trace,
    enough: Callable[[FloatArray], bool] | None = None,
) -> tuple[FloatArray, Factor | None, Status, float]:
    """Climb until rounding ends it.

    The penalised likelihood is not concave, so each step must raise it; the scores seen on the way
    correct the information for what the penalty adds to the curvature.  ``enough`` may end it
    early, by where it is.

    Returns
    -------
    theta, the factor of the information there, the status, the last error in standard errors
    """
    theta, memory, least, stuck = start, Memory(), math.inf, 0
    here, length = penalised.evaluate(theta), 1.0
    best: tuple[FloatArray, Factor | None] = (theta, None)
    for _ in range(maxiter + 1):
        factor = None if here.information is None else factorise(np.asarray(here.information))
        if factor is None or here.score is None:
            return theta, None, Status.STALLED, math.inf
        step = memory.direction(factor, here.score)
        error = math.sqrt(max(float(here.score @ step), 0.0))
        if enough is not None:
            ahead = theta + step if error < BRIEF else theta
            if enough(ahead):
                return ahead, factor, Status.MAXITER, math.inf
        if not math.isfinite(error):
            return theta, factor, Status.STALLED, math.inf
        trace.add(PENALISED, penalised.n_rows, here.value, error, length)
        stuck = stuck + 1 if error > 0.9 * least else 0
        if error <= least:
            best, least = (theta, factor), error
        ended = error <= EPS * math.sqrt(len(theta)) / 10 or (error < ENOUGH and stuck >= PATIENCE)
        found = None if ended else _advance(penalised, here, theta, step, error)
        if found is None:
            status = Status.PENALISED if least <= ENOUGH else Status.STALLED
            return *best, status, least
        there, length = found
        assert there.score is not None
        memory.add(length * step, here.score - there.score)
        theta, here = theta + length * step, there
    return *best, Status.MAXITER, least


def _advance(
    penalised: Penalised, here: Evaluated, theta: FloatArray, step: FloatArray, error: float
) -> tuple[Evaluated, float] | None:
    length = 1.0
    for _ in range(CUTS):
        with np.errstate(over="ignore", invalid="ignore"):
            there = penalised.evaluate(theta + length * step)
        small = length * error**2 <= SMALL_GAIN * (1 + abs(here.value))
        if math.isfinite(there.value) and (small or there.value >= here.value):
            return there, length
        length /= 4
    return None
