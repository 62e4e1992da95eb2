"""Standard errors of bootstrap replicates: the sandwich of what was drawn.

A studentised interval needs an error for each replicate that estimates how replicates scatter: that
is the sandwich of the rows, clusters or rows within strata which were drawn (the nonparametric
delta method; Davison & Hinkley 1997, sections 2.7.2 and 5.2), right where the model is not, too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.inference.no_variance import NOTHING
from mnlstat.inference.replicates import Refitter
from mnlstat.likelihood.clustered import KnownGroups, cluster_scores
from mnlstat.likelihood.units import Units, score_sums
from mnlstat.linalg import row_norms


@dataclass(frozen=True, eq=False)
class DrawnErrors:
    """Roots of the diagonal of ``I^-1 M I^-1`` under the weights of a replicate, without factors.

    A factor, ``G/(G-1)`` say, is that of all replicates and of the estimate, and cancels.

    Attributes
    ----------
    refitter : Refitter
    codes : (m,) cluster or stratum of each row of the population; None for independent rows
    whole : whether groups are clusters, drawn whole; else strata, with rows drawn within each
    """

    refitter: Refitter
    codes: IntArray | None = None
    whole: bool = False

    def __call__(self, weights: FloatArray, values: FloatArray) -> FloatArray:
        """Those (p,) of the estimates under weights (m,).

        NaN where the information is singular, and where they are rounding: the scores of one
        cluster alone, however often it was drawn, sum to zero.
        """
        root = self.refitter.root(weights, values)
        if root is None:
            return np.full(len(values), np.nan)
        rows = self.refitter.population.weighted(weights)
        likelihood = replace(self.refitter.likelihood, rows=rows, known=None)
        units = Units.of(likelihood, values, root, n=len(rows), sampling=False, trials=False)
        usual = row_norms(root)
        F = root / np.where(usual > 0, usual, 1.0)[:, None]  # squares of its own may underflow
        ratios = np.sqrt(np.maximum(((F @ self._middle(units, weights)) * F).sum(axis=1), 0.0))
        known = (ratios > NOTHING) | (usual == 0)
        return np.asarray(np.where(known, usual * ratios, np.nan))

    def _middle(self, units: Units, weights: FloatArray) -> FloatArray:
        """``F'M F`` (d, d) of units drawn."""
        if self.codes is None:
            return score_sums(units).products
        drawn = np.flatnonzero(weights)
        codes = self.codes[drawn]
        sums = cluster_scores(KnownGroups(units, codes[None, :]))[0]
        if self.whole:  # that of a cluster drawn t times is t times its own
            times = np.ones(len(sums))
            times[codes] = weights[drawn] / self.refitter.population.mass[drawn]
            return np.asarray(sums.T @ (sums / times[:, None]))
        sizes = np.maximum(np.bincount(codes, weights[drawn], len(sums)), 1.0)
        return np.asarray(score_sums(units).products - sums.T @ (sums / sizes[:, None]))
