"""The order of the rows of a fit in time."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import IntArray
from mnlstat.design.groups import used_values
from mnlstat.design.source import Source
from mnlstat.design.words import where
from mnlstat.errors import DataError
from mnlstat.options import shown

# Kinds of numpy that are in order as they stand: numbers, dates, durations.
ORDERED = "iufMm"


def order_of(given: Any, source: Source) -> IntArray | None:
    """The rows used (n,) by time; None where they are in order.

    Raises
    ------
    DataError
        For what is no time, missing, or the same in several rows.
    """
    name, values = used_values("time", given, source)
    values = values.infer_objects()
    if values.dtype == object and all(type(each) is datetime.date for each in values):
        values = pd.to_datetime(values)
    kind = getattr(values.dtype, "kind", "O")
    times = values.to_numpy()
    if times.dtype.kind == "O" or kind not in ORDERED:
        times = _of_objects(name, values, kind)
    order = np.argsort(times, kind="stable")
    same = np.flatnonzero(times[order][1:] == times[order][:-1])
    if same.size:
        twice = times == times[order][same[0]]
        raise DataError(
            "time-not-unique",
            f"time: {shown(name)} is the same in several rows ({where(twice, source.index)}): their"
            " order is not known.\nGive a time for each row, or cluster by time.",
        )
    return None if (np.diff(order) == 1).all() else order.astype(np.intp)


def _of_objects(name: str, values: Any, kind: str) -> Any:
    """Dates with time zones, periods and nullable numbers as plain ones."""
    array = values.array
    if kind in "iuf":
        return array.to_numpy(dtype=float)
    if hasattr(array, "asi8"):
        return array.asi8
    raise DataError(
        "time-type",
        f"time: {shown(name)} holds {values.dtype}, which has no order in time.\n"
        "Give numbers or dates.",
    )
