"""The jackknife by refits: the model is fitted again without each unit, or without each cluster."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.errors import RankError
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.repeated import Replicate, Replicates, replicated
from mnlstat.inference.replicates import Ended, Refitter
from mnlstat.likelihood.units import Units
from mnlstat.linalg import Triangle, row_norms
from mnlstat.rows.resampled import Population
from mnlstat.rows.rows import Rows

# What a refit may be off the maximum, in standard errors: deletions differ by far less than one.
ROUNDED = 1e-13
# Deletions that are named.
NAMED = 3


@dataclass(frozen=True, eq=False)
class Deletions:
    """What is left out, one at a time.

    Attributes
    ----------
    units : of the sample
    population : rows, and the weight of each; equal ones may be one
    unit : (m,) weight of one unit of each row
    times : (D,) how many alike deletions each stands for
    codes : (m,) the cluster of each; None where units are left out
    """

    units: Units
    population: Population
    unit: FloatArray
    times: FloatArray
    codes: IntArray | None = None

    @classmethod
    def of_units(cls, units: Units) -> Deletions:
        """Each unit of rows in memory; of equal ones without sampling weights, one."""
        rows = _in_memory(units)
        weight = np.ones(len(rows)) if rows.weights is None else rows.weights
        times = np.ones(len(rows)) if units.repeats is None else units.repeats
        unit = weight if units.sampling else np.ones(len(rows))
        if not units.sampling:
            times = times * weight
        population = Population.of(
            replace(rows, weights=times * unit), equal_as_one=not units.sampling
        )
        if not units.sampling:
            return cls(units, population, np.ones(len(population.mass)), population.mass)
        return cls(units, population, unit, times)

    @classmethod
    def of_clusters(cls, units: Units, codes: IntArray, n_clusters: int) -> Deletions:
        """Each cluster; ``codes`` (n,) of the rows of the sample."""
        rows = _in_memory(units)
        repeats = np.ones(len(rows)) if units.repeats is None else units.repeats
        weight = repeats if rows.weights is None else repeats * rows.weights
        population = Population.of(replace(rows, weights=weight), equal_as_one=False)
        own = codes if units.places is None else codes[units.places]
        return cls(units, population, weight, np.ones(n_clusters), own)

    def weights(self, at: int) -> FloatArray:
        """Those of the rows that are left (m,)."""
        mass = self.population.mass
        if self.codes is not None:
            return np.where(self.codes == at, 0.0, mass)
        left = mass.copy()
        left[at] = 0.0 if self.times[at] == 1.0 else left[at] - self.unit[at]
        return left

    def place(self, at: int) -> int:
        """The row of the sample that is left out, the first of equal ones."""
        few, rows = self.population.rows, _in_memory(self.units)
        if len(few) < len(rows):
            alike = (few.X[at] == rows.X).all(axis=1) & (rows.response == few.response[at])
            at = int(np.flatnonzero(alike)[0])
        return at if self.units.places is None else int(self.units.places[at])

    @property
    def count(self) -> float:
        """Deletions in all, alike ones counted."""
        return float(self.times.sum())


def _in_memory(units: Units) -> Rows:
    assert isinstance(units.rows, Rows), "asked of rows in memory only"
    return units.rows


def without_each(refitter: Refitter, deletions: Deletions, n_workers: int) -> Replicates:
    """The fits without each unit, or cluster: the same whatever the number of workers."""
    each = range(len(deletions.times))
    return replicated(refitter, partial(_deleted, refitter, deletions), each, n_workers)


def _deleted(refitter: Refitter, deletions: Deletions, at: int) -> Replicate:
    return *refitter.fit(deletions.weights(at)), None


def jackknife(found: Replicates, times: FloatArray, root: FloatArray, said: str) -> Covariance:
    """``(m - 1)/m sum (b_(i) - bbar)(b_(i) - bbar)'`` of the m finite ones.

    ``root`` (p, d) is that of the inverse information, zero for coefficients that constraints fix.

    Raises
    ------
    RankError
        When fewer than two deletions have finite estimates.

    References
    ----------
    Efron, B. (1982). The Jackknife, the Bootstrap and Other Resampling Plans, chapter 3.
    """
    finite = np.isfinite(found.estimates).all(axis=1)
    b, counts = found.estimates[finite], times[finite]
    m = float(counts.sum())
    if m < 2:
        raise RankError(
            "jackknife-without-estimates",
            "jackknife: hardly any deletion leaves rows with finite estimates, so that nothing"
            " tells the variance.\nMerge rare levels or outcomes; or, without penalty=, ask for"
            " 'robust'.",
        )
    centred = (b - counts @ b / m) * np.sqrt(counts * ((m - 1.0) / m))[:, None]
    V = Triangle.of(centred).r.T
    V[row_norms(root) == 0] = 0.0
    return Covariance(V, said)


def lost(found: Replicates, deletions: Deletions) -> tuple[IntArray, str]:
    """Deletions without finite estimates, and how many there are, in words."""
    bad = np.flatnonzero(~np.isfinite(found.estimates).all(axis=1))
    separated = bad[found.ended[bad] == Ended.SEPARATED]
    n = float(deletions.times[separated].sum())
    failed = float(deletions.times[bad].sum()) - n
    kinds = [f"{many:g} {word}" for many, word in ((n, "separated"), (failed, "failed")) if many]
    return bad, ", ".join(kinds)
