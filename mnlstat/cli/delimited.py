"""Tables in text: a header line, then a line for each row."""

from __future__ import annotations

import gzip
import io
import re
import warnings
from typing import IO, Any

import pandas as pd

from mnlstat.cli.reasons import UnreadableError
from mnlstat.errors import DataError, MissingDataWarning
from mnlstat.filters import filtered
from mnlstat.options import shown

GZIP_MAGIC = b"\x1f\x8b"
MISSING = ["", "NA", "NaN", "nan"]
DOT = "."  # a missing number, as Stata and SAS write it
SEPARATORS = {";": "';'", "\t": "tabs", ",": "','"}
INSTEAD = {",": "commas", "\t": "tabs"}

_FIELDS = re.compile(r"Expected (\d+) fields in line (\d+), saw (\d+)")
_QUOTE = re.compile(r"EOF inside string starting at row (\d+)")


def read_csv(file: IO[bytes]) -> pd.DataFrame:
    """A table with commas between its columns."""
    return _read(file, ",")


def read_tsv(file: IO[bytes]) -> pd.DataFrame:
    """A table with tabs between its columns."""
    return _read(file, "\t")


def _read(file: IO[bytes], separator: str) -> pd.DataFrame:
    packed = file.read(2) == GZIP_MAGIC
    file.seek(0)
    plain: Any = gzip.GzipFile(fileobj=file) if packed else file
    raw = plain.read()
    if b"\0" in raw:
        raise UnreadableError("not-text", "it holds bytes that no text has")
    text = raw.decode("utf-8-sig")
    _check_header(text, separator)
    table = _parsed(text, separator, MISSING)
    dotted = _dotted(table)
    if not dotted:
        return table
    for name, count in dotted.items():
        held = f"{shown(DOT)} in {count} row{'' if count == 1 else 's'}"
        said = f"column {shown(name)} holds numbers and {held}, read as missing."
        warnings.warn(MissingDataWarning("dots-missing", said), stacklevel=2)
    every: dict[str, list[str]] = {str(name): MISSING for name in table.columns}
    return _parsed(text, separator, every | {key: [*MISSING, DOT] for key in dotted})


def _dotted(table: pd.DataFrame) -> dict[str, int]:
    """Columns that would be numbers but for fields of one dot, and how many these are."""
    found = {}
    for name, column in table.items():
        if column.dtype.kind == "O":
            dots = column == DOT
            others = column[~dots & column.notna()]
            if dots.any() and pd.to_numeric(others, errors="coerce").notna().all():
                found[str(name)] = int(dots.sum())
    return found


def _parsed(text: str, separator: str, missing: Any) -> pd.DataFrame:
    with filtered("error", pd.errors.ParserWarning):
        try:
            return pd.read_csv(
                io.StringIO(text),
                sep=separator,
                index_col=False,
                low_memory=False,
                keep_default_na=False,
                na_values=missing,
                **_digits(),
            )
        except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
            raise UnreadableError("malformed-text", _fault(str(error))) from error


def _digits() -> dict[str, str]:
    """The option by which read_csv keeps every digit; from pandas 3.1 on it always does."""
    major, minor = (int(part) for part in pd.__version__.split(".")[:2])
    return {} if (major, minor) >= (3, 1) else {"float_precision": "round_trip"}


def _fault(said: str) -> str:
    """What the reader of pandas means."""
    if fields := _FIELDS.search(said):
        expected, line, seen = fields.groups()
        return (
            f"line {line} has {seen} fields where {expected} are expected; a text that holds the"
            " separator needs quotes"
        )
    if quote := _QUOTE.search(said):
        return f"a quote that opens in line {int(quote.group(1)) + 1} is never closed"
    return "its rows have more fields than its header has names"


def _check_header(text: str, separator: str) -> None:
    """Refuse what would be repaired in silence: columns of one name, another separator."""
    options = {"sep": separator, "header": None, "nrows": 1, "dtype": str}
    try:
        names = pd.read_csv(io.StringIO(text), keep_default_na=False, **options).iloc[0]
    except pd.errors.ParserError as error:
        raise UnreadableError("malformed-text", _fault(str(error))) from error
    twice = names[(names != "") & names.duplicated()]
    if len(twice):
        raise DataError(
            "duplicate-column", f"two columns are named {shown(twice.iloc[0])}: rename one of them"
        )
    if len(names) == 1:
        for other, word in SEPARATORS.items():
            if other != separator and other in str(names.iloc[0]):
                raise UnreadableError(
                    "other-separator",
                    f"its columns are separated by {word}; save it with {INSTEAD[separator]}"
                    " between the columns and points in the numbers",
                )
