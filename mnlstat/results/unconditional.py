"""Whether averages are of the rows that there are, or of those that might have been drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mnlstat.errors import OptionError
from mnlstat.inference.cov_options import (
    CLUSTER,
    HC0,
    HC1,
    OBSERVED,
    ROBUST,
    SURVEY,
    CovarianceOptions,
)
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.effects.unconditional import Unconditional
from mnlstat.inference.sandwich import ROBUST as ROBUST_STATA
from mnlstat.options import check_choice
from mnlstat.results.bootstrapped import NAME as BOOTSTRAP
from mnlstat.results.covaried import Covaried
from mnlstat.results.making import maker
from mnlstat.results.sample import Sample
from mnlstat.results.scenarios import OVERALL, Where

CONDITIONAL, UNCONDITIONAL = "conditional", "unconditional"
VARIANCES = (CONDITIONAL, UNCONDITIONAL)
KINDS = (ROBUST, HC0, HC1, CLUSTER, SURVEY)
SAID = "unconditional, the rows are a sample as the coefficients are estimates"
INSTEAD = "; robust in place of the information, which takes the rows as given"


def sampled(fit: Covaried, where: Where, variance: Any) -> Where:
    """The same places, with the variance that was asked for.

    Raises
    ------
    OptionError
        Where the rows are no sample that the fit knows of, or its covariance sums no scores.
    DataError, SeparationError, ConvergenceError
        For a result without its data, and without a finite maximum.
    """
    if check_choice("variance", variance, VARIANCES) == CONDITIONAL:
        return where
    asked = f"{where.caller}: variance='unconditional'"
    _check_sample(where, asked)
    sample = fit._rows(asked, "Fit the model again, or ask for the conditional variance, data=.")
    options, instead = _options(fit, sample, asked)
    fit._check_regular(options, asked)
    root = fit.estimates.information_root
    assert root is not None
    sample.in_memory(asked, "Ask for variance='conditional', or fit a frame.")
    estimated = fit._estimated(sample, sample.likelihood, fit.estimates.values, root)
    made = maker(fit, options, sample, where.caller)
    return replace(where, sampling=Unconditional(estimated, made, SAID + INSTEAD * instead))


def refuse_of_grid(variance: Any, caller: str) -> None:
    """Refuse the unconditional variance of means over a grid."""
    if check_choice("variance", variance, VARIANCES) == UNCONDITIONAL:
        raise OptionError(
            "no-sampling",
            f"{caller}: variance='unconditional': a grid of levels is chosen, not drawn, so that"
            " only the coefficients vary.\nLeave it out, or average over the rows:"
            " average_predictions(at=...).",
        )


def _check_sample(where: Where, asked: str) -> None:
    """Refuse averages that are not over the rows of the fit."""
    if where.data is not None:
        raise OptionError(
            "no-sampling",
            f"{asked}: nothing is known of how the rows of data= were drawn, nor with which rows of"
            " the fit.\nLeave one of the two out.",
        )
    if where.each_row:
        raise OptionError(
            "no-sampling",
            f"{asked}: at='rows' averages over nothing, and a row is what it is.\n"
            "Leave one of the two out.",
        )
    if where.place != OVERALL:
        raise OptionError(
            "no-sampling",
            f"{asked}: {where.place!r} looks at one row that stands for all, and takes it as"
            " given.\nAverage over the rows, at='overall', or leave it out.",
        )


def _options(fit: Covaried, sample: Sample, asked: str) -> tuple[CovarianceOptions, bool]:
    """Options of the sandwich, and whether it stands in for the inverse information."""
    options, kind = sample.covariance, fit.cov_type
    if kind.startswith(BOOTSTRAP):
        raise _no_scores(asked, kind)
    if options is None:
        own = ROBUST_STATA if fit.pseudo else Covariance.OBSERVED
        penalised = fit.penalty is not None
        if not penalised and (
            not kind.startswith(own) or fit.estimates.covariance.degrees is not None
        ):
            raise OptionError(
                "covariance-not-kept",
                f"{asked} makes the covariance ({kind}) anew, and how it was asked for is not saved"
                " with the data.\nAsk for it again: with_cov().",
            )
        return CovarianceOptions(ROBUST), not fit.pseudo
    if options.kind == OBSERVED:
        return replace(options, kind=ROBUST), True
    replicated = options.survey is not None and options.survey.replicates is not None
    if options.kind not in KINDS or replicated:
        raise _no_scores(asked, "survey, replicates" if replicated else options.kind)
    return options, False


def _no_scores(asked: str, kind: str) -> OptionError:
    return OptionError(
        "unconditional-covariance",
        f"{asked} sums what each row adds, by the covariance of the result; {kind!r} is not of"
        f" that kind.\nTake with_cov() of one of {', '.join(map(repr, KINDS))} first.",
    )
