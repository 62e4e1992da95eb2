"""``offset(z)`` in the formula of data that are read in pieces."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mnlstat.design.column import Column
from mnlstat.design.evaluate import evaluate
from mnlstat.design.expression import Expression
from mnlstat.design.learn_chunks import TRIED, refuse_mixing
from mnlstat.design.memorize import learn_states
from mnlstat.design.offset_terms import OffsetTerms, numbers_of
from mnlstat.design.offsets import LearnedOffset, learn_offset, others_than_base
from mnlstat.design.predictors import made_missing
from mnlstat.design.reading import Reading, Screen
from mnlstat.design.spec import DesignSpec
from mnlstat.design.used import learned_column
from mnlstat.errors import WeightsError


@dataclass(frozen=True, eq=False)
class TaughtOffsets:
    """The offsets of a formula, and what their transforms learned.

    Attributes
    ----------
    expressions, states : of each
    lost : by term, rows in which it makes a missing value of present ones
    """

    expressions: tuple[Expression, ...]
    states: tuple[tuple[Any, ...], ...]
    lost: Mapping[str, int]

    def of_spec(self, given: Any, spec: DesignSpec, columns: Mapping[str, Column]) -> DesignSpec:
        """The design with these offsets, and with those of ``offset=``."""
        if given is None and not self.expressions:
            return spec
        learned = LearnedOffset(()) if given is None else learn_offset(given, spec.response)
        if self.expressions:
            names = dict.fromkeys(read.column for each in self.expressions for read in each.reads)
            known = tuple(learned_column(columns[name]) for name in names)
            outcomes = others_than_base(spec.response)
            terms = OffsetTerms(self.expressions, self.states, known, outcomes)
            learned = replace(learned, terms=terms)
        return replace(spec, offset=learned)


def learn_offsets(
    reading: Reading,
    expressions: Sequence[Expression],
    tell: Callable[[Mapping[str, int]], None],
) -> tuple[Reading, TaughtOffsets]:
    """What offsets learn from all pieces; the rows that they leave.

    Raises
    ------
    WeightsError
        For one that learns from rows which frequency weights repeat.
    FormulaError, OffsetError
        For one whose value in a row depends on other rows, or that is no number.
    """
    weights = reading.beside.weights
    taught = [each.text.name for each in expressions if each.transforms]
    if taught and weights is not None and weights.is_frequency:
        raise WeightsError(
            "weights-and-transform",
            f"freq_weights: {taught[0]} learns from the rows as they stand, not as often as they"
            " repeat.\nCompute the offset beforehand, as a column of the data.",
        )
    states, lost = list[tuple[Any, ...]](), dict[str, int]()
    for expression in expressions:
        (learned,) = learn_states(reading, [expression])
        gone = _lost(reading, expression, learned)
        if gone:
            lost[expression.text.name] = gone
            tell({expression.text.name: gone})
            reading = reading.screened([Screen(expression, learned)])
        states.append(learned)
    return reading, TaughtOffsets(tuple(expressions), tuple(states), lost)


def _lost(reading: Reading, expression: Expression, states: tuple[Any, ...]) -> int:
    """Rows in which an offset is missing though what it reads is not."""
    lost = 0
    for at, block in enumerate(reading.blocks()):
        value = evaluate(expression, block, states)
        if at < TRIED:
            refuse_mixing(expression, states, value, block)
        numbers_of(expression, value, block)
        gone = made_missing(value)
        lost += 0 if gone is None else int(gone.sum())
    return lost
