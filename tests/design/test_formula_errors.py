"""Errors in formulas name the culprit, underline it and stay within three lines."""

from __future__ import annotations

import types

import numpy as np
import pytest
from patsy import ContrastMatrix

from mnlstat.design.prepare import prepare
from mnlstat.errors import DataError, FormulaError

ERRORS = {
    "y ~ xx": ("'xx' (did you mean 'x'?)", "xx"),
    "y ~ np.log(xx) + z": ("'xx'", "xx"),
    "y ~ x + lgo(z)": ("did you mean log?", "lgo"),
    "y ~ sin(z)": ("write np.sin", "sin"),
    "y ~ Sepal.Length": ("'Sepal.Length'", "Sepal.Length"),
    "y ~ x + zz.1": ("'zz.1'", "zz.1"),
    "y ~ log(x.y.z)": ("no attribute 'y'", "log(x.y.z)"),
    "y ~ cut(g)": ("write pd.cut", "cut"),
    "y ~ relevel(g, 'no')": ("'no' not found", "relevel(g, 'no')"),
    "y ~ relevel(C(g, Sum), 'u')": ("another contrast", "relevel(C(g, Sum), 'u')"),
    "y ~ relevel(C(g, Sum))": ("missing 1 required", "relevel(C(g, Sum))"),
    "y ~ poly(flag, 2)": ("more distinct values than there are (2)", "poly(flag, 2)"),
    "y ~ poly(x, z)": ("one variable", "z"),
    "y ~ ns(x, df=0)": ("at least 1", "ns(x, df=0)"),
    "y ~ ns(x, df=2.5)": ("whole number", "ns(x, df=2.5)"),
    "y ~ I(flag ^ flag)": ("write a != b", None),
    "offset(y) ~ x": ("right side of the formula", "offset(y)"),
    "y ~ x:offset(z)": ("multiplied with nothing", "offset(z)"),
    "y ~ offset(z, x)": ("takes one argument", "offset(z, x)"),
    "y ~ I(offset(z))": ("offset(z) as a term by itself", "offset"),
    "y ~ 0 + offset(z)": ("no term left", "0 + offset(z)"),
    "y ~ x + offset(zz)": ("'zz'", "zz"),
    "y ~ x + offset(y)": ("right side", "y"),
    "y ~ x +": ("cannot be read", None),
    "y ~ x + (z": ("cannot be read", "("),
    "y ~ x z": ("invalid syntax", "x z"),
    "y ~ two words": ("Q('two words')", "two words"),
    "y ~ 'abc": ("cannot be read", None),
    "y ~ x + np.log(z": ("cannot be read", "np.log(z"),
    ". ~ x": ("on the right side only", "."),
    "y ~ x^2": ("I(x**2)", "x^2"),
    "y ~ x | z": ("cannot be evaluated", "x | z"),
    "y ~ x; z": ("cannot be read", "x; z"),
    "y ~ 5": ("numbers", "5"),
    "y ~ I(3)": ("reads no column", "I(3)"),
    "y ~ x*k": ("reads no column", "k"),
    "y ~ np": ("reads no column", "np"),
    "y ~ x + column": ("'column' is not a column of the data", "column"),
    "y ~ I(x + column)": ("add it to the data", "column"),
    "y ~ x + np.sqrt(listed)": ("'listed'", "listed"),
    "y ~ bs(column, df=4)": ("'column'", "column"),
    "y ~ Q('nope')": ("'nope'", "Q('nope')"),
    "y ~ Q(nope)": ("in quotes", "Q(nope)"),
    "y ~ x(z)": ("a column of the data, not a function", "x"),
    "y ~ np.loog(x)": ("no attribute 'loog'", "np.loog(x)"),
    "y ~ x.foo()": ("no attribute 'foo'", "x.foo()"),
    "y ~ x.mean()": ("single value", "x.mean()"),
    "y ~ I(x.sort_values())": ("another order", "I(x.sort_values())"),
    "y ~ I(x.head(3))": ("3 values for 120 rows", "I(x.head(3))"),
    "y ~ broken(x)": ("ZeroDivisionError", "broken(x)"),
    "y ~ bs(x)": ("df or knots", "bs(x)"),
    "y ~ C(g, Treatment('no'))": ("'no' not found", "C(g, Treatment('no'))"),
    "y ~ C(g, np.eye(2))": ("2 rows for 3 levels", "C(g, np.eye(2))"),
    "y ~ np.column_stack([center(c) for c in (x, z)])": (
        "several times in one place; write the calls out",
        "np.column_stack([center(c) for c in (x, z)])",
    ),
    "y ~ I(x + held['w'])": ("\"held['w']\" is not a column", "held['w']"),
    "y ~ I(x + held[key])": ("add it to the data", "held[key]"),
    "y ~ I(x + held.get('w') + space.w[0])": ("'space.w[0]'", "space.w[0]"),
    "y ~ C(g, 'u')": ("for a reference level write Treatment('u')", "C(g, 'u')"),
    "y ~ C(g, 'Sum')": ("write Sum without quotes", "C(g, 'Sum')"),
    "y ~ C(g, [1, 2, 3])": ("is a contrast, such as Sum or a matrix", "C(g, [1, 2, 3])"),
    "y ~ C(i, x)": ("levels are given as levels=", "C(i, x)"),
    "y ~ C(g, gaps)": ("missing or infinite values", "C(g, gaps)"),
    "y ~ C(g, Alike) + x": ("two columns of one name", "C(g, Alike)"),
    "y ~ `two words + x": ("begins no name", "`two words + x"),
    "y ~ class(x)": ("cannot be read", "class(x)"),
    "C(y, Treatment('vocation')) ~ x": (
        "the base is chosen with base=",
        "C(y, Treatment('vocation'))",
    ),
    "y ~ C(g, levels=[])": ("no level in levels=", "C(g, levels=[])"),
    "y ~ C(g, levels=['u', 'v', 'u', 'w'])": (
        "'u' twice in levels=",
        "C(g, levels=['u', 'v', 'u', 'w'])",
    ),
    "y ~ x + y": ("response 'y' stands on the right side", "y"),
    "y ~ np.where(y == 'a', 1, 0)": ("right side", "np.where(y == 'a', 1, 0)"),
    "C(y) ~ y": ("right side", "y"),
    "x > 0 ~ x>0": ("right side", "x>0"),
    "y": ("no '~'", "y"),
    "y ~": ("right side of the formula is empty", None),
    "~ x": ("left side of the formula is empty", "~"),
    "y ~ 0": ("no term left", "0"),
    "y ~ x - x - 1": ("no term left", "x - x - 1"),
    "y ~ x ~ z": ("two '~'", "~"),
    "y + z ~ x": ("two responses", "y + z"),
    "y, z ~ x": ("two responses", "y, z"),
    "nope ~ x": ("'nope'", "nope"),
    "np.column_stack([x, z]) ~ i": ("several columns", "np.column_stack([x, z])"),
}


class Alike:
    """A contrast of the user's own whose columns have one name."""

    def code_with_intercept(self, levels):
        return ContrastMatrix(np.eye(len(levels)), ["[u]"] * len(levels))

    def code_without_intercept(self, levels):
        return ContrastMatrix(np.eye(len(levels))[:, 1:], ["[u]"] * (len(levels) - 1))


SCOPE = {
    "np": np,
    "held": {"w": np.arange(120.0)},
    "key": "w",
    "space": types.SimpleNamespace(w=[np.arange(120.0)]),
    "gaps": np.array([[0.0, 0.0], [1.0, np.nan], [0.0, 1.0]]),
    "Alike": Alike,
    "k": 3,
    "column": np.arange(120.0),
    "listed": list(range(120)),
    "broken": lambda v: 1 / 0,
}


@pytest.mark.parametrize("formula", ERRORS)
def test_error_names_and_underlines_the_culprit(formula: str, frame) -> None:
    said, underlined = ERRORS[formula]
    data = frame.assign(**{"class": 1.0, "\u00b5": 2.0})
    with pytest.raises(FormulaError) as caught:
        prepare(formula, data, scope=SCOPE)
    lines = str(caught.value).split("\n")
    assert said in lines[0]
    assert len(lines) == 3
    assert lines[1].strip() == formula.replace("^ flag", "** flag")
    start, length = lines[2].index("^"), lines[2].count("^")
    if underlined is not None:
        assert lines[1][start : start + length] == underlined


@pytest.mark.parametrize("formula", ["", "  ", None, 5, ["y ~ x"]])
def test_what_is_no_formula_is_refused(formula, frame) -> None:
    with pytest.raises(FormulaError, match="formula"):
        prepare(formula, frame, scope={})


def test_the_cause_is_chained(frame) -> None:
    with pytest.raises(FormulaError) as caught:
        prepare("y ~ broken(x)", frame, scope=SCOPE)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_underline_counts_characters_not_bytes(frame) -> None:
    with pytest.raises(FormulaError) as caught:
        prepare("y ~ größe + I(größe + nöpe)", frame.rename(columns={"x": "größe"}), scope={})
    lines = str(caught.value).split("\n")
    assert lines[1][lines[2].index("^") :].startswith("nöpe)")


def test_formula_over_several_lines_is_one_line(frame) -> None:
    spec = prepare("y ~ x\n   + z", frame, scope={}).spec
    assert spec.formula == "y ~ x + z"
    assert spec.right_side == "x + z"


@pytest.mark.parametrize(
    ("term", "said"),
    [
        ("when", "datetime64"),
        ("span", "timedelta64"),
        ("complexes", "complex"),
        ("day", "date"),
        ("identifier", "text with 120 levels"),
        ("np.log(x - x)", "infinite"),
        ("C(g, levels=['u', 'v'])", "level 'w', which is not among levels="),
        ("x * 1j", "complex"),
        ("bs(x, knots=[1], lower_bound=0)", "outer knots"),
    ],
)
def test_unusable_predictors_are_data_errors(term, said, frame) -> None:
    import datetime

    import pandas as pd

    data = frame.assign(
        when=pd.Timestamp("2020"),
        span=pd.Timedelta("1D"),
        complexes=1j,
        day=[datetime.date(2020, 1, 1)] * 120,
        identifier=[f"n{row}" for row in range(120)],
    )
    with pytest.raises(DataError, match=said) as caught:
        prepare(f"y ~ I({term})" if "1j" in term else f"y ~ {term}", data, scope=SCOPE)
    assert len(str(caught.value).split("\n")) <= 3


def test_duplicated_column_names_are_refused_only_where_used(frame) -> None:
    import pandas as pd

    twice = pd.concat([frame, frame[["x"]]], axis=1)
    assert prepare("y ~ z", twice, scope={}).spec.columns == ("Intercept", "z")
    with pytest.raises(DataError, match="2 columns named 'x'"):
        prepare("y ~ x", twice, scope={})
