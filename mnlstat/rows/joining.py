"""Designs that come in parts: their arrays, and one design of several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from mnlstat.rows.grouped import Grouped
from mnlstat.rows.matrix import Dense, Matrix
from mnlstat.rows.rest import Coded, Rest


def arrays_of(matrix: Matrix) -> list[Any]:
    """The arrays of a design that have an element, or some, for each row."""
    if isinstance(matrix, Grouped):
        return [matrix.rest.X, matrix.codes, *(each.codes for each in matrix.rest.coded)]
    assert isinstance(matrix, Dense)
    return [matrix.X]


def with_arrays(matrix: Matrix, arrays: Sequence[Any]) -> Matrix:
    """A design of the same form with these arrays."""
    if not isinstance(matrix, Grouped):
        return Dense(arrays[0])
    X, codes, *further = arrays
    coded = (Coded(each, like.own) for each, like in zip(further, matrix.rest.coded, strict=True))
    return replace(matrix, codes=codes, rest=Rest(X, tuple(coded)))


def room_for(matrix: Matrix, n: int) -> Matrix:
    """A design of the same form with n rows that are still to be written."""
    return with_arrays(
        matrix, [np.empty((n, *a.shape[1:]), a.dtype, order="F") for a in arrays_of(matrix)]
    )


def joined(parts: Sequence[Matrix]) -> Matrix:
    """One design of the rows of several of the same form."""
    if len(parts) == 1:
        return parts[0]
    whole, start = room_for(parts[0], sum(part.n_rows for part in parts)), 0
    for part in parts:
        write(whole, slice(start, start + part.n_rows), part)
        start += part.n_rows
    return whole


def write(whole: Matrix, rows: slice, part: Matrix) -> None:
    """Write rows of a design."""
    for to, values in zip(arrays_of(whole), arrays_of(part), strict=True):
        to[rows] = values
