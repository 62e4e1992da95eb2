"""Covariance matrices of the estimates, held as roots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.linalg import row_norms


@dataclass(frozen=True)
class Covariance:
    """``V = F F'``, held as ``F``: a variance is a sum of squares and keeps its digits.

    Attributes
    ----------
    root : (p, m) ``F``; NaN where the covariance is not known
    kind : how it was estimated, in the words of the summary
    """

    OBSERVED: ClassVar[str] = "observed information"

    root: FloatArray
    kind: str

    @classmethod
    def unknown(cls, p: int, kind: str) -> Covariance:
        """The covariance of p estimates of which none is known."""
        return cls(np.full((p, 1), np.nan), kind)

    @property
    def known(self) -> bool:
        """Whether every element is a number."""
        return bool(np.isfinite(self.root).all())

    def matrix(self) -> FloatArray:
        """``V`` (p, p)."""
        with np.errstate(over="ignore", under="ignore"):
            product: FloatArray = self.root @ self.root.T
        return product

    def standard_errors(self) -> FloatArray:
        """Square roots of the diagonal (p,)."""
        return row_norms(self.root)

    def of(self, R: FloatArray) -> Covariance:
        """The covariance of ``R b`` for R (m, p)."""
        return Covariance(R @ self.root, self.kind)

    def at(self, positions: IntArray) -> Covariance:
        """The covariance of the chosen estimates."""
        return Covariance(self.root[positions], self.kind)
