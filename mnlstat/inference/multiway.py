"""Sandwiches of clusters, in one or several ways."""

from __future__ import annotations

import itertools
from functools import reduce

import numpy as np

from mnlstat.design.groups import Groups
from mnlstat.errors import RankError
from mnlstat.inference.cov_options import CovarianceOptions
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.sandwich import square_root
from mnlstat.likelihood.clustered import cluster_scores
from mnlstat.likelihood.units import Units

FACTORS = {
    "stata": "times G/(G-1)",
    "statsmodels": "times G/(G-1) (n-1)/(n-p)",
    "sandwich": "times G/(G-1) (correction sandwich)",
    "none": "no factor",
}


def clustered(options: CovarianceOptions, units: Units, groups: tuple[Groups, ...]) -> Covariance:
    r"""``c I^-1 (sum_g U_g U_g') I^-1``, ``U_g`` the sum of the scores of a cluster.

    Of several ways the sum over the non-empty sets of them of
    :math:`(-1)^{|S| + 1} c_S B_S`, ``B_S`` the middle for clusters that are alike in all ways of
    the set; eigenvalues of ``F'BF`` below zero are cut to zero.

    References
    ----------
    Liang, K.-Y. & Zeger, S. L. (1986). Biometrika 73, 13-22.
    Cameron, A. C., Gelbach, J. B. & Miller, D. L. (2011). Journal of Business & Economic
    Statistics 29, 238-249.
    """
    sets = [s for m in range(len(groups)) for s in itertools.combinations(groups, m + 1)]
    crossed = [reduce(Groups.with_, each) for each in sets]
    places = units.places
    ways = tuple(each.codes if places is None else each.codes[places] for each in crossed)
    sums = cluster_scores(units, ways, tuple(map(len, crossed)))
    middle = np.zeros((units.dimension, units.dimension))
    for chosen, scores in zip(sets, sums, strict=True):
        sign = 1.0 if len(chosen) % 2 else -1.0
        middle += sign * factor(options.correction, len(scores), units) * (scores.T @ scores)
    root, cut = square_root(middle)
    names = " and ".join(f"{each.name} ({len(each)})" for each in groups)
    said = f"clustered by {names}, {FACTORS[options.correction]}"
    return Covariance(units.root @ root, said, notes=_cut(cut))


def _cut(cut: int) -> tuple[str, ...]:
    if not cut:
        return ()
    return (
        f"The covariance of several ways of clustering had {cut} negative"
        f" eigenvalue{'' if cut == 1 else 's'}, cut to zero (Cameron, Gelbach & Miller 2011).",
    )


def factor(correction: str, n_groups: int, units: Units) -> float:
    """``c`` of one way of clustering."""
    if correction == "none":
        return 1.0
    c = n_groups / (n_groups - 1.0)
    if correction != "statsmodels":
        return c
    n, p = units.count, units.dimension
    if not n > p:
        raise RankError(
            "no-residual-df",
            f"correction='statsmodels': (n-1)/(n-p) has no value for {n:g} units,"
            f" {p} coefficients.",
        )
    return c * (n - 1.0) / (n - p)
