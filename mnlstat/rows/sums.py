"""What one pass over the rows tells of the columns of a design."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.rows.rows import Block


@dataclass(frozen=True)
class ColumnSums:
    """Smallest and largest value, sum and products of the columns."""

    low: FloatArray
    high: FloatArray
    sums: FloatArray
    gram: FloatArray

    @classmethod
    def of(cls, block: Block) -> ColumnSums:
        """Those of one block."""
        X = block.X
        with np.errstate(over="ignore", invalid="ignore"):
            return cls(X.min(axis=0), X.max(axis=0), X.sum(axis=0), X.T @ X)

    def merge(self, other: ColumnSums) -> ColumnSums:
        """Those of both parts."""
        return ColumnSums(
            np.minimum(self.low, other.low),
            np.maximum(self.high, other.high),
            self.sums + other.sums,
            self.gram + other.gram,
        )
