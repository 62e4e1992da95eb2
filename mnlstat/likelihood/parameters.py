"""A parameter vector, with or without the aliased entries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray, real_array
from mnlstat.errors import DataError


@dataclass(frozen=True)
class ParameterVector:
    """How a vector maps to coefficients (q, k).

    Attributes
    ----------
    q, k : equations and kept columns
    kept : (K,) bool, which columns of the full design are kept; None when all are
    """

    q: int
    k: int
    kept: BoolArray | None

    def coefficients(self, params: Any) -> FloatArray:
        """``B`` (q, k) from (q k,), or from (q K,) with NaN exactly at the aliased entries."""
        try:
            vector = real_array(params)
        except ValueError as error:
            raise DataError(
                "not-numbers", f"params must be numbers, not {type(params).__name__}."
            ) from error
        if vector.shape == (self.q * self.k,):
            return vector.reshape(self.q, self.k)
        if self.kept is not None and vector.shape == (self.q * len(self.kept),):
            full = vector.reshape(self.q, -1)
            if np.array_equal(np.isnan(full), np.broadcast_to(~self.kept, full.shape)):
                return full[:, self.kept]
            raise DataError(
                "params-not-aliased",
                "params of full length must be NaN exactly where a column is aliased:"
                f" columns {np.flatnonzero(~self.kept).tolist()} of each equation.",
            )
        raise DataError(
            "params-shape",
            f"params has shape {vector.shape}; expected ({self.q * self.k},):"
            f" {self.k} coefficients for each of {self.q} equations, outcome by outcome.",
        )
