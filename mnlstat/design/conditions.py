"""Conditions on rows, ``age > 30 & region == 'north'``, in the language of formulas."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray
from mnlstat.design import operations
from mnlstat.design.column import EVERY, Integers
from mnlstat.design.condition_hints import IS, IS_MISSING, unreadable_condition
from mnlstat.design.dialect import in_python
from mnlstat.design.evaluate import Block, value_of
from mnlstat.design.expression import Expression, Known, Read
from mnlstat.design.formula import FactorText
from mnlstat.design.moments import moments
from mnlstat.design.resolving import Resolver, read_expression
from mnlstat.design.rowwise import depends_on_other_rows
from mnlstat.design.sides import on_one_line
from mnlstat.design.underline import first_line, pointed
from mnlstat.design.used import read_used
from mnlstat.design.whole import Value, settled
from mnlstat.errors import FormulaError, MnlstatError


class _Conditional(Resolver):
    """Resolves names, and makes three-valued logic of comparisons, and, or, not."""

    def visit_Compare(self, node: ast.Compare) -> Any:
        """Compare entry by entry; ``1 < x < 3`` is both."""
        for op, operand in zip(node.ops, node.comparators, strict=True):
            self._check_comparison(node, op, operand)
        operands = [self.visit(each) for each in (node.left, *node.comparators)]
        pairs = zip(node.ops, operands, operands[1:], strict=False)
        made = [
            self._called(operations.compared, ast.Constant(type(op).__name__), *two)
            for op, *two in pairs
        ]
        return made[0] if len(made) == 1 else self._called(operations.every, *made)

    def _check_comparison(self, node: ast.Compare, op: ast.cmpop, operand: ast.expr) -> None:
        """Refuse ``is``, and what is equal to nothing."""
        none = isinstance(operand, ast.Constant) and operand.value is None
        none = none or (isinstance(operand, ast.Name) and operand.id == "NULL")
        if none and isinstance(op, ast.Is | ast.IsNot | ast.Eq | ast.NotEq):
            raise self._error(node, "subset-condition", f"{IS_MISSING}.")
        if isinstance(op, ast.Is | ast.IsNot):
            raise self._error(node, "subset-condition", f"{IS}.")

    def visit_BoolOp(self, node: ast.BoolOp) -> Any:
        """``and``, ``or``."""
        values = [self.visit(each) for each in node.values]
        both = isinstance(node.op, ast.And)
        return self._called(operations.every if both else operations.some, *values)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:
        """``not`` and ``~``."""
        if isinstance(node.op, ast.Not | ast.Invert):
            return self._called(operations.negated, self.visit(node.operand))
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> Any:
        """``isin(x, values)``, ``x.isin(values)``, ``isna(x)``; all else as in formulas."""
        match node.func:
            case ast.Attribute(value=value, attr="isin" | "isna" as name):
                return self._named(node, name, [value, *node.args])
            case ast.Name(id="isin" | "isna" as name):
                return self._named(node, name, node.args)
        return super().visit_Call(node)

    def _named(self, node: ast.Call, name: str, args: Sequence[ast.expr]) -> ast.expr:
        made = [self.visit(each) for each in args]
        if node.keywords or len(made) != (2 if name == "isin" else 1):
            wanted = "isin(x, [...])" if name == "isin" else "isna(x)"
            raise self._error(node, "subset-condition", f"write {wanted}.")
        if name == "isna":
            return self._called(operations.isna, *made)
        return self._called(operations.compared, ast.Constant("In"), *made)


@dataclass(frozen=True, eq=False)
class _Rows(Block):
    """Rows of data, also those that miss something."""

    def view(self, read: Read) -> Any:
        """Return a column with its missing values."""
        column = self.columns[read.column]
        integers = "float" if read.view == "float" else self.integers
        series = column.series(self.rows, self.index, integers)
        missing = None if column.missing is None else column.missing[self.rows]
        if missing is None or column.kind not in ("integer", "bool"):
            return series
        return series.astype(object).mask(missing)


@dataclass(frozen=True, eq=False)
class Condition:
    """Which rows of a table are meant.

    Attributes
    ----------
    text : str
        As it was written.
    """

    text: str
    expression: Expression

    @property
    def names(self) -> tuple[str, ...]:
        """Columns that it reads."""
        return tuple(dict.fromkeys(read.column for read in self.expression.reads))

    def holds(self, frame: Any, *, by_row: bool = False) -> tuple[BoolArray, BoolArray]:
        """Return in which rows it is true, and in which missing.

        Raises
        ------
        FormulaError
            When it cannot be evaluated, is neither true nor false, or, with ``by_row``, when rows
            by themselves give something else than among all.
        """
        block = self._block(frame)
        value = _truths(self.expression, block, ())
        if by_row and depends_on_other_rows(self.expression, (), value, block, _truths):
            raise self._refused(
                f"{self.text} depends on other rows, which are never together when data are read"
                " in pieces"
            )
        return value == 1.0, np.isnan(value)

    def mixes_rows(self, frame: Any) -> bool:
        """Whether it depends on other rows, as ``x > x.mean()`` does."""
        block = self._block(frame)
        value = _truths(self.expression, block, ())
        return depends_on_other_rows(self.expression, (), value, block, _truths)

    def _block(self, frame: Any) -> _Rows:
        """All rows, with dates and times, which a formula could not use."""
        dates = {name: moments(name, frame[name]) for name in self.names if _once(name, frame)}
        others = read_used(frame, [name for name in self.names if dates.get(name) is None])
        found = {name: dates.get(name) or others[name] for name in self.names}
        return _Rows(found, EVERY, frame.index)

    def _refused(self, said: str) -> FormulaError:
        return FormulaError("subset-condition", self.expression.text.pointed(f"subset: {said}."))


def _once(name: str, frame: Any) -> bool:
    return name in frame.columns and frame[name].ndim == 1


def read_condition(
    text: str, columns: Sequence[Any], scope: Mapping[str, Any], counts: frozenset[int]
) -> Condition:
    """Resolve the names of a condition, ``counts`` being lengths that mark a column from outside.

    Raises
    ------
    FormulaError
        For bad syntax, unknown names, and transforms that learn from data.

    Examples
    --------
    >>> import pandas as pd
    >>> from mnlstat.design.conditions import read_condition
    >>> frame = pd.DataFrame({"age": [20, 40, None], "g": ["a", "b", "b"]})
    >>> condition = read_condition("age > 30 & g == 'b'", frame.columns, {}, frozenset())
    >>> condition.holds(frame)[0]
    array([False,  True, False])
    """
    line = on_one_line(text)
    if not line:
        raise FormulaError(
            "subset-condition", "subset: the condition is empty; write for example 'age > 30'."
        )
    code = in_python(line, columns, logical=True)
    names = tuple(name for name in columns if isinstance(name, str))
    known = Known(frozenset(names), names, scope, counts)
    try:
        expression = read_expression(FactorText(line, code, 0, len(code)), known, _Conditional)
    except FormulaError as error:
        raise _unreadable(line, error) from error
    if expression.transforms:
        said = "subset: a condition cannot learn from the data; make a column of it."
        raise FormulaError("subset-condition", expression.text.pointed(said))
    return Condition(line, expression)


def _unreadable(line: str, error: FormulaError) -> FormulaError:
    """What is said of a condition that cannot be read."""
    hint = unreadable_condition(line) if error.code == "formula-syntax" else None
    if hint is None:
        return FormulaError(error.code, f"subset: {error.message}")
    message = f"subset: the condition cannot be read: {hint}."
    return FormulaError("subset-condition", pointed(message, line, 0, len(line)))


def _truths(expression: Expression, block: Block, states: Sequence[Any]) -> FloatArray:
    """Return 1, 0 or NaN for each row."""

    def run(integers: Integers) -> tuple[Value, None]:
        return _as_floats(expression, replace(block, integers=integers)), None

    if all(column.kind != "integer" for column in block.columns.values()):
        return _as_floats(expression, block)
    found = settled(run, lambda: all(each.fits_floats() for each in block.columns.values()))
    if found is None:
        said = "gives something else in floating point than in whole numbers; make a column of it"
        raise FormulaError(
            "subset-condition", expression.text.pointed(f"subset: {expression.text.name} {said}.")
        )
    return np.asarray(found[0])


def _as_floats(expression: Expression, block: Block) -> FloatArray:
    name = expression.text.name
    views = {read.placeholder: block.view(read) for read in expression.reads}
    try:
        with np.errstate(all="ignore"):
            value = operations.truth(value_of(expression, views))
    except MnlstatError:
        raise
    except Exception as error:
        said = f"subset: {name} cannot be used: {first_line(error)}"
        raise FormulaError("subset-condition", expression.text.pointed(said)) from error
    if isinstance(value, bool) or len(value) != block.n:
        gives = "a single value" if isinstance(value, bool) else f"{len(value)} values"
        said = f"subset: {name} gives {gives}, not true or false for each of {block.n} rows."
        raise FormulaError("subset-condition", expression.text.pointed(said))
    return np.asarray(value.to_numpy(dtype=np.float64, na_value=np.nan))
