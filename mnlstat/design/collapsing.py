"""Rows that come in pieces, each distinct one counted once."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.design.plan import Plan, Values
from mnlstat.design.spec import DesignSpec
from mnlstat.design.survey import changed

# How many of a few rows may be distinct, and how few they may be.
SHARE_DISTINCT = 0.9
FEW_ROWS = 256
CHOSEN = "chosen"
# Combinations of levels, times outcomes, that are counted instead of read again and again.
MOST_CELLS = 2**19
# Distinct rows are kept when all rows outnumber them so far.
WORTH = 8
# Sums over equal rows: of ones or weights, of squared weights.
COUNT, SQUARES = "count", "squares"
SUMS = [COUNT, SQUARES]


@dataclass(frozen=True, eq=False)
class Patterns:
    """Distinct rows, each counted once.

    Attributes
    ----------
    X : (M, k) the rows
    counts : (M, J) weighted count of each outcome there
    squares : (M, J) sums of the squared weights
    """

    X: FloatArray
    counts: FloatArray
    squares: FloatArray


@dataclass(frozen=True, eq=False)
class Counting:
    """Counts equal rows of a design.

    Attributes
    ----------
    spec : DesignSpec
    n_rows : n
    read : yields values of the factors, outcome codes and weights piece by piece, in a new pass
    """

    spec: DesignSpec
    n_rows: int
    read: Callable[[], Iterator[tuple[list[Values], IntArray, FloatArray | None]]]

    @property
    def _levels(self) -> list[int]:
        return [len(factor.levels or ()) for factor in self.spec.learned_factors]

    @property
    def _J(self) -> int:
        return len(self.spec.response.labels)

    @property
    def possible_cells(self) -> int | None:
        """Combinations of levels, where they are few; None for many, or for numbers."""
        possible = math.prod(self._levels)
        few = possible * self._J <= min(MOST_CELLS, max(self.n_rows // 4, 64))
        return possible if all(self._levels) and few else None

    def cells(self) -> Patterns:
        """Distinct rows from a table of all combinations of levels."""
        levels, J = self._levels, self._J
        possible = math.prod(levels)
        sums, rows = np.zeros((2, possible * J)), 0
        for values, codes, weights in self.read():
            rows += len(codes)
            cells = np.zeros(len(codes), dtype=np.intp)
            for each, n in zip(values, levels, strict=True):
                cells = cells * n + np.asarray(each, dtype=np.intp)
            for to, own in zip(sums, _powers(weights), strict=True):
                to += np.bincount(cells * J + codes, own, possible * J)
        self._check(rows)
        counts, squares = sums.reshape(2, possible, J)
        seen = np.flatnonzero(counts.any(axis=1))
        place = [np.asarray(at) for at in np.unravel_index(seen, levels)] if levels else []
        return Patterns(self.spec.plan.write(place, len(seen)), counts[seen], squares[seen])

    def distinct(self) -> Patterns | None:
        """The same from what the rows hold; None where they are too many."""
        most = min(MOST_CELLS // max(len(self.spec.columns), 1), self.n_rows // WORTH)
        distinct, rows = Distinct(self._J, most), 0
        for values, codes, weights in self.read():
            rows += len(codes)
            if not distinct.add(values, codes, weights):
                return None
        self._check(rows)
        return distinct.design(self.spec.plan)

    def _check(self, rows: int) -> None:
        if rows != self.n_rows:
            raise changed()


def _powers(weights: FloatArray | None) -> tuple[FloatArray | None, FloatArray | None]:
    """Weights and their squares, which only sampling weights of ordinary size need."""
    if weights is None:
        return None, None
    with np.errstate(over="ignore"):
        return weights, weights**2


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

    def add(self, values: Sequence[Values], codes: IntArray, weights: FloatArray | None) -> bool:
        """Take in a piece; False when there are too many distinct rows."""
        columns = [column for value in values for column in _columns(value)]
        rows = pd.DataFrame(dict(enumerate(columns)) | {CHOSEN: codes})
        self._widths = [None if value.ndim == 1 else value.shape[1] for value in values]
        powers = _powers(weights)
        sums = {name: 1 if own is None else own for name, own in zip(SUMS, powers, strict=True)}
        found = _counted(rows.assign(**sums))
        self._seen = found if self._seen is None else _counted(pd.concat([self._seen, found]))
        return len(self._seen) <= self._most

    def design(self, plan: Plan) -> Patterns:
        """The distinct rows, and how often each outcome was chosen there."""
        keys = [name for name in self._seen.columns if name not in (CHOSEN, *SUMS)]
        if keys:
            groups = self._seen.groupby(keys, sort=False, dropna=False)
            place, first = groups.ngroup().to_numpy(), groups.head(1)
        else:
            place, first = np.zeros(len(self._seen), dtype=np.intp), self._seen.head(1)
        counts, squares = np.zeros((2, len(first), self._n_outcomes))
        chosen = self._seen[CHOSEN].to_numpy()
        counts[place, chosen] = self._seen[COUNT].to_numpy()
        squares[place, chosen] = self._seen[SQUARES].to_numpy()
        return Patterns(plan.write(self._values(first), len(first)), counts, squares)

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
    keys = [name for name in rows.columns if name not in SUMS]
    return rows.groupby(keys, sort=False, as_index=False, dropna=False)[SUMS].sum()
