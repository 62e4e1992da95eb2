"""The rows at which a result is asked for effects, where they are read in pieces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import BoolArray, FloatArray, IntArray
from mnlstat.design.groups import Groups
from mnlstat.design.new_pieces import check_rowwise, new_chunks, some_of
from mnlstat.design.pieces import Chunks
from mnlstat.design.scope import warn
from mnlstat.design.stream import Stream
from mnlstat.design.stream_groups import checked, known_names
from mnlstat.design.survey import changed
from mnlstat.design.words import made_missing
from mnlstat.errors import DataError, MissingDataWarning
from mnlstat.inference.effects.learned import Learned
from mnlstat.inference.effects.pieces import AnyRows, Piece, Pieces
from mnlstat.options import named, shown
from mnlstat.results.populations import (
    Looked,
    complete_rows,
    cure_of,
    data_rows,
    fit_rows,
    tell_left_out,
)
from mnlstat.results.sample import Sample
from mnlstat.rows.streamed import Streamed

BY = "by"


def rows_of_fit(fit: Looked, by: Any, caller: str) -> tuple[AnyRows, pd.DataFrame]:
    """The rows of a fit, in the groups of ``by``, and what the groups are called.

    Raises
    ------
    DataError
        Where the data are not there, or have changed since the fit; for groups that cannot be.
    """
    sample = fit._rows(caller, cure_of(caller))
    if not isinstance(sample.source, Stream):
        return fit_rows(fit, by, caller)
    stream, names = _stream_of(sample, sample.source), fit.spec.read_names
    given = _names(by, stream.reading.chunks)
    coder = Coder.of(given, _frames_of(stream, given))

    def read() -> Iterator[Piece]:
        if stream.checksum is None:  # nothing to compare this pass with
            stream.check_unchanged()
        frames = Frames()
        for part in stream.looking((*names, *given), frames.look).parts():
            frame = frames.take(len(part))
            weights = np.ones(len(part)) if part.weights is None else part.weights
            groups = coder.groups(frame)
            yield Piece(frame[list(names)], weights, groups, part.offset, part.matrix)

    learned = Learned(fit.spec, fit.aliasing)
    return Pieces(learned, read, lambda: stream.n_rows, len(coder.keys)), coder.keys


def _names(by: Any, chunks: Chunks) -> tuple[str, ...]:
    """The columns that name groups; none where none are asked for."""
    if by is None:
        return ()
    found = known_names(BY, by, chunks.columns)
    if not found:
        raise DataError("wrong-shape", f"{BY}={shown(by)} has no columns.")
    return found


def _frames_of(stream: Stream, names: tuple[str, ...]) -> Iterator[Any]:
    """The rows used as frames with these columns, from a pass."""
    frames = Frames()
    for block in stream.reading.looking(names, frames.look).blocks():
        yield frames.take(block.n)


class Frames:
    """The rows of each piece that are used, taken some at a time before the next piece comes."""

    def __init__(self) -> None:
        self._frame: Any = None

    def look(self, frame: Any, used: BoolArray) -> None:
        """Take in a piece."""
        self._frame = frame if used.all() else frame[used]

    def take(self, n: int) -> Any:
        """The next n rows."""
        some, self._frame = self._frame.iloc[:n], self._frame.iloc[n:]
        return some


def _stream_of(sample: Sample, source: Stream) -> Stream:
    """The rows as the fit read them, whose checksum is known."""
    rows = sample.likelihood.rows
    if isinstance(rows, Streamed) and isinstance(rows.reader, Stream):
        return rows.reader
    return source


def rows_of_data(fit: Looked, data: Any, by: Any, caller: str) -> tuple[AnyRows, pd.DataFrame]:
    """Complete rows of other data, in the groups of ``by``, and what the groups are called.

    Raises
    ------
    DataError
        Where no row is complete; for data that do not fit the design; for groups that cannot be.
    """
    chunks = new_chunks(fit.spec, data)
    if chunks is None:
        return data_rows(fit, data, by, caller)
    check_rowwise(fit.spec, f"in {caller} of data that are read in pieces", "Give a frame.")
    given = _names(by, chunks)
    rows = NewPieces(fit, chunks, given, caller)
    coder = Coder.of(given, (frame for frame, _ in rows.read()))
    names = list(fit.spec.read_names)

    def read() -> Iterator[Piece]:
        for frame, offset in rows.read():
            yield Piece(frame[names], np.ones(len(frame)), coder.groups(frame), offset)

    learned = Learned(fit.spec, fit.aliasing)
    return Pieces(learned, read, lambda: rows.used, len(coder.keys)), coder.keys


@dataclass(eq=False)
class NewPieces:
    """Complete rows of new data, again for each pass; what is left out is told once.

    Attributes
    ----------
    fit, chunks, more, caller : whose design, of which data, which columns besides, for whom
    used : complete rows, after a pass
    """

    fit: Looked
    chunks: Chunks
    more: Sequence[str]
    caller: str
    used: int = 0
    _seen: list[tuple[int, int]] = field(default_factory=list)

    def read(self) -> Iterator[tuple[Any, FloatArray | None]]:
        """The complete rows of each piece that has some, and their offsets.

        Raises
        ------
        DataError
            Where no row is complete, and for data that change between passes.
        """
        spec, lost, n, used = self.fit.spec, dict[str, int](), 0, 0
        for frame in self.chunks.read(some_of(self.chunks, [*spec.read_names, *self.more])):
            design = spec.design(frame, lost)
            complete = complete_rows(design)
            n, used = n + len(complete), used + int(complete.sum())
            if complete.any():
                offset = None if design.offset is None else design.offset[complete]
                yield frame if complete.all() else frame[complete], offset
        if not self._seen:
            tell_left_out(n, used, self.caller)
            for name, count in lost.items():
                warn(MissingDataWarning("made-missing", made_missing(name, count)))
            self._seen.append((n, used))
        if self._seen[0] != (n, used):
            raise changed()
        self.used = used


@dataclass(frozen=True, eq=False)
class Coder:
    """Groups of rows by the values of columns.

    Attributes
    ----------
    names : the columns
    keys : (R, names) labels of the groups, ascending
    positions : of each combination of labels among the groups
    """

    names: tuple[str, ...]
    keys: pd.DataFrame
    positions: dict[tuple[Any, ...], int]

    @classmethod
    def of(cls, names: Sequence[str], frames: Iterable[Any]) -> Coder:
        """The groups of all rows, from a pass over them; no pass where nothing is asked for.

        Raises
        ------
        DataError
            For missing labels, and labels that cannot be.
        """
        own = tuple(dict.fromkeys(names))
        if not own:
            return cls((), pd.DataFrame(index=[0]), {})
        seen, kinds = dict[tuple[Any, ...], None](), dict[str, str]()
        for frame in frames:
            seen.update(dict.fromkeys(_combined(frame, own, kinds)[1]))
        listed = list(seen)
        table = pd.DataFrame(
            {
                named(name): pd.Series([each[at] for each in listed], dtype=object)
                for at, name in enumerate(own)
            }
        ).infer_objects()
        codes = table.groupby(list(table.columns), sort=True, observed=True).ngroup().to_numpy()
        keys = table.iloc[np.argsort(codes)].reset_index(drop=True)
        return cls(own, keys, dict(zip(listed, codes.tolist(), strict=True)))

    def groups(self, frame: Any) -> IntArray:
        """The group of each row of a piece (m,)."""
        if not self.names:
            return np.zeros(len(frame), dtype=np.intp)
        codes, found = _combined(frame, self.names, {})
        if any(each not in self.positions for each in found):
            raise changed()
        return np.array([self.positions[each] for each in found], dtype=np.intp)[codes]


def _combined(
    frame: Any, names: Sequence[str], kinds: dict[str, str]
) -> tuple[IntArray, list[tuple[Any, ...]]]:
    """Which combination of labels each row of a piece has, and the combinations."""
    for name in names:
        checked(BY, frame[name], name, kinds)
    ways = [Groups.of(name, frame[name]) for name in names]
    both = ways[0].codes
    for way in ways[1:]:
        both = both * len(way) + way.codes
    _, first, codes = np.unique(both, return_index=True, return_inverse=True)
    columns = [pd.Series(way.labels[way.codes[first]], dtype=object).tolist() for way in ways]
    return codes.ravel().astype(np.intp), list(zip(*columns, strict=True))
