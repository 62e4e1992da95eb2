"""The model of a result fitted to some of its rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mnlstat.arrays import FloatArray
from mnlstat.design.aliasing import Aliasing
from mnlstat.design.spec import DesignSpec
from mnlstat.design.weights import Weighting
from mnlstat.errors import ConvergenceError, DataError, SeparationError
from mnlstat.inference.refitted import unidentified, with_rows
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.model.constrained import constrained_optimum
from mnlstat.model.penalised import TOLERANCE
from mnlstat.model.ridge import penalised_fit
from mnlstat.optimize.newton import maximise
from mnlstat.optimize.optimum import Optimum, Status
from mnlstat.results import MNLogitResults
from mnlstat.rows.rows import Rows

MAXITER = 100


@dataclass
class _Part:
    """A model of some of the rows."""

    likelihood: MultinomialLikelihood
    spec: DesignSpec
    aliasing: Aliasing
    weighting: Weighting | None = None


def trainer(res: MNLogitResults) -> Callable[[Rows, str], FloatArray]:
    """A function of rows, and of what they are called, that estimates the parameters from them.

    Estimates begin at those of the result, and are against its base; penalty and constraints are
    those of its fit.  The function raises DataError where the rows do not identify the model,
    SeparationError and ConvergenceError where there is no maximum.
    """
    likelihood, start = res.likelihood, res.estimates.values

    def trained(rows: Rows, name: str) -> FloatArray:
        part = with_rows(likelihood, rows)
        lost = unidentified(part, res.aliasing.names, res.outcomes)
        if lost:
            raise DataError(
                "fold-unidentified",
                f"{name} {lost}.\nMerge rare levels or outcomes, or make other folds: k=, seed=,"
                " groups=.",
            )
        optimum = _optimum(res, part, start)
        if optimum.status is Status.NOT_CERTIFIED:
            raise SeparationError(
                "fold-separated",
                f"{name} is separated, or may be: probabilities of zero would be predicted.\n"
                "Leave out terms, or cross-validate a fit with penalty='jeffreys' or Ridge(...).",
            )
        if not optimum.status.ok:
            raise ConvergenceError("fold-not-converged", f"{name}: {optimum.status}.")
        return optimum.params

    return trained


def _optimum(res: MNLogitResults, part: MultinomialLikelihood, start: FloatArray) -> Optimum:
    if res.constrained is not None:
        return constrained_optimum(part, res.constrained, start, MAXITER, TOLERANCE, None)
    if res.penalty is None:
        return maximise(part, start=start)
    model = _Part(part, res.spec, res.aliasing)
    return penalised_fit(model, res.penalty, start, MAXITER, TOLERANCE, None).optimum
