"""What a maximisation ends with when the data are separated: the supremum, and what is finite."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray
from mnlstat.optimize.newton import maximise
from mnlstat.optimize.optimum import Optimum, Status
from mnlstat.optimize.protocol import Likelihood
from mnlstat.optimize.recession import Pairs, UnverifiedError
from mnlstat.optimize.separation import Separation, separation_of


class Limiting(Likelihood, Protocol):
    """The likelihood that is left in the limit, in coordinates of its own."""

    @property
    def n_parameters(self) -> int:
        """d."""

    def loglike(self, theta: FloatArray) -> float:
        """Log-likelihood."""

    def nearest(self, params: FloatArray) -> FloatArray:
        """Parameters of the model in these coordinates."""

    def original(self, values: FloatArray) -> FloatArray:
        """Parameters (p, ...) of the model."""


class Separable(Likelihood, Protocol):
    """A likelihood that can be looked at for separation."""

    def cases(self) -> tuple[FloatArray, BoolArray] | None:
        """Rows of the design, and the outcomes that each saw, the base last."""

    def limiting(self, available: BoolArray, null: FloatArray) -> Limiting:
        """The likelihood of the outcomes that rows still choose among, the base last."""


@dataclass(frozen=True)
class Limit:
    """Separated data and the end of the maximisation in their limit."""

    separation: Separation
    optimum: Optimum


def limit_of(likelihood: Separable, near: Optimum) -> Limit | None:
    """The limit of a likelihood without a finite maximum; None where that cannot be verified.

    ``near`` is where an iteration ended that was on its way to infinity.
    """
    cases = likelihood.cases()
    if cases is None:
        return None
    pairs = Pairs.of(*cases)
    for programmes in (False, True):
        try:
            separation = separation_of(pairs, programmes=programmes, near=near.params)
        except UnverifiedError:
            return None
        found = None if separation is None else _in_the_limit(likelihood, near, separation)
        if found is not None:
            return found
    return None


def _in_the_limit(likelihood: Separable, near: Optimum, separation: Separation) -> Limit | None:
    """The limiting fit; None where it is not certified: there is more separation than was found."""
    limiting = likelihood.limiting(separation.available, separation.null)
    if not limiting.n_parameters:
        nothing = np.zeros(0)
        found = replace(
            near,
            params=nothing,
            value=limiting.loglike(nothing),
            root=np.zeros((0, 0)),
            rcond=1.0,
            radius=0.0,
            decrement=0.0,
            relative_score=0.0,
            trace=(),
        )
    else:
        found = maximise(limiting, start=limiting.nearest(near.params))
        if not found.status.ok:
            return None
    found = found.in_unit(likelihood.unit)
    assert found.root is not None
    optimum = replace(
        found,
        params=limiting.original(found.params),
        root=limiting.original(found.root),
        status=Status.SEPARATED,
        trace=(*near.trace, *found.trace),
    )
    return Limit(separation, optimum)
