"""What a ridge leaves of the information: no sampling covariance, yet an effective dimension."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.rebasing import rebased


@dataclass(frozen=True)
class Shrinkage:
    """The inverse of ``I + Lambda`` and the effective degrees of freedom.

    Attributes
    ----------
    covariance : Covariance
        ``(I + Lambda)^-1``: of the posterior, in the normal approximation, when the penalty is
        read as the log density of a normal prior.  It ignores the bias of the estimates.
    effective_df : float
        ``tr(I (I + Lambda)^-1)`` (Gray 1992, Journal of the American Statistical Association 87,
        942-951).
    """

    covariance: Covariance
    effective_df: float

    @classmethod
    def of(cls, root: FloatArray | None, p: int, penalty_root: FloatArray) -> Shrinkage:
        """From ``F`` (p, p) with ``F F' = (I + Lambda)^-1`` and ``L`` with ``L'L = Lambda``."""
        kind = "inverse of the information plus that of the penalty"
        if root is None:
            return cls(Covariance.unknown(p, kind), float("nan"))
        taken = float(np.square(penalty_root @ root).sum())
        return cls(Covariance(root, kind), p - taken)

    def rebased(self, k: int, old: int, new: int) -> Shrinkage:
        """The same against another base outcome; ``k`` coefficients in each equation."""
        if not self.covariance.known:
            return self
        root = rebased(self.covariance.root, k, old, new)
        return replace(self, covariance=replace(self.covariance, root=root))
