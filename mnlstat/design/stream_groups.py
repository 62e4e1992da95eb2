"""Groups of rows that are read in pieces: named by columns, found while the rows go by."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import BoolArray, IntArray
from mnlstat.design.stream import Stream
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
        self._stream, self._option = stream, option
        self.names = known_names(option, given, stream)
        if not self.names:
            raise DataError("wrong-shape", f"{option}={shown(given)} has no columns.")
        ways = range(len(self.names))
        self.sets = [s for m in ways for s in itertools.combinations(ways, m + 1)]
        self.sizes: list[int] = []
        self._labels: list[Any] = []

    def label(self, at: int) -> str:
        """The label of a group of the first way, once the rows have gone by, for messages."""
        return shown(self._labels[at])

    def parts(self) -> Iterator[tuple[Part, IntArray]]:
        """The rows in pieces, and the groups of these in each set (sets, m), from a new pass.

        Raises
        ------
        DataError
            For missing labels, a column that is text here and numbers there, and a single group.
        """
        seen, codes, kinds = [Labels() for _ in self.sets], Queue(), dict[str, str]()

        def look(frame: Any, used: BoolArray) -> None:
            if used.any():
                codes.put(self._codes(frame[used], seen, kinds))

        for part in self._stream.looking(self.names, look).parts():
            yield part, codes.take(len(part))
        self.sizes, self._labels = [len(each) for each in seen], seen[0].listed
        for name, size in zip(self.names, self.sizes, strict=False):
            if size < 2:
                raise DataError(
                    "one-cluster",
                    f"{self._option}: {shown(name)} has one group only in the rows used; two at"
                    " least are needed.",
                )

    def _codes(self, frame: Any, seen: Sequence[Labels], kinds: dict[str, str]) -> IntArray:
        """Groups of the rows of a piece in each set (sets, m)."""
        single = [
            labels.codes(checked(self._option, frame[name], name, kinds), name)
            for labels, name in zip(seen, self.names, strict=False)
        ]
        crossed = [
            labels.codes(list(zip(*(single[at].tolist() for at in ways), strict=True)), "")
            for labels, ways in zip(seen[len(single) :], self.sets[len(single) :], strict=True)
        ]
        return np.array([*single, *crossed])


def known_names(option: str, given: Any, stream: Stream) -> tuple[str, ...]:
    """Columns of the data that were given by name; DataError for anything else."""
    listed = [given] if isinstance(given, str) else given
    if not isinstance(listed, list | tuple) or not all(isinstance(each, str) for each in listed):
        raise DataError(
            "read-in-pieces",
            f"{option}: values cannot be lined up with rows that are read in pieces.\n"
            "Give the name of a column; or fit a frame.",
        )
    known = stream.reading.chunks.columns
    for name in listed:
        if name not in known:
            raise DataError(
                "missing-column",
                f"{option}: the data have no column {shown(name)}{nearest(name, known)}.",
            )
    return tuple(listed)


def checked(option: str, values: Any, name: str, kinds: dict[str, str]) -> list[Any]:
    """Labels of a piece, which must be there, and of the kind of those before."""
    missing = values.isna().to_numpy(dtype=bool)
    if missing.any():
        raise DataError(
            "missing-values",
            f"{option}: {shown(name)} is missing ({where(missing, values.index)} of a"
            " piece) in rows that the fit used.\nFill it in, or fit the rows that have it.",
        )
    kind = "numbers" if pd.api.types.is_numeric_dtype(values.dtype) else "text"
    if kinds.setdefault(name, kind) != kind:
        raise DataError(
            "types-differ",
            f"{option}: column {shown(name)} holds numbers in some pieces of the data and"
            " other labels in others.\nMake it one type.",
        )
    listed: list[Any] = values.tolist()
    return listed


class Labels:
    """Numbers for labels in the order in which they first come."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    @property
    def listed(self) -> list[Any]:
        """The labels by their numbers."""
        return list(self._numbers)

    def codes(self, labels: list[Any], name: str) -> IntArray:
        """The number of each label, of a column with this name."""
        numbers = self._numbers
        try:
            found = [numbers.setdefault(each, len(numbers)) for each in labels]
        except TypeError as error:  # lists and the like
            raise DataError(
                "not-labels", f"{shown(name)} holds values that cannot be labels of groups."
            ) from error
        return np.array(found, dtype=np.intp)


class Queue:
    """Columns of arrays that come in pieces, taken in pieces of other sizes."""

    def __init__(self) -> None:
        self._waiting = list[IntArray]()

    def put(self, columns: IntArray) -> None:
        """Add columns (ways, m)."""
        self._waiting.append(columns)

    def take(self, n: int) -> IntArray:
        """The next n columns."""
        both = np.concatenate(self._waiting, axis=1)
        self._waiting = [both[:, n:]]
        return both[:, :n]
