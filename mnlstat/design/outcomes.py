"""What the left side of a formula gives: outcomes chosen, or counts of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from mnlstat.arrays import BoolArray, IntArray
from mnlstat.design.counts import Counted, outcomes_bound
from mnlstat.design.evaluate import Block, evaluate, learn
from mnlstat.design.expression import Expression
from mnlstat.design.levels import Levelled
from mnlstat.design.missing import spread
from mnlstat.design.parsed import Parsed, outcome_levels
from mnlstat.design.predictors import made_missing
from mnlstat.design.response import Response, learn_response
from mnlstat.design.rowwise import depends_on_other_rows
from mnlstat.design.weights import mixes_repeated_rows
from mnlstat.design.whole import Value
from mnlstat.errors import DataError
from mnlstat.options import shown


@dataclass(frozen=True, eq=False)
class Chosen:
    """The outcome that each row chose.

    Attributes
    ----------
    name : what the response is called
    value : the outcomes as categories
    text : whether they come from a column of text
    """

    name: str
    value: Levelled
    text: bool

    @property
    def missing(self) -> BoolArray | None:
        """Rows without a value, None where there are none."""
        return made_missing(self.value)

    @property
    def untried(self) -> None:
        """Rows in which nothing was chosen: none."""
        return None

    def of_rows(self, rows: BoolArray) -> Chosen:
        """Some of the rows."""
        value = self.value
        codes = value.codes[rows]
        kept = Levelled(codes, value.levels, value.ordered, value.declared, value.asked)
        return Chosen(self.name, kept, self.text)

    def learned(self, *, base: object, n_dropped: int) -> tuple[Response, IntArray]:
        """The outcomes that occur, and the code of each row; as :func:`learn_response`."""
        return learn_response(self.name, self.value, base=base, n_dropped=n_dropped, text=self.text)


RowOutcomes: TypeAlias = Chosen | Counted


def outcomes_of_rows(parsed: Parsed, block: Block, taught: Block | None = None) -> RowOutcomes:
    """What the left side of a formula gives in the rows of a block.

    Transforms learn from the rows of ``taught``, where that is given.

    Raises
    ------
    FormulaError, DataError
        When that can be no response.
    """
    left = parsed.left
    name, text = left.text.name, parsed.response_is_text(block.columns)
    labels = outcomes_bound(left)
    if labels is not None:
        values = _values(left, block, taught)
        assert not isinstance(values, Levelled), "columns bound together are numbers"
        return Counted(name, labels, values, block.index).checked()
    if left.bare_column is not None:
        return Chosen(name, block.columns[left.bare_column].levelled(block.rows), text)
    return Chosen(name, outcome_levels(left, _values(left, block, taught), block.index), text)


def _values(left: Expression, block: Block, taught: Block | None) -> Value:
    value, states = learn(left, block)
    if taught is None:
        return value
    if depends_on_other_rows(left, states, value, block):
        raise mixes_repeated_rows(left.text.name)
    return evaluate(left, block, learn(left, taught)[1]) if states else value


def with_trials(outcome: RowOutcomes, kept: BoolArray) -> tuple[RowOutcomes, BoolArray, int]:
    """Leave out rows in which nothing was chosen, and say how many of the kept ones they are.

    Raises
    ------
    DataError
        When these are all.
    """
    if (none := outcome.untried) is None:
        return outcome, kept, 0
    if none.all():
        raise DataError(
            "no-trials", f"no rows are left: {shown(outcome.name)} is zero in all of them."
        )
    return outcome.of_rows(~none), spread(kept, ~none), int(none.sum())
