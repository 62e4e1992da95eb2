"""What clusters cannot tell: warnings of it, whose words stay in the notes of the covariance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.design.scope import warn
from mnlstat.errors import ClusterWarning
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.no_variance import listed, without_variance


def told_of_none(
    root: FloatArray, sandwich: FloatArray, names: Sequence[str], kind: str, unit: str
) -> Iterator[str]:
    """Where clusters say nothing of the errors of some coefficients, given by name.

    Parameters
    ----------
    root, sandwich : (p, d) and (p, e) arrays, ``F`` and ``S`` with ``F F'`` the inverse information
        and ``S S'`` the covariance
    names : of the p coefficients
    kind : of the covariance
    unit : "cluster" or "PSU"
    """
    silent = np.flatnonzero(without_variance(root, sandwich))
    if not silent.size:
        return
    found = (
        f"{kind}: the scores of {listed(names, silent)} sum to zero in every {unit}, as with"
        f" indicators of {unit}s in the formula: what standard errors they have come from other"
        " coefficients, and are far too small."
    )
    cure = "Do not test them, or leave the indicators out of the formula."
    warn(ClusterWarning("no-variance-of-clusters", f"{found}\n{cure}"))
    yield found


def told_of_few(size: int, named: str, p: int, cure: str, model: str = "") -> Iterator[str]:
    """Where there are fewer clusters than p coefficients, of a model among several."""
    if size < p:
        found = (
            f"{model}{size} {named} for {p} coefficients: the covariance has rank {size - 1} at"
            " most, and standard errors may be far too small."
        )
        warn(ClusterWarning("few-clusters", f"{found}\n{cure}"))
        yield found


def told_of_few_psus(covariance: Covariance, p: int) -> Iterator[str]:
    """Where the covariance under a design has a lower rank than there are p free coefficients."""
    errors = covariance.standard_errors()[:, None]
    rank = int(np.linalg.matrix_rank(covariance.root / np.where(errors > 0, errors, 1.0)))
    if rank < p:
        found = (
            f"survey: the design tells of {rank} directions only of the {p} coefficients: the"
            f" covariance has rank {rank}, and there is no test of more restrictions than that."
        )
        warn(ClusterWarning("few-clusters", f"{found}\nTest few restrictions at a time."))
        yield found
