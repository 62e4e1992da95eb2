"""Sandwiches that allow for the leverage of each unit or cluster, and the jackknife."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.design.groups import Groups
from mnlstat.design.stream_groups import StreamGroups
from mnlstat.errors import RankError
from mnlstat.inference.cov_options import CR2, HC2, HC3, JACKKNIFE
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.in_pieces import grouped_units
from mnlstat.inference.sandwich import sandwich
from mnlstat.inference.satterthwaite import Satterthwaite
from mnlstat.likelihood.by_cluster import ByCluster, Eigen, Eigens
from mnlstat.likelihood.cluster_sums import eigen_of_clusters, n_sums
from mnlstat.likelihood.leverage import FULL, HALF, WHOLE, leveraged_sums
from mnlstat.likelihood.units import ScoreSums, Units
from mnlstat.memory import check_room
from mnlstat.rows.total import total

NO_LEVERAGES = "Ask for 'cluster', which needs no leverages."
KINDS = {
    HC2: "HC2, robust sandwich with leverages",
    HC3: "HC3, robust sandwich with leverages",
    JACKKNIFE: "jackknife, one-step deletions",
}


def leveraged(kind: str, units: Units, label: Callable[[int], str]) -> Covariance:
    """HC2, HC3 and the jackknife over units.

    References
    ----------
    MacKinnon, J. G. & White, H. (1985). Journal of Econometrics 29, 305-325.
    Lesaffre, E. & Albert, A. (1989). Applied Statistics 38, 425-440: blocks of leverages.
    """
    power = HALF if kind == HC2 else WHOLE
    found = leveraged_sums(units, power)
    if found.leverage > FULL:
        at = found.unit if units.places is None else int(units.places[found.unit])
        raise _full(kind, f"row {label(at)}")
    middle, factor = found.sums.products, 1.0
    if kind == JACKKNIFE:
        middle, factor = _about_the_mean(found.sums, units.count)
    return sandwich(units.root, middle, factor, KINDS[kind])


def _about_the_mean(sums: ScoreSums, n: float) -> tuple[FloatArray, float]:
    return sums.products - np.outer(sums.total, sums.total) / n, (n - 1.0) / n


def _full(kind: str, which: str) -> RankError:
    return RankError(
        "full-leverage",
        f"{kind}: {which} alone determines a combination of the coefficients: its leverage is"
        " one, and nothing of it is left to tell the variance.\n"
        "Ask for a covariance without leverages, or leave out the term that it alone informs.",
    )


def leveraged_clusters(kind: str, units: Units, groups: Groups) -> Covariance:
    """CR2, CR3 and the jackknife over clusters.

    With ``H_g = F'I_g F`` the score of a cluster is ``(Id - H_g)^-1/2 F'U_g`` for CR2, with the
    exponent -1 for CR3 and the one-step deletions of the jackknife.

    References
    ----------
    Bell, R. M. & McCaffrey, D. F. (2002). Survey Methodology 28, 169-181.
    Pustejovsky, J. E. & Tipton, E. (2018). Journal of Business & Economic Statistics 36, 672-683.
    """
    return _of_eigen(kind, units, _eigen(units, groups), groups.name, groups.label)


def leveraged_in_pieces(kind: str, units: Units, groups: StreamGroups) -> Covariance:
    """The same of rows that are read in pieces, in any order.

    Raises
    ------
    DataError
        For labels that are missing or of several types, and for a single group; for more clusters
        than memory holds.
    """
    what, advice = "the leverages of clusters", NO_LEVERAGES
    found = eigen_of_clusters(
        grouped_units(units, groups, 2 * n_sums(units.dimension), what, advice)
    )
    return _of_eigen(kind, units, found, groups.names[0], groups.label)


def _of_eigen(
    kind: str, units: Units, found: Eigen, name: str, label: Callable[[int], str]
) -> Covariance:
    G = len(found.ranks)
    starts = np.cumsum(found.ranks) - found.ranks
    cluster, left = np.repeat(np.arange(G), found.ranks), 1.0 - found.values
    if found.values.max() > FULL:
        worst = label(int(cluster[found.values.argmax()]))
        raise _full(kind, f"the cluster {name} = {worst}")
    # ((1 - l)^-power - 1) / l without the difference
    gain = 1.0 / (np.sqrt(left) * (1.0 + np.sqrt(left))) if kind == CR2 else 1.0 / left
    inner = gain * np.einsum("rd,rd->r", found.basis, found.scores[cluster])
    adjusted = found.scores + np.add.reduceat(found.basis * inner[:, None], starts)
    said, factor = f"{kind}, clustered by {name} ({G})", 1.0
    if kind == JACKKNIFE:
        adjusted, factor = adjusted - adjusted.mean(axis=0), (G - 1.0) / G
        said = f"{KINDS[JACKKNIFE]} of clusters {name} ({G})"
    V = sandwich(units.root, adjusted.T @ adjusted, factor, said)
    if kind != CR2:
        return V
    return replace(V, degrees=Satterthwaite(units.root, found.basis, found.values, starts))


def _eigen(units: Units, groups: Groups) -> Eigen:
    """Scores and leverages of all clusters."""
    codes = groups.codes if units.places is None else groups.codes[units.places]
    d, G, q = units.dimension, len(groups), units.rows.n_outcomes - 1
    most = float(np.minimum(np.bincount(codes, minlength=G) * q, d).sum())
    check_room(
        8.0 * 2 * most * d,
        f"the leverages of {G} clusters and {d} coefficients",
        NO_LEVERAGES,
    )
    clusters = ByCluster.of(units, codes, G)
    return Eigen.joined(total(clusters, lambda part: Eigens([clusters.eigen(part)])).parts)
