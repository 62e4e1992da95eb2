"""What columns of the data hold, gathered block by block."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.design.levels import Levelled, ascending
from mnlstat.errors import DataError
from mnlstat.inference.effects.steps import quantile
from mnlstat.options import shown

# Different values of a column that are kept for its quantiles.
MOST_VALUES = 2**20


class Numbers:
    """Mass, mean, squared deviations and range of numbers.

    References
    ----------
    Chan, T. F., Golub, G. H. & LeVeque, R. J. (1983). Algorithms for computing the sample variance.
    *American Statistician* 37, 242-247.
    """

    def __init__(self) -> None:
        self.mass = self.mean = self.squares = 0.0
        self.low, self.high = np.inf, -np.inf
        self.whole = self.only_binary = True

    def add(self, values: FloatArray, weights: FloatArray) -> None:
        """Take in some rows."""
        if not len(values):
            return
        mass = float(weights.sum())
        mean = float(weights @ values) / mass
        squares = float(weights @ np.square(values - mean))
        total, gap = self.mass + mass, mean - self.mean
        self.squares += squares + gap * gap * (self.mass * mass / total)
        self.mean += gap * (mass / total)
        self.mass = total
        self.low, self.high = min(self.low, values.min()), max(self.high, values.max())
        self.whole = self.whole and np.array_equal(values, np.rint(values))
        self.only_binary = self.only_binary and bool(((values == 0) | (values == 1)).all())

    @property
    def typical(self) -> float:
        """The mean."""
        return float(self.mean)

    @property
    def binary(self) -> bool:
        """Whether the numbers are 0 and 1, both of them, and nothing else."""
        return self.only_binary and self.low == 0 and self.high == 1

    def deviation(self) -> float:
        """Standard deviation of as many rows as the weights sum to."""
        return float(np.sqrt(self.squares / max(self.mass - 1.0, 1.0)))

    def extremes(self) -> tuple[float, float]:
        """The smallest and the largest number."""
        return float(self.low), float(self.high)


class Values:
    """The different values of a column of numbers, and what they weigh."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._values, self._weights = np.zeros(0), np.zeros(0)
        self._waiting = list[tuple[FloatArray, FloatArray]]()

    def add(self, values: FloatArray, weights: FloatArray) -> None:
        """Take in some rows.

        Raises
        ------
        DataError
            For more different values than are kept.
        """
        self._waiting.append(_distinct(values, weights))
        if sum(len(found) for found, _ in self._waiting) > max(len(self._values), 2**16):
            self._merge()

    def _merge(self) -> None:
        parts = [(self._values, self._weights), *self._waiting]
        values, weights = (np.concatenate(each) for each in zip(*parts, strict=True))
        self._values, self._weights = _distinct(values, weights)
        self._waiting = []
        if len(self._values) > MOST_VALUES:
            raise DataError(
                "too-many-values",
                f"column {shown(self.name)} has more than {MOST_VALUES} different values, which a"
                " median or quartiles of data that are read in pieces need together.\n"
                "Give numbers instead, of a sample of the rows; or means, or a standard deviation.",
            )

    def sorted(self) -> tuple[FloatArray, FloatArray]:
        """The values in ascending order, and their weights."""
        self._merge()
        return self._values, self._weights

    @property
    def typical(self) -> float:
        """The median."""
        return quantile(*self.sorted(), 0.5)

    def quartiles(self) -> tuple[float, float]:
        """The first and the third quartile."""
        values, weights = self.sorted()
        return quantile(values, weights, 0.25), quantile(values, weights, 0.75)


def _distinct(values: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    found, places = np.unique(values, return_inverse=True)
    sums = np.bincount(places.ravel(), weights, minlength=len(found))
    return found, sums.astype(float)


class Frequencies:
    """Weights of the levels of a column."""

    def __init__(self) -> None:
        self.weights = dict[Any, float]()
        self._levels: tuple[Any, ...] | None = None

    def add(self, levelled: Levelled, weights: FloatArray) -> None:
        """Take in some rows."""
        levels = levelled.levels
        if self._levels is None:
            self._levels = levels
        elif self._levels != levels:
            both = list(dict.fromkeys([*self._levels, *levels]))
            self._levels = tuple(both[at] for at in ascending(both))
        found = np.bincount(levelled.codes, weights, minlength=len(levels))
        for level, weight in zip(levels, found.tolist(), strict=True):
            self.weights[level] = self.weights.get(level, 0.0) + weight

    @property
    def levels(self) -> tuple[Any, ...]:
        """All levels, in their order."""
        return self._levels or ()

    @property
    def typical(self) -> Any:
        """The most frequent level; of equals the first."""
        return max(self.levels, key=lambda level: self.weights[level])

    def shares(self, levels: Sequence[Any]) -> FloatArray:
        """The shares of some levels."""
        found = np.array([self.weights.get(level, 0.0) for level in levels])
        return np.asarray(found / found.sum())
