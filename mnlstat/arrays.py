"""The array types that annotations use, and the one way into them."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.intp]
BoolArray: TypeAlias = npt.NDArray[np.bool_]

ROWS_AT_ONCE = 1024


def freeze(*records: Any) -> None:
    """Make the arrays of dataclasses views that cannot be written to; their givers still can."""
    for record in records:
        for name, value in list(vars(record).items()):
            if isinstance(value, np.ndarray):
                view = value.view()
                view.setflags(write=False)
                object.__setattr__(record, name, view)


def by_columns(values: Any) -> FloatArray:
    """A copy of an array (n, k) in floats with contiguous columns, some rows at a time.

    All at once each number would be fetched from another line of the cache.
    """
    copied = np.empty(values.shape, order="F")
    for start in range(0, len(values), ROWS_AT_ONCE):
        copied[start : start + ROWS_AT_ONCE] = values[start : start + ROWS_AT_ONCE]
    return copied


def real_array(values: Any) -> FloatArray:
    """Values as an array of floats; masked ones are NaN.

    Raises
    ------
    ValueError
        For what is not an array of real numbers: text, complex numbers (their imaginary part
        would be lost), ragged lists, integers beyond the range of floats.
    """
    try:
        if isinstance(values, np.ma.MaskedArray):
            return np.ma.filled(values.astype(np.float64), np.nan)
        array = np.asarray(values)
        if array.dtype.kind not in "biufO":
            raise TypeError(f"{array.dtype} is not real")
        if array.dtype.kind == "O" and any(isinstance(each, str | bytes) for each in array.flat):
            raise TypeError("text is not a number")
        return array.astype(np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"not an array of real numbers: {error}") from error
