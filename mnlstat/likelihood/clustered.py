"""Sums of scores over the units of each cluster."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.likelihood.units import Piece, Units
from mnlstat.memory import check_room
from mnlstat.rows.total import total


@dataclass
class GroupSums:
    """Sums (G, d) over groups; those of a part of the rows over the groups that are in it.

    Merging adds to the left side in place, so that memory is that of the groups and of a block.

    Attributes
    ----------
    n_groups : G
    groups : (m,) those of the part; None for all
    sums : (m, d)
    """

    n_groups: int
    groups: IntArray | None
    sums: FloatArray

    @classmethod
    def of(cls, codes: IntArray, values: FloatArray, n_groups: int) -> GroupSums:
        """Those of values (d, n_b) with the groups of the rows (n_b,)."""
        groups, place = np.unique(codes, return_inverse=True)
        place = place.ravel()
        sums = np.empty((len(groups), len(values)))
        for at, row in enumerate(values):
            sums[:, at] = np.bincount(place, row, len(groups))
        return cls(n_groups, groups, sums)

    def merge(self, other: GroupSums) -> GroupSums:
        """Those of both parts."""
        full = self.complete()
        if other.groups is None:
            full.sums += other.sums
        else:
            full.sums[other.groups] += other.sums
        return full

    def complete(self) -> GroupSums:
        """Sums over all groups (G, d)."""
        if self.groups is None:
            return self
        sums = np.zeros((self.n_groups, self.sums.shape[1]))
        sums[self.groups] = self.sums
        return GroupSums(self.n_groups, None, sums)


@dataclass(frozen=True)
class _Ways:
    ways: tuple[GroupSums, ...]

    def merge(self, other: _Ways) -> _Ways:
        pairs = zip(self.ways, other.ways, strict=True)
        return _Ways(tuple(left.merge(right) for left, right in pairs))


def cluster_scores(
    units: Units, ways: tuple[IntArray, ...], sizes: tuple[int, ...]
) -> list[FloatArray]:
    """For each way of grouping the units the sums of their scores (G, d), from one pass."""
    check_room(
        8.0 * sum(sizes) * units.dimension,
        f"the scores of {sum(sizes)} clusters and {units.dimension} coefficients",
        "Use larger clusters, or leave terms out of the formula.",
    )

    def of(piece: Piece) -> _Ways:
        merged: _Ways | None = None
        for part in units.small(piece):
            scores = part.repeated(units.scores(part))
            found = _Ways(
                tuple(
                    GroupSums.of(codes[part.at], scores, n)
                    for codes, n in zip(ways, sizes, strict=True)
                )
            )
            merged = found if merged is None else merged.merge(found)
        assert merged is not None
        return merged

    return [each.complete().sums for each in total(units, of).ways]
