"""Coefficients in a table with a row for each: a data frame, or csv."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.errors import DataError
from mnlstat.options import shown
from mnlstat.peers.reported import NOTHING, Number, Reported

NAME = "the table"
# What the columns may be called, in lower case, dots and blanks being underscores.
COLUMNS = {
    "outcome": ("outcome", "y_level", "y.level", "equation", "response", "level", "class"),
    "term": ("term", "variable", "parameter", "name"),
    "estimate": ("estimate", "coef", "coefficient", "b", "params"),
    "std_error": ("std_error", "std_err", "se", "stderr", "standard_error", "bse"),
}
BASES = ("base", "baseline", "reference")


def is_csv(text: str) -> bool:
    """Whether the first line names columns that are separated by commas, semicolons or tabs."""
    first = text.strip().partition("\n")[0]
    names = {_plain(name) for name in first.replace(";", ",").replace("\t", ",").split(",")}
    return all(names & set(COLUMNS[column]) for column in ("term", "estimate"))


def read_csv(text: str) -> Reported:
    """Read csv text; the digits that stand there tell how far numbers were rounded."""
    first = text.strip().partition("\n")[0]
    separator = max(",;\t", key=first.count)
    rows = list(csv.reader(io.StringIO(text.strip()), delimiter=separator))
    width = len(rows[0])
    for at, row in enumerate(rows[1:], start=2):
        if row and len(row) != width:
            raise DataError(
                "compare-unreadable",
                f"compare(): line {at} of the table has {len(row)} cells, the first {width}.",
            )
    frame = pd.DataFrame([row for row in rows[1:] if row], columns=[c.strip() for c in rows[0]])
    return read_frame(frame)


def read_frame(frame: pd.DataFrame) -> Reported:
    """Read columns outcome, term, estimate and, if there is one, std_error.

    Raises
    ------
    DataError
        For a column that is not there, or holds something else.
    """
    known = {_plain(name): name for name in frame.columns}
    found = {
        column: next((known[name] for name in names if name in known), None)
        for column, names in COLUMNS.items()
    }
    lacking = [name for name in ("outcome", "term", "estimate") if found[name] is None]
    if lacking:
        raise DataError(
            "compare-unreadable",
            f"compare(): the table has no column {shown(lacking[0])}; it has"
            f" {', '.join(map(shown, frame.columns))}.\n"
            "Give columns outcome, term, estimate and, if there are some, std_error.",
        )
    errors = [""] * len(frame) if found["std_error"] is None else frame[found["std_error"]].tolist()
    rows = tuple(
        (_label(outcome), str(term), _number(estimate), _number(error))
        for outcome, term, estimate, error in zip(
            frame[found["outcome"]].tolist(),
            frame[found["term"]].tolist(),
            frame[found["estimate"]].tolist(),
            errors,
            strict=True,
        )
    )
    if not rows:
        raise DataError("compare-unreadable", "compare(): the table has no rows.")
    bases = {str(v) for name in BASES if name in known for v in frame[known[name]]}
    base = bases.pop() if len(bases) == 1 else frame.attrs.get("base")
    return Reported(NAME, rows, base)


def _plain(name: Any) -> str:
    return str(name).strip().strip('"').casefold().replace(" ", "_").replace(".", "_")


def _label(outcome: Any) -> Any:
    if isinstance(outcome, np.generic):
        return outcome.item()
    return outcome.strip() if isinstance(outcome, str) else outcome


def _number(cell: Any) -> Number:
    """A cell; all digits of what is a number already."""
    if cell is None or (isinstance(cell, str) and cell.strip() in ("", ".", "NA", "nan", "NaN")):
        return NOTHING
    try:
        return Number.read(cell) if isinstance(cell, str) else Number(float(cell))
    except (TypeError, ValueError) as error:
        raise DataError(
            "compare-unreadable", f"compare(): {shown(cell)} in the table is no number."
        ) from error
