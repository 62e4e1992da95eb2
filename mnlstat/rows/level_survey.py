"""What one pass over the rows tells of a design with a factor of many levels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.rows.grouped import Grouped
from mnlstat.rows.rows import Block


@dataclass(frozen=True)
class LevelSums:
    """Rows, and sums of the columns of the array, by level; their smallest and largest value."""

    counts: FloatArray
    sums: FloatArray
    low: FloatArray
    high: FloatArray

    def merge(self, other: LevelSums) -> LevelSums:
        """Those of both parts."""
        return LevelSums(
            self.counts + other.counts,
            self.sums + other.sums,
            np.minimum(self.low, other.low),
            np.maximum(self.high, other.high),
        )


@dataclass(frozen=True)
class LevelSurvey:
    """Counts, sums and products by level, each of which adds up.

    Attributes
    ----------
    counts : (G,) rows of each level
    sums : (G, d) of the columns of the array
    within : (d, d) products of these columns less the means of their levels
    low, high : (d,) their smallest and largest value
    outcomes : (J, G) weighted count of the rows that chose each outcome
    further : for each further factor, the rows of its levels that have a column
    """

    counts: FloatArray
    sums: FloatArray
    within: FloatArray
    low: FloatArray
    high: FloatArray
    outcomes: FloatArray
    further: tuple[FloatArray, ...]

    @classmethod
    def of(cls, block: Block) -> LevelSurvey:
        """That of one block."""
        part = block.matrix
        assert isinstance(part, Grouped)
        G, X = part.n_levels, part.rest.X
        cells = part.codes.astype(np.intp) * block.n_outcomes + block.codes
        J = block.n_outcomes
        table = np.bincount(cells, block.weights, G * J).astype(float).reshape(G, J).T
        counts = np.bincount(part.codes, minlength=G).astype(float)
        ones = np.ones((1, part.n_rows))
        with np.errstate(over="ignore", invalid="ignore"):
            sums = np.array([np.bincount(part.codes, column, G) for column in X.T], dtype=float)
            sums = sums.reshape(-1, G).T
            centred = X - (sums / np.maximum(counts, 1.0)[:, None])[part.codes]
            within = centred.T @ centred
        further = tuple(each.sums(ones)[0] for each in part.rest.coded)
        return cls(counts, sums, within, X.min(axis=0), X.max(axis=0), table, further)

    @property
    def by_level(self) -> LevelSums:
        """The sums without the products."""
        return LevelSums(self.counts, self.sums, self.low, self.high)

    @property
    def means(self) -> FloatArray:
        """Means of the columns of the array by level (G, d)."""
        means: FloatArray = self.sums / np.maximum(self.counts, 1.0)[:, None]
        return means

    def merge(self, other: LevelSurvey) -> LevelSurvey:
        """That of both parts (Chan, Golub & LeVeque 1983, American Statistician 37, 242-247)."""
        counts = self.counts + other.counts
        with np.errstate(over="ignore", invalid="ignore"):
            apart = self.means - other.means
            share = self.counts * other.counts / np.maximum(counts, 1.0)
            between = (apart * share[:, None]).T @ apart
            return LevelSurvey(
                counts,
                self.sums + other.sums,
                self.within + other.within + between,
                np.minimum(self.low, other.low),
                np.maximum(self.high, other.high),
                self.outcomes + other.outcomes,
                tuple(a + b for a, b in zip(self.further, other.further, strict=True)),
            )
