"""R's notation is exchanged for Python's; what Python reads already stays."""

from __future__ import annotations

import pytest

from mnlstat.design.dialect import in_python
from mnlstat.errors import FormulaError

COLUMNS = [
    "a", "b", "class", "lambda", "not", "in", "Sepal.Length", "x.y.z", "two w", "\ufb01", "x\u00b2",
    "1st", ".hid", "e\u0301", 7,
"nan", "Inf"]  # fmt: skip

SAME = [
    "y ~ a + b*a - 1",
    "y ~ np.log(a) + a.clip(0, 1.5e3) + .5*b",
    "y ~ I(a.apply(lambda v: v + 1))",
    "y ~ C(a, Treatment('x^2 `b` Sepal.Length'))",
    "y ~ (a + log(b))**2",
    "y ~ a.b",
    "y ~ `a",
    "",
]

EXCHANGED = {
    "y ~ (a+b)^2": "y ~ (a+b)**2",
    "y ~ .^2": "y ~ .**2",
    "y ~ I(a^2) + log(a ^ -b)": "y ~ I(a**2) + log(a ** -b)",
    "I(a^2) ~ b": "I(a**2) ~ b",
    "y ~ class:a + lambda": "y ~ Q('class'):a + Q('lambda')",
    "y ~ nan + Inf:a": "y ~ Q('nan') + Q('Inf'):a",
    "y ~ not + in": "y ~ Q('not') + Q('in')",
    "class ~ f(lambda v: v) + lambda:a": "Q('class') ~ f(lambda v: v) + Q('lambda'):a",
    "y ~ Sepal.Length + x.y.z": "y ~ Q('Sepal.Length') + Q('x.y.z')",
    "y ~ Sepal.Length.clip(0, 1)": "y ~ Q('Sepal.Length').clip(0, 1)",
    "y ~ `two w`:`a` + `1st`": "y ~ Q('two w'):a + Q('1st')",
    "`two w` ~ a": "Q('two w') ~ a",
    "y ~ \ufb01 + x\u00b2 + .hid + e\u0301": "y ~ Q('\ufb01') + Q('x\u00b2') + Q('.hid') + "
    "Q('e\u0301')",
    "y ~ a %in% b + (a%in%b)": "y ~ a : b + (a:b)",
    "y ~ I(a%in%c(1, 2))": "y ~ I(a in c(1, 2))",
    "y %in% 'u' ~ a": "y in 'u' ~ a",
    "y ~ as.factor(a) + ns(b, Boundary.knots=c(0, 1))": "y ~ factor(a) + ns(b, "
    "boundary_knots=c(0, 1))",
    "y ~ I((a + b) %in% c(1, 2))": "y ~ I((a + b) in c(1, 2))",
    "y ~ f(a, w=b %in% c(1, 2)) + a": "y ~ f(a, w=b in c(1, 2)) + a",
    "y ~ a +\n  I(b^2)": "y ~ a + I(b**2)",
}

CONDITIONS = {
    "a > 1 & b == 2": "a > 1 and b == 2",
    "!(a>1)||b!=2": "not (a>1) or b!=2",
    "a%in%c(1,2)&&!b": "a in c(1,2) and not b",
    "~a | Sepal.Length^2 > 1": "~a or Q('Sepal.Length')**2 > 1",
    "a == 'x & y | !z'": "a == 'x & y | !z'",
    "not a and !is.na(b)": "not a and not isna(b)",
}


@pytest.mark.parametrize("text", SAME)
def test_python_is_left_as_it_is(text: str) -> None:
    assert in_python(text, COLUMNS) == text


@pytest.mark.parametrize("text", EXCHANGED)
def test_formulas_of_r(text: str) -> None:
    made = in_python(text, COLUMNS)
    assert made == EXCHANGED[text]
    assert in_python(made, COLUMNS) == made


@pytest.mark.parametrize("text", CONDITIONS)
def test_conditions_of_r(text: str) -> None:
    assert in_python(text, COLUMNS, logical=True) == CONDITIONS[text]


@pytest.mark.parametrize(
    ("text", "underlined"),
    [
        ("y ~ a^2", "a^2"),
        ("y ~ b + log(a)**3 + b", "log(a)**3"),
        ("y ~ b*`two w` ^ 2", "`two w` ^ 2"),
        ("y ~ (b + a^2)^2", "a^2"),
    ],
)
def test_the_power_of_one_variable_is_refused(text: str, underlined: str) -> None:
    with pytest.raises(FormulaError, match="itself; for its power write I") as caught:
        in_python(text, COLUMNS)
    assert caught.value.code == "power-of-term"
    lines = caught.value.message.split("\n")
    start, length = lines[2].index("^"), lines[2].count("^")
    assert lines[1][start : start + length] == underlined


@pytest.mark.parametrize(
    "text",
    [
        "y ~ I(a + b %in% c(1))", "y ~ I(2*(a + b) %in% c(1))", "y ~ I(a %in% c(1, 2) * 2)",
        "y ~ I(a == b %in% c(1))", "y ~ I(a %in% c(1) == TRUE)", "y ~ I(-a %in% b)",
    ],
)  # fmt: skip
def test_where_r_and_python_bind_differently_brackets_are_asked_for(text: str) -> None:
    with pytest.raises(FormulaError, match="write brackets around"):
        in_python(text, COLUMNS)


@pytest.mark.parametrize("text", [None, 5, ["y ~ x"]])
def test_what_is_no_text_is_passed_on(text) -> None:
    assert in_python(text, COLUMNS) is text
