"""The maximum of a bias-reduced likelihood under restrictions, for likelihood ratios of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.errors import ConvergenceError, OptionError
from mnlstat.inference.spaces import Maximum, Space
from mnlstat.likelihood.constraints import Elimination
from mnlstat.likelihood.evaluation import Evaluation
from mnlstat.likelihood.penalty import Jeffreys, written_out_if_small
from mnlstat.linalg import Factor, factorise
from mnlstat.optimize.highest import Search, highest
from mnlstat.optimize.penalised import blind, climb
from mnlstat.optimize.trace import Trace

# Steps on the way from the estimate to the hypothesis, and of the climb after each.
STEPS, FEW = 8, 12
# An R that is smaller, by itself or next to that at the estimate, leaves other maxima no room.
LESS, SMALL = 0.7, 1.2
# Where to look on the lines from zero to the estimate, and on to the hypothesis.
RAYS = (0.5, 1.5, 2.5, 5.0)


@dataclass(frozen=True, eq=False)
class Within:
    """A penalised likelihood of ``origin + Q phi``: its penalty stays that of all directions.

    Attributes
    ----------
    whole : Jeffreys
    Q : (p, d) orthonormal
    origin : (p,)
    """

    whole: Jeffreys
    Q: FloatArray
    origin: FloatArray

    @property
    def n_rows(self) -> int:
        """n."""
        return self.whole.n_rows

    def at(self, phi: FloatArray) -> FloatArray:
        """The parameters (p,) of the whole."""
        theta: FloatArray = self.origin + self.Q @ phi
        return theta

    def evaluate(self, phi: FloatArray, order: int = 2) -> Evaluation:
        """Penalised value, its gradient, and the unpenalised information along ``Q``."""
        found = self.whole.evaluate(self.at(phi), order)
        if found.score is None or found.information is None:
            return found
        inside = self.Q.T @ np.asarray(found.information) @ self.Q
        return Evaluation(found.value, self.Q.T @ found.score, inside)

    @property
    def n_penalised(self) -> int:
        """p."""
        return len(self.origin)

    def reach(self, phi: FloatArray, root: FloatArray) -> float:
        """The largest standard error of what a row says of two outcomes, ``F F'`` (d, d) of phi."""
        return self.whole.reach(self.at(phi), self.Q @ root)

    def moved(self, theta: FloatArray) -> Within:
        """The same through another point (p,)."""
        return replace(self, origin=theta)

    def loglike(self, phi: FloatArray) -> float:
        """Without the penalty."""
        return self.whole.loglike(self.at(phi))


@dataclass(frozen=True, eq=False)
class Restricted:
    """What may lead to the highest maximum within a restriction.

    Attributes
    ----------
    within : Within
    nearest : (p,) the point of it that is next to the estimate, if that is known
    estimate : (p,) the unrestricted maximum, if that is known
    followed : whether the nearest point is the end of the maximum's way from the estimate
    """

    within: Within
    nearest: FloatArray | None
    estimate: FloatArray | None
    followed: bool = False

    def search(self) -> Search:
        """The maxima that climbs from all starts lead to."""
        zero = self._inside(np.zeros(len(self.within.origin)))
        first = zero if self.nearest is None else self._inside(self.nearest)
        return highest(self.within, zero if blind(self.within, first) else first, self._others)

    def _inside(self, theta: FloatArray) -> FloatArray:
        phi: FloatArray = self.within.Q.T @ (theta - self.within.origin)
        return phi

    def _others(self, search: Search) -> Iterator[FloatArray]:
        """Less likely starts; those that cost more where the information is small."""
        yield self._inside(np.zeros(len(self.within.origin)))
        if self.estimate is not None:
            yield self._inside(self._scale() * self.estimate)
        nearest = self.nearest
        if self.followed and (projected := self._projected()) is not None:
            yield projected
            nearest = self.within.at(projected)
        best = search.best
        one = len(search.peaks) == 1
        if one and best is not None and best.reach <= max(SMALL, LESS * self._usual()):
            return
        if self.estimate is not None and nearest is not None:
            yield self._along(self.estimate, nearest)
            for times in RAYS:
                yield self._inside(self.estimate + times * (nearest - self.estimate))
        if self.estimate is not None:
            yield from (self._inside(times * self.estimate) for times in RAYS)
        search.look_around()

    def _usual(self) -> float:
        """R at the estimate, in the same directions."""
        factor = self._factor
        if factor is None or self.estimate is None:
            return 0.0
        moved = self.within.moved(self.estimate)
        return moved.reach(np.zeros(moved.Q.shape[1]), factor.inverse_root)

    @cached_property
    def _information(self) -> FloatArray | None:
        """That of all parameters at the estimate."""
        if self.estimate is None:
            return None
        found = self.within.whole.evaluate(self.estimate).information
        return None if found is None else np.asarray(found)

    @cached_property
    def _factor(self) -> Factor | None:
        """Of the information at the estimate, along ``Q``."""
        Q, information = self.within.Q, self._information
        return None if information is None else factorise(Q.T @ information @ Q)

    def _projected(self) -> FloatArray | None:
        """The point within that is next to the estimate in the metric of the information there."""
        if self._factor is None or self.estimate is None or self._information is None:
            return None
        gap = self.estimate - self.within.origin
        return self._factor.solve(self.within.Q.T @ (self._information @ gap))

    def _scale(self) -> float:
        """By which the estimate is next to the restriction."""
        assert self.estimate is not None
        Q, origin = self.within.Q, self.within.origin
        across, wanted = (each - Q @ (Q.T @ each) for each in (self.estimate, origin))
        size = float(across @ across)
        return float(across @ wanted) / size if size else 0.0

    def _along(self, estimate: FloatArray, nearest: FloatArray) -> FloatArray:
        """Where the maximum goes when the restriction moves away from the estimate."""
        theta, move = estimate, (nearest - estimate) / STEPS
        for _ in range(STEPS):
            moved = self.within.moved(theta + move)
            zero = np.zeros(self.within.Q.shape[1])
            following = moved.at(climb(moved, zero, FEW, Trace(1.0, None))[0])
            theta, move = following, following - theta
        return self._inside(theta)


@dataclass(frozen=True, eq=False)
class PenalisedSpace(Space):
    """Coefficients of a model whose ``l + 1/2 log|I|`` is maximised.

    ``I`` is the information of all p coefficients, whatever columns are left out and whatever
    binds the coefficients: the penalty of the hypothesis is that of the whole model, and the
    maxima are nested.

    References
    ----------
    Heinze, G. & Schemper, M. (2002). A solution to the problem of separation in logistic
    regression. *Statistics in Medicine* 21, 2409-2419.
    Bull, S. B., Lewinger, J. P. & Lee, S. S. F. (2007). Confidence intervals for multinomial
    logistic regression in sparse data. *Statistics in Medicine* 26, 903-918.
    """

    estimate: FloatArray | None = None

    def check_score(self, hypothesis: str) -> None:
        """Refuse score tests."""
        raise OptionError(
            "score-of-penalised",
            f"{hypothesis}: the score of the likelihood is not zero at a penalised estimate.\n"
            "Ask for kind='lr' or kind='wald', or fit without penalty=.",
        )

    @cached_property
    def _objective(self) -> tuple[Jeffreys, Any, float]:
        """In good coordinates, the change to them, and what it adds to the value."""
        whole = written_out_if_small(self.whole)
        conditioned, change = whole.standardised()
        added = 0.0
        if change is not None:
            added = -float(np.linalg.slogdet(change.to_original(np.eye(whole.n_parameters)))[1])
        return Jeffreys(conditioned, whole.unit), change, added

    def maximum(self, start: FloatArray | None = None) -> Maximum:
        """The maximum of the penalised log-likelihood from a start (p,).

        Raises
        ------
        ConvergenceError
            When it is not reached.
        """
        objective, change, added = self._objective
        T, origin = self._directions()
        inner_origin = origin if change is None else change.from_original(origin)
        if not T.shape[1]:
            return Maximum(origin, objective.evaluate(inner_origin, 0).value + added)
        Q = np.linalg.qr(T if change is None else change.from_original(T)).Q
        within = Within(objective, Q, inner_origin)
        inner, known = (
            each if change is None or each is None else change.from_original(each)
            for each in (start, self.estimate)
        )
        search = Restricted(within, inner, known).search()
        peak = search.best
        if peak is None or not search.certain:
            raise ConvergenceError(
                "restricted-fit",
                "the maximum under the hypothesis was not found: so far from the estimate rounding"
                " hides\nthe penalised likelihood. Test values nearer to the estimate, or ask for"
                " kind='wald',\nwhich needs no other fit.",
            )
        theta = within.at(peak.phi)
        params = theta if change is None else change.to_original(theta)
        return Maximum(params, peak.value + added)

    def _directions(self) -> tuple[FloatArray, FloatArray]:
        """T (p, d) and t0 (p,): what is left free is ``t0 + T phi``."""
        p = len(self.places)
        C, c = self._of_columns(self.C, self.c)
        if not len(c):
            return np.eye(p), np.zeros(p)
        if not self.dimension:
            return np.zeros((p, 0)), np.asarray(np.linalg.solve(C, c), dtype=float)
        found = Elimination.of(C, c, [""] * len(c))
        return found.directions(np.eye(len(found.free))), found.origin
