"""The derivative of one factor of a formula in a column of the data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray
from mnlstat.design.column import Integers
from mnlstat.design.evaluate import Block
from mnlstat.design.expression import Expression, Read
from mnlstat.design.forward import Forward, Moving, UnknownDerivative
from mnlstat.design.levels import Levelled
from mnlstat.design.plan import Values
from mnlstat.design.predictors import LearnedFactor
from mnlstat.design.whole import alike
from mnlstat.design.words import where
from mnlstat.errors import DataError, MnlstatError, OptionError
from mnlstat.options import shown

WAYS: tuple[Integers, ...] = ("float", "whole", "exact")


@dataclass(frozen=True, eq=False)
class FactorSlope:
    """The derivative of a factor: (n,) or (n, c), without a row dimension where it is constant.

    ``steps``: it jumps and is constant between.  ``kinks``: rows in which it differs between left
    and right, and is the mean of both.  ``error``: relative, of differences; 0 without them.
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
        Where the factor takes the column as categories, mixes rows, or cannot be differentiated.
    DataError
        Where the derivative is infinite or does not exist.
    """
    expression = factor.expression
    check_numbers(factor, name, block)
    if factor.levels is not None:  # categories made of numbers
        return FactorSlope(0.0, steps=True)
    if expression.bare_column is not None:
        return FactorSlope(1.0)
    return expression_slope(expression, factor.states, name, block, value)


def expression_slope(
    expression: Expression, states: Any, name: str, block: Block, value: Values
) -> FactorSlope:
    """Return the derivative of code that gives numbers."""
    run, right = _run(expression, states, name, block, value, 1.0)
    slope, kinks = right, None
    if run.touched:
        left = -_run(expression, states, name, block, value, -1.0)[1]
        kinks = np.asarray(np.broadcast_to(left != right, value.shape))
        kinks = kinks.any(axis=1) if kinks.ndim > 1 else kinks
        slope = (left + right) / 2
    _check_exists(expression, name, slope, value, block)
    return FactorSlope(
        slope, run.steps, kinks if kinks is not None and kinks.any() else None, run.error
    )


def check_numbers(factor: LearnedFactor, name: str, block: Block) -> None:
    """Refuse a factor in which the column has no derivative."""
    expression, column = factor.expression, block.columns[name]
    said = None
    if any(read.view == "levels" for read in reads_of(expression, name)) or (
        column.is_levelled or (column.kind == "bool" and expression.bare_column is not None)
    ):
        said = f"takes {shown(name)} as categories, in which nothing can be differentiated"
    elif not factor.rowwise:
        said = "gives a row what depends on other rows, too, so that a row has no derivative"
    if said is not None:
        raise OptionError(
            "no-derivative", f"{expression.text.name} {said}.\nCompare its values instead."
        )


def _run(
    expression: Expression, states: Any, name: str, block: Block, value: Values, direction: float
) -> tuple[Forward, Any]:
    """Differentiate, and check that the value on the way is that of the factor."""
    moving = frozenset(read.placeholder for read in reads_of(expression, name))
    for integers in WAYS:
        views = _views(expression, moving, block, integers)
        run = Forward(expression, states, views, moving, direction)
        try:
            with np.errstate(all="ignore"):
                found = run.of(expression.source)
                if _gives(found, value):
                    return run, _shaped(found, value)
        except (MnlstatError, UnknownDerivative):
            continue
        except Exception:  # whatever code raises that is given numbers of another kind
            continue
    raise OptionError(
        "no-derivative",
        f"{expression.text.name} cannot be differentiated in {shown(name)}: its code takes no"
        " numbers near those of the data.\nCompare its values instead.",
    )


def _views(
    expression: Expression, moving: frozenset[str], block: Block, integers: Integers
) -> dict[str, Any]:
    """What the columns are; the one that moves is always in floating point."""
    others, floats = replace(block, integers=integers), replace(block, integers="float")
    views = {}
    for read in expression.reads:
        if read.placeholder in moving:
            view = floats.view(read)
            views[read.placeholder] = view.astype(np.float64)
        else:
            views[read.placeholder] = others.view(read)
    return views


def _gives(found: Moving, value: Values) -> bool:
    if isinstance(found.value, Levelled):
        return False
    got = np.asarray(found.value, dtype=np.float64)
    return got.shape == value.shape and alike(got, np.asarray(value, dtype=np.float64))


def _shaped(found: Moving, value: Values) -> Any:
    """The derivative without a row dimension, or in the shape of the value."""
    slope = np.asarray(0.0 if found.slope is None else found.slope, dtype=np.float64)
    by_column = value.ndim == 2 and slope.shape == value.shape[1:] != value.shape[:1]
    return slope if slope.ndim == 0 or by_column else np.broadcast_to(slope, value.shape)


def _check_exists(
    expression: Expression, name: str, slope: FloatArray, value: Values, block: Block
) -> None:
    """Refuse derivatives that are infinite or undefined where the factor is finite."""
    if np.isfinite(slope).all():
        return
    bad = np.broadcast_to(~np.isfinite(slope) & np.isfinite(value), value.shape)
    bad = bad.any(axis=1) if bad.ndim > 1 else bad
    if bad.any():
        raise DataError(
            "derivative-infinite",
            f"{expression.text.name} has no finite derivative in {shown(name)}"
            f" ({where(bad, block.index)}).\nLeave these rows out, or compare values instead.",
        )
