"""A factor of many levels: its columns are not written out when codes do."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.design.plan import Plan, Subterm, Values
from mnlstat.rows.grouped import Grouped, Layout

FEW_ROWS = 4096
FEW_LEVELS = 24
# Codes pay when the square of the number of columns exceeds this many times that of the others.
WORTH = 60


def grouped(plan: Plan, values: Sequence[Values], n: int) -> Grouped | None:
    """The design with its largest factor as codes; None where that does not pay."""
    starts = np.cumsum([0, *(int(np.prod(each.widths)) for each in plan.subterms)])
    constant = next((at for at, each in enumerate(plan.subterms) if not each.factors), None)
    best: tuple[int, int] | None = None
    for at, each in enumerate(plan.subterms):
        levels = _one_for_each(each, constant is not None)
        if levels is not None and (best is None or len(levels) > best[0]):
            best = (len(levels), at)
    if best is None or n < max(FEW_ROWS, 4 * best[0]):
        return None
    subterm, start = plan.subterms[best[1]], int(starts[best[1]])
    own = _one_for_each(subterm, constant is not None)
    assert own is not None
    levels = np.where(own >= 0, own + start, -1)
    has_reference = bool((own < 0).any())
    taken = {*range(start, start + subterm.widths[0])}
    if has_reference and constant is not None:
        taken.add(int(starts[constant]))
    others = np.array([at for at in range(len(plan.columns)) if at not in taken], dtype=np.intp)
    if best[0] < FEW_LEVELS or len(plan.columns) ** 2 < WORTH * (1 + len(others)):
        return None
    column = int(starts[constant]) if has_reference and constant is not None else None
    rest = plan.write(values, n, others.tolist())
    codes = np.asarray(values[subterm.factors[0]], dtype=np.intp)
    return Grouped(codes, best[0], rest, Layout(column, levels, others))


def _one_for_each(subterm: Subterm, has_constant: bool) -> IntArray | None:
    """The column of each level, -1 for the reference; None for any other coding."""
    if len(subterm.factors) != 1 or subterm.contrasts[0] is None:
        return None
    coding: FloatArray = subterm.contrasts[0]
    filled = coding.any(axis=1)
    plain = coding.shape[1] == int(filled.sum()) >= len(coding) - has_constant
    if not plain or not np.array_equal(np.sort(coding[filled], axis=0), _sorted_unit(coding)):
        return None
    place = np.where(filled, coding.argmax(axis=1), -1)
    unique = len(np.unique(place[filled])) == coding.shape[1]
    return place.astype(np.intp) if unique and (coding[filled].sum(axis=1) == 1).all() else None


def _sorted_unit(coding: FloatArray) -> FloatArray:
    return np.sort(np.eye(coding.shape[1]), axis=0)
