"""Data that are read in pieces, again for each pass: files, datasets, callables."""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from mnlstat.design.arrow_chunks import ArrowChunks, dataset_of
from mnlstat.design.opened import Opened, opened
from mnlstat.design.pieces import Chunks, reason, rows_at_once
from mnlstat.design.text_chunks import TEXT, TextChunks
from mnlstat.errors import DataError, FileFormatError
from mnlstat.options import shown

NAMES = "Give a file named .parquet or .csv, a folder of parquet files, or a glob."


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
    if not text:
        raise FileFormatError(
            "file-name", f"cannot read '': the name of the file is empty.\n{NAMES}"
        )
    if Path(text).is_dir():
        return ArrowChunks(dataset_of(text, shown(text)))
    if Path(text).is_file():
        found = [text]
    else:
        found = sorted(file for file in glob.glob(text, recursive=True) if Path(file).is_file())
    if not found:
        raise FileFormatError(
            "no-such-file", f"cannot read {shown(text)}: there is no such file or folder.\n{NAMES}"
        )
    if all(file.lower().endswith(TEXT) for file in found):
        return TextChunks(tuple(found))
    if all(file.lower().endswith((".parquet", ".pq")) for file in found):
        return ArrowChunks(dataset_of(found, shown(text)))
    raise FileFormatError(
        "file-type",
        f"cannot read {shown(text)}: names must end in .parquet, or all in .csv or .tsv (also"
        " .gz), so that the format is known.",
    )


@dataclass(frozen=True)
class CalledChunks:
    """Frames of a callable, which is called anew for each pass."""

    call: Callable[[], Any]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of the first frame."""
        for frame in self._frames():
            return tuple(name for name in frame.columns if isinstance(name, str))
        raise DataError("no-rows", "the data have no rows: the callable gives no frame.")

    def as_text(self, name: str) -> None:
        """Nothing: types are those of the frames."""
        return None

    def read(self, names: Sequence[str]) -> Iterator[Any]:
        """Yield frames of these columns, none of more than 65,536 rows."""
        start = 0
        for table in self._frames():
            for name in names:
                if name not in table.columns:
                    raise DataError(
                        "missing-column",
                        f"the data have no column {shown(name)} in the frame from row {start} on.",
                    )
            frame = table.frame(names)
            rows = rows_at_once(names)
            for at in range(0, len(frame), rows):
                part = frame.iloc[at : at + rows]
                part = part.loc[:, [name in names for name in part.columns]]
                yield part.set_axis(pd.RangeIndex(start, start + len(part)), axis=0)
                start += len(part)

    def _frames(self) -> Iterator[Opened]:
        given = self._attempt(self.call)
        if hasattr(given, "columns") or not hasattr(given, "__iter__"):
            raise DataError(
                "callable-result",
                "the callable must return an iterator of frames each time it is called; it gave"
                f" {shown(type(given).__name__)}.",
            )
        tables = self._attempt(iter, given)
        while (table := self._attempt(next, tables, None)) is not None:
            yield opened(table)

    def _attempt(self, function: Callable[..., Any], *args: Any) -> Any:
        """Call what is not ours, and say so when it fails."""
        try:
            return function(*args)
        except Exception as error:
            said = reason(error)
            raise DataError(
                "callable-failed", f"the callable given as data failed: {said}."
            ) from error
