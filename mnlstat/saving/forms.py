"""The forms of what Python, numpy and pandas know: labels, collections, arrays, tables."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.saving.values import Form, Reader, UnsaveableError, Writer

NEWEST_TEXT = "str"  # what pandas 3 makes of text


def _text(kind: type, write: Callable[[Any], str], read: Callable[[str], Any]) -> Form:
    name = f"{kind.__module__.partition('.')[0]}.{kind.__name__}"
    return Form(name, kind, lambda value, _: write(value), lambda text, _: read(text))


def _items(kind: type) -> Form:
    def write(value: Any, writer: Writer) -> Any:
        return [writer.write(each) for each in value]

    return Form(kind.__name__, kind, write, lambda found, reader: kind(reader.read(found)))


def _pairs(value: Any, writer: Writer) -> Any:
    return [[writer.write(key), writer.write(each)] for key, each in value.items()]


def _parts(kind: type, *names: str) -> Form:
    """The form of what is made of the arguments that it shows under these names."""
    name = f"{kind.__module__.partition('.')[0]}.{kind.__name__}"

    def write(value: Any, writer: Writer) -> Any:
        return [writer.write(getattr(value, each)) for each in names]

    return Form(name, kind, write, lambda found, reader: kind(*reader.read(found)))


def _moment(value: Any, writer: Writer) -> Any:
    zone = None if value.tzinfo is None else str(value.tzinfo)
    content = [int(value.asm8.astype(np.int64)), value.unit, zone]
    try:
        same = repr(_read_moment(content, None)) == repr(value)
    except Exception:  # whatever the zone is, its name does not tell
        same = False
    if not same:
        raise UnsaveableError(f"a time in the zone {zone}")
    return content


def _read_moment(found: Any, _: Any) -> Any:
    count, unit, zone = found
    moment = pd.Timestamp(np.datetime64(count, unit))
    return moment if zone is None else moment.tz_localize("UTC").tz_convert(zone)


def _clock(value: Any) -> str:
    if value.tzinfo is not None:
        raise UnsaveableError("a datetime with a time zone")
    return str(value.isoformat())


def _write_values(values: Any, writer: Writer) -> Any:
    """Values of a column or an index with their type."""
    dtype = values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        data = values.array if isinstance(values, pd.Series | pd.Index) else values
        return ["category", writer.write(data)]
    if isinstance(dtype, np.dtype):
        return ["numpy", writer.write_array(np.asarray(values))]
    return [str(dtype), [writer.write(each) for each in values.tolist()]]


def _read_values(found: Any, reader: Reader) -> Any:
    kind, content = found
    if kind == "category":
        return reader.read(content)
    if kind == "numpy":
        return reader.read_array(content)
    old = kind == NEWEST_TEXT and int(pd.__version__.partition(".")[0]) < 3
    return pd.array(reader.read(content), dtype="object" if old else kind)


def _write_categorical(value: Any, writer: Writer) -> Any:
    codes = writer.write_array(np.asarray(value.codes))
    return [codes, writer.write(value.categories), bool(value.ordered)]


def _read_categorical(found: Any, reader: Reader) -> Any:
    codes, categories, ordered = found
    made = reader.read(categories)
    return pd.Categorical.from_codes(reader.read_array(codes), made, ordered=ordered)


def _write_index(value: Any, writer: Writer) -> Any:
    if type(value) is pd.MultiIndex:
        levels = [_write_index(level, writer) for level in value.levels]
        codes = [writer.write_array(np.asarray(codes)) for codes in value.codes]
        return {"names": writer.write(list(value.names)), "levels": levels, "codes": codes}
    return {"names": [writer.write(value.name)], "values": _write_values(value, writer)}


def _read_index(found: Any, reader: Reader) -> Any:
    names = reader.read(found["names"])
    if "levels" in found:
        levels = [_read_index(level, reader) for level in found["levels"]]
        codes = [reader.read_array(each) for each in found["codes"]]
        return pd.MultiIndex(levels=levels, codes=codes, names=names)
    values = _read_values(found["values"], reader)
    dtype = values.dtype if isinstance(values, np.ndarray) and values.dtype == object else None
    return pd.Index(values, dtype=dtype, name=names[0], tupleize_cols=False)


def _write_series(value: Any, writer: Writer) -> Any:
    return [_write_values(value, writer), writer.write(value.index), writer.write(value.name)]


def _read_series(found: Any, reader: Reader) -> Any:
    values, index, name = found
    return _series(_read_values(values, reader), reader.read(index), reader.read(name))


def _series(values: Any, index: Any, name: Any = None) -> Any:
    dtype = object if isinstance(values, np.ndarray) and values.dtype == object else None
    return pd.Series(values, index=index, name=name, dtype=dtype)


def _write_frame(value: Any, writer: Writer) -> Any:
    columns = [_write_values(value.iloc[:, at], writer) for at in range(value.shape[1])]
    return [writer.write(value.columns), columns, writer.write(value.index)]


def _read_frame(found: Any, reader: Reader) -> Any:
    names, columns, index = found
    rows = reader.read(index)
    made = {at: _series(_read_values(each, reader), rows) for at, each in enumerate(columns)}
    return pd.DataFrame(made, index=rows).set_axis(reader.read(names), axis=1)


def _same(name: str, kind: type) -> Form:
    return Form(name, kind, _write_index, _read_index)


FORMS: tuple[Form, ...] = (
    _items(tuple), _items(set), _items(frozenset),
    Form("dict", dict, _pairs, lambda found, reader: dict(map(tuple, reader.read(found)))),
    _parts(slice, "start", "stop", "step"),
    _parts(range, "start", "stop", "step"),
    _parts(complex, "real", "imag"),
    _parts(Fraction, "numerator", "denominator"),
    _text(float, repr, float),
    _text(bytes, bytes.hex, bytes.fromhex),
    _text(Decimal, str, Decimal),
    _text(datetime.date, datetime.date.isoformat, datetime.date.fromisoformat),
    _text(datetime.datetime, _clock, datetime.datetime.fromisoformat),
    Form("pandas.Timestamp", pd.Timestamp, _moment, _read_moment),
    Form(
        "pandas.Timedelta", pd.Timedelta,
        lambda value, _: [int(value.asm8.astype(np.int64)), value.unit],
        lambda found, _: pd.Timedelta(np.timedelta64(*found)),
    ),
    _parts(pd.Interval, "left", "right", "closed"),
    Form("pandas.NA", type(pd.NA), lambda *_: None, lambda *_: pd.NA),
    Form("array", np.ndarray, lambda value, writer: writer.write_array(value),
         lambda found, reader: reader.read_array(found)),
    Form("pandas.Categorical", pd.Categorical, _write_categorical, _read_categorical),
    _same("pandas.Index", pd.Index), _same("pandas.RangeIndex", pd.RangeIndex),
    _same("pandas.MultiIndex", pd.MultiIndex),
    _same("pandas.CategoricalIndex", pd.CategoricalIndex),
    _same("pandas.IntervalIndex", pd.IntervalIndex),
    _same("pandas.DatetimeIndex", pd.DatetimeIndex),
    Form("pandas.Series", pd.Series, _write_series, _read_series),
    Form("pandas.DataFrame", pd.DataFrame, _write_frame, _read_frame),
)  # fmt: skip
