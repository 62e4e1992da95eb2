"""A data frame, such as predictions, as a table."""

from __future__ import annotations

from collections.abc import Hashable
from itertools import groupby
from typing import Any

import pandas as pd

from mnlstat.errors import OptionError
from mnlstat.options import check_count
from mnlstat.report import numbers
from mnlstat.report.layout import label
from mnlstat.report.publish.estimates import places
from mnlstat.report.publish.labels import Labels
from mnlstat.report.publish.model import Block, Cell, Line
from mnlstat.report.publish.style import MOST_DIGITS
from mnlstat.report.publish.table import Table

COLUMN, ROW = "column", "row"
P_VALUES = ("p_value", "lr_p_value")
# What a frame knows of its origin, in its attrs.
ORIGIN = {"base": "Base outcome", "nobs": "N", "cov_type": "Covariance"}


def frame_table(
    frame: pd.DataFrame, *, digits: Any = None, labels: Any = None, title: str | None = None
) -> Table:
    """A frame as it stands: its index names the rows, levels of its columns stand over each other.

    ``digits`` are those of columns of floating-point numbers, four where it is None; p-values have
    three places.

    Raises
    ------
    OptionError
        For a frame without rows or columns, and for options.
    """
    if frame.empty:
        raise OptionError("empty-frame", "table(): the frame has no rows, or no columns.")
    decimals = 4 if digits is None else check_count("digits", digits)
    if decimals > MOST_DIGITS:
        raise OptionError("too-many-digits", f"digits={digits} must be {MOST_DIGITS} at most.")
    words = Labels(labels, _known(frame))
    columns = [_texts(frame.iloc[:, at], decimals) for at in range(frame.shape[1])]
    return Table(
        title=title if title is not None else str(frame.attrs.get("title", "")),
        heads=_heads(frame.columns, words),
        blocks=_blocks(frame.index, columns, words),
        notes=_origin(frame),
        stub=_name(frame.index.names[-1]),
        frame=frame.copy(),
    )


def _known(frame: pd.DataFrame) -> dict[str, list[Hashable]]:
    """Names of columns and rows that may have other words."""
    found: dict[str, list[Hashable]] = {COLUMN: [], ROW: []}
    for kind, index in ((COLUMN, frame.columns), (ROW, frame.index)):
        for level in range(index.nlevels):
            found[kind] += index.get_level_values(level).tolist()
    return found


def _name(name: Any) -> str:
    return "" if name is None else str(name)


def _texts(column: pd.Series, decimals: int) -> list[Cell]:
    """A column as cells."""
    name = column.name[-1] if isinstance(column.name, tuple) else column.name
    if pd.api.types.is_float_dtype(column.dtype):
        values = column.to_numpy(dtype=float, na_value=float("nan"))
        if name in P_VALUES:
            return [Cell(numbers.p_value(value)) for value in values]
        return [Cell(places(value, decimals)) for value in values]
    whole = pd.api.types.is_integer_dtype(column.dtype)
    return [
        Cell("" if value is None or value is pd.NA else label(value), number=whole)
        for value in column.tolist()
    ]


def _heads(columns: pd.Index, words: Labels) -> tuple[tuple[Cell, ...], ...]:
    """A row of headings for each level; equal ones side by side become one, but in the last."""
    rows = []
    paths = [value if columns.nlevels > 1 else (value,) for value in columns.tolist()]
    for level in range(columns.nlevels - 1):
        upper = groupby(path[: level + 1] for path in paths)
        runs = [(path[-1], len(list(run))) for path, run in upper]
        rows.append(tuple(Cell(words.of(COLUMN, name), n, number=False) for name, n in runs))
    last = tuple(Cell(words.of(COLUMN, path[-1]), number=False) for path in paths)
    return (*rows, last)


def _blocks(index: pd.Index, columns: list[list[Cell]], words: Labels) -> tuple[Block, ...]:
    """Rows; under a heading for the levels of the index before the last."""
    several = index.nlevels > 1
    paths = [value if several else (value,) for value in index.tolist()]
    rows = zip(paths, zip(*columns, strict=True), strict=True)
    lines = [(path, Line(words.of(ROW, path[-1]), cells)) for path, cells in rows]
    blocks = []
    for before, run in groupby(lines, lambda line: line[0][:-1]):
        heading = ", ".join(
            f"{_name(name)} = {words.of(ROW, value)}" if name is not None else words.of(ROW, value)
            for name, value in zip(index.names, before, strict=False)
        )
        blocks.append(Block(heading, tuple(line for _, line in run)))
    return tuple(blocks)


def _origin(frame: pd.DataFrame) -> tuple[str, ...]:
    """What the frame says its numbers are of."""
    known = [
        f"{word}: {label(frame.attrs[name])}."
        for name, word in ORIGIN.items()
        if name in frame.attrs
    ]
    return (" ".join(known),) if known else ()
