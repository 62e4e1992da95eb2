"""Many refits, by any number of workers: the replicates of a bootstrap or of a jackknife."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.inference.replicates import Ended, Refitter
from mnlstat.rows.resampled import Draw
from mnlstat.rows.threads import ThreadMap, one_blas_thread

# Estimates, how the fit ended, and standard errors if they were asked for.
Replicate = tuple[FloatArray, Ended, FloatArray | None]


@dataclass(frozen=True, eq=False)
class Replicates:
    """What came of n fits.

    Attributes
    ----------
    estimates : (n, p)
    ended : (n,) members of :class:`Ended`
    errors : (n, p) standard errors, where they were asked for
    """

    estimates: FloatArray
    ended: IntArray
    errors: FloatArray | None = None


@dataclass(frozen=True, eq=False)
class Replicator:
    """Draws weights and fits.

    Attributes
    ----------
    refitter : Refitter
    draw : of the weights of its population
    errors : standard errors (p,) of estimates under weights; None where they are not asked for
    """

    refitter: Refitter
    draw: Draw
    errors: Callable[[FloatArray, FloatArray], FloatArray] | None = None

    def __call__(self, seed: np.random.SeedSequence) -> Replicate:
        """One replicate."""
        weights = self.draw(np.random.default_rng(seed))
        values, ended = self.refitter.fit(weights)
        if self.errors is None:
            return values, ended, None
        if ended is not Ended.FITTED:
            return values, ended, np.full_like(values, np.nan)
        return values, ended, self.errors(weights, values)


def replicated(
    refitter: Refitter,
    fit: Callable[[Any], Replicate],
    jobs: Iterable[Any],
    n_workers: int,
    tick: Callable[[], object] = lambda: None,
) -> Replicates:
    """Fits of all jobs: the same whatever the number of workers."""
    found = []
    with one_blas_thread():
        refitter.prepare()
        for part in ThreadMap(n_workers)(fit, jobs):
            found.append(part)
            tick()
    values, ended, errors = zip(*found, strict=True)
    known = None if errors[0] is None else np.array(errors)
    return Replicates(np.array(values), np.array(ended, dtype=np.intp), known)
