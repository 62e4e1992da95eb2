"""The maximum of a bias-reduced likelihood under restrictions, for likelihood ratios of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.errors import ConvergenceError, OptionError
from mnlstat.inference.spaces import Maximum, Space
from mnlstat.likelihood.constraints import Elimination
from mnlstat.likelihood.evaluation import Evaluation
from mnlstat.likelihood.penalty import Jeffreys, written_out_if_small
from mnlstat.optimize.optimum import Status
from mnlstat.optimize.penalised import climb_from


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

    def loglike(self, phi: FloatArray) -> float:
        """Without the penalty."""
        return self.whole.loglike(self.at(phi))


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
        nearest = -(Q.T @ inner_origin)
        first = nearest
        if start is not None:
            inner = start if change is None else change.from_original(start)
            first = Q.T @ (inner - inner_origin)
        within = Within(objective, Q, inner_origin)
        phi, value, status = climb_from(within, first, nearest)
        if status is not Status.PENALISED:
            raise ConvergenceError(
                "restricted-fit",
                f"the fit under the hypothesis ended so: {status}.\n"
                "Ask for kind='wald', which needs no other fit.",
            )
        theta = within.at(phi)
        params = theta if change is None else change.to_original(theta)
        return Maximum(params, value + added)

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
