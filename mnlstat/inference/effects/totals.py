"""One pass over rows for everything that is asked of their probabilities."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.inference.effects.asks import BY_LOGS, DYDX, OF_LOGS, Ask, Changes, Level, Rate
from mnlstat.inference.effects.cubes import Cubes
from mnlstat.inference.effects.limits import infinite_slopes
from mnlstat.inference.effects.places import Place, Population, Rise
from mnlstat.inference.effects.rowwise import log_slope_rows, probability_rows, slope_rows
from mnlstat.inference.effects.sums import (
    Rows,
    Slope,
    Sums,
    log_slope_sums,
    probability_sums,
    slope_sums,
)
from mnlstat.inference.infinity import Infinity
from mnlstat.rows.threads import one_blas_thread

# pi (J, n) of a design (n, k) with offsets (n, J) or None.
Probable: TypeAlias = "Callable[[FloatArray, FloatArray | None], FloatArray]"


@dataclass(frozen=True, eq=False)
class Fitted:
    """Coefficients and the probabilities that they give.

    Attributes
    ----------
    B : (J, k) coefficients of the kept columns; zeros for the base
    base : position of the base
    probabilities : of rows of a design
    infinity : which of the coefficients are infinite
    """

    B: FloatArray
    base: int
    probabilities: Probable
    infinity: Infinity | None = None


def totals(
    fitted: Fitted,
    population: Population,
    asks: Sequence[Ask],
    unions: FloatArray | None = None,
) -> dict[Ask, Sums]:
    """Sums over the rows of each group for everything that is asked, in one pass.

    ``unions`` (S, J) tells which outcomes are taken together, in derivatives of logarithms.
    """
    plain = {} if fitted.infinity is not None else _plain(population, asks)
    found, cubes = dict[Ask, Sums](), dict[Changes, dict[int, Cubes]]()
    by_changes = dict[Changes, list[Ask]]()
    for ask in asks:
        by_changes.setdefault(ask.changes, []).append(ask)
    with one_blas_thread():
        for place in population.places():
            for changes, same in by_changes.items():
                rows = _rows(fitted, place, changes)
                if any(ask in plain for ask in same):
                    own = _cubes(rows, population.n_groups, place.groups)
                    cubes[changes] = _merged(cubes.get(changes, {}), own)
                others = [ask for ask in same if ask not in plain]
                for ask, sums in _of_rows(fitted, place, population.n_groups, rows, others, unions):
                    found[ask] = sums if ask not in found else found[ask].merge(sums)
    for ask, dx in plain.items():
        rise = fitted.B @ dx
        slopes = {r: each.slopes(dx, rise) for r, each in cubes[ask.changes].items()}
        found[ask] = Sums.spread(population.n_groups, slopes)
    return found


def _plain(population: Population, asks: Sequence[Ask]) -> dict[Ask, FloatArray]:
    """Derivatives in variables that enter as they are, where they save work."""
    found = dict[Ask, FloatArray]()
    for ask in asks:
        if isinstance(ask, Rate) and ask.kind == DYDX:
            dx = population.plain(ask.name)
            if dx is not None:
                found[ask] = dx
    return found


def _rows(fitted: Fitted, place: Place, changes: Changes) -> Rows:
    X = place.design(changes)
    return Rows(X, fitted.probabilities(X, place.shift(changes)), place.weights)


def _cubes(rows: Rows, R: int, groups: IntArray) -> dict[int, Cubes]:
    if R == 1:
        return {0: Cubes.of(rows)}
    return {group: Cubes.of(rows.part(some)) for group, some in _groups(groups)}


def _merged(one: dict[int, Cubes], other: dict[int, Cubes]) -> dict[int, Cubes]:
    both = {r: one[r].merge(other[r]) for r in one.keys() & other.keys()}
    return one | other | both


def _of_rows(
    fitted: Fitted,
    place: Place,
    R: int,
    rows: Rows,
    asks: Sequence[Ask],
    unions: FloatArray | None,
) -> Iterator[tuple[Ask, Sums]]:
    """What one block adds."""
    for ask in asks:
        if isinstance(ask, Level):
            yield ask, grouped(R, place.groups, rows, None, lambda some, _: probability_sums(some))
            continue
        slope = slope_of(fitted, place, ask, rows.pi)
        sums = partial(log_slope_sums, unions=unions) if ask.kind in OF_LOGS else slope_sums
        yield ask, grouped(R, place.groups, rows, slope, sums)


def row_by_row(
    fitted: Fitted, place: Place, asks: Sequence[Ask], unions: FloatArray | None = None
) -> dict[Ask, Sums]:
    """What is asked of the rows of a place, each row a group."""
    found = dict[Ask, Sums]()
    with one_blas_thread():
        for ask in asks:
            rows = _rows(fitted, place, ask.changes)
            if isinstance(ask, Level):
                found[ask] = probability_rows(rows)
                continue
            slope = slope_of(fitted, place, ask, rows.pi)
            if ask.kind in OF_LOGS:
                found[ask] = log_slope_rows(rows, slope, unions)
            else:
                found[ask] = slope_rows(rows, slope)
    return found


def slope_of(
    fitted: Fitted, place: Place, ask: Rate, pi: FloatArray, rise: Rise | None = None
) -> Slope:
    """How linear predictors rise at the rows of a place, which have probabilities (J, n).

    NaN at rows where infinite coefficients make the slope infinite.
    """
    rise = place.rise(ask.name, ask.changes) if rise is None else rise
    by = place.numbers(ask.name, ask.changes) if ask.kind in BY_LOGS else None
    predictors = fitted.B[:, rise.columns] @ rise.dX.T
    if rise.offset is not None:
        predictors += rise.offset.T
    if fitted.infinity is not None:
        full = np.zeros((len(rise.dX), fitted.B.shape[1]))
        full[:, rise.columns] = rise.dX
        infinite = infinite_slopes(
            fitted.infinity, full, pi, fitted.base, of_logs=ask.kind in OF_LOGS
        )
        predictors[:, infinite] = np.nan
    return Slope(rise.columns, rise.dX, predictors, by)


def grouped(
    R: int,
    groups: IntArray,
    rows: Rows,
    slope: Slope | None,
    sums: Callable[[Rows, Any], Sums],
) -> Sums:
    """Sums over the rows of each group."""
    if R == 1:
        return sums(rows, slope)
    parts = {
        group: sums(rows.part(some), None if slope is None else slope.part(some))
        for group, some in _groups(groups)
    }
    return Sums.spread(R, parts)


def _groups(groups: IntArray) -> Iterator[tuple[int, IntArray]]:
    """The groups that have rows, and the positions of these."""
    order = np.argsort(groups, kind="stable")
    there, starts = np.unique(groups[order], return_index=True)
    yield from zip(there.tolist(), np.split(order, starts[1:]), strict=True)
