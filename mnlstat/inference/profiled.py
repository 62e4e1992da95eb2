"""A fitted likelihood in coordinates in which linear functions of its coefficients are profiled."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.errors import DataError, OptionError
from mnlstat.inference.constraints import Constraints
from mnlstat.inference.estimates import Estimates
from mnlstat.inference.infinity import Infinity
from mnlstat.inference.likelihood_intervals import Problem
from mnlstat.inference.penalised_profile import PenalisedLine
from mnlstat.inference.rebasing import rebased
from mnlstat.likelihood.constraints import Constrained
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.likelihood.penalty import Jeffreys, written_out_if_small
from mnlstat.optimize.along import Line
from mnlstat.optimize.face import face
from mnlstat.optimize.recession import Pairs

# What constraints leave of a function, of the size of its terms, that is rounding.
NOTHING = 1e-10


@dataclass(frozen=True, eq=False)
class Coordinates:
    """Good coordinates ``theta`` of a likelihood: ``b = origin + T theta``.

    Attributes
    ----------
    objective : log-likelihood of theta, divided by ``unit``
    unit : float
    T : (p, d)
    origin : (p,)
    start : (d,) the estimate, or where to start
    """

    objective: Any
    unit: float
    T: FloatArray
    origin: FloatArray
    start: FloatArray

    def problem(self, c: FloatArray, top: float, estimate: float) -> Problem:
        """That of ``c'b``."""
        a = self.T.T @ c
        line = Line(self.objective, a)
        if isinstance(self.objective, Jeffreys):
            line = PenalisedLine(self.objective, a, self.start)
        return Problem(line, float(c @ self.origin), self.unit, top, estimate, self.start)


@dataclass(frozen=True, eq=False)
class Profiled:
    """A fit whose linear functions can be profiled.

    Attributes
    ----------
    likelihood : with the base of the estimates
    estimates : Estimates
    llf : the maximum, or supremum, of the log-likelihood
    penalised : whether the estimate maximises ``l + 1/2 log|I|``
    constraints : Constraints, optional
    """

    likelihood: MultinomialLikelihood
    estimates: Estimates
    llf: float
    penalised: bool = False
    constraints: Constraints | None = None

    def problem(self, c: FloatArray) -> Problem | float:
        """That of ``c'b``, c (p,); its value alone where constraints fix it."""
        if self.estimates.infinity is not None:
            return self._separated(c, self.estimates.infinity)
        found = self.regular
        value = float(c @ self.estimates.values)
        if self.constraints is not None:
            c = self._turn.T @ c
            left, size = found.T.T @ c, np.abs(found.T).T @ np.abs(c)
            if (np.abs(left) <= NOTHING * size).all():
                return value
        return found.problem(c, self._top, value)

    @cached_property
    def _turn(self) -> FloatArray:
        """From coefficients against the base of the constraints to those against the own one."""
        assert self.constraints is not None
        p, labels = len(self.estimates.values), self.estimates.labels
        k = p // (len(labels.outcomes) - 1)
        return rebased(np.eye(p), k, self.constraints.base, labels.base)

    @cached_property
    def _top(self) -> float:
        """The maximum, as the objective computes it."""
        found = self.regular
        return found.unit * float(found.objective.evaluate(found.start, 0).value)

    @cached_property
    def regular(self) -> Coordinates:
        """Those of the whole likelihood, of what constraints leave free."""
        values, p = self.estimates.values, len(self.estimates.values)
        if self.constraints is not None:
            return self._within(self.constraints)
        likelihood = written_out_if_small(self.likelihood) if self.penalised else self.likelihood
        conditioned, change = likelihood.standardised()
        start = values if change is None else change.from_original(values)
        T = np.eye(p) if change is None else change.to_original(np.eye(p))
        unit = likelihood.unit
        if self.penalised:
            return Coordinates(Jeffreys(conditioned, unit), 1.0, T, np.zeros(p), start)
        return Coordinates(conditioned, unit, T, np.zeros(p), start)

    def _within(self, constraints: Constraints) -> Coordinates:
        likelihood, labels = self.likelihood, self.estimates.labels
        k = len(self.estimates.values) // (len(labels.outcomes) - 1)
        values = rebased(self.estimates.values, k, labels.base, constraints.base)
        likelihood = replace(likelihood, base=constraints.base)
        elimination = constraints.elimination
        affine, back = Constrained(likelihood, elimination).standardised()
        origin = elimination.origin
        T = back.to_original(np.eye(affine.n_parameters))
        start = back.from_original(values - origin)
        return Coordinates(affine, likelihood.unit, T, origin, start)

    # --- separated data --------------------------------------------------------------------

    def _separated(self, c: FloatArray, infinity: Infinity) -> Problem:
        """The likelihood in the limit of the directions that leave ``c'b`` as it is."""
        sign = float(infinity.signs(c[None])[0])
        if sign == 0:
            return self._limit.problem(c, self.llf, float(c @ self.estimates.values))
        if math.isnan(sign):
            return self.regular.problem(c, self.llf, math.nan)
        available, span = face(self._pairs, infinity.null, c)
        if span.shape[1]:
            coordinates = self._limiting(available, span, None)
        else:
            coordinates = replace(self.regular, start=self._null)
        return coordinates.problem(c, self.llf, sign * math.inf)

    @cached_property
    def _pairs(self) -> Pairs:
        cases = self.likelihood.cases()
        if cases is None:
            raise DataError(
                "too-large-to-profile",
                "the limit of separated data needs all their rows at hand; these are too many.",
            )
        return Pairs.of(*cases)

    @cached_property
    def _null(self) -> FloatArray:
        conditioned, _ = self.likelihood.standardised()
        return conditioned.start()

    @cached_property
    def _limit(self) -> Coordinates:
        assert self.estimates.infinity is not None
        available, span = face(self._pairs, self.estimates.infinity.null, None)
        return self._limiting(available, span, self.estimates.values)

    def _limiting(self, available: Any, span: FloatArray, values: FloatArray | None) -> Coordinates:
        limiting = self.likelihood.limiting(available, span)
        d, p = limiting.n_parameters, len(self.estimates.values)
        T = limiting.original(np.eye(d))
        start = limiting.start() if values is None else limiting.nearest(values)
        return Coordinates(limiting, self.likelihood.unit, T, np.zeros(p), start)


def refuse_fixed(words: str) -> OptionError:
    """The error for a function that constraints leave no room."""
    return OptionError(
        "fixed-by-constraints",
        f"{words}: the constraints of the model fix it; there is no interval.\n"
        "constraints_test() tests the constraints themselves.",
    )
