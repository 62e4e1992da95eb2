"""The derivative of the offset in a column of the data, and the offset of other values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.design.evaluate import evaluate
from mnlstat.design.expression import Expression
from mnlstat.design.factor_slopes import FactorSlope, expression_slope, mixes_rows, reads_of
from mnlstat.design.levels import Levelled
from mnlstat.design.new_rows import read_rows
from mnlstat.design.offset_terms import OffsetTerms, numbers_of
from mnlstat.design.offsets import LearnedOffset, read_columns

Slopes = list[tuple[Expression, FactorSlope]]


def offset_slope(
    offset: LearnedOffset, frame: Any, n_outcomes: int, name: str
) -> tuple[FloatArray, Slopes]:
    """Return the derivative (n, J) of the offset, and those of its terms.

    It is one where a column is the offset of an outcome; of ``offset(np.log(z))`` that of the
    logarithm, the same for all outcomes but the base.  NaN where a column is missing.
    """
    slopes = np.zeros((len(frame), n_outcomes))
    for position, column in offset.columns or ():
        if column == name:
            numbers = read_columns(frame, (name,))[name].numbers()
            slopes[:, position] += np.where(np.isnan(numbers), np.nan, 1.0)
    terms: Slopes = []
    if offset.terms is not None and name in offset.terms.names:
        added, terms = _terms_slope(offset.terms, frame, name)
        slopes[:, offset.terms.outcomes] += added[:, None]
    return slopes, terms


def _terms_slope(terms: OffsetTerms, frame: Any, name: str) -> tuple[FloatArray, Slopes]:
    rows = read_rows(frame, terms.names, terms.columns)
    total, found = np.full(rows.n, np.nan), list[tuple[Expression, FactorSlope]]()
    if not rows.complete.any():
        return total, found
    block = rows.block()
    added = np.zeros(block.n)
    for expression, states in zip(terms.expressions, terms.states, strict=True):
        if not reads_of(expression, name):
            continue
        if expression.text.name in terms.mixing:
            raise mixes_rows(expression)
        value = evaluate(expression, block, states)
        assert not isinstance(value, Levelled) or expression.bare_column is not None
        numbers = numbers_of(expression, value, block)
        slope = expression_slope(
            expression, states, name, block, numbers if isinstance(value, Levelled) else value
        )
        added += np.where(np.isnan(numbers), np.nan, np.reshape(slope.slope, -1))
        found.append((expression, slope))
    total[rows.complete] = added
    return total, found


def offset_with(
    offset: LearnedOffset, frame: Any, n_outcomes: int, values: Mapping[str, Any]
) -> FloatArray:
    """Return the offset (n, J) of rows in which columns are replaced."""
    names = list(offset.names)
    return offset.of(frame[names].assign(**values), n_outcomes)
