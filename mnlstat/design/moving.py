"""A value with its derivative, and how operations on it carry the derivative along."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnlstat.design import operations
from mnlstat.design.elementary import power_slope


class UnknownDerivativeError(Exception):
    """The rules do not cover a piece of code."""


@dataclass(frozen=True, eq=False)
class Moving:
    """A value and its derivative, which is None where it does not depend on the column.

    A derivative that is the same in all rows whatever they are is a single number.
    """

    value: Any
    slope: Any = None


@dataclass
class Notes:
    """What was met on the way.

    Attributes
    ----------
    steps : bool
        Something jumps, and is constant between.
    touched : bool
        A row is at a kink, so that moving the other way may give another derivative.
    error : float
        Of differences, relative to the largest derivative; 0 where none were needed.
    """

    steps: bool = False
    touched: bool = False
    error: float = 0.0


def numbers(value: Any) -> Any:
    """Return an array in floating point; a single number as it is."""
    return np.asarray(value, dtype=np.float64) if np.ndim(value) else value


def add(notes: Notes, one: Moving, other: Moving) -> Moving:
    """``one + other``."""
    return Moving(one.value + other.value, _sum(one.slope, other.slope))


def subtract(notes: Notes, one: Moving, other: Moving) -> Moving:
    """``one - other``."""
    less = None if other.slope is None else -other.slope
    return Moving(one.value - other.value, _sum(one.slope, less))


def _sum(one: Any, other: Any) -> Any:
    if one is None or other is None:
        return other if one is None else one
    return one + other


def multiply(notes: Notes, one: Moving, other: Moving) -> Moving:
    """``one * other``."""
    of_one = None if one.slope is None else one.slope * numbers(other.value)
    of_other = None if other.slope is None else other.slope * numbers(one.value)
    return Moving(one.value * other.value, _sum(of_one, of_other))


def divide(notes: Notes, one: Moving, other: Moving) -> Moving:
    """``one / other``."""
    value = one.value / other.value
    of_one = None if one.slope is None else one.slope / numbers(other.value)
    of_other = None
    if other.slope is not None:
        of_other = -numbers(value) / numbers(other.value) * other.slope
    return Moving(value, _sum(of_one, of_other))


def power(notes: Notes, one: Moving, other: Moving) -> Moving:
    """``one ** other``."""
    value = operations.power(one.value, other.value)
    base, exponent = numbers(one.value), numbers(other.value)
    return Moving(value, power_slope(base, exponent, numbers(value), one.slope, other.slope))


def remainder(notes: Notes, one: Moving, other: Moving) -> Moving:
    """``one % other``, which jumps where it begins anew."""
    notes.steps = True
    value = one.value % other.value
    whole = np.floor_divide(numbers(one.value), numbers(other.value))
    less = None if other.slope is None else -whole * other.slope
    return Moving(value, _sum(one.slope, less))


def whole_part(notes: Notes, one: Moving, other: Moving) -> Moving:
    """``one // other``."""
    notes.steps = True
    return Moving(one.value // other.value, 0.0)


def truths(value: Any) -> Any:
    """Return truth values as they are; nothing else has a negation or a union."""
    if np.asarray(value).dtype != bool:
        raise UnknownDerivativeError
    return value


def both(notes: Notes, one: Moving, other: Moving) -> Moving:
    """``one & other`` of truth values."""
    return Moving(truths(one.value) & truths(other.value), 0.0)


def either(notes: Notes, one: Moving, other: Moving) -> Moving:
    """``one | other`` of truth values."""
    return Moving(truths(one.value) | truths(other.value), 0.0)


def absolute(notes: Notes, inner: Moving) -> Moving:
    """``abs(inner)``; at zero the slope in the direction of moving."""
    u = numbers(inner.value)
    zero = u == 0
    notes.touched |= bool(np.any(zero))
    return Moving(abs(inner.value), np.where(zero, np.abs(inner.slope), np.sign(u) * inner.slope))


def larger(notes: Notes, one: Moving, other: Moving) -> Moving:
    """``np.maximum(one, other)``; of equal ones that which grows more."""
    return _extreme(notes, one, other, np.maximum, 1.0)


def smaller(notes: Notes, one: Moving, other: Moving) -> Moving:
    """``np.minimum(one, other)``."""
    return _extreme(notes, one, other, np.minimum, -1.0)


def _extreme(notes: Notes, one: Moving, other: Moving, function: Any, sign: float) -> Moving:
    ahead = sign * (numbers(one.value) - numbers(other.value))
    slopes = [0.0 if each.slope is None else each.slope for each in (one, other)]
    tie = ahead == 0
    notes.touched |= bool(np.any(tie))
    first = np.where(tie, sign * (slopes[0] - slopes[1]) > 0, ahead > 0)
    return Moving(function(one.value, other.value), np.where(first, *slopes))


def chosen(notes: Notes, condition: Moving, one: Moving, other: Moving) -> Moving:
    """``np.where(condition, one, other)``."""
    slopes = [0.0 if each.slope is None else each.slope for each in (one, other)]
    notes.steps |= condition.slope is not None and bool(np.any(condition.slope))
    value = np.where(condition.value, one.value, other.value)
    return Moving(value, np.where(np.asarray(condition.value, dtype=bool), *slopes))


def clipped(notes: Notes, inner: Moving, low: Moving, high: Moving) -> Moving:
    """``np.clip(inner, low, high)``."""
    return smaller(notes, larger(notes, inner, low), high)


OPERATIONS: dict[type, Callable[[Notes, Moving, Moving], Moving]] = {
    ast.Add: add, ast.Sub: subtract, ast.Mult: multiply, ast.Div: divide, ast.Pow: power,
    ast.Mod: remainder, ast.FloorDiv: whole_part, ast.BitAnd: both, ast.BitOr: either,
}  # fmt: skip
FUNCTIONS: tuple[tuple[Any, int, Callable[..., Moving]], ...] = (
    (np.add, 2, add), (np.subtract, 2, subtract), (np.multiply, 2, multiply),
    (np.divide, 2, divide), (np.power, 2, power), (np.float_power, 2, power),
    (operations.power, 2, power), (operations.either, 2, either),
    (np.logical_and, 2, both), (np.logical_or, 2, either),
    (np.maximum, 2, larger), (np.minimum, 2, smaller),
    (np.fmax, 2, larger), (np.fmin, 2, smaller), (np.where, 3, chosen), (np.clip, 3, clipped),
    (np.abs, 1, absolute), (abs, 1, absolute), (np.fabs, 1, absolute),
)  # fmt: skip


def rule_of_several(function: Any) -> tuple[int, Callable[..., Moving]] | None:
    """Return how many arguments a function takes, and its rule; None where it has none."""
    return next(((n, rule) for each, n, rule in FUNCTIONS if each is function), None)
