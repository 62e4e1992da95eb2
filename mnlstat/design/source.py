"""The data a model was fitted to, by reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mnlstat.arrays import BoolArray
from mnlstat.errors import DataError


@dataclass(frozen=True, eq=False)
class Source:
    """The user's frame, never copied and never changed, and the rows that were used.

    The frame is the user's to change; the labels of the rows used are kept apart from it.

    Attributes
    ----------
    frame : DataFrame
        The data as given.
    kept : (rows of frame,) bool
        True where a row went into the fit.
    index : Index
        Labels of the used rows.
    """

    frame: Any
    kept: BoolArray
    index: Any

    @classmethod
    def of(cls, frame: Any, kept: BoolArray) -> Source:
        """Return the source with the labels that the frame has now."""
        index = frame.index
        return cls(frame, kept, index.copy() if kept.all() else index[kept])

    def used(self) -> Any:
        """Return the used rows of the frame."""
        return self.frame if self.kept.all() else self.frame[self.kept]


@dataclass(frozen=True, eq=False)
class DesignOnly(Source):
    """Rows of which the design and the labels are known, and not the columns of the data."""

    @classmethod
    def of_rows(cls, index: Any) -> DesignOnly:
        """Rows with these labels."""
        return cls(None, np.ones(len(index), dtype=bool), index)

    def used(self) -> Any:
        """There are no columns to return."""
        raise DataError(
            "data-not-kept",
            "the file of this result holds the design only, not the columns of the data.\n"
            "Give the data.",
        )
