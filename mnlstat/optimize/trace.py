"""The passes of a maximisation, as they happen."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

NEWTON = "Newton"
SPREAD = "Newton on a spread of rows"
QUASI_NEWTON = "quasi-Newton"
PENALISED = "penalised scoring"
SURROGATE = "Newton and a sample"


@dataclass(frozen=True)
class Iteration:
    """One accepted point.

    Attributes
    ----------
    plan : what chose the step that follows
    rows : rows that were read
    loglike : log-likelihood of these rows
    decrement : ``sqrt(g'I^-1 g)``, the distance to the maximum in standard errors
    step : the share of the whole step that led there
    seconds : time since the maximisation began
    """

    plan: str
    rows: int
    loglike: float
    decrement: float
    step: float
    seconds: float

    def in_unit(self, unit: float) -> Iteration:
        """The point for ``unit`` times the log-likelihood."""
        return replace(
            self, loglike=self.loglike * unit, decrement=self.decrement * math.sqrt(unit)
        )

    def __str__(self) -> str:
        return (
            f"{self.seconds:9.3f} s  {self.plan:<27}{self.rows:>11} rows"
            f"  log-likelihood {self.loglike:.10g}  error {self.decrement:.2e} se"
        )


class Trace:
    """Collects the passes; whoever watches is told of each."""

    def __init__(self, unit: float, watch: Callable[[Iteration], None] | None) -> None:
        self._unit = unit
        self._watch = watch
        self._began = time.perf_counter()
        self.passes: list[Iteration] = []

    def add(
        self, plan: str, rows: int, loglike: float, decrement: float, step: float = 1.0
    ) -> None:
        """Note an accepted point."""
        seconds = time.perf_counter() - self._began
        taken = Iteration(plan, rows, loglike, decrement, step, seconds).in_unit(self._unit)
        self.passes.append(taken)
        if self._watch is not None:
            self._watch(taken)
