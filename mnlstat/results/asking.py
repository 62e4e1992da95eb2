"""From what is asked to a table of effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from mnlstat.errors import DataError, OptionError
from mnlstat.inference.effects.asks import Changes, Level, Set, value_of
from mnlstat.inference.effects.estimands import IDENTITY, LOG, LOGIT, Estimands
from mnlstat.inference.effects.functions import (
    LEVEL,
    LOGARITHMS,
    Item,
    functions_of,
)
from mnlstat.inference.effects.influence import Looks
from mnlstat.inference.effects.pieces import AnyRows, Pieces
from mnlstat.inference.effects.places import Places
from mnlstat.inference.effects.variables import Effect
from mnlstat.options import check_choice, shown
from mnlstat.report.effects import OUTCOME, ROW, Effects, key_named
from mnlstat.results.averaging import fitted_of, means_of, means_of_rows
from mnlstat.results.looked_at import population_of
from mnlstat.results.populations import Asked
from mnlstat.results.quantities import quantity_of
from mnlstat.results.scenarios import Where
from mnlstat.results.tested import NO_TEST
from mnlstat.results.together import unions_of
from mnlstat.results.told import facts_of, notes_of, titled

PROBABILITY = "probability"


@dataclass(frozen=True, eq=False)
class Shown:
    """How a table is shown: outcomes taken together, level, adjustment, scale."""

    combine: Any
    alpha: float
    adjust: str
    scale: str = IDENTITY


def scale_of(scale: str) -> str:
    """The scale of a table of probabilities."""
    chosen = check_choice("scale", scale, (LOGIT, PROBABILITY))
    return LOGIT if chosen == LOGIT else IDENTITY


def ask_effects(
    fit: Asked, what: str, effects: Sequence[Effect], where: Where, shown_as: Shown
) -> Effects:
    """The table of effects, at every scenario and in every group."""
    _check_not_set(effects, where)
    pairs = [(effect, changes) for effect in effects for changes in where.scenarios]
    columns: dict[str, list[Any]] = {
        "variable": [effect.variable for effect, _ in pairs],
        "contrast": [effect.contrast for effect, _ in pairs],
    }
    items = [effect.item(changes) for effect, changes in pairs]
    columns |= _set_to([changes for _, changes in pairs])
    title = titled(what, where)
    population, groups = population_of(fit, where)
    table = answer(fit, title, items, columns, population, groups, where, shown_as)
    return replace(table, quantity=quantity_of(effects))


def ask_predictions(fit: Asked, where: Where, shown_as: Shown) -> Effects:
    """The table of averaged probabilities, at every scenario and in every group."""
    items = [Item(LEVEL, (Level(changes),)) for changes in where.scenarios]
    population, groups = population_of(fit, where)
    title = titled("probabilities", where)
    return answer(fit, title, items, _set_to(where.scenarios), population, groups, where, shown_as)


def answer(
    fit: Asked,
    title: str,
    items: Sequence[Item],
    columns: Mapping[str, list[Any]],
    population: AnyRows,
    groups: pd.DataFrame,
    where: Where,
    shown_as: Shown,
) -> Effects:
    """The functions of means over a population, with what each is of."""
    labels, unions = unions_of(fit.outcomes, shown_as.combine)
    if where.each_row:
        if isinstance(population, Pieces):
            raise DataError(
                "read-in-pieces",
                f"{where.caller}: at='rows' gives a row for each row of the data, and these are"
                " read in pieces because they are many.\nGive the rows of interest as a frame,"
                " data=, or ask for averages.",
            )
        groups = pd.DataFrame({ROW: population.labels})
        parts = means_of_rows(fit, population, items, unions)
    else:
        parts = [means_of(fit, population, where.place, items, unions)]
    functions = functions_of(parts, items)
    estimands = Estimands.of(functions, fit.estimates.covariance)
    if where.sampling is not None:
        assert isinstance(population, Places)  # it was refused of data in pieces
        looks = Looks(fitted_of(fit), population, items, parts[0], unions)
        estimands = Estimands(functions.values, where.sampling.of(functions, looks))
    logs = any(item.kind in LOGARITHMS for item in items)
    return Effects(
        title,
        facts_of(fit, estimands.covariance.kind, population, where),
        _keys(columns, len(items), groups, labels),
        estimands,
        shown_as.alpha,
        shown_as.adjust,
        LOG if logs else shown_as.scale,
        notes_of(fit, population.learned, estimands),
        response=(fit.response_name, fit.outcomes),
        no_test="" if fit.shrinkage is None else NO_TEST,
    )


def _set_to(scenarios: Sequence[Changes]) -> dict[str, list[Any]]:
    """Columns of a table that tell the scenarios."""
    found = dict[str, list[Any]]()
    for changes in scenarios:
        for name, change in changes:
            found.setdefault(key_named(name), []).append(value_of(change))
    return found


def _check_not_set(effects: Sequence[Effect], where: Where) -> None:
    """Refuse values of a variable whose values are compared."""
    for effect in effects:
        fixed = any(isinstance(change, Set) for change in effect.compared)
        if fixed and effect.variable in where.set_columns:
            raise OptionError(
                "set-and-compared",
                f"{where.caller}: at sets {shown(effect.variable)}, of which"
                f" {effect.contrast} is compared.\nName other variables, or other columns in at.",
            )


def _keys(
    columns: Mapping[str, list[Any]], n: int, groups: pd.DataFrame, labels: Sequence[Any]
) -> pd.DataFrame:
    """What each estimate is of; outcomes run fastest, then groups, then the n items."""
    R, S = len(groups), len(labels)
    keys = {name: [v for v in values for _ in range(R * S)] for name, values in columns.items()}
    for name in groups.columns:
        keys[str(name)] = [v for v in groups[name].tolist() for _ in range(S)] * n
    keys[OUTCOME] = list(labels) * (R * n)
    return pd.DataFrame(keys)
