"""The first pass over data in pieces: what each column holds, its levels, what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from mnlstat.arrays import BoolArray, IntArray
from mnlstat.design.beside import NOTHING, Beside, Looking, WeightsFound
from mnlstat.design.column import Column, Kind
from mnlstat.design.levels import Levelled, ascending, check_distinct
from mnlstat.design.missing import check_some_chosen, check_some_left
from mnlstat.design.pieces import Chunks
from mnlstat.design.used import read_used
from mnlstat.errors import DataError
from mnlstat.options import named, shown

# Labels of one column that are kept at most.
MOST_LEVELS = 500_000
# Rows that are kept to look at.
LOOKED_AT = 2048


class LevelCounts:
    """Levels of a categorical value over all pieces, and in how many rows each is."""

    def __init__(self) -> None:
        self.counts: dict[Any, int] = {}
        self.first: Levelled | None = None

    def add(self, value: Levelled) -> None:
        """Take in the rows of one piece."""
        first = self.first or value
        # of labels that are text in some piece nobody declared the order
        declared = first.declared and value.declared
        self.first = replace(first, declared=declared, ordered=first.ordered and declared)
        counts = np.bincount(value.codes + 1, minlength=len(value.levels) + 1)[1:]
        for level, n in zip(value.levels, counts.tolist(), strict=True):
            self.counts[level] = self.counts.get(level, 0) + n

    def whole(self) -> tuple[Levelled, IntArray]:
        """The value without its rows, levels in order; the rows of each level."""
        assert self.first is not None
        levels = list(self.counts)
        if not self.first.declared:
            levels = [levels[at] for at in ascending(levels)]
        counts = np.array([self.counts[level] for level in levels], dtype=np.intp)
        types = {type(level) for level in levels}
        if types == {int, float}:
            levels = [float(level) for level in levels]
        value = replace(self.first, codes=np.zeros(0, np.intp), levels=tuple(levels))
        return value, counts


@dataclass(frozen=True)
class Survey:
    """What one pass tells of the columns that are read.

    Attributes
    ----------
    columns : by name, without rows: kind and levels over all pieces
    rows, wanted, kept : rows of the data, those that may be used, those that miss nothing
    missing : rows missing by column, among those that may be used
    counts : of each column of labels, the kept rows with each level
    some : a few rows of the first piece, as they came
    weights : what is known of the weights
    lost : rows missing by column, among those that may be used and have not the weight zero
    """

    columns: Mapping[str, Column]
    rows: int
    wanted: int
    kept: int
    missing: Mapping[str, int]
    counts: Mapping[str, LevelCounts] = field(repr=False)
    some: Any = field(repr=False)
    weights: WeightsFound = field(default_factory=WeightsFound)
    lost: Mapping[str, int] = field(default_factory=dict)

    def conformed(self, found: Mapping[str, Column]) -> dict[str, Column]:
        """Columns of one piece as those of the whole data."""
        return {name: _conformed(column, self.columns[name]) for name, column in found.items()}


class Conflict(Exception):
    """Pieces of a column hold what does not go together."""

    def __init__(self, column: str, kinds: Iterable[str]) -> None:
        one, other = sorted(kinds)
        super().__init__(
            f"column {shown(column)} holds {one} in some rows and {other} in others.\n"
            "Make it one type."
        )
        self.column = column


def survey(
    chunks: Chunks,
    names: Sequence[str],
    numeric: Sequence[str],
    wanted: Callable[[Any], BoolArray],
    read: Sequence[str],
    beside: Beside = NOTHING,
) -> tuple[Survey, Chunks]:
    """Make the pass, and again with a column as text where a file leaves its type open.

    Parameters
    ----------
    chunks : Chunks
    names : columns to read
    numeric : columns of numbers whose distinct values are counted, too
    wanted : callable
        Tells which rows of a frame may be used.
    read : columns to read, those by which ``wanted`` tells included
    beside : weights and offsets

    Raises
    ------
    DataError
        When pieces of a column do not go together, or nothing is left.
    WeightsError, OffsetError
        For what cannot be one.
    """
    while True:
        taking = _Taking(names, numeric, beside)
        try:
            for frame in chunks.read(read):
                taking.take(frame, wanted(frame))
            return taking.survey(), chunks
        except Conflict as conflict:
            again = chunks.as_text(conflict.column)
            if again is None:
                raise DataError("types-differ", str(conflict)) from None
            chunks = again


class _Taking:
    """Gathers the survey piece by piece."""

    def __init__(self, names: Sequence[str], numeric: Sequence[str], beside: Beside) -> None:
        self.names = names
        self.looking = Looking(beside)
        names = tuple(dict.fromkeys([*names, *beside.names]))
        self.seen = {name: _Seen(name) for name in names}
        self.counts: dict[str, LevelCounts] = {}
        self.numeric = numeric
        self.rows = self.wanted = self.complete = self.kept = 0
        self.missing: dict[str, int] = dict.fromkeys(names, 0)
        self.lost: dict[str, int] = dict.fromkeys(names, 0)
        self.infinite: dict[str, tuple[int, Any]] = {}
        self.some: Any = None

    def take(self, frame: Any, wanted: BoolArray) -> None:
        if self.some is None and len(frame):
            some = np.linspace(0, len(frame) - 1, min(LOOKED_AT, len(frame))).astype(np.intp)
            self.some = frame.iloc[some]
        columns = read_used(frame, self.seen)
        kept = wanted.copy()
        no_weight = self.looking.beside.without_weight(columns)
        for name, column in columns.items():
            self.seen[name].add(column)
            if column.missing is not None:
                kept &= ~column.missing
                gone = column.missing & wanted
                self.missing[name] += int(gone.sum())
                self.lost[name] += int((gone if no_weight is None else gone & ~no_weight).sum())
        self.rows, self.wanted = self.rows + len(wanted), self.wanted + int(wanted.sum())
        self.complete += int(kept.sum())
        kept = self.looking.see(columns, wanted, kept, frame.index)
        self.kept += int(kept.sum())
        for name in self.names:
            self._count(name, columns[name], kept)
            self._infinite(columns[name], kept, frame.index)

    def _count(self, name: str, column: Column, kept: BoolArray) -> None:
        if not (column.is_levelled or column.kind == "bool" or name in self.numeric):
            return
        counts = self.counts.setdefault(name, LevelCounts())
        counts.add(column.levelled(kept))
        if len(counts.counts) > MOST_LEVELS:
            raise DataError(
                "identifier-column",
                f"column {shown(name)} has more than {MOST_LEVELS} distinct values in the first"
                f" {self.rows} rows.\nIs it a name, an identifier, or a measurement?",
            )

    def _infinite(self, column: Column, kept: BoolArray, index: Any) -> None:
        if column.kind != "number" or np.isfinite(column.values).all():
            return
        infinite = np.isinf(column.values) & kept
        if infinite.any():
            n, first = self.infinite.get(column.name, (0, index[int(infinite.argmax())]))
            self.infinite[column.name] = n + int(infinite.sum()), first

    def survey(self) -> Survey:
        missing = {name: n for name, n in self.missing.items() if n}
        columns = {name: seen.column() for name, seen in self.seen.items()}
        check_some_chosen(self.rows, self.wanted)
        self.looking.check(columns, self.complete)
        check_some_left(missing, self.wanted, self.complete)
        for name, (n, first) in self.infinite.items():
            rows = "1 row" if n == 1 else f"{n} rows"
            raise DataError(
                "infinite-values",
                f"column {shown(name)} has infinite values ({rows}, first row {named(first)}).\n"
                "Set them to missing or leave the rows out.",
            )
        return Survey(
            columns,
            self.rows,
            self.wanted,
            self.kept,
            missing,
            self.counts,
            self.some,
            self.looking.found,
            {name: n for name, n in self.lost.items() if n},
        )


class _Seen:
    """Kind and levels of a column so far."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.kind: Kind = "empty"
        self.levels: dict[Any, None] = {}
        self.ordered = False

    def add(self, column: Column) -> None:
        kind = column.kind
        if kind in ("number", "integer") and column.missing is not None and column.missing.all():
            kind = "empty"
        if column.is_levelled:
            self.levels |= dict.fromkeys(column.levels)
        if kind == "empty" or kind == self.kind:
            self.ordered |= column.ordered and kind == "category"
            return
        pair = {kind, self.kind}
        if self.kind == "empty":
            self.kind, self.ordered = kind, column.ordered
        elif pair == {"number", "integer"}:
            self.kind = "number"
        elif pair == {"text", "category"}:
            self.kind, self.ordered = "text", False
        else:
            raise Conflict(self.name, map(WORDS.__getitem__, pair))

    def column(self) -> Column:
        levels = list(self.levels)
        if self.kind == "text":
            levels = [levels[at] for at in ascending(levels)]
        check_distinct(levels, f"column {shown(self.name)}")
        return Column(self.name, self.kind, np.zeros(0), None, tuple(levels), self.ordered)


WORDS: dict[str, str] = {
    "number": "numbers",
    "integer": "numbers",
    "bool": "True and False",
    "text": "text",
    "category": "categories",
}


def _conformed(column: Column, whole: Column) -> Column:
    """A column of one piece with the kind and the levels that it has in the whole data."""
    if column.is_levelled and whole.is_levelled:
        if column.kind == whole.kind and column.levels == whole.levels:
            return column
        codes = Levelled(column.values, column.levels).recoded(whole.levels)
        if (codes == -2).any():
            raise changed()
        return replace(
            column, kind=whole.kind, values=codes, levels=whole.levels, ordered=whole.ordered
        )
    if column.kind == whole.kind:
        return column
    if column.missing is not None and column.missing.all():
        return _all_missing(column, whole)
    if whole.kind == "number" and column.kind == "integer":
        return replace(column, kind="number", values=column.numbers())
    raise changed()


def _all_missing(column: Column, whole: Column) -> Column:
    n = len(column.values)
    values: Any = np.full(n, np.nan)
    if whole.is_levelled:
        values = np.full(n, -1, dtype=np.intp)
    elif whole.kind in ("integer", "bool"):
        values = np.zeros(n, dtype=bool if whole.kind == "bool" else np.int64)
    return replace(
        column, kind=whole.kind, values=values, levels=whole.levels, ordered=whole.ordered
    )


def changed() -> DataError:
    """What is raised when a pass reads something else than the passes before."""
    return DataError(
        "data-changed",
        "the data changed between passes.\nFiles must stay as they are while a model is fitted; a"
        " callable must give the same frames each time it is called.",
    )
