"""Columns of dates and times, which a condition can compare though a model cannot use them."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.design.column import Column, Integers, Rows

DATES = ("datetime64", "datetime", "date")


@dataclass(frozen=True)
class Moments(Column):
    """A column of dates or times."""

    def series(self, rows: Rows, index: Any, integers: Integers = "float") -> Any:
        """Return rows as a new Series, missing ones included."""
        return pd.Series(self.values[rows].array, index=index, name=self.name)


def moments(name: str, series: Any) -> Moments | None:
    """Return a Series as dates or times; None where it holds none."""
    kind = getattr(series.dtype, "kind", "O")
    if kind == "O" and pd.api.types.infer_dtype(series, skipna=True) in DATES:
        try:
            series = pd.to_datetime(series)
        except (ValueError, TypeError, OverflowError):  # several time zones, years beyond range
            return None
        kind = series.dtype.kind
    if kind != "M":
        return None
    if not isinstance(series.dtype, np.dtype | pd.DatetimeTZDtype):  # Arrow
        series = pd.Series(pd.DatetimeIndex(series), index=series.index)
    return Moments(name, "empty", series, None)


def are_dates(value: Any) -> bool:
    """Whether something is a Series of dates or times."""
    return isinstance(value, pd.Series) and value.dtype.kind == "M"


def is_date(value: Any) -> bool:
    """Whether something is one date or time."""
    return isinstance(value, datetime.date | np.datetime64)


def as_date(text: Any, series: Any) -> Any:
    """Return a text as a date that can be compared with those of a Series; others as they are.

    Raises
    ------
    TypeError
        For what is neither.
    """
    if are_dates(text) or (is_date(text) and type(text) is not datetime.date):
        return text
    if not isinstance(text, str) and not is_date(text):
        raise TypeError("dates are compared with dates, or with text such as '2020-12-31'")
    try:
        date = pd.Timestamp(text)
    except ValueError as error:
        raise TypeError(f"{text!r} is no date; write it as '2020-12-31'") from error
    zone = series.dt.tz
    return date.tz_localize(zone) if zone is not None and date.tzinfo is None else date
