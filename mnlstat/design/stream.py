"""Design and outcomes of data that are read in pieces, made anew in every pass."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray, IntArray
from mnlstat.design.beside import Beside, offsets_of
from mnlstat.design.chosen import SubsetRows, dropped_rows, unknown_rows
from mnlstat.design.collapsing import Counting, Patterns, may_be_few
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
from mnlstat.design.offset_chunks import learn_offsets
from mnlstat.design.parsed import resolved
from mnlstat.design.pieces import Chunks
from mnlstat.design.plan import Values
from mnlstat.design.predictors import check_products
from mnlstat.design.reading import EveryRow, Reading, Screen, Wanted
from mnlstat.design.response import outcomes_of
from mnlstat.design.scope import warn
from mnlstat.design.spec import DesignSpec
from mnlstat.design.survey import changed, survey
from mnlstat.design.weights import NamedWeights, Weighting
from mnlstat.design.words import made_missing
from mnlstat.errors import MissingDataWarning
from mnlstat.options import check_choice
from mnlstat.rows.joining import arrays_of
from mnlstat.rows.matrix import Dense, Matrix
from mnlstat.rows.part import Part
from mnlstat.rows.rows import unit_of

# Elements of the design that are written at once.
ELEMENTS = 2**21


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

    def looking(self, names: tuple[str, ...], look: Callable[[Any, BoolArray], None]) -> Stream:
        """The same rows, read with more columns, of which each piece is shown before its rows."""
        return replace(self, reading=self.reading.looking(names, look))

    def parts(self) -> Iterator[Part]:
        """Yield consecutive rows.

        Raises
        ------
        DataError
            When the rows are not those of the passes before.
        """
        most = max(ELEMENTS // self.width, 1024)
        rows, mark = 0, 0
        for block, values, codes in self._values():
            rows += block.n
            weights, offset = self._weights_of(block), self._offset_of(block)
            for at in range(0, block.n, most):
                some = slice(at, at + most)
                matrix = self._written([each[some] for each in values], len(codes[some]))
                check_products(self.spec.plan, matrix, None, block.index[some])
                own = [None if each is None else each[some] for each in (weights, offset)]
                part = Part(matrix, codes[some], *own)
                for array in (*arrays_of(matrix), *part.arrays):
                    mark = zlib.crc32(np.ascontiguousarray(array.T).data, mark)
                yield part
        self._check(rows, mark)

    def _weights_of(self, block: Block) -> FloatArray | None:
        """Weights of a block; None where all are one."""
        found = self.reading.survey.weights
        return None if found.ones else self.reading.beside.weights_of(block)

    def _offset_of(self, block: Block) -> FloatArray | None:
        offset = self.spec.offset
        return None if offset is None else offsets_of(block, offset, len(self.spec.response.labels))

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

    def patterns(self) -> Patterns | None:
        """Distinct rows, and how often each outcome was chosen there.

        None where they are many, or not all finite, or have offsets.

        Raises
        ------
        DataError
            When they are not those of the pass before.
        """
        found = self._few() if self._may_be_summed else None
        if found is None or not np.isfinite(found.X).all():
            return None
        mark = 0
        for array in (found.X, found.counts, found.squares):
            mark = zlib.crc32(array.tobytes(), mark)
        if self._counted and self._counted[0] != mark:
            raise changed()
        self._counted[:] = [mark]
        return found

    @property
    def _may_be_summed(self) -> bool:
        """Whether equal rows are alike, and squares of their weights within range."""
        if self.spec.offset is not None:
            return False
        own, total = self.reading.beside.weights, self.reading.survey.weights.total
        return own is None or own.is_frequency or unit_of(total / self.n_rows) == 1.0

    def check_unchanged(self) -> None:
        """Refuse data that are not those of the passes before."""
        if not self._counted:
            for _ in self.parts():
                pass
        elif self.patterns() is None:
            raise changed()

    def _few(self) -> Patterns | None:
        counting = Counting(self.spec, self.n_rows, self._counted_values)
        if counting.possible_cells is not None:
            return counting.cells()
        some = self.reading.some()
        if some is None:
            return None
        values = [factor.values(some) for factor in self.spec.learned_factors]
        return counting.distinct() if may_be_few(values, some.n) else None

    def _counted_values(self) -> Iterator[tuple[list[Values], IntArray, FloatArray | None]]:
        for block, values, codes in self._values():
            yield values, codes, self._weights_of(block)


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
    def weights(self) -> NamedWeights | None:
        """Weights, if there are any."""
        return self.source.reading.beside.weights

    @property
    def rows_of_outcomes(self) -> FloatArray:
        """Rows of each outcome (J,), whatever their weight."""
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
    weighting: Weighting | None = None,
    offset: Any = None,
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
    weighting, offset
        Names of columns, as for :func:`~mnlstat.design.prepare.prepare`.

    Raises
    ------
    FormulaError, DataError, OptionError, FileFormatError
        With the guilty part of the formula underlined, or column, rows and reason named.
    WeightsError, OffsetError
        For numbers instead of names, and for what cannot be one.
    """
    check_choice("missing", missing, ("drop", "error"))
    known = chunks.columns
    chosen = None if subset is None else SubsetRows.of(subset, known, scope)
    every: Wanted = chosen or wanted or EveryRow()
    beside = Beside.of(weighting, offset, known)
    sides = read_formula(formula, known, beside.names)
    parsed = resolved(sides, known, scope, frozenset())
    refuse_in_pieces(parsed)
    names, bare = parsed.names, parsed.left.bare_column
    numeric = [] if bare is None else [bare]
    both = tuple(dict.fromkeys([*names, *beside.names, *every.names]))
    seen, chunks = survey(chunks, names, numeric, every.used, both, beside)
    check_missing({**unknown_rows(chosen), **seen.lost}, missing)
    parsed = resolved(sides, known, scope, frozenset({seen.rows, seen.wanted}))
    reading = Reading(chunks, names, every, seen, beside=beside)

    def tell(lost: Mapping[str, int]) -> None:
        refuse_made_missing(lost, missing)
        for name, n in lost.items():
            warn(MissingDataWarning("made-missing", made_missing(name, n)))

    left_states, gone = learn_left(reading, parsed.left)
    by_term = {parsed.left.text.name: gone} if gone else {}
    if gone:
        tell(by_term)
        reading = reading.screened([Screen(parsed.left, left_states)])
    reading, added = learn_offsets(reading, parsed.offsets, tell)
    by_term |= added.lost
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
    spec = added.of_spec(offset, parsed.spec(learned, columns, response), columns)
    stream = Stream(reading, spec, outcomes, used, Coding.of(spec.plan, used))
    return PreparedStream(spec, stream, dropped, (*response.notes, *learned.notes))
