"""A result under the covariance of its bootstrap replicates."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.errors import OptionError, RankError
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.no_variance import alike, check_differing
from mnlstat.linalg import row_norms
from mnlstat.report.bootstrap import Bootstrap
from mnlstat.results.diagnosed import Diagnosed

NAME = "bootstrap"
R = TypeVar("R", bound=Diagnosed)


def is_bootstrap(kind: Any) -> bool:
    """Whether a covariance is asked for that comes from replicates."""
    return isinstance(kind, Bootstrap) or (isinstance(kind, str) and kind == NAME)


def under_replicates(result: R, boot: Any, options: Iterable[Any]) -> R:
    """The same estimates under the covariance of replicates of this very fit.

    Raises
    ------
    OptionError
        For the name alone, for further options, and for replicates of another fit.
    RankError
        When the replicates of some coefficient are all the same.
    """
    if not isinstance(boot, Bootstrap):
        raise OptionError(
            "bootstrap-first",
            "with_cov('bootstrap'): draw the replicates first, and give them:\n"
            "boot = res.bootstrap(1000, seed=1); res.with_cov(boot).",
        )
    if any(option is not None for option in options):
        raise OptionError(
            "covariance-option",
            "with_cov(boot) takes no further options: it is all in the replicates.",
        )
    if boot.base != result.base or not boot.params.equals(result.params):
        raise OptionError(
            "bootstrap-of-another",
            "with_cov(boot): the replicates are of another fit, or against another base.\n"
            "Take the covariance first, and rebase() that result.",
        )
    root = result.estimates.information_root
    if root is not None:
        names = result.estimates.names
        check_differing(boot.covariance, root, 1.0, names, "with_cov()")
    sample = result.sample
    if sample is not None:
        sample = replace(sample, refit=partial(_refit, sample.refit), covariance=None)
    return replace(
        result,
        estimates=result.estimates.under(_exactly(result, boot.covariance)),
        statistics=replace(result.statistics, robust=True),
        known_turned_back=None,
        sample=sample,
    )


def check_drawn_differ(boot: Bootstrap, root: FloatArray | None) -> None:
    """Refuse replicates that are all the same: what is drawn leaves the estimates as they are.

    Raises
    ------
    RankError
    """
    if boot.n_finite < 2 or root is None or not (lengths := row_norms(root)).any():
        return
    if alike(boot.covariance, root, 1.0)[lengths > 0].all():
        raise RankError(
            "replicates-alike",
            f"bootstrap(): all {boot.n_finite} replicates with finite estimates are the same; draws"
            f" of {boot.drawn} say nothing of the errors.\nDraw what differs: strata of several"
            " rows, or clusters that no term tells apart.",
        )


def _exactly(result: Diagnosed, covariance: Covariance) -> Covariance:
    """The covariance without the rounding of coefficients that constraints fix."""
    estimates = result.estimates
    if not estimates.constrained:
        return covariance
    fixed = estimates.covariance.standard_errors() == 0
    root = np.where(fixed[:, None], 0.0, covariance.root)
    return replace(covariance, root=root)


def _refit(refit: Callable[..., Any], *args: Any, covariance: Any = None, **options: Any) -> Any:
    """Another model, under a covariance that it has."""
    if covariance is None:
        raise OptionError(
            "bootstrap-first",
            "update(): the covariance of this result comes from bootstrap replicates, and another"
            " model has none yet.\nUpdate the result without it, and draw again.",
        )
    return refit(*args, covariance=covariance, **options)
