"""Whether fits, perhaps of several outcomes, are of the same rows of the same data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.design.source import DesignOnly, Source
from mnlstat.errors import DataError
from mnlstat.results import MNLogitResults
from mnlstat.rows.rows import Rows
from mnlstat.workflow.with_rows import check_rows


def same_data(caller: str, names: Sequence[str], fits: Sequence[MNLogitResults]) -> Source:
    """The data of all fits, which must be the same rows of the same data, with the same weights."""
    sources = [_source(caller, *pair) for pair in zip(names, fits, strict=True)]
    first, weights = sources[0], _weights(fits[0])
    for name, res, source in zip(names[1:], fits[1:], sources[1:], strict=True):
        what = _difference(first, source)
        if not what and not _equal(weights, _weights(res)):
            what = "has other weights"
        if what:
            raise DataError(
                "different-rows",
                f"{caller}(): {name} {what} than {names[0]}.\nFit all models to the same rows: a"
                " frame without the rows that one of them drops, or subset=.",
            )
    return first


def _source(caller: str, name: str, res: MNLogitResults) -> Source:
    """The data of one fit, its rows in memory."""
    check_rows(caller, res)
    assert res.sample is not None
    _, source = res.sample.in_memory(f"{caller}()", "Fit the models to a frame.")
    assert isinstance(res.sample.likelihood.rows, Rows)
    if isinstance(source, DesignOnly):
        raise DataError(
            "data-not-kept",
            f"{caller}(): the file of {name} holds the design only: whether its rows are those of"
            " the others cannot be told.\nFit the model again.",
        )
    return source


def _weights(res: MNLogitResults) -> tuple[bool, FloatArray | None]:
    assert res.sample is not None
    rows = res.sample.likelihood.rows
    assert isinstance(rows, Rows)
    return res.sample.sampling, rows.weights


def _equal(one: tuple[bool, Any], other: tuple[bool, Any]) -> bool:
    if one[1] is None or other[1] is None:
        return one[1] is other[1]
    return one[0] == other[0] and np.array_equal(one[1], other[1])


def _difference(one: Source, other: Source) -> str:
    """What differs between the rows of two fits; empty when nothing does."""
    if len(one.index) != len(other.index):
        return f"uses {len(other.index)} rows, not {len(one.index)}: other rows"
    if not one.index.equals(other.index):
        return "uses other rows"
    mine, theirs = one.frame, other.frame
    if mine is theirs:
        return "" if np.array_equal(one.kept, other.kept) else "uses other rows"
    shared = [name for name in mine.columns if name in theirs.columns]
    same = [mine[name][one.kept].equals(theirs[name][other.kept]) for name in shared]
    return "" if shared and all(same) else "is of other data"
