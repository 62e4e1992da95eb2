"""Derivatives of the design through the formula, against those by hand and by differences."""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pandas as pd
import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

import mnlstat as mn
from mnlstat.design.differences import richardson
from mnlstat.design.matrices import prepare_arrays
from mnlstat.design.prepare import prepare
from mnlstat.errors import DataError, MnlstatWarning, OptionError

pytestmark = pytest.mark.filterwarnings("error")


def waves(v):
    return np.sin(v) * v


def opaque_jump(v):
    return np.where(v > 2, v, 0.0)


def opaque_hinge(v):
    return np.where(v > 2, v - 2.0, 0.0)


def opaque_steps(v):
    return pd.Series(np.searchsorted([1.0, 2.0], v), index=v.index, dtype=float)


SCOPE = {
    "np": np,
    "pd": pd,
    "waves": waves,
    "opaque_steps": opaque_steps,
    "opaque_jump": opaque_jump,
    "opaque_hinge": opaque_hinge,
    "special": special,
}


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    rng = np.random.default_rng(6)
    n = 150
    made = pd.DataFrame(
        {
            "y": rng.choice(["a", "b", "c"], n),
            "x": rng.uniform(0.5, 3.0, n),
            "z": rng.uniform(1.0, 2.0, n),
            "w": rng.normal(size=n),
            "i": rng.integers(1, 9, n),
            "g": rng.choice(["u", "v", "w"], n),
            "flag": rng.random(n) > 0.5,
        }
    )
    return made.assign(**{"two words": made["x"] + made["z"]})


def learned(formula: str, data: pd.DataFrame):
    return prepare(f"y ~ {formula}", data, scope=SCOPE).spec


def full(spec, data, name: str, **options) -> np.ndarray:
    """The derivative of all columns."""
    found = spec.derivative(data, name, **options)
    assert found.columns.dtype == np.intp and found.X.flags.f_contiguous
    made = np.zeros((len(data), len(spec.columns)))
    made[:, found.columns] = found.X
    return made


def by_differences(spec, data, name: str) -> np.ndarray:
    """The derivative of all columns by differences of the design itself."""

    def design(x: np.ndarray) -> np.ndarray:
        try:
            return spec.design(data.assign(**{name: x})).X
        except DataError:  # beyond the knots, or of the domain
            return np.full((len(x), len(spec.columns)), np.nan)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        slope, error = richardson(design, data[name].to_numpy(dtype=float))
    assert np.isfinite(error).all()
    return slope


BY_HAND = {
    "x": lambda d: 1.0 + 0 * d.x,
    "I(3 - 2*x)": lambda d: -2.0 + 0 * d.x,
    "I(+x/4)": lambda d: 0.25 + 0 * d.x,
    "I(x**2)": lambda d: 2 * d.x,
    "I(x**0)": lambda d: 0 * d.x,
    "I(x**-1.5)": lambda d: -1.5 * d.x**-2.5,
    "I(2**x)": lambda d: np.log(2) * 2**d.x,
    "I(x**x)": lambda d: d.x**d.x * (np.log(d.x) + 1),
    "I(x**i)": lambda d: d.i * d.x ** (d.i - 1.0),
    "np.power(x, z)": lambda d: d.z * d.x ** (d.z - 1),
    "I(z / x)": lambda d: -d.z / d.x**2,
    "I(x / z)": lambda d: 1 / d.z,
    "I(i / x)": lambda d: -d.i / d.x**2,
    "I(x * z * i)": lambda d: d.z * d.i,
    "log(x)": lambda d: 1 / d.x,
    "log(x, 3)": lambda d: 1 / d.x / np.log(3),
    "log(x, base=2)": lambda d: 1 / d.x / np.log(2),
    "np.log(x)": lambda d: 1 / d.x,
    "log2(x)": lambda d: 1 / d.x / np.log(2),
    "np.log10(x)": lambda d: 1 / d.x / np.log(10),
    "log1p(x)": lambda d: 1 / (1 + d.x),
    "exp(x)": lambda d: np.exp(d.x),
    "np.exp2(x)": lambda d: np.log(2) * 2**d.x,
    "expm1(x)": lambda d: np.exp(d.x),
    "sqrt(x)": lambda d: 0.5 / np.sqrt(d.x),
    "np.cbrt(x)": lambda d: d.x ** (-2 / 3) / 3,
    "np.square(x)": lambda d: 2 * d.x,
    "np.reciprocal(x)": lambda d: -1 / d.x**2,
    "np.sin(x)": lambda d: np.cos(d.x),
    "np.cos(x)": lambda d: -np.sin(d.x),
    "np.tan(x)": lambda d: 1 / np.cos(d.x) ** 2,
    "np.arcsin(x / 4)": lambda d: 0.25 / np.sqrt(1 - d.x**2 / 16),
    "np.arccos(x / 4)": lambda d: -0.25 / np.sqrt(1 - d.x**2 / 16),
    "np.arctan(x)": lambda d: 1 / (1 + d.x**2),
    "np.sinh(x)": lambda d: np.cosh(d.x),
    "np.cosh(x)": lambda d: np.sinh(d.x),
    "np.tanh(x)": lambda d: 1 / np.cosh(d.x) ** 2,
    "np.arcsinh(x)": lambda d: 1 / np.sqrt(1 + d.x**2),
    "np.arccosh(x + 1)": lambda d: 1 / np.sqrt((d.x + 1) ** 2 - 1),
    "np.arctanh(x / 4)": lambda d: 0.25 / (1 - d.x**2 / 16),
    "np.degrees(x)": lambda d: 180 / np.pi + 0 * d.x,
    "np.negative(x)": lambda d: -1.0 + 0 * d.x,
    "I(np.log(x / (4 - x)))": lambda d: 1 / d.x + 1 / (4 - d.x),
    "I(1 / (1 + np.exp(-x)))": lambda d: np.exp(-d.x) / (1 + np.exp(-d.x)) ** 2,
    "special.expit(x)": lambda d: np.exp(-d.x) / (1 + np.exp(-d.x)) ** 2,
    "special.logit(x / 4)": lambda d: 1 / d.x + 1 / (4 - d.x),
    "special.ndtr(x)": lambda d: np.exp(-(d.x**2) / 2) / np.sqrt(2 * np.pi),
    "special.erf(x)": lambda d: 2 / np.sqrt(np.pi) * np.exp(-(d.x**2)),
    "np.abs(x - 1)": lambda d: np.sign(d.x - 1),
    "I(abs(1 - x) ** 1.5)": lambda d: 1.5 * np.abs(d.x - 1) ** 0.5 * np.sign(d.x - 1),
    "np.maximum(x - 2, 0)": lambda d: (d.x > 2) * 1.0,
    "np.minimum(x, z)": lambda d: (d.x < d.z) * 1.0,
    "np.clip(x, 1, 2)": lambda d: ((d.x > 1) & (d.x < 2)) * 1.0,
    "I(x.clip(1, 2).to_numpy() ** 2)": lambda d: 2 * d.x * ((d.x > 1) & (d.x < 2)),
    "I(x.abs().pow(2))": lambda d: 2 * d.x,
    "np.where(x > 2, x - 2, 0)": lambda d: (d.x > 2) * 1.0,
    "I((x - 2) * (x >= 2))": lambda d: (d.x > 2) * 1.0,
    "I(x**2 * (x <= 2) + (4*x - 4) * ~(x <= 2))": lambda d: np.minimum(2 * d.x, 4),
    "np.where((x > 1) & (2 > x), (x - 1) * (2 - x), 0)": lambda d: np.where(
        (d.x > 1) & (d.x < 2), 3 - 2 * d.x, 0
    ),
    "np.where(z > 1.5, x**2, x)": lambda d: np.where(d.z > 1.5, 2 * d.x, 1),
    "I(x.values * 2)": lambda d: 2.0 + 0 * d.x,
    "center(x)": lambda d: 1.0 + 0 * d.x,
    "scale(x)": lambda d: 1 / np.std(d.x) + 0 * d.x,
    "standardize(x, ddof=1)": lambda d: 1 / np.std(d.x, ddof=1) + 0 * d.x,
    "scale(x, scale=False)": lambda d: 1.0 + 0 * d.x,
    "scale(np.log(x))": lambda d: 1 / d.x / np.std(np.log(d.x)),
    "scale(center(x) ** 2)": lambda d: 2 * (d.x - d.x.mean()) / np.std((d.x - d.x.mean()) ** 2),
}


@pytest.mark.parametrize("formula", BY_HAND)
def test_derivatives_by_hand(formula: str, data: pd.DataFrame) -> None:
    found = learned(formula, data).derivative(data, "x")
    assert found.columns.tolist() == [1] and found.exact and found.error == 0.0
    wanted = np.asarray(BY_HAND[formula](data), dtype=float)
    np.testing.assert_allclose(found.X[:, 0], wanted, rtol=1e-13, atol=1e-15)


BY_DIFFERENCES = [
    "x*z*g", "x:z:w", "x:g", "C(g):np.sqrt(x)", "C(g, Sum):I(x**2) + x:flag", "poly(x, 3)",
    "poly(x, 2, raw=True)*g", "poly(np.log(x), 2):z", "poly(x, 3)[:, 1]", "bs(x, df=5)",
    "bs(x, df=4, degree=2)", "bs(x, knots=[1, 2], include_intercept=True) - 1",
    "bs(x, df=4, degree=1)", "bs(np.log(x), df=4):z", "cr(x, df=5)", "cc(x, df=5)",
    "cr(x, df=4, constraints='center')", "cc(x, knots=[1, 2], lower_bound=0.75, upper_bound=2.5)",
    "cr(x, knots=[1, 2], lower_bound=0.75, upper_bound=2.5)", "ns(x, df=4)*z", "ns(x, df=1)",
    "ns(x, knots=[1, 2], boundary_knots=(0.75, 2.5), intercept=True)",
    "te(cr(x, df=4), bs(z, df=4))", "te(x, cr(x, df=4), constraints='center')",
    "x + I(x*z) + scale(np.log(x*z))",
]  # fmt: skip


@pytest.mark.parametrize("formula", BY_DIFFERENCES)
def test_against_differences_of_the_design(formula: str, data: pd.DataFrame) -> None:
    spec = learned(formula, data)
    inside = data[(data.x > data.x.min() + 1e-3) & (data.x < data.x.max() - 1e-3)]
    found = full(spec, inside, "x")
    assert spec.derivative(inside, "x").exact
    wanted = by_differences(spec, inside, "x")
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-9 * np.abs(wanted).max())


ATOMS = (
    "x", "I(x**2)", "np.log(x)", "poly(x, 2)", "ns(x, df=3)", "z", "np.exp(w)", "g", "C(i)",
    "scale(x)", "I(x/z)", "np.where(x > 2, (x - 2)**2, 0)", "cr(x, df=4)", "flag", "waves(x*z)",
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.lists(st.sampled_from(ATOMS), min_size=1, max_size=3, unique=True).map(":".join),
        min_size=1,
        max_size=4,
    )
)
def test_random_formulas(data: pd.DataFrame, terms: list[str]) -> None:
    formula = " + ".join(terms)
    if "x" not in formula.replace("np.exp", ""):
        formula += " + x"
    spec = learned(formula, data)
    few = data[::5]
    found, wanted = full(spec, few, "x"), by_differences(spec, few, "x")
    np.testing.assert_allclose(found, wanted, rtol=1e-8, atol=1e-9 * np.abs(wanted).max())
    others = np.setdiff1d(np.arange(len(spec.columns)), spec.derivative(few, "x").columns)
    assert not wanted[:, others].any()


def test_columns_and_constants(data: pd.DataFrame) -> None:
    spec = learned("g + x + center(z) + x:z + I(2 - w/3)", data)
    found = spec.derivative(data, "x")
    names = [spec.columns[at] for at in found.columns]
    assert names == ["x", "x:z"] and not found.constant and found.exact
    assert spec.derivative(data, "w").constant and (spec.derivative(data, "w").X == -1 / 3).all()
    assert not spec.derivative(data, "z").constant


def test_a_piece_of_rows_gives_what_all_give(data: pd.DataFrame) -> None:
    formula = "waves(x):z + bs(x, df=5) + np.where(x > 2, x - 2, 0)*g + poly(x, 3)"
    spec = learned(formula, data)
    whole = full(spec, data, "x")
    for rows in (slice(0, 1), slice(7, 60), slice(60, None)):
        np.testing.assert_allclose(full(spec, data[rows], "x"), whole[rows], rtol=1e-12)
    found = spec.derivative(spec.rows(data), "x")
    np.testing.assert_array_equal(found.X, whole[:, found.columns])


def test_other_code_by_differences_of_it_alone(data: pd.DataFrame) -> None:
    found = learned("I(waves(x) / z)", data).derivative(data, "x")
    assert not found.exact and 0 < found.error < 1e-9
    wanted = (np.cos(data.x) * data.x + np.sin(data.x)) / data.z
    np.testing.assert_allclose(found.X[:, 0], wanted, rtol=1e-10)
    hinge = learned("opaque_hinge(x)", data).derivative(data, "x")
    np.testing.assert_allclose(hinge.X[:, 0], data.x > 2, rtol=1e-10, atol=1e-10)
    assert learned("I(x.astype(float) * 2)", data).derivative(data, "x").constant
    spec = learned("I(np.vectorize(lambda v: v**3)(x)) + I((t := x) * t) + np.c_[x, x*z]", data)
    wanted = np.column_stack([3 * data.x**2, 2 * data.x, np.ones(len(data)), data.z])
    np.testing.assert_allclose(spec.derivative(data, "x").X, wanted, rtol=1e-10)


@pytest.mark.parametrize("name", ["i", "x"])
def test_numbers_of_any_type(name: str, data: pd.DataFrame) -> None:
    spec = learned("np.log(i):x + poly(i, 2) + I(i**2 * (i + x)) + ns(x, df=3)", data)
    wanted = spec.derivative(data, name).X
    polars = pytest.importorskip("polars")
    tables = [
        data.convert_dtypes(),
        data.convert_dtypes(dtype_backend="pyarrow"),
        pyarrow.Table.from_pandas(data),
        polars.from_pandas(data),
        data.assign(i=data["i"].astype(float)),
        data.astype(object),
        data.to_dict("list"),
    ]
    for table in tables:
        np.testing.assert_allclose(spec.derivative(table, name).X, wanted, rtol=1e-13)


def test_whole_numbers_that_code_wants(data: pd.DataFrame) -> None:
    """Columns other than the one that moves keep the type that the term needs."""
    found = learned("I(x * (i & 1)) + I(x * (i.astype(str) == '3'))", data).derivative(data, "x")
    np.testing.assert_array_equal(found.X, np.column_stack([data.i & 1, data.i == 3]))


def test_names_in_backticks(data: pd.DataFrame) -> None:
    spec = learned("np.log(`two words`) + `two words`:x", data)
    found = full(spec, data, "two words")
    wanted = np.column_stack([0 * data.x, 1 / data["two words"], data.x])
    np.testing.assert_allclose(found, wanted, rtol=1e-14)


def test_rows_that_miss_something(data: pd.DataFrame) -> None:
    spec = learned("x*z + np.log(w + 9) + np.sqrt(x - 0.4):z + g", data)
    some = data.copy()
    some.loc[3, "x"] = some.loc[5, "z"] = some.loc[7, "w"] = np.nan
    some.loc[9, "x"] = 0.1
    found = spec.derivative(some, "x").X
    rows = np.isnan(found).any(axis=1)
    assert np.flatnonzero(rows).tolist() == [3, 5, 7, 9] and np.isnan(found[rows]).all()
    np.testing.assert_array_equal(found[~rows], spec.derivative(data, "x").X[~rows])
    nothing = spec.derivative(some[3:4], "x")
    assert nothing.X.shape == (1, 3) and np.isnan(nothing.X).all()
    assert spec.derivative(data[:0], "x").X.shape == (0, 3)


def test_pickled_and_saved_designs_give_the_same(data: pd.DataFrame, tmp_path) -> None:
    formula = "y ~ poly(x, 2):z + bs(x, df=4) + cr(w, df=3) + scale(np.log(x)) + ns(x, df=3)"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        res = mn.mnlogit(formula + " + te(bs(x, df=4), cr(z, df=3))", data).fit()
    path = tmp_path / "res.mnl"
    res.save(path)
    spec = res.spec
    wanted = spec.derivative(data, "x").X
    for other in (pickle.loads(pickle.dumps(spec)), mn.load(path).spec):
        np.testing.assert_array_equal(other.derivative(data, "x").X, wanted)


def test_arrays(data: pd.DataFrame) -> None:
    X = np.column_stack([np.ones(len(data)), data.x, data.z])
    spec = prepare_arrays(data["y"], X).spec
    found = spec.derivative(X, "x2")
    assert found.columns.tolist() == [2] and found.constant and (found.X == 1).all()
    assert [each.name for each in spec.predictors] == ["const", "x1", "x2"]
    assert {each.role for each in spec.predictors} == {"number"}
    frame = data[["x", "z"]]
    assert prepare_arrays(data["y"], frame).spec.derivative(frame, "z").columns.tolist() == [1]


KINKED = {
    "np.abs(x - 2)": (0.0, 2),
    "np.maximum(x - 2, 0)": (0.5, 2),
    "np.where(x > 2, x - 2, 0)": (0.5, 2),
    "I((x - 2) * (x <= 2))": (0.5, 2),
    "np.clip(x, 2, 9)": (0.5, 2),
    "bs(x, knots=[2], degree=1)": (None, 2),
}


@pytest.mark.parametrize("formula", KINKED)
def test_the_mean_of_both_sides_at_a_kink(formula: str, data: pd.DataFrame) -> None:
    spec = learned(formula, data)
    some = data.assign(x=data.x.where(data.index > 1, 2.0))
    with pytest.warns(MnlstatWarning, match=r"in 2 rows.*\[derivative-at-kink\]") as caught:
        found = spec.derivative(some, "x")
    assert len(caught) == 1 and found.kinks == ((spec.terms[1].name, 2),)
    mean = KINKED[formula][0]
    near = [spec.derivative(some.assign(x=2.0 + h), "x").X[0] for h in (-1e-9, 1e-9)]
    np.testing.assert_allclose(found.X[0], np.mean(near, axis=0), rtol=1e-12, atol=1e-15)
    assert mean is None or found.X[0] == mean
    assert near[0].tolist() != near[1].tolist()


def test_no_kink_where_the_sides_agree(data: pd.DataFrame) -> None:
    some = data.assign(x=2.0, z=data.z)
    formula = "I(abs(x - 2)**2) + np.where(x > 2, (x - 2)**2, 0) + bs(x, knots=[2], degree=2)"
    found = learned(formula, data).derivative(some, "x")
    assert found.kinks == () and found.exact


STEPS = (
    "I(x > 2)", "I((x > 2) * 1)", "np.where(x > 2, x, 0)", "I(x % 1)", "I(x // 1)", "np.floor(x)",
    "I(x.round())", "pd.cut(x, [0, 1, 2, 9])", "C(x > 1)", "np.sign(x - 1)", "opaque_steps(x)",
    "opaque_jump(x)", "I(opaque_jump(x * z) + z)",
    "bs(x, df=4, degree=0)", "I(x * (x == 2))", "I((lambda u: u + (x > 2))(x))",
)  # fmt: skip


@pytest.mark.parametrize("formula", STEPS)
def test_steps_are_told(formula: str, data: pd.DataFrame) -> None:
    spec = learned(formula, data)
    with pytest.warns(
        MnlstatWarning, match=r"(?s)jumps.*Compare.*\[derivative-of-steps\]"
    ) as caught:
        found = spec.derivative(data, "x")
    assert len(caught) == 1 and found.steps == (spec.terms[1].name,)
    assert spec.derivative(data, "x", quiet=True).steps == found.steps


REFUSED = {
    "g": ("g", OptionError, "takes 'g' as categories"),
    "C(i)*x": ("i", OptionError, "takes 'i' as categories"),
    "i + C(i)": ("i", OptionError, r"C\(i\) takes 'i' as categories"),
    "flag": ("flag", OptionError, "takes 'flag' as categories"),
    "I(flag)": ("flag", OptionError, "takes 'flag' as categories"),
    "x:I(g == 'u')": ("g", OptionError, "takes 'g' as categories"),
    "I(x - x.mean())": ("x", OptionError, "depends on other rows"),
    "I(z - z.mean()):x": ("x", OptionError, "depends on other rows"),
    "I(i.map({k: k**2 for k in range(10)}))": ("i", OptionError, "no values near those"),
    "x": ("q", OptionError, r"no predictor reads a column 'q'.*Columns of the predictors: 'x'"),
    "z": ("y", OptionError, "no predictor reads a column 'y'"),
    "np.sqrt(i - 1)": ("i", DataError, r"no finite derivative in 'i' \(\d+ rows, first row"),
    "I(np.maximum(x - 2, 0) ** 0.5)": ("x", DataError, "no finite derivative in 'x'"),
}


@pytest.mark.parametrize("formula", REFUSED)
def test_what_has_no_derivative_is_refused(formula: str, data: pd.DataFrame) -> None:
    name, kind, said = REFUSED[formula]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        spec = learned(formula, data)
    with pytest.raises(kind, match="(?s)" + said) as caught:
        spec.derivative(data, name)
    assert len(str(caught.value).split("\n")) <= 3


def test_arithmetic_makes_numbers_of_truth_values(data: pd.DataFrame) -> None:
    spec = learned("I(flag * x) + I(1 - 2*flag)", data)
    assert spec.variable("flag").role == "number"
    wanted = np.column_stack([data.x, np.full(len(data), -2.0)])
    np.testing.assert_allclose(spec.derivative(data, "flag").X, wanted)
    with pytest.raises(OptionError, match="no values near"):
        learned("I(flag * x + (flag + (i > 3)))", data).derivative(data, "flag")


def test_inaccurate_differences_are_told(data: pd.DataFrame) -> None:
    def coarse(v):
        return np.float32(v) ** np.float32(2)

    spec = prepare("y ~ coarse(x)", data, scope={**SCOPE, "coarse": coarse}).spec
    with pytest.warns(MnlstatWarning, match=r"\[derivative-inaccurate\]"):
        found = spec.derivative(data, "x")
    assert found.error > 1e-8


def test_offsets(data: pd.DataFrame) -> None:
    spec = learned("x + offset(np.log(z) * x)", data)
    with pytest.raises(OptionError, match="'x' is read by the offset, too"):
        spec.derivative(data, "x")
    found = spec.derivative(data, "x", offset=True)
    np.testing.assert_allclose(found.offset, np.outer(np.log(data.z), [0.0, 1.0, 1.0]))
    assert found.columns.tolist() == [1]
    with pytest.raises(OptionError, match="'z' is read by the offset only"):
        spec.derivative(data, "z")
    only = spec.derivative(data, "z", offset=True)
    assert only.X.shape == (len(data), 0)
    np.testing.assert_allclose(only.offset, np.outer(data.x / data.z, [0.0, 1.0, 1.0]))
    some = data.assign(z=data.z.where(data.index != 4))
    assert np.isnan(spec.derivative(some, "z", offset=True).offset[4, 1:]).all()
    named = prepare("y ~ x", data, scope={}, offset={"a": "x", "c": "w"}).spec
    found = named.derivative(data, "x", offset=True)
    assert (found.offset == [1.0, 0.0, 0.0]).all()
    assert learned("x", data).derivative(data, "x", offset=True).offset is None
