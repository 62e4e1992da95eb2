"""The covariance of a jackknife by refits for the rows of a fit."""

from __future__ import annotations

from dataclasses import replace

from mnlstat.design.groups import Groups
from mnlstat.design.scope import warn
from mnlstat.design.stream import Stream
from mnlstat.design.stream_groups import StreamGroups
from mnlstat.errors import DataError, RankError, ReplicateWarning, WeightsError
from mnlstat.inference.cov_options import CovarianceOptions
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.deleted import NAMED, ROUNDED, Deletions, jackknife, lost, without_each
from mnlstat.inference.no_variance import alike, check_differing
from mnlstat.inference.recovered import Estimated, check_residuals, one_way, referred
from mnlstat.inference.repeated import Replicates
from mnlstat.inference.replicates import Refitter
from mnlstat.likelihood.penalty import is_written_out, written_out_if_small
from mnlstat.results.fit import Fit
from mnlstat.results.sample import Sample

# How the covariance is called.
REFITS = "jackknife, refits without"
# A unit of more moves the estimates by its share of a standard error over the root of their number:
# the rounding of the estimates, beside that, is the number times 2e-16.
MOST = 1e9


def jackknifed(
    fit: Fit,
    options: CovarianceOptions,
    estimated: Estimated,
    groups: tuple[Groups, ...] | StreamGroups,
    sample: Sample,
    caller: str,
) -> Covariance:
    """The covariance by refits without each unit, or cluster.

    Raises
    ------
    DataError
        For rows that are read in pieces, or too large to be fitted without one another.
    WeightsError
        For frequency weights of which no unit can be taken, or so large that one is nothing.
    RankError
        When hardly any deletion has finite estimates, or none changes them.
    """
    if isinstance(sample.source, Stream) or isinstance(groups, StreamGroups):
        raise DataError(
            "read-in-pieces",
            f"{caller}: refit=True leaves rows out in memory, and this model was fitted to data"
            " that are read in pieces.\nFit a frame; or leave refit= out, or ask for 'robust'.",
        )
    likelihood = written_out_if_small(estimated.likelihood)
    if not is_written_out(likelihood.rows):
        raise DataError(
            "too-large",
            f"{caller}: refit=True: the design with all its columns is too large to be fitted"
            " again and again.\nMerge levels, or leave refit= out.",
        )
    units = replace(estimated, likelihood=likelihood).units(options)
    own = one_way(options, groups) if groups else None
    if own is None:
        deletions = Deletions.of_units(units)
        if not units.sampling and not deletions.population.whole:
            raise WeightsError(
                "weights-count-nothing",
                f"{caller}: frequency weights that are not whole numbers do not say how many rows"
                " there are to leave out.\nAsk for 'robust'; or name clusters, groups=.",
            )
    else:
        deletions = Deletions.of_clusters(units, own.codes, len(own))
    _check_few_units(deletions, caller)
    refitter = Refitter(
        units.likelihood,
        estimated.params,
        deletions.population,
        fit.constrained,
        fit.penalty is not None,
        ROUNDED,
    )
    workers = int(getattr(estimated.likelihood.rows.mapper, "n_threads", 1))
    found = without_each(refitter, deletions, workers)
    what = f"each row ({deletions.count:g})"
    if own is not None:
        what = f"each cluster of {own.name} ({len(own)})"
    elif units.places is not None:
        what = f"each choice ({deletions.count:g})"
    covariance = jackknife(found, deletions.times, estimated.root, f"{REFITS} {what}")
    notes = _told(found, deletions, own, estimated, caller)
    if notes and alike(covariance, estimated.root, estimated.weight).all():
        raise RankError(
            "jackknife-without-estimates",
            f"{caller}: jackknife: {notes[0]}.\nThe others leave the estimates as they are, so that"
            " nothing tells the variance. Ask for 'robust', or merge rare levels or outcomes.",
        )
    covariance = replace(covariance, notes=notes)
    check_residuals(covariance, options, estimated)
    check_differing(covariance, estimated.root, estimated.weight, fit.estimates.names, caller)
    residual = units.count - estimated.free
    return referred(covariance, options, residual if own is None else len(own) - 1)


def _check_few_units(deletions: Deletions, caller: str) -> None:
    """Refuse so many units that one of them moves the estimates by hardly more than rounding."""
    if deletions.codes is None and deletions.count > MOST:
        raise WeightsError(
            "too-many-units",
            f"{caller}: refit=True: one of {deletions.count:g} units moves the estimates by hardly"
            " more than rounding, and the refits would tell of that alone.\nLeave refit= out: the"
            " one-step jackknife is the same with so many units; or ask for 'robust'.",
        )


def _told(
    found: Replicates,
    deletions: Deletions,
    groups: Groups | None,
    estimated: Estimated,
    caller: str,
) -> tuple[str, ...]:
    """What the summary says of deletions without finite estimates, of which there is a warning."""
    bad, ended = lost(found, deletions)
    if not len(bad):
        return ()
    if groups is not None:
        names = [f"{groups.name} = {groups.label(at)}" for at in bad[:NAMED].tolist()]
    else:
        names = [f"row {estimated.label(deletions.place(at))}" for at in bad[:NAMED].tolist()]
    more = ", ..." if len(bad) > NAMED else ""
    n = float(deletions.times[bad].sum())
    note = (
        f"{n:g} of {deletions.count:g} deletions have no finite estimates ({ended};"
        f" {', '.join(names)}{more}), and are left out"
    )
    warn(
        ReplicateWarning(
            "deletions-without-estimate",
            f"{caller}: jackknife: {note}.\nStandard errors are made of the others, and are too"
            " small: the estimates hang on what was left out. Merge rare levels or outcomes.",
        )
    )
    return (note,)
