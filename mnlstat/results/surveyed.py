"""The covariance of a survey's design for the rows of a fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mnlstat.design.sampled import sampled
from mnlstat.design.scope import warn
from mnlstat.design.source import Source
from mnlstat.design.stream import Stream
from mnlstat.design.subpopulation import members
from mnlstat.errors import ClusterWarning, DataError, OptionError, RankError
from mnlstat.inference.cov_options import CovarianceOptions
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.linearised import linearised
from mnlstat.inference.recovered import Estimated, referred
from mnlstat.inference.replicated import replicate_weights, replicated
from mnlstat.inference.sandwich import without_residuals
from mnlstat.inference.survey_options import SurveyDesign
from mnlstat.likelihood.units import Units
from mnlstat.results.fit import Fit
from mnlstat.results.sample import Sample

ADJUSTED = "Tests of several coefficients are by the adjusted Wald F (Korn & Graubard 1990)."


def surveyed(
    fit: Fit, options: CovarianceOptions, estimated: Estimated, sample: Sample, caller: str
) -> Covariance:
    """The covariance under the design.

    Raises
    ------
    OptionError
        For frequency weights, and for replicate weights of a fit under constraints.
    DataError
        For rows that are read in pieces; for a design that cannot be.
    """
    design, source = options.survey, sample.source
    assert design is not None
    if isinstance(source, Stream):
        raise DataError(
            "read-in-pieces",
            f"{caller}: the design of a survey needs the rows in memory, and this model was fitted"
            " to data that are read in pieces.\nFit a frame.",
        )
    if fit.weights is not None and not sample.sampling:
        raise OptionError(
            "survey-option",
            f"{caller}: frequency weights repeat rows, which were not sampled one by one.\n"
            "Give the weights of a survey as sampling_weights=.",
        )
    if design.replicates is None:
        found = _linearised(fit, design, estimated, estimated.units(options), source, caller)
    else:
        found = _replicated(fit, design, estimated, source, caller)
    covariance = referred(found, options, float("nan"))
    if covariance.degrees is None:
        return covariance
    return replace(covariance, notes=(*covariance.notes, ADJUSTED))


def _linearised(
    fit: Fit,
    design: SurveyDesign,
    estimated: Estimated,
    units: Units,
    source: Source,
    caller: str,
) -> Covariance:
    rows = members(design.subpop, source, fit.dropped)
    drawn = sampled(source, rows, design.strata, design.psu, design.fpc, nest=design.nest)
    found = linearised(design, drawn, units)
    weight = float(units.rows.outcome_totals().sum()) / estimated.n
    if without_residuals(found, units.root, weight):
        raise RankError(
            "no-residual-variation",
            f"{caller}: each PSU is fitted exactly, so that scores are zero and say nothing of the"
            " errors.\nLeave terms out.",
        )
    return found


def _replicated(
    fit: Fit, design: SurveyDesign, estimated: Estimated, source: Source, caller: str
) -> Covariance:
    if fit.constrained is not None:
        raise OptionError(
            "survey-option",
            f"{caller}: replicates of a fit under constraints are not offered.\n"
            "Linearise: strata=, psu=.",
        )
    names, weights = replicate_weights(design.replicates, source)
    labels = fit.aliasing.names, fit.outcomes
    return replicated(design, names, weights, estimated.likelihood, estimated.params, labels)


def warn_of_few_psus(covariance: Covariance, p: int) -> None:
    """Warn where a design has fewer degrees of freedom than there are p free coefficients."""
    errors = covariance.standard_errors()[:, None]
    rank = int(np.linalg.matrix_rank(covariance.root / np.where(errors > 0, errors, 1.0)))
    if rank < p:
        warn(
            ClusterWarning(
                "few-clusters",
                f"the design has {rank} degrees of freedom for {p} coefficients: the covariance has"
                " no higher rank, and there is no test of more restrictions than that.\n"
                "Test few restrictions at a time.",
            )
        )
