"""Makers of the covariance that was asked for, from estimates of the rows of a fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.design.groups import Groups, groups_of
from mnlstat.design.order import order_of
from mnlstat.design.stream import Stream
from mnlstat.design.stream_groups import StreamGroups
from mnlstat.errors import DataError
from mnlstat.inference.cov_options import CLUSTER, CR2, CovarianceOptions
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.recovered import Estimated, covariance_of
from mnlstat.results.few_clusters import told_of_few, told_of_few_psus, told_of_none
from mnlstat.results.fit import Fit
from mnlstat.results.jackknifed import jackknifed
from mnlstat.results.sample import Sample
from mnlstat.results.surveyed import surveyed


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

    def told(self, covariance: Covariance, root: FloatArray, names: Sequence[str]) -> Covariance:
        """The covariance with notes of what clusters cannot tell, of which there are warnings.

        ``names`` are those of the estimates (p,) that it is of.
        """
        notes = [*self._few(covariance, root.shape[1])]
        survey = self.options.survey
        of_psus = survey is not None and survey.psu is not None
        if of_psus or self.options.kind == CLUSTER:
            unit = "PSU" if of_psus else "cluster"
            notes += told_of_none(root, covariance.root, names, covariance.kind, unit)
        return replace(covariance, notes=(*covariance.notes, *notes)) if notes else covariance

    def _few(self, covariance: Covariance, p: int) -> Iterator[str]:
        """Fewer clusters than p coefficients."""
        if self.options.survey is not None:
            yield from told_of_few_psus(covariance, p)
            return
        for name, size in _sizes(self.groups):
            yield from told_of_few(size, name, p, _cure(self.options))


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


def _sizes(groups: tuple[Groups, ...] | StreamGroups) -> list[tuple[str, int]]:
    """What the clusters of each way are called, and how many there are."""
    if isinstance(groups, tuple):
        return [(each.named("clusters"), len(each)) for each in groups]
    pairs = zip(groups.names, groups.sizes, strict=False)
    return [(f"clusters of {name}", size) for name, size in pairs]


def _cure(options: CovarianceOptions) -> str:
    """What to do with few clusters that was not done."""
    cures = []
    if not options.use_t and options.kind != CR2:
        cures.append("by t (use_t=True)")
    if options.kind != CR2:
        cures.append("with 'CR2'")
    return f"Test few restrictions at a time{', ' if cures else ''}{' or '.join(cures)}."
