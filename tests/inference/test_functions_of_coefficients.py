"""Functions of coefficients: exact derivatives, the delta method, what is refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mnlstat as mn
from mnlstat.errors import (
    AliasedWarning,
    OptionError,
    RankError,
    SeparationError,
    SeparationWarning,
)
from mnlstat.inference.nonlinear import functions_of
from tests.inference import samples

FRAME = samples.frame()
LABELS = [("a", "x"), ("a", "z"), ("b", "x"), ("b", "log(x)")]
VALUES = np.array([0.7, -1.3, 2.1, 0.4])
NAMES = {"a": VALUES[0], "b": VALUES[1], "c": VALUES[2], "d": VALUES[3]}


@pytest.fixture(scope="module")
def res() -> Any:
    return samples.fitted(FRAME)


def read(text: Any, *, equations: bool = False) -> Any:
    return functions_of(text, LABELS, VALUES, lambda at: None, equations=equations)


# each with its value in Python, a to d standing for the coefficients
WORDS = {
    "a:x": "a",
    "-a:x ** 2": "-a**2",
    "(-a:x) ** 2": "(-a)**2",
    "a:z ** 3": "b**3",
    "a:z ** -2": "b**-2",
    "a:x ** b:x ** 2": "a**c**2",
    "2 ** -a:x": "2**-a",
    "exp(a:x) / b:x": "exp(a)/c",
    "exp( a:x*a:z ) - log(b:x / a:x)": "exp(a*b)-log(c/a)",
    "sqrt(b:x) * abs(a:z)": "sqrt(c)*abs(b)",
    "abs(b:x - 3) / -a:z": "abs(c-3)/-b",
    "b:log(x) * log(b:log(x))": "d*log(d)",
    "`b`:`log(x)` ** 0.5": "d**0.5",
    "a:x / b:x / 2 * a:z": "a/c/2*b",
    "1e-3*exp(3*b:x) + 2": "1e-3*exp(3*c)+2",
    "a:x - a:z - b:x": "a-b-c",
    "a:x ** 0 + a:x": "a**0+a",
}


@pytest.mark.parametrize("words", WORDS)
def test_values_and_derivatives(words: str) -> None:
    found = read(words)
    python = WORDS[words]

    def value(b: Any) -> Any:
        functions = {"exp": np.exp, "log": np.log, "sqrt": np.sqrt, "abs": _absolute}
        return eval(python, functions, dict(zip("abcd", b, strict=True)))

    assert found.values[0] == pytest.approx(value(VALUES), rel=1e-14)
    step = 1e-200  # a complex step has no rounding
    derivatives = [value(VALUES + 1j * step * np.eye(4)[i]).imag / step for i in range(4)]
    np.testing.assert_allclose(found.gradients[0], derivatives, rtol=1e-13, atol=1e-15)


def _absolute(x: Any) -> Any:
    return x if x.real > 0 else -x


@settings(max_examples=60, deadline=None)
@given(st.recursive(
    st.sampled_from(["a:x", "a:z", "b:x", "0.5", "2"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]}{t[1]}{t[2]})"),
        st.tuples(st.sampled_from(["exp", "log", "sqrt", "abs"]), inner).map(
            lambda t: f"{t[0]}({t[1]})"
        ),
    ),
    max_leaves=8,
))  # fmt: skip
def test_any_expression_is_differentiated_or_refused(words: str) -> None:
    try:
        found = read(words)
    except OptionError as error:
        refused = error.code
    else:
        refused = None
    if refused is not None:
        assert refused in ("function-undefined", "no-coefficient")
        return
    python = words.replace("a:x", "A").replace("a:z", "B").replace("b:x", "C")

    def value(b: Any) -> float:
        names = {"exp": math.exp, "log": math.log, "sqrt": math.sqrt, "abs": abs}
        return float(eval(python, names, dict(zip("ABCD", b, strict=True))))

    assert found.values[0] == pytest.approx(value(VALUES), rel=1e-12, abs=1e-300)


def test_several_are_separated_by_commas_or_listed() -> None:
    for given_ in ("exp(a:x), a:z * b:x", ["exp(a:x)", "a:z * b:x"]):
        found = read(given_)
        assert found.texts == ("exp(a:x)", "a:z * b:x") and len(found.values) == 2
    found = read("a:x / b:x = 2 = a:z", equations=True)
    np.testing.assert_allclose(found.values, [0.7 / 2.1 - 2, 2 + 1.3])


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("sin(a:x)", "function-not-known", "there are exp, log, sqrt, abs"),
        ("__import__('os').system('ls')", "function-not-known", "no function"),
        ("a:x.real", "unknown-coefficient", "no coefficient"),
        ("[a:x]", "unknown-coefficient", "no coefficient"),
        ("lambda: a:x", "unknown-coefficient", "no coefficient"),
        ("a:y", "unknown-coefficient", "did you mean"),
        ("a:x ^ 2", "unknown-coefficient", "no coefficient"),
        ("log(a:z)", "function-undefined", "logarithm of -1.3"),
        ("sqrt(a:z)", "function-undefined", "no derivative"),
        ("a:z ** 0.5", "function-undefined", "below zero"),
        ("a:z ** a:x", "function-undefined", "to a power of coefficients"),
        ("(a:x - a:x) ** -1", "function-undefined", "zero to the power"),
        ("(a:x - a:x) ** 0.5", "function-undefined", "no derivative"),
        ("abs(a:x - a:x)", "function-undefined", "no derivative"),
        ("1 / (a:x - a:x)", "function-undefined", "divides by zero"),
        ("exp(1000 * b:x)", "function-undefined", "floating point"),
        ("exp(exp(exp(b:x)))", "function-undefined", "floating point"),
        ("1e300 * 1e300 * a:x", "function-undefined", "floating point"),
        ("10 ** 400 * a:x", "function-undefined", "floating point"),
        ("2 + 3", "no-coefficient", "holds no coefficient"),
        ("a:x, 3", "no-coefficient", "holds no coefficient"),
        ("exp(a:x", "hypothesis-syntax", "closing parenthesis"),
        ("exp a:x", "unknown-coefficient", "no coefficient"),
        ("a:x b:x", "hypothesis-syntax", "a sign or a comma is missing"),
        ("a:x +", "hypothesis-syntax", "lacks a coefficient"),
        ("a:x ***2", "hypothesis-syntax", "lacks a coefficient"),
        ("a:x = 2", "hypothesis-syntax", "test_nonlinear() tests one"),
        ("a:x)", "hypothesis-syntax", "cannot go on here"),
        ("", "hypothesis-not-text", "must be text"),
        ([], "hypothesis-not-text", "must be text"),
        (["a:x", 3], "hypothesis-not-text", "must be text"),
        (None, "hypothesis-not-text", "must be text"),
    ],
)
def test_what_is_not_in_the_list_is_refused(words: Any, code: str, said: str) -> None:
    with pytest.raises(OptionError) as error:
        read(words)
    assert error.value.code == code and said in error.value.message


def test_a_linear_function_is_a_linear_combination(res: Any) -> None:
    found = res.nlcom("2 * b:x - c:x / 4 + 1").iloc[0]
    linear = res.lincom("2 * b:x - 0.25 * c:x").iloc[0]
    assert found["estimate"] == pytest.approx(linear["estimate"] + 1, rel=1e-13)
    assert found["std_error"] == pytest.approx(linear["std_error"], rel=1e-12)
    one = res.test_nonlinear("2 * b:x = c:x / 4")
    assert one.statistic == pytest.approx(res.test("2 * b:x = 0.25 * c:x").statistic, rel=1e-12)
    assert one.kind == "Wald" and one.hypothesis == "2 * b:x = c:x / 4"


def test_ratios_are_those_of_the_table(res: Any) -> None:
    table = res.tidy(exponentiate=True).set_index(["outcome", "term"])
    for outcome, term in [("b", "x"), ("d", "z")]:
        found = res.nlcom(f"exp({outcome}:{term})").iloc[0]
        row = table.loc[(outcome, term)]
        assert found["estimate"] == pytest.approx(row["estimate"], rel=1e-13)
        assert found["std_error"] == pytest.approx(row["std_error"], rel=1e-12)


@pytest.mark.parametrize("kind", ["observed", "robust"])
def test_the_delta_method(res: Any, kind: str) -> None:
    found = res.with_cov(kind).nlcom("b:x / c:z, exp(b:x) * d:z", alpha=0.1)
    b, V = res.params, res.with_cov(kind).cov_params()
    ratio = b["b", "x"] / b["c", "z"]
    G = pd.Series(0.0, b.index)
    G["b", "x"], G["c", "z"] = 1 / b["c", "z"], -ratio / b["c", "z"]
    first = found.iloc[0]
    error = math.sqrt(G @ V @ G)
    assert list(found) == [
        "expression", "estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"
    ]  # fmt: skip
    assert found["expression"].tolist() == ["b:x / c:z", "exp(b:x) * d:z"]
    assert first["estimate"] == pytest.approx(ratio, rel=1e-13)
    assert first["std_error"] == pytest.approx(error, rel=1e-10)
    assert first["statistic"] == pytest.approx(ratio / error, rel=1e-10)
    assert first["conf_high"] == pytest.approx(ratio + 1.6448536269514722 * error, rel=1e-10)
    assert found.attrs["cov_type"] == res.with_cov(kind).cov_type


def test_by_t(res: Any) -> None:
    by_t = res.with_cov("robust", use_t=True, df=7.0)
    found = by_t.nlcom("exp(b:x)").iloc[0]
    half = found["conf_high"] - found["estimate"]
    assert half == pytest.approx(2.3646242510102993 * found["std_error"], rel=1e-9)
    test = by_t.test_nonlinear("exp(b:x) = 1")
    assert test.distribution == "F" and test.df_denom == 7


def test_several_equations_together(res: Any) -> None:
    found = res.test_nonlinear(["exp(b:x) = exp(c:x)", "b:z ** 3 = 1"])
    assert found.df == 2 and found.hypothesis == "exp(b:x) = exp(c:x), b:z ** 3 = 1"
    one = res.test_nonlinear("exp(b:x) = 1.5")
    z = (math.exp(res.params["b", "x"]) - 1.5) / res.nlcom("exp(b:x)")["std_error"][0]
    assert one.statistic == pytest.approx(z**2, rel=1e-11)
    with pytest.raises(RankError, match="not independent"):
        res.test_nonlinear("exp(b:x) = 1, exp(2 * b:x) = 1")


def test_coefficients_without_an_estimate() -> None:
    with pytest.warns(AliasedWarning):
        aliased = mn.mnlogit("y ~ x + I(2 * x) + z", FRAME).fit()
    with pytest.raises(RankError, match="aliased"):
        aliased.nlcom("exp(b:I(2 * x))")
    one, other = aliased.nlcom("exp(d:z) * c:x"), mn.mnlogit("y ~ x + z", FRAME).fit()
    np.testing.assert_allclose(one["std_error"], other.nlcom("exp(d:z) * c:x")["std_error"])
    with pytest.warns(SeparationWarning):
        separated = mn.mnlogit("y ~ x + z", mn.datasets.separated_toy()).fit()
    infinite = separated.params[np.isinf(separated.params)].index[0]
    finite = separated.params[np.isfinite(separated.params)].index[-1]
    with pytest.raises(SeparationError, match="is infinite"):
        separated.nlcom(f"exp({infinite[0]}:{infinite[1]})")
    assert separated.nlcom(f"exp({finite[0]}:{finite[1]})")["std_error"].notna().all()


def test_under_constraints() -> None:
    res = samples.fitted(FRAME, constraints=["b:x = 0.5", "c:z = d:z"])
    fixed = res.nlcom("exp(b:x)").iloc[0]
    assert fixed["estimate"] == math.exp(0.5) and fixed["std_error"] == 0
    assert np.isnan(fixed["statistic"]) and fixed["conf_low"] == fixed["conf_high"]
    with pytest.raises(OptionError, match="nothing to test"):
        res.test_nonlinear("c:z ** 2 = d:z ** 2")
    with pytest.raises(OptionError, match="cannot hold"):
        res.test_nonlinear("exp(b:x) = 1")
