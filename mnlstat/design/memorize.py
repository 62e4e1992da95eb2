"""Transforms that learn from data, taught piece by piece."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mnlstat.design.column import Integers
from mnlstat.design.evaluate import Block, memorize, way_of_integers
from mnlstat.design.expression import Expression
from mnlstat.design.failures import not_evaluated
from mnlstat.design.reading import Reading
from mnlstat.design.scope import warn
from mnlstat.errors import WholeColumnWarning


def learn_states(
    reading: Reading, expressions: Sequence[Expression]
) -> tuple[tuple[Any, ...], ...]:
    """What the transforms of each expression learn from the rows that are used.

    One pass teaches all transforms of plain columns; one that is applied to the values of another,
    or stands beside another in one expression, takes a pass more.

    Warns
    -----
    WholeColumnWarning
        When a transform needs exact quantiles: it then keeps 8 bytes for each row.

    Raises
    ------
    WeightsError
        For frequency weights that cannot repeat the rows that teach.
    """
    reading = reading.to_learn(expressions)
    pupils = [_Pupil(expression, reading.rows_taught) for expression in expressions]
    while any(not pupil.finished for pupil in pupils):
        for block in reading.blocks():
            for pupil in pupils:
                pupil.see(block)
        for pupil in pupils:
            pupil.conclude()
    return tuple(tuple(pupil.states) for pupil in pupils)


class _Pupil:
    """The transforms of one expression."""

    def __init__(self, expression: Expression, rows: int) -> None:
        self._expression = expression
        self._rows = rows
        self.states = [make() for make in expression.transforms]
        self._done = [False] * len(self.states)
        self._at: int | None = None
        self._integers: Integers | None = None
        self._told = False

    @property
    def finished(self) -> bool:
        return all(self._done)

    def see(self, block: Block) -> None:
        """Let the transform whose turn it is learn from a block."""
        if self.finished:
            return
        if self._integers is None:
            self._integers = way_of_integers(self._expression, block)
        self._at = memorize(self._expression, block, self.states, self._done, self._integers)
        if self._told or self._at is None:
            return
        if _keeps_values(self.states[self._at]):
            self._told = True  # transforms within one term keep one column after another
            warn(
                WholeColumnWarning(
                    "whole-column",
                    f"{self._expression.text.name} needs exact quantiles:"
                    f" {8 * self._rows / 1e6:.3g} MB for a column of {self._rows} rows are kept"
                    " meanwhile.\n"
                    "Give knots= in the formula to learn with constant memory.",
                )
            )

    def conclude(self) -> None:
        """End the pass."""
        if self.finished:
            return
        if self._at is None:  # none of them is called
            self._done = [True] * len(self._done)
            return
        try:
            self.states[self._at].memorize_finish()
        except Exception as error:
            raise not_evaluated(self._expression, error) from error
        self._done[self._at] = True
        self._at = None


def _keeps_values(state: Any) -> bool:
    return bool(getattr(state, "keeps_values", False))
