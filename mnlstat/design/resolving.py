"""What the names in a piece of formula stand for."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.design import operations
from mnlstat.design.binding import Binding, assigned
from mnlstat.design.expression import Expression, Known, Read, View
from mnlstat.design.formula import QUOTE, FactorText, stateful
from mnlstat.design.hints import several_variables, unknown_name, unreadable
from mnlstat.design.scope import Outside
from mnlstat.design.underline import pointed
from mnlstat.design.vocabulary import FACTORS, VOCABULARY
from mnlstat.errors import FormulaError
from mnlstat.options import shown

MODULES: Mapping[str, Any] = {"np": np, "pd": pd}


def read_expression(
    text: FactorText, known: Known, resolver: type[Resolver] | None = None
) -> Expression:
    """Resolve the names of a factor.

    Raises
    ------
    FormulaError
        For bad syntax, unknown names and functions, and outside arrays that stand in for a
        column; the guilty part is underlined.
    """
    try:
        tree = ast.parse(text.text.strip(), mode="eval")
    except (SyntaxError, ValueError) as error:
        raise FormulaError(
            "formula-syntax", text.pointed(unreadable(text.text, error, known.column_names))
        ) from error
    resolving = (resolver or Resolver)(text, known)
    source = ast.unparse(resolving.resolved(tree.body))
    if not resolving.reads:
        raise FormulaError(
            "term-without-column", text.pointed(f"{text.name} reads no column of the data.")
        )
    return Expression(
        text,
        source,
        tuple(resolving.reads.values()),
        tuple(resolving.outside.values()),
        tuple(resolving.transforms),
    )


class Resolver(Binding):
    """Replaces names by placeholders and remembers what they stood for."""

    def __init__(self, text: FactorText, known: Known) -> None:
        super().__init__()
        self._text = text
        self._known = known
        self._is_argument = False
        self.reads: dict[tuple[str, View], Read] = {}
        self.outside: dict[str, Outside] = {}
        self.transforms: list[Callable[[], Any]] = []

    def resolved(self, body: ast.expr) -> ast.expr:
        """Return the tree with all names resolved."""
        self.bound = assigned(body)
        column = self._column_of(body)
        made = self._read(column, "bare") if column is not None else self.visit(body)
        return ast.fix_missing_locations(made)

    def visit_Name(self, node: ast.Name) -> Any:
        """Resolve a name that is not called."""
        name = node.id
        if name in self.bound:
            return node
        if name in self._known.columns:
            return self._read(name, "number")
        if name in self._known.scope:
            self._capture(node, self._known.scope[name])
        elif name in MODULES:
            self.outside[name] = Outside(name, MODULES[name])
        elif not self._is_known(name):
            raise self._error(
                node, "unknown-variable", unknown_name(name, self._known.column_names)
            )
        return node

    def _is_known(self, name: str) -> bool:
        spaces = (self.bound, self._known.columns, self._known.scope, MODULES, VOCABULARY)
        return any(name in space for space in spaces) or hasattr(builtins, name)

    def visit_Call(self, node: ast.Call) -> Any:
        """Resolve a call: Q, C, a stateful transform or any other function."""
        callee = self._callee(node.func)
        if callee is QUOTE:
            return self._read(self._quoted(node), "number")
        maker = stateful(callee)
        if maker is not None:
            self._check_one_variable(node, callee)
            func: ast.expr = ast.Name(f"_state_{len(self.transforms)}.transform", ast.Load())
            self.transforms.append(maker)
        else:
            func = self._function(node.func, callee)
        known = any(callee is value for value in VOCABULARY.values())
        ours = maker is not None or (callee is not None and known)
        args = [self._argument(arg, at, callee, ours) for at, arg in enumerate(node.args)]
        for keyword in node.keywords:
            keyword.value = self._argument(keyword.value, 1, callee, ours)
        return ast.Call(func, args, node.keywords)

    def _check_one_variable(self, node: ast.Call, callee: object) -> None:
        """Refuse a second variable of a transform of one."""
        more = [arg for arg in node.args[1:] if self._column_of(arg) is not None]
        if more and callee is not VOCABULARY["te"]:
            said = several_variables(ast.unparse(node.func))
            raise self._error(more[0], "transform-of-one", said)

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        """Resolve an operation; a power, R's caret, is not for two truth values."""
        made = self.generic_visit(node)
        if isinstance(node.op, ast.BitOr):
            return self._called(operations.either, node.left, node.right)
        if not isinstance(node.op, ast.Pow) or isinstance(node.right, ast.Constant):
            return made
        return self._called(operations.power, node.left, node.right)

    def visit_Compare(self, node: ast.Compare) -> Any:
        """Resolve a comparison; ``x in [1, 2]``, R's ``%in%``, is meant row by row."""
        made = self.generic_visit(node)
        if len(node.ops) > 1 or not isinstance(node.ops[0], ast.In | ast.NotIn):
            return made
        function = operations.member if isinstance(node.ops[0], ast.In) else operations.no_member
        return self._called(function, node.left, node.comparators[0])

    def _called(self, function: Callable[..., Any], *args: ast.expr) -> ast.expr:
        """Return a call of one of our own functions."""
        name = f"_{function.__name__}"
        self.outside[name] = Outside(name, function)
        return ast.Call(ast.Name(name, ast.Load()), list(args), [])

    def visit_Attribute(self, node: ast.Attribute | ast.Subscript) -> Any:
        """Resolve what stands before a dot, or before and within square brackets."""
        self._check_disguise(node, self._outside_value(node))
        root: ast.expr = node
        while isinstance(root, ast.Attribute):
            root = root.value
        if isinstance(root, ast.Name) and not self._is_known(root.id):
            said = unknown_name(ast.unparse(node), self._known.column_names)
            raise self._error(node, "unknown-variable", said)
        return self.generic_visit(node)

    visit_Subscript = visit_Attribute

    def _argument(self, arg: ast.expr, at: int, callee: object, ours: bool) -> Any:
        """Resolve an argument; what follows the data of a transform may be an outside array."""
        column = self._column_of(arg)
        if column is not None and at == 0 and any(callee is each for each in FACTORS):
            return self._read(column, "levels")
        if column is not None and stateful(callee) is not None:
            return self._read(column, "float")
        before = self._is_argument
        self._is_argument |= ours and (at > 0 or isinstance(callee, type))
        made = self.visit(arg)
        self._is_argument = before
        return made

    def _column_of(self, node: ast.expr) -> str | None:
        """Return the column that ``node`` names by itself, or None."""
        if isinstance(node, ast.Name) and node.id not in self.bound:
            return node.id if node.id in self._known.columns else None
        if isinstance(node, ast.Call) and self._callee(node.func) is QUOTE:
            return self._quoted(node)
        return None

    def _read(self, column: str, view: View) -> ast.Name:
        read = Read(f"_column_{len(self.reads)}", column, view)
        read = self.reads.setdefault((column, view), read)
        return ast.Name(read.placeholder, ast.Load())

    def _quoted(self, node: ast.Call) -> str:
        """Return the column named by ``Q("a name")``."""
        name = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
        if not isinstance(name, str):
            raise self._error(node, "quoted-name", "Q() takes the name of a column in quotes.")
        if name not in self._known.columns:
            raise self._error(
                node, "unknown-variable", unknown_name(name, self._known.column_names)
            )
        return name

    def _callee(self, func: ast.expr) -> Any:
        """Return the function that is called, where it can be known without data."""
        if isinstance(func, ast.Name) and func.id not in self.bound:
            name = func.id
            for space in (self._known.scope, VOCABULARY, vars(builtins)):
                if callable(space.get(name)):
                    return space[name]
        if isinstance(func, ast.Attribute):
            return self._outside_value(func)
        return None

    def _outside_value(self, node: ast.expr) -> Any:
        """Return what a name of the caller, or a part of it, stands for; None for anything else."""
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            ours = node.id in self.bound or node.id in self._known.columns
            return None if ours else self._known.scope.get(node.id, MODULES.get(node.id))
        if not isinstance(node, ast.Attribute | ast.Subscript):
            return None
        owner = self._outside_value(node.value)
        if owner is None:
            return None
        try:
            if isinstance(node, ast.Attribute):
                return getattr(owner, node.attr)
            key = self._outside_value(node.slice)
            return owner.get(key) if isinstance(owner, Mapping) else owner[key]
        except Exception:  # whatever the caller's object raises, it raises again when evaluated
            return None

    def _function(self, func: ast.expr, callee: object) -> Any:
        """Resolve the function of an ordinary call."""
        if not isinstance(func, ast.Name) or func.id in self.bound:
            return self.visit(func)
        name = func.id
        if callee is None:
            if name in self._known.columns:
                raise self._error(
                    func,
                    "not-a-function",
                    f"{shown(name)} is a column of the data, not a function.",
                )
            raise self._error(
                func, "unknown-function", unknown_name(name, self._known.column_names, called=True)
            )
        if self._known.scope.get(name) is callee:
            self.outside[name] = Outside.capture(name, callee)
        return func

    def _capture(self, node: ast.Name, value: Any) -> None:
        """Keep an outside value, unless it is a column in disguise."""
        self._check_disguise(node, value)
        self.outside[node.id] = Outside.capture(node.id, value)

    def _check_disguise(self, node: ast.expr, value: Any) -> None:
        """Refuse an outside array that stands in for a column."""
        if not self._is_argument and _length(value) in self._known.row_counts:
            raise self._error(
                node,
                "outside-array",
                f"{shown(ast.unparse(node))} is not a column of the data but"
                f" {shown(type(value).__name__)} of the same length from outside; add it to the"
                " data.",
            )

    def _error(self, node: ast.expr, code: str, message: str) -> FormulaError:
        """Underline a node; offsets of the tree count bytes, the formula has characters."""
        text = self._text.text
        blanks = len(text) - len(text.lstrip())
        raw = text.strip().encode()
        start, stop = (
            self._text.start + blanks + len(raw[:byte].decode())
            for byte in (node.col_offset, node.end_col_offset or node.col_offset + 1)
        )
        return FormulaError(code, pointed(message, self._text.formula, start, stop))


def _length(value: Any) -> int | None:
    """Return the number of rows of an array-like; None for scalars, text, dicts, functions."""
    if isinstance(value, str | bytes | dict) or callable(value) or not hasattr(value, "__len__"):
        return None
    if isinstance(value, Sequence):
        return len(value)
    # of what only looks like a sequence, np.c_, numpy would fetch items without end
    is_array = hasattr(value, "ndim") or hasattr(value, "__array__")
    return len(value) if is_array and np.ndim(value) > 0 else None
