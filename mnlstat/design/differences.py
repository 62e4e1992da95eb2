"""Derivatives of code that nothing is known of, by differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mnlstat.arrays import FloatArray

STEPS = 28
ORDERS = 3
HALVINGS = 50
EPS = float(np.finfo(np.float64).eps)


def richardson(
    function: Callable[[FloatArray], Any], x: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the derivative of a row-wise function, and an estimate of its error.

    Central differences of steps that are halved are extrapolated to a step of zero; of all steps
    each row takes the one at which neighbouring extrapolations agree best, rounding counted.  The
    steps depend on nothing but the row, so that pieces of data give what the whole gives.

    Parameters
    ----------
    function : callable
        Takes x (n,), returns (n,) or (n, c); NaN where it is not defined.
    x : (n,) array

    Returns
    -------
    slope, error : (n,) or (n, c) arrays
        The error is infinite, and the slope NaN, where no step can be taken.

    References
    ----------
    Richardson, L. F. (1911). Phil. Trans. R. Soc. A 210, 307-357.  Ridders, C. J. F. (1982).
    Advances in Engineering Software 4, 75-76.

    Examples
    --------
    >>> import numpy as np
    >>> from mnlstat.design.differences import richardson
    >>> slope, error = richardson(np.sin, np.array([0.0, 1.0]))
    >>> bool(np.abs(slope - np.cos([0.0, 1.0])).max() < 1e-11)
    True
    """
    # powers of two, so that hardly anything is rounded in x + h and x - h
    first = 2.0 ** np.floor(np.log2(np.maximum(np.abs(x), 1.0))) / 8
    slope = error = None
    rows: list[FloatArray] = []
    for step in first * 0.5 ** np.arange(STEPS)[:, None]:
        with np.errstate(all="ignore"):
            high, low = _numbers(function(x + step)), _numbers(function(x - step))
            by = step if high.ndim == 1 else step[:, None]
            rows = _extrapolated((high - low) / (2 * by), rows)
            if slope is None or error is None:
                slope, error = np.full(high.shape, np.nan), np.full(high.shape, np.inf)
            if len(rows) <= ORDERS:
                continue
            rounding = EPS * np.maximum(np.abs(high), np.abs(low)) / by
            apart = np.maximum(*(np.abs(rows[-1] - other) for other in (rows[-2], rows[-3])))
            off = apart + rounding
            better = off < error
            slope, error = np.where(better, rows[-1], slope), np.where(better, off, error)
    assert slope is not None and error is not None
    return slope, error


def jumps(function: Callable[[FloatArray], Any], x: FloatArray) -> bool:
    """Whether a row-wise function is seen to jump between the values of x that there are.

    From each value to the next larger one the half in which the function changes most is halved
    again, until nothing is left between its ends: what a continuous function changes there is
    rounding.
    """
    order = np.argsort(x, kind="stable")
    low, high = x.copy(), x.copy()
    high[order[:-1]] = x[order[1:]]
    with np.errstate(all="ignore"):
        at_low, at_high = _numbers(function(low)), _numbers(function(high))
        size = float(np.abs(at_low).max(initial=0.0, where=np.isfinite(at_low)))
        for _ in range(HALVINGS):
            middle = low + (high - low) / 2
            at_middle = _numbers(function(middle))
            left = _change(at_low, at_middle) >= _change(at_middle, at_high)
            low, high = np.where(left, low, middle), np.where(left, middle, high)
            by_row = left if at_low.ndim == 1 else left[:, None]
            at_low = np.where(by_row, at_low, at_middle)
            at_high = np.where(by_row, at_middle, at_high)
        return bool((_change(at_low, at_high) > 1e-6 * size).any())


def _change(one: FloatArray, other: FloatArray) -> FloatArray:
    """How much a row changes in all."""
    change = np.abs(other - one)
    return change if change.ndim == 1 else change.sum(axis=1)


def _extrapolated(difference: FloatArray, before: list[FloatArray]) -> list[FloatArray]:
    """The next row of the tableau: each entry takes one more power of the step away."""
    row = [difference]
    for order, last in enumerate(before[:ORDERS], start=1):
        row.append(row[-1] + (row[-1] - last) / (4.0**order - 1.0))
    return row


def _numbers(value: Any) -> FloatArray:
    return np.asarray(value, dtype=np.float64)
