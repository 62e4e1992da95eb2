"""Products of the scores of units that are a number of places apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.likelihood.units import Units, total_of


@dataclass(frozen=True)
class LaggedSums:
    """``sum_i t_i t_i' + sum_l (1 - l/(L + 1)) sum_i (t_i t_{i-l}' + t_{i-l} t_i')`` of a stretch.

    Attributes
    ----------
    lags : L
    products : (d, d)
    head, tail : (d, at most L) the first and the last scores, which neighbours need
    """

    lags: int
    products: FloatArray
    head: FloatArray
    tail: FloatArray

    @classmethod
    def of(cls, scores: FloatArray, lags: int) -> LaggedSums:
        """Those of consecutive scores (d, n)."""
        products, n = scores @ scores.T, scores.shape[1]
        for lag in range(1, min(lags, n - 1) + 1):
            apart = scores[:, lag:] @ scores[:, :-lag].T
            products += bartlett(lag, lags) * (apart + apart.T)
        return cls(lags, products, scores[:, :lags], scores[:, max(n - lags, 0) :])

    def merge(self, other: LaggedSums) -> LaggedSums:
        """Those of both stretches, one after the other."""
        products = self.products + other.products
        a, b = self.tail.shape[1], other.head.shape[1]
        for lag in range(1, min(self.lags, a + b - 1) + 1):
            at = np.arange(max(lag - a, 0), min(lag, b))
            apart = other.head[:, at] @ self.tail[:, a - lag + at].T
            products += bartlett(lag, self.lags) * (apart + apart.T)
        head, tail = self.head, other.tail
        if head.shape[1] < self.lags:
            head = np.concatenate([head, other.head], axis=1)[:, : self.lags]
        if tail.shape[1] < self.lags:
            both = np.concatenate([self.tail, tail], axis=1)
            tail = both[:, max(both.shape[1] - self.lags, 0) :]
        return LaggedSums(self.lags, products, head, tail)


def bartlett(lag: int, lags: int) -> float:
    """The weight ``1 - l / (L + 1)``."""
    return 1.0 - lag / (lags + 1.0)


def lagged_products(units: Units, lags: int) -> FloatArray:
    """The sums over all units, in their order (d, d)."""
    return total_of(units, lambda piece: LaggedSums.of(units.scores(piece), lags)).products
