"""Checks on arrays that come straight from a user."""

from __future__ import annotations

from typing import Any

import numpy as np

from mnlstat.arrays import FloatArray, IntArray, real_array
from mnlstat.errors import DataError, MnlstatError, OffsetError, OptionError, WeightsError
from mnlstat.options import check_count, shown
from mnlstat.rows.matrix import Dense
from mnlstat.rows.rows import Rows, block_rows

# Codes are whole numbers that an index can be.
LARGEST_CODE = 2.0**31


def checked_rows(
    X: Any, y: Any, n_outcomes: int | None, base: int, weights: Any, offset: Any
) -> tuple[Rows, int]:
    """Rows of arrays that fit together, and the position of the base outcome."""
    design = _numbers("X", X, DataError)
    if design.ndim != 2 or 0 in design.shape:
        raise DataError(
            "wrong-shape", f"X has shape {design.shape}; expected rows by columns, at least 1 x 1."
        )
    _finite("X", design, DataError)
    response, J = _checked_response(y, len(design), n_outcomes)
    base = check_count("base", base)
    if base >= J:
        raise OptionError(
            "unknown-base", f"base={base} must be a position from 0 to {J - 1}: {J} outcomes."
        )
    rows = Rows(
        Dense(np.asfortranarray(design)),
        response,
        J,
        _checked_weights(weights, len(design)),
        _checked_offset(offset, (len(design), J)),
        block_rows(design.shape[1] * (J - 1)),
    )
    if rows.weights is not None and not rows.weights.all():
        rows = rows.subset(rows.weights > 0)
    return rows, base


def _numbers(name: str, values: Any, error: type[MnlstatError]) -> FloatArray:
    try:
        return real_array(values)
    except ValueError as cause:
        raise error("not-numbers", f"{name} must be an array of real numbers.") from cause


def _finite(name: str, values: FloatArray, error: type[MnlstatError]) -> None:
    bad = ~np.isfinite(values)
    if bad.any():
        row = int(np.flatnonzero(bad.reshape(len(values), -1).any(axis=1))[0])
        raise error(
            "not-finite",
            f"{name} has {int(bad.sum())} infinite or missing values, first in row {row}.",
        )


def _checked_response(y: Any, n: int, n_outcomes: int | None) -> tuple[IntArray | FloatArray, int]:
    values = _numbers("y", y, DataError)
    if values.ndim not in (1, 2) or len(values) != n:
        raise DataError(
            "response-shape",
            f"y has shape {values.shape}; expected ({n},) codes or ({n}, J) counts.",
        )
    _finite("y", values, DataError)
    if (values < 0).any():
        raise DataError(
            "response-negative", "y has negative values; expected codes 0..J-1 or counts."
        )
    if values.ndim == 2:
        J = _checked_outcomes(values.shape[1], n_outcomes)
        if values.shape[1] != J:
            raise DataError(
                "number-of-outcomes",
                f"y has counts of {values.shape[1]} outcomes; n_outcomes is {J}.",
            )
        return values, J
    if not np.array_equal(values, np.floor(values)):
        raise DataError(
            "response-not-whole", "y has codes that are not whole numbers; expected 0..J-1."
        )
    largest = float(values.max())
    if largest >= (max(n, 2) if n_outcomes is None else LARGEST_CODE):
        raise DataError(
            "codes-beyond-rows",
            f"y has the code {largest:.15g}, but only {n} rows; codes count outcomes from 0 to J-1."
            "\nGive n_outcomes, or number the outcomes that occur.",
        )
    return values.astype(np.intp), _checked_outcomes(int(largest) + 1, n_outcomes)


def _checked_outcomes(seen: int, n_outcomes: int | None) -> int:
    J = seen if n_outcomes is None else check_count("n_outcomes", n_outcomes, 2)
    if max(seen, 2) > J:
        raise DataError(
            "number-of-outcomes",
            f"y has {seen} outcomes where n_outcomes is {n_outcomes}; needs 2 or more.",
        )
    return J


def _checked_weights(weights: Any, n: int) -> FloatArray | None:
    if weights is None:
        return None
    values = _numbers("weights", weights, WeightsError)
    if values.shape != (n,):
        raise WeightsError("lengths-differ", f"weights has shape {values.shape}; expected ({n},).")
    _finite("weights", values, WeightsError)
    if (values < 0).any():
        raise WeightsError("weights-negative", "weights must not be negative.")
    if not values.any():
        raise WeightsError("weights-all-zero", "weights must not be all zero.")
    return values


def _checked_offset(offset: Any, shape: tuple[int, int]) -> FloatArray | None:
    if offset is None:
        return None
    values = _numbers("offset", offset, OffsetError)
    if values.shape != shape:
        raise OffsetError("offset-shape", f"offset has shape {values.shape}; expected {shape}.")
    _finite("offset", values, OffsetError)
    return values


def check_order(order: int) -> int:
    """Return the order of derivatives if it is 0, 1 or 2, else raise OptionError."""
    if isinstance(order, bool) or order not in (0, 1, 2):
        raise OptionError(
            "invalid-choice",
            f"order={shown(order)} must be 0 (value), 1 (and score) or 2 (and information).",
        )
    return int(order)


def block_numbers(blocks: Any, n_blocks: int) -> list[int]:
    """Return numbers of blocks, or raise OptionError for none or for one that is not there."""
    try:
        wanted = [check_count("a block", each) for each in blocks]
    except TypeError as error:
        raise OptionError(
            "unknown-block", f"blocks={shown(blocks)} must be numbers of blocks."
        ) from error
    if not wanted or max(wanted) >= n_blocks:
        raise OptionError(
            "unknown-block",
            f"blocks={shown(wanted)} must be at least one number from 0 to {n_blocks - 1}.",
        )
    return wanted
