"""A piece of formula whose code can be evaluated in parts, and where a column has other values."""

from __future__ import annotations

import ast
import builtins
import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray
from mnlstat.design.expression import Expression
from mnlstat.design.vocabulary import VOCABULARY
from mnlstat.design.whole import alike, largest


class MovedCode:
    """The code of an expression, of which one column moves.

    Parameters
    ----------
    expression : Expression
    states : what its transforms have learned
    views : mapping
        What the placeholders of columns stand for.
    moving : placeholders of the column that moves
    """

    def __init__(
        self,
        expression: Expression,
        states: Sequence[Any],
        views: Mapping[str, Any],
        moving: frozenset[str],
    ) -> None:
        self.space: dict[str, Any] = {"__builtins__": builtins, **VOCABULARY, **views}
        self.space |= {each.name: each.value for each in expression.outside}
        self.space |= {f"_state_{at}": state for at, state in enumerate(states)}
        self.whole: ast.expr = ast.parse(expression.source, mode="eval").body
        self.moving = moving

    def moves(self, node: ast.AST) -> bool:
        """Whether a piece of the code reads the column."""
        return any(isinstance(each, ast.Name) and each.id in self.moving for each in ast.walk(node))

    def evaluated(self, node: ast.expr, **views: Any) -> Any:
        """What a piece of the code gives."""
        code = compile(ast.fix_missing_locations(ast.Expression(node)), "<formula>", "eval")
        return eval(code, self.space | views)

    def edge(self, node: ast.Compare) -> FloatArray | None:
        """The value of the column at which a comparison changes; None where there is no one."""
        sides = [node.left, *node.comparators]
        if len(sides) != 2 or not isinstance(node.ops[0], ast.Lt | ast.LtE | ast.Gt | ast.GtE):
            return None
        for one, other in (sides, sides[::-1]):
            if isinstance(one, ast.Name) and one.id in self.moving and not self.moves(other):
                with contextlib.suppress(Exception):  # a name that only a lambda binds, text
                    edge = np.asarray(self.evaluated(other), dtype=np.float64)
                    return np.asarray(np.broadcast_to(edge, self.numbers().shape))
        return None

    def jumps(self, edge: FloatArray) -> bool:
        """Whether the whole expression differs on the two sides of an edge.

        Rounding is judged by how large it is in the rows, and some way off the edge.
        """
        off = np.maximum(np.abs(edge), 1.0) / 8
        try:
            left, right = (self.all_of(np.nextafter(edge, to)) for to in (-np.inf, np.inf))
        except Exception:  # whatever the code raises where there may be no data
            return True
        size = 0.0
        for x in (self.numbers(), edge - off, edge + off):
            with contextlib.suppress(Exception):
                size = max(size, largest(self.all_of(x)))
        return not alike(left, right, size)

    def all_of(self, x: FloatArray) -> FloatArray:
        """The whole expression for other values of the column."""
        return np.asarray(self.moved(self.whole, x), dtype=np.float64)

    def column(self) -> Any:
        """The column, as the code reads it."""
        return next(self.space[name] for name in sorted(self.moving))

    def numbers(self) -> FloatArray:
        """The column (n,)."""
        return np.asarray(self.column(), dtype=np.float64)

    def moved(self, node: ast.expr, x: FloatArray) -> Any:
        """What a piece of code gives for other values of the column."""
        column = self.column()
        series = pd.Series(x, index=column.index, name=column.name)
        return self.evaluated(node, **dict.fromkeys(self.moving, series))
