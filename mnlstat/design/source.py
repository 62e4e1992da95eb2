"""The data a model was fitted to, by reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mnlstat.arrays import BoolArray


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
