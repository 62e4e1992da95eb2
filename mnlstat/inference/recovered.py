"""Another covariance of the same estimates, by its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.design.groups import Groups
from mnlstat.design.stream_groups import StreamGroups
from mnlstat.errors import DataError, OptionError, RankError
from mnlstat.inference.cov_options import (
    CLUSTER,
    HAC,
    HC0,
    HC1,
    HC2,
    HC3,
    JACKKNIFE,
    OBSERVED,
    OPG,
    ROBUST,
    STATA,
    TRIAL,
    CovarianceOptions,
)
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.degrees import Fixed
from mnlstat.inference.leveraged import leveraged, leveraged_clusters, leveraged_in_pieces
from mnlstat.inference.multiway import clustered, clustered_in_pieces
from mnlstat.inference.sandwich import ROBUST as ROBUST_STATA
from mnlstat.inference.sandwich import inverse_root, sandwich, without_residuals
from mnlstat.inference.serial import hac
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.likelihood.units import Units, score_sums


@dataclass(frozen=True, eq=False)
class Estimated:
    """A maximum and the rows that it belongs to.

    Attributes
    ----------
    likelihood : MultinomialLikelihood
    params : (p,)
    root : (p, d) ``F`` with ``F F'`` the inverse information
    n : rows that were used
    sampling : whether weights are sampling weights
    pseudo : whether the likelihood is a pseudo-likelihood
    counts : whether a row of the user's data may hold several choices
    label : of a row by its position, for messages
    """

    likelihood: MultinomialLikelihood
    params: FloatArray
    root: FloatArray
    n: int
    sampling: bool
    pseudo: bool
    counts: bool
    label: Callable[[int], str]

    def units(self, options: CovarianceOptions) -> Units:
        """The independent units: rows, or each choice in them."""
        trials = options.unit == TRIAL or not self.counts
        return Units.of(
            self.likelihood,
            self.params,
            self.root,
            n=self.n,
            sampling=self.sampling,
            trials=trials,
        )

    @property
    def weight(self) -> float:
        """Mean weight of a row."""
        return float(self.likelihood.rows.outcome_totals().sum()) / self.n

    @property
    def free(self) -> int:
        """Free parameters."""
        return int(self.root.shape[1])


def covariance_of(
    options: CovarianceOptions,
    estimated: Estimated,
    groups: tuple[Groups, ...] | StreamGroups = (),
    order: IntArray | None = None,
) -> Covariance:
    """The covariance that was asked for; ``order`` (n,) are the rows in time, where they are not.

    Raises
    ------
    OptionError
        For one that a pseudo-likelihood does not have.
    RankError
        Where scores or leverages leave nothing to estimate it from.
    """
    if options.kind in (OBSERVED, OPG) and estimated.pseudo:
        why = "sampling weights make" if estimated.sampling else "shares make"
        raise OptionError(
            "pseudo-likelihood",
            f"the covariance {options.kind!r} holds for a likelihood; {why} a pseudo-likelihood.\n"
            "Ask for 'robust', or another sandwich.",
        )
    if options.kind == OBSERVED:
        found = Covariance(estimated.root, Covariance.OBSERVED)
        n = estimated.units(options).count
        return referred(found, options, n - estimated.free)
    found = _sandwich(options, estimated, groups, order)
    if options.kind != OPG:
        check_residuals(found, options, estimated)
    return found


def check_residuals(found: Covariance, options: CovarianceOptions, estimated: Estimated) -> None:
    """Refuse a covariance of units that are fitted exactly."""
    if not without_residuals(found, estimated.root, estimated.weight):
        return
    if options.groups is not None:
        raise RankError(
            "no-residual-variation",
            f"the covariance {options.kind!r}: in each cluster the scores sum to zero, as where the"
            " formula has indicators of the clusters, and say nothing of the errors.\nLeave the"
            " indicators out, or ask for a covariance of rows, 'robust', or of choices,"
            " unit='trial', where a row holds several.",
        )
    raise RankError(
        "no-residual-variation",
        f"the covariance {options.kind!r}: each unit is fitted exactly, so that scores are zero"
        " and say nothing of the errors.\nAsk for 'observed', for unit='trial' where a row holds"
        " several choices, or leave terms out.",
    )


def _sandwich(
    options: CovarianceOptions,
    estimated: Estimated,
    groups: tuple[Groups, ...] | StreamGroups,
    order: IntArray | None,
) -> Covariance:
    units = estimated.units(options)
    if isinstance(groups, StreamGroups):
        found = _of_clusters_in_pieces(options, units, groups)
        return referred(found, options, min(groups.sizes[: len(groups.names)]) - 1)
    if groups:
        return referred(_of_clusters(options, units, groups), options, min(map(len, groups)) - 1)
    residual = units.count - estimated.free
    if options.kind == HAC:
        return referred(hac(options, units, order), options, residual)
    if options.kind in (HC2, HC3, JACKKNIFE):
        if units.summed:
            raise DataError(
                "read-in-pieces",
                f"the covariance {options.kind!r} needs the weight of each row; of these data,"
                " which are read in pieces, equal rows were summed.\n"
                "Fit a frame, or ask for 'robust'.",
            )
        return referred(leveraged(options.kind, units, estimated.label), options, residual)
    return referred(_rowwise(options, units), options, residual)


def _of_clusters_in_pieces(
    options: CovarianceOptions, units: Units, groups: StreamGroups
) -> Covariance:
    if options.kind == CLUSTER:
        return clustered_in_pieces(options, units, groups)
    _check_one_way(options, len(groups.names))
    return leveraged_in_pieces(options.kind, units, groups)


def _of_clusters(
    options: CovarianceOptions, units: Units, groups: tuple[Groups, ...]
) -> Covariance:
    if options.kind == CLUSTER:
        return clustered(options, units, groups)
    return leveraged_clusters(options.kind, units, one_way(options, groups))


def one_way(options: CovarianceOptions, groups: tuple[Groups, ...]) -> Groups:
    """The clusters of a kind that takes one way of clustering."""
    _check_one_way(options, len(groups))
    return groups[0]


def _check_one_way(options: CovarianceOptions, ways: int) -> None:
    if ways > 1:
        raise OptionError(
            "covariance-option",
            f"the covariance {options.kind!r} takes one way of clustering, not {ways};"
            " 'cluster' takes several.",
        )


def referred(covariance: Covariance, options: CovarianceOptions, df: float) -> Covariance:
    """The covariance with degrees of freedom where t and F are asked for."""
    if not options.use_t:
        return covariance if options.use_t is None else replace(covariance, degrees=None)
    if options.df is None and covariance.degrees is not None:
        return covariance
    chosen = df if options.df is None else options.df
    if not chosen > 0:
        raise OptionError(
            "covariance-option",
            f"use_t=True: no degrees of freedom are left ({chosen:g}). Give df=.",
        )
    # F of a survey stays adjusted, whatever its degrees of freedom
    before = covariance.degrees
    adjusted = isinstance(before, Fixed) and before.adjusted
    return replace(covariance, degrees=Fixed(float(chosen), adjusted))


def _rowwise(options: CovarianceOptions, units: Units) -> Covariance:
    """OPG, and the sandwiches of independent units."""
    products, n, p = score_sums(units).products, units.count, units.free
    if options.kind == OPG:
        inner = inverse_root(products)
        if inner is None:
            raise RankError(
                "singular-scores",
                f"opg: the outer products of the scores of {n:g} units are singular, so that they"
                f" say nothing of some of the {p} coefficients.\nAsk for 'observed' or 'robust'.",
            )
        return Covariance(units.root @ inner, Covariance.OPG)
    if options.kind == HC0:
        return sandwich(units.root, products, 1.0, "HC0, robust sandwich")
    if options.kind == HC1:
        if not n > p:
            raise RankError(
                "no-residual-df", f"HC1: n/(n-p) has no value for {n:g} units, {p} coefficients."
            )
        return sandwich(units.root, products, n / (n - p), "HC1, robust sandwich, times n/(n-p)")
    assert options.kind == ROBUST
    if options.correction == STATA:
        return sandwich(units.root, products, n / max(n - 1.0, 1.0), ROBUST_STATA)
    said = f"robust sandwich, no factor (correction {options.correction})"
    return sandwich(units.root, products, 1.0, said)
