"""Scores of clusters with their products or information, where the rows of one lie apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.likelihood.by_cluster import ELEMENTS, Eigen, information_root, of_gram
from mnlstat.likelihood.clustered import GroupedUnits, GroupSums
from mnlstat.likelihood.units import Piece, Units
from mnlstat.rows.total import total

# Of the units of a piece: scores (d, n_b), and A (n_b, s, d) whose products A_i'A_i are summed.
Rooted: TypeAlias = Callable[[Piece], tuple[FloatArray, FloatArray]]


def n_sums(d: int) -> int:
    """How many numbers are summed for each group."""
    return 1 + d + d * (d + 1) // 2


@dataclass(frozen=True)
class Sums:
    """Of G groups the number of their rows (G,), scores (G, d), products (G, d (d + 1)/2)."""

    rows: IntArray
    scores: FloatArray
    packed: FloatArray

    def products(self, some: slice) -> FloatArray:
        """Those of some groups as symmetric matrices (m, d, d)."""
        d = self.scores.shape[1]
        upper, lower = np.triu_indices(d)
        found = np.empty((len(self.packed[some]), d, d))
        found[:, upper, lower] = found[:, lower, upper] = self.packed[some]
        return found


def eigen_of_clusters(grouped: GroupedUnits) -> Eigen:
    """What :class:`ByCluster` gives, from one pass in any order: memory is that of the clusters."""
    units = grouped.units

    def rooted(piece: Piece) -> tuple[FloatArray, FloatArray]:
        terms, directions = units.terms(piece), units.directions(piece)
        scores = piece.repeated(units.scores_of(piece, terms.residual, directions))
        return scores, information_root(terms.variance, directions, piece)

    sums, d, q = _summed(grouped, rooted), units.dimension, units.rows.n_outcomes - 1
    ranks, parts = np.minimum(sums.rows * q, d), []
    at_once = max(ELEMENTS // max(d * d, 1), 1)
    for start in range(0, len(ranks), at_once):
        some = slice(start, start + at_once)
        basis, values = of_gram(sums.products(some))
        # the other eigenvalues are zero but for rounding
        there = np.arange(d) >= d - ranks[some, None]
        parts.append(Eigen(sums.scores[some], basis[there], values[there], ranks[some]))
    return Eigen.joined(parts)


def score_products(grouped: GroupedUnits) -> Sums:
    """Over the units of each group the sums of scores, and of their outer products."""
    units = grouped.units

    def rooted(piece: Piece) -> tuple[FloatArray, FloatArray]:
        scores = piece.repeated(units.scores(piece))
        return scores, np.ascontiguousarray(scores.T)[:, None, :]

    return _summed(grouped, rooted)


@dataclass(frozen=True)
class _Small:
    """The same units in pieces that stay in the cache."""

    grouped: GroupedUnits

    @property
    def units(self) -> Units:
        return self.grouped.units

    @property
    def mapper(self) -> Any:
        return self.grouped.mapper

    def blocks(self) -> Iterator[Piece]:
        for piece in self.grouped.blocks():
            yield from self.units.small(piece)


def _summed(grouped: GroupedUnits, rooted: Rooted) -> Sums:
    d = grouped.units.dimension

    def of(piece: Piece) -> GroupSums:
        assert piece.groups is not None
        return _of_piece(piece.groups[0], *rooted(piece))

    found = total(_Small(grouped), of).complete(0).sums
    # room that was made for groups which never came
    found = found[: int(np.flatnonzero(found[:, 0])[-1]) + 1]
    return Sums(found[:, 0].astype(np.intp), found[:, 1 : 1 + d], found[:, 1 + d :])


def _of_piece(codes: IntArray, scores: FloatArray, A: FloatArray) -> GroupSums:
    order = np.argsort(codes, kind="stable")
    groups, starts, sizes = np.unique(codes[order], return_index=True, return_counts=True)
    d = A.shape[2]
    sums = np.empty((len(groups), n_sums(d)))
    sums[:, 0] = sizes
    sums[:, 1 : 1 + d] = np.add.reduceat(scores[:, order], starts, axis=1).T
    at_once = max(ELEMENTS // max(d * d, 1), 1)
    upper = np.triu_indices(d)
    for size in np.unique(sizes).tolist():  # all groups of one size together
        every = np.flatnonzero(sizes == size)
        for start in range(0, len(every), at_once):
            which = every[start : start + at_once]
            places = order[starts[which][:, None] + np.arange(size)]
            own = A[places].reshape(len(which), -1, d)
            sums[which, 1 + d :] = (own.transpose(0, 2, 1) @ own)[:, *upper]
    return GroupSums(groups.astype(np.intp), sums)
