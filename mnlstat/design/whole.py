"""Whole numbers in expressions: exact where int64 holds them, never wrapped around."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.design.column import Integers
from mnlstat.design.levels import Levelled
from mnlstat.errors import MnlstatError

Value: TypeAlias = "FloatArray | Levelled"
Found = TypeVar("Found", bound=tuple[Value, Any])


def alike(one: Value, other: Value, size: float | None = None) -> bool:
    """Whether two values are the same but for rounding in numbers as large as ``size``."""
    if isinstance(one, Levelled) and isinstance(other, Levelled):
        return np.array_equal(one.recoded(other.levels), other.codes)
    if isinstance(one, Levelled) or isinstance(other, Levelled) or one.shape != other.shape:
        return False
    noise = 1e-12 * (largest(other) if size is None else size)
    with np.errstate(all="ignore"):
        return np.allclose(one, other, rtol=1e-9, atol=noise, equal_nan=True)


def largest(value: FloatArray) -> float:
    """Return the largest finite magnitude."""
    return float(np.abs(value).max(initial=0.0, where=np.isfinite(value)))


def settled(run: Callable[[Integers], Found], floats_hold_all: Callable[[], bool]) -> Found | None:
    """Return what ``run`` gives for columns of whole numbers.

    Operations on int64 wrap around where they overflow; those on float64 round, and write 1 as
    1.0.  Where both give the same, or one of them cannot be carried out, nothing is to decide.
    Where they differ, Python's own whole numbers decide, which never overflow but suit few
    functions.  What they do not suit has overflowed, unless float64 does not hold the numbers.

    Parameters
    ----------
    run : callable
        Evaluates with the columns of whole numbers as "whole" (int64), "float" or "exact".
    floats_hold_all : callable
        Tells whether all these whole numbers are exact as float64.

    Returns
    -------
    What ``run`` returned, or None when it cannot be known what is right.

    Raises
    ------
    MnlstatError
        When the expression cannot be evaluated with any of them.
    """
    whole, rough = _attempt(run, "whole"), _attempt(run, "float")
    if isinstance(whole, MnlstatError):  # negative powers
        if isinstance(rough, MnlstatError):
            raise whole
        return rough
    if isinstance(rough, MnlstatError) or alike(whole[0], rough[0]):  # bits
        return whole
    exact = _attempt(run, "exact")
    if isinstance(exact, MnlstatError):
        return rough if floats_hold_all() else None
    if alike(whole[0], exact[0]):
        return whole
    return rough if alike(rough[0], exact[0]) else exact


def _attempt(run: Callable[[Integers], Found], integers: Integers) -> Found | MnlstatError:
    try:
        return run(integers)
    except MnlstatError as error:
        return error
