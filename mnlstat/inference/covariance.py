"""Covariance matrices of the estimates, held as roots."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.inference.degrees import Degrees
from mnlstat.inference.rebasing import rebased
from mnlstat.linalg import row_norms
from mnlstat.rows.threads import one_blas_thread

# A combination of this standard error, beside the sum of those of its terms, has none.
ROUNDED = 1e-13


@dataclass(frozen=True)
class Covariance:
    """``V = F F'``, held as ``F``: a variance is a sum of squares and keeps its digits.

    Attributes
    ----------
    root : (p, m) ``F``; NaN where the covariance is not known
    kind : how it was estimated, in the words of the summary
    degrees : of freedom; None where the estimates are taken to be normal
    notes : what else the summary says of it
    """

    OBSERVED: ClassVar[str] = "observed information"
    OPG: ClassVar[str] = "outer product of gradients"

    root: FloatArray
    kind: str
    degrees: Degrees | None = None
    notes: tuple[str, ...] = ()

    @classmethod
    def unknown(cls, p: int, kind: str) -> Covariance:
        """The covariance of p estimates of which none is known."""
        return cls(np.full((p, 1), np.nan), kind)

    @property
    def known(self) -> bool:
        """Whether every element is a number."""
        return bool(np.isfinite(self.root).all())

    @property
    def replaces_information(self) -> bool:
        """Whether it is the inverse of another estimate of the information."""
        return self.kind == self.OPG

    def matrix(self) -> FloatArray:
        """``V`` (p, p)."""
        with np.errstate(over="ignore", under="ignore"), one_blas_thread():
            product: FloatArray = self.root @ self.root.T
        return product

    def standard_errors(self) -> FloatArray:
        """Square roots of the diagonal (p,)."""
        return row_norms(self.root)

    def of(self, R: FloatArray) -> Covariance:
        """The covariance of ``R b`` for R (m, p)."""
        degrees = None if self.degrees is None else self.degrees.of(R)
        with one_blas_thread():  # else the bits would depend on what other threads do
            root = R @ self.root
        # what constraints fix has no variance, and rounding must not look like one
        nothing = row_norms(root) <= ROUNDED * (np.abs(R) @ self.standard_errors())
        if nothing.any():
            root[nothing] = 0.0
        return replace(self, root=root, degrees=degrees)

    def at(self, positions: IntArray) -> Covariance:
        """The covariance of the chosen estimates."""
        degrees = self.degrees
        if degrees is not None:
            degrees = degrees.of(np.eye(len(self.root))[positions])
        return replace(self, root=self.root[positions], degrees=degrees)

    def rebased(self, k: int, old: int, new: int) -> Covariance:
        """The covariance of the same estimates against another base; k in each equation."""
        if not self.known:
            return self
        degrees = self.degrees
        if degrees is not None:
            degrees = degrees.of(rebased(np.eye(len(self.root)), k, old, new))
        return replace(self, root=rebased(self.root, k, old, new), degrees=degrees)

    @property
    def df(self) -> FloatArray | None:
        """Degrees of freedom of t for each estimate (p,); None where they are normal."""
        return None if self.degrees is None else self.degrees.single(len(self.root))
