"""A factor of many levels: its columns are not written out when codes do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.design.plan import Plan, Subterm, Values
from mnlstat.memory import check_room
from mnlstat.rows.grouped import Grouped
from mnlstat.rows.layout import Layout
from mnlstat.rows.rest import Coded, Rest

FEW_ROWS = 4096
FEW_LEVELS = 24
# Codes pay when the square of the number of columns exceeds this many times that of the others.
WORTH = 60


@dataclass(frozen=True)
class _Factor:
    """A subterm that is one column for each level of a factor, but perhaps a reference."""

    subterm: Subterm
    start: int
    place: IntArray

    @property
    def n_levels(self) -> int:
        return len(self.place)

    @property
    def levels(self) -> IntArray:
        """The design column of each level, -1 for the reference."""
        return np.where(self.place >= 0, self.place + self.start, -1)

    def codes(self, values: Sequence[Values]) -> IntArray:
        return np.asarray(values[self.subterm.factors[0]])

    def coded(self, values: Sequence[Values]) -> tuple[Coded, IntArray]:
        """The factor as codes beside a larger one, and its design columns in their order."""
        own = self.place >= 0
        return Coded(self.codes(values), own), self.levels[own]


def grouped(plan: Plan, values: Sequence[Values], n: int) -> Grouped | None:
    """The design with factors of many levels as codes; None where that does not pay."""
    starts = np.cumsum([0, *(int(np.prod(each.widths)) for each in plan.subterms)]).tolist()
    constant = next((at for at, each in enumerate(plan.subterms) if not each.factors), None)
    factors = _factors(plan, starts)
    if not factors or n < max(FEW_ROWS, 4 * factors[0].n_levels):
        return None
    # without a constant only a factor with a column for each level can stand in for it
    usable = [each for each in factors if constant is not None or (each.place >= 0).all()]
    if not usable:
        return None
    largest, further = usable[0], [each for each in factors if each is not usable[0]]
    taken = {at for each in factors for at in each.levels.tolist()}
    column = None
    if constant is not None and (largest.place < 0).any():
        column = int(starts[constant])
        taken.add(column)
    numbers = [at for at in range(len(plan.columns)) if at not in taken]
    if len(plan.columns) ** 2 < WORTH * (1 + len(numbers)):
        return None
    check_room(8.0 * n * len(numbers), f"{len(numbers)} columns of {n} rows", "Fit fewer rows.")
    coded = [each.coded(values) for each in further]
    others = np.concatenate([np.array(numbers, dtype=np.intp), *(places for _, places in coded)])
    rest = Rest(plan.write(values, n, numbers), tuple(each for each, _ in coded))
    layout = Layout(column, largest.levels, others)
    return Grouped(largest.codes(values), largest.n_levels, rest, layout)


def _factors(plan: Plan, starts: Sequence[int]) -> list[_Factor]:
    """The factors of many levels that codes can stand for, the largest first."""
    found = []
    for start, each in zip(starts, plan.subterms, strict=False):
        place = _one_for_each(each)
        if place is not None and len(place) >= FEW_LEVELS:
            found.append(_Factor(each, start, place))
    return sorted(found, key=lambda factor: -factor.n_levels)


def _one_for_each(subterm: Subterm) -> IntArray | None:
    """The column of each level, -1 for the reference; None for any other coding."""
    if len(subterm.factors) != 1 or subterm.contrasts[0] is None:
        return None
    coding: FloatArray = subterm.contrasts[0]
    filled = coding.any(axis=1)
    plain = coding.shape[1] == int(filled.sum()) >= len(coding) - 1
    if not plain or not np.array_equal(np.sort(coding[filled], axis=0), _sorted_unit(coding)):
        return None
    place = np.where(filled, coding.argmax(axis=1), -1)
    unique = len(np.unique(place[filled])) == coding.shape[1]
    return place.astype(np.intp) if unique and (coding[filled].sum(axis=1) == 1).all() else None


def _sorted_unit(coding: FloatArray) -> FloatArray:
    return np.sort(np.eye(coding.shape[1]), axis=0)
