"""``y ~ .``: all other columns of the data."""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence
from typing import Any

from mnlstat.design.dialect import in_python, quoted
from mnlstat.design.formula import simplified
from mnlstat.design.offset_terms import offset_calls
from mnlstat.design.sides import Sides, split_formula
from mnlstat.design.underline import pointed
from mnlstat.design.update import lone_dots, with_dots_filled
from mnlstat.errors import FormulaError
from mnlstat.options import shown


def read_formula(formula: Any, columns: Sequence[Any], other: Collection[str] = ()) -> Sides:
    """Return both sides of a formula in Python's notation, without dots.

    Parameters
    ----------
    formula : str
    columns : names of the data, in their order
    other : columns that are weights or an offset, for which a dot does not stand

    Raises
    ------
    FormulaError
        When it cannot be read.
    """
    written = in_python(formula, columns)
    return split_formula(with_columns(written, columns, other))


def with_columns(formula: str, columns: Sequence[Any], other: Collection[str]) -> str:
    """Return a formula with each lone dot on the right replaced by the columns it stands for.

    Parameters
    ----------
    formula : str
    columns : names of the data, in their order
    other : columns that are weights or an offset, for which the dot does not stand

    Raises
    ------
    FormulaError
        When no column is left, or one is not named by text.

    Examples
    --------
    >>> from mnlstat.design.dot import with_columns
    >>> with_columns("y ~ . - b", ["a", "b", "y"], ())
    'y ~ a'
    """
    sides = split_formula(formula)
    if not lone_dots(sides.right):
        return sides.formula
    read = {*_names(sides.left), *other}
    for call in offset_calls(with_dots_filled(sides.right, "_")):
        read |= _names(call)
    unnamed = [name for name in columns if not isinstance(name, str)]
    at = len(sides.formula) - len(sides.right) + lone_dots(sides.right)[0]
    if unnamed:
        said = f"'.' stands for all columns, but {shown(unnamed[0])} is no name; name it by text."
        raise FormulaError("dot-columns", pointed(said, sides.formula, at, at + 1))
    names = [quoted(name) for name in dict.fromkeys(columns) if name not in read]
    if not names:
        said = "'.' stands for the other columns of the data, and there are none."
        raise FormulaError("dot-columns", pointed(said, sides.formula, at, at + 1))
    if sides.right == ".":
        return f"{sides.left} ~ {' + '.join(names)}"
    full = with_dots_filled(sides.right, f"({' + '.join(names)})")
    return f"{sides.left} ~ {simplified(full)}"


def _names(code: str) -> set[str]:
    """Names that a piece of code reads, also those within Q()."""
    try:
        tree = ast.parse(code.strip(), mode="eval")
    except (SyntaxError, ValueError):
        return set()  # who resolves the names says what is wrong
    found = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Q":
            found |= {str(each.value) for each in node.args if isinstance(each, ast.Constant)}
    return found
