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
        """The level of each row, as narrow in any part of the rows as in all of them."""
        narrow = np.result_type(np.min_scalar_type(-self.n_levels), np.int16)
        return np.asarray(values[self.subterm.factors[0]]).astype(narrow, copy=False)

    def coded(self, values: Sequence[Values]) -> Coded:
        """The factor as codes beside a larger one."""
        return Coded(self.codes(values), self.place >= 0)


@dataclass(frozen=True, eq=False)
class Coding:
    """How a design is written with its factors of many levels as codes.

    Attributes
    ----------
    plan : of all columns
    largest : the factor with a column for each level
    further : other factors that stay codes
    numbers : columns that are written out
    layout : where all these stand
    """

    plan: Plan
    largest: _Factor
    further: tuple[_Factor, ...]
    numbers: tuple[int, ...]
    layout: Layout

    @classmethod
    def of(cls, plan: Plan, n: int) -> Coding | None:
        """That of a design of n rows; None where it does not pay."""
        return _coding(plan, n)

    @property
    def width(self) -> int:
        """Elements of a row."""
        return len(self.numbers) + 1 + len(self.further)

    def write(self, values: Sequence[Values], n: int) -> Grouped:
        """The design of n rows."""
        coded = tuple(each.coded(values) for each in self.further)
        rest = Rest(self.plan.write(values, n, self.numbers), coded)
        return Grouped(self.largest.codes(values), self.largest.n_levels, rest, self.layout)


def grouped(plan: Plan, values: Sequence[Values], n: int) -> Grouped | None:
    """The design with factors of many levels as codes; None where that does not pay."""
    coding = Coding.of(plan, n)
    if coding is None:
        return None
    m = len(coding.numbers)
    check_room(8.0 * n * m, f"{m} columns of {n} rows", "Fit fewer rows.")
    return coding.write(values, n)


def _coding(plan: Plan, n: int) -> Coding | None:
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
    places = [each.levels[each.place >= 0] for each in further]
    others = np.concatenate([np.array(numbers, dtype=np.intp), *places])
    layout = Layout(column, largest.levels, others)
    return Coding(plan, largest, tuple(further), tuple(numbers), layout)


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
