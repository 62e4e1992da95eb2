"""Single rows that stand for many: at typical values, or at the means of the design."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.design.levels import Levelled
from mnlstat.design.offsets import read_columns
from mnlstat.design.spec import DesignSpec
from mnlstat.inference.effects.asks import BY_LOGS, Ask, Changes, Rate
from mnlstat.inference.effects.places import Place, Places, Population, Rise

MEAN, MEDIAN, TYPICAL = "mean", "median", "typical"


@dataclass(frozen=True, eq=False)
class MeanPlace:
    """The mean row of each group: of the design, of its derivatives, of columns of the data.

    Attributes
    ----------
    weights, groups : as of a place; one row for each group
    offsets : (R, J) for each set of changes; empty without offset
    designs : (R, k) for each set of changes
    rises : of each derivative that is asked for
    columns : (R,) means of columns
    """

    weights: FloatArray
    groups: IntArray
    offsets: Mapping[Changes, FloatArray]
    designs: Mapping[Changes, FloatArray]
    rises: Mapping[tuple[str, Changes], Rise]
    columns: Mapping[tuple[str, Changes], FloatArray]

    def design(self, changes: Changes = ()) -> FloatArray:
        """Mean rows of the design where columns of the data are changed."""
        return self.designs[changes]

    def shift(self, changes: Changes = ()) -> FloatArray | None:
        """Means of the offset, if any, where columns of the data are changed."""
        return self.offsets.get(changes)

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
        self.any = False

    def add(self, place: Place | Places, values: FloatArray) -> None:
        if not self.any:
            self.sums, self.any = np.zeros((self.R, *values.shape[1:])), True
        order = np.argsort(place.groups, kind="stable")
        there, starts = np.unique(place.groups[order], return_index=True)
        weighted = (values.T * place.weights).T[order]
        self.sums[there] += np.add.reduceat(weighted, starts, axis=0)

    def of(self, mass: FloatArray) -> FloatArray:
        sums: FloatArray = self.sums
        return sums / mass.reshape(-1, *(1,) * (sums.ndim - 1))


def mean_places(population: Population, asks: Sequence[Ask], k: int) -> MeanPlaces:
    """The mean rows of a population, for everything that will be asked of them."""
    R = population.n_groups
    mass = _Mean(R)
    designs = {ask.changes: _Mean(R) for ask in asks}
    offsets = {changes: _Mean(R) for changes in designs}
    rates = [ask for ask in asks if isinstance(ask, Rate)]
    rises = {(ask.name, ask.changes): _Mean(R) for ask in rates}
    rising = {key: _Mean(R) for key in rises}
    columns = {(ask.name, ask.changes): _Mean(R) for ask in rates if ask.kind in BY_LOGS}
    for place in population.places():
        mass.add(place, np.ones(len(place.weights)))
        for changes, mean in designs.items():
            mean.add(place, place.design(changes))
            shift = place.shift(changes)
            if shift is not None:
                offsets[changes].add(place, shift)
        for (name, changes), mean in rises.items():
            rise = place.rise(name, changes)
            full = np.zeros((len(place.weights), k))
            full[:, rise.columns] = rise.dX
            mean.add(place, full)
            if rise.offset is not None:
                rising[name, changes].add(place, rise.offset)
        for (name, changes), mean in columns.items():
            mean.add(place, place.numbers(name, changes))
    W = mass.of(np.ones(R))
    return MeanPlaces(
        MeanPlace(
            W,
            np.arange(R),
            {changes: mean.of(W) for changes, mean in offsets.items() if mean.any},
            {changes: mean.of(W) for changes, mean in designs.items()},
            {
                key: Rise(np.arange(k), mean.of(W), rising[key].of(W) if rising[key].any else None)
                for key, mean in rises.items()
            },
            {key: mean.of(W) for key, mean in columns.items()},
        )
    )


def typical_frame(places: Places, how: str) -> pd.DataFrame:
    """One row for each group: means or medians of numbers, the most frequent level of factors.

    Of levels that are equally frequent the first counts.  Rows count by their weights.
    """
    spec = places.learned.spec
    rows = places.rows
    columns = dict[str, Any]()
    order = np.argsort(places.groups, kind="stable")
    ends = np.cumsum(np.bincount(places.groups, minlength=places.n_groups))
    groups = np.split(order, ends[:-1])
    for variable in spec.predictors:
        column = rows.columns[variable.name]
        number = variable.role == "number" and not column.is_levelled
        columns[variable.name] = [
            _number(column.numbers()[own], places.weights[own], how)
            if number
            else _mode(column.levelled(own), places.weights[own])
            for own in groups
        ]
    for name, values in offset_columns(spec, places.frame).items():
        columns[name] = [_number(values[own], places.weights[own], how) for own in groups]
    return pd.DataFrame({name: pd.Series(values) for name, values in columns.items()})


def offset_columns(spec: DesignSpec, frame: Any) -> dict[str, FloatArray]:
    """Columns of numbers that only the offset reads."""
    names = () if spec.offset is None else spec.offset.names
    others = tuple(name for name in names if name not in spec.variables)
    found = read_columns(frame, others)
    return {name: found[name].numbers() for name in others}


def offset_at(places: Places, frame: pd.DataFrame) -> FloatArray | None:
    """The offset at rows that stand for the groups, or its means where it was given as numbers."""
    if places.offset is None:
        return None
    offset = places.learned.spec.offset
    if offset is not None and offset.columns is not None:
        return offset.of(frame, places.offset.shape[1])
    mean = _Mean(places.n_groups)
    mean.add(places, places.offset)
    mass = _Mean(places.n_groups)
    mass.add(places, np.ones(len(places)))
    return mean.of(mass.of(np.ones(places.n_groups)))


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
    """A population of one typical row for each group.

    The offset is that of the typical row; its mean where it was given as numbers.
    """
    mass = np.bincount(places.groups, places.weights, minlength=places.n_groups)
    frame = typical_frame(places, how)
    offset = offset_at(places, frame)
    return replace(
        places,
        read=lambda: frame,
        known=None,
        weights=np.asarray(mass, dtype=float),
        groups=np.arange(places.n_groups),
        offset=offset,
    )
