"""Sums of scores over the units of each cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.likelihood.units import Piece, Units
from mnlstat.rows.rows import Block
from mnlstat.rows.total import total


@dataclass
class GroupSums:
    """Sums (G, d) over groups; those of a part of the rows over the groups that are in it.

    Merging adds to the left side in place, and makes room for groups that are new, so that memory
    is that of the groups and of a block.

    Attributes
    ----------
    groups : (m,) those of the part; None for all
    sums : (m, d)
    """

    groups: IntArray | None
    sums: FloatArray

    @classmethod
    def of(cls, codes: IntArray, values: FloatArray) -> GroupSums:
        """Those of values (d, n_b) with the groups of the rows (n_b,)."""
        groups, place = np.unique(codes, return_inverse=True)
        place = place.ravel()
        sums = np.empty((len(groups), len(values)))
        for at, row in enumerate(values):
            sums[:, at] = np.bincount(place, row, len(groups))
        return cls(groups, sums)

    def merge(self, other: GroupSums) -> GroupSums:
        """Those of both parts."""
        assert other.groups is not None, "parts merge from the left"
        need = int(other.groups[-1]) + 1
        full = self.complete(need)
        if len(full.sums) < need:
            more = np.zeros((max(need, 2 * len(full.sums)) - len(full.sums), full.sums.shape[1]))
            full.sums = np.concatenate([full.sums, more])
        full.sums[other.groups] += other.sums
        return full

    def complete(self, n_groups: int) -> GroupSums:
        """Sums over n groups at least (G, d)."""
        if self.groups is None:
            return self
        n = max(n_groups, int(self.groups[-1]) + 1)
        sums = np.zeros((n, self.sums.shape[1]))
        sums[self.groups] = self.sums
        return GroupSums(None, sums)


@dataclass(frozen=True)
class _Ways:
    ways: tuple[GroupSums, ...]

    def merge(self, other: _Ways) -> _Ways:
        pairs = zip(self.ways, other.ways, strict=True)
        return _Ways(tuple(left.merge(right) for left, right in pairs))


@dataclass(frozen=True)
class GroupedUnits:
    """Units that come with their groups, as data that are read in pieces do.

    Attributes
    ----------
    units : of the rows
    parts : a new pass over blocks of rows and the groups of these, in several ways (ways, n_b)
    """

    units: Units
    parts: Callable[[], Iterator[tuple[Block, IntArray]]]

    @property
    def mapper(self) -> Any:
        """Who computes what the blocks contribute."""
        return self.units.mapper

    def blocks(self) -> Iterator[Piece]:
        """The units with their groups, in order."""
        for block, groups in self.parts():
            yield replace(self.units.of_block(block, 0), groups=groups)


@dataclass(frozen=True)
class KnownGroups:
    """Units in memory, and the groups of these in several ways (ways, n)."""

    units: Units
    groups: IntArray

    @property
    def mapper(self) -> Any:
        """Who computes what the blocks contribute."""
        return self.units.mapper

    def blocks(self) -> Iterator[Piece]:
        """The units with their groups, in order."""
        for piece in self.units.blocks():
            yield replace(piece, groups=self.groups[:, piece.at])


def cluster_scores(grouped: GroupedUnits | KnownGroups) -> list[FloatArray]:
    """For each way of grouping the units the sums of their scores, from one pass.

    Each (G, d) or with more rows, which are zero.
    """
    units = grouped.units

    def of(piece: Piece) -> _Ways:
        assert piece.groups is not None
        parts = [part.repeated(units.scores(part)) for part in units.small(piece)]
        scores = np.concatenate(parts, axis=1)
        return _Ways(tuple(GroupSums.of(codes, scores) for codes in piece.groups))

    return [each.complete(0).sums for each in total(grouped, of).ways]
