"""Tables in from files, text out to files."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pandas as pd

from mnlstat.cli.delimited import read_csv, read_tsv
from mnlstat.cli.reasons import UNREADABLE, UnreadableError, reason
from mnlstat.cli.stata import read_stata
from mnlstat.errors import DataError, FileFormatError, OptionError
from mnlstat.saving.files import whole_file


def read_table(path: str) -> pd.DataFrame:
    """The table in a file, read by what its name ends in.

    Parameters
    ----------
    path : str
        A file named .csv or .tsv (UTF-8, with a header, also gzipped as .csv.gz), .parquet
        (needs pyarrow; an index with a name is a column), or .dta (Stata; value labels are used
        where they name every value).

    Returns
    -------
    DataFrame
        Its columns and rows in the order of the file.

    Raises
    ------
    FileFormatError
        The file cannot be opened, is cut short, or is not what its name says.
    DataError
        Two columns have one name.
    """
    reader = _reader(path)
    try:
        with open(path, "rb") as file:
            return reader(file)
    except UnreadableError as error:
        raise FileFormatError(error.code, f"cannot read {path}: {error.message}") from error
    except (DataError, FileFormatError):
        raise
    except FileNotFoundError as error:
        raise FileFormatError("no-such-file", f"cannot read {path}: {reason(error)}") from error
    except UNREADABLE as error:
        raise FileFormatError("unreadable-file", f"cannot read {path}: {reason(error)}") from error


def _reader(path: str) -> Callable[[IO[bytes]], pd.DataFrame]:
    suffixes = Path(path.lower()).suffixes
    packed = suffixes[-1:] == [".gz"]
    suffix = "".join(suffixes[-2:-1] if packed else suffixes[-1:])
    if suffix in TEXT or (suffix in READERS and not packed):
        return READERS[suffix]
    raise FileFormatError(
        "file-type",
        f"cannot read {path}: the name must end in one of"
        f" {', '.join(READERS)} (text also in .gz), so that the format is known",
    )


def _read_parquet(file: IO[bytes]) -> pd.DataFrame:
    try:
        table = pd.read_parquet(file, engine="pyarrow")
    except ImportError as error:
        raise FileFormatError(
            "needs-pyarrow", 'reading parquet needs pyarrow: pip install "mnlstat[parquet]"'
        ) from error
    own = [name for name in table.index.names if name is not None and name not in table.columns]
    return table.reset_index(own) if own else table


READERS: dict[str, Callable[[IO[bytes]], pd.DataFrame]] = {
    ".csv": read_csv,
    ".tsv": read_tsv,
    ".parquet": _read_parquet,
    ".dta": read_stata,
}
TEXT = (".csv", ".tsv")


def check_target(path: str, source: str | None = None) -> None:
    """Refuse, before any work is done, a file that cannot be written or that holds the data.

    Raises
    ------
    OptionError
        The folder does not exist, ``path`` is a folder, or ``path`` is the data file.
    """
    if not path:
        raise OptionError("file-name", "-o needs the name of a file")
    target = Path(path)
    if target.is_dir():
        raise OptionError("cannot-write", f"cannot write {path}: it is a folder")
    if not target.absolute().parent.is_dir():
        raise OptionError("cannot-write", f"cannot write {path}: the folder does not exist")
    both = source is not None and target.exists() and os.path.exists(source)
    if both and os.path.samefile(target, str(source)):
        raise OptionError("cannot-write", f"cannot write {path}: it is the file with the data")


def write_text(path: str, text: str) -> None:
    """Write a whole file or leave what was there.

    The text goes to a temporary file in the same folder, is flushed to the disk, and takes the
    name in one step.  What is no ordinary file (a terminal, a pipe) is written directly.

    Raises
    ------
    OptionError
        The file cannot be written.
    """
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            Path(path).write_text(text, encoding="utf-8", errors="backslashreplace")
        else:
            _replace(Path(os.path.realpath(path)), text)
    except OSError as error:
        raise OptionError(
            "cannot-write", f"cannot write {path}: {(error.strerror or str(error)).lower()}"
        ) from error


def write_parquet(path: str, frame: pd.DataFrame) -> None:
    """Write a table, whole or not at all.

    Raises
    ------
    OptionError
        The file cannot be written.
    FileFormatError
        Without pyarrow.
    """
    try:
        with whole_file(Path(path)) as temporary:
            frame.to_parquet(temporary, engine="pyarrow", index=False)
    except ImportError as error:
        raise FileFormatError(
            "needs-pyarrow", 'writing parquet needs pyarrow: pip install "mnlstat[parquet]"'
        ) from error
    except OSError as error:
        raise OptionError(
            "cannot-write", f"cannot write {path}: {(error.strerror or str(error)).lower()}"
        ) from error


def _replace(target: Path, text: str) -> None:
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        with open(
            temporary, "x", encoding="utf-8", errors="backslashreplace", newline="\n"
        ) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            os.chmod(temporary, target.stat().st_mode)
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
