"""Marginal means: probabilities averaged over a reference grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray
from mnlstat.design.variables import Variable, not_read
from mnlstat.errors import OptionError
from mnlstat.inference.effects.asks import Level
from mnlstat.inference.effects.described import values_and_shares
from mnlstat.inference.effects.functions import LEVEL, Item
from mnlstat.inference.effects.grid import Grid
from mnlstat.inference.effects.pieces import AnyRows, Pieces
from mnlstat.inference.effects.places import Places
from mnlstat.inference.effects.typical import offset_columns
from mnlstat.inference.effects.variables import wanted
from mnlstat.options import shown
from mnlstat.report.effects import Effects, key_named
from mnlstat.results.asking import Shown, answer
from mnlstat.results.populations import Asked
from mnlstat.results.populations_in_pieces import rows_of_fit
from mnlstat.results.scenarios import OVERALL, Where, listed

EQUAL, PROPORTIONAL = "equal", "proportional"
WEIGHTS = (EQUAL, PROPORTIONAL)


def ask_means(fit: Asked, factors: Any, at: Any, weights: str, shown_as: Shown) -> Effects:
    """The table of marginal means of the combinations of levels of some factors."""
    caller = "marginal_means()"
    places, _ = rows_of_fit(fit, None, caller)
    named = _factors(fit, factors)
    given = _given(fit, at)
    values, shares = dict[str, list[Any]](), dict[str, FloatArray]()
    variables = fit.spec.predictors
    found, offsets = _found(places, [each for each in variables if each.name not in given])
    found |= {name: ([mean], None) for name, mean in offsets.items()}
    variables += tuple(Variable(name, "number") for name in offsets)
    for variable in variables:
        if variable.name in given:
            values[variable.name] = given[variable.name]
            continue
        values[variable.name], share = found[variable.name]
        if share is not None and weights == PROPORTIONAL:
            shares[variable.name] = share
    order = (*named, *(each for each in variables if each not in named))
    grid = Grid.of(order, values, shares if weights == PROPORTIONAL else None)
    groups, keys = _groups(grid.frame, [each.name for each in named], values)
    frame = grid.frame
    population = Places(
        places.learned, lambda: frame, grid.weights, groups, len(keys), _offset(places, frame)
    )
    where = Where(OVERALL, ((),), None, frame, caller, facts=_facts(order, values, weights))
    title = f"Marginal means of {' and '.join(each.name for each in named)}: probabilities"
    items = [Item(LEVEL, (Level(),))]
    return answer(fit, title, items, {}, population, keys, where, shown_as)


def _facts(
    variables: Sequence[Variable], values: Mapping[str, list[Any]], weights: str
) -> tuple[tuple[str, str], ...]:
    """The grid in words."""
    single = [
        f"{each.name} = {_short(values[each.name][0])}"
        for each in variables
        if len(values[each.name]) == 1
    ]
    crossed = [
        f"{each.name} ({len(values[each.name])})"
        for each in variables
        if len(values[each.name]) > 1
    ]
    facts = [("Grid", " x ".join(crossed) + f", {weights} weights")] if crossed else []
    return (*facts, *([("Held at", ", ".join(single))] if single else []))


def _short(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _factors(fit: Asked, given: Any) -> tuple[Variable, ...]:
    found = wanted(fit.spec, given)
    if given is None:
        found = tuple(each for each in found if each.role == "factor")
        if not found:
            raise OptionError(
                "no-factors",
                "marginal_means(): the formula has no factor; average_predictions(at=...) averages"
                " probabilities at values of numbers.",
            )
    return found


def _given(fit: Asked, at: Any) -> dict[str, list[Any]]:
    if at is None:
        return {}
    if not isinstance(at, Mapping):
        raise OptionError(
            "at-unreadable",
            f'at={shown(at)} must be a dict of columns and values, at={{"age": [20, 40]}}.',
        )
    for name in at:
        if name not in fit.spec.read_names:
            raise not_read(fit.spec, name)
    return {name: listed(name, value) for name, value in at.items()}


def _found(
    places: AnyRows, variables: Sequence[Variable]
) -> tuple[dict[str, tuple[list[Any], FloatArray | None]], dict[str, float]]:
    """Values of the variables in the grid, and means of what only the offset reads."""
    if isinstance(places, Pieces):
        return values_and_shares(places, variables)
    return {each.name: _values(places, each) for each in variables}, _offset_means(places)


def _values(places: Places, variable: Variable) -> tuple[list[Any], FloatArray | None]:
    """Values in the grid: levels with their shares of the rows, or the mean of numbers."""
    column = places.rows.columns[variable.name]
    if variable.role == "number" and not column.is_levelled:
        return [float(np.average(column.numbers(), weights=places.weights))], None
    levelled = column.levelled()
    counts = np.bincount(levelled.codes, places.weights, minlength=len(levelled.levels))
    levels = list(levelled.levels if variable.levels is None else variable.levels)
    place = {level: at for at, level in enumerate(levelled.levels)}
    share = np.array([counts[place[level]] if level in place else 0.0 for level in levels])
    return levels, share / share.sum()


def _groups(
    frame: pd.DataFrame, names: list[str], values: Mapping[str, list[Any]]
) -> tuple[Any, pd.DataFrame]:
    """Group of each row of the grid, whose first columns vary slowest."""
    R = int(np.prod([len(values[name]) for name in names]))
    each = len(frame) // R
    codes = np.repeat(np.arange(R), each)
    keys = frame.loc[:: max(each, 1), names].reset_index(drop=True)
    return codes, keys.rename(columns=key_named)


def _offset_means(places: Places) -> dict[str, float]:
    """Means of what only the offset reads."""
    columns = offset_columns(places.learned.spec, places.frame)
    return {
        name: float(np.average(values, weights=places.weights)) for name, values in columns.items()
    }


def _offset(places: AnyRows, frame: pd.DataFrame) -> FloatArray | None:
    """The offset of the rows of the grid; its mean where it was given as numbers."""
    spec = places.learned.spec
    if spec.offset is None:
        return None
    if spec.offset.columns is not None:
        return spec.offset.of(frame, len(spec.response.labels))
    if isinstance(places, Pieces) or places.offset is None:
        return None
    mean = np.average(places.offset, axis=0, weights=places.weights)
    return np.tile(mean, (len(frame), 1))
