"""Data that are read in pieces, again for each pass: files, datasets, callables."""

from __future__ import annotations

import glob
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol, Self

import pandas as pd

from mnlstat.design.frames import as_frame
from mnlstat.design.underline import first_line
from mnlstat.errors import DataError, FileFormatError
from mnlstat.options import shown

# Rows and values of a piece at most, and rows of a piece of many columns.
CHUNK_ROWS = 65_536
CHUNK_VALUES = 2**22
LEAST_ROWS = 1024
TEXT = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
MISSING = ["", "NA", "NaN", "nan"]
# What is read from a parquet file ahead of its decoding.
BUFFER = 2**18


class Chunks(Protocol):
    """A table that is read in pieces, the same ones in each pass."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns."""

    def read(self, names: Sequence[str]) -> Iterator[Any]:
        """Yield frames of these columns; their index numbers the rows, from zero."""

    def as_text(self, name: str) -> Self | None:
        """The same with a column read as text; None where types are not guessed."""


def chunks_of(data: Any) -> Chunks | None:
    """Data that are read in pieces; None for a table in memory.

    Parameters
    ----------
    data : str, Path, pyarrow dataset or callable
        A parquet or csv file, a folder of parquet files, a glob; or a callable that returns a new
        iterator over frames each time it is called.

    Raises
    ------
    FileFormatError
        When there is no such file, its format is unknown, or pyarrow is missing.
    """
    if not comes_in_pieces(data):
        return None
    if isinstance(data, str | Path):
        return _files(data)
    return ArrowChunks(data) if _is_dataset(data) else CalledChunks(data)


def comes_in_pieces(data: Any) -> bool:
    """Whether data are named or called instead of being a table in memory."""
    if isinstance(data, str | Path) or _is_dataset(data):
        return True
    return callable(data) and not hasattr(data, "columns") and not isinstance(data, type)


def _is_dataset(data: Any) -> bool:
    return type(data).__module__ == "pyarrow._dataset" and hasattr(data, "get_fragments")


def _files(path: str | Path) -> Chunks:
    text = str(path)
    if Path(text).is_dir():
        return ArrowChunks(_dataset(text, shown(text)))
    if Path(text).is_file():
        found = [text]
    else:
        found = sorted(file for file in glob.glob(text, recursive=True) if Path(file).is_file())
    if not found:
        raise FileFormatError(
            f"cannot read {shown(text)}: there is no such file or folder.\n"
            "Give a file named .parquet or .csv, a folder of parquet files, or a glob."
        )
    if all(file.lower().endswith(TEXT) for file in found):
        return TextChunks(tuple(found))
    if all(file.lower().endswith((".parquet", ".pq")) for file in found):
        return ArrowChunks(_dataset(found, shown(text)))
    raise FileFormatError(
        f"cannot read {shown(text)}: names must end in .parquet, or all in .csv or .tsv (also"
        " .gz), so that the format is known."
    )


def arrow() -> Any:
    """pyarrow with its parts for files, or the error that tells how to get it."""
    try:
        import pyarrow
        import pyarrow.dataset
        import pyarrow.parquet
    except ImportError as error:
        raise FileFormatError(
            'reading and writing parquet needs pyarrow: pip install "mnlstat[parquet]"'
        ) from error
    return pyarrow


def _said(error: Exception) -> str:
    return first_line(error).rstrip(".")


def rows_at_once(names: Sequence[str]) -> int:
    """Rows of a piece with these columns."""
    return min(CHUNK_ROWS, max(CHUNK_VALUES // max(len(names), 1), LEAST_ROWS))


def check_names(names: Sequence[Any]) -> tuple[str, ...]:
    """Return the names of columns, or refuse two of one name."""
    twice = next((name for at, name in enumerate(names) if name in names[:at]), None)
    if twice is not None:
        raise DataError(f"two columns are named {shown(twice)}: rename one of them.")
    return tuple(str(name) for name in names)


def _dataset(source: Any, said: str) -> Any:
    pa = arrow()
    try:
        found = pa.dataset.dataset(source, format="parquet", partitioning="hive")
    except (pa.ArrowException, OSError) as error:
        raise FileFormatError(f"cannot read {said}: {_said(error)}.") from error
    if not found.schema.names:
        raise FileFormatError(f"cannot read {said}: the folder holds no parquet files.")
    return found


@dataclass(frozen=True)
class ArrowChunks:
    """A pyarrow dataset: its fragments in order, each decoded piece by piece."""

    dataset: Any

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns."""
        return check_names(self.dataset.schema.names)

    def as_text(self, name: str) -> None:
        """Nothing: types are those of the file."""
        return None

    def read(self, names: Sequence[str]) -> Iterator[Any]:
        """Yield frames of these columns."""
        pa, start = arrow(), 0
        schema = pa.schema([self.dataset.schema.field(name) for name in names])
        try:
            for batch in self._batches(pa, list(names)):
                if batch.num_rows:
                    columns = [_cast(batch.column(name), schema.field(name).type) for name in names]
                    yield _frame(pa.Table.from_arrays(columns, schema=schema), start)
                    start += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            raise FileFormatError(f"the data cannot be read: {_said(error)}.") from error

    def _batches(self, pa: Any, names: list[str]) -> Iterator[Any]:
        """Batches of at most 65,536 rows, with as little read ahead as pyarrow allows."""
        plain = not getattr(self.dataset, "_scan_options", None)
        for fragment in self.dataset.get_fragments():
            if plain and isinstance(fragment, pa.dataset.ParquetFileFragment):
                yield from _parquet(pa, fragment, names)
                continue
            yield from fragment.to_batches(
                schema=self.dataset.schema,
                columns=names,
                filter=(getattr(self.dataset, "_scan_options", None) or {}).get("filter"),
                batch_size=rows_at_once(names),
                batch_readahead=1,
                use_threads=False,
            )


def _parquet(pa: Any, fragment: Any, names: list[str]) -> Iterator[Any]:
    """One parquet file; columns told by its folder are put beside those it holds."""
    told = pa.dataset.get_partition_keys(fragment.partition_expression)
    with fragment.open() as handle:
        file = pa.parquet.ParquetFile(handle, pre_buffer=False, buffer_size=BUFFER)
        held = [name for name in names if name not in told and name in file.schema_arrow.names]
        groups = [group.id for group in fragment.row_groups]
        for batch in file.iter_batches(
            batch_size=rows_at_once(names), row_groups=groups, columns=held, use_threads=False
        ):
            columns = {name: batch.column(name) for name in held}
            for name in names:
                if name not in held:
                    value = pa.scalar(told.get(name))
                    columns[name] = pa.repeat(value, batch.num_rows)
            yield pa.RecordBatch.from_arrays([columns[name] for name in names], names)


def _cast(column: Any, kind: Any) -> Any:
    return column if column.type == kind else column.cast(kind)


def _frame(table: Any, start: int) -> Any:
    made = table.to_pandas(integer_object_nulls=True, ignore_metadata=True)
    return made.set_axis(pd.RangeIndex(start, start + len(made)), axis=0)


@dataclass(frozen=True)
class TextChunks:
    """Text files with a header line each; missing are empty fields, NA, NaN and nan."""

    files: tuple[str, ...]
    text: tuple[str, ...] = ()
    _counted: list[bool] = field(default_factory=list)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns."""
        head = self._open(self.files[0], None, nrows=1, header=None)
        check_names(head.iloc[0].dropna().astype(str).tolist())
        return tuple(str(name) for name in self._open(self.files[0], None, nrows=0).columns)

    def as_text(self, name: str) -> TextChunks | None:
        """The same with a column read as text, whatever it looks like in a piece."""
        return None if name in self.text else replace(self, text=(*self.text, name))

    def read(self, names: Sequence[str]) -> Iterator[Any]:
        """Yield frames of these columns."""
        start = 0
        # pandas counts the fields of a line only where all are read: that is done once
        only = list(names) if self._counted else None
        for file in self.files:
            with self._open(file, only, chunksize=rows_at_once(names)) as pieces:
                for piece in self._pieces(file, pieces):
                    frame = piece[list(names)]
                    yield frame.set_axis(pd.RangeIndex(start, start + len(frame)), axis=0)
                    start += len(frame)
        self._counted[:] = [True]

    def _pieces(self, file: str, pieces: Iterator[Any]) -> Iterator[Any]:
        while True:
            with warnings.catch_warnings():
                warnings.simplefilter("error", pd.errors.ParserWarning)
                try:
                    piece = next(pieces, None)
                except (ValueError, OSError, pd.errors.ParserWarning) as error:
                    raise FileFormatError(f"cannot read {file}: {_said(error)}.") from error
            if piece is None:
                return
            yield piece

    def _open(self, file: str, names: list[str] | None, **how: Any) -> Any:
        separator = "\t" if ".tsv" in Path(file.lower()).suffixes else ","
        major, minor = (int(part) for part in pd.__version__.split(".")[:2])
        digits = {} if (major, minor) >= (3, 1) else {"float_precision": "round_trip"}
        try:
            return pd.read_csv(
                file,
                sep=separator,
                index_col=False,
                usecols=names,
                dtype=dict.fromkeys(self.text, str),
                low_memory=False,
                keep_default_na=False,
                na_values=MISSING,
                encoding="utf-8-sig",
                **digits,
                **how,
            )
        except (ValueError, OSError) as error:
            raise FileFormatError(f"cannot read {file}: {_said(error)}.") from error


@dataclass(frozen=True)
class CalledChunks:
    """Frames of a callable, which is called anew for each pass."""

    call: Callable[[], Any]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of the first frame."""
        for frame in self._frames():
            return tuple(name for name in frame.columns if isinstance(name, str))
        raise DataError("the data have no rows: the callable gives no frame.")

    def as_text(self, name: str) -> None:
        """Nothing: types are those of the frames."""
        return None

    def read(self, names: Sequence[str]) -> Iterator[Any]:
        """Yield frames of these columns, none of more than 65,536 rows."""
        start = 0
        for frame in self._frames():
            for name in names:
                if name not in frame.columns:
                    raise DataError(
                        f"the data have no column {shown(name)} in the frame from row {start} on."
                    )
            rows = rows_at_once(names)
            for at in range(0, len(frame), rows):
                part = frame.iloc[at : at + rows]
                part = part.loc[:, [name in names for name in part.columns]]
                yield part.set_axis(pd.RangeIndex(start, start + len(part)), axis=0)
                start += len(part)

    def _frames(self) -> Iterator[Any]:
        given = self._attempt(self.call)
        if hasattr(given, "columns") or not hasattr(given, "__iter__"):
            raise DataError(
                "the callable must return an iterator of frames each time it is called; it gave"
                f" {shown(type(given).__name__)}."
            )
        tables = self._attempt(iter, given)
        while (table := self._attempt(next, tables, None)) is not None:
            yield as_frame(table)

    def _attempt(self, function: Callable[..., Any], *args: Any) -> Any:
        """Call what is not ours, and say so when it fails."""
        try:
            return function(*args)
        except Exception as error:
            said = f"{type(error).__name__}: {first_line(error)}"
            raise DataError(f"the callable given as data failed: {said}.") from error
