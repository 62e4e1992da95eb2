"""Independent units of a sample: their scores, in coordinates in which the information is one.

With ``F F' = I^-1`` the score of a unit is ``t = F' w s`` (d,), ``s`` the score of its row: sums of
``t t'`` are of the order of one whatever the columns are, so that sandwiches keep their digits.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.likelihood.evaluation import BlockTerms
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.rows.rows import Block, Rows
from mnlstat.rows.streamed import Streamed
from mnlstat.rows.total import Mergeable, total

# Elements of the directions of the rows that are worked on at once.
ELEMENTS = 2**19
FEWEST = 16


@dataclass(frozen=True)
class Piece:
    """Consecutive units.

    Attributes
    ----------
    block : their rows
    start : position of the first
    weights : (n_b,) what their scores are multiplied by; None for one
    repeats : (n_b,) how many such units there are; None for one
    groups : (ways, n_b) the group of each, in several ways, where these come with the rows
    """

    block: Block
    start: int
    weights: FloatArray | None
    repeats: FloatArray | None
    groups: IntArray | None = None

    def __len__(self) -> int:
        return len(self.block.response)

    @property
    def at(self) -> slice:
        """Which of all units they are."""
        return slice(self.start, self.start + len(self))

    def slices(self, n: int) -> Iterator[Piece]:
        """The same in pieces of n units."""
        for start in range(0, len(self), n):
            yield self.some(slice(start, min(start + n, len(self))))

    def some(self, part: slice) -> Piece:
        """Consecutive ones of these units."""
        return Piece(
            self.block.part(part),
            self.start + part.start,
            _part(self.weights, part),
            _part(self.repeats, part),
            None if self.groups is None else self.groups[:, part],
        )

    def weighted(self, values: FloatArray) -> FloatArray:
        """Values (..., n_b) times the weights of the scores."""
        return values if self.weights is None else values * self.weights

    def repeated(self, values: FloatArray) -> FloatArray:
        """Values (..., n_b) times the number of units."""
        return values if self.repeats is None else values * self.repeats


def _part(values: FloatArray | None, part: slice) -> FloatArray | None:
    return None if values is None else values[part]


@dataclass(frozen=True)
class Units:
    """Rows as independent units.

    Attributes
    ----------
    likelihood : whose rows they are
    params : (p,) where scores are taken
    root : (p, d) ``F`` with ``F F'`` the inverse information
    count : n, the number of units
    sampling : whether weights multiply scores; else they say how many units a row is
    repeats : (n,) how many units each row is, besides such weights; None for one
    places : (n,) which row of the sample each belongs to; None where they are these rows
    summed : whether equal rows were summed, with the squares of their sampling weights for
        ``repeats``: then nothing is known of one of them
    unit : what sampling weights were divided by
    """

    likelihood: MultinomialLikelihood
    params: FloatArray
    root: FloatArray
    count: float
    sampling: bool = False
    repeats: FloatArray | None = None
    places: IntArray | None = None
    summed: bool = False
    unit: float = 1.0

    @classmethod
    def of(
        cls,
        likelihood: MultinomialLikelihood,
        params: FloatArray,
        root: FloatArray,
        *,
        n: int,
        sampling: bool,
        trials: bool,
    ) -> Units:
        """The units of a sample of n rows: these, or (``trials``) each choice in them."""
        rows = likelihood.rows
        largest, unit = rows.largest_weight() if sampling else None, 1.0
        if largest is not None:  # squares of weights of any size: in units of the largest
            unit = math.ldexp(1.0, math.frexp(largest)[1])
            rows, root = rows.with_unit(unit), root * math.sqrt(unit)
        units = cls(
            replace(likelihood, rows=rows, known=None), params, root, n, sampling, unit=unit
        )
        if trials and isinstance(rows, Rows) and rows.response.ndim == 2:
            units = units._of_trials(rows)
        if sampling:
            return units if units.repeats is None or units.summed else units._counted()
        if isinstance(rows, Streamed):
            return replace(units, count=float(rows.outcome_totals().sum()))
        return units._counted()

    def _of_trials(self, rows: Rows) -> Units:
        """Each choice in a row of counts; choices of equal rows that were summed."""
        row, outcome = np.nonzero(rows.response)
        summed = self.sampling and rows.squares is not None
        repeats = rows.squares if summed else rows.response
        chosen = replace(rows.subset(row), response=outcome, squares=None)
        return replace(
            self,
            likelihood=replace(self.likelihood, rows=chosen, known=None),
            repeats=np.asarray(repeats, dtype=float)[row, outcome],
            places=row,
            summed=summed,
        )

    def _counted(self) -> Units:
        """With their number."""
        rows = self._in_memory
        repeats = np.ones(len(rows)) if self.repeats is None else self.repeats
        if not self.sampling and rows.weights is not None:
            repeats = repeats * rows.weights
        return replace(self, count=float(repeats.sum()))

    @property
    def rows(self) -> Rows | Streamed:
        """The rows, one for each element of ``repeats``."""
        return self.likelihood.rows

    @property
    def mapper(self) -> Any:
        """Who computes what the blocks contribute."""
        return self.rows.mapper

    @property
    def dimension(self) -> int:
        """d, the number of directions in which there are scores."""
        return int(self.root.shape[1])

    @property
    def free(self) -> int:
        """Free parameters, one for each direction."""
        return self.dimension

    def blocks(self) -> Iterator[Piece]:
        """The units, some at a time, in order."""
        start = 0
        for block in self.rows.blocks():
            stop = start + len(block.response)
            yield self.of_block(block, start, _part(self.repeats, slice(start, stop)))
            start = stop

    def of_block(self, block: Block, start: int, repeats: FloatArray | None = None) -> Piece:
        """The units of a block, of which the first is at ``start``."""
        weights = block.weights
        if self.sampling:
            return Piece(block, start, weights, repeats)
        if weights is not None:
            repeats = weights if repeats is None else repeats * weights
        return Piece(block, start, None, repeats)

    def piece(self, part: slice) -> Piece:
        """Consecutive units of rows in memory."""
        return self.of_block(self._in_memory.part(part), part.start, _part(self.repeats, part))

    def chosen(self, order: IntArray) -> Units:
        """Some of the units, in this order, of rows in memory."""
        rows = self._in_memory.subset(order)
        return replace(
            self,
            likelihood=replace(self.likelihood, rows=rows, known=None),
            repeats=None if self.repeats is None else self.repeats[order],
            places=order if self.places is None else self.places[order],
        )

    def without_weights(self) -> Units:
        """The same rows, each one unit."""
        rows = replace(self._in_memory, weights=None)
        return replace(self, likelihood=replace(self.likelihood, rows=rows, known=None))

    @property
    def _in_memory(self) -> Rows:
        assert isinstance(self.rows, Rows), "asked of rows in memory only"
        return self.rows

    def small(self, piece: Piece) -> Iterator[Piece]:
        """Pieces of which the directions stay in the cache."""
        return piece.slices(max(ELEMENTS // max(self.each, 1), FEWEST))

    @property
    def each(self) -> int:
        """Elements of the directions of one unit."""
        return (self.rows.n_outcomes - 1) * self.dimension

    def terms(self, piece: Piece) -> BlockTerms:
        """Residuals and variances of the rows, without weights."""
        return self.likelihood.block_terms(self.params, piece.block)

    def directions(self, piece: Piece) -> FloatArray:
        """``T`` (q, d, n_b): column by column ``Z_i F`` of each unit."""
        q = self.rows.n_outcomes - 1
        stacked = self.root.reshape(q, -1, self.dimension).transpose(0, 2, 1)
        product = piece.block.matrix.matvec(stacked.reshape(q * self.dimension, -1))
        directions: FloatArray = product.reshape(q, self.dimension, -1)
        return directions

    def scores(self, piece: Piece) -> FloatArray:
        """``t`` (d, n_b)."""
        return self.scores_of(piece, self.terms(piece).residual, self.directions(piece))

    def scores_of(self, piece: Piece, residual: FloatArray, directions: FloatArray) -> FloatArray:
        """``t`` (d, n_b) of residuals (n_b, q)."""
        scores: FloatArray = np.einsum("nq,qdn->dn", residual, directions)
        return piece.weighted(scores)


@dataclass(frozen=True)
class ScoreSums:
    """Over units: ``sum t`` (d,) and ``sum t t'`` (d, d)."""

    total: FloatArray
    products: FloatArray

    @classmethod
    def of(cls, scores: FloatArray, piece: Piece) -> ScoreSums:
        """Those of the scores (d, n_b) of one piece."""
        repeated = piece.repeated(scores)
        return cls(repeated.sum(axis=1), scores @ repeated.T)

    def merge(self, other: ScoreSums) -> ScoreSums:
        """Those of both parts."""
        return ScoreSums(self.total + other.total, self.products + other.products)


M = TypeVar("M", bound=Mergeable)


def total_of(units: Units, contribution: Callable[[Piece], M]) -> M:
    """Merge the contributions of all units, taken in pieces that stay in the cache."""

    def of(piece: Piece) -> M:
        return functools.reduce(_merge, map(contribution, units.small(piece)))

    return total(units, of)


def _merge(left: M, right: M) -> M:
    return left.merge(right)


def score_sums(units: Units) -> ScoreSums:
    """Over all units: ``sum t`` and ``sum t t'``."""
    return total_of(units, lambda piece: ScoreSums.of(units.scores(piece), piece))
