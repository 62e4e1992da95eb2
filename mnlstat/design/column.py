"""One column of a frame as plain numpy, whatever its dtype."""

from __future__ import annotations

import contextlib
import datetime
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd

from mnlstat.arrays import BoolArray, FloatArray, IntArray
from mnlstat.design.levels import EXACT, Levelled, ascending, check_distinct, plain
from mnlstat.design.words import where
from mnlstat.errors import DataError
from mnlstat.options import shown

Kind: TypeAlias = Literal["number", "integer", "bool", "text", "category", "empty"]
Integers: TypeAlias = Literal["whole", "float", "exact"]
Rows: TypeAlias = "BoolArray | IntArray | slice"
EVERY = slice(None)
MOMENTS = (
    datetime.date, datetime.time, datetime.timedelta, np.datetime64, np.timedelta64, pd.Period
)  # fmt: skip
UNUSABLE = ("complex", "date", "time", "period")


@dataclass(frozen=True, eq=False)
class Column:
    """A column as numbers, or as codes of its levels.

    Attributes
    ----------
    values : (n,) array
        float64, int64 or bool; Python's own whole numbers where int64 cannot hold them; codes for
        kinds "text" and "category".
    missing : (n,) bool or None
        None when nothing is missing.
    """

    name: str
    kind: Kind
    values: Any
    missing: BoolArray | None
    levels: tuple[Any, ...] = ()
    ordered: bool = False

    @property
    def is_levelled(self) -> bool:
        """Whether the column holds labels rather than numbers."""
        return self.kind in ("text", "category")

    def numbers(self, rows: Rows = EVERY) -> FloatArray:
        """Return float64 values of the rows, NaN where missing; a view where possible."""
        values = np.asarray(self.values[rows], dtype=np.float64)
        if self.missing is not None and self.kind != "number" and self.missing[rows].any():
            values = np.where(self.missing[rows], np.nan, values)
        return values

    def series(self, rows: Rows, index: Any, integers: Integers = "float") -> Any:
        """Return complete rows as a new Series.

        Numbers are float64; whole ones int64 or, "exact", Python's own if ``integers`` says so.
        """
        if self.kind == "category":
            codes = self.values[rows]
            made = pd.Categorical.from_codes(codes, list(self.levels), ordered=self.ordered)
            return pd.Series(made, index=index, name=self.name)
        if self.kind == "text":
            labels = np.empty(len(self.levels) + 1, dtype=object)
            labels[:-1] = self.levels
            return pd.Series(labels[self.values[rows]], index=index, name=self.name)
        as_they_are = self.kind == "bool" or (self.kind == "integer" and integers != "float")
        values = np.array(self.values[rows] if as_they_are else self.numbers(rows))
        if self.kind == "integer" and integers == "exact":
            values = values.astype(object)
        return pd.Series(values, index=index, name=self.name)

    def fits_floats(self) -> bool:
        """Whether every number of the column is exact in float64."""
        return self.kind != "integer" or bool(
            ((self.values >= -EXACT) & (self.values <= EXACT)).all()
        )

    def levelled(self, rows: Rows = EVERY) -> Levelled:
        """Return the rows as categories; numbers by their sorted distinct values.

        The levels are those of the whole column, so that it shows which the rows lack.
        """
        values = self.values[rows]
        if self.is_levelled:
            declared = self.kind == "category"
            return Levelled(values, self.levels, self.ordered, declared=declared)
        if self.kind == "bool":
            codes, levels = values.astype(np.intp), (False, True)
        else:
            codes, levels = self._distinct()
            codes = codes[rows]
        if self.missing is not None:
            codes = np.where(self.missing[rows], -1, codes)
        truths = self.kind == "bool"
        return Levelled(codes, levels, declared=truths, asked=truths)

    def _distinct(self) -> tuple[IntArray, tuple[Any, ...]]:
        """Return codes and sorted distinct values of present numbers."""
        if self.missing is None or self.kind == "number":
            codes, found = pd.factorize(self.values, sort=True)
            return codes.astype(np.intp, copy=False), plain(found)
        codes = np.full(len(self.values), -1, dtype=np.intp)
        codes[~self.missing], found = pd.factorize(self.values[~self.missing], sort=True)
        return codes, plain(found)


def read_column(name: str, series: Any) -> Column:
    """Return a Series of any dtype (numpy, nullable, Arrow, categorical, sparse) as a Column.

    Raises
    ------
    DataError
        For complex, date and time types, labels of two types that look alike, and values
        that cannot be labels.
    """
    dtype = series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _from_category(name, series)
    kind = getattr(dtype, "kind", "O")
    if kind in "cmM":
        raise _unusable(name, str(dtype))
    if kind == "f":
        values = _as_array(series, np.float64, np.nan)
        missing = np.isnan(values)
        return Column(name, "number", values, _or_none(missing))
    if kind in "iub":
        return _from_exact(name, series, kind)
    return _from_objects(name, series)


def _as_array(series: Any, dtype: type, filler: Any) -> Any:
    """Return the values as ``dtype``, without a copy where they are that already."""
    if isinstance(series.dtype, np.dtype):
        return series.to_numpy().astype(dtype, copy=False)
    if isinstance(series.dtype, pd.SparseDtype):
        return np.asarray(series).astype(dtype)
    return series.to_numpy(dtype=dtype, na_value=filler)


def _or_none(missing: BoolArray) -> BoolArray | None:
    return missing if missing.any() else None


def _from_exact(name: str, series: Any, kind: str) -> Column:
    plain_numpy = isinstance(series.dtype, np.dtype | pd.SparseDtype)
    missing = None if plain_numpy else _or_none(series.isna().to_numpy())
    if kind == "b":
        return Column(name, "bool", _as_array(series, np.bool_, False), missing)
    if kind == "u":
        values = _as_array(series, np.uint64, 0)
        if values.max(initial=0) > np.iinfo(np.int64).max:
            return Column(name, "integer", values.astype(object), missing)
    return Column(name, "integer", _as_array(series, np.int64, 0), missing)


def _from_category(name: str, series: Any) -> Column:
    categories = series.cat.categories
    inferred = pd.api.types.infer_dtype(categories)
    if inferred.startswith(UNUSABLE):
        raise _unusable(name, f"category of {inferred}")
    codes = series.cat.codes.to_numpy()
    levels = plain(categories)
    check_distinct(levels, f"column {shown(name)}")
    return Column(name, "category", codes, _or_none(codes < 0), levels, bool(series.cat.ordered))


def _from_objects(name: str, series: Any) -> Column:
    """Return a column of Python objects or text as what its values are."""
    inferred = pd.api.types.infer_dtype(series, skipna=True)
    if inferred == "empty":
        return Column(name, "empty", np.full(len(series), np.nan), np.ones(len(series), bool))
    if inferred.startswith(UNUSABLE):
        raise _unusable(name, inferred)
    if inferred in ("integer", "floating", "mixed-integer-float", "decimal", "boolean"):
        return _from_number_objects(name, series, inferred)
    if inferred != "string":
        _check_objects(name, series)
    return _from_labels(name, series)


def _from_number_objects(name: str, series: Any, inferred: str) -> Column:
    missing = series.isna().to_numpy()
    objects = series.astype(object).to_numpy(copy=True)
    objects[missing] = False if inferred == "boolean" else 0
    if inferred == "boolean":
        return Column(name, "bool", objects.astype(np.bool_), _or_none(missing))
    values = _floats(name, objects, series.index)
    if inferred == "integer":
        whole = np.array([int(number) for number in objects], dtype=object)
        with contextlib.suppress(OverflowError):
            whole = whole.astype(np.int64)
        return Column(name, "integer", whole, _or_none(missing))
    values[missing] = np.nan
    return Column(name, "number", values, _or_none(missing))


def _floats(name: str, objects: Any, index: Any) -> FloatArray:
    """Return numbers of any kind in float64, or refuse the first that is too large for it."""
    try:
        return np.asarray(objects, dtype=np.float64)
    except (OverflowError, ValueError) as error:  # 10**400, a decimal that signals
        large = np.array([not _fits(number) for number in objects])
        raise DataError(
            "out-of-range",
            f"column {shown(name)} holds {shown(objects[large][0])}, beyond the range of"
            f" floating-point numbers ({where(large, index)}).\n"
            "Rescale the column, set these values to missing, or leave the rows out.",
        ) from error


def _fits(number: Any) -> bool:
    try:
        float(number)
    except (OverflowError, ValueError):
        return False
    return True


def _check_objects(name: str, series: Any) -> None:
    """Refuse values that cannot be labels, and True beside 1, which Python takes for equal."""
    kinds = {type(value) for value in series[series.notna()]}
    for kind in kinds:
        if issubclass(kind, (complex, np.complexfloating, *MOMENTS)):
            raise _unusable(name, kind.__name__)
        if kind.__hash__ is None:
            raise DataError(
                "not-labels",
                f"column {shown(name)} holds values of type {kind.__name__}, which cannot be"
                " labels.",
            )
    truths = {kind for kind in kinds if issubclass(kind, bool | np.bool_)}
    numbers = {kind for kind in kinds - truths if issubclass(kind, int | float | np.number)}
    if truths and numbers:
        raise DataError(
            "mixed-labels",
            f"column {shown(name)} has labels of the types bool and"
            f" {min(k.__name__ for k in numbers)}"
            " together.\nMake them one type.",
        )


def _from_labels(name: str, series: Any) -> Column:
    """Return text (or other hashable objects) as codes of its sorted levels."""
    codes, found = pd.factorize(series)
    levels = plain(found)
    check_distinct(levels, f"column {shown(name)}")
    order = ascending(levels)
    rank = np.empty(len(levels) + 1, dtype=np.intp)
    rank[order], rank[-1] = np.arange(len(levels)), -1
    ordered = tuple(levels[at] for at in order)
    codes = rank[codes]
    return Column(name, "text", codes, _or_none(codes < 0), ordered)


def _unusable(name: str, kind: str) -> DataError:
    return DataError(
        "unusable-type",
        f"column {shown(name)} is of type {kind}, which a model cannot use.\n"
        "Make numbers or labels of it first (a duration in days, a year, a real part).",
    )
