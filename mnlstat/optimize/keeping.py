"""Passes over all rows that are kept, so that a maximisation that was cut off goes on.

The maximiser is a function of what its passes give: with the results of those that were made it
comes to where it was, bit by bit, and goes on from there.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.optimize.protocol import Conditioned, Evaluated, NullInformation


class Keeper(Protocol):
    """Where the results of passes are kept."""

    def recall(self, theta: FloatArray, order: int) -> Evaluated | None:
        """The next result that was kept, if it is that of this pass."""

    def keep(self, theta: FloatArray, order: int, found: Evaluated) -> None:
        """Keep the result of a pass."""


class Kept:
    """A likelihood whose passes over all rows are kept."""

    def __init__(self, likelihood: Conditioned, keeper: Keeper) -> None:
        self._likelihood = likelihood
        self._keeper = keeper

    @property
    def n_rows(self) -> int:
        """n."""
        return self._likelihood.n_rows

    @property
    def n_parameters(self) -> int:
        """p."""
        return self._likelihood.n_parameters

    @property
    def information_cost(self) -> float:
        """Cost of a pass with the information, in passes with the score only."""
        return self._likelihood.information_cost

    @property
    def well_preconditioned(self) -> bool:
        """Whether the preconditioner is near to the information of the null model."""
        return self._likelihood.well_preconditioned

    @property
    def rarest(self) -> float:
        """Smallest total of an outcome."""
        return self._likelihood.rarest

    @property
    def sample_rows(self) -> int:
        """Rows of a spread at hand that has some of each level; zero where there is none."""
        return self._likelihood.sample_rows

    @property
    def reads_anew(self) -> bool:
        """Whether each pass reads its rows from outside of memory."""
        return self._likelihood.reads_anew

    def evaluate(self, params: Any, order: int = 2) -> Evaluated:
        """What was kept of this pass, or a new pass, which is then kept."""
        theta = np.asarray(params, dtype=float)
        found = self._keeper.recall(theta, order)
        if found is None:
            found = self._likelihood.evaluate(theta, order)
            self._keeper.keep(theta, order, found)
        return found

    def start(self) -> FloatArray:
        """The null model."""
        return self._likelihood.start()

    def null_value(self) -> float:
        """The log-likelihood of the null model."""
        return self._likelihood.null_value()

    def preconditioner(self) -> NullInformation:
        """The information as it would be if every row had the outcome shares."""
        return self._likelihood.preconditioner()

    def spread(self, n_rows: int) -> Conditioned:
        """The log-likelihood of some rows: its passes are not kept."""
        return self._likelihood.spread(n_rows)

    def reach(self, step: FloatArray) -> float:
        """Largest change, over rows, of a difference of two linear predictors along a step."""
        return self._likelihood.reach(step)

    def curvature_bound(self, root: FloatArray) -> float:
        """Bound on the third derivative relative to the second, without a pass over the rows."""
        return self._likelihood.curvature_bound(root)

    def curvature_radius(self, root: FloatArray, exact: bool = False) -> float:
        """A closer bound, from one pass."""
        return self._likelihood.curvature_radius(root, exact)

    def information_root(self, params: Any) -> FloatArray:
        """Triangle ``R`` with ``R'R`` the information."""
        return self._likelihood.information_root(params)
