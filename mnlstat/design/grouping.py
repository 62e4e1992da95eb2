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
# What a pass over the rows with the information costs beside the levels of the largest factor: for
# each pair of columns that are written out, for each of them by level, and for its table with each
# further factor.  The unit is a pair of columns of the design written out (measured).
PAIR, BY_LEVEL, TABLE = 1.5, 50.0, 450.0


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
    largest = usable[0]
    taken = set(largest.levels.tolist())
    column = None
    if constant is not None and (largest.place < 0).any():
        column = int(starts[constant])
        taken.add(column)
    further = _worth_codes([f for f in factors if f is not largest], len(plan.columns), len(taken))
    if further is None:
        return None
    taken.update(at for each in further for at in each.levels.tolist())
    numbers = [at for at in range(len(plan.columns)) if at not in taken]
    check_room(8.0 * n * len(numbers), f"{len(numbers)} columns of {n} rows", "Fit fewer rows.")
    coded = [each.coded(values) for each in further]
    others = np.concatenate([np.array(numbers, dtype=np.intp), *(places for _, places in coded)])
    rest = Rest(plan.write(values, n, numbers), tuple(each for each, _ in coded))
    layout = Layout(column, largest.levels, others)
    return Grouped(largest.codes(values), largest.n_levels, rest, layout)


def _worth_codes(further: Sequence[_Factor], k: int, taken: int) -> Sequence[_Factor] | None:
    """The factors that are best held as codes beside the largest one, whose columns are ``taken``.

    Of all k columns those of the others are written out.  None where it is best to write out all.
    """
    costs, written = [], k - taken
    for coded in range(len(further) + 1):
        costs.append((1 + written) * (PAIR * (1 + written) + BY_LEVEL + TABLE * coded))
        written -= int((further[coded].place >= 0).sum()) if coded < len(further) else 0
    best = int(np.argmin(costs))
    return further[:best] if costs[best] <= k**2 else None


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
