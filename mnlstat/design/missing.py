"""Which rows are used, and why the others are not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray
from mnlstat.design import words
from mnlstat.design.column import Column
from mnlstat.errors import DataError
from mnlstat.options import shown


@dataclass(frozen=True)
class Dropped:
    """Rows of the data and what became of them.

    Attributes
    ----------
    rows : int
        Rows of the data.
    used : int
        Rows used.
    of_no_weight : int
        Rows left out because their weight is zero.
    untried : int
        Rows of a response of counts in which all are zero.
    not_in_subset : int
        Rows for which ``subset=`` is false.
    of_unknown_subset : int
        Rows for which it is missing.
    subset : str or None
        The condition, as it was given in words.
    """

    rows: int
    used: int
    _by_column: Mapping[str, int] = field(default_factory=dict)
    _by_term: Mapping[str, int] = field(default_factory=dict)
    of_no_weight: int = 0
    untried: int = 0
    not_in_subset: int = 0
    of_unknown_subset: int = 0
    subset: str | None = field(default=None, compare=False)

    @property
    def by_column(self) -> dict[str, int]:
        """Missing values of each column that has some; a row can count in several."""
        return dict(self._by_column)

    @property
    def by_term(self) -> dict[str, int]:
        """Rows lost because a term made missing values of present ones."""
        return dict(self._by_term)

    @property
    def total(self) -> int:
        """Rows dropped."""
        return self.rows - self.used

    def after(self, before: Dropped) -> Dropped:
        """What became of all rows, where these are what was left ``before``."""
        counts = {
            name: getattr(self, name) + getattr(before, name)
            for name in ("of_no_weight", "untried", "not_in_subset", "of_unknown_subset")
        }
        return Dropped(
            before.rows,
            self.used,
            _added(before.by_column, self.by_column),
            _added(before.by_term, self.by_term),
            **counts,
            subset=self.subset or before.subset,
        )


def _added(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in (*one, *other)}


def present_rows(
    columns: Mapping[str, Column],
    wanted: BoolArray,
    missing: str,
    weights: FloatArray | None = None,
) -> tuple[BoolArray, dict[str, int]]:
    """Return the wanted rows that miss nothing, and the missing values of each column.

    With ``missing="error"`` nothing may be missing but in rows whose weight is zero.

    Raises
    ------
    DataError
        When no row is left, or ``missing="error"`` and something is missing.
    """
    kept = wanted.copy()
    counts, told = dict[str, int](), dict[str, int]()
    weighty = wanted if weights is None else wanted & (weights != 0)
    for column in columns.values():
        if column.missing is not None:
            kept &= ~column.missing
            count = int((column.missing & wanted).sum())
            if count:
                counts[column.name] = count
            if count := int((column.missing & weighty).sum()):
                told[column.name] = count
    check_missing(told, missing)
    check_some_left(counts, int(wanted.sum()), int(kept.sum()))
    return kept, counts


def check_missing(counts: Mapping[str, int], missing: str) -> None:
    """Raise DataError where values are missing and may not be."""
    if counts and missing == "error":
        listed = ", ".join(f"{shown(name)} ({words.count(n)})" for name, n in counts.items())
        raise DataError(
            "missing-values",
            f'values are missing and missing="error": {listed}.\n'
            "Fill them in, or let missing='drop' leave these rows out.",
        )


def check_some_chosen(n: int, n_chosen: int, n_unknown: int = 0) -> None:
    """Raise DataError when no row is in the subset."""
    if n and not n_chosen:
        more = f"; it is missing in {n_unknown}" if n_unknown else ""
        raise DataError(
            "empty-subset",
            f"no rows are left: subset= is true in none of the {n} rows{more}.\n"
            "Is a label spelled otherwise in the data?",
        )


def check_some_left(counts: Mapping[str, int], n_wanted: int, n_kept: int) -> None:
    """Raise DataError when no row misses nothing, or there is none."""
    if n_wanted == 0:
        raise DataError("no-rows", "the data have no rows.")
    if n_kept == 0:
        raise DataError("no-rows-left", _emptied(counts, n_wanted))


def refuse_made_missing(counts: Mapping[str, int], missing: str) -> None:
    """Raise DataError for rows that terms made missing, when ``missing`` is "error"."""
    if counts and missing == "error":
        listed = ", ".join(f"{name} ({words.count(n)})" for name, n in counts.items())
        raise DataError(
            "made-missing",
            f'missing="error", and missing values are made of present ones by {listed}.\n'
            "Change the term, or let missing='drop' leave these rows out.",
        )


def _emptied(counts: Mapping[str, int], n: int) -> str:
    worst = max(counts, key=lambda name: counts[name])
    if counts[worst] == n:
        return f"no rows are left: column {shown(worst)} is missing in all {n} rows."
    most = sorted(counts, key=lambda name: -counts[name])[:3]
    listed = ", ".join(f"{shown(name)} ({counts[name]})" for name in most)
    return f"no rows are left: each of the {n} rows misses something, most often {listed}."


def spread(kept: BoolArray, rows: BoolArray) -> BoolArray:
    """Return a mask over all rows from one over the kept rows."""
    out = np.zeros(len(kept), dtype=bool)
    out[kept] = rows
    return out


def labels_of(index: Any, kept: BoolArray) -> Any:
    """Return the labels of the kept rows."""
    return index if kept.all() else index[kept]
