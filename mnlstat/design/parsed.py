"""Both sides of a formula with their names resolved, and what they become."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.design import words
from mnlstat.design.column import Column, read_column
from mnlstat.design.counts import outcomes_bound
from mnlstat.design.expression import Expression, Known
from mnlstat.design.formula import FactorText, RightSide, parse_right
from mnlstat.design.levels import Levelled
from mnlstat.design.offset_terms import is_offset, without_offsets
from mnlstat.design.predictors import Learned
from mnlstat.design.resolving import read_expression
from mnlstat.design.response import Response
from mnlstat.design.sides import Sides
from mnlstat.design.spec import DesignSpec
from mnlstat.design.underline import pointed
from mnlstat.design.used import learned_column
from mnlstat.design.whole import Value
from mnlstat.errors import DataError, FormulaError
from mnlstat.options import shown


@dataclass(frozen=True, eq=False)
class Parsed:
    """Both sides of a formula with their names resolved."""

    sides: Sides
    left: Expression
    right: RightSide
    expressions: tuple[Expression, ...]
    offsets: tuple[Expression, ...] = ()

    def variables(self) -> tuple[str, ...]:
        """Return the data columns that the right side reads, in order of appearance."""
        return tuple(dict.fromkeys(r.column for each in self.expressions for r in each.reads))

    @property
    def names(self) -> tuple[str, ...]:
        """The data columns that either side reads."""
        left = (read.column for read in self.left.reads)
        added = (read.column for each in self.offsets for read in each.reads)
        return tuple(dict.fromkeys([*left, *self.variables(), *added]))

    def response_is_text(self, columns: Mapping[str, Column]) -> bool:
        """Whether the response is a column of text."""
        return self.left.column is not None and columns[self.left.column].kind == "text"

    def spec(
        self, learned: Learned, columns: Mapping[str, Column], response: Response
    ) -> DesignSpec:
        """The learned design."""
        variables = self.variables()
        return DesignSpec(
            formula=self.sides.formula,
            right_side=self.sides.right,
            response=response,
            columns=learned.plan.columns,
            terms=learned.plan.terms,
            factors=learned.categorical(),
            variables=variables,
            learned_columns=tuple(learned_column(columns[name]) for name in variables),
            learned_factors=learned.factors,
            plan=learned.plan,
        )


def resolved(
    sides: Sides, columns: Sequence[Any], scope: Mapping[str, Any], counts: frozenset[int]
) -> Parsed:
    """Resolve every name of a formula; an array with as many rows as ``counts`` is a column."""
    names = tuple(name for name in columns if isinstance(name, str))
    known = Known(frozenset(names), names, scope, counts)
    if is_offset(sides.left):
        said = "an offset belongs to the predictors, on the right side of the formula."
        raise FormulaError("offset-term", sides.pointed_left(said))
    left_text = FactorText(sides.left, sides.formula, 0, len(sides.left))
    left = read_expression(left_text, known)
    right, added = without_offsets(parse_right(sides.formula, sides.right_start))
    expressions = tuple(read_expression(text, known) for text in right.factors)
    offsets = tuple(read_expression(text, known) for text in added)
    if not right.terms:
        said = "the right side of the formula has no term left; write '~ 1' for constants only."
        raise FormulaError(
            "no-predictors", pointed(said, sides.formula, sides.tilde + 2, len(sides.formula))
        )
    _check_response_left(left, (*expressions, *offsets))
    return Parsed(sides, left, right, expressions, offsets)


def _check_response_left(left: Expression, expressions: Sequence[Expression]) -> None:
    """Refuse a response that is a predictor, too."""
    left_reads = {read.column for read in left.reads}
    parts = left_reads.intersection(outcomes_bound(left) or ())
    for each in expressions:
        reads = {read.column for read in each.reads}
        if reads.isdisjoint(left_reads):
            continue
        same = ast.dump(ast.parse(each.source)) == ast.dump(ast.parse(left.source))
        if shared := sorted(reads & parts):
            said = f"{shown(shared[0])} is a column of the response {shown(left.text.name)}, too."
            raise FormulaError("response-in-predictors", each.text.pointed(said))
        if (same and reads == left_reads) or (left.column is not None and left.column in reads):
            said = f"the response {shown(left.text.name)} stands on the right side, too."
            raise FormulaError("response-in-predictors", each.text.pointed(said))


def outcome_levels(left: Expression, value: Value, index: Any) -> Levelled:
    """Return what the left side gave as categories.

    Raises
    ------
    FormulaError, DataError
        When it cannot be a response.
    """
    if isinstance(value, Levelled) and value.contrast is not None:
        said = f"{left.text.name}: a response has no contrast; the base is chosen with base=."
        raise FormulaError("response-contrast", left.text.pointed(said))
    if isinstance(value, np.ndarray):
        if value.ndim > 1:
            raise FormulaError(
                "response-shape", left.text.pointed(f"{left.text.name} gives several columns.")
            )
        if np.isinf(value).any():
            place = words.where(np.isinf(value), index)
            raise DataError(
                "infinite-values", f"response {shown(left.text.name)} is infinite ({place})."
            )
        return read_column(left.text.name, pd.Series(value)).levelled()
    return value
