"""The covariance of a survey's design for the rows of a fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mnlstat.arrays import BoolArray
from mnlstat.design.left_out import LeftOut, left_out
from mnlstat.design.missing import Dropped
from mnlstat.design.sampled import sampled
from mnlstat.design.source import DesignOnly, Source
from mnlstat.design.stream import Stream
from mnlstat.design.stream_sampled import StreamDesign
from mnlstat.design.subpopulation import members
from mnlstat.errors import DataError, OptionError, RankError
from mnlstat.inference.cov_options import CovarianceOptions
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.degrees import Fixed
from mnlstat.inference.linearised import linearised
from mnlstat.inference.linearised_pieces import linearised_in_pieces
from mnlstat.inference.no_variance import check_differing
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
        For a design that cannot be; for replicate weights of rows that are read in pieces.
    """
    design, source = options.survey, sample.source
    assert design is not None
    if fit.weights is not None and not sample.sampling:
        raise OptionError(
            "survey-option",
            f"{caller}: frequency weights repeat rows, which were not sampled one by one.\n"
            "Give the weights of a survey as sampling_weights=.",
        )
    if design.replicates is None:
        found = _linearised(fit, design, estimated, estimated.units(options), sample, caller)
    else:
        if isinstance(source, Stream):
            raise DataError(
                "read-in-pieces",
                f"{caller}: replicate weights take a fit for each of them, and this model was"
                " fitted to data that are read in pieces.\nFit a frame; or linearise: strata=,"
                " psu=.",
            )
        found = _replicated(fit, design, estimated, source, caller)
    covariance = referred(found, options, float("nan"))
    return replace(covariance, notes=(*covariance.notes, *_reference(found, covariance)))


def _reference(found: Covariance, covariance: Covariance) -> Iterator[str]:
    """What tests go by, where the user says other than the design."""
    own, chosen = found.degrees, covariance.degrees
    if chosen is None:
        assert isinstance(own, Fixed)
        yield (
            "Tests by the normal and chi-squared (use_t=False): the degrees of freedom of the"
            f" design, {own.df:g}, are not used."
        )
        return
    if chosen is not own:
        assert isinstance(own, Fixed)
        assert isinstance(chosen, Fixed)
        yield (
            f"Tests by t and F with {chosen.df:g} degrees of freedom, given as df=, in place of"
            f" those of the design, {own.df:g}."
        )
    yield ADJUSTED


def _left_out(design: SurveyDesign, source: Source, rows: BoolArray, dropped: Dropped) -> LeftOut:
    """What the design has lost with rows that it does not know."""
    if isinstance(source, DesignOnly):
        return LeftOut(dropped.rows - dropped.used)
    return left_out(source, rows, design.strata, design.psu, nest=design.nest)


def _outside(design: SurveyDesign, lost: LeftOut, dropped: Dropped, *, known: bool) -> str:
    """What is said of that, empty where nothing is lost; ``known`` says if the data are there."""
    if not lost.rows:
        return ""
    cure = "; subpop=True keeps them in it" if known else ""
    chosen = dropped.not_in_subset if design.subpop is False or not known else 0
    only_missing = not (chosen + dropped.of_no_weight + dropped.untried)
    why = "miss values" if only_missing else "the fit did not use"
    if lost.rows == 1:
        why = why.replace("miss ", "misses ")
    return f"Not in the design: {lost.said(why)}{cure}."


def _linearised(
    fit: Fit,
    design: SurveyDesign,
    estimated: Estimated,
    units: Units,
    sample: Sample,
    caller: str,
) -> Covariance:
    source, columns = sample.source, (design.strata, design.psu, design.fpc)
    if isinstance(source, Stream):
        stream = source if sample.likelihood.kept is None else source.written_out()
        told = {"nest": design.nest, "subpop": design.subpop, "dropped": fit.dropped}
        drawn = StreamDesign(stream, *columns, **told)
        found, lost = linearised_in_pieces(design, drawn, units), drawn.left_out
    else:
        rows = members(design.subpop, source, fit.dropped)
        found = linearised(design, sampled(source, rows, *columns, nest=design.nest), units)
        lost = _left_out(design, source, rows, fit.dropped)
    known = not isinstance(source, DesignOnly)
    if outside := _outside(design, lost, fit.dropped, known=known):
        found = replace(found, notes=(*found.notes, outside))
    if without_residuals(found, estimated.root, estimated.weight):
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
    likelihood, params = estimated.likelihood, estimated.params
    found = replicated(design, names, weights, likelihood, params, labels)
    check_differing(found, estimated.root, estimated.weight, fit.estimates.names, caller)
    return found
