"""Derivatives of the functions that formulas are made of."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.design import operations
from mnlstat.design.vocabulary import VOCABULARY

Rule = Callable[[Any, Any], Any]
LN2, LN10 = float(np.log(2.0)), float(np.log(10.0))

# Function -> its derivative as a function of argument and value.
ONE_ARGUMENT: dict[str, Rule] = {
    "log": lambda u, v: 1 / u,
    "log2": lambda u, v: 1 / (u * LN2),
    "log10": lambda u, v: 1 / (u * LN10),
    "log1p": lambda u, v: 1 / (1 + u),
    "exp": lambda u, v: v,
    "exp2": lambda u, v: v * LN2,
    "expm1": lambda u, v: np.exp(u),
    "sqrt": lambda u, v: 0.5 / v,
    "cbrt": lambda u, v: 1 / (3 * v * v),
    "square": lambda u, v: 2 * u,
    "reciprocal": lambda u, v: -v * v,
    "sin": lambda u, v: np.cos(u),
    "cos": lambda u, v: -np.sin(u),
    "tan": lambda u, v: 1 + v * v,
    "arcsin": lambda u, v: 1 / np.sqrt((1 - u) * (1 + u)),
    "arccos": lambda u, v: -1 / np.sqrt((1 - u) * (1 + u)),
    "arctan": lambda u, v: 1 / (1 + u * u),
    "sinh": lambda u, v: np.cosh(u),
    "cosh": lambda u, v: np.sinh(u),
    "tanh": lambda u, v: 1 / np.cosh(u) ** 2,
    "arcsinh": lambda u, v: 1 / np.hypot(1, u),
    "arccosh": lambda u, v: 1 / np.sqrt((u - 1) * (u + 1)),
    "arctanh": lambda u, v: 1 / ((1 - u) * (1 + u)),
}
"""Numpy's functions of one argument by name."""

OF_SCIPY: dict[str, Rule] = {
    "expit": lambda u, v: v * _expit_of_minus(u),
    "logit": lambda u, v: 1 / (u * (1 - u)),
    "erf": lambda u, v: 2 / np.sqrt(np.pi) * np.exp(-u * u),
    "ndtr": lambda u, v: np.exp(-0.5 * u * u) / np.sqrt(2 * np.pi),
}
"""Functions of scipy.special."""

LINEAR = ("negative", "positive", "deg2rad", "rad2deg", "radians", "degrees")
STEPS = (
    "floor", "ceil", "rint", "trunc", "sign", "isnan", "isfinite", "isinf", "signbit", "greater",
    "greater_equal", "less", "less_equal", "equal", "not_equal", "logical_not", "logical_xor",
    "heaviside",
)  # fmt: skip
"""Functions that are constant but for jumps."""


def _expit_of_minus(u: Any) -> Any:
    """The logistic function at -u, which 1 minus that at u would lose."""
    small = np.exp(-np.abs(u))
    return np.where(np.asarray(u) > 0, small, 1.0) / (1 + small)


def _by_function() -> dict[Any, Rule]:
    rules: dict[Any, Rule] = {getattr(np, name): rule for name, rule in ONE_ARGUMENT.items()}
    return rules | {
        VOCABULARY[name]: rule for name, rule in ONE_ARGUMENT.items() if name in VOCABULARY
    }


RULES = _by_function()
LINEAR_FUNCTIONS = tuple(getattr(np, name) for name in LINEAR)
STEP_FUNCTIONS = (
    *(getattr(np, name) for name in STEPS),
    np.round, np.around, np.fix, np.digitize, np.searchsorted, np.isin, np.floor_divide, round,
    operations.member, operations.no_member,
)  # fmt: skip
IDENTITIES = (VOCABULARY["I"], np.asarray, np.array, float, np.float64)


def rule_of(function: Any) -> Rule | None:
    """Return the derivative of a function of one argument, None where it is not known."""
    try:
        if function in RULES:
            return RULES[function]
    except TypeError:  # not hashable, so none of ours
        return None
    special = sys.modules.get("scipy.special")
    if isinstance(function, np.ufunc) and special is not None:
        name = function.__name__
        if name in OF_SCIPY and getattr(special, name, None) is function:
            return OF_SCIPY[name]
    return None


def power_slope(base: Any, exponent: Any, value: Any, of_base: Any, of_exponent: Any) -> Any:
    """The derivative of ``base ** exponent``; ``of_base``, ``of_exponent`` None where constant."""
    slope: Any = 0.0
    if of_base is not None:
        # x**0 is constant, also at zero; x**1 has slope one there
        inner = np.where(exponent == 0, 0.0, exponent * _powered(base, exponent))
        linear = np.ndim(exponent) == 0 and exponent in (0, 1)
        slope = (float(exponent) if linear else inner) * of_base
    if of_exponent is not None:
        zero = (base == 0) & (exponent > 0)
        slope = slope + np.where(zero, 0.0, value * np.log(np.where(zero, 1.0, base))) * of_exponent
    return slope


def _powered(base: Any, exponent: Any) -> FloatArray:
    """``base ** (exponent - 1)``."""
    less = np.asarray(exponent, dtype=np.float64) - 1.0
    return np.asarray(np.asarray(base, dtype=np.float64) ** less)
