"""Sandwiches of clusters, in one or several ways."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import reduce

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.design.groups import Groups
from mnlstat.design.stream_groups import StreamGroups
from mnlstat.errors import RankError
from mnlstat.inference.cov_options import CovarianceOptions
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.in_pieces import grouped_units
from mnlstat.inference.sandwich import square_root
from mnlstat.likelihood.clustered import KnownGroups, cluster_scores
from mnlstat.likelihood.units import Units
from mnlstat.memory import check_room

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
    ways = range(len(groups))
    sets = [s for m in ways for s in itertools.combinations(ways, m + 1)]
    crossed = [reduce(Groups.with_, [groups[at] for at in each]) for each in sets]
    sizes = [len(each) for each in crossed]
    check_room(
        8.0 * sum(sizes) * units.dimension,
        f"the scores of {sum(sizes)} clusters and {units.dimension} coefficients",
        "Use larger clusters, or leave terms out of the formula.",
    )
    codes = np.array([each.codes for each in crossed])
    codes = codes if units.places is None else codes[:, units.places]
    sums = cluster_scores(KnownGroups(units, codes))
    names = [each.name for each in groups]
    return _sandwich(options, units, names, list(map(len, sets)), sizes, sums)


def clustered_in_pieces(
    options: CovarianceOptions, units: Units, groups: StreamGroups
) -> Covariance:
    """The same of rows that are read in pieces.

    Raises
    ------
    DataError
        For labels that are missing or of several types, and for a single group; for more clusters
        than memory holds.
    """
    advice = "Use larger clusters, or leave terms out of the formula."
    each = units.dimension
    sums = cluster_scores(grouped_units(units, groups, each, "the scores of clusters", advice))
    orders = list(map(len, groups.sets))
    return _sandwich(options, units, groups.names, orders, groups.sizes, sums)


def _sandwich(
    options: CovarianceOptions,
    units: Units,
    names: Sequence[str],
    orders: Sequence[int],
    sizes: Sequence[int],
    sums: Sequence[FloatArray],
) -> Covariance:
    """Of the scores of clusters for each set of ways, which has ``orders`` members."""
    middle = np.zeros((units.dimension, units.dimension))
    for order, size, scores in zip(orders, sizes, sums, strict=True):
        sign = 1.0 if order % 2 else -1.0
        middle += sign * factor(options.correction, size, units) * (scores.T @ scores)
    root, cut = square_root(middle)
    named = " and ".join(f"{name} ({n})" for name, n in zip(names, sizes, strict=False))
    said = f"clustered by {named}, {FACTORS[options.correction]}"
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
    n, p = units.count, units.free
    if not n > p:
        raise RankError(
            "no-residual-df",
            f"correction='statsmodels': (n-1)/(n-p) has no value for {n:g} units,"
            f" {p} coefficients.",
        )
    return c * (n - 1.0) / (n - p)
