"""Design and outcomes of data that are read in pieces, made anew in every pass."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.design.chosen import SubsetRows, dropped_rows, unknown_rows
from mnlstat.design.collapsing import Distinct, may_be_few
from mnlstat.design.dot import read_formula
from mnlstat.design.evaluate import Block
from mnlstat.design.grouping import Coding
from mnlstat.design.learn_chunks import (
    Outcomes,
    learn_left,
    learn_rounds,
    learned_right,
    refuse_in_pieces,
)
from mnlstat.design.missing import Dropped, check_missing, refuse_made_missing
from mnlstat.design.parsed import resolved
from mnlstat.design.pieces import Chunks
from mnlstat.design.plan import Values
from mnlstat.design.predictors import check_products
from mnlstat.design.reading import EveryRow, Reading, Screen, Wanted
from mnlstat.design.response import outcomes_of
from mnlstat.design.scope import warn
from mnlstat.design.spec import DesignSpec
from mnlstat.design.survey import changed, survey
from mnlstat.design.words import made_missing
from mnlstat.errors import MissingDataWarning
from mnlstat.options import check_choice
from mnlstat.rows.joining import arrays_of
from mnlstat.rows.matrix import Dense, Matrix

# Elements of the design that are written at once.
ELEMENTS = 2**21
# Combinations of levels, times outcomes, that are counted instead of read again and again.
MOST_CELLS = 2**19
# Distinct rows are kept when all rows outnumber them so far.
WORTH = 8


@dataclass(frozen=True, eq=False)
class Stream:
    """Rows of a model that come piece by piece.

    Attributes
    ----------
    reading : the pieces, and which of their rows are used
    spec : the learned design
    outcomes : the response
    n_rows : rows used
    coding : how factors of many levels stay codes; None where all columns are written out
    """

    reading: Reading
    spec: DesignSpec
    outcomes: Outcomes
    n_rows: int
    coding: Coding | None = None
    _mark: list[int] = field(default_factory=list)
    _counted: list[int] = field(default_factory=list)

    def __repr__(self) -> str:
        return f"<Stream of {self.n_rows} rows and {self.n_columns} columns>"

    @property
    def n_columns(self) -> int:
        """k."""
        return len(self.spec.columns)

    @property
    def width(self) -> int:
        """Elements of a row, as it is held."""
        return self.n_columns if self.coding is None else self.coding.width

    def written_out(self) -> Stream:
        """The same rows, all columns as an array."""
        return replace(self, coding=None, _mark=[])

    def parts(self) -> Iterator[tuple[Matrix, IntArray]]:
        """Yield design and outcome codes (m,) of consecutive rows.

        Raises
        ------
        DataError
            When the rows are not those of the passes before.
        """
        most = max(ELEMENTS // self.width, 1024)
        rows, mark = 0, 0
        for block, values, codes in self._values():
            rows += block.n
            for at in range(0, block.n, most):
                part = slice(at, at + most)
                matrix = self._written([each[part] for each in values], len(codes[part]))
                check_products(self.spec.plan, matrix, None, block.index[part])
                for array in (*arrays_of(matrix), codes[part]):
                    mark = zlib.crc32(np.ascontiguousarray(array.T).data, mark)
                yield matrix, codes[part]
        self._check(rows, mark)

    def _written(self, values: list[Values], n: int) -> Matrix:
        if self.coding is None:
            return Dense(self.spec.plan.write(values, n))
        return self.coding.write(values, n)

    def _check(self, rows: int, mark: int) -> None:
        if not self._mark:
            self._mark.append(mark)
        if rows != self.n_rows or self._mark[0] != mark:
            raise changed()

    @property
    def checksum(self) -> int | None:
        """Of all rows, once they have been read."""
        return self._mark[0] if self._mark else None

    def _values(self) -> Iterator[tuple[Block, list[Values], IntArray]]:
        for block in self.reading.blocks():
            levelled = self.outcomes.levelled(block)
            codes = levelled.recoded(self.spec.response.labels)
            if (codes < 0).any():
                raise changed()
            yield block, [factor.values(block) for factor in self.spec.learned_factors], codes

    def patterns(self) -> tuple[FloatArray, FloatArray] | None:
        """Distinct rows (M, k), and how often each outcome was chosen there (M, J).

        None where they are many, or not all finite.

        Raises
        ------
        DataError
            When they are not those of the pass before.
        """
        found = self._patterns()
        if found is None or not np.isfinite(found[0]).all():
            return None
        mark = zlib.crc32(found[1].tobytes(), zlib.crc32(found[0].tobytes()))
        if self._counted and self._counted[0] != mark:
            raise changed()
        self._counted[:] = [mark]
        return found

    def check_unchanged(self) -> None:
        """Refuse data that are not those of the passes before."""
        if self._counted:
            if self.patterns() is None:
                raise changed()
            return
        for _ in self.parts():
            pass

    def _patterns(self) -> tuple[FloatArray, FloatArray] | None:
        levels = [len(factor.levels or ()) for factor in self.spec.learned_factors]
        J, possible = len(self.spec.response.labels), 1
        for n in levels:
            possible *= n
        if all(levels) and possible * J <= min(MOST_CELLS, max(self.n_rows // 4, 64)):
            return self._cells(levels, possible)
        if not self._may_be_few():
            return None
        distinct = Distinct(J, min(MOST_CELLS // max(self.n_columns, 1), self.n_rows // WORTH))
        rows = 0
        for block, values, codes in self._values():
            rows += block.n
            if not distinct.add(values, codes):
                return None
        if rows != self.n_rows:
            raise changed()
        return distinct.design(self.spec.plan)

    def _may_be_few(self) -> bool:
        some = self.reading.some()
        if some is None:
            return False
        return may_be_few([factor.values(some) for factor in self.spec.learned_factors], some.n)

    def _cells(self, levels: list[int], possible: int) -> tuple[FloatArray, FloatArray]:
        """The same from a table of all combinations of levels."""
        J = len(self.spec.response.labels)
        counts = np.zeros(possible * J)
        for block, values, codes in self._values():
            cells = np.zeros(block.n, dtype=np.intp)
            for each, n in zip(values, levels, strict=True):
                cells = cells * n + np.asarray(each, dtype=np.intp)
            counts += np.bincount(cells * J + codes, minlength=len(counts))
        if int(counts.sum()) != self.n_rows:
            raise changed()
        table = counts.reshape(possible, J)
        seen = np.flatnonzero(table.any(axis=1))
        place = [np.asarray(at) for at in np.unravel_index(seen, levels)] if levels else []
        return self.spec.plan.write(place, len(seen)), table[seen]


@dataclass(frozen=True, eq=False)
class PreparedStream:
    """Data in pieces, ready to fit, and what they mean; as :class:`Prepared` is of a frame.

    Attributes
    ----------
    spec : DesignSpec
    source : Stream
    dropped : Dropped
    notes : tuple of str
    """

    spec: DesignSpec
    source: Stream
    dropped: Dropped
    notes: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of the data."""
        return self.source.reading.chunks.columns

    @property
    def totals(self) -> FloatArray:
        """Rows of each outcome (J,)."""
        counts = self.source.outcomes.counts
        return counts[counts > 0].astype(float)


def prepare_stream(
    formula: str,
    chunks: Chunks,
    *,
    base: object = None,
    missing: str = "drop",
    scope: Mapping[str, Any],
    wanted: Wanted | None = None,
    subset: Any = None,
) -> PreparedStream:
    """Learn the design of a formula from data in pieces: the same as from all rows at once.

    One pass surveys the columns; one more teaches the transforms, if there are any; one more looks
    at the values of the terms, unless all are columns.

    Parameters
    ----------
    formula, base, missing, scope
        As for :func:`~mnlstat.design.prepare.prepare`.
    chunks : Chunks
    wanted : Wanted, optional
        Tells which rows may be used; all by default.
    subset : str, optional
        A condition on the rows.

    Raises
    ------
    FormulaError, DataError, OptionError, FileFormatError
        With the guilty part of the formula underlined, or column, rows and reason named.
    """
    check_choice("missing", missing, ("drop", "error"))
    known = chunks.columns
    chosen = None if subset is None else SubsetRows.of(subset, known, scope)
    every: Wanted = chosen or wanted or EveryRow()
    sides = read_formula(formula, known)
    parsed = resolved(sides, known, scope, frozenset())
    refuse_in_pieces(parsed)
    names, bare = parsed.names, parsed.left.bare_column
    numeric = [] if bare is None else [bare]
    both = tuple(dict.fromkeys([*names, *every.names]))
    seen, chunks = survey(chunks, names, numeric, every.used, both)
    check_missing({**unknown_rows(chosen), **seen.missing}, missing)
    parsed = resolved(sides, known, scope, frozenset({seen.rows, seen.wanted}))
    reading = Reading(chunks, names, every, seen)

    def tell(lost: Mapping[str, int]) -> None:
        refuse_made_missing(lost, missing)
        for name, n in lost.items():
            warn(MissingDataWarning("made-missing", made_missing(name, n)))

    left_states, gone = learn_left(reading, parsed.left)
    by_term = {parsed.left.text.name: gone} if gone else {}
    if gone:
        tell(by_term)
        reading = reading.screened([Screen(parsed.left, left_states)])
    reading, found, states, lost = learn_rounds(reading, parsed, left_states, tell)
    outcomes, columns = found.outcomes, seen.columns
    used = int(outcomes.counts.sum())
    dropped = dropped_rows(chosen, seen, used, by_term | lost)
    unseen = tuple(
        level for level, n in zip(outcomes.whole.levels, outcomes.counts, strict=True) if not n
    )
    response = outcomes_of(
        parsed.left.text.name,
        outcomes.whole.without(outcomes.counts == 0),
        unseen,
        base=base,
        n=used,
        n_dropped=dropped.total,
        text=parsed.response_is_text(columns),
    )
    learned = learned_right(parsed.right, parsed.expressions, states, found, columns)
    spec = parsed.spec(learned, columns, response)
    stream = Stream(reading, spec, outcomes, used, Coding.of(spec.plan, used))
    return PreparedStream(spec, stream, dropped, (*response.notes, *learned.notes))
