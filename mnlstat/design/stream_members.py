"""Rows of data in pieces that belong to the design of a survey, used by the fit or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mnlstat.arrays import BoolArray
from mnlstat.design.conditions import Condition, read_condition
from mnlstat.design.missing import Dropped
from mnlstat.design.stream import Stream
from mnlstat.design.subpopulation import check_inside, check_told
from mnlstat.design.words import where
from mnlstat.errors import DataError, MnlstatError


@dataclass(frozen=True, eq=False)
class StreamMembers:
    """What tells which rows belong to the design.

    Attributes
    ----------
    every : whether all rows of the data do
    condition : what tells the subpopulation, outside of which rows do
    """

    every: bool = False
    condition: Condition | None = None

    @classmethod
    def of(cls, subpop: Any, stream: Stream, dropped: Dropped) -> StreamMembers:
        """As :func:`~mnlstat.design.subpopulation.members` takes it.

        Raises
        ------
        OptionError
            When it is not said, and rows were left out for another reason than missing values.
        DataError
            For truth values, which cannot be lined up with the rows.
        FormulaError
            For a condition that cannot be read.
        """
        if subpop is None:
            check_told(stream.reading.survey.rows - stream.n_rows, dropped)
        if subpop is None or isinstance(subpop, bool):
            return cls(subpop is True)
        if not isinstance(subpop, str):
            raise DataError(
                "read-in-pieces",
                "subpop: truth values cannot be lined up with rows that are read in pieces.\n"
                "Give the condition as text, such as 'age > 30'.",
            )
        try:
            known = stream.reading.chunks.columns
            return cls(condition=read_condition(subpop, known, {}, frozenset()))
        except MnlstatError as error:
            raise _of_subpop(error) from error

    @property
    def names(self) -> tuple[str, ...]:
        """Columns that tell."""
        return () if self.condition is None else self.condition.names

    def among(self, frame: Any, used: BoolArray) -> BoolArray:
        """Which rows of a piece belong to the design.

        Raises
        ------
        OptionError
            When the fit used rows outside of the subpopulation.
        DataError
            When the condition is missing in a row.
        """
        if self.every:
            return np.ones(len(used), dtype=bool)
        if self.condition is None or not len(frame):
            return used
        try:
            inside, unknown = self.condition.holds(frame, by_row=frame.index[0] == 0)
        except MnlstatError as error:
            raise _of_subpop(error) from error
        if unknown.any():
            raise DataError(
                "missing-values",
                f"subpop: it is missing in rows of the data ({where(unknown, frame.index)} of a"
                " piece).\nFill in what it reads.",
            )
        check_inside(used, inside, frame.index)
        return used | ~inside


def _of_subpop(error: MnlstatError) -> MnlstatError:
    """The same error, of the option that it is about."""
    return type(error)(error.code, error.message.replace("subset", "subpop"))
