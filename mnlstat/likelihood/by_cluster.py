"""Scores and leverages of clusters, of which the units stand together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.likelihood.units import Piece, Units

# Elements of the directions of the units of clusters that are worked on at once.
ELEMENTS = 2**20


@dataclass(frozen=True)
class ClusterPiece:
    """The units of consecutive clusters, cluster by cluster.

    Attributes
    ----------
    piece : the units
    bounds : (m + 1,) where each of the m clusters begins in the piece
    """

    piece: Piece
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

    @property
    def at_once(self) -> int:
        """Units that are worked on at once."""
        return max(ELEMENTS // max(self.units.each, 1), 1)

    def blocks(self) -> Iterator[ClusterPiece]:
        """As many clusters as can be worked on at once, but one at least."""
        at, G = 0, len(self.starts) - 1
        while at < G:
            wanted = self.starts[at] + self.at_once
            stop = max(int(np.searchsorted(self.starts, wanted, side="right")) - 1, at + 1)
            bounds = self.starts[at : stop + 1]
            piece = self.units.piece(slice(int(bounds[0]), int(bounds[-1])))
            yield ClusterPiece(piece, bounds - bounds[0])
            at = stop

    def eigen(self, part: ClusterPiece) -> Eigen:
        """Scores and leverages of the clusters of a part."""
        if len(part.piece) > self.at_once:
            return _large(self.units, part.piece)
        return _small(self.units, part)


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

    @classmethod
    def joined(cls, parts: list[Eigen]) -> Eigen:
        """Those of clusters that follow one another."""
        return cls(
            np.concatenate([part.scores for part in parts]),
            np.concatenate([part.basis for part in parts]),
            np.concatenate([part.values for part in parts]),
            np.concatenate([part.ranks for part in parts]),
        )


@dataclass
class Eigens:
    """Those of parts, in order; they are joined when all are there.

    Attributes
    ----------
    parts : of clusters that follow one another
    """

    parts: list[Eigen]

    def merge(self, other: Eigens) -> Eigens:
        """Those of both; the left side takes them in."""
        self.parts += other.parts
        return self


def _small(units: Units, part: ClusterPiece) -> Eigen:
    """Of clusters whose directions fit into memory: all clusters of one size together."""
    terms, directions = units.terms(part.piece), units.directions(part.piece)
    scores = part.piece.repeated(units.scores_of(part.piece, terms.residual, directions))
    A = information_root(terms.variance, directions, part.piece)
    d, q, sizes = units.dimension, A.shape[1], np.diff(part.bounds)
    ranks = np.minimum(sizes * q, d)
    places = np.append(0, np.cumsum(ranks))
    basis, values = np.empty((places[-1], d)), np.empty(places[-1])
    for size in np.unique(sizes).tolist():
        which, rank = np.flatnonzero(sizes == size), min(size * q, d)
        own = A[part.bounds[which][:, None] + np.arange(size)].reshape(len(which), size * q, d)
        at = places[which][:, None] + np.arange(rank)
        basis[at], values[at] = _eigen(own)
    sums = np.add.reduceat(scores, part.bounds[:-1], axis=1).T
    return Eigen(sums, basis, values, ranks)


def _large(units: Units, piece: Piece) -> Eigen:
    """Of one cluster, some units at a time."""
    d = units.dimension
    score, gram = np.zeros(d), np.zeros((d, d))
    for some in units.small(piece):
        terms, directions = units.terms(some), units.directions(some)
        score += some.repeated(units.scores_of(some, terms.residual, directions)).sum(axis=1)
        A = information_root(terms.variance, directions, some).reshape(-1, d)
        gram += A.T @ A
    basis, values = of_gram(gram[None])
    return Eigen(score[None], basis[0], values[0], np.array([d]))


def information_root(variance: FloatArray, directions: FloatArray, piece: Piece) -> FloatArray:
    """``A`` (n_b, q, d), ``A_i'A_i`` the information of a unit in the coordinates."""
    sizes, axes = np.linalg.eigh(variance)
    root = axes * np.sqrt(np.maximum(sizes, 0.0))[:, None, :]
    mass = piece.repeated(piece.weighted(np.ones(len(piece))))
    product: FloatArray = root.transpose(0, 2, 1) @ directions.transpose(2, 0, 1)
    return product * np.sqrt(mass)[:, None, None]


def _eigen(A: FloatArray) -> tuple[FloatArray, FloatArray]:
    """``B`` (m, r, d) and the diagonals of ``B B'`` (m, r), ``B'B = A'A``, of arrays (m, s, d)."""
    if A.shape[1] >= A.shape[2]:
        return of_gram(A.transpose(0, 2, 1) @ A)
    values, vectors = np.linalg.eigh(A @ A.transpose(0, 2, 1))
    return vectors.transpose(0, 2, 1) @ A, np.maximum(values, 0.0)


def of_gram(gram: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The same from ``A'A`` (m, d, d)."""
    values, vectors = np.linalg.eigh(gram)
    values = np.maximum(values, 0.0)
    return (vectors * np.sqrt(values)[:, None, :]).transpose(0, 2, 1), values
