"""Penalised fits: what they maximise, which columns a ridge penalises, and what comes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.design.aliasing import Aliasing
from mnlstat.design.named_columns import columns_named
from mnlstat.design.spec import DesignSpec
from mnlstat.design.weights import SAMPLING, Weighting
from mnlstat.errors import OptionError
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.shrinkage import Shrinkage
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.likelihood.ridge import Ridge, RidgeLikelihood
from mnlstat.model.penalised import penalised_optimum
from mnlstat.optimize.newton import maximise
from mnlstat.optimize.optimum import Optimum, Status
from mnlstat.optimize.trace import Iteration
from mnlstat.options import named
from mnlstat.results import MNLogitResults
from mnlstat.rows.deviations import standard_deviations
from mnlstat.rows.streamed import Streamed

NO_COVARIANCE = "none (ridge)"


class Specified(Protocol):
    """What a fit asks of the model."""

    likelihood: MultinomialLikelihood
    spec: DesignSpec
    aliasing: Aliasing

    @property
    def weighting(self) -> Weighting | None:
        """The weights, as they were given."""


@dataclass(frozen=True)
class PenalisedFit:
    """The end of a maximisation; ``optimum.value`` is the log-likelihood without the penalty."""

    optimum: Optimum
    value: float
    shrinkage: Shrinkage | None = None

    def described(self, result: MNLogitResults) -> MNLogitResults:
        """The result of the optimum as that of a penalised likelihood."""
        statistics = replace(result.statistics, at_maximum=False)
        result = replace(result, statistics=statistics, penalised_llf=self.value)
        if self.shrinkage is None:
            return result
        unknown = Covariance.unknown(len(result.estimates.values), NO_COVARIANCE)
        return replace(
            result,
            estimates=replace(result.estimates, covariance=unknown),
            shrinkage=self.shrinkage,
            statistics=replace(statistics, effective=self.shrinkage.effective_df),
        )


def penalised_fit(
    model: Specified,
    penalty: str | Ridge,
    start: FloatArray | None,
    maxiter: int,
    tol: float,
    watch: Callable[[Iteration], None] | None,
) -> PenalisedFit:
    """Maximise a penalised likelihood."""
    if isinstance(penalty, str):
        found = penalised_optimum(model.likelihood, model.weighting, penalty, start, maxiter, watch)
        return PenalisedFit(*found)
    check_ridge(penalty, model.weighting, model.spec)
    ridge = RidgeLikelihood(model.likelihood, _sizes(model, penalty))
    optimum = maximise(ridge, start=start, maxiter=maxiter, tol=tol, watch=watch)
    shrinkage = Shrinkage.of(optimum.root, len(optimum.params), ridge.root())
    status = Status.PENALISED if optimum.status is Status.CONVERGED else optimum.status
    plain = optimum.value + ridge.penalty(optimum.params)
    ended = replace(optimum, value=plain, root=None, status=status)
    return PenalisedFit(ended, optimum.value, shrinkage)


def check_ridge(penalty: Ridge, weighting: Weighting | None, spec: DesignSpec) -> None:
    """Refuse what a ridge has no meaning for.

    Raises
    ------
    OptionError
        For sampling weights; for terms that the model has not, or that are the constant.
    """
    if weighting is not None and weighting.kind == SAMPLING:
        raise OptionError(
            "penalty-needs-likelihood",
            "penalty=Ridge(...) weighs a penalty against a log-likelihood; sampling weights of"
            " any size stand for the same sample,\nso how much a lambda_ shrinks would depend on"
            " their unit. Leave out the penalty or the weights.",
        )
    columns_named("Ridge(terms=)", penalty.terms or (), spec)


def _sizes(model: Specified, penalty: Ridge) -> FloatArray:
    """``sqrt(lambda) s_t`` of each kept column; zero of those that are free."""
    likelihood = model.likelihood
    sums = likelihood.geometry.sums
    constant = sums.low == sums.high
    kept = np.flatnonzero(model.aliasing.kept)
    if penalty.terms is None:
        chosen = ~constant
    else:
        wanted = columns_named("Ridge(terms=)", penalty.terms, model.spec)
        chosen = np.isin(kept, np.concatenate(list(wanted.values())))
        lost = [name for name, at in wanted.items() if constant[np.isin(kept, at)].any()]
        if lost:
            raise OptionError(
                "ridge-constant",
                f"Ridge(terms=): {named(lost[0])} is the constant, whose coefficients are free:"
                " they say how often each outcome occurs.\nLeave it out of terms=.",
            )
    if not chosen.any():
        raise OptionError(
            "ridge-terms",
            "penalty=Ridge(...): there is no column to penalise, or only aliased ones.",
        )
    s = np.ones(len(kept))
    if penalty.scale:
        rows = likelihood.rows
        rows = rows if isinstance(rows, Streamed) else likelihood.summed_rows
        s = standard_deviations(rows, sums.low, sums.high)
    return np.where(chosen, np.sqrt(penalty.lambda_) * s, 0.0)
