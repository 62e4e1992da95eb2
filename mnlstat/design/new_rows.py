"""The columns of new data that a design reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnlstat.arrays import BoolArray
from mnlstat.design.column import Column
from mnlstat.design.evaluate import Block
from mnlstat.design.used import LearnedColumn, check_finite, conformed, read_used


@dataclass(frozen=True, eq=False)
class NewRows:
    """Rows of new data as the fit saw them: the columns of the predictors, read and checked.

    Attributes
    ----------
    columns : mapping of names to Column
    complete : (n,) bool
        Whether nothing that the predictors read is missing.
    index : Index
    frame : DataFrame
        All there is, for the offset.
    """

    columns: Mapping[str, Column]
    complete: BoolArray
    index: Any
    frame: Any

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.complete)

    def block(self) -> Block:
        """The complete rows."""
        if self.complete.all():
            return Block(self.columns, slice(None), self.index)
        return Block(self.columns, self.complete, self.index[self.complete])


def read_rows(frame: Any, names: Sequence[str], learned: Sequence[LearnedColumn]) -> NewRows:
    """Read the columns ``names`` of a frame as what was learned of them.

    Raises
    ------
    DataError
        A missing column, an unseen level, a wrong type or an infinite value.
    """
    found = read_used(frame, names)
    columns = {each.name: conformed(found[each.name], each, frame.index) for each in learned}
    return checked_rows(columns, frame.index, frame)


def checked_rows(columns: Mapping[str, Column], index: Any, frame: Any) -> NewRows:
    """Find the complete rows, and refuse infinite values in them."""
    complete = np.ones(len(index), dtype=bool)
    for column in columns.values():
        if column.missing is not None:
            complete &= ~column.missing
    check_finite(columns, complete, index)
    return NewRows(columns, complete, index, frame)
