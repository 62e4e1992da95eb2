"""Means and standard deviations of the design columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.rows.rows import Block, Rows
from mnlstat.rows.streamed import Streamed
from mnlstat.rows.total import total


@dataclass(frozen=True)
class Moments:
    """Mass of rows, and means and sums of squared deviations of columns.

    Attributes
    ----------
    mass : sum of ``w m``
    mean : (k,)
    squares : (k,) sums of squared deviations from the mean

    References
    ----------
    Chan, T. F., Golub, G. H. & LeVeque, R. J. (1983). Algorithms for computing the sample variance.
    American Statistician 37, 242-247.
    """

    mass: float
    mean: FloatArray
    squares: FloatArray

    @classmethod
    def of(cls, block: Block) -> Moments:
        """Those of one block."""
        X = block.X
        trials = np.ones(len(X)) if block.response.ndim == 1 else block.response.sum(axis=1)
        weights = block.weighted(trials)
        mass = float(weights.sum())
        mean = weights @ X / mass
        return cls(mass, mean, weights @ np.square(X - mean))

    def merge(self, other: Moments) -> Moments:
        """Those of both together."""
        mass = self.mass + other.mass
        gap = other.mean - self.mean
        mean = self.mean + gap * (other.mass / mass)
        between = np.square(gap) * (self.mass * other.mass / mass)
        return Moments(mass, mean, self.squares + other.squares + between)

    def deviations(self, n: float) -> FloatArray:
        """Standard deviations (k,) of n rows: divided by ``n - 1``, weights scaled to sum to n."""
        variances = self.squares / self.mass * (n / max(n - 1.0, 1.0))
        return np.asarray(np.sqrt(variances))


def moments(rows: Rows | Streamed) -> Moments:
    """Moments of all rows, from one pass."""
    return total(rows, Moments.of)
