"""The derivative of a piece of formula, by forward differentiation along its syntax tree.

What is not known, such as a function of the caller, is differentiated by differences: it alone,
what stands around it exactly.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray
from mnlstat.design import operations
from mnlstat.design.differences import richardson
from mnlstat.design.elementary import (
    IDENTITIES,
    LINEAR_FUNCTIONS,
    STEP_FUNCTIONS,
    power_slope,
    rule_of,
)
from mnlstat.design.expression import Expression
from mnlstat.design.transform_slopes import is_multilinear, transform_slope
from mnlstat.design.vocabulary import VOCABULARY


class UnknownDerivative(Exception):
    """The rules do not cover a piece of code."""


@dataclass(frozen=True, eq=False)
class Moving:
    """A value and its derivative, which is None where it does not depend on the column.

    A derivative that is the same in all rows whatever they are has no row dimension.
    """

    value: Any
    slope: Any = None


class Forward:
    """Evaluates an expression with its derivative in one column.

    Parameters
    ----------
    views : mapping
        What the placeholders of columns stand for.
    moving : placeholders of the column that moves
    direction : {1, -1}
        At a kink the derivative is that on the right, or on the left.

    Attributes
    ----------
    steps : bool
        Something jumps, and is constant between.
    touched : bool
        A row is at a kink, so that the other direction may give another derivative.
    error : float
        Of differences, relative to the largest derivative; 0 where none were needed.
    """

    def __init__(
        self,
        expression: Expression,
        states: Sequence[Any],
        views: Mapping[str, Any],
        moving: frozenset[str],
        direction: float = 1.0,
    ) -> None:
        self.space: dict[str, Any] = {"__builtins__": builtins, **VOCABULARY, **views}
        self.space |= {each.name: each.value for each in expression.outside}
        self.space |= {f"_state_{at}": state for at, state in enumerate(states)}
        self._states = states
        self.moving = moving
        self.direction = direction
        self.steps = self.touched = False
        self.error = 0.0

    def of(self, source: str) -> Moving:
        """Return value and derivative of the code."""
        tree = ast.parse(source, mode="eval").body
        if any(isinstance(node, ast.NamedExpr) for node in ast.walk(tree)):
            return self._by_differences(tree)
        return self.visit(tree)

    def visit(self, node: ast.expr) -> Moving:
        """Return value and derivative of a piece of the code."""
        if not self._moves(node):
            return Moving(self._evaluated(node))
        rule = getattr(self, f"_{type(node).__name__.lower()}", None)
        if rule is not None:
            try:
                found: Moving = rule(node)
                return found
            except UnknownDerivative:
                pass
        return self._by_differences(node)

    def _moves(self, node: ast.AST) -> bool:
        return any(isinstance(each, ast.Name) and each.id in self.moving for each in ast.walk(node))

    def _evaluated(self, node: ast.expr, **views: Any) -> Any:
        code = compile(ast.fix_missing_locations(ast.Expression(node)), "<formula>", "eval")
        return eval(code, self.space | views)

    def _name(self, node: ast.Name) -> Moving:
        return Moving(self.space[node.id], self.direction)

    def _unaryop(self, node: ast.UnaryOp) -> Moving:
        inner = self.visit(node.operand)
        if isinstance(node.op, ast.USub):
            return Moving(-inner.value, -inner.slope)
        if isinstance(node.op, ast.UAdd):
            return Moving(+inner.value, inner.slope)
        self.steps = True
        return Moving(self._evaluated(node), 0.0)

    def _binop(self, node: ast.BinOp) -> Moving:
        function = OPERATIONS.get(type(node.op))
        if function is None:
            raise UnknownDerivative
        return function(self, self.visit(node.left), self.visit(node.right))

    def _compare(self, node: ast.Compare) -> Moving:
        self.steps = True
        return Moving(self._evaluated(node), 0.0)

    def _subscript(self, node: ast.Subscript) -> Moving:
        """Columns of an array."""
        if self._moves(node.slice):
            raise UnknownDerivative
        key = ast.Subscript(ast.Name("_key", ast.Load()), node.slice, ast.Load())
        inner, at = self.visit(node.value), self._evaluated(key, _key=np.s_)
        same = np.shape(inner.slope) == np.shape(inner.value)
        columns = isinstance(at, tuple) and len(at) == 2 and at[0] == slice(None)
        if not (isinstance(inner.value, np.ndarray) and same and columns):
            raise UnknownDerivative
        return Moving(inner.value[at], inner.slope[at])

    def _attribute(self, node: ast.Attribute) -> Moving:
        if node.attr != "values":
            raise UnknownDerivative
        inner = self.visit(node.value)
        return Moving(inner.value.values, inner.slope)

    def _still(self, node: ast.expr) -> Any:
        if self._moves(node):
            raise UnknownDerivative
        return self._evaluated(node)

    def _call(self, node: ast.Call) -> Moving:
        state = self._state(node.func)
        if state is not None:
            return self._transformed(node, state)
        if isinstance(node.func, ast.Attribute) and self._moves(node.func):
            return self._method(node, node.func)
        function = self._still(node.func)
        if any(isinstance(arg, ast.Starred) for arg in node.args):
            raise UnknownDerivative
        return self._function(node, function)

    def _function(self, node: ast.Call, function: Any) -> Moving:
        if _among(function, STEP_FUNCTIONS):
            self.steps = True
            return Moving(self._evaluated(node), 0.0)
        if _is(function, VOCABULARY["log"]) and len(node.args) + len(node.keywords) == 2:
            return self._log_to_base(node)
        if node.keywords:
            raise UnknownDerivative
        if (several := _several(function)) is not None and len(node.args) == several[0]:
            return several[1](self, *(self.visit(arg) for arg in node.args))
        if len(node.args) != 1:
            raise UnknownDerivative
        rule = rule_of(function)
        linear = _among(function, LINEAR_FUNCTIONS)
        if rule is None and not linear and not _among(function, IDENTITIES):
            raise UnknownDerivative
        inner = self.visit(node.args[0])
        value = function(inner.value)
        if rule is not None:
            u, v = _array(inner.value), _array(value)
            return Moving(value, _array(rule(u, v)) * inner.slope)
        return Moving(value, function(inner.slope) if linear else inner.slope)

    def _log_to_base(self, node: ast.Call) -> Moving:
        base = node.args[1] if len(node.args) == 2 else node.keywords[0].value
        to = self._still(base)
        inner = self.visit(node.args[0])
        value = VOCABULARY["log"](inner.value, to)
        per = 1.0 if to is None else np.log(to)
        return Moving(value, inner.slope / (_array(inner.value) * per))

    def _method(self, node: ast.Call, func: ast.Attribute) -> Moving:
        """A method of a column."""
        if func.attr not in ("abs", "pow", "to_numpy", "clip", "round") or node.keywords:
            raise UnknownDerivative
        if func.attr == "round":
            self.steps = True
            return Moving(self._evaluated(node), 0.0)
        inner = self.visit(func.value)
        args = [self.visit(arg) for arg in node.args]
        if func.attr == "abs":
            return absolute(self, inner)
        if func.attr == "pow" and len(args) == 1:
            return power(self, inner, args[0])
        if func.attr == "to_numpy" and not args:
            return Moving(inner.value.to_numpy(), inner.slope)
        if func.attr == "clip" and len(args) == 2:
            return smaller(self, larger(self, inner, args[0]), args[1])
        raise UnknownDerivative

    def _state(self, func: ast.expr) -> Any:
        """The transform that is called, None where it is none."""
        if not (isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name)):
            return None
        return self.space.get(func.value.id) if func.value.id.startswith("_state_") else None

    def _transformed(self, node: ast.Call, state: Any) -> Moving:
        args = [self.visit(arg) for arg in node.args]
        given = {str(each.arg): self.visit(each.value) for each in node.keywords}
        values = [arg.value for arg in args]
        told = {name: each.value for name, each in given.items()}
        if is_multilinear(state):
            return self._product_of_bases(state, args, told)
        inner = args[0] if args else given["x"]
        others = [*args[1:], *(each for name, each in given.items() if args or name != "x")]
        if inner.slope is None or any(each.slope is not None for each in others):
            raise UnknownDerivative
        found = transform_slope(state, values, told, inner.slope)
        if found is None:
            raise UnknownDerivative
        self.steps |= found.steps
        self.touched |= found.kinks is not None and bool(found.kinks.any())
        return Moving(state.transform(*values, **told), found.slope)

    def _product_of_bases(self, state: Any, args: Sequence[Moving], told: Any) -> Moving:
        """``te()`` is linear in each basis, so that each is exchanged for its derivative."""
        values = [arg.value for arg in args]
        slope: Any = 0.0
        for at, arg in enumerate(args):
            if arg.slope is None:
                continue
            its = np.broadcast_to(arg.slope, np.shape(arg.value))
            slope = slope + state.transform(*values[:at], its, *values[at + 1 :], **told)
        return Moving(state.transform(*values, **told), slope)

    def _by_differences(self, node: ast.expr) -> Moving:
        """Move the column by small steps, in this piece of code alone."""
        value = self._evaluated(node)
        column = next(iter(self.space[name] for name in self.moving))
        x = np.asarray(column, dtype=np.float64)

        def moved(shifted: FloatArray) -> Any:
            series = pd.Series(shifted, index=column.index, name=column.name)
            return self._evaluated(node, **dict.fromkeys(self.moving, series))

        slope, error = richardson(moved, x)
        if slope.shape != np.shape(value):
            raise UnknownDerivative
        size = float(np.abs(slope).max(initial=0.0, where=np.isfinite(slope)))
        self._check_differences(slope, error, _array(value), size)
        return Moving(value, slope * self.direction)

    def _check_differences(
        self, slope: FloatArray, error: FloatArray, value: FloatArray, size: float
    ) -> None:
        present = ~np.isnan(value)
        off = float(error.max(initial=0.0, where=present))
        if size == 0.0:
            varies = value.size and np.ptp(value[present]) > 0 if present.any() else False
            self.steps |= bool(varies)
            off, size = (0.0, 1.0) if off < np.inf else (off, 1.0)
        self.error = max(self.error, off / size, np.finfo(float).eps)


def _array(value: Any) -> Any:
    return np.asarray(value, dtype=np.float64) if np.ndim(value) else value


def _is(one: Any, other: Any) -> bool:
    return one is other


def _among(function: Any, functions: Sequence[Any]) -> bool:
    return any(function is each for each in functions)


def add(run: Forward, one: Moving, other: Moving) -> Moving:
    """``one + other``."""
    return Moving(one.value + other.value, _sum(one.slope, other.slope))


def subtract(run: Forward, one: Moving, other: Moving) -> Moving:
    """``one - other``."""
    less = None if other.slope is None else -other.slope
    return Moving(one.value - other.value, _sum(one.slope, less))


def _sum(one: Any, other: Any) -> Any:
    if one is None or other is None:
        return other if one is None else one
    return one + other


def multiply(run: Forward, one: Moving, other: Moving) -> Moving:
    """``one * other``."""
    of_one = None if one.slope is None else one.slope * _array(other.value)
    of_other = None if other.slope is None else other.slope * _array(one.value)
    return Moving(one.value * other.value, _sum(of_one, of_other))


def divide(run: Forward, one: Moving, other: Moving) -> Moving:
    """``one / other``."""
    value = one.value / other.value
    of_one = None if one.slope is None else one.slope / _array(other.value)
    of_other = None
    if other.slope is not None:
        of_other = -_array(value) / _array(other.value) * other.slope
    return Moving(value, _sum(of_one, of_other))


def power(run: Forward, one: Moving, other: Moving) -> Moving:
    """``one ** other``."""
    value = operations.power(one.value, other.value)
    base, exponent = _array(one.value), _array(other.value)
    return Moving(value, power_slope(base, exponent, _array(value), one.slope, other.slope))


def remainder(run: Forward, one: Moving, other: Moving) -> Moving:
    """``one % other``, which jumps where it begins anew."""
    run.steps = True
    value = one.value % other.value
    whole = np.floor_divide(_array(one.value), _array(other.value))
    less = None if other.slope is None else -whole * other.slope
    return Moving(value, _sum(one.slope, less))


def whole_part(run: Forward, one: Moving, other: Moving) -> Moving:
    """``one // other``."""
    run.steps = True
    return Moving(one.value // other.value, 0.0)


def absolute(run: Forward, inner: Moving) -> Moving:
    """``abs(inner)``; at zero the slope in the direction of moving."""
    u = _array(inner.value)
    zero = u == 0
    run.touched |= bool(np.any(zero))
    return Moving(abs(inner.value), np.where(zero, np.abs(inner.slope), np.sign(u) * inner.slope))


def larger(run: Forward, one: Moving, other: Moving) -> Moving:
    """``np.maximum(one, other)``; of equal ones that which grows more."""
    return _extreme(run, one, other, np.maximum, 1.0)


def smaller(run: Forward, one: Moving, other: Moving) -> Moving:
    """``np.minimum(one, other)``."""
    return _extreme(run, one, other, np.minimum, -1.0)


def _extreme(run: Forward, one: Moving, other: Moving, function: Any, sign: float) -> Moving:
    ahead = sign * (_array(one.value) - _array(other.value))
    slopes = [0.0 if each.slope is None else each.slope for each in (one, other)]
    tie = ahead == 0
    run.touched |= bool(np.any(tie))
    first = np.where(tie, sign * (slopes[0] - slopes[1]) > 0, ahead > 0)
    return Moving(function(one.value, other.value), np.where(first, *slopes))


def chosen(run: Forward, condition: Moving, one: Moving, other: Moving) -> Moving:
    """``np.where(condition, one, other)``."""
    slopes = [0.0 if each.slope is None else each.slope for each in (one, other)]
    value = np.where(condition.value, one.value, other.value)
    return Moving(value, np.where(np.asarray(condition.value, dtype=bool), *slopes))


def clipped(run: Forward, inner: Moving, low: Moving, high: Moving) -> Moving:
    """``np.clip(inner, low, high)``."""
    return smaller(run, larger(run, inner, low), high)


OPERATIONS: dict[type, Callable[[Forward, Moving, Moving], Moving]] = {
    ast.Add: add, ast.Sub: subtract, ast.Mult: multiply, ast.Div: divide, ast.Pow: power,
    ast.Mod: remainder, ast.FloorDiv: whole_part,
}  # fmt: skip
FUNCTIONS: tuple[tuple[Any, int, Callable[..., Moving]], ...] = (
    (np.add, 2, add), (np.subtract, 2, subtract), (np.multiply, 2, multiply),
    (np.divide, 2, divide), (np.power, 2, power), (np.float_power, 2, power),
    (operations.power, 2, power), (np.maximum, 2, larger), (np.minimum, 2, smaller),
    (np.fmax, 2, larger), (np.fmin, 2, smaller), (np.where, 3, chosen), (np.clip, 3, clipped),
    (np.abs, 1, absolute), (abs, 1, absolute), (np.fabs, 1, absolute),
)  # fmt: skip


def _several(function: Any) -> tuple[int, Callable[..., Moving]] | None:
    return next(((n, rule) for each, n, rule in FUNCTIONS if each is function), None)
