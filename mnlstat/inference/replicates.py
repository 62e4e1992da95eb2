"""Fits to the same rows under other weights: many, that start where the fit has ended."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property
from typing import Any

import numpy as np
from scipy.linalg.lapack import dposv, dtrtri

from mnlstat.arrays import FloatArray
from mnlstat.arrow import factorise
from mnlstat.errors import MnlstatError
from mnlstat.inference.constraints import Constraints
from mnlstat.inference.infinity import Infinity
from mnlstat.inference.rebasing import rebased
from mnlstat.likelihood.affine import AffineLikelihood
from mnlstat.likelihood.constraints import Constrained
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.likelihood.penalty import Jeffreys
from mnlstat.linalg import row_norms
from mnlstat.optimize.limit import limit_of
from mnlstat.optimize.newton import maximise
from mnlstat.optimize.optimum import Optimum, Status
from mnlstat.optimize.penalised import maximise_jeffreys
from mnlstat.rows.resampled import Population

# With less than the first of the error, in standard errors, one more Newton step may do, if it
# leaves less than the second; after so many steps the fit is done with all care.
LAST_STEP, ROUNDED, STEPS = 2e-5, 1e-9, 14
# Scores of rows that are kept to begin with.
MOST_SCORES = 10_000_000
# The certificate of a finite maximum, as for any fit.
CERTAIN = 0.01
# Steps towards where separated estimates lie.
TOWARDS = 20


class Ended(IntEnum):
    """How the fit to a replicate ended."""

    FITTED = 0
    SEPARATED = 1
    FAILED = 2


@dataclass(frozen=True, eq=False)
class Refitter:
    """Fits the model to rows of a population under given weights.

    Attributes
    ----------
    likelihood : of all rows, one for each row of the population
    values : (p,) its estimate
    population : Population
    constraints : Constraints, optional
    penalised : whether to maximise ``l + 1/2 log|I|``
    rounded : what a fit may be off the maximum, in standard errors
    """

    likelihood: MultinomialLikelihood
    values: FloatArray
    population: Population
    constraints: Constraints | None = None
    penalised: bool = False
    rounded: float = ROUNDED

    def fit(self, weights: FloatArray) -> tuple[FloatArray, Ended]:
        """Estimates (p,) under weights (m,), and how the fit ended."""
        if not self.penalised and (found := self._light(weights)) is not None:
            return found, Ended.FITTED
        try:
            return self._careful(weights)
        except (MnlstatError, np.linalg.LinAlgError):
            return np.full(len(self.values), np.nan), Ended.FAILED

    def prepare(self) -> None:
        """Compute what the replicates share, before workers do."""
        if not self.penalised:
            assert self._steps is None or len(self._steps)

    @cached_property
    def _template(self) -> tuple[Any, Any]:
        """The likelihood in good coordinates, and the way back."""
        conditioned, change = self._own.standardised()
        return conditioned, change

    @cached_property
    def _own(self) -> Any:
        base = self._likelihood_of(self.population.rows)
        if self.constraints is None:
            return base
        return Constrained(base, self.constraints.elimination)

    def _likelihood_of(self, rows: Any) -> MultinomialLikelihood:
        """The likelihood of some rows, against the base of the constraints if there are any."""
        base = self.likelihood.base if self.constraints is None else self.constraints.base
        return replace(self.likelihood, rows=rows, base=base, known=None)

    @cached_property
    def _start(self) -> FloatArray:
        """The estimate of all rows in good coordinates."""
        values, change = self._inside(self.values), self._template[1]
        start: FloatArray = values if change is None else change.from_original(values)
        return start

    def _inside(self, values: FloatArray) -> FloatArray:
        """Coefficients (p,) less the origin of the constraints, against their base."""
        if self.constraints is None:
            return values
        return self._turned(values, back=False) - self.constraints.elimination.origin

    def _outside(self, values: FloatArray) -> FloatArray:
        """Back to those of the result."""
        if self.constraints is None:
            return values
        return self._turned(values + self.constraints.elimination.origin, back=True)

    def _turned(self, values: FloatArray, *, back: bool) -> FloatArray:
        assert self.constraints is not None
        own, theirs = self.likelihood.base, self.constraints.base
        k = len(values) // len(self.likelihood.others)
        return rebased(values, k, theirs, own) if back else rebased(values, k, own, theirs)

    def _light(self, weights: FloatArray) -> FloatArray | None:
        """Newton's method by full steps; None unless a finite maximum is certain."""
        found = full_steps(self._under(weights), self._begun(weights), self.rounded)
        change = self._template[1]
        if found is None:
            return None
        return self._outside(found if change is None else change.to_original(found))

    def _under(self, weights: FloatArray) -> Any:
        """The likelihood in good coordinates under weights (m,)."""
        template, _ = self._template
        affine = isinstance(template, AffineLikelihood)
        inner = template.inner if affine else template
        rows = replace(self.population, rows=inner.rows).weighted(weights)
        drawn = replace(inner, rows=rows, known=inner.geometry)
        return replace(template, inner=drawn) if affine else drawn

    def root(self, weights: FloatArray, values: FloatArray) -> FloatArray | None:
        """``F`` (p, d) with ``F F'`` the inverse information under weights (m,)."""
        change, at = self._template[1], self._inside(values)
        theta = at if change is None else change.from_original(at)
        factor = factorise(self._under(weights).evaluate(theta, 2).information)
        if factor is None:
            return None
        F = factor.inverse_root
        F = F if change is None else change.to_original(F)
        return F if self.constraints is None else self._turned(F, back=True)

    def _begun(self, weights: FloatArray) -> FloatArray:
        """One Newton step from the estimate of all rows, with their information."""
        steps = self._steps
        return self._start if steps is None else self._start + weights @ steps

    @cached_property
    def _steps(self) -> FloatArray | None:
        """``I^-1 s_i`` of a unit of each row (m, d); None where they are too many to keep."""
        template, _ = self._template
        if len(self.population.mass) * len(self._start) > MOST_SCORES:
            return None
        affine = isinstance(template, AffineLikelihood)
        inner = template.inner if affine else template
        at = template.params(self._start) if affine else self._start
        scores = inner.score_obs(at)
        scores = scores @ template.T if affine else scores
        own = self._under(self.population.mass)
        factor = factorise(own.evaluate(self._start, 2).information)
        return None if factor is None else np.ascontiguousarray(factor.solve(scores.T).T)

    def _careful(self, weights: FloatArray) -> tuple[FloatArray, Ended]:
        """The fit as it is done to data of their own; in the limit where they are separated."""
        likelihood = self._likelihood_of(self.population.weighted(weights))
        failed = np.full(len(self.values), np.nan), Ended.FAILED
        X = likelihood.rows.X
        lengths = row_norms(X.T)
        if not lengths.all() or np.linalg.matrix_rank(X / lengths) < len(lengths):
            return failed
        if self.penalised:
            optimum = maximise_jeffreys(likelihood, Jeffreys, start=self.values)[0]
            return (optimum.params, Ended.FITTED) if optimum.status.ok else failed
        if self.constraints is not None:
            bound = Constrained(likelihood, self.constraints.elimination)
            optimum = maximise(bound)
            return (self._outside(optimum.params), Ended.FITTED) if optimum.status.ok else failed
        if likelihood.rows.outcome_totals().all():
            optimum = maximise(likelihood)
            if optimum.status.ok:
                return optimum.params, Ended.FITTED
        else:
            optimum = towards(likelihood, self.values)
        if optimum.status is not Status.NOT_CERTIFIED:
            return failed
        limit = limit_of(likelihood, optimum)
        if limit is None:
            return failed
        infinity = Infinity.of(limit.separation)
        return infinity.shown(limit.optimum.params), Ended.SEPARATED


def full_steps(likelihood: Any, start: FloatArray, rounded: float) -> FloatArray | None:
    """The maximum by full Newton steps; None where they do not lead to a certified one.

    What is left after the last step, of R times the square of the error before, is less than
    ``rounded`` standard errors.
    """
    theta: FloatArray = start
    for _ in range(STEPS):
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            found = likelihood.evaluate(theta, 2)
            upper, step, failed = dposv(found.information, found.score)
            gain = float(found.score @ step)
        if failed or not math.isfinite(gain) or not math.isfinite(found.value):
            return None
        theta = theta + step
        if gain <= LAST_STEP**2:
            root, singular = dtrtri(upper)
            if singular:
                return None
            radius = likelihood.curvature_bound(np.triu(root))
            if math.sqrt(gain) * radius >= CERTAIN:
                return None
            if gain * radius <= rounded:
                return theta
    return None


def towards(likelihood: MultinomialLikelihood, values: FloatArray) -> Optimum:
    """A point on the way to infinity, of rows in which an outcome is not seen."""
    theta, value = values, -math.inf
    for _ in range(TOWARDS):
        found = likelihood.evaluate(theta, 2)
        factor = None if found.information is None else factorise(found.information)
        if factor is None or found.score is None or not found.value > value:
            break
        theta, value = theta + factor.solve(found.score), found.value
    nothing = math.nan
    return Optimum(theta, value, None, Status.NOT_CERTIFIED, nothing, nothing, nothing, nothing, ())
