"""The information that the model would have if every row had the outcome shares."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.linalg import Factor, factorise


@dataclass(frozen=True)
class KroneckerMetric:
    """``(diag s - s s') (x) G``, which has the inverse ``inv(diag s - s s') (x) inv(G)``.

    Attributes
    ----------
    shares : (q,) of the outcomes that are not the base
    gram : (k, k) ``X'X``, positive definite
    """

    shares: FloatArray
    gram: FloatArray

    @cached_property
    def _design(self) -> Factor:
        factor = factorise(self.gram)
        assert factor is not None, "the columns are independent"
        return factor

    def matrix(self) -> FloatArray:
        """The (p, p) matrix."""
        among = np.diag(self.shares) - np.outer(self.shares, self.shares)
        matrix: FloatArray = np.kron(among, self.gram).astype(float, copy=False)
        return matrix

    def solve(self, b: FloatArray) -> FloatArray:
        """The inverse times a vector (p,); ``inv(diag s - s s')`` is ``diag(1/s) + 11'/s_0``."""
        by_outcome = b.reshape(len(self.shares), -1)
        base = 1.0 - self.shares.sum()
        mixed = by_outcome / self.shares[:, None] + by_outcome.sum(axis=0) / base
        solved: FloatArray = self._design.solve(mixed.T).T.ravel()
        return solved
