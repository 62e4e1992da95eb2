"""Find terms that mix rows, such as ``I(x - x.mean())``: new data give them another meaning."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from mnlstat.arrays import IntArray
from mnlstat.design.column import Rows
from mnlstat.design.evaluate import Block, evaluate
from mnlstat.design.expression import Expression
from mnlstat.design.levels import Levelled
from mnlstat.design.whole import Value, alike, largest

SAMPLE = 250
SINGLES = 12
# Multiples of it, less their whole part, are spread evenly and fall in with no period of the rows.
GOLDEN = (5**0.5 - 1) / 2


def depends_on_other_rows(
    expression: Expression,
    states: Sequence[Any],
    value: Value,
    block: Block,
    evaluated: Callable[[Expression, Block, Sequence[Any]], Value] = evaluate,
) -> bool:
    """Whether some rows by themselves give other values than they gave among all rows.

    Two samples without a common row are tried, so that an extreme row cannot be in both, and
    single rows: a sample of few distinct values has the same extremes as the whole.
    """
    if expression.column is not None or block.n < 4:
        return False
    rows = _positions(block.rows)
    size = 0.0 if isinstance(value, Levelled) else largest(value)
    for at in _samples(block.n):
        part = replace(block, rows=at if rows is None else rows[at], index=block.index[at])
        try:
            alone = evaluated(expression, part, states)
        except Exception:
            return True
        if not alike(alone, _among(value, at), size):
            return True
    return False


def _positions(rows: Rows) -> IntArray | None:
    """Where the rows are in their columns; None for all of them."""
    if isinstance(rows, slice):
        return None
    return np.flatnonzero(rows) if rows.dtype == bool else rows.astype(np.intp, copy=False)


def _samples(n: int) -> Iterator[IntArray]:
    """Yield positions of rows: two large samples, then single rows."""
    places = np.linspace(0, n - 1, min(n, 2 * SAMPLE)).astype(np.intp)
    yield places[::2]
    yield places[1::2]
    for at in np.unique(np.arange(1, SINGLES + 1) * GOLDEN % 1.0 * n // 1.0).astype(np.intp):
        yield np.array([at])


def _among(value: Value, at: IntArray) -> Value:
    """Return the values of some rows, as they are among all."""
    return replace(value, codes=value.codes[at]) if isinstance(value, Levelled) else value[at]
