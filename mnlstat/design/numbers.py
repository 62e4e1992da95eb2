"""A column of real numbers that an option names or gives."""

from __future__ import annotations

from typing import Any

from mnlstat.arrays import FloatArray
from mnlstat.design.column import read_column
from mnlstat.errors import DataError, MnlstatError
from mnlstat.options import shown

KINDS = {
    "bool": "True and False",
    "text": "text",
    "category": "categories",
    "empty": "nothing but missing values",
}


def real_numbers(
    option: str,
    name: str,
    values: Any,
    error: type[MnlstatError] = DataError,
    *,
    flags: bool = False,
) -> FloatArray:
    """The values of a Series as floats.

    Parameters
    ----------
    option, name : what gave them, and what they are called there
    values : Series
    error : class of what is raised
    flags : whether True and False are one and zero

    Raises
    ------
    MnlstatError
        For text, categories, complex numbers, dates, and unless ``flags`` truth values: numpy would
        read numbers out of all of these.
    """
    try:
        column = read_column(name, values)
    except MnlstatError as cause:
        raise error(cause.code, f"{option}: {cause.message}") from cause
    if column.kind in ("number", "integer") or (flags and column.kind == "bool"):
        return column.numbers()
    raise error(
        "not-numbers",
        f"{option}: {shown(name)} holds no numbers, but {KINDS[column.kind]}.",
    )
