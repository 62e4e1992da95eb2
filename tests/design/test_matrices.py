"""A response and a design given as arrays."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest

from mnlstat.design.matrices import prepare_arrays
from mnlstat.errors import DataError, OptionError

Y = ["a", "b", "c", "a", "b"]
X = np.array([[2.0, 1.0, 3.0], [5.0, 1.0, 4.0], [1.0, 1.0, 6.0], [2.0, 1.0, 9.0], [7.0, 1.0, 3.0]])


def test_columns_of_an_array_are_named_as_in_statsmodels() -> None:
    made = prepare_arrays(Y, X)
    assert made.spec.columns == ("x1", "const", "x2")
    assert made.spec.formula == "y ~ 0 + x1 + const + x2"
    assert [(t.name, t.start, t.stop) for t in made.spec.terms] == [
        ("x1", 0, 1),
        ("const", 1, 2),
        ("x2", 2, 3),
    ]
    np.testing.assert_array_equal(made.X, X)
    assert made.X.flags.f_contiguous and made.codes.tolist() == [0, 1, 2, 0, 1]
    assert made.spec.response.name == "y" and made.spec.factors == ()


def test_names_of_a_frame_and_a_series_are_kept() -> None:
    frame = pd.DataFrame(X, columns=["a b", "one", 3], index=list("vwxyz"))
    made = prepare_arrays(pd.Series(Y, name="choice", index=frame.index), frame, base="b")
    assert made.spec.columns == ("a b", "one", "3")
    assert made.spec.formula == "choice ~ 0 + Q('a b') + one + Q('3')"
    assert made.spec.response.base_label == "b"
    assert made.source.index.equals(frame.index)
    assert made.source.used()["choice"].tolist() == Y
    np.testing.assert_array_equal(made.spec.design(frame[[3, "one", "a b"]]).X, X)


@pytest.mark.parametrize(
    "y",
    [
        np.array(Y),
        np.array(Y)[:, None],
        pd.Categorical(Y),
        pd.Series(Y),
        pd.DataFrame({"y": Y}),
        pd.Index(Y),
        pd.MultiIndex.from_arrays([Y, Y]),
        pd.array(Y, dtype="string"),
        tuple(Y),
    ],
)
def test_any_column_is_a_response(y) -> None:
    assert prepare_arrays(y, X).codes.tolist() == [0, 1, 2, 0, 1]


def test_missing_rows_are_dropped() -> None:
    holed = X.copy()
    holed[1, 0] = np.nan
    made = prepare_arrays(["a", "b", "c", None, "b"], holed)
    assert made.dropped.by_column == {"y": 1, "x1": 1} and made.dropped.used == 3
    np.testing.assert_array_equal(made.X, X[[0, 2, 4]])
    with pytest.raises(DataError, match="'x1' \\(1 row\\)"):
        prepare_arrays(Y, holed, missing="error")


def test_new_data_by_position_or_by_name() -> None:
    spec = pickle.loads(pickle.dumps(prepare_arrays(Y, X).spec))
    np.testing.assert_array_equal(spec.design(X).X, X)
    np.testing.assert_array_equal(spec.design(X.tolist()).X, X)
    named = pd.DataFrame(X, columns=["x1", "const", "x2"])
    np.testing.assert_array_equal(spec.design(named[["x2", "x1", "const"]]).X, X)
    np.testing.assert_array_equal(spec.design([{"x1": 2, "const": 1, "x2": 3}]).X, X[:1])
    made = spec.design([[1.0, np.nan, 2.0]])
    assert not made.complete[0] and np.isnan(made.X).all()
    with pytest.raises(DataError, match="must have 3 columns"):
        spec.design(X[:, :2])
    with pytest.raises(DataError, match="no column 'const'"):
        spec.design(named[["x2", "x1"]])


def test_bool_and_object_numbers_are_numbers() -> None:
    frame = pd.DataFrame({"flag": [True, False, True, True, False], "v": [1, 2, 3, 4, 5]})
    made = prepare_arrays(Y, frame.astype({"v": object}))
    np.testing.assert_array_equal(made.X, frame.to_numpy(dtype=float))
    np.testing.assert_array_equal(made.spec.design(frame).X, made.X)


@pytest.mark.parametrize(
    ("y", "design", "said"),
    [
        (Y[:3], X, "y has 3 rows, X has 5"),
        (Y, X[:, 0], "two dimensions"),
        (Y, 3.0, "two dimensions"),
        (Y, [[1], [1, 2]], "cannot be made an array|two dimensions"),
        (Y, X[:, :0], "no columns"),
        (None, X, "one column of outcomes"),
        (np.ones((5, 2, 2)), X, "one column of outcomes"),
        (np.full((5, 2), "a"), X, "one column of outcomes.*2 columns, not all of numbers"),
        (np.ones((4, 2)), X, "y has 4 rows, X has 5"),
        (-np.ones((5, 2)), X, "0 is negative"),
        (Y, pd.DataFrame({"g": Y}), "'g' of X holds text"),
        (pd.Series(Y, name="y"), pd.DataFrame({"y": [1, 2, 3, 4, 5]}), "'y' is a column of X, too"),
        (Y, pd.DataFrame(X, columns=["a", "a", "b"]), "two columns named 'a'"),
        (pd.Series(Y, index=[4, 3, 2, 1, 0]), pd.DataFrame(X), "different indexes"),
        (Y, X * 1j, "complex"),
        (Y, np.where(X == 9, np.inf, X), "'x2' has infinite values \\(1 row, first row 3\\)"),
        ([], np.ones((0, 2)), "no rows"),
        (["a"] * 5, X, "one outcome only"),
    ],
)
def test_bad_arrays_are_refused(y, design, said) -> None:
    with pytest.raises(DataError, match=said):
        prepare_arrays(y, design)


def test_unknown_base() -> None:
    with pytest.raises(OptionError, match="base='q'"):
        prepare_arrays(Y, X, base="q")


def test_inputs_are_untouched() -> None:
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    before = frame.copy(deep=True)
    made = prepare_arrays(Y, frame)
    made.X[:] = 0.0
    pd.testing.assert_frame_equal(frame, before)
