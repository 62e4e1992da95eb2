"""The derivative of one factor of a formula in a column of the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray
from mnlstat.design.column import Integers
from mnlstat.design.evaluate import Block
from mnlstat.design.expression import Expression, Read
from mnlstat.design.forward import Forward
from mnlstat.design.moving import Moving, Notes
from mnlstat.design.plan import Values
from mnlstat.design.predictors import LearnedFactor
from mnlstat.design.whole import alike
from mnlstat.design.words import where
from mnlstat.errors import DataError, OptionError
from mnlstat.options import shown

WAYS: tuple[Integers, ...] = ("float", "whole", "exact")


@dataclass(frozen=True, eq=False)
class FactorSlope:
    """The derivative of a factor.

    Attributes
    ----------
    slope : number, or array in the shape of the factor's values
        A number where it is the same in all rows, whatever they are.
    steps : bool
        The factor jumps and is constant between.
    kinks : (n,) bool, optional
        Rows in which it differs between left and right, and is the mean of both.
    error : float
        Relative, of differences; 0 without them.
    """

    slope: Any
    steps: bool = False
    kinks: BoolArray | None = None
    error: float = 0.0


def reads_of(expression: Expression, name: str) -> tuple[Read, ...]:
    """The ways in which an expression reads a column."""
    return tuple(read for read in expression.reads if read.column == name)


def factor_slope(factor: LearnedFactor, name: str, block: Block, value: Values) -> FactorSlope:
    """Return the derivative of a factor, whose values on the block are ``value``.

    Raises
    ------
    OptionError
        Where the factor takes the column as categories, or cannot be differentiated.
    DataError
        Where the derivative is infinite or does not exist.
    """
    check_numbers(factor, name, block)
    if factor.levels is not None:  # categories made of numbers
        return FactorSlope(0.0, steps=True)
    return expression_slope(factor.expression, factor.states, name, block, value)


def check_numbers(factor: LearnedFactor, name: str, block: Block) -> None:
    """Refuse a factor in which the column has no derivative."""
    expression, column = factor.expression, block.columns[name]
    by_level = any(read.view == "levels" for read in reads_of(expression, name))
    if by_level or column.is_levelled or (column.kind == "bool" and factor.levels is not None):
        said = f"takes {shown(name)} as categories, in which there is no derivative"
        raise _refused(expression, said)


def expression_slope(
    expression: Expression, states: Sequence[Any], name: str, block: Block, value: Values
) -> FactorSlope:
    """Return the derivative of code that gives numbers, ``value`` on the block."""
    if expression.bare_column is not None:
        return FactorSlope(1.0)
    notes, right = _run(expression, states, name, block, value, 1.0)
    slope, kinks = right, None
    if notes.touched:
        left = -_run(expression, states, name, block, value, -1.0)[1]
        slope = (left + right) / 2
        kinks = _by_row(left != right, value)
    _check_exists(expression, name, slope, value, block)
    kinks = kinks if kinks is not None and kinks.any() else None
    return FactorSlope(slope, notes.steps, kinks, notes.error)


def _run(
    expression: Expression,
    states: Sequence[Any],
    name: str,
    block: Block,
    value: Values,
    direction: float,
) -> tuple[Notes, Any]:
    """Differentiate, and check that the value on the way is that of the factor.

    The other columns of whole numbers are given in the way in which it is.
    """
    moving = frozenset(read.placeholder for read in reads_of(expression, name))
    for integers in WAYS:
        views = _views(expression, moving, block, integers)
        run = Forward(expression, states, views, moving, direction)
        try:
            with np.errstate(all="ignore"):
                found = run.of_whole()
                if _gives(found, value):
                    return run.notes, _shaped(found, value)
        except Exception:  # whatever code raises that is given numbers of another kind
            continue
    raise _refused(
        expression,
        f"cannot be differentiated in {shown(name)}: its code has no values near those of the data",
    )


def _views(
    expression: Expression, moving: frozenset[str], block: Block, integers: Integers
) -> dict[str, Any]:
    """What the columns are; the one that moves is always in floating point."""
    others, floats = replace(block, integers=integers), replace(block, integers="float")
    views = {}
    for read in expression.reads:
        if read.placeholder in moving:
            views[read.placeholder] = floats.view(read).astype(np.float64)
        else:
            views[read.placeholder] = others.view(read)
    return views


def _gives(found: Moving, value: Values) -> bool:
    got = np.asarray(found.value, dtype=np.float64)
    return got.shape == value.shape and alike(got, np.asarray(value, dtype=np.float64))


def _shaped(found: Moving, value: Values) -> FloatArray:
    """The derivative as one number, or in the shape of the value."""
    slope = np.asarray(0.0 if found.slope is None else found.slope, dtype=np.float64)
    return slope if slope.ndim == 0 else np.asarray(np.broadcast_to(slope, value.shape))


def _by_row(cells: Any, value: Values) -> BoolArray:
    """Whether anything in a row is true."""
    spread: BoolArray = np.asarray(np.broadcast_to(cells, value.shape))
    return spread if spread.ndim == 1 else np.logical_or.reduce(spread, axis=1)


def _check_exists(
    expression: Expression, name: str, slope: FloatArray, value: Values, block: Block
) -> None:
    """Refuse derivatives that are infinite or undefined where the factor is finite."""
    bad = _by_row(~np.isfinite(slope), value) & ~_by_row(np.isnan(value), value)
    if bad.any():
        raise DataError(
            "derivative-infinite",
            f"{expression.text.name} has no finite derivative in {shown(name)}"
            f" ({where(bad, block.index)}).\nLeave these rows out, or compare values of"
            f" {shown(name)} instead.",
        )


def _refused(expression: Expression, said: str) -> OptionError:
    return OptionError(
        "no-derivative",
        f"{expression.text.name} {said}.\nCompare values instead (discrete changes).",
    )


def mixes_rows(expression: Expression) -> OptionError:
    """What is said of a factor of which a row depends on other rows."""
    return OptionError(
        "depends-on-other-rows",
        f"{expression.text.name} depends on other rows, too: a change of one row changes others."
        "\nUse center(), scale() or another transform that learns from the fit.",
    )
