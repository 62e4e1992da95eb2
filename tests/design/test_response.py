"""What each kind of response gives: labels, order, base, codes, or an error."""

from __future__ import annotations

import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from mnlstat.design.prepare import Prepared, prepare
from mnlstat.errors import DataError, FormulaError, MissingDataWarning, OptionError

N = 60
SCOPE = {"np": np, "pd": pd}


def prepared(y, formula: str = "y ~ x", **options) -> Prepared:
    rng = np.random.default_rng(0)
    data = pd.DataFrame({"x": rng.normal(size=N), "y": pd.Series(y)})
    return prepare(formula, data, scope=SCOPE, **options)


GOOD = {
    "text": (["b", "a", "c"] * 20, ("a", "b", "c")),
    "numpy text": (np.array(["b", "a"] * 30), ("a", "b")),
    "bytes": ([b"b", b"a"] * 30, (b"a", b"b")),
    "int": ([2, 1, 3] * 20, (1, 2, 3)),
    "uint8": (np.array([2, 1] * 30, dtype="uint8"), (1, 2)),
    "whole floats": ([2.0, 1.0] * 30, (1, 2)),
    "negative": ([-1.0, 1.0] * 30, (-1, 1)),
    "decimal": ([Decimal(2), Decimal(1)] * 30, (1, 2)),
    "bool": ([True, False] * 30, (False, True)),
    "object bool": (pd.Series([True, False] * 30, dtype=object), (False, True)),
    "nullable int": (pd.array([2, 1] * 30, dtype="Int64"), (1, 2)),
    "nullable float": (pd.array([2.0, 1.0] * 30, dtype="Float64"), (1, 2)),
    "nullable bool": (pd.array([True, False] * 30, dtype="boolean"), (False, True)),
    "string": (pd.array(["b", "a"] * 30, dtype="string"), ("a", "b")),
    "arrow text": (pd.Series(["b", "a"] * 30, dtype="string[pyarrow]"), ("a", "b")),
    "arrow int": (pd.Series([2, 1] * 30, dtype="int64[pyarrow]"), (1, 2)),
    "arrow bool": (pd.Series([True, False] * 30, dtype="bool[pyarrow]"), (False, True)),
    "categorical": (pd.Categorical(["b", "a"] * 30, categories=["b", "a"]), ("b", "a")),
    "categorical int": (pd.Categorical([2.0, 1.0] * 30, categories=[2.0, 1.0]), (2, 1)),
    "mixed": ([1, "b", 2] * 20, (1, 2, "b")),
    "many shared": (np.arange(N) % 25, tuple(range(25))),
}


@pytest.mark.parametrize("kind", GOOD)
def test_labels_are_kept_in_order_as_plain_values(kind: str) -> None:
    y, labels = GOOD[kind]
    made = prepared(y)
    response = made.spec.response
    assert response.labels == labels
    assert [type(label) for label in response.labels] == [type(label) for label in labels]
    assert response.base == 0 and response.base_label == labels[0]
    assert made.codes.dtype.kind == "i"
    decoded = [labels[code] for code in made.codes]
    assert decoded == list(pd.Series(y))


BAD = {
    "one level": (["a"] * N, "'y' has one outcome only, 'a', in 60 rows"),
    "fractions": ([0.5, 1.0] * 30, "not whole"),
    "measurements": (np.linspace(0, 1, N), "not whole \\(60 distinct"),
    "many numbers": (np.arange(N), "'y' has 60 distinct values \\(numbers\\)"),
    "identifiers": ([f"n{row}" for row in range(N)], "60 distinct values \\(text\\)"),
    "1 and '1'": ([1, "1"] * 30, "1 \\(int\\) and '1' \\(str\\)"),
    "True and 1": ([True, 2] * 30, "bool and int"),
    "infinite": ([1.0, np.inf] * 30, "'y' has infinite values \\(30 rows, first row 1\\)"),
    "all missing": ([None] * N, "'y' is missing in all 60 rows"),
    "complex": ([1j, 2j] * 30, "complex"),
    "datetime": ([pd.Timestamp("2020")] * N, "datetime64"),
    "timedelta": ([pd.Timedelta("1D")] * N, "timedelta64"),
    "dates": ([datetime.date(2020, 1, 1)] * N, "date"),
    "periods": (pd.period_range("2020", periods=N), "period"),
    "category of dates": (pd.Categorical([pd.Timestamp("2020")] * N), "datetime64"),
    "lists": ([[1], [2]] * 30, "list"),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_response_is_refused(kind: str) -> None:
    y, said = BAD[kind]
    with pytest.raises(DataError, match=said) as caught:
        prepared(y)
    assert len(str(caught.value).split("\n")) <= 3


def test_one_level_after_dropping_says_so() -> None:
    with pytest.raises(DataError, match=r"'a', in 30 rows used \(30 rows dropped\)"):
        prepared(["a", None] * 30)


def test_unused_category_is_dropped_and_noted() -> None:
    y = pd.Categorical(["lo", "hi"] * 30, categories=["none", "lo", "hi", "top"], ordered=True)
    made = prepared(y)
    response = made.spec.response
    assert response.labels == ("lo", "hi") and response.unseen == ("none", "top")
    assert response.ordered
    assert made.notes == (
        "y: outcomes 'none', 'top' occur in no row used and are left out",
        "y: the categories are ordered; the model treats them as unordered",
    )
    assert not prepared(["a", "b"] * 30).spec.response.ordered
    with pytest.raises(OptionError, match="never occurs"):
        prepared(y, base="top")


def test_base_is_a_label() -> None:
    assert prepared(["a", "b", "c"] * 20, base="c").spec.response.base == 2
    assert prepared([1, 2, 3] * 20, base=2.0).spec.response.base_label == 2
    assert prepared([1, 2, 3] * 20, base=np.int8(3)).spec.response.base_label == 3
    assert prepared([True, False] * 30, base=np.True_).spec.response.base_label is True
    spec = prepared(["a", "b"] * 30).spec
    assert spec.with_base("b").response.base_label == "b"
    assert spec.response.with_base("b").base == 1
    assert spec.response.base == 0


@pytest.mark.parametrize(
    ("labels", "base", "said"),
    [
        (["general", "academic"] * 30, "genral", "did you mean 'general'"),
        ([1, 2] * 30, "1", "did you mean 1\\?"),
        ([1, 2] * 30, True, "base=True"),
        ([True, False] * 30, 1, "base=1 "),
        (["a", "b"] * 30, ["a"], "base="),
        (["a", "b"] * 30, np.arange(3), "base="),
        (np.arange(N) % 12, 99, "9, ... \\(12 in all\\)"),
    ],
)
def test_unknown_base_names_the_nearest_and_all(labels, base, said) -> None:
    with pytest.raises(OptionError, match=said):
        prepared(labels, base=base)


@pytest.mark.parametrize(
    ("formula", "labels"),
    [
        ("C(y) ~ x", ("a", "b", "c")),
        ("Q('y') ~ x", ("a", "b", "c")),
        ("C(y, levels=['c', 'a', 'b']) ~ x", ("c", "a", "b")),
        ("y == 'a' ~ x", (False, True)),
        ("np.where(y == 'a', 'one', 'two') ~ x", ("one", "two")),
        ("y.str.upper() ~ x", ("A", "B", "C")),
        ("y.map(names) ~ x", ("first", "second")),
    ],
)
def test_left_side_may_be_an_expression(formula, labels) -> None:
    data = pd.DataFrame({"x": np.arange(N), "y": ["a", "b", "c"] * 20})
    names = {"a": "first", "b": "second", "c": "second"}
    spec = prepare(formula, data, scope={**SCOPE, "names": names}).spec
    assert spec.response.labels == labels
    assert spec.response.name == formula.partition(" ~")[0]


def test_response_expression_sees_missing_values() -> None:
    data = pd.DataFrame({"x": np.arange(N), "v": np.linspace(-3, 3, N)})
    data.loc[3, "v"] = np.nan
    made = prepare("v > 0 ~ x", data, scope={})
    assert made.dropped.by_column == {"v": 1} and made.dropped.used == N - 1
    with pytest.warns(MissingDataWarning, match="pd.cut"):
        made = prepare("pd.cut(v, [-1, 0, 1]) ~ x", data, scope=SCOPE)
    inside = data["v"].between(-1, 1, inclusive="right")
    assert made.dropped.used == inside.sum() == len(made.X)
    np.testing.assert_array_equal(made.source.kept, inside)
    np.testing.assert_array_equal(made.codes, (data["v"][inside] > 0).astype(int))


def test_response_of_several_columns_is_refused() -> None:
    with pytest.raises(FormulaError, match="several columns"):
        prepared([1, 2] * 30, "np.column_stack([y, y]) ~ x")


def test_encode_new_outcomes() -> None:
    response = prepared(["a", "b", "c"] * 20).spec.response
    np.testing.assert_array_equal(response.encode(pd.Series(["c", None, "a"])), [2, -1, 0])
    categories = pd.Series(pd.Categorical(["c", "a"], categories=["c", "b", "a"]))
    np.testing.assert_array_equal(response.encode(categories), [2, 0])
    with pytest.raises(DataError, match="'q', which the model does not know"):
        response.encode(pd.Series(["a", "q"]))
    numbers = prepared([1, 2, 3] * 20).spec.response
    np.testing.assert_array_equal(numbers.encode(pd.Series([3.0, np.nan, 1.0])), [2, -1, 0])
