"""What rows that are read in pieces hold: typical rows, spreads of numbers, shares of levels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray
from mnlstat.design.levels import Levelled
from mnlstat.design.variables import Variable
from mnlstat.inference.effects.gathered import Frequencies, Numbers, Values
from mnlstat.inference.effects.pieces import Pieces
from mnlstat.inference.effects.places import DataPlace, Places
from mnlstat.inference.effects.typical import MEDIAN, offset_columns

Gatherer: TypeAlias = "Numbers | Values | Frequencies"
Content: TypeAlias = "FloatArray | Levelled"


def contents(
    population: Pieces, variables: Sequence[Variable]
) -> Iterator[tuple[DataPlace, dict[str, Content]]]:
    """The blocks of a pass, and what the variables hold in each: numbers, or levels."""
    for place in population.places():
        yield place, {each.name: _content(each, place) for each in variables}


def offsets_in(place: DataPlace) -> dict[str, FloatArray]:
    """Columns of a block that only the offset reads."""
    return offset_columns(place.learned.spec, place.frame())


def _content(variable: Variable, place: DataPlace) -> Content:
    column = place.column(variable.name)
    number = variable.role == "number" and not column.is_levelled
    return column.numbers() if number else column.levelled()


def typical_in_pieces(population: Pieces, how: str) -> Places:
    """A population of one typical row for each group, from one pass.

    Means or medians of numbers, the most frequent level of factors.
    """
    R, spec = population.n_groups, population.learned.spec
    found, mass = dict[str, list[Gatherer]](), np.zeros(R)
    for place, columns in contents(population, spec.predictors):
        mass += np.bincount(place.groups, place.weights, minlength=R)
        own = {r: place.groups == r for r in np.unique(place.groups).tolist()}
        for name, content in {**columns, **offsets_in(place)}.items():
            if name not in found:
                found[name] = [_gatherer(name, content, how) for _ in range(R)]
            for r, rows in own.items():
                _add(found[name][r], content, rows, place.weights)
    frame = pd.DataFrame(
        {name: pd.Series([each.typical for each in groups]) for name, groups in found.items()},
        index=range(R),
    )
    offset = None if spec.offset is None else spec.offset.of(frame, len(spec.response.labels))
    return Places(population.learned, lambda: frame, mass, np.arange(R), R, offset)


def _gatherer(name: str, content: Content, how: str) -> Gatherer:
    if isinstance(content, Levelled):
        return Frequencies()
    return Values(name) if how == MEDIAN else Numbers()


def _add(gatherer: Gatherer, content: Content, rows: Any, weights: FloatArray) -> None:
    """Take in those rows of a block."""
    if isinstance(gatherer, Frequencies):
        assert isinstance(content, Levelled)
        gatherer.add(replace(content, codes=content.codes[rows]), weights[rows])
    else:
        assert not isinstance(content, Levelled)
        gatherer.add(content[rows], weights[rows])


def numbers_of(population: Pieces) -> dict[str, Numbers]:
    """Moments and ranges of all variables that hold numbers, from one pass."""
    found = dict[str, Numbers]()
    numbers = [each for each in population.learned.spec.predictors if each.role != "factor"]
    for place, columns in contents(population, [replace(each, role="number") for each in numbers]):
        for name, content in columns.items():
            if not isinstance(content, Levelled):
                found.setdefault(name, Numbers()).add(content, place.weights)
    return found


@dataclass(frozen=True, eq=False)
class Spreads:
    """How the numbers of a population in pieces are spread; passes are made when asked for."""

    population: Pieces

    @cached_property
    def numbers(self) -> dict[str, Numbers]:
        """Of each variable that holds numbers."""
        return numbers_of(self.population)

    def of(self, name: str) -> PassedOver:
        """That of one column."""
        return PassedOver(name, self)


@dataclass(frozen=True, eq=False)
class PassedOver:
    """How a column of numbers is spread, from a pass over its rows."""

    name: str
    spreads: Spreads

    @property
    def whole(self) -> bool:
        """Whether all are whole numbers."""
        return self.spreads.numbers[self.name].whole

    def deviation(self) -> float:
        """Standard deviation of as many rows as the weights sum to."""
        return self.spreads.numbers[self.name].deviation()

    def extremes(self) -> tuple[float, float]:
        """The smallest and the largest number."""
        return self.spreads.numbers[self.name].extremes()

    def quartiles(self) -> tuple[float, float]:
        """The first and the third quartile, from a pass of their own."""
        found = Values(self.name)
        for place in self.spreads.population.places():
            found.add(place.column(self.name).numbers(), place.weights)
        return found.quartiles()


def values_and_shares(
    population: Pieces, variables: Sequence[Variable]
) -> tuple[dict[str, tuple[list[Any], FloatArray | None]], dict[str, float]]:
    """Levels with their shares of the rows, means of numbers, means of offsets: one pass.

    Rows count by their weights.
    """
    found, offsets = dict[str, Gatherer](), dict[str, Numbers]()
    for place, columns in contents(population, variables):
        for name, content in columns.items():
            fresh = Frequencies() if isinstance(content, Levelled) else Numbers()
            _add(found.setdefault(name, fresh), content, slice(None), place.weights)
        for name, numbers in offsets_in(place).items():
            offsets.setdefault(name, Numbers()).add(numbers, place.weights)
    values = dict[str, tuple[list[Any], FloatArray | None]]()
    for each in variables:
        gathered = found[each.name]
        if isinstance(gathered, Frequencies):
            levels = list(gathered.levels if each.levels is None else each.levels)
            values[each.name] = levels, gathered.shares(levels)
        else:
            values[each.name] = [gathered.typical], None
    return values, {name: each.typical for name, each in offsets.items()}
