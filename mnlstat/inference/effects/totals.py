"""One pass over rows for everything that is asked of their probabilities."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.inference.effects.asks import BY_LOGS, DYDX, OF_LOGS, Ask, Level, Rate
from mnlstat.inference.effects.places import Place, Population, Rise
from mnlstat.inference.effects.sums import (
    Rows,
    Slope,
    Sums,
    constant_slope_sums,
    log_slope_sums,
    probability_sums,
    slope_sums,
)
from mnlstat.rows.threads import one_blas_thread

# pi (n, J) of a design (n, k) with offsets (n, J) or None.
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
    found = dict[Ask, Sums]()
    with one_blas_thread():
        for place in population.places():
            for ask, sums in _of_place(fitted, place, population.n_groups, asks):
                found[ask] = sums if ask not in found else found[ask].merge(sums)
    return found


def _of_place(
    fitted: Fitted, place: Place, R: int, asks: Sequence[Ask]
) -> Iterator[tuple[Ask, Sums]]:
    """What one block adds; rows that are changed alike are made once."""
    by_changes = dict[object, list[Ask]]()
    for ask in asks:
        by_changes.setdefault(ask.changes, []).append(ask)
    for same in by_changes.values():
        X = place.design(same[0].changes)
        pi = np.ascontiguousarray(fitted.probabilities(X, place.offset).T)
        yield from _at(fitted, place, R, Rows(X, pi, place.weights), same)


def _at(
    fitted: Fitted, place: Place, R: int, rows: Rows, asks: Sequence[Ask]
) -> Iterator[tuple[Ask, Sums]]:
    plain = dict[Rate, Rise]()
    for ask in asks:
        if isinstance(ask, Level):
            yield ask, grouped(R, place.groups, rows, None, lambda some, _: probability_sums(some))
            continue
        rise = place.rise(ask.name, ask.changes)
        if ask.kind == DYDX and rise.constant:
            plain[ask] = rise
            continue
        slope = slope_of(fitted, place, ask, rise)
        sums = log_slope_sums if ask.kind in OF_LOGS else slope_sums
        yield ask, grouped(R, place.groups, rows, slope, sums)
    if plain:
        yield from zip(plain, _of_constant(fitted, place, R, rows, plain), strict=True)


def slope_of(fitted: Fitted, place: Place, ask: Rate, rise: Rise) -> Slope:
    """How linear predictors rise at the rows of a place."""
    by = place.numbers(ask.name, ask.changes) if ask.kind in BY_LOGS else None
    return Slope(rise.columns, rise.dX, fitted.B[:, rise.columns] @ rise.dX.T, by)


def _of_constant(
    fitted: Fitted, place: Place, R: int, rows: Rows, plain: Mapping[Rate, Rise]
) -> list[Sums]:
    """Sums of variables whose derivative is the same in all rows."""
    dx = np.zeros((len(plain), rows.X.shape[1]))
    for at, rise in enumerate(plain.values()):
        dx[at, rise.columns] = rise.dX[0]
    heights = dx @ fitted.B.T
    parts = [
        constant_slope_sums(rows if some is None else rows.part(some), dx, heights)
        for some in _groups(R, place.groups)
    ]
    return [Sums.joined([part[at] for part in parts]) for at in range(len(plain))]


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
