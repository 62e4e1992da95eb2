"""A design that is not written out: equal rows once, and factors of many levels as codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import IntArray
from mnlstat.design.grouping import grouped
from mnlstat.design.plan import Plan, Values
from mnlstat.memory import check_room
from mnlstat.rows.matrix import Dense, Matrix, Patterns

# Rows that are looked at before the work is done, and how many of them may be distinct.
SAMPLE = 2048
SHARE_OF_SAMPLE = 0.5
# Below so many rows there is nothing to gain; patterns are kept when rows outnumber them so far.
FEW_ROWS = 2048
WORTH = 8
# Number of possible patterns up to which they are counted without looking for them.
COUNTED = 2**20
LARGEST_KEY = 2**62
CHUNK = 2**16
ADVICE = (
    "Give the factor of most levels as a term of its own, leave out interactions of factors of many"
    " levels, or fit a part of the rows."
)


def matrix_of(plan: Plan, values: Sequence[Values], n: int) -> Matrix:
    """The design of n rows in the form that costs least.

    Its distinct rows where they are few; a factor of many levels as codes; else all of it.
    """
    found = _patterns(values, n)
    if found is not None:
        first, codes = found
        return Patterns(plan.write([value[first] for value in values], len(first)), codes)
    by_codes = grouped(plan, values, n)
    if by_codes is not None:
        return by_codes
    k = len(plan.columns)
    check_room(8.0 * n * k, f"the design of {n} rows and {k} columns", ADVICE)
    return Dense(plan.write(values, n))


def _patterns(values: Sequence[Values], n: int) -> tuple[IntArray, IntArray] | None:
    """A row of each pattern, and the pattern of each row; None when there are many."""
    if n < FEW_ROWS or not _few_in_sample(values, n):
        return None
    columns = [_levels(column) for value in values for column in _columns_of(value)]
    if any(levels > n // WORTH for _, levels in columns):
        return None
    possible = 1
    for _, levels in columns:
        possible *= max(levels, 1)
    if possible > LARGEST_KEY:
        return None
    found = _counted if possible <= min(COUNTED, max(n // 2, CHUNK)) else _searched
    first, codes = found(columns, possible, n)
    return (first, codes) if len(first) <= n // WORTH else None


def _few_in_sample(values: Sequence[Values], n: int) -> bool:
    rows = np.linspace(0, n - 1, SAMPLE).astype(np.intp)
    sample = pd.DataFrame(
        {(i, j): column[rows] for i, value in enumerate(values)
         for j, column in enumerate(_columns_of(value))}
    )  # fmt: skip
    if sample.shape[1] == 0:
        return True
    return int((~sample.duplicated()).sum()) <= SHARE_OF_SAMPLE * SAMPLE


def _columns_of(value: Values) -> list[Any]:
    return [value] if value.ndim == 1 else list(value.T)


def _levels(column: Any) -> tuple[IntArray, int]:
    """The column as codes, and how many there may be."""
    if column.dtype.kind == "i":
        return column, int(column.max(initial=-1)) + 1
    codes, found = pd.factorize(column)
    return codes, len(found)


def _keys(columns: Sequence[tuple[IntArray, int]], part: slice, dtype: Any) -> Any:
    """One number for each combination of codes: digits of mixed radix."""
    keys: Any = np.zeros(part.stop - part.start, dtype)
    for codes, levels in columns:
        keys = keys * dtype(levels) + codes[part].astype(dtype, copy=False)
    return keys


def _counted(
    columns: Sequence[tuple[IntArray, int]], possible: int, n: int
) -> tuple[IntArray, IntArray]:
    """Patterns by a table of all that are possible."""
    small = np.int16 if possible < 2**15 else np.int32
    codes: Any = np.empty(n, dtype=small)
    first = np.full(possible, -1, dtype=np.intp)
    for start in range(0, n, CHUNK):
        part = slice(start, min(start + CHUNK, n))
        keys = _keys(columns, part, np.int32)
        codes[part] = keys
        rows = np.arange(part.start, part.stop)
        first[keys] = np.maximum(first[keys], rows)
    seen = np.flatnonzero(first >= 0)
    if len(seen) < possible:
        place = np.full(possible, -1, dtype=small)
        place[seen] = np.arange(len(seen), dtype=small)
        codes = place[codes]
    return first[seen], codes


def _searched(
    columns: Sequence[tuple[IntArray, int]], possible: int, n: int
) -> tuple[IntArray, IntArray]:
    """Patterns by looking up their keys."""
    keys = _keys(columns, slice(0, n), np.int64)
    codes, _ = pd.factorize(keys)
    codes = codes.astype(np.int32)
    first = np.empty(int(codes.max()) + 1, dtype=np.intp)
    first[codes] = np.arange(n)
    return first, codes
