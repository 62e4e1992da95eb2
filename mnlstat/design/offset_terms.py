"""``offset(z)`` in a formula: added to the linear predictor of each outcome but the base."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray
from mnlstat.design.column import Column
from mnlstat.design.evaluate import Block, evaluate, learn
from mnlstat.design.expression import Expression
from mnlstat.design.formula import FactorText, RightSide, parse_right
from mnlstat.design.levels import Levelled
from mnlstat.design.predictors import ALL_ROWS, made_missing
from mnlstat.design.rowwise import depends_on_other_rows
from mnlstat.design.scope import warn
from mnlstat.design.used import LearnedColumn, conformed, learned_column, read_used
from mnlstat.design.whole import Value
from mnlstat.design.words import where
from mnlstat.errors import FormulaError, MnlstatError, MnlstatWarning, OffsetError

NAME = "offset"


def offset_calls(right: str) -> list[str]:
    """Return the factors of a right side that are ``offset(...)``."""
    return [each.text for each in parse_right(right, 0).factors if is_offset(each.text)]


def is_offset(code: str) -> bool:
    """Whether a piece of a formula is ``offset(...)``."""
    return _argument(code) is not None


def without_offsets(right: RightSide) -> tuple[RightSide, tuple[FactorText, ...]]:
    """Return a right side without its offsets, and what stands in their brackets.

    Raises
    ------
    FormulaError
        For an offset that is multiplied with something, or has not one argument.
    """
    found = {at: _argument(each.text) for at, each in enumerate(right.factors)}
    offsets = {at: node for at, node in found.items() if node is not None}
    if not offsets:
        return right, ()
    for term in right.terms:
        for at in offsets.keys() & set(term) if len(term) > 1 else ():
            said = "an offset has a coefficient of one and can be multiplied with nothing."
            raise FormulaError("offset-term", right.factors[at].pointed(said))
    texts = tuple(_inner(right.factors[at], node) for at, node in offsets.items())
    others = [at for at in range(len(right.factors)) if at not in offsets]
    place = {at: new for new, at in enumerate(others)}
    terms = tuple(
        tuple(place[at] for at in term) for term in right.terms if offsets.keys().isdisjoint(term)
    )
    return RightSide(tuple(right.factors[at] for at in others), terms), texts


def _argument(code: str) -> ast.Call | None:
    """Return the call when the code is ``offset(...)``."""
    try:
        node = ast.parse(code.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return None
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return None
    return node if node.func.id == NAME else None


def _inner(factor: FactorText, call: ast.Call) -> FactorText:
    """Return what stands in the brackets, under the name of the whole."""
    if len(call.args) != 1 or call.keywords:
        said = f"{NAME}() takes one argument; write several offsets as offset(a) + offset(b)."
        raise FormulaError("offset-term", factor.pointed(said))
    code = factor.text
    lead, raw = len(code) - len(code.lstrip()), code.strip().encode()
    node = call.args[0]
    start, stop = (
        factor.start + lead + len(raw[:byte].decode())
        for byte in (node.col_offset, node.end_col_offset or len(raw) - 1)
    )
    return FactorText(factor.name, factor.formula, start, stop)


@dataclass(frozen=True, eq=False)
class OffsetTerms:
    """The offsets of a formula, as learned.

    Attributes
    ----------
    expressions : tuple of Expression
    states : for each, what its transforms learned
    columns : what new data must hold
    outcomes : positions of the outcomes to whose linear predictors they are added
    mixing : names of those whose value in a row depends on other rows
    """

    expressions: tuple[Expression, ...]
    states: tuple[tuple[Any, ...], ...]
    columns: tuple[LearnedColumn, ...]
    outcomes: tuple[int, ...]
    mixing: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that they read."""
        return tuple(each.name for each in self.columns)

    @property
    def written(self) -> str:
        """As in the formula, added up."""
        return " + ".join(each.text.text for each in self.expressions)

    def of(self, frame: Any) -> FloatArray:
        """Their sum in each row of new data; NaN where something is missing."""
        try:
            found = read_used(frame, self.names)
            columns = {
                each.name: conformed(found[each.name], each, frame.index) for each in self.columns
            }
        except MnlstatError as error:
            raise OffsetError(error.code, f"offset: {error.message}") from error
        complete = np.ones(len(frame), dtype=bool)
        for column in columns.values():
            if column.missing is not None:
                complete &= ~column.missing
        for name in self.mixing:
            warn(MnlstatWarning("depends-on-other-rows", f"{ALL_ROWS.format(name)}."))
        total = np.full(len(frame), np.nan)
        if complete.any():
            block = Block(columns, complete, frame.index[complete])
            total[complete] = self.sum_of(block)
        return total

    def sum_of(self, block: Block) -> FloatArray:
        """Their sum in the rows of a block (n,)."""
        total = np.zeros(block.n)
        for expression, states in zip(self.expressions, self.states, strict=True):
            total += numbers_of(expression, evaluate(expression, block, states), block)
        return total


def numbers_of(expression: Expression, value: Value, block: Block) -> FloatArray:
    """Return what an offset gives as a number for each row, or refuse it."""
    name = expression.text.name
    if expression.bare_column is not None and block.columns[expression.bare_column].kind == "bool":
        return block.columns[expression.bare_column].numbers(block.rows)
    if isinstance(value, Levelled) or (value.ndim > 1 and value.shape[1] != 1):
        what = "categories" if isinstance(value, Levelled) else f"{value.shape[1]} columns"
        raise OffsetError("offset-term", f"{name} gives {what}; an offset is one number a row.")
    numbers = value.reshape(-1)
    infinite = np.isinf(numbers)
    if infinite.any():
        raise OffsetError(
            "infinite-values",
            f"{name} is infinite ({where(infinite, block.index)}).\n"
            "Change it, or leave the rows out.",
        )
    return numbers


def learn_terms(
    expressions: Sequence[Expression],
    columns: Mapping[str, Column],
    outcomes: tuple[int, ...],
    block: Block,
) -> tuple[OffsetTerms, FloatArray]:
    """Return what offsets learn from a block, and their sum in its rows."""
    total, states, mixing = np.zeros(block.n), [], list[str]()
    for expression in expressions:
        value, learned = learn(expression, block)
        total += numbers_of(expression, value, block)
        states.append(learned)
        if depends_on_other_rows(expression, learned, value, block):
            mixing.append(expression.text.name)
    names = dict.fromkeys(read.column for each in expressions for read in each.reads)
    known = tuple(learned_column(columns[name]) for name in names)
    terms = OffsetTerms(tuple(expressions), tuple(states), known, outcomes, tuple(mixing))
    return terms, total


def lost_to(expressions: Sequence[Expression], block: Block) -> dict[str, BoolArray]:
    """Return, by term, the rows in which an offset makes a missing value of present ones."""
    lost = {}
    for expression in expressions:
        value = learn(expression, block)[0]
        gone = made_missing(value)
        if gone is not None:
            lost[expression.text.name] = gone
    return lost
