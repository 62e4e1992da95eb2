"""Which rows are looked at, and what their variables hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import pandas as pd

from mnlstat.design.variables import Variable
from mnlstat.errors import OptionError
from mnlstat.inference.effects.described import Spreads, numbers_of
from mnlstat.inference.effects.pieces import AnyRows, Pieces
from mnlstat.inference.effects.places import Places
from mnlstat.inference.effects.steps import Held, Spread
from mnlstat.options import shown
from mnlstat.report.effects import key_named
from mnlstat.results.populations import Looked
from mnlstat.results.populations_in_pieces import rows_of_data, rows_of_fit
from mnlstat.results.scenarios import Where


def population_of(fit: Looked, where: Where) -> tuple[AnyRows, pd.DataFrame]:
    """The rows, and what their groups are called."""
    if where.data is None:
        population, groups = rows_of_fit(fit, where.by, where.caller)
    else:
        population, groups = rows_of_data(fit, where.data, where.by, where.caller)
    for name in where.set_columns:
        if name in groups.columns:
            raise OptionError(
                "set-and-grouped",
                f"{where.caller}: at sets {shown(name)} in all rows, and by groups rows by it.\n"
                "Leave one of them out, or give by a copy of the column under another name.",
            )
    return population, groups.rename(columns=key_named)


def spread_of(fit: Looked, where: Where) -> Callable[[str], Callable[[], Spread]]:
    """Gives, for a column, what tells how its numbers are spread; rows are read when it is asked.

    Data in pieces are read once for all columns, and once more for each that asks for quartiles.
    """
    found = list[Spreads]()

    def spread(name: str) -> Spread:
        population, _ = (None, None) if found else population_of(fit, where)
        if isinstance(population, Places):
            column = population.rows.columns[name].numbers()
            return Held(column, population.weights)
        if population is not None:
            found.append(Spreads(population))
        return found[0].of(name)

    return lambda name: partial(spread, name)


def seen(fit: Looked, variables: Sequence[Variable], where: Where) -> tuple[Variable, ...]:
    """The variables, and which of them are 0 or 1 in all rows that are looked at."""
    population, _ = population_of(fit, where)
    if isinstance(population, Pieces):
        numbers = numbers_of(population)
        return tuple(
            replace(each, binary=numbers[each.name].binary)
            if each.role != "factor" and each.name in numbers
            else each
            for each in variables
        )
    return tuple(each.seen_in(population.rows) for each in variables)
