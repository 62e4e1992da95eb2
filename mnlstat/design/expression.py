"""A piece of formula as code that can be evaluated on any block of data.

Names of data columns, calls of stateful transforms and names of the caller's scope are found in
the syntax tree and replaced by placeholders, so that the code is plain text and what it needs
is listed beside it.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd

from mnlstat.design.binding import Binding, assigned
from mnlstat.design.formula import CATEGORICAL, QUOTE, VOCABULARY, FactorText, stateful
from mnlstat.design.hints import unknown_name, unreadable
from mnlstat.design.scope import Outside
from mnlstat.design.underline import pointed
from mnlstat.errors import FormulaError
from mnlstat.options import shown

View: TypeAlias = Literal["bare", "levels", "float", "number"]
MODULES: Mapping[str, Any] = {"np": np, "pd": pd}


@dataclass(frozen=True)
class Read:
    """A data column that the code reads: as it is, as a factor, as floats, or as its numbers."""

    placeholder: str
    column: str
    view: View


@dataclass(frozen=True, eq=False)
class Expression:
    """Code with what it reads.

    ``source`` is what is evaluated; ``transforms`` makes the states that fill ``_state_0``,
    ``_state_1``, ... in the order in which they are listed.
    """

    text: FactorText
    source: str
    reads: tuple[Read, ...]
    outside: tuple[Outside, ...]
    transforms: tuple[Callable[[], Any], ...]

    @property
    def bare_column(self) -> str | None:
        """The column when the expression is nothing but a column."""
        return self.reads[0].column if self.reads and self.reads[0].view == "bare" else None

    @property
    def column(self) -> str | None:
        """The column when the expression is a column, or C() of one; what errors name."""
        alone = len(self.reads) == 1 and self.reads[0].view in ("bare", "levels")
        return self.reads[0].column if alone else None


@dataclass(frozen=True)
class Known:
    """What names can mean: data columns, and the caller's scope.

    ``row_counts`` are the lengths that mark an outside array as a column in disguise.
    """

    columns: Container[str]
    column_names: tuple[str, ...]
    scope: Mapping[str, Any]
    row_counts: frozenset[int]


def read_expression(text: FactorText, known: Known) -> Expression:
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
            "formula-syntax", text.pointed(unreadable(text.text, error, known.columns))
        ) from error
    resolver = _Resolver(text, known)
    source = ast.unparse(resolver.resolved(tree.body))
    if not resolver.reads:
        raise FormulaError(
            "term-without-column", text.pointed(f"{text.name} reads no column of the data.")
        )
    return Expression(
        text,
        source,
        tuple(resolver.reads.values()),
        tuple(resolver.outside.values()),
        tuple(resolver.transforms),
    )


class _Resolver(Binding):
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
        elif name not in VOCABULARY and not hasattr(builtins, name):
            raise self._error(
                node, "unknown-variable", unknown_name(name, self._known.column_names)
            )
        return node

    def visit_Call(self, node: ast.Call) -> Any:
        """Resolve a call: Q, C, a stateful transform or any other function."""
        callee = self._callee(node.func)
        if callee is QUOTE:
            return self._read(self._quoted(node), "number")
        maker = stateful(callee)
        if maker is not None:
            func: ast.expr = ast.Name(f"_state_{len(self.transforms)}.transform", ast.Load())
            self.transforms.append(maker)
        else:
            func = self._function(node.func, callee)
        ours = maker is not None or any(callee is value for value in VOCABULARY.values())
        args = [self._argument(arg, at, callee, ours) for at, arg in enumerate(node.args)]
        for keyword in node.keywords:
            keyword.value = self._argument(keyword.value, 1, callee, ours)
        return ast.Call(func, args, node.keywords)

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        """Resolve what stands before a dot."""
        self._check_disguise(node, self._outside_value(node))
        return self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        """Resolve what stands before and within square brackets."""
        self._check_disguise(node, self._outside_value(node))
        return self.generic_visit(node)

    def _argument(self, arg: ast.expr, at: int, callee: object, ours: bool) -> Any:
        """Resolve an argument; what follows the data of a transform may be an outside array."""
        column = self._column_of(arg)
        if column is not None and callee is CATEGORICAL and at == 0:
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
    return len(value) if isinstance(value, list | tuple) or np.ndim(value) > 0 else None
