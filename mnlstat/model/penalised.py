"""Fits of a penalised likelihood: what they need, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mnlstat.arrays import FloatArray
from mnlstat.design.response import SHARES, Response
from mnlstat.design.weights import SAMPLING, Weighting
from mnlstat.errors import OptionError
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.likelihood.penalty import (
    JEFFREYS,
    Jeffreys,
    is_written_out,
    written_out_if_small,
)
from mnlstat.likelihood.ridge import Ridge
from mnlstat.optimize.optimum import Optimum
from mnlstat.optimize.penalised import maximise_jeffreys
from mnlstat.optimize.trace import Iteration
from mnlstat.options import shown

# Of the stopping rule of fits without a penalty.
TOLERANCE = 1e-12


def check_penalised(penalty: object, tol: float, checkpoint: Any, response: Response) -> None:
    """Refuse a penalty that there is not, of no likelihood, and options that it would ignore."""
    ridge = isinstance(penalty, Ridge)
    if not ridge and (not isinstance(penalty, str) or penalty != JEFFREYS):
        raise OptionError(
            "invalid-choice",
            f"penalty={shown(penalty)} is neither {JEFFREYS!r}, the bias reduction of Firth, nor a"
            " Ridge(lambda_).",
        )
    if response.kind == SHARES:
        name = "Ridge(...)" if ridge else repr(penalty)
        raise OptionError(
            "penalty-needs-likelihood",
            f"penalty={name} is defined for a likelihood; shares make a quasi-likelihood.\n"
            "Leave out the penalty.",
        )
    if checkpoint is not None:
        raise OptionError(
            "penalty-option", "checkpoint= is not kept for penalised fits; leave it out."
        )
    if tol != TOLERANCE and not ridge:
        raise OptionError(
            "penalty-option",
            "tol= has no part in penalised fits, which rounding ends; leave it out.",
        )


def penalised_optimum(
    likelihood: MultinomialLikelihood,
    weighting: Weighting | None,
    penalty: str,
    start: FloatArray | None,
    maxiter: int,
    watch: Callable[[Iteration], None] | None,
) -> tuple[Optimum, float]:
    """The maximum of ``l + 1/2 log|I|``, and its value.

    Raises
    ------
    OptionError
        For sampling weights, and for a design that is not in memory with all its columns.
    """
    if weighting is not None and weighting.kind == SAMPLING:
        raise OptionError(
            "penalty-needs-likelihood",
            f"penalty={penalty!r} is defined for a likelihood; sampling weights make a"
            " pseudo-likelihood.\nLeave out the penalty or the weights.",
        )
    likelihood = written_out_if_small(likelihood)
    if not is_written_out(likelihood.rows):
        raise OptionError(
            "penalty-needs-columns",
            f"penalty={penalty!r} needs the design in memory with all its columns; here it is"
            " read in pieces, or a factor of many levels is held as codes.\n"
            "Merge levels, fit a part of the rows in a frame, or give MNLogit(y, X) the columns.",
        )
    return maximise_jeffreys(likelihood, Jeffreys, start=start, maxiter=maxiter, watch=watch)
