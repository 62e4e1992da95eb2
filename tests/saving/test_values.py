"""Values come back as they were: type, bits, labels, order in memory."""

from __future__ import annotations

import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from mnlstat.saving.forms import FORMS
from mnlstat.saving.values import DocumentError, UnsaveableError, packed, unpacked

SCALARS = [
    None, True, 1, 10**40, -0.0, 5e-324, float("inf"), float("nan"), "", "\ud800\n", b"\0x", 1 + 2j,
    Decimal("1.10"), Fraction(1, 3), slice(1, None, 2), range(3, 9, 2), np.float32(0.1),
    np.int8(-3), np.bool_(True), np.str_("a"), np.datetime64("2020-02-29", "D"),
    datetime.date(2020, 2, 29), datetime.datetime(2020, 2, 29, 1, 2, 3, 4),
    pd.Timestamp("2020-02-29 01:02:03.000000004"), pd.Timestamp("2020-02-29", tz="Europe/Berlin"),
    pd.Timestamp("2020-06-25 02:30:00.5+02:00"), pd.Timedelta("1 day 00:00:00.1"),
    pd.Interval(0.1, 2, closed="both"), pd.NA, (1, (2.5, "a", None)), [1, [2, (3,)]],
    {"a": {1: (2,)}, (1, 2): [3]}, {1, 2.5}, frozenset({"a"}),
]  # fmt: skip


def round_trip(value: Any) -> Any:
    return unpacked(packed(value, FORMS), FORMS)


@pytest.mark.parametrize("value", SCALARS, ids=repr)
def test_scalars_and_collections(value: Any) -> None:
    found = round_trip(value)
    assert type(found) is type(value)
    assert repr(found) == repr(value)
    if isinstance(value, float | np.generic):
        assert np.asarray(found).tobytes() == np.asarray(value).tobytes()


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0).reshape(2, 3), np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(12)[::3], np.array(3.5), np.empty((0, 4)), np.array(["a", "bcd"]),
        np.array([True, False]), np.array(["2020-01-01"], dtype="M8[s]"),
        np.array([np.nan, -np.nan, -0.0]), np.array([1 + 2j]), np.arange(3, dtype=">i2"),
        np.array([[None, "a"], [1, (2, 3)]], dtype=object),
    ],
)  # fmt: skip
def test_arrays(array: Any) -> None:
    found = round_trip(array)
    assert found.dtype == array.dtype and found.shape == array.shape
    assert found.flags.f_contiguous == array.flags.f_contiguous or not array.flags.contiguous
    if array.dtype == object:
        assert found.tolist() == array.tolist()
    else:
        assert found.tobytes() == array.tobytes()


TABLES = [
    pd.Series([1.5, np.nan], index=["a", "b"], name=("x", 1)),
    pd.Series(["a", None, "b"]),
    pd.Series([1, "a", (1, 2)], dtype=object),
    pd.Series([1, None], dtype="Int64"),
    pd.Series(pd.Categorical(["u", "w"], categories=["w", "v", "u"], ordered=True)),
    pd.Series(pd.cut([1.0, 5.0, 9.0], [0, 4, 10])),
    pd.Series(pd.to_datetime(["2020-01-01", None])),
    pd.DataFrame(
        {"a": [1, 2], ("b", 1): ["x", "y"]}, index=pd.Index([(1, 2), (3, 4)], tupleize_cols=False)
    ),
    pd.DataFrame(np.eye(2), columns=pd.MultiIndex.from_product([["p"], [1, 2]], names=["u", None])),
    pd.DataFrame({"a": []}),
]


@pytest.mark.parametrize("table", TABLES, ids=lambda each: str(each.shape))
def test_tables(table: Any) -> None:
    found = round_trip(table)
    check = pd.testing.assert_frame_equal if table.ndim == 2 else pd.testing.assert_series_equal
    check(found, table, check_exact=True)
    assert found.index.equals(table.index) and found.index.names == table.index.names


@pytest.mark.parametrize(
    "value",
    [
        object(), lambda: 0, print, np, type("Own", (), {}), np.ma.array([1.0], mask=[True]),
        datetime.datetime(2020, 1, 1, tzinfo=ZoneInfo("UTC")),
        np.array([object()], dtype=object),
        np.array([(1, None)], dtype=[("a", int), ("b", object)]),
    ],
    ids=repr,
)  # fmt: skip
def test_what_has_no_form_is_refused(value: Any) -> None:
    with pytest.raises(UnsaveableError):
        packed([value], FORMS)


def test_what_is_no_zip_file_is_refused() -> None:
    for payload in (b"", b"PK", packed(1, FORMS)[:-30]):
        with pytest.raises(DocumentError):
            unpacked(payload, FORMS)
