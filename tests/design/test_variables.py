"""How formulas read columns, and design rows of other values of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mnlstat.design.prepare import prepare
from mnlstat.errors import DataError, OptionError

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture(scope="module")
def data(frame: pd.DataFrame) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    return frame.assign(
        d=rng.integers(0, 2, len(frame)),
        c=pd.Categorical(frame["g"], categories=["w", "u", "v", "never"]),
    )


def learned(formula: str, data: pd.DataFrame, **options):
    return prepare(f"y ~ {formula}", data, scope={"np": np}, **options).spec


ROLES = {
    "x": ("x", "number", None, None),
    "np.log(z)*g + C(i)": ("z", "number", None, None),
    "I(x > 0)": ("x", "number", None, None),
    "g": ("g", "factor", ("u", "v", "w"), "u"),
    "g:x": ("g", "factor", ("u", "v", "w"), "u"),
    "C(g, Treatment('v'))": ("g", "factor", ("u", "v", "w"), "v"),
    "relevel(g, 'w') + I(g == 'u')": ("g", "factor", ("u", "v", "w"), "w"),
    "C(g, Sum)": ("g", "factor", ("u", "v", "w"), "u"),
    "C(g, levels=['w', 'v', 'u'])": ("g", "factor", ("w", "v", "u"), "w"),
    "cat": ("cat", "factor", ("w", "u", "v"), "w"),
    "I(cat == 'u')": ("cat", "factor", ("w", "u", "v"), "w"),
    "I(g == 'u')": ("g", "factor", None, None),
    "C(i)": ("i", "factor", (1, 2, 3, 4), 1),
    "i + C(i, Treatment(3))": ("i", "mixed", (1, 2, 3, 4), 3),
    "flag": ("flag", "factor", (False, True), False),
    "I(flag) + x": ("flag", "factor", (False, True), False),
    "C(flag, Treatment(True))": ("flag", "factor", (False, True), True),
    "I(flag * x)": ("flag", "number", None, None),
    "flag + I(flag * x)": ("flag", "mixed", (False, True), False),
}


@pytest.mark.parametrize("formula", ROLES)
@pytest.mark.filterwarnings("ignore:.*left out")
def test_roles_levels_and_references(formula: str, data: pd.DataFrame) -> None:
    name, *wanted = ROLES[formula]
    found = learned(formula, data).variable(name)
    assert [found.role, found.levels, found.reference] == wanted
    assert found.name == name and found.binary is None


def test_predictors_are_in_the_order_of_the_formula(data: pd.DataFrame) -> None:
    spec = learned("np.log(z):g + x + offset(i)", data)
    assert [each.name for each in spec.predictors] == ["z", "g", "x"]
    with pytest.raises(OptionError, match="'i' is read by the offset only"):
        spec.variable("i")
    with pytest.raises(OptionError, match="no predictor reads a column 'gg'"):
        spec.variable("gg")


def test_zeros_and_ones_are_told_by_rows(data: pd.DataFrame) -> None:
    spec = learned("d + x + I(flag * x) + g + C(i)", data)
    found = {name: spec.variable(name, data).binary for name in spec.variables}
    assert found == {"d": True, "x": False, "flag": True, "g": None, "i": None}
    assert spec.variable("d", data.assign(d=1)).binary is False
    assert spec.variable("d", data.assign(d=data.d.where(data.index > 5))).binary is True


CHANGES = [
    {"x": 0.25}, {"g": "w"}, {"cat": "u", "x": -1}, {"i": 3, "flag": True}, {"flag": 0, "z": 2},
    {"x": np.linspace(-2, 2, 120), "g": ["u", "w"] * 60}, {"cat": pd.Categorical(["v", "u"] * 60)},
    {"d": np.int8(1)}, {"x": pd.Series(np.arange(120.0) / 60), "z": pd.array([1] * 120, "Int64")},
    {},
]  # fmt: skip
FORMULA = "x*g*flag + np.log(z):C(i) + cat + poly(x, 2):z + d + ns(x, df=3) + C(g, Sum):d"


@pytest.mark.parametrize("values", CHANGES, ids=str)
def test_changed_rows_are_those_of_changed_data(values: dict, data: pd.DataFrame) -> None:
    spec = learned(FORMULA, data)
    found = spec.vary(data, values)
    wanted = spec.design(data.assign(**values)).X
    np.testing.assert_array_equal(found.X, wanted[:, found.columns])
    np.testing.assert_array_equal(found.applied(spec.design(data).X), wanted)
    assert found.complete.all() and found.X.flags.f_contiguous and found.columns.dtype == np.intp
    assert found.columns.size < len(spec.columns) and found.offset is None
    read = spec.vary(spec.rows(data), values)
    np.testing.assert_array_equal(read.X, found.X)


def test_rows_that_miss_something(data: pd.DataFrame) -> None:
    spec = learned("x*g + np.sqrt(z - 1):x", data)
    some = data.copy()
    some.loc[2, "x"] = some.loc[4, "z"] = np.nan
    some.loc[6, "g"] = None
    some.loc[8, "z"] = 0.0
    found = spec.vary(some, {"x": 1.0})
    assert np.flatnonzero(~found.complete).tolist() == [4, 6, 8]
    assert (np.isnan(found.X).all(axis=1) == ~found.complete).all()
    assert not spec.vary(some, {"x": np.nan}).complete.any()
    none = spec.vary(some[:0], {"x": 1.0, "g": "u"})
    assert none.X.shape == (0, len(none.columns)) and none.complete.shape == (0,)


REFUSED = {
    "unseen level": ({"g": "q"}, DataError, "level 'q'.*Known levels: 'u', 'v', 'w'"),
    "left out": ({"c": "never"}, DataError, "'never'.*Known levels: 'w', 'u', 'v'"),
    "unseen category": ({"c": "other"}, DataError, "'other'.*Known levels"),
    "unseen number": ({"i": 9}, DataError, "level 9"),
    "text": ({"x": "a"}, DataError, "'x' must hold numbers"),
    "number": ({"g": 2}, DataError, "'g' must hold text"),
    "truth": ({"flag": 2}, DataError, "'flag' must hold True and False"),
    "infinite": ({"x": np.inf}, DataError, "infinite values.*120 rows"),
    "one infinite": ({"x": [np.inf] + [0.0] * 119}, DataError, "infinite values.*1 row, first"),
    "length": ({"x": [1.0, 2.0]}, DataError, r"shape \(2,\).*for 120 rows"),
    "shape": ({"x": np.ones((120, 2))}, DataError, "one for each row"),
    "index": ({"x": pd.Series(0.0, index=range(1, 121))}, DataError, "another index"),
    "unknown": ({"xx": 1}, OptionError, "no predictor reads a column 'xx'"),
    "response": ({"y": "general"}, OptionError, "no predictor reads a column 'y'"),
    "logarithm": ({"z": 0}, DataError, r"np.log\(z\) is infinite"),
    "object": ({"x": {}}, DataError, "'x'"),
    "date": ({"x": pd.Timestamp("2020")}, DataError, "datetime"),
}


@pytest.mark.parametrize("kind", REFUSED)
@pytest.mark.filterwarnings("ignore:.*left out")
def test_values_are_checked_as_new_data_are(kind: str, data: pd.DataFrame) -> None:
    values, error, said = REFUSED[kind]
    spec = learned("x*g + np.log(z) + C(i) + c + flag", data)
    with pytest.raises(error, match="(?s)" + said) as caught:
        spec.vary(data, values)
    assert len(str(caught.value).split("\n")) <= 3


def test_terms_that_mix_rows_are_refused(data: pd.DataFrame) -> None:
    spec = learned("I(x - x.mean()) + z", data)
    with pytest.raises(OptionError, match="depends on other rows"):
        spec.vary(data, {"x": 1.0})
    assert (spec.vary(data, {"z": 1.5}).X == 1.5).all()


def test_offsets(data: pd.DataFrame) -> None:
    spec = learned("x + offset(np.log(z))", data, offset={"general": "i"})
    with pytest.raises(OptionError, match="'z' is read by the offset only"):
        spec.vary(data, {"z": 1.0})
    found = spec.vary(data, {"z": 1.0, "i": 2, "x": 0.0}, offset=True)
    wanted = spec.design(data.assign(z=1.0, i=2, x=0.0))
    np.testing.assert_array_equal(found.offset, wanted.offset)
    assert found.columns.tolist() == [1] and (found.X == 0).all()
    assert spec.vary(data, {"x": 1.0}, offset=True).offset is None
