"""Weights of rows: frequency weights repeat a row, sampling weights say how many it stands for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import BoolArray, FloatArray
from mnlstat.design.column import Column, read_column
from mnlstat.design.frames import as_column
from mnlstat.design.words import where
from mnlstat.errors import MnlstatError, WeightsError
from mnlstat.options import nearest, shown

FREQUENCY, SAMPLING = "frequency", "sampling"
# Rows that frequency weights are repeated to where a term learns from the rows.
MOST_REPEATED = 20_000_000


@dataclass(frozen=True, eq=False)
class Weighting:
    """Weights as the user gives them.

    Attributes
    ----------
    kind : "frequency" or "sampling"
    given : name of a column, or an array or Series with a number for each row
    """

    kind: str
    given: Any

    @classmethod
    def of(cls, freq_weights: Any, sampling_weights: Any) -> Weighting | None:
        """What was given, None for nothing; WeightsError for both."""
        if freq_weights is not None and sampling_weights is not None:
            raise WeightsError(
                "two-kinds-of-weights",
                "freq_weights and sampling_weights are both given; a model has one kind of"
                " weights.\nMultiply them only if rows that repeat were sampled, and say which"
                " kind the product is.",
            )
        if freq_weights is not None:
            return cls(FREQUENCY, freq_weights)
        return None if sampling_weights is None else cls(SAMPLING, sampling_weights)

    @property
    def names(self) -> tuple[str, ...]:
        """The column, where they are one."""
        return (self.given,) if isinstance(self.given, str) else ()

    @property
    def option(self) -> str:
        """The option that gave them."""
        return "freq_weights" if self.kind == FREQUENCY else "sampling_weights"


@dataclass(frozen=True, eq=False)
class Weights:
    """Weights of the used rows.

    Attributes
    ----------
    kind : "frequency" or "sampling"
    name : of the column, or of the option
    values : (n,) all positive
    """

    kind: str
    name: str
    values: FloatArray

    def of_rows(self, rows: BoolArray) -> Weights:
        """Those of some of the rows."""
        return replace(self, values=self.values[rows])

    @property
    def is_frequency(self) -> bool:
        """Whether they repeat rows."""
        return self.kind == FREQUENCY

    @property
    def total(self) -> float:
        """Their sum."""
        return float(self.values.sum())

    def __str__(self) -> str:
        return f"{self.kind}, {self.name}, sum {self.total:.10g}"


def read_weights(weighting: Weighting, frame: Any) -> tuple[Weights, Column]:
    """The weights of all rows of a frame, and the column that says where they are missing.

    Raises
    ------
    WeightsError
        Naming the option and what is wrong: an unknown column, another length or index, text,
        negative, infinite or missing values, nothing but zeros.
    """
    option, given = weighting.option, weighting.given
    named = isinstance(given, str)
    name = given if named else option
    series = _column_of(frame, given, option) if named else _lined_up(given, frame, option)
    try:
        column = read_column(name, series)
    except MnlstatError as error:
        raise WeightsError(error.code, f"{option}: {error.message}") from error
    if column.kind not in ("number", "integer", "bool"):
        kinds = {"text": "text", "category": "categories", "empty": "nothing but missing values"}
        what = f"column {shown(name)} holds" if named else "these are"
        raise WeightsError(
            "not-numbers", f"{option}: {what} {kinds[column.kind]}; weights are numbers."
        )
    values = column.numbers()
    _check(option, name, values, frame.index, may_be_missing=named)
    return Weights(weighting.kind, name, values), column


def _column_of(frame: Any, name: str, option: str) -> Any:
    if name not in frame.columns:
        known = [str(column) for column in frame.columns]
        raise WeightsError(
            "missing-column",
            f"{option}: the data have no column {shown(name)}{nearest(name, known)}.",
        )
    series = frame[name]
    if series.ndim > 1:
        raise WeightsError(
            "duplicate-column", f"{option}: the data have several columns named {shown(name)}."
        )
    return series


def _lined_up(given: Any, frame: Any, option: str) -> Any:
    """An array by position, a Series by its index: never a Series by position."""
    if isinstance(given, np.ma.MaskedArray):
        given = np.ma.filled(given.astype(float), np.nan)
    column = as_column(given)
    if column is None:
        try:
            values = np.asarray(given)
        except (ValueError, TypeError) as error:
            raise WeightsError(
                "not-numbers", f"{option}={shown(given)} is no column of numbers."
            ) from error
        if values.ndim != 1:
            raise WeightsError(
                "weights-shape",
                f"{option}={shown(given)} must be the name of a column, or one number for each of"
                f" the {len(frame)} rows.",
            )
        column = pd.Series(values)
    if len(column) != len(frame):
        raise WeightsError(
            "lengths-differ",
            f"{option} has {len(column)} values for {len(frame)} rows; give one for each row of"
            " the data, before any are dropped.",
        )
    if not isinstance(given, pd.Series) or given.index.equals(frame.index):
        return column.set_axis(frame.index)
    twice = not (given.index.is_unique and frame.index.is_unique)
    if twice or not frame.index.isin(given.index).all():
        raise WeightsError(
            "index-differs",
            f"{option} is a Series whose index is not that of the data.\n"
            "Give an array to take it by position, or the name of a column.",
        )
    return given.reindex(frame.index)


def _check(option: str, name: str, values: FloatArray, index: Any, *, may_be_missing: bool) -> None:
    of = "" if name == option else f" column {shown(name)}"

    def refuse(code: str, what: str, bad: BoolArray, advice: str) -> None:
        if bad.any():
            said = f"{option}:{of} has {what} ({where(bad, index)}).\n{advice}"
            raise WeightsError(code, said)

    refuse("weights-negative", "negative values", values < 0, "A weight is zero or more.")
    refuse("infinite-values", "infinite values", np.isinf(values), "A weight is a finite number.")
    if not may_be_missing:
        advice = "Fill them in, or give the name of a column."
        refuse("weights-missing", "missing values", np.isnan(values), advice)
    if len(values) and not (values > 0).any():
        raise WeightsError(
            "weights-all-zero", f"{option}: all weights are zero or missing; no row is left."
        )


def repeated(weights: Weights, used: BoolArray, term: str) -> Any:
    """The positions of the used rows, each as often as its frequency weight says.

    Raises
    ------
    WeightsError
        For weights that are not whole numbers, or too large: a term that learns from the rows
        cannot learn from these.
    """
    times = weights.values[used]
    if not np.array_equal(times, np.floor(times)) or times.sum() > MOST_REPEATED:
        raise WeightsError(
            "weights-and-transform",
            f"freq_weights: {term} learns from the rows, and these weights are not whole numbers or"
            " are too large to repeat them.\nCompute the term beforehand, as a column of the data.",
        )
    return np.repeat(np.flatnonzero(used), times.astype(np.intp))


def weighty(kept: BoolArray, weights: Weights | None) -> tuple[BoolArray, int]:
    """The rows that have a weight, and how many have none."""
    if weights is None:
        return kept, 0
    weighty = kept & (weights.values > 0)
    if not weighty.any():
        raise WeightsError(
            "weights-all-zero",
            f"{shown(weights.name)}: every row that misses nothing has weight zero.",
        )
    return weighty, int(kept.sum() - weighty.sum())
