"""New data that are read in pieces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from mnlstat.design.chunks import chunks_of
from mnlstat.design.pieces import Chunks
from mnlstat.design.spec import DesignSpec
from mnlstat.errors import DataError
from mnlstat.options import shown


def new_chunks(spec: DesignSpec, data: Any) -> Chunks | None:
    """New data that are read in pieces, as the design reads them; None for a table in memory.

    Raises
    ------
    DataError
        For a column that they lack.
    FileFormatError
        When there is no such file, or its format is unknown.
    """
    chunks: Chunks | None = chunks_of(data)
    if chunks is None:
        return None
    known = chunks.columns  # a callable is called for them
    missing = [name for name in spec.read_names if name not in known]
    if missing:
        raise DataError("missing-column", f"the data have no column {shown(missing[0])}.")
    for learned in spec.learned_columns:  # text stays text where it looks like numbers
        if learned.content == "text":
            chunks = chunks.as_text(learned.name) or chunks
    return chunks


def frames_of(chunks: Chunks, names: Sequence[str]) -> Iterator[Any]:
    """The pieces as frames with these columns; one without rows where there are none."""
    first = next(pieces := iter(chunks.read(some_of(chunks, names))), None)
    yield pd.DataFrame(columns=list(names)) if first is None else first
    yield from pieces


def some_of(chunks: Chunks, names: Sequence[str]) -> tuple[str, ...]:
    """These columns; where there are none another, as without columns there are no rows."""
    return tuple(dict.fromkeys(names)) or tuple(chunks.columns[:1])


def check_rowwise(spec: DesignSpec, doing: str, instead: str) -> None:
    """Refuse a design whose rows depend on other rows."""
    for factor in spec.learned_factors:
        if not factor.rowwise:
            raise DataError(
                "depends-on-other-rows",
                f"{factor.expression.text.name}: a row's value depends on the other rows, which are"
                f" not together {doing}.\n{instead}",
            )
