"""What the right side of a formula learns from complete rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray
from mnlstat.design.evaluate import Block, evaluate, known_codes, learn
from mnlstat.design.expression import Expression
from mnlstat.design.formula import FactorKind, RightSide, code_terms, reference_level
from mnlstat.design.levels import Levelled, check_distinct
from mnlstat.design.plan import Plan, Values
from mnlstat.design.rowwise import depends_on_other_rows
from mnlstat.design.whole import Value
from mnlstat.design.words import count, left_out, where
from mnlstat.errors import DataError
from mnlstat.options import shown
from mnlstat.rows.matrix import Matrix

MANY_LEVELS = 20
ALL_ROWS = "{}: a row's value depends on the other rows; in new data it depends on the new rows"


@dataclass(frozen=True)
class Factor:
    """A categorical factor of the formula.

    Attributes
    ----------
    name : str
        As in the formula, ``C(ses)``.
    levels : tuple
        In the order of coding.
    reference : level or None
        The level whose design columns are all zero; None when the coding has none.
    """

    name: str
    levels: tuple[Any, ...]
    reference: Any | None


@dataclass(frozen=True, eq=False)
class LearnedFactor:
    """An expression, the states of its transforms, and its number of columns or its levels."""

    expression: Expression
    states: tuple[Any, ...]
    width: int
    levels: tuple[Any, ...] | None
    rowwise: bool = True

    def values(self, block: Block) -> Values:
        """Return numbers or codes for the rows of ``block``; missing is NaN or -1."""
        value = evaluate(self.expression, block, self.states)
        if self.levels is not None:
            return self._codes(value, block)
        if isinstance(value, Levelled):
            raise DataError(
                "term-changes-kind",
                f"{self.expression.text.name} gives categories in these data, but gave numbers"
                " in the data of the fit.",
            )
        width = 1 if value.ndim == 1 else value.shape[1]
        if width != self.width:
            raise DataError(
                "term-changes-kind",
                f"{self.expression.text.name} gives {width} columns in these data, but gave"
                f" {self.width} in the data of the fit.",
            )
        return value

    def _codes(self, value: Value, block: Block) -> Values:
        assert self.levels is not None
        if not isinstance(value, Levelled):  # numbers whose labels were numbers: C(x) of floats
            raise DataError(
                "term-changes-kind",
                f"{self.expression.text.name} gives numbers in these data, but gave categories"
                " in the data of the fit.",
            )
        return known_codes(self.expression, value, self.levels, block.index)


@dataclass(frozen=True, eq=False)
class Learned:
    """Everything the right side taught, and its values on the rows it was learned from."""

    plan: Plan
    factors: tuple[LearnedFactor, ...]
    values: tuple[Values, ...]
    notes: tuple[str, ...]

    def categorical(self) -> tuple[Factor, ...]:
        """Return the categorical factors with levels and reference."""
        found = []
        for at, factor in enumerate(self.factors):
            if factor.levels is not None:
                reference = reference_level(factor.levels, contrasts_of(self.plan, at))
                found.append(Factor(factor.expression.text.name, factor.levels, reference))
        return tuple(found)


def contrasts_of(plan: Plan, at: int) -> list[FloatArray]:
    """Return every coding of factor ``at`` that the plan uses."""
    return [
        contrast
        for subterm in plan.subterms
        for factor, contrast in zip(subterm.factors, subterm.contrasts, strict=True)
        if factor == at and contrast is not None
    ]


def learn_predictors(
    right: RightSide, expressions: Sequence[Expression], block: Block
) -> Learned | dict[str, BoolArray]:
    """Learn the right side from a block of rows that miss nothing in the columns read.

    Returns
    -------
    Learned, or dict
        The dict, by term, tells which rows a term made missing: they must be left out first.
    """
    pairs = [learn(expression, block) for expression in expressions]
    lost = {
        expression.text.name: missing
        for expression, (value, _) in zip(expressions, pairs, strict=True)
        if (missing := made_missing(value)) is not None
    }
    for expression, (value, _) in zip(expressions, pairs, strict=True):
        check_infinite(expression, value, block)
    if lost:
        return lost
    kinds, factors, notes = list[FactorKind](), list[LearnedFactor](), list[str]()
    values: list[Values] = []
    for expression, (value, states) in zip(expressions, pairs, strict=True):
        rowwise = not depends_on_other_rows(expression, states, value, block)
        if not rowwise:
            notes.append(ALL_ROWS.format(expression.text.name))
        if isinstance(value, Levelled):
            value, note = _used_levels(expression, value, block)
            notes += note
            kinds.append(FactorKind(1, value.levels, value.contrast))
            factors.append(LearnedFactor(expression, states, 1, value.levels, rowwise))
            values.append(value.codes)
        else:
            width = 1 if value.ndim == 1 else value.shape[1]
            kinds.append(FactorKind(width))
            factors.append(LearnedFactor(expression, states, width, None, rowwise))
            values.append(value)
    plan = code_terms(right, kinds)
    return Learned(plan, tuple(factors), tuple(values), tuple(notes))


def made_missing(value: Value | Values) -> BoolArray | None:
    """Return which rows of a value are missing, None when no row is."""
    numbers: Any = value.codes if isinstance(value, Levelled) else value
    missing: BoolArray = numbers < 0 if numbers.dtype.kind == "i" else np.isnan(numbers)
    if missing.ndim > 1:
        missing = np.logical_or.reduce(missing, axis=1)
    return missing if missing.any() else None


def check_infinite(expression: Expression, value: Value | Values, block: Block) -> None:
    """Refuse infinite values that a term made."""
    if isinstance(value, Levelled) or value.dtype.kind != "f":
        return
    infinite: BoolArray = np.isinf(value)
    if infinite.ndim > 1:
        infinite = np.logical_or.reduce(infinite, axis=1)
    if infinite.any():
        raise DataError(
            "term-infinite",
            f"{expression.text.name} is infinite, though the data are finite"
            f" ({where(infinite, block.index)}).\nChange the term or leave the rows out.",
        )


def check_products(plan: Plan, matrix: Matrix, lost: BoolArray | None, index: Any) -> None:
    """Refuse interactions that overflow, outside of the rows that are ``lost`` anyway."""
    for term in plan.terms:
        if len(term.factors) < 2:
            continue
        overflow = np.zeros(matrix.n_rows, dtype=bool)
        for j in range(term.start, term.stop):
            overflow |= ~np.isfinite(matrix.column(j))
        if lost is not None:
            overflow &= ~lost
        if overflow.any():
            raise DataError(
                "term-infinite",
                f"{term.name} is infinite, though the data are finite"
                f" ({where(overflow, index)}).\nRescale its columns.",
            )


def _used_levels(
    expression: Expression, value: Levelled, block: Block
) -> tuple[Levelled, list[str]]:
    """Leave out levels that never occur, unless the formula asked for them."""
    name = expression.text.name
    _check_level_count(expression, value, block)
    unseen, notes = value.unseen(), []
    if unseen and not value.asked:
        notes.append(left_out(name, "level", unseen))
        value = value.without(~value.seen())
    check_distinct(value.levels, name)
    return value, notes


def _check_level_count(expression: Expression, value: Levelled, block: Block) -> None:
    """Refuse text that is an identifier rather than a category."""
    column = expression.column
    if column is not None and block.columns[column].kind == "text":
        check_identifier(column, int(value.seen().sum()), block.n)


def check_identifier(column: str, n_levels: int, n: int) -> None:
    """Refuse text with nearly as many levels as rows."""
    if n_levels > MANY_LEVELS and 2 * n_levels > n:
        raise DataError(
            "identifier-column",
            f"column {shown(column)} is text with {n_levels} levels in {count(n)}, nearly one"
            " for each row.\nIs it a name or identifier? If it holds numbers, convert it to"
            " numbers.",
        )
