"""Newton's method with step control, and a certificate that the maximum it finds exists."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.arrow import Arrow
from mnlstat.errors import ConvergenceError
from mnlstat.linalg import reciprocal_condition
from mnlstat.optimize.approach import FEW_ROWS, approach
from mnlstat.optimize.existence import Certificate, certify
from mnlstat.optimize.keeping import Keeper, Kept
from mnlstat.optimize.optimum import Optimum, Status
from mnlstat.optimize.point import CUTS, SAME_INFORMATION, Point, advance, at
from mnlstat.optimize.protocol import Change, Conditioned, Likelihood
from mnlstat.optimize.trace import NEWTON, Iteration, Trace

# Newton's error is squared at each step: with less than this of it left, measured by how far the
# information can change, the next step is exact to rounding.
LAST_STEP = 3e-7
POLISHING = 6
# An error of so many standard errors, for each sqrt(parameter), is rounding: whether one more step
# would lower it is chance.
ROUNDED = 1e-14
# So many times the rounding of the score are still rounding.
NOISE = 100.0
# Separated data look settled long before anything is near; near separation resolves in a few steps.
EXTRA_STEPS = 10
EXTRA_CUTS = 8
# An iteration that stops short with less than this share of the log-likelihood to be gained is as
# near as rounding lets it come.
NEARLY_SETTLED = 1e-6
# Below these reciprocal conditions the covariance comes from a QR of the weighted design where that
# costs no more than so many products; below the last there is none.
QR_BELOW = ((1e-3, 1e5), (1e-5, 1e10), (1e-8, math.inf))
SINGULAR_RCOND = 1e-14


def maximise(
    likelihood: Likelihood,
    *,
    start: FloatArray | None = None,
    maxiter: int = 100,
    tol: float = 1e-12,
    watch: Callable[[Iteration], None] | None = None,
    keeper: Keeper | None = None,
) -> Optimum:
    r"""Maximise a concave log-likelihood by Newton's method.

    The iteration stops when the gain still to be had, :math:`\nu^2/2` with
    :math:`\nu = \sqrt{g'I^{-1}g}`, is at most ``tol (1 + |l|)`` and every
    :math:`|g_j|/\sqrt{I_{jj}}` is at most 1e-6, and then goes on until rounding ends it; the
    inverse information is taken at the last point.  Only a maximum that is certified to be finite
    is called converged.

    Parameters
    ----------
    likelihood : Likelihood
        What to maximise.
    start : (p,) array, optional
        Where to start; replaced by the null model when that is better.
    maxiter : int
        Largest number of Newton steps on all rows before the stopping rules hold; passes that lead
        near the maximum first do not count, so that Newton's method can always take over.
    tol : float
        Of the stopping rule.
    watch : callable, optional
        Is told of each pass over rows.
    keeper : Keeper, optional
        Keeps what passes over all rows give, and gives back what it kept before.

    Returns
    -------
    Optimum
    """
    trace = Trace(likelihood.unit, watch)
    optimum, change = _in_good_coordinates(likelihood, start, maxiter, tol, trace, keeper)
    if change is not None:  # what was made of the rows is gone by now: there is room for the root
        root = None if optimum.root is None else change.to_original(optimum.root)
        optimum = replace(optimum, params=change.to_original(optimum.params), root=root)
    return optimum.in_unit(likelihood.unit)


def _in_good_coordinates(
    likelihood: Likelihood,
    start: FloatArray | None,
    maxiter: int,
    tol: float,
    trace: Trace,
    keeper: Keeper | None,
) -> tuple[Optimum, Change | None]:
    """The maximum in coordinates fit to compute with, and the way back."""
    conditioned, change = likelihood.standardised()
    inner: Conditioned = conditioned if keeper is None else Kept(conditioned, keeper)
    if start is None:
        near, restarted = approach(inner, trace, maxiter), False
        first = _first_point(inner, near, tol)
    else:
        given = start if change is None else change.from_original(start)
        first = _first_point(inner, given, tol)
        restarted = first.theta is not given
    climb = _Climb(inner, first, trace)
    status, certificate = climb.ended(climb.ascend(maxiter, tol))
    root = rcond = None
    if status.ok:
        root, rcond = _inverse_root(inner, climb.here)
        status = Status.SINGULAR if root is None else status
    here = climb.here
    optimum = Optimum(
        params=here.theta,
        value=here.value,
        root=root,
        status=status,
        decrement=here.decrement,
        relative_score=here.relative_score,
        radius=certificate.radius,
        rcond=float("nan") if rcond is None else rcond,
        trace=tuple(trace.passes),
        restarted=restarted,
    )
    return optimum, change


class _Climb:
    """The iteration: ``ascend`` to the stopping rules, ``polish`` to rounding, ``certify``."""

    def __init__(self, likelihood: Conditioned, first: Point, trace: Trace) -> None:
        self.likelihood = likelihood
        self.trace = trace
        self._go_to(first)

    def _go_to(self, point: Point) -> None:
        self.here = point
        n = self.likelihood.n_rows
        self.trace.add(NEWTON, n, point.value, point.decrement, point.length)

    def step(self, cuts: int = CUTS) -> bool:
        following = advance(self.likelihood, self.here, cuts)
        if following is None:
            return False
        self._go_to(following)
        return True

    def ascend(self, maxiter: int, tol: float) -> Status:
        for _ in range(maxiter):
            if self.here.settled(tol):
                return Status.CONVERGED
            if not self.step():
                return Status.STALLED
        return Status.CONVERGED if self.here.settled(tol) else Status.MAXITER

    def ended(self, status: Status) -> tuple[Status, Certificate]:
        """The status after the last steps, and what is certain of the maximum."""
        here = self.here
        if status.ok:
            self.polish()
            certificate = self.certify()
            return Status.CONVERGED if certificate.holds else Status.NOT_CERTIFIED, certificate
        near = here.factor is None or here.settled(NEARLY_SETTLED, float("inf"))
        if not near or (status is Status.MAXITER and here.decrement > here.noise):
            return status, Certificate(here.decrement, float("nan"))
        certificate = self._certificate()
        if not certificate.holds:
            return Status.NOT_CERTIFIED, certificate
        return Status.CONVERGED if here.decrement <= NOISE * here.noise else status, certificate

    def polish(self) -> None:
        for _ in range(POLISHING):
            if self.here.decrement <= ROUNDED * np.sqrt(len(self.here.theta)):
                return
            if self._negligible():
                self.here = self.here.concluded()
                return
            last = self._change_of_information() <= LAST_STEP
            if not self.step(cuts=0) or last:
                return

    def _negligible(self) -> bool:
        """Whether the next step is too short to change the information."""
        here, likelihood = self.here, self.likelihood
        if likelihood.n_rows < FEW_ROWS or here.factor is None or here.decrement > LAST_STEP:
            return False
        return likelihood.reach(here.step) <= SAME_INFORMATION

    def _change_of_information(self) -> float:
        """By how much the information can change, relative to itself, before the maximum."""
        here = self.here
        if here.factor is None:
            return float("inf")
        return here.decrement * self.likelihood.curvature_bound(here.factor.inverse_root)

    def certify(self) -> Certificate:
        certificate = self._certificate()
        for _ in range(EXTRA_STEPS):
            if certificate.holds or not self.step(EXTRA_CUTS):
                break
            certificate = self._certificate(exact=False)
        return certificate if certificate.holds else self._certificate()

    def _certificate(self, *, exact: bool = True) -> Certificate:
        here = self.here
        if here.factor is None:
            return Certificate(here.decrement, float("inf"))
        return certify(
            self.likelihood, here.decrement + here.noise, here.factor.inverse_root, exact=exact
        )


def _first_point(inner: Conditioned, theta: FloatArray | None, tol: float) -> Point:
    """The point to start at: ``theta``, unless the null model is better."""
    first = None if theta is None else at(inner, theta)
    if first is not None and first.settled(tol):
        return first
    if first is not None and first.value >= inner.null_value():
        return first
    null = at(inner, inner.start())
    if null is None:
        raise ConvergenceError(
            "likelihood-not-finite",
            "the log-likelihood of the null model is not finite.\n"
            "Numbers are out of range: rescale the columns; or the data changed while being read.",
        )
    return null


def _inverse_root(inner: Conditioned, here: Point) -> tuple[FloatArray | None, float]:
    """``F`` with ``F F'`` the inverse information, from the form that keeps its digits."""
    assert here.factor is not None
    cost = float(inner.n_rows) * inner.n_parameters**2
    least = max(rcond for rcond, most in QR_BELOW if cost <= most)
    if here.factor.rcond >= least or isinstance(here.information, Arrow):
        return here.factor.inverse_root, here.factor.rcond
    triangle = inner.information_root(here.theta)
    rcond = reciprocal_condition(triangle) ** 2
    if rcond < SINGULAR_RCOND:
        return None, rcond
    return np.asarray(np.linalg.inv(triangle), dtype=float), rcond
