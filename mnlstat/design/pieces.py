"""What all tables that are read in pieces share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol, Self

from mnlstat.design.underline import first_line
from mnlstat.errors import DataError
from mnlstat.options import shown

# Rows and values of a piece at most, and rows of a piece of many columns.
CHUNK_ROWS = 65_536
CHUNK_VALUES = 2**22
LEAST_ROWS = 1024


class Chunks(Protocol):
    """A table that is read in pieces, the same ones in each pass."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns."""

    def read(self, names: Sequence[str]) -> Iterator[Any]:
        """Yield frames of these columns; their index numbers the rows, from zero."""

    def as_text(self, name: str) -> Self | None:
        """The same with a column read as text; None where types are not guessed."""


def reason(error: Exception, after: str | None = None) -> str:
    """What another library says of a failure, without what it says up to the last ``after``."""
    return first_line(error, after).rstrip(".")


def rows_at_once(names: Sequence[str]) -> int:
    """Rows of a piece with these columns."""
    return min(CHUNK_ROWS, max(CHUNK_VALUES // max(len(names), 1), LEAST_ROWS))


def not_in_file(name: str, file: str) -> DataError:
    """What is raised when a file lacks a column that is read."""
    return DataError(
        "column-not-in-file",
        f"column {shown(name)} is not in {file!r}, though it is in other files of the data.\n"
        "Add it to that file, leave the file out, or take the column out of the formula.",
    )


def check_names(names: Sequence[Any]) -> tuple[str, ...]:
    """Return the names of columns, or refuse two of one name."""
    twice = next((name for at, name in enumerate(names) if name in names[:at]), None)
    if twice is not None:
        raise DataError(
            "duplicate-column", f"two columns are named {shown(twice)}: rename one of them."
        )
    return tuple(str(name) for name in names)
