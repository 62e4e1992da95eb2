"""Names of R and numpy in formulas: the same numbers as their long forms."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest

from mnlstat.design.dot import with_columns
from mnlstat.design.prepare import prepare
from mnlstat.errors import FormulaError

SAME = {
    "y ~ log(z) + sqrt(z)": "y ~ np.log(z) + np.sqrt(z)",
    "y ~ log2(z) + log10(z)": "y ~ np.log2(z) + np.log10(z)",
    "y ~ log1p(z) + exp(x) + abs(x)": "y ~ np.log1p(z) + np.exp(x) + np.abs(x)",
    "y ~ log(i)": "y ~ np.log(i)",
    "y ~ factor(g)": "y ~ C(g)",
    "y ~ as.factor(i)": "y ~ C(i)",
    "y ~ factor(g, levels=c('w', 'u', 'v'))": "y ~ C(g, levels=['w', 'u', 'v'])",
    "y ~ relevel(g, ref='v')": "y ~ C(g, Treatment('v'))",
    "y ~ relevel(cat, 'u')": "y ~ C(cat, Treatment('u'))",
    "y ~ relevel(factor(i), ref=3)": "y ~ C(i, Treatment(3))",
    "y ~ (x + z + h)^2": "y ~ x + z + h + x:z + x:h + z:h",
    "y ~ I(x^2) + I(2*x^3 - 1)": "y ~ I(x**2) + I(2*x**3 - 1)",
    "y ~ h + x %in% h": "y ~ h + x:h",
    "y ~ `two words` + `x`": "y ~ Q('two words') + x",
    "y ~ I(g %in% c('u', 'v'))": "y ~ I(g.isin(['u', 'v']))",
    "y ~ poly(x, 2, raw=TRUE)": "y ~ x + I(x**2)",
    "y ~ poly(x, degree=1)": "y ~ I((x - x_mean) / x_norm)",
    "y ~ standardize(x, center=FALSE)": "y ~ standardize(x, center=False)",
    "y ~ bs(x, df=5, intercept=TRUE, Boundary.knots=c(-9, 9))": (
        "y ~ bs(x, df=5, include_intercept=True, lower_bound=-9, upper_bound=9)"
    ),
    "y ~ bs(x, knots=c(-1, 0, 1))": "y ~ bs(x, knots=[-1, 0, 1])",
}


@pytest.mark.parametrize("formula", SAME)
def test_the_same_numbers_as_in_the_long_form(formula: str, frame) -> None:
    x = frame["x"]
    scope = {"x_mean": float(x.mean()), "x_norm": float(np.linalg.norm(x - x.mean()))}
    one, other = prepare(formula, frame, scope={}), prepare(SAME[formula], frame, scope=scope)
    np.testing.assert_allclose(one.X, other.X, rtol=1e-13, atol=1e-15)


def test_columns_may_have_the_names_of_functions(frame) -> None:
    names = {"log": "x", "c": "z", "factor": "i", "poly": "x", "offset": "z", "TRUE": "z"}
    data = frame.assign(**{name: frame[column] for name, column in names.items()})
    formula = "y ~ log + log(c) + factor(factor) + offset + I(TRUE) + bs(x, knots=c(-1, 0))"
    wanted = "y ~ x + np.log(z) + C(i) + z + I(z) + bs(x, knots=[-1, 0])"
    made = prepare(formula, data, scope={})
    np.testing.assert_array_equal(made.X, prepare(wanted, frame, scope={}).X)


def test_a_function_of_the_caller_goes_before_ours_a_variable_does_not(frame) -> None:
    scope = {"log": lambda v: v * 2.0, "c": 5}
    made = prepare("y ~ log(x) + bs(z, knots=c(1.2, 1.5))", frame, scope=scope)
    np.testing.assert_array_equal(made.X[:, 1], 2.0 * frame["x"])


def test_relevel_names_its_reference(frame) -> None:
    (factor,) = prepare("y ~ relevel(g, ref='v')", frame, scope={}).spec.factors
    assert (factor.reference, factor.levels) == ("v", ("u", "v", "w"))


REMEMBER = [
    "center(x)", "scale(x)", "standardize(x)", "poly(x, 3)", "poly(log(z), 2)", "ns(x, df=4)",
    "ns(x, knots=c(0))", "bs(x, df=5)", "cr(x, df=4)", "log(z)", "relevel(g, ref='w')",
]  # fmt: skip


@pytest.mark.parametrize("term", REMEMBER)
def test_new_data_get_the_columns_of_the_fit(term: str, frame) -> None:
    made = prepare(f"y ~ {term}", frame, scope={})
    some = np.array([3, 50, 51, 97])
    for spec in (made.spec, pickle.loads(pickle.dumps(made.spec))):
        np.testing.assert_allclose(spec.design(frame.iloc[some]).X, made.X[some], atol=1e-15)
    assert not made.notes


REDUCTIONS = [
    "I(x - np.mean(x))", "I(x - x.mean())", "I(x / np.std(x))", "I(x / x.std())", "x.rank()",
    "pd.qcut(x, 4)", "pd.cut(x, 3)", "x.cumsum()", "np.cumsum(x)", "x.shift(1, fill_value=0)",
    "I(x > x.median())", "I(x / x.max())", "x.diff().fillna(0)", "I(np.argsort(x))",
    "x.groupby(i).transform('mean')", "I(x - min(x))", "np.where(x == x.max(), 1, 0)",
]  # fmt: skip


@pytest.mark.parametrize("term", REDUCTIONS)
def test_what_depends_on_other_rows_is_noted(term: str, frame) -> None:
    made = prepare(f"y ~ {term}", frame, scope={})
    assert any("depends on the other rows" in note for note in made.notes)


@pytest.mark.parametrize(
    ("formula", "other", "wanted"),
    [
        ("y ~ .", (), "y ~ a + Q('b c') + Q('class') + w + y2"),
        ("y ~ .", ("w", "a"), "y ~ Q('b c') + Q('class') + y2"),
        ("y ~ . - a - w", (), "y ~ Q('b c') + Q('class') + y2"),
        ("y ~ . - 1", ("w", "y2"), "y ~ 0 + a + Q('b c') + Q('class')"),
        (
            "np.where(y > y2, 1, 0) ~ .",
            ("w",),
            "np.where(y > y2, 1, 0) ~ a + Q('b c') + Q('class')",
        ),
        ("Q('b c') ~ . - Q('class')", ("w", "y"), "Q('b c') ~ a + y2"),
        ("y ~ . + offset(log(w))", (), "y ~ a + Q('b c') + Q('class') + y2 + offset(log(w))"),
        ("y ~ I(a**2) + .:w", ("y2", "b c"), "y ~ I(a ** 2) + a:w + Q('class'):w + w"),
        ("y ~ a + .5*w", (), "y ~ a + .5*w"),
    ],
)
def test_the_dot_is_all_other_columns(formula: str, other, wanted: str) -> None:
    assert with_columns(formula, ["a", "y", "b c", "class", "w", "y2"], other) == wanted


def test_a_power_of_the_dot_multiplies_all_pairs(frame) -> None:
    data = frame[["y", "x", "z", "h"]]
    one = prepare("y ~ .^2 - z:h", data, scope={})
    other = prepare("y ~ x + z + h + x:z + x:h", data, scope={})
    assert one.spec.columns == other.spec.columns
    np.testing.assert_array_equal(one.X, other.X)


@pytest.mark.parametrize(
    ("columns", "said"), [(["y"], "there are none"), (["y", 7], "7 is no name")]
)
def test_a_dot_that_stands_for_nothing(columns, said: str) -> None:
    with pytest.raises(FormulaError, match=said) as caught:
        with_columns("y ~ .", columns, ())
    assert caught.value.code == "dot-columns"


def test_the_column_of_weights_is_not_a_predictor(frame) -> None:
    import mnlstat as mn

    data = frame[["y", "x", "i", "z"]]
    model = mn.mnlogit("y ~ .", data, freq_weights="i", offset="z")
    assert model.formula == "y ~ x"


def test_names_with_dots_are_columns(frame) -> None:
    data = frame.rename(columns={"x": "Sepal.Length", "y": "Species.name"})
    made = prepare("Species.name ~ Sepal.Length + log(z)", data, scope={})
    np.testing.assert_array_equal(made.X[:, 1], data["Sepal.Length"])


def test_a_power_of_two_columns(frame) -> None:
    made = prepare("y ~ I(x^i)", frame, scope={})
    np.testing.assert_array_equal(made.X[:, 1], frame["x"] ** frame["i"])


def test_frames_in_any_form(frame) -> None:
    as_dict = {name: frame[name].to_numpy() for name in ("y", "x", "z")}
    one = prepare("y ~ .", as_dict, scope={})
    np.testing.assert_array_equal(one.X, prepare("y ~ x + z", pd.DataFrame(as_dict), scope={}).X)
