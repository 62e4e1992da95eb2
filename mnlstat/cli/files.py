"""Tables in from files, text out to files."""

from __future__ import annotations

import gzip
import io
import os
import secrets
import struct
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import pandas as pd

from mnlstat.errors import DataError, FileFormatError, OptionError
from mnlstat.options import shown

GZIP_MAGIC = b"\x1f\x8b"

# What the readers raise on damaged or foreign bytes.
UNREADABLE = (
    ArithmeticError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
    pd.errors.ParserWarning,
)


def _digits() -> dict[str, str]:
    """The option by which read_csv keeps every digit; from pandas 3.1 on it always does."""
    major, minor = (int(part) for part in pd.__version__.split(".")[:2])
    return {} if (major, minor) >= (3, 1) else {"float_precision": "round_trip"}


def read_table(path: str) -> pd.DataFrame:
    """The table in a file, read by what its name ends in.

    Parameters
    ----------
    path : str
        A file named .csv or .tsv (UTF-8, with a header, also gzipped as .csv.gz), .parquet
        (needs pyarrow), or .dta (Stata; value labels are used where they name every value).

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
    except (DataError, FileFormatError):
        raise
    except UNREADABLE as error:
        raise FileFormatError(f"cannot read {path}: {_reason(error)}") from error


def _reader(path: str) -> Callable[[IO[bytes]], pd.DataFrame]:
    suffixes = Path(path.lower()).suffixes
    packed = suffixes[-1:] == [".gz"]
    suffix = "".join(suffixes[-2:-1] if packed else suffixes[-1:])
    if suffix in TEXT or (suffix in READERS and not packed):
        return READERS[suffix]
    raise FileFormatError(
        f"cannot read {path}: the name must end in one of"
        f" {', '.join(READERS)} (text also in .gz), so that the format is known"
    )


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8 text; save it as UTF-8"
    if isinstance(error, pd.errors.EmptyDataError):
        return "it is empty"
    if isinstance(error, EOFError):
        return "it is cut short"
    text = " ".join(str(error).split()) or type(error).__name__
    return f"it is damaged, cut short or of another format ({text})"


def _read_csv(file: IO[bytes]) -> pd.DataFrame:
    return _read_text(file, ",")


def _read_tsv(file: IO[bytes]) -> pd.DataFrame:
    return _read_text(file, "\t")


def _read_text(file: IO[bytes], separator: str) -> pd.DataFrame:
    packed = file.read(2) == GZIP_MAGIC
    file.seek(0)
    plain: Any = gzip.GzipFile(fileobj=file) if packed else file
    raw = plain.read()
    if b"\0" in raw:
        raise ValueError("it holds bytes that no text has")
    text = raw.decode("utf-8-sig")
    _check_header(text, separator)
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        return pd.read_csv(
            io.StringIO(text), sep=separator, index_col=False, low_memory=False, **_digits()
        )


def _check_header(text: str, separator: str) -> None:
    """Refuse what pandas would repair in silence: columns of one name, another separator."""
    options = {"sep": separator, "header": None, "nrows": 1, "dtype": str}
    names = pd.read_csv(io.StringIO(text), **options).iloc[0]
    twice = names[names.notna() & names.duplicated()]
    if len(twice):
        raise DataError(f"two columns are named {shown(twice.iloc[0])}: rename one of them")
    if len(names) == 1:
        for other, word in ((";", "';'"), ("\t", "tabs"), (",", "','")):
            if other != separator and other in str(names.iloc[0]):
                raise ValueError(f"its columns seem to be separated by {word}")


def _read_parquet(file: IO[bytes]) -> pd.DataFrame:
    try:
        return pd.read_parquet(file, engine="pyarrow")
    except ImportError as error:
        raise FileFormatError(
            'reading parquet needs pyarrow: pip install "mnlstat[parquet]"'
        ) from error


def _read_stata(file: IO[bytes]) -> pd.DataFrame:
    """Labels where they name every value of a column, the numbers where they name only some."""
    raw = io.BytesIO(file.read())
    numbers = pd.read_stata(raw, convert_categoricals=False)
    raw.seek(0)
    labelled = pd.read_stata(raw, order_categoricals=False)
    for column in labelled.columns:
        if isinstance(labelled[column].dtype, pd.CategoricalDtype):
            words = labelled[column].cat.categories
            if all(isinstance(word, str) for word in words):
                numbers[column] = labelled[column]
    return numbers


READERS: dict[str, Callable[[IO[bytes]], pd.DataFrame]] = {
    ".csv": _read_csv,
    ".tsv": _read_tsv,
    ".parquet": _read_parquet,
    ".dta": _read_stata,
}
TEXT = (".csv", ".tsv")


def check_target(path: str, source: str | None = None) -> None:
    """Refuse, before any work is done, a file that cannot be written or that holds the data.

    Raises
    ------
    OptionError
        The folder does not exist, ``path`` is a folder, or ``path`` is the data file.
    """
    target = Path(path)
    if target.is_dir():
        raise OptionError(f"cannot write {path}: it is a folder")
    if not target.absolute().parent.is_dir():
        raise OptionError(f"cannot write {path}: the folder does not exist")
    both = source is not None and target.exists() and os.path.exists(source)
    if both and os.path.samefile(target, str(source)):
        raise OptionError(f"cannot write {path}: it is the file with the data")


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
            Path(path).write_text(text, encoding="utf-8")
        else:
            _replace(Path(os.path.realpath(path)), text)
    except OSError as error:
        raise OptionError(
            f"cannot write {path}: {(error.strerror or str(error)).lower()}"
        ) from error


def _replace(target: Path, text: str) -> None:
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        with open(temporary, "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            os.chmod(temporary, target.stat().st_mode)
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
