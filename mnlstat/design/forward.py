"""The derivative of a piece of formula, by forward differentiation along its syntax tree.

What is not known, such as a function of the caller, is differentiated by differences: it alone,
what stands around it exactly.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.design.differences import jumps, richardson
from mnlstat.design.elementary import IDENTITIES, LINEAR_FUNCTIONS, STEP_FUNCTIONS, rule_of
from mnlstat.design.expression import Expression
from mnlstat.design.moved_code import MovedCode
from mnlstat.design.moving import (
    OPERATIONS,
    Moving,
    Notes,
    UnknownDerivativeError,
    absolute,
    larger,
    numbers,
    power,
    rule_of_several,
    smaller,
    truths,
)
from mnlstat.design.transform_slopes import is_multilinear, transform_slope
from mnlstat.design.vocabulary import VOCABULARY

METHODS = ("abs", "astype", "clip", "pow", "round", "to_numpy")


class Forward(MovedCode):
    """Evaluates an expression with its derivative in one column.

    Parameters
    ----------
    expression, states
    views : mapping
        What the placeholders of columns stand for.
    moving : placeholders of the column that moves
    direction : {1, -1}
        At a kink the derivative is that on the right, or on the left.
    """

    def __init__(
        self,
        expression: Expression,
        states: Sequence[Any],
        views: Mapping[str, Any],
        moving: frozenset[str],
        direction: float = 1.0,
    ) -> None:
        super().__init__(expression, states, views, moving)
        self.direction = direction
        self.notes = Notes()

    def of_whole(self) -> Moving:
        """Return value and derivative of the code."""
        tree = self.whole
        if any(isinstance(node, ast.NamedExpr) for node in ast.walk(tree)):
            return self._by_differences(tree)
        return self.visit(tree)

    def visit(self, node: ast.expr) -> Moving:
        """Return value and derivative of a piece of the code."""
        if not self.moves(node):
            return Moving(self.evaluated(node))
        rule = getattr(self, f"_{type(node).__name__.lower()}", None)
        if rule is not None:
            try:
                found: Moving = rule(node)
                return found
            except UnknownDerivativeError:
                pass
        return self._by_differences(node)

    def _name(self, node: ast.Name) -> Moving:
        return Moving(self.space[node.id], self.direction)

    def _unaryop(self, node: ast.UnaryOp) -> Moving:
        inner = self.visit(node.operand)
        if isinstance(node.op, ast.USub):
            return Moving(-inner.value, -inner.slope)
        if isinstance(node.op, ast.UAdd):
            return Moving(+inner.value, inner.slope)
        if not isinstance(node.op, ast.Invert):
            raise UnknownDerivativeError
        return Moving(~truths(inner.value), 0.0)

    def _binop(self, node: ast.BinOp) -> Moving:
        function = OPERATIONS.get(type(node.op))
        if function is None:
            raise UnknownDerivativeError
        return function(self.notes, self.visit(node.left), self.visit(node.right))

    def _compare(self, node: ast.Compare) -> Moving:
        """A comparison: no step where all that it is a part of is continuous, a hinge.

        In rows at the edge it is then what it is on the side to which the column moves.
        """
        edge = self.edge(node)
        if edge is None or self.jumps(edge):
            self.notes.steps = True
            return Moving(self.evaluated(node), 0.0)
        x = self.numbers()
        if (tie := x == edge).any():
            self.notes.touched = True
            x = np.where(tie, np.nextafter(x, np.inf * self.direction), x)
        return Moving(self.moved(node, x), 0.0)

    def _subscript(self, node: ast.Subscript) -> Moving:
        """Columns of an array."""
        if self.moves(node.slice):
            raise UnknownDerivativeError
        key = ast.Subscript(ast.Name("_key", ast.Load()), node.slice, ast.Load())
        inner, at = self.visit(node.value), self.evaluated(key, _key=np.s_)
        same = np.shape(inner.slope) == np.shape(inner.value)
        columns = isinstance(at, tuple) and len(at) == 2 and at[0] == slice(None)
        if not (isinstance(inner.value, np.ndarray) and same and columns):
            raise UnknownDerivativeError
        return Moving(inner.value[at], inner.slope[at])

    def _attribute(self, node: ast.Attribute) -> Moving:
        if node.attr != "values":
            raise UnknownDerivativeError
        inner = self.visit(node.value)
        return Moving(inner.value.values, inner.slope)

    def _still(self, node: ast.expr) -> Any:
        if self.moves(node):
            raise UnknownDerivativeError
        return self.evaluated(node)

    def _call(self, node: ast.Call) -> Moving:
        state = self._state(node.func)
        if state is not None:
            return self._transformed(node, state)
        if isinstance(node.func, ast.Attribute) and self.moves(node.func):
            return self._method(node, node.func)
        function = self._still(node.func)
        if any(isinstance(arg, ast.Starred) for arg in node.args):
            raise UnknownDerivativeError
        return self._function(node, function)

    def _function(self, node: ast.Call, function: Any) -> Moving:
        if _among(function, STEP_FUNCTIONS):
            self.notes.steps = True
            return Moving(self.evaluated(node), 0.0)
        if function is VOCABULARY["log"] and len(node.args) + len(node.keywords) == 2:
            return self._log_to_base(node)
        if node.keywords:
            raise UnknownDerivativeError
        if (several := rule_of_several(function)) is not None and len(node.args) == several[0]:
            return several[1](self.notes, *(self.visit(arg) for arg in node.args))
        if len(node.args) != 1:
            raise UnknownDerivativeError
        rule = rule_of(function)
        linear = _among(function, LINEAR_FUNCTIONS)
        if rule is None and not linear and not _among(function, IDENTITIES):
            raise UnknownDerivativeError
        inner = self.visit(node.args[0])
        value = function(inner.value)
        if rule is not None:
            u, v = numbers(inner.value), numbers(value)
            return Moving(value, numbers(rule(u, v)) * inner.slope)
        return Moving(value, function(inner.slope) if linear else inner.slope)

    def _log_to_base(self, node: ast.Call) -> Moving:
        base = node.args[1] if len(node.args) == 2 else node.keywords[0].value
        to = self._still(base)
        inner = self.visit(node.args[0])
        value = VOCABULARY["log"](inner.value, to)
        per = 1.0 if to is None else np.log(to)
        return Moving(value, inner.slope / (numbers(inner.value) * per))

    def _method(self, node: ast.Call, func: ast.Attribute) -> Moving:
        """A method of a column."""
        if func.attr not in METHODS or node.keywords:
            raise UnknownDerivativeError
        if func.attr == "round":
            self.notes.steps = True
            return Moving(self.evaluated(node), 0.0)
        inner = self.visit(func.value)
        if func.attr == "astype":
            return self._as_float(inner, node.args)
        args = [self.visit(arg) for arg in node.args]
        if func.attr == "abs":
            return absolute(self.notes, inner)
        if func.attr == "pow" and len(args) == 1:
            return power(self.notes, inner, args[0])
        if func.attr == "to_numpy" and not args:
            return Moving(inner.value.to_numpy(), inner.slope)
        if func.attr == "clip" and len(args) == 2:
            return smaller(self.notes, larger(self.notes, inner, args[0]), args[1])
        raise UnknownDerivativeError

    def _as_float(self, inner: Moving, args: Sequence[ast.expr]) -> Moving:
        kind = self._still(args[0]) if len(args) == 1 else None
        if kind not in (float, np.float64, "float", "float64"):
            raise UnknownDerivativeError
        return Moving(inner.value.astype(np.float64), inner.slope)

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
            raise UnknownDerivativeError
        found = transform_slope(state, values, told, inner.slope)
        if found is None:
            raise UnknownDerivativeError
        self.notes.steps |= found.steps
        self.notes.touched |= found.kinks is not None and bool(found.kinks.any())
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
        for each in ast.walk(node):
            if isinstance(each, ast.Compare) and self.moves(each):
                edge = self.edge(each)
                self.notes.steps |= edge is None or self.jumps(edge)
        value = self.evaluated(node)

        def moved(x: FloatArray) -> Any:
            try:
                return self.moved(node, x)
            except Exception:  # whatever it raises beyond its domain; a smaller step may be within
                return np.full(np.shape(value), np.nan)

        slope, error = richardson(moved, self.numbers())
        if slope.shape != np.shape(value) or not np.isfinite(error).any():
            raise UnknownDerivativeError
        self._judge(slope, error, numbers(value))
        self.notes.steps = self.notes.steps or jumps(moved, self.numbers())
        return Moving(value, slope * self.direction)

    def _judge(self, slope: FloatArray, error: FloatArray, value: FloatArray) -> None:
        """Note how accurate differences are; all zero, of what varies, they stand for steps."""
        present = np.isfinite(value) & np.isfinite(error)
        if not present.any():
            return
        size = float(np.abs(slope[present]).max())
        self.notes.steps |= size == 0.0 and float(np.ptp(value[present])) > 0.0
        off = float(error[present].max()) / (size or 1.0)
        self.notes.error = max(self.notes.error, off, float(np.finfo(np.float64).eps))


def _among(function: Any, functions: Sequence[Any]) -> bool:
    return any(function is each for each in functions)
