"""What a formula learns from data that are read in pieces, pass by pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnlstat.arrays import IntArray
from mnlstat.design.column import Column
from mnlstat.design.counts import outcomes_bound
from mnlstat.design.evaluate import Block, evaluate
from mnlstat.design.expression import Expression
from mnlstat.design.formula import FactorKind, RightSide, code_terms
from mnlstat.design.levels import Levelled, check_distinct
from mnlstat.design.memorize import learn_states
from mnlstat.design.parsed import Parsed, outcome_levels
from mnlstat.design.predictors import Learned, LearnedFactor, check_identifier, made_missing
from mnlstat.design.reading import Reading, Screen
from mnlstat.design.rowwise import depends_on_other_rows
from mnlstat.design.survey import LevelCounts
from mnlstat.design.whole import Value
from mnlstat.design.words import count, left_out
from mnlstat.errors import DataError, FormulaError
from mnlstat.options import named

# Pieces in which a term is tried for whether it mixes rows.
TRIED = 4
ROUNDS = 3


@dataclass(frozen=True, eq=False)
class Outcomes:
    """The response: its expression, what its transforms learned, and the rows of each outcome."""

    expression: Expression
    states: tuple[Any, ...]
    whole: Levelled
    counts: IntArray

    def levelled(self, block: Block) -> Levelled:
        """The response of a block as categories."""
        return response_of(self.expression, self.states, block)


def response_of(left: Expression, states: tuple[Any, ...], block: Block) -> Levelled:
    """The response of a block as categories."""
    if left.bare_column is not None:
        return block.columns[left.bare_column].levelled(block.rows)
    return outcome_levels(left, evaluate(left, block, states), block.index)


@dataclass(frozen=True, eq=False)
class Found:
    """What one pass over the values of all terms tells.

    ``levels`` and ``widths`` belong to the predictors; ``lost`` are rows by term that it made
    missing, and the terms as they were.
    """

    outcomes: Outcomes
    levels: tuple[LevelCounts | None, ...]
    widths: tuple[int, ...]
    lost: Mapping[str, int]
    screens: list[Screen]


def found_values(
    reading: Reading,
    parsed: Parsed,
    states: Sequence[tuple[Any, ...]],
    left_states: tuple[Any, ...],
) -> Found:
    """Levels, widths, outcomes and lost rows over all pieces.

    No pass is made where every term is a column and no row was dropped since: the survey knows it.

    Raises
    ------
    DataError, FormulaError
        For infinite values, and for terms whose value in a row depends on other rows.
    """
    left, known = parsed.left, reading.survey.counts
    bare = [each.bare_column for each in parsed.expressions]
    if left.bare_column is not None and None not in bare and not reading.screens:
        whole, counts = known[left.bare_column].whole()
        levels = tuple(known.get(column or "") for column in bare)
        return Found(Outcomes(left, left_states, whole, counts), levels, (1,) * len(bare), {}, [])
    terms = [_Term(each, own) for each, own in zip(parsed.expressions, states, strict=True)]
    response = LevelCounts()
    if left.bare_column is not None:
        response.counts = dict.fromkeys(known[left.bare_column].counts, 0)
    for block in reading.blocks():
        for term in terms:
            term.see(block)
        response.add(response_of(left, left_states, block))
    for term in terms:
        term.refuse_infinite()
    whole, counts = response.whole()
    return Found(
        Outcomes(left, left_states, whole, counts),
        tuple(term.levels for term in terms),
        tuple(term.width for term in terms),
        {term.name: term.lost for term in terms if term.lost},
        [Screen(term.expression, term.states) for term in terms if term.lost],
    )


def refuse_mixing(
    expression: Expression, states: tuple[Any, ...], value: Value, block: Block
) -> None:
    """Refuse what rows in pieces cannot give: a value that depends on the other rows."""
    if depends_on_other_rows(expression, states, value, block):
        said = (
            f"{expression.text.name}: a row's value depends on the other rows, which are never"
            " together when data are read in pieces. Use a transform that learns, such as center()"
            " or standardize(), or make a column of it."
        )
        raise FormulaError("depends-on-other-rows", expression.text.pointed(said))


class _Term:
    """One expression of the right side over all pieces."""

    def __init__(self, expression: Expression, states: tuple[Any, ...]) -> None:
        self.expression, self.states = expression, states
        self.name = expression.text.name
        self.levels: LevelCounts | None = None
        self.width = 0
        self.lost = 0
        self._seen = 0
        self._infinite: tuple[int, Any] = (0, None)

    def see(self, block: Block) -> None:
        """Take in a block."""
        value = evaluate(self.expression, block, self.states)
        if self._seen < TRIED:
            refuse_mixing(self.expression, self.states, value, block)
            self._seen += 1
        gone = made_missing(value)
        self.lost += 0 if gone is None else int(gone.sum())
        if isinstance(value, Levelled):
            self._check_alike(self.width == 0)
            self.levels = self.levels or LevelCounts()
            self.levels.add(value)
        elif gone is None or not gone.all():
            width = 1 if value.ndim == 1 else value.shape[1]
            self._check_alike(self.levels is None and self.width in (0, width))
            self.width = width
            self._count_infinite(value, block)

    def _check_alike(self, alike: bool) -> None:
        if not alike:
            said = "gives values of different kinds in different rows"
            raise FormulaError(
                "term-changes-kind", self.expression.text.pointed(f"{self.name} {said}.")
            )

    def _count_infinite(self, value: Any, block: Block) -> None:
        infinite = np.isinf(value)
        if infinite.ndim > 1:
            infinite = np.logical_or.reduce(infinite, axis=1)
        if infinite.any():
            n, first = self._infinite
            first = block.index[int(infinite.argmax())] if n == 0 else first
            self._infinite = n + int(infinite.sum()), first

    def refuse_infinite(self) -> None:
        n, first = self._infinite
        if n:
            raise DataError(
                "term-infinite",
                f"{self.name} is infinite, though the data are finite"
                f" ({count(n)}, first row {named(first)}).\nChange the term or leave the rows out.",
            )


def learned_right(
    right: RightSide,
    expressions: Sequence[Expression],
    states: Sequence[tuple[Any, ...]],
    found: Found,
    columns: Mapping[str, Column],
) -> Learned:
    """The right side as it was learned from all pieces."""
    kinds, factors, notes = list[FactorKind](), list[LearnedFactor](), list[str]()
    n = int(found.outcomes.counts.sum())
    for at, expression in enumerate(expressions):
        counts, width = found.levels[at], max(found.widths[at], 1)
        if counts is None:
            kinds.append(FactorKind(width))
            factors.append(LearnedFactor(expression, states[at], width, None))
            continue
        value, note = _used_levels(expression, counts, columns, n)
        notes += note
        kinds.append(FactorKind(1, value.levels, value.contrast))
        factors.append(LearnedFactor(expression, states[at], 1, value.levels))
    return Learned(code_terms(right, kinds), tuple(factors), (), tuple(notes))


def _used_levels(
    expression: Expression, levels: LevelCounts, columns: Mapping[str, Column], n: int
) -> tuple[Levelled, list[str]]:
    """Leave out levels that never occur, unless the formula asked for them."""
    name, column = expression.text.name, expression.column
    value, counts = levels.whole()
    if column is not None and columns[column].kind == "text":
        check_identifier(column, int((counts > 0).sum()), n)
    notes = []
    if not counts.all() and not value.asked:
        unseen = [lev for lev, rows in zip(value.levels, counts, strict=True) if not rows]
        notes.append(left_out(name, "level", unseen))
        value = value.without(counts == 0)
    check_distinct(value.levels, name)
    return value, notes


def refuse_in_pieces(parsed: Parsed) -> None:
    """Refuse what data that are read in pieces cannot have."""
    if outcomes_bound(parsed.left) is not None:
        said = "a response of counts in data that are read in pieces: give a frame, or its rows."
        raise FormulaError("counts-in-pieces", parsed.left.text.pointed(said))


def learn_left(reading: Reading, left: Expression) -> tuple[tuple[Any, ...], int]:
    """What the transforms of the response learn, and how many rows the response loses."""
    if left.bare_column is not None:
        return (), 0
    (states,) = learn_states(reading, [left])
    lost = 0
    for at, block in enumerate(reading.blocks()):
        value = evaluate(left, block, states)
        if at < TRIED:
            refuse_mixing(left, states, value, block)
        gone = made_missing(outcome_levels(left, value, block.index))
        lost += 0 if gone is None else int(gone.sum())
    return states, lost


def learn_rounds(
    reading: Reading,
    parsed: Parsed,
    left_states: tuple[Any, ...],
    tell: Callable[[Mapping[str, int]], None],
) -> tuple[Reading, Found, tuple[tuple[Any, ...], ...], dict[str, int]]:
    """Learn the right side; where terms make missing values, again without those rows.

    ``tell`` is called with the rows lost by term in each round.
    """
    lost = dict[str, int]()
    for _ in range(ROUNDS):
        states = learn_states(reading, parsed.expressions)
        found = found_values(reading, parsed, states, left_states)
        if not found.lost:
            return reading, found, states, lost
        tell(found.lost)
        for name, n in found.lost.items():
            lost[name] = lost.get(name, 0) + n
        reading = reading.screened(found.screens)
        if not found.outcomes.counts.any() or not _some_left(reading):
            name = max(found.lost, key=lambda name: found.lost[name])
            raise DataError(
                "no-rows-left", f"no rows are left: {name} makes missing values in all of them."
            )
    raise DataError(
        "unstable-missing",
        f"{next(iter(lost))} makes new missing values each time it is learned from the rows left,"
        f" after {ROUNDS} rounds.",
    )


def _some_left(reading: Reading) -> bool:
    return next(reading.blocks(), None) is not None
