"""Predictions written to a file piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from mnlstat.design.arrow_chunks import arrow
from mnlstat.design.chunks import chunks_of
from mnlstat.design.opened import opened
from mnlstat.design.pieces import Chunks, rows_at_once
from mnlstat.design.scope import warn
from mnlstat.design.spec import Design, DesignSpec
from mnlstat.design.stream import Stream
from mnlstat.design.used import check_there
from mnlstat.design.words import made_missing
from mnlstat.errors import DataError, MissingDataWarning, OptionError
from mnlstat.options import shown
from mnlstat.saving.files import whole_file


class Predicting(Protocol):
    """A fit that predicts."""

    @property
    def spec(self) -> DesignSpec:
        """The learned design."""

    def _rows(self, purpose: str) -> Any:
        """The rows of the fit, or the error that tells why there are none."""


def write_predictions(
    fit: Predicting,
    data: Any,
    to: Any,
    made: Callable[[Design], pd.DataFrame],
    labels: Sequence[Any],
) -> Path:
    """Write what is ``made`` of each piece to a parquet or csv file, and return its path.

    The file appears under its name when it is complete; columns that are no numbers hold some of
    the ``labels``.

    Raises
    ------
    OptionError
        When the file cannot be written.
    DataError
        As for ``predict``, and for terms that depend on other rows.
    """
    path = _target(to)
    for factor in fit.spec.learned_factors:
        if not factor.rowwise:
            raise DataError(
                "depends-on-other-rows",
                f"{factor.expression.text.name}: a row's value depends on the other rows, which are"
                " not together when predictions are written in pieces.\nPredict without to=.",
            )
    lost = dict[str, int]()
    try:
        with whole_file(path) as temporary, _writer(path, temporary, labels) as write:
            for frame in _frames(fit, data):
                write(made(fit.spec.design(frame, lost)))
    except OSError as error:
        if error.errno is None:  # a file that cannot be read says so itself
            raise
        raise OptionError(
            "cannot-write",
            f"cannot write {shown(str(path))}: {(error.strerror or str(error)).lower()}.",
        ) from error
    for name, n in lost.items():
        warn(MissingDataWarning("made-missing", made_missing(name, n)))
    return path


def _target(to: Any) -> Path:
    if not isinstance(to, str | Path) or not str(to):
        raise OptionError("file-name", f"to={shown(to)} must be the name of a file.")
    path = Path(to)
    if path.suffix.lower() not in (".parquet", ".csv"):
        raise OptionError("file-type", f"to={shown(str(to))} must end in .parquet or .csv.")
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise OptionError(
            "cannot-write", f"cannot write {shown(str(to))}: it is a folder, or in one that is not."
        )
    return path


def _frames(fit: Predicting, data: Any) -> Iterator[Any]:
    """Pieces of the data; of those of the fit when none are given."""
    names = fit.spec.read_names
    if data is None:
        source = fit._rows("predict(to=...)").source
        if isinstance(source, Stream):
            yield from source.reading.chunks.read(names)
            return
        data = source.used(names)
    chunks: Chunks | None = chunks_of(data)
    if chunks is not None:
        missing = [name for name in names if name not in chunks.columns]
        if missing:
            raise DataError("missing-column", f"the data have no column {shown(missing[0])}.")
        for learned in fit.spec.learned_columns:  # text stays text where it looks like numbers
            if learned.content == "text":
                chunks = chunks.as_text(learned.name) or chunks
        first = next(pieces := iter(chunks.read(names)), None)
        yield pd.DataFrame(columns=list(names)) if first is None else first
        yield from pieces
        return
    table = opened(data)
    for name in fit.spec.variables:
        check_there(name, table.columns)
    frame = table.frame(names)
    rows = rows_at_once(names)
    for start in range(0, max(len(frame), 1), rows):
        yield frame.iloc[start : start + rows]


@contextmanager
def _writer(path: Path, temporary: Path, labels: Sequence[Any]) -> Iterator[Any]:
    """A function that appends a frame; the columns are named by the outcomes."""
    if path.suffix.lower() == ".csv":
        with open(temporary, "x", encoding="utf-8", newline="") as file:
            yield lambda frame: frame.to_csv(file, index=False, header=file.tell() == 0)
        return
    pa = arrow()
    opened: list[Any] = []

    def append(frame: pd.DataFrame) -> None:
        names = [str(name) for name in frame.columns]
        columns = [_column(pa, frame.iloc[:, at], labels) for at in range(len(names))]
        table = pa.Table.from_arrays(columns, names=names)
        if not opened:
            opened.append(pa.parquet.ParquetWriter(temporary, table.schema))
        opened[0].write_table(table)

    try:
        yield append
    finally:
        for writer in opened:
            writer.close()


def _column(pa: Any, values: pd.Series, labels: Sequence[Any]) -> Any:
    """A column of Arrow, of one type in all pieces, whatever is missing in this one."""
    if values.dtype.kind == "f" or values.name == "row":
        return pa.array(values.to_numpy())
    return pa.array(list(values), type=pa.array(list(labels)).type, from_pandas=True)
