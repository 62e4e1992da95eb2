"""Rows that come in pieces, each distinct one counted once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.design.plan import Plan, Values

# How many of a few rows may be distinct, and how few they may be.
SHARE_DISTINCT = 0.9
FEW_ROWS = 256
COUNT, CHOSEN = "count", "chosen"


class Distinct:
    """Distinct rows of the values that make the design, in the order in which they first come.

    Parameters
    ----------
    n_outcomes : J
    most : rows, told apart by their outcome, too, that are worth keeping
    """

    def __init__(self, n_outcomes: int, most: int) -> None:
        self._n_outcomes = n_outcomes
        self._most = most
        self._widths: list[int | None] = []
        self._seen: Any = None

    def add(self, values: Sequence[Values], codes: IntArray) -> bool:
        """Take in a piece; False when there are too many distinct rows."""
        columns = [column for value in values for column in _columns(value)]
        rows = pd.DataFrame(dict(enumerate(columns)) | {CHOSEN: codes})
        self._widths = [None if value.ndim == 1 else value.shape[1] for value in values]
        found = _counted(rows.assign(**{COUNT: 1}))
        self._seen = found if self._seen is None else _counted(pd.concat([self._seen, found]))
        return len(self._seen) <= self._most

    def design(self, plan: Plan) -> tuple[FloatArray, FloatArray]:
        """The design (M, k) of the distinct rows, and how often each outcome was chosen (M, J)."""
        keys = [name for name in self._seen.columns if name not in (CHOSEN, COUNT)]
        if keys:
            groups = self._seen.groupby(keys, sort=False, dropna=False)
            place, first = groups.ngroup().to_numpy(), groups.head(1)
        else:
            place, first = np.zeros(len(self._seen), dtype=np.intp), self._seen.head(1)
        counts = np.zeros((len(first), self._n_outcomes))
        counts[place, self._seen[CHOSEN].to_numpy()] = self._seen[COUNT].to_numpy()
        return plan.write(self._values(first), len(first)), counts

    def _values(self, rows: Any) -> list[Values]:
        """The columns of each value together again."""
        values, at = list[Values](), 0
        for width in self._widths:
            columns = [rows[at + j].to_numpy() for j in range(width or 1)]
            values.append(columns[0] if width is None else np.column_stack(columns))
            at += width or 1
        return values


def may_be_few(values: Sequence[Values], n: int) -> bool:
    """Whether distinct rows are worth counting, as n rows make it look."""
    if n < FEW_ROWS:
        return False
    rows = pd.DataFrame(dict(enumerate(column for value in values for column in _columns(value))))
    return bool((~rows.duplicated()).sum() <= SHARE_DISTINCT * n)


def _columns(value: Values) -> list[Any]:
    return [value] if value.ndim == 1 else list(value.T)


def _counted(rows: Any) -> Any:
    """Equal rows once, with the sum of their counts."""
    keys = [name for name in rows.columns if name != COUNT]
    return rows.groupby(keys, sort=False, as_index=False, dropna=False)[COUNT].sum()
