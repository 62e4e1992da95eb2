"""The data a model was fitted to, by reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mnlstat.arrays import BoolArray


@dataclass(frozen=True, eq=False)
class Source:
    """The user's frame, never copied and never changed, and the rows that were used.

    Attributes
    ----------
    frame : DataFrame
        The data as given.
    kept : (rows of frame,) bool
        True where a row went into the fit.
    """

    frame: Any
    kept: BoolArray

    @property
    def index(self) -> Any:
        """Row labels of the used rows."""
        return self.frame.index if self.kept.all() else self.frame.index[self.kept]

    def used(self) -> Any:
        """Return the used rows of the frame."""
        return self.frame if self.kept.all() else self.frame[self.kept]
