"""The data a model was fitted to, by reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnlstat.arrays import BoolArray
from mnlstat.design.opened import Opened, opened
from mnlstat.errors import DataError


@dataclass(frozen=True, eq=False)
class Source:
    """The user's data, never changed, and the rows that were used.

    A frame is the user's to change; the labels of the rows used are kept apart from it.

    Attributes
    ----------
    data : Opened
        The data as given.
    kept : (rows of data,) bool
        True where a row went into the fit.
    index : Index
        Labels of the used rows.
    """

    data: Opened
    kept: BoolArray
    index: Any

    @classmethod
    def of(cls, data: Any, kept: BoolArray, index: Any = None) -> Source:
        """Return the source with the labels that the data have now."""
        table = opened(data)
        index = table.whole().index if index is None else index
        return cls(table, kept, index.copy() if kept.all() else index[kept])

    @property
    def frame(self) -> Any:
        """All columns as a DataFrame; by reference where the data are one."""
        return self.data.whole()

    def used(self, names: Sequence[str] | None = None) -> Any:
        """Return the used rows of a frame that has these columns; by default, of all."""
        frame = self.frame if names is None else self.data.frame(names)
        return frame if self.kept.all() else frame[self.kept]


@dataclass(frozen=True, eq=False)
class DesignOnly(Source):
    """Rows of which the design and the labels are known, and not the columns of the data."""

    @classmethod
    def refuse(cls, source: Any, purpose: str, cure: str) -> None:
        """Refuse such rows for a purpose that needs columns of the data."""
        if isinstance(source, cls):
            raise DataError(
                "data-not-kept",
                f"{purpose} needs the columns of the data, and the file of this result holds the"
                f" design only.\n{cure}",
            )

    @classmethod
    def of_rows(cls, index: Any) -> DesignOnly:
        """Rows with these labels."""
        return cls(opened({}), np.ones(len(index), dtype=bool), index)

    @property
    def frame(self) -> Any:
        """There are no columns to return."""
        raise DataError(
            "data-not-kept",
            "the file of this result holds the design only, not the columns of the data.\n"
            "Give the data.",
        )

    def used(self, names: Sequence[str] | None = None) -> Any:
        """There are no columns to return."""
        return self.frame
