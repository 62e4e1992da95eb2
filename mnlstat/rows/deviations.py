"""Standard deviations of design columns, each row counted as often as it has trials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.rows.rows import Block
from mnlstat.rows.total import total


@dataclass(frozen=True)
class _Moments:
    """Weight, mean and sum of squared deviations of some rows.

    They merge as in Chan, Golub & LeVeque (1983), The American Statistician 37, 242-247.
    """

    weight: float
    mean: FloatArray
    squares: FloatArray

    def merge(self, other: _Moments) -> _Moments:
        weight = self.weight + other.weight
        gap = other.mean - self.mean
        share = other.weight / weight
        squares = self.squares + other.squares + gap**2 * (self.weight * share)
        return _Moments(weight, self.mean + gap * share, squares)


def standard_deviations(rows: Any, low: FloatArray, high: FloatArray) -> FloatArray:
    """``sqrt(sum_i t_i (x_ij - mean_j)^2 / sum_i t_i)`` (k,), ``t_i`` weight times trials of a row.

    Parameters
    ----------
    rows : Rows or Streamed
    low, high : (k,) arrays
        Ranges of the columns; where both are the same the deviation is exactly zero.
    """
    exponent = np.frexp(np.maximum(np.abs(low), np.abs(high)))[1]

    def of(block: Block) -> _Moments:
        times = np.ones(len(block.response))
        if block.response.ndim == 2:
            times = np.asarray(block.response.sum(axis=1), dtype=float)
        times = block.weighted(times)
        scaled = np.ldexp(block.X, -exponent)
        weight = float(times.sum())
        mean = times @ scaled / weight
        return _Moments(weight, mean, times @ (scaled - mean) ** 2)

    found = total(rows, of)
    deviations = np.ldexp(np.sqrt(found.squares / found.weight), exponent)
    return np.where(low == high, 0.0, deviations)
