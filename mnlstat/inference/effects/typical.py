"""Single rows that stand for many: at typical values, or at the means of the design."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.design.levels import Levelled
from mnlstat.inference.effects.asks import BY_LOGS, Ask, Changes, Rate
from mnlstat.inference.effects.places import Place, Places, Population, Rise

MEAN, MEDIAN, TYPICAL = "mean", "median", "typical"


@dataclass(frozen=True, eq=False)
class MeanPlace:
    """The mean row of each group: of the design, of its derivatives, of columns of the data.

    Attributes
    ----------
    weights, groups, offset : as of a place; one row for each group
    designs : (R, k) for each set of changes
    rises : of each derivative that is asked for
    columns : (R,) means of columns
    """

    weights: FloatArray
    groups: IntArray
    offset: FloatArray | None
    designs: Mapping[Changes, FloatArray]
    rises: Mapping[tuple[str, Changes], Rise]
    columns: Mapping[tuple[str, Changes], FloatArray]

    def design(self, changes: Changes = ()) -> FloatArray:
        """Mean rows of the design where columns of the data are changed."""
        return self.designs[changes]

    def rise(self, name: str, changes: Changes = ()) -> Rise:
        """Means of how they rise with a column of the data."""
        return self.rises[name, changes]

    def numbers(self, name: str, changes: Changes = ()) -> FloatArray:
        """Means of a column of the data."""
        return self.columns[name, changes]


@dataclass(frozen=True, eq=False)
class MeanPlaces:
    """A population of mean rows."""

    place: MeanPlace

    @property
    def n_groups(self) -> int:
        """R."""
        return len(self.place.weights)

    def places(self) -> Iterator[Place]:
        """The one block."""
        yield self.place

    def plain(self, name: str) -> None:
        """Nothing is known beforehand."""


class _Mean:
    """Weighted means in groups, of arrays (n, ...) that come block by block."""

    def __init__(self, R: int) -> None:
        self.R = R
        self.sums: Any = 0.0

    def add(self, place: Place, values: FloatArray) -> None:
        indicators = np.zeros((self.R, len(values)))
        indicators[place.groups, np.arange(len(values))] = place.weights
        self.sums = self.sums + indicators @ values

    def of(self, mass: FloatArray) -> FloatArray:
        sums: FloatArray = self.sums
        return sums / mass.reshape(-1, *(1,) * (sums.ndim - 1))


def mean_places(population: Population, asks: Sequence[Ask], k: int) -> MeanPlaces:
    """The mean rows of a population, for everything that will be asked of them."""
    R = population.n_groups
    mass, offset = _Mean(R), _Mean(R)
    designs = {ask.changes: _Mean(R) for ask in asks}
    rates = [ask for ask in asks if isinstance(ask, Rate)]
    rises = {(ask.name, ask.changes): _Mean(R) for ask in rates}
    columns = {(ask.name, ask.changes): _Mean(R) for ask in rates if ask.kind in BY_LOGS}
    has_offset = False
    for place in population.places():
        mass.add(place, np.ones(len(place.weights)))
        if place.offset is not None:
            has_offset = True
            offset.add(place, place.offset)
        for changes, mean in designs.items():
            mean.add(place, place.design(changes))
        for (name, changes), mean in rises.items():
            rise = place.rise(name, changes)
            full = np.zeros((len(place.weights), k))
            full[:, rise.columns] = rise.dX
            mean.add(place, full)
        for (name, changes), mean in columns.items():
            mean.add(place, place.numbers(name, changes))
    W = mass.of(np.ones(R))
    return MeanPlaces(
        MeanPlace(
            W,
            np.arange(R),
            offset.of(W) if has_offset else None,
            {changes: mean.of(W) for changes, mean in designs.items()},
            {key: Rise(np.arange(k), mean.of(W)) for key, mean in rises.items()},
            {key: mean.of(W) for key, mean in columns.items()},
        )
    )


def typical_frame(places: Places, how: str) -> pd.DataFrame:
    """One row for each group: means or medians of numbers, the most frequent level of factors.

    Of levels that are equally frequent the first counts.  Rows count by their weights.
    """
    spec = places.learned.spec
    rows = spec.rows(places.frame)
    columns = dict[str, Any]()
    for variable in spec.predictors:
        column = rows.columns[variable.name]
        number = variable.role == "number" and not column.is_levelled
        columns[variable.name] = [
            _number(column.numbers()[own], places.weights[own], how)
            if number
            else _mode(column.levelled(own), places.weights[own])
            for own in (places.groups == r for r in range(places.n_groups))
        ]
    return pd.DataFrame({name: pd.Series(values) for name, values in columns.items()})


def _number(values: FloatArray, weights: FloatArray, how: str) -> float:
    if how == TYPICAL:
        return float(np.average(values, weights=weights))
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    half = reached[-1] / 2.0
    low = int(np.searchsorted(reached, half))
    between = low + 1 < len(values) and reached[low] == half
    return float(values[order[low : low + 1 + between]].mean())


def _mode(levelled: Levelled, weights: FloatArray) -> Any:
    counts = np.bincount(levelled.codes, weights, minlength=len(levelled.levels))
    return levelled.levels[int(counts.argmax())]


def typical_places(places: Places, how: str) -> Places:
    """A population of one typical row for each group."""
    mass = np.bincount(places.groups, places.weights, minlength=places.n_groups)
    offset = None
    if places.offset is not None:
        indicators = np.zeros((places.n_groups, len(places)))
        indicators[places.groups, np.arange(len(places))] = places.weights
        offset = indicators @ places.offset / mass[:, None]
    frame = typical_frame(places, how)
    return replace(
        places,
        read=lambda: frame,
        known=None,
        weights=np.asarray(mass, dtype=float),
        groups=np.arange(places.n_groups),
        offset=offset,
    )
