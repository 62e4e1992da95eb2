"""Groups of rows that are read in pieces: named by columns, found while the rows go by."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import IntArray
from mnlstat.design.stream import Stream
from mnlstat.design.survey import changed
from mnlstat.design.words import where
from mnlstat.errors import DataError
from mnlstat.options import nearest, shown
from mnlstat.rows.part import Part


class StreamGroups:
    """Ways of grouping the rows of a stream, and what rows are alike in several ways.

    Nothing is kept but the labels: the groups of the rows come with each pass.

    Parameters
    ----------
    stream : the rows
    given : name of a column of the data, or a list of names
    option : what gave them

    Attributes
    ----------
    names : of the columns
    sets : the non-empty sets of ways, as positions, those of one way first
    sizes : how many groups each set has, once the rows have gone by
    """

    def __init__(self, stream: Stream, given: Any, option: str = "groups") -> None:
        listed = [given] if isinstance(given, str) else given
        if not isinstance(listed, list | tuple) or not all(
            isinstance(each, str) for each in listed
        ):
            raise DataError(
                "read-in-pieces",
                f"{option}: labels cannot be lined up with rows that are read in pieces.\n"
                "Give the name of a column, or several; or fit a frame.",
            )
        known = stream.reading.chunks.columns
        for name in listed:
            if name not in known:
                raise DataError(
                    "missing-column",
                    f"{option}: the data have no column {shown(name)}{nearest(name, known)}.",
                )
        self._stream, self._option = stream, option
        self.names = tuple(listed)
        ways = range(len(self.names))
        self.sets = [s for m in ways for s in itertools.combinations(ways, m + 1)]
        self.sizes: list[int] = []

    def parts(self) -> Iterator[tuple[Part, IntArray]]:
        """The rows in pieces, and the groups of these in each set (sets, m), from a new pass.

        Raises
        ------
        DataError
            For missing labels, a column that is text here and numbers there, and a single group.
        """
        seen = [_Labels() for _ in self.sets]
        codes = _Queue(self._codes(seen))
        for part in self._stream.parts():
            yield part, codes.take(len(part))
        self.sizes = [len(each) for each in seen]
        for name, size in zip(self.names, self.sizes, strict=False):
            if size < 2:
                raise DataError(
                    "one-cluster",
                    f"{self._option}: {shown(name)} has one group only in the rows used; two at"
                    " least are needed.",
                )

    def _codes(self, seen: Sequence[_Labels]) -> Iterator[IntArray]:
        reading = self._stream.reading
        kinds: dict[str, str] = {}
        for frame in reading.chunks.read(tuple(dict.fromkeys([*reading.names, *self.names]))):
            kept = reading.used(frame)
            if not kept.any():
                continue
            single = [
                labels.codes(self._values(frame[name][kept], name, kinds).tolist())
                for labels, name in zip(seen, self.names, strict=False)
            ]
            crossed = [
                labels.codes(list(zip(*(single[at].tolist() for at in ways), strict=True)))
                for labels, ways in zip(seen[len(single) :], self.sets[len(single) :], strict=True)
            ]
            yield np.array([*single, *crossed])

    def _values(self, values: Any, name: str, kinds: dict[str, str]) -> Any:
        """Labels of a piece, which must be of the kind of those before."""
        missing = values.isna().to_numpy(dtype=bool)
        if missing.any():
            raise DataError(
                "missing-values",
                f"{self._option}: {shown(name)} is missing ({where(missing, values.index)} of a"
                " piece) in rows that the fit used.\nFill it in, or fit the rows that have it.",
            )
        kind = "numbers" if pd.api.types.is_numeric_dtype(values.dtype) else "text"
        if kinds.setdefault(name, kind) != kind:
            raise DataError(
                "types-differ",
                f"{self._option}: column {shown(name)} holds numbers in some pieces of the data and"
                " other labels in others.\nMake it one type.",
            )
        return values


class _Labels:
    """Numbers for labels in the order in which they first come."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def codes(self, labels: list[Any]) -> IntArray:
        """The number of each label."""
        numbers = self._numbers
        return np.array([numbers.setdefault(each, len(numbers)) for each in labels], dtype=np.intp)


class _Queue:
    """Columns of arrays that come in pieces, taken in pieces of other sizes."""

    def __init__(self, source: Iterator[IntArray]) -> None:
        self._source, self._waiting = source, list[IntArray]()

    def take(self, n: int) -> IntArray:
        """The next n columns."""
        have = sum(each.shape[1] for each in self._waiting)
        while have < n:
            found = next(self._source, None)
            if found is None:
                raise changed()
            self._waiting.append(found)
            have += found.shape[1]
        both = np.concatenate(self._waiting, axis=1)
        self._waiting = [both[:, n:]]
        return both[:, :n]
