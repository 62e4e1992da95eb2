"""The rows of a model of constants alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from mnlstat.rows.matrix import Dense
from mnlstat.rows.part import Part
from mnlstat.rows.rows import Rows
from mnlstat.rows.streamed import Reader, Streamed
from mnlstat.rows.streamed_columns import StreamedColumns, streamed_columns


@dataclass(frozen=True, eq=False)
class Constants:
    """The rows of a reader, a constant in the place of their design."""

    reader: Reader
    n_outcomes: int

    @property
    def n_rows(self) -> int:
        """n."""
        return self.reader.n_rows

    @property
    def n_columns(self) -> int:
        """One."""
        return 1

    @property
    def width(self) -> int:
        """Elements of a row, as it is held: the constant and the offsets."""
        return 1 + self.n_outcomes

    @property
    def checksum(self) -> int | None:
        """Of all rows, once they have been read."""
        return self.reader.checksum

    def parts(self) -> Iterator[Part]:
        """Consecutive rows."""
        for part in self.reader.parts():
            yield part.in_form(_ones(len(part)))

    def written_out(self) -> Constants:
        """The same."""
        return self


def constants_of(rows: Rows | Streamed) -> Rows | StreamedColumns:
    """The same rows, a constant in the place of their design."""
    if isinstance(rows, Rows):
        return replace(rows, matrix=_ones(len(rows)))
    reader = Constants(rows.reader, rows.n_outcomes)
    return streamed_columns(reader, rows.n_outcomes, rows.block_rows, rows.mapper)


def _ones(n: int) -> Dense:
    return Dense(np.ones((n, 1), order="F"))
