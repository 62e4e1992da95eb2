"""A column of any dtype as plain numpy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mnlstat.design.column import read_column
from mnlstat.design.levels import Levelled, ascending, plain
from mnlstat.errors import DataError


@pytest.mark.parametrize(
    ("series", "kind"),
    [
        (pd.Series([1.5, np.nan]), "number"),
        (pd.Series([1.5, 2], dtype="float32"), "number"),
        (pd.Series([1, 2], dtype="int8"), "integer"),
        (pd.Series([1, None], dtype="Int8"), "integer"),
        (pd.Series([2**63 + 10, 1], dtype="uint64"), "integer"),
        (pd.Series([2**63 + 10, None], dtype="UInt64"), "integer"),
        (pd.Series([None, None], dtype="UInt64"), "integer"),
        (pd.Series([2**70, 1, None], dtype=object), "integer"),
        (pd.Series([1, None, 2], dtype=object), "integer"),
        (pd.Series([1, 2.5, None], dtype=object), "number"),
        (pd.Series([True, None], dtype=object), "bool"),
        (pd.Series([True, None], dtype="boolean"), "bool"),
        (pd.Series(["a", None]), "text"),
        (pd.Series(["a", None], dtype="string"), "text"),
        (pd.Series(["a", None], dtype="category"), "category"),
        (pd.Series([None, None], dtype=object), "empty"),
        (pd.Series(pd.arrays.SparseArray([0, 1, 0])), "integer"),
        (pd.Series(pd.arrays.SparseArray([0.0, np.nan])), "number"),
        (pd.Series([], dtype=object), "empty"),
    ],
)
def test_kind_and_missing(series, kind) -> None:
    column = read_column("v", series)
    assert column.kind == kind
    missing = np.zeros(len(series), bool) if column.missing is None else column.missing
    np.testing.assert_array_equal(missing, series.isna())
    if kind in ("number", "integer", "bool"):
        wanted = series.astype(object).where(series.notna(), np.nan).astype(float)
        np.testing.assert_array_equal(column.numbers(), wanted)


def test_float_columns_are_not_copied() -> None:
    values = np.arange(4.0)
    assert np.shares_memory(read_column("v", pd.Series(values, copy=False)).numbers(), values)


def test_levels_are_sorted_and_plain() -> None:
    levelled = read_column("v", pd.Series(["b", None, "a"])).levelled()
    assert levelled.levels == ("a", "b") and levelled.codes.tolist() == [1, -1, 0]
    levelled = read_column("v", pd.Series([3, None, 1], dtype="Int64")).levelled()
    assert levelled.levels == (1, 3) and levelled.codes.tolist() == [1, -1, 0]
    assert plain(np.array([1.0, 2.0])) == (1, 2)
    assert plain([1.0, 2.5]) == (1.0, 2.5)
    assert [["b", 1, "a", 0.5][at] for at in ascending(["b", 1, "a", 0.5])] == [0.5, 1, "a", "b"]


def test_recoding() -> None:
    levelled = Levelled(np.array([0, 1, -1, 2]), ("a", "b", "c"))
    assert levelled.recoded(("c", "a")).tolist() == [1, -2, -1, 0]
    assert levelled.seen().tolist() == [True, True, True]
    fewer = Levelled(np.array([2, 0]), ("a", "b", "c")).without(np.array([False, True, False]))
    assert fewer.levels == ("a", "c") and fewer.codes.tolist() == [1, 0]


def test_labels_that_look_alike_are_refused() -> None:
    with pytest.raises(DataError, match="1 \\(int\\) and '1' \\(str\\)"):
        read_column("v", pd.Series([1, "1"], dtype=object))
    with pytest.raises(DataError, match="bool and int"):
        read_column("v", pd.Series([True, 1, "a"], dtype=object))
    with pytest.raises(DataError, match="of type dict"):
        read_column("v", pd.Series([{}, {}]))
