"""Expressions of whole numbers are exact, and never wrap around."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mnlstat.design.prepare import prepare
from mnlstat.errors import FormulaError

N = 60
I = np.arange(N) % 6 - 1
BIG = 10**17 + np.arange(N)
FRAME = pd.DataFrame({"y": np.where(np.arange(N) % 2, "a", "b"), "i": I, "big": BIG})
DTYPES = ["int8", "int16", "int64", "Int8", "Int64", "int64[pyarrow]", object]


def column(term: str, data: pd.DataFrame) -> np.ndarray:
    """Return the one design column of a term, and check that new rows give the same."""
    made = prepare(f"y ~ 0 + {term}", data, scope={"np": np, "times": lambda v: v * 10**18})
    np.testing.assert_array_equal(made.spec.design(data).X, made.X)
    np.testing.assert_array_equal(made.spec.design(data.iloc[[7]]).X, made.X[[7]])
    return made.X[:, -1]


TERMS = {
    "I(i ** 2)": I**2.0,
    "I(i * 100)": I * 100.0,
    "I(i ** 20)": I**20.0,
    "I(i ** 61)": I**61.0,
    "np.power(i, 61)": I**61.0,
    "np.sqrt(i ** 60)": np.abs(I) ** 30.0,
    "np.log1p(i ** 60)": np.log1p(I**60.0),
    "I(1 / (1 + i ** 40))": 1 / (1 + I**40.0),
    "I(i ** 61 % 7)": [int(i) ** 61 % 7 for i in I],
    "times(i)": I * 1e18,
    "times(i + 5)": (I + 5) * 1e18,
    "I(i / 2)": I / 2.0,
    "I((i + 2) ** -1)": (I + 2.0) ** -1,
    "I(i & 1)": I & 1,
    "I(i // 2)": I // 2,
    "I(i.astype(str) == '1')": I == 1,
    "I(i.astype(str).str.len())": [len(str(i)) for i in I],
    "center(i)": I - I.mean(),
    "center(i ** 61)": I**61.0 - (I**61.0).mean(),
    "I(np.full_like(i, 0.5) + i)": I + 0.5,
}


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("term", TERMS)
def test_small_numbers(term: str, dtype: object) -> None:
    made = column(term, FRAME.astype({"i": dtype}))
    np.testing.assert_allclose(made, TERMS[term], rtol=1e-13)


LARGE = {
    "I(big % 10)": BIG % 10,
    "I(big - 10 ** 17)": BIG - 10**17,
    "I(big & 7)": BIG & 7,
    "I(big ** 3)": BIG.astype(float) ** 3,
    "I(big.astype(str).str[-1] == '3')": BIG % 10 == 3,
}


@pytest.mark.parametrize("dtype", ["int64", "uint64", "Int64", "int64[pyarrow]", object], ids=str)
@pytest.mark.parametrize("term", LARGE)
def test_numbers_beyond_the_exact_floats(term: str, dtype: object) -> None:
    np.testing.assert_allclose(column(term, FRAME.astype({"big": dtype})), LARGE[term], rtol=1e-15)


def test_numbers_beyond_int64() -> None:
    data = FRAME.assign(big=[2**70 + k for k in range(N)])
    np.testing.assert_array_equal(column("I(big % 10)", data), [(2**70 + k) % 10 for k in range(N)])
    np.testing.assert_allclose(column("np.log(big)", data), np.log(2.0**70), rtol=1e-15)


def test_what_cannot_be_decided_is_refused() -> None:
    with pytest.raises(FormulaError, match="gives other values in floating point"):
        prepare("y ~ np.log1p(big % 10)", FRAME, scope={"np": np})


def test_labels_of_expressions_are_whole() -> None:
    made = prepare("y ~ C(i // 2) + C(big % 3)", FRAME, scope={})
    assert [factor.levels for factor in made.spec.factors] == [(-1, 0, 1, 2), (0, 1, 2)]


def test_the_data_are_not_changed_by_expressions() -> None:
    before = FRAME.copy(deep=True)
    scope = {"zero": lambda v: v.mul(0).add(v.where(v < 0, 1)), "np": np}
    prepare("y ~ zero(i) + np.negative(i, out=i.to_numpy().copy())", FRAME, scope=scope)
    pd.testing.assert_frame_equal(FRAME, before)
