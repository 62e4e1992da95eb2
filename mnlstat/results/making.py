"""Makers of the covariance that was asked for, from estimates of the rows of a fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.design.groups import Groups, groups_of
from mnlstat.design.order import order_of
from mnlstat.design.scope import warn
from mnlstat.design.stream import Stream
from mnlstat.design.stream_groups import StreamGroups
from mnlstat.errors import ClusterWarning, DataError
from mnlstat.inference.cov_options import CLUSTER, CR2, CovarianceOptions
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.no_variance import without_variance
from mnlstat.inference.recovered import Estimated, covariance_of
from mnlstat.results.fit import Fit
from mnlstat.results.jackknifed import jackknifed
from mnlstat.results.sample import Sample
from mnlstat.results.surveyed import surveyed, warn_of_few_psus

# Coefficients that a warning names.
NAMED = 5


@dataclass(frozen=True, eq=False)
class Maker:
    """A covariance as a function of estimates.

    Attributes
    ----------
    fit, sample : whose rows they are of
    options : what was asked for
    groups, order : clusters of the rows, and the rows in time
    caller : who is told of in messages
    """

    fit: Fit
    sample: Sample
    options: CovarianceOptions
    groups: tuple[Groups, ...] | StreamGroups
    order: IntArray | None
    caller: str

    @property
    def replicated(self) -> bool:
        """Whether it comes from refits, so that it is one of the maximum only."""
        return self.options.replicated

    def __call__(self, estimated: Estimated) -> Covariance:
        """The covariance."""
        if self.options.survey is not None:
            return surveyed(self.fit, self.options, estimated, self.sample, self.caller)
        if self.options.refit:
            return jackknifed(
                self.fit, self.options, estimated, self.groups, self.sample, self.caller
            )
        return covariance_of(self.options, estimated, self.groups, self.order)

    def warn_of_none(self, covariance: Covariance, root: FloatArray, names: Sequence[str]) -> None:
        """Warn where clusters say nothing of the errors of some coefficients, given by name."""
        survey = self.options.survey
        of_psus = survey is not None and survey.psu is not None
        if not of_psus and self.options.kind != CLUSTER:
            return
        weight = float(self.sample.likelihood.rows.outcome_totals().sum()) / self.fit.dropped.used
        silent = np.flatnonzero(without_variance(root, covariance.root, weight))
        if not silent.size:
            return
        listed = ", ".join(names[at] for at in silent[:NAMED].tolist())
        more = f" and {silent.size - NAMED} more" if silent.size > NAMED else ""
        units = "PSU" if of_psus else "cluster"
        warn(
            ClusterWarning(
                "no-variance-of-clusters",
                f"{covariance.kind}: the scores of {listed}{more} sum to zero in every {units}, as"
                f" with indicators of {units}s in the formula: what standard errors they"
                " have come from other coefficients, and are far too small.\n"
                "Do not test them, or leave the indicators out of the formula.",
            )
        )

    def warn_of_few(self, covariance: Covariance, p: int) -> None:
        """Warn where there are fewer clusters than p coefficients."""
        if self.options.survey is not None:
            warn_of_few_psus(covariance, p)
        else:
            _warn_of_few(self.options.kind, self.groups, p)


def maker(fit: Fit, options: CovarianceOptions, sample: Sample, caller: str) -> Maker:
    """Read what the covariance needs of the data."""
    groups, order = _groups(options, sample, caller), _order(options, sample, caller)
    return Maker(fit, sample, options, groups, order, caller)


def _groups(
    options: CovarianceOptions, sample: Sample, caller: str
) -> tuple[Groups, ...] | StreamGroups:
    """The clusters of the rows used."""
    if options.groups is None:
        return ()
    if not isinstance(sample.source, Stream):
        return groups_of(options.groups, sample.source)
    whole = sample.likelihood.kept is None
    return StreamGroups(sample.source if whole else sample.source.written_out(), options.groups)


def _order(options: CovarianceOptions, sample: Sample, caller: str) -> IntArray | None:
    """The rows used in time; None where they are in order."""
    if options.time is None:
        return None
    if isinstance(sample.source, Stream):
        raise DataError(
            "read-in-pieces",
            f"{caller}: time= needs the rows in memory, and this model was fitted to data that are"
            " read in pieces.\nSort the data by time, and leave time= out.",
        )
    return order_of(options.time, sample.source)


def _warn_of_few(kind: str, groups: tuple[Groups, ...] | StreamGroups, p: int) -> None:
    cure = "." if kind == CR2 else ", by t (use_t=True) or with 'CR2'."
    sizes = (
        [(each.named("clusters"), len(each)) for each in groups]
        if isinstance(groups, tuple)
        else [
            (f"clusters of {name}", size)
            for name, size in zip(groups.names, groups.sizes, strict=False)
        ]
    )
    for name, size in sizes:
        if size < p:
            warn(
                ClusterWarning(
                    "few-clusters",
                    f"{size} {name} for {p} coefficients: the covariance has"
                    f" rank {size - 1} at most, and standard errors may be far too small.\n"
                    f"Test few restrictions at a time{cure}",
                )
            )
