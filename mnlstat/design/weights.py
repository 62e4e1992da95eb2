"""Weights of rows: frequency weights repeat a row, sampling weights say how many it stands for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import BoolArray, FloatArray
from mnlstat.design.column import Column, read_column
from mnlstat.design.frames import as_column
from mnlstat.design.given_values import series_of
from mnlstat.design.words import where
from mnlstat.errors import DataError, MnlstatError, WeightsError
from mnlstat.options import nearest, shown

FREQUENCY, SAMPLING = "frequency", "sampling"
# Rows that frequency weights are repeated to where a term learns from the rows.
MOST_REPEATED = 20_000_000
NEGATIVE = "has negative values ({}).\nA weight is zero or more."
INFINITE = "has infinite values ({}).\nA weight is a finite number."
MISSING = "has missing values ({}).\nFill them in, or give the name of a column."


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
class NamedWeights:
    """Weights of rows, wherever these are.

    Attributes
    ----------
    kind : "frequency" or "sampling"
    name : of the column, or of the option
    """

    kind: str
    name: str

    @property
    def is_frequency(self) -> bool:
        """Whether they repeat rows."""
        return self.kind == FREQUENCY

    def said(self, total: float) -> str:
        """What the summary says of them, given their sum."""
        return f"{self.kind}, {self.name}, sum {total:.10g}"


@dataclass(frozen=True, eq=False)
class Weights(NamedWeights):
    """Weights of the used rows.

    Attributes
    ----------
    values : (n,) all positive
    """

    values: FloatArray

    def of_rows(self, rows: BoolArray) -> Weights:
        """Those of some of the rows."""
        return replace(self, values=self.values[rows])


def read_weights(
    weighting: Weighting, frame: Any, wanted: BoolArray | None = None
) -> tuple[Weights, Column]:
    """The weights of all rows of a frame, and the column that says where they are missing.

    What they are in rows that are not ``wanted`` is no matter.

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
    check_numbers(option, column, named=named)
    values = column.numbers()
    _check(option, name, values, frame.index, wanted, may_be_missing=named)
    return Weights(weighting.kind, name, values), column


def check_numbers(option: str, column: Column, *, named: bool) -> None:
    """Refuse weights that are no numbers."""
    if column.kind not in ("number", "integer", "bool"):
        kinds = {"text": "text", "category": "categories", "empty": "nothing but missing values"}
        what = f"column {shown(column.name)} holds" if named else "these are"
        raise WeightsError(
            "not-numbers", f"{option}: {what} {kinds[column.kind]}; weights are numbers."
        )


def check_known(option: str, name: str, columns: Any) -> None:
    """Refuse the name of a column that the data do not have."""
    if name not in columns:
        known = [str(column) for column in columns]
        raise WeightsError(
            "missing-column",
            f"{option}: the data have no column {shown(name)}{nearest(name, known)}.",
        )


def _column_of(frame: Any, name: str, option: str) -> Any:
    check_known(option, name, frame.columns)
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
    try:
        column = as_column(given)
    except DataError as error:
        raise WeightsError(
            "weights-shape", f"{option} must be one column of numbers, not a table of several."
        ) from error
    if isinstance(given, pd.DataFrame):
        given = column
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
        column = series_of(values)
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


def _check(
    option: str,
    name: str,
    values: FloatArray,
    index: Any,
    wanted: BoolArray | None,
    *,
    may_be_missing: bool,
) -> None:
    inside = np.ones(len(values), dtype=bool) if wanted is None else wanted
    if (bad := (values < 0) & inside).any():
        raise defective("weights-negative", option, name, NEGATIVE, where(bad, index))
    if (bad := np.isinf(values) & inside).any():
        raise defective("infinite-values", option, name, INFINITE, where(bad, index))
    if not may_be_missing and (bad := np.isnan(values) & inside).any():
        raise defective("weights-missing", option, name, MISSING, where(bad, index))
    check_some(option, not inside.any() or bool((values[inside] > 0).any()))


def check_some(option: str, some: bool) -> None:
    """Refuse weights none of which is positive."""
    if not some:
        raise WeightsError(
            "weights-all-zero", f"{option}: all weights are zero or missing; no row is left."
        )


def defective(code: str, option: str, name: str, said: str, place: str) -> WeightsError:
    """What is raised for weights of some rows that are no weights."""
    whose = option if name == option else f"{option}: column {shown(name)}"
    return WeightsError(code, f"{whose} {said.format(place)}")


def repeated(weights: Weights, used: BoolArray, term: str) -> Any:
    """The positions of the used rows, each as often as its frequency weight says.

    Raises
    ------
    WeightsError
        For weights that are not whole numbers, or too large: a term that learns from the rows
        cannot learn from these.
    """
    times = weights.values[used]
    check_repeatable(bool(np.array_equal(times, np.floor(times))), float(times.sum()), term)
    return np.repeat(np.flatnonzero(used), times.astype(np.intp))


def check_repeatable(whole: bool, total: float, term: str) -> None:
    """Refuse a term that learns from rows which weights cannot repeat."""
    if not whole or total > MOST_REPEATED:
        raise WeightsError(
            "weights-and-transform",
            f"freq_weights: {term} learns from the rows, and these weights are not whole numbers or"
            " are too large to repeat them.\nCompute the term beforehand, as a column of the data.",
        )


def mixes_repeated_rows(
    term: str,
    cure: str = "use a transform that remembers, such as center(x), or compute the column",
) -> WeightsError:
    """What is raised for a term that would see a row of weight two once."""
    return WeightsError(
        "weights-and-transform",
        f"freq_weights: {term} depends on all rows as they stand, not as often as they"
        f" repeat.\n{cure[0].upper()}{cure[1:]} beforehand, from rows that count as often.",
    )


def weighty(kept: BoolArray, weights: Weights | None) -> tuple[BoolArray, int]:
    """The rows that have a weight, and how many have none."""
    if weights is None:
        return kept, 0
    weighty = kept & (weights.values > 0)
    check_weighty(weights.name, bool(weighty.any()))
    return weighty, int(kept.sum() - weighty.sum())


def check_weighty(name: str, some: bool) -> None:
    """Refuse weights that leave no row."""
    if not some:
        raise WeightsError(
            "weights-all-zero", f"{shown(name)}: every row that misses nothing has weight zero."
        )
