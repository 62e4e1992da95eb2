"""Sums of scores over the units of each cluster."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True)
class ClusterPiece:
    """The units of consecutive clusters, cluster by cluster.

    Attributes
    ----------
    piece : the units
    first : number of the first cluster
    bounds : (m + 1,) where each of the m clusters begins in the piece
    """

    piece: Piece
    first: int
    bounds: IntArray


@dataclass(frozen=True)
class ByCluster:
    """Units cluster by cluster.

    Attributes
    ----------
    units : whose rows are sorted by cluster
    starts : (G + 1,) where each cluster begins
    """

    units: Units
    starts: IntArray

    @classmethod
    def of(cls, units: Units, codes: IntArray, n_groups: int) -> ByCluster:
        """Sort the units by the cluster of each (n,)."""
        starts = np.append(0, np.cumsum(np.bincount(codes, minlength=n_groups)))
        return cls(units.chosen(np.argsort(codes, kind="stable")), starts)

    @property
    def mapper(self) -> Any:
        """Who computes what the clusters contribute."""
        return self.units.mapper

    def blocks(self) -> Iterator[ClusterPiece]:
        """Clusters, some at a time, of about as many units together as a block has."""
        at, G = 0, len(self.starts) - 1
        while at < G:
            wanted = self.starts[at] + self.units.rows.block_rows
            stop = max(int(np.searchsorted(self.starts, wanted, side="right")) - 1, at + 1)
            bounds = self.starts[at : stop + 1]
            piece = self.units.piece(slice(int(bounds[0]), int(bounds[-1])))
            yield ClusterPiece(piece, at, bounds - bounds[0])
            at = stop


@dataclass(frozen=True)
class Eigen:
    """Of each of m clusters its score, and what its share of the information is made of.

    ``H_g = F'I_g F = B_g'B_g`` with ``B_g B_g'`` diagonal.

    Attributes
    ----------
    scores : (m, d) ``F'U_g``
    basis : (r, d) ``B_g``, one below the other
    values : (r,) diagonal of ``B_g B_g'``: the leverages of the clusters
    ranks : (m,) rows of each ``B_g``
    """

    scores: FloatArray
    basis: FloatArray
    values: FloatArray
    ranks: IntArray

    def merge(self, other: Eigen) -> Eigen:
        """Those of both parts."""
        return Eigen(
            np.concatenate([self.scores, other.scores]),
            np.concatenate([self.basis, other.basis]),
            np.concatenate([self.values, other.values]),
            np.concatenate([self.ranks, other.ranks]),
        )


def cluster_eigen(clusters: ByCluster, part: ClusterPiece) -> Eigen:
    """Scores and leverages of some clusters."""
    units, d = clusters.units, clusters.units.dimension
    scores, bases, values = [], [], []
    for start, stop in zip(part.bounds[:-1].tolist(), part.bounds[1:].tolist(), strict=True):
        own = part.piece.some(slice(start, stop))
        score, gram, roots = np.zeros(d), np.zeros((d, d)), list[FloatArray]()
        thin = len(own) * (units.rows.n_outcomes - 1) < d
        for some in units.small(own):
            terms, directions = units.terms(some), units.directions(some)
            score += some.repeated(units.scores_of(some, terms.residual, directions)).sum(axis=1)
            A = _information_root(terms.variance, directions, some)
            if thin:
                roots.append(A)
            else:
                gram += A.T @ A
        basis, leverages = _thin(np.concatenate(roots)) if thin else _square(gram)
        scores.append(score)
        bases.append(basis)
        values.append(leverages)
    ranks = np.array([len(each) for each in values], dtype=np.intp)
    return Eigen(np.array(scores), np.concatenate(bases), np.concatenate(values), ranks)


def _information_root(variance: FloatArray, directions: FloatArray, piece: Piece) -> FloatArray:
    """Rows ``A`` (n_b q, d) with ``A'A`` the information of the units in the coordinates."""
    sizes, axes = np.linalg.eigh(variance)
    root = axes * np.sqrt(np.maximum(sizes, 0.0))[:, None, :]
    mass = piece.repeated(piece.weighted(np.ones(len(piece))))
    rows: FloatArray = np.einsum("nqa,qdn->nad", root, directions)
    return (rows * np.sqrt(mass)[:, None, None]).reshape(-1, directions.shape[1])


def _thin(A: FloatArray) -> tuple[FloatArray, FloatArray]:
    """``B`` and the diagonal of ``B B'`` from fewer rows than columns."""
    values, vectors = np.linalg.eigh(A @ A.T)
    return vectors.T @ A, np.maximum(values, 0.0)


def _square(gram: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The same from ``A'A``."""
    values, vectors = np.linalg.eigh(gram)
    values = np.maximum(values, 0.0)
    return (vectors * np.sqrt(values)).T, values
