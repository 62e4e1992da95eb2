"""Text files, read in pieces."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from mnlstat.design.pieces import check_names, not_in_file, reason, rows_at_once
from mnlstat.errors import FileFormatError
from mnlstat.filters import filtered

TEXT = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
MISSING = ["", "NA", "NaN", "nan"]


@dataclass(frozen=True)
class TextChunks:
    """Text files with a header line each; missing are empty fields, NA, NaN and nan."""

    files: tuple[str, ...]
    text: tuple[str, ...] = ()
    _counted: list[bool] = field(default_factory=list)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, those that are not in all files included."""
        names: dict[str, None] = {}
        for file in self.files:
            head = self._open(file, None, nrows=1, header=None)
            check_names(head.iloc[0].dropna().astype(str).tolist())
            names |= dict.fromkeys(self._header(file))
        return tuple(names)

    def as_text(self, name: str) -> TextChunks | None:
        """The same with a column read as text, whatever it looks like in a piece."""
        return None if name in self.text else replace(self, text=(*self.text, name))

    def read(self, names: Sequence[str]) -> Iterator[Any]:
        """Yield frames of these columns."""
        start = 0
        # pandas counts the fields of a line only where all are read: that is done once
        only = list(names) if self._counted else None
        for file in self.files:
            header = self._header(file)
            absent = next((name for name in names if name not in header), None)
            if absent is not None:
                raise not_in_file(absent, file)
            if only is None and int(pd.__version__.split(".")[0]) < 3:
                _count_fields(file)
            with self._open(file, only, chunksize=rows_at_once(names)) as pieces:
                for piece in self._pieces(file, pieces):
                    frame = piece[list(names)]
                    yield frame.set_axis(pd.RangeIndex(start, start + len(frame)), axis=0)
                    start += len(frame)
        self._counted[:] = [True]

    def _header(self, file: str) -> list[str]:
        return [str(name) for name in self._open(file, None, nrows=0).columns]

    def _pieces(self, file: str, pieces: Iterator[Any]) -> Iterator[Any]:
        while True:
            with filtered("error", pd.errors.ParserWarning):
                try:
                    piece = next(pieces, None)
                except (ValueError, OSError, pd.errors.ParserWarning) as error:
                    raise FileFormatError(
                        "unreadable-file", f"cannot read {file}: {reason(error)}."
                    ) from error
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
            raise FileFormatError(
                "unreadable-file", f"cannot read {file}: {reason(error)}."
            ) from error


def _count_fields(file: str) -> None:
    """Refuse lines with more fields than the header: before pandas 3 pieces cut them in silence."""
    opened: Any = gzip.open if file.lower().endswith(".gz") else open
    separator = "\t" if ".tsv" in Path(file.lower()).suffixes else ","
    try:
        with opened(file, "rt", encoding="utf-8-sig", newline="") as text:
            lines = csv.reader(text, delimiter=separator)
            wanted = len(next(lines, []))
            for line in lines:
                if len(line) > wanted:
                    raise FileFormatError(
                        "malformed-text",
                        f"cannot read {file}: line {lines.line_num} has {len(line)} fields, the"
                        f" header {wanted}.",
                    )
    except (ValueError, EOFError, csv.Error) as error:
        raise FileFormatError("unreadable-file", f"cannot read {file}: {reason(error)}.") from error
