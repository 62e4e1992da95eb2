"""Spaces of coefficients: what a model leaves free, and the maximum of the likelihood in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray
from mnlstat.errors import ConvergenceError, OptionError, RankError
from mnlstat.likelihood.constraints import Constrained, Elimination
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.linalg import row_norms
from mnlstat.optimize.limit import limit_of
from mnlstat.optimize.newton import maximise
from mnlstat.optimize.optimum import Optimum, Status

# Of separated data the iteration ends where next to nothing is left to be gained: with less than
# this, relative to the value, the value is the supremum.
SUPREMUM = 1e-11
# A combination of estimates whose standard error is less than this, relative to the size of its
# terms, does not move.
FIXED = 1e-10


@dataclass(frozen=True)
class Maximum:
    """Where the log-likelihood is largest in a space.

    Attributes
    ----------
    params : (p,) of all coefficients; where ``finite`` is False, on the way to infinity
    value : the log-likelihood there, or its supremum
    finite : whether it is a maximum
    """

    params: FloatArray
    value: float
    finite: bool = True


@dataclass(frozen=True, eq=False)
class Space:
    """Coefficients b (p,) of a model: some columns left out, and ``C b = c``.

    Attributes
    ----------
    whole : MultinomialLikelihood
        Of all p coefficients.
    columns : (k,) bool
        Which of the columns there are; the coefficients of the others are zero.
    C, c : (m, p), (m,)
        Independent restrictions, besides.
    """

    whole: MultinomialLikelihood
    columns: BoolArray
    C: FloatArray
    c: FloatArray

    @classmethod
    def of(cls, whole: MultinomialLikelihood, C: Any = None, c: Any = None) -> Self:
        """That of a likelihood, restricted by ``C b = c`` where these are given."""
        p = whole.n_parameters
        C = np.zeros((0, p)) if C is None else C
        c = np.zeros(0) if c is None else c
        return cls(whole, np.ones(whole.rows.n_columns, dtype=bool), C, c)

    @property
    def dimension(self) -> int:
        """d, the number of coefficients that are free."""
        return int(self.places.sum()) - len(self.c)

    @property
    def places(self) -> BoolArray:
        """Which coefficients (p,) belong to a column that is there."""
        return np.tile(self.columns, len(self.whole.others))

    def without(self, columns: BoolArray) -> Space | None:
        """The same without some columns; None where constraints contradict that."""
        if not len(self.c):
            return replace(self, columns=self.columns & ~columns)
        rows = np.eye(len(self.places))[np.tile(columns, len(self.whole.others))]
        return self.where(rows, np.zeros(len(rows)))

    def where(self, R: FloatArray, r: FloatArray) -> Space | None:
        """The same where ``R b = r``, too; None where nothing fulfils both.

        What follows from the rest is left out, where constraints bind coefficients already; else R
        must be of independent rows.
        """
        if not len(self.c) and self.columns.all():
            return replace(self, C=R, c=r)
        C, c = self._of_columns(self.C, self.c)
        try:
            _elimination(np.vstack([C, R]), np.append(c, r))
            return replace(self, C=np.vstack([self.C, R]), c=np.append(self.c, r))
        except OptionError:
            pass
        kept = np.zeros(len(r), dtype=bool)
        for at in range(len(r)):
            trial = kept.copy()
            trial[at] = True
            try:
                _elimination(np.vstack([C, R[trial]]), np.append(c, r[trial]))
                kept = trial
            except OptionError as error:
                if error.code == "infeasible-constraint":
                    return None
        return replace(self, C=np.vstack([self.C, R[kept]]), c=np.append(self.c, r[kept]))

    def _of_columns(self, C: FloatArray, c: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Restrictions, and that coefficients of columns that are not there are zero."""
        zero = np.eye(len(self.places))[~self.places]
        return np.vstack([C, zero]), np.append(c, np.zeros(len(zero)))

    @cached_property
    def elimination(self) -> Elimination | None:
        """The restrictions solved; None without any, and where nothing is free."""
        if not len(self.c):
            return None
        try:
            return _elimination(*self._of_columns(self.C, self.c))
        except OptionError as error:
            raise RankError(
                "dependent-restrictions",
                f"the {len(self.c)} restrictions are nearly dependent on each other.\n"
                "Leave out those that follow from the others.",
            ) from error

    @cached_property
    def likelihood(self) -> MultinomialLikelihood:
        """Of the columns that are there; of all of them where restrictions bind coefficients."""
        if len(self.c) or self.columns.all():
            return self.whole
        rows, before = self.whole.rows.columns(self.columns), self.whole.kept
        kept = self.columns
        if before is not None:
            kept = before.copy()
            kept[before] = self.columns
        return replace(self.whole, rows=rows, kept=kept, known=None)

    @property
    def specified(self) -> Any:
        """The likelihood as the optimiser takes it."""
        elimination = self.elimination
        return self.likelihood if elimination is None else Constrained(self.whole, elimination)

    @property
    def origin(self) -> FloatArray:
        """What is added to the parameters of ``specified``."""
        elimination = self.elimination
        p = self.likelihood.n_parameters
        return np.zeros(p) if elimination is None else elimination.origin

    @property
    def own(self) -> BoolArray:
        """Which of the p coefficients ``likelihood`` has."""
        return np.ones(len(self.places), dtype=bool) if len(self.c) else self.places

    def check_score(self, hypothesis: str) -> None:
        """Refuse a score test where there is none."""

    def maximum(self, start: FloatArray | None = None) -> Maximum:
        """The maximum of the log-likelihood, or its supremum, from a start (p,).

        Raises
        ------
        ConvergenceError
            When it is not reached.
        """
        if not self.dimension:
            fixed = np.asarray(np.linalg.solve(*self._of_columns(self.C, self.c)), dtype=float)
            return Maximum(fixed, self.whole.loglike(fixed))
        first = None if start is None else start[self.own] - self.origin
        optimum = maximise(self.specified, start=first)
        finite = optimum.status.ok
        if optimum.status is Status.NOT_CERTIFIED:
            optimum = self._supremum(optimum)
        elif not finite:
            raise _not_reached(optimum)
        params = np.zeros(len(self.own))
        params[self.own] = self.origin + optimum.params
        return Maximum(params, optimum.value, finite)

    def _supremum(self, near: Optimum) -> Optimum:
        """The end of an iteration on its way to infinity, with the supremum as its value."""
        limit = None if len(self.c) else limit_of(self.likelihood, near)
        if limit is not None:
            return limit.optimum
        if not is_supremum(near):
            raise _not_reached(near)
        return near


def follows(C: FloatArray, c: FloatArray, R: FloatArray, r: FloatArray) -> bool:
    """Whether ``R b = r`` wherever ``C b = c``, of independent rows of C."""
    _elimination(C, c)
    for row, right in zip(R, r, strict=True):
        try:
            _elimination(np.vstack([C, row]), np.append(c, right))
        except OptionError as error:
            if error.code == "redundant-constraint":
                continue
        return False
    return True


def is_supremum(optimum: Optimum) -> bool:
    """Whether an iteration without a certified maximum left next to nothing to be gained."""
    gain = optimum.decrement**2
    return optimum.status is Status.NOT_CERTIFIED and gain <= SUPREMUM * (1.0 + abs(optimum.value))


def _elimination(C: FloatArray, c: FloatArray) -> Elimination | None:
    """The restrictions solved; None where they leave nothing free."""
    try:
        return Elimination.of(C, c, [""] * len(c))
    except OptionError as error:
        if error.code == "constraints-leave-nothing":
            return None
        raise


def _not_reached(optimum: Optimum) -> ConvergenceError:
    return ConvergenceError(
        "restricted-fit",
        f"the fit under the hypothesis ended so: {optimum.status}.\n"
        "Ask for kind='wald', which needs no other fit.",
    )


def projected(
    values: FloatArray, root: FloatArray | None, R: FloatArray, r: FloatArray
) -> FloatArray | None:
    """The point with ``R b = r`` that is nearest to the estimates, in the metric of information.

    ``b - V R'(R V R')^-1 (R b - r)`` with ``V = F F'``, F (p, d) the root of the inverse
    information: one Newton step from the maximum under the restrictions.  None where V is not
    known.
    """
    if root is None or not np.isfinite(root).all():
        return None
    G, gap = R @ root, R @ values - r
    lengths = row_norms(G)
    moves = lengths > FIXED * (np.abs(R) @ row_norms(root))
    unit = lengths[moves]
    step = np.linalg.lstsq(G[moves] / unit[:, None], gap[moves] / unit, rcond=FIXED)[0]
    nearest: FloatArray = values - root @ step
    return nearest
