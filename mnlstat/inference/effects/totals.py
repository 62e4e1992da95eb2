"""One pass over rows for everything that is asked of their probabilities."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.inference.effects.asks import BY_LOGS, DYDX, OF_LOGS, Ask, Changes, Level, Rate
from mnlstat.inference.effects.cubes import Cubes
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
    """

    B: FloatArray
    base: int
    probabilities: Probable


def totals(fitted: Fitted, population: Population, asks: Sequence[Ask]) -> dict[Ask, Sums]:
    """Sums over the rows of each group for everything that is asked, in one pass."""
    plain = _plain(population, asks)
    found, cubes = dict[Ask, Sums](), dict[Changes, list[Cubes]]()
    by_changes = dict[Changes, list[Ask]]()
    for ask in asks:
        by_changes.setdefault(ask.changes, []).append(ask)
    with one_blas_thread():
        for place in population.places():
            for changes, same in by_changes.items():
                rows = _rows(fitted, place, changes)
                if any(ask in plain for ask in same):
                    own = _cubes(rows, population.n_groups, place.groups)
                    before = cubes.get(changes)
                    cubes[changes] = own if before is None else _merged(before, own)
                others = [ask for ask in same if ask not in plain]
                for ask, sums in _of_rows(fitted, place, population.n_groups, rows, others):
                    found[ask] = sums if ask not in found else found[ask].merge(sums)
    for ask, dx in plain.items():
        rise = fitted.B @ dx
        found[ask] = Sums.joined([each.slopes(dx, rise) for each in cubes[ask.changes]])
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
    return Rows(X, fitted.probabilities(X, place.offset), place.weights)


def _cubes(rows: Rows, R: int, groups: IntArray) -> list[Cubes]:
    return [Cubes.of(rows if some is None else rows.part(some)) for some in _groups(R, groups)]


def _merged(one: list[Cubes], other: list[Cubes]) -> list[Cubes]:
    return [a.merge(b) for a, b in zip(one, other, strict=True)]


def _of_rows(
    fitted: Fitted, place: Place, R: int, rows: Rows, asks: Sequence[Ask]
) -> Iterator[tuple[Ask, Sums]]:
    """What one block adds."""
    for ask in asks:
        if isinstance(ask, Level):
            yield ask, grouped(R, place.groups, rows, None, lambda some, _: probability_sums(some))
            continue
        slope = slope_of(fitted, place, ask, place.rise(ask.name, ask.changes))
        sums = log_slope_sums if ask.kind in OF_LOGS else slope_sums
        yield ask, grouped(R, place.groups, rows, slope, sums)


def row_by_row(fitted: Fitted, place: Place, asks: Sequence[Ask]) -> dict[Ask, Sums]:
    """What is asked of the rows of a place, each row a group."""
    found = dict[Ask, Sums]()
    with one_blas_thread():
        for ask in asks:
            rows = _rows(fitted, place, ask.changes)
            if isinstance(ask, Level):
                found[ask] = probability_rows(rows)
                continue
            slope = slope_of(fitted, place, ask, place.rise(ask.name, ask.changes))
            of_rows = log_slope_rows if ask.kind in OF_LOGS else slope_rows
            found[ask] = of_rows(rows, slope)
    return found


def slope_of(fitted: Fitted, place: Place, ask: Rate, rise: Rise) -> Slope:
    """How linear predictors rise at the rows of a place."""
    by = place.numbers(ask.name, ask.changes) if ask.kind in BY_LOGS else None
    return Slope(rise.columns, rise.dX, fitted.B[:, rise.columns] @ rise.dX.T, by)


def grouped(
    R: int,
    groups: IntArray,
    rows: Rows,
    slope: Slope | None,
    sums: Callable[[Rows, Slope], Sums],
) -> Sums:
    """Sums over the rows of each group."""
    parts = []
    for some in _groups(R, groups):
        own = slope if slope is None or some is None else slope.part(some)
        parts.append(sums(rows if some is None else rows.part(some), own))  # type: ignore[arg-type]
    return Sums.joined(parts)


def _groups(R: int, groups: IntArray) -> Iterator[IntArray | None]:
    """Positions of the rows of each group; None for all."""
    if R == 1:
        yield None
        return
    order = np.argsort(groups, kind="stable")
    ends = np.cumsum(np.bincount(groups, minlength=R))
    for start, end in zip(np.r_[0, ends[:-1]], ends, strict=True):
        yield order[start:end]
