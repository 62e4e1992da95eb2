"""Formulas that cannot be read, or mean what the data do not have."""

from __future__ import annotations

from typing import Any

import numpy as np

import mnlstat as mn
from mnlstat.errors import FormulaError, MnlstatWarning
from tests.catalogue.cases import Case, N, case, clean, fit


def _formula(formula: Any, *names: str) -> Case:
    return case(lambda: fit(clean(), formula), FormulaError, *names)


def _from_outside() -> Any:
    outside = np.arange(float(N))
    return mn.mnlogit("y ~ outside", clean() if len(outside) else None)


CASES: dict[str, Case] = {
    "None": _formula(None, "string", "None"),
    "a number": _formula(3, "string", "3"),
    "empty": _formula("", "empty"),
    "blank": _formula("   ", "empty"),
    "no tilde": _formula("y x", "'~'"),
    "two tildes": _formula("y ~ x ~ z", "two '~'", "^"),
    "no left side": _formula("~ x", "left side", "empty"),
    "no right side": _formula("y ~", "right side", "empty"),
    "nothing left": _formula("y ~ x - x - 1", "right side", "no term"),
    "an unknown variable": _formula("y ~ incme", "incme", "^"),
    "a near miss": _formula("y ~ X", "X", "did you mean 'x'"),
    "an unknown response": _formula("yy ~ x", "yy", "^"),
    "an unknown function": _formula("y ~ cube(x)", "cube", "^"),
    "a bracket that is not closed": _formula("y ~ (x + z", "bracket", "^"),
    "a bracket that closes none": _formula("y ~ x + z)", "bracket", "^"),
    "the power of one variable": _formula("y ~ z + x^2", "I(x**2)", "^"),
    "a power of truth values": _formula("y ~ I((x > 0)^(z > 0))", "!=", "^"),
    "a backtick that is not closed": _formula("y ~ `x", "backtick", "^"),
    "a polynomial of too high a degree": _formula("y ~ poly(x > 0, 2)", "distinct values", "^"),
    "knots outside of the data": _formula("y ~ ns(x, knots=1e9)", "boundary knots", "^"),
    "a reference that is no level": _formula("y ~ relevel(g, ref='nope')", "nope", "^"),
    "an offset on the left": _formula("offset(y) ~ x", "right side", "^"),
    "an offset in a product": _formula("y ~ x * offset(z)", "multiplied", "^"),
    "two operators": _formula("y ~ x + * z", "term is missing", "^"),
    "an operator at the end": _formula("y ~ x +", "term is missing", "^"),
    "two names": _formula("y ~ x z", "cannot be read", "^"),
    "a quote that is not closed": _formula("y ~ Q('x", "^"),
    "the response on the right": _formula("y ~ x + y", "'y'", "right side", "^"),
    "code that raises": _formula("y ~ I(x / 'a')", "cannot be evaluated", "^"),
    "a column called": _formula("y ~ x(z)", "'x'", "not a function", "^"),
    "a missing attribute": _formula("y ~ np.lgo(x)", "lgo", "^"),
    "a transform without data": _formula("y ~ center()", "center", "^"),
    "a wrong argument": _formula("y ~ bs(x, dff=4)", "bs(x, dff=4)", "^"),
    "a spline of too few df": _formula("y ~ bs(x, df=1)", "bs(x, df=1)", "^"),
    "a single value": _formula("y ~ np.mean(x)", "single value", "^"),
    "another length": _formula("y ~ np.arange(3) + 0 * x[:3]", "3", "^"),
    "an assignment": _formula("y ~ x = z", "^"),
    "a statement": _formula("y ~ import os", "^"),
    "a level that is not there": _formula("y ~ C(g, Treatment('never'))", "never", "^"),
    "levels that leave one out": case(
        lambda: fit(clean(), "y ~ C(g, levels=['low', 'mid'])"), mn.errors.DataError, "'top'"
    ),
    "an array from outside": case(_from_outside, FormulaError, "outside", "add it to the data"),
    "an outside array in a product": case(
        lambda: mn.mnlogit("y ~ I(x * rows)", clean()) if len(rows) else None,
        FormulaError, "rows", "add it to the data",
    ),
    "a mean that is taken anew": case(
        lambda: fit(clean(), "y ~ I(x - np.mean(x))").predict(clean().iloc[:7]),
        MnlstatWarning, "np.mean(x)",
    ),
    "update without a tilde": case(
        lambda: fit(clean()).update("x + z"), FormulaError, "'~'"
    ),
    "update that removes what is not there": case(
        lambda: fit(clean()).update(". ~ . - z"), FormulaError, "'z'", "^"
    ),
    "update of arrays": case(
        lambda: mn.MNLogit(clean()["y"], clean()[["x", "z"]]).fit().update(". ~ . - z"),
        FormulaError, "arrays",
    ),
}  # fmt: skip
rows = np.arange(float(N))
