"""Find terms that mix rows, such as ``I(x - x.mean())``: new data give them another meaning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from mnlstat.arrays import IntArray
from mnlstat.design.evaluate import Block, Value, evaluate
from mnlstat.design.expression import Expression
from mnlstat.design.levels import Levelled

SAMPLE = 250


def depends_on_other_rows(
    expression: Expression, states: Sequence[Any], value: Value, block: Block
) -> bool:
    """Whether some rows by themselves give other values than they gave among all rows.

    Two samples without a common row are tried, so that an extreme row cannot be in both.
    """
    if expression.column is not None or block.n < 4:
        return False
    places = np.linspace(0, block.n - 1, min(block.n, 2 * SAMPLE)).astype(np.intp)
    return any(_differs(expression, states, value, block, places[at::2]) for at in (0, 1))


def _differs(
    expression: Expression, states: Sequence[Any], value: Value, block: Block, at: IntArray
) -> bool:
    rows = at if isinstance(block.rows, slice) else np.flatnonzero(block.rows)[at]
    try:
        alone = evaluate(expression, replace(block, rows=rows, index=block.index[at]), states)
    except Exception:
        return True
    if isinstance(value, Levelled) or isinstance(alone, Levelled):
        if not isinstance(value, Levelled) or not isinstance(alone, Levelled):
            return True
        return not np.array_equal(alone.recoded(value.levels), value.codes[at])
    among = value[at]
    if among.shape != alone.shape:
        return True
    noise = 1e-12 * float(np.abs(among).max(initial=0.0))
    return not np.allclose(alone, among, rtol=1e-9, atol=noise, equal_nan=True)
