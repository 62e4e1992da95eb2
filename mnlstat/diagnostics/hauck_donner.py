"""The Hauck-Donner effect: Wald statistics that fall while the coefficient grows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.arrow import factorise
from mnlstat.errors import ConvergenceError, DataError, SeparationError
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.estimates import Estimates
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.likelihood.third import information_slopes
from mnlstat.linalg import row_norms

# Below this |b_j| max_i |x_ij| no Wald statistic can have turned back.
BOUND = 2.0
# Products (rows by coefficients by coefficients in question) that a summary may take.
CHEAP = 1e8


class Fitted(Protocol):
    """What is read of a fit."""

    @property
    def estimates(self) -> Estimates:
        """Coefficients and covariance."""

    @property
    def converged(self) -> bool:
        """Whether there are standard errors."""

    @property
    def aliasing(self) -> Any:
        """Which columns are estimated, and their ``sizes``."""


def hauck_donner(fit: Fitted, likelihood: MultinomialLikelihood) -> pd.DataFrame:
    """Derivatives of each Wald statistic: columns derivative, flag, profile_derivative.

    Raises
    ------
    SeparationError, ConvergenceError, DataError
        When there are no Wald tests, or not by the information.
    """
    _check(fit)
    estimates = fit.estimates
    own, profile = derivatives(likelihood, estimates.values, np.arange(len(estimates.values)))
    table = pd.DataFrame({"derivative": estimates.series(own, "derivative")})
    return table.assign(
        flag=table["derivative"] < 0,
        profile_derivative=estimates.series(profile, "profile_derivative"),
    )


def _check(fit: Fitted) -> None:
    if fit.estimates.infinity is not None:
        raise SeparationError(
            "no-wald-test",
            "hauck_donner(): the data are separated, and the Wald tests of infinite coefficients"
            " have turned back altogether.\nTest by likelihood ratio (res.llf is the supremum).",
        )
    if not fit.converged:
        raise ConvergenceError(
            "no-wald-test",
            "hauck_donner(): the fit did not converge, so there are no Wald tests.\n"
            "Look at res.convergence().",
        )
    kind = fit.estimates.covariance.kind
    if kind != Covariance.OBSERVED:
        raise DataError(
            "no-wald-test",
            f"hauck_donner() is defined for standard errors from the {Covariance.OBSERVED}; these"
            f" are {kind}.",
        )


def derivatives(
    likelihood: MultinomialLikelihood, params: FloatArray, positions: IntArray
) -> tuple[FloatArray, FloatArray]:
    """``dW_j/db_j`` for ``W_j = b_j / se_j``, the standard error by the information at ``b``.

    ``1/se + b/(2 se^3) c'(dI/dv)c`` with ``c = I^-1 e_j``, by ``d(I^-1) = -I^-1 dI I^-1``.  First
    along ``v = e_j``, the other coefficients held fixed; then along ``v = c/se^2``, where they
    follow so that the likelihood stays as large as it can, whatever the origins of the columns.
    NaN where the information is singular.
    """
    inner, change = likelihood.standardised()
    theta = params if change is None else change.from_original(params)
    information = inner.evaluate(theta, 2).information
    assert information is not None
    factor = factorise(information)
    if factor is None:
        unknown = np.full(len(positions), np.nan)
        return unknown, unknown
    own = factor.inverse_root / math.sqrt(likelihood.unit)
    root = own if change is None else change.to_original(own)
    axes = np.eye(len(params))[:, positions]
    along = axes if change is None else change.from_original(axes)
    se, b = row_norms(root)[positions], params[positions]
    curved = [own @ root[j] / one for j, one in zip(positions, se, strict=True)]
    pairs = [(c, along[:, at]) for at, c in enumerate(curved)]
    pairs += [(c, c / one) for c, one in zip(curved, se, strict=True)]
    slopes = likelihood.unit * information_slopes(inner, theta, pairs)
    first, second = np.split((1.0 + np.tile(b, 2) * slopes / 2.0) / np.tile(se, 2), 2)
    return first, second


def suspects(fit: Fitted) -> IntArray:
    """Positions of the coefficients whose Wald statistic may have turned back.

    ``|c'(dI/db_j)c| <= max_i |x_ij| c'Ic``, as a third cumulant of the rows is at most the variance
    times the largest difference; so ``|b_j| max_i |x_ij| < 2`` rules it out.
    """
    estimates = fit.estimates
    if estimates.infinity is not None or not fit.converged:
        return np.empty(0, dtype=np.intp)
    if estimates.covariance.kind != Covariance.OBSERVED:
        return np.empty(0, dtype=np.intp)
    sizes = fit.aliasing.sizes[fit.aliasing.kept]
    reach = np.abs(estimates.values.reshape(-1, len(sizes)) * sizes).ravel()
    return np.flatnonzero(reach >= BOUND)


def turned_back(
    fit: Fitted, likelihood: MultinomialLikelihood | None
) -> tuple[tuple[Any, str], ...]:
    """The coefficients whose Wald statistic has turned back, as far as that is cheap to know.

    By both derivatives: by the first alone it often has where a column is far from zero, which
    says nothing of the test.
    """
    positions = suspects(fit)
    if likelihood is None or not len(positions) or likelihood.reads_anew:
        return ()
    n, p = len(likelihood.rows), len(fit.estimates.values)
    if float(n) * p * (p + 2 * len(positions)) > CHEAP:
        return ()
    own, profile = derivatives(likelihood, fit.estimates.values, positions)
    found = positions[(own < 0) & (profile < 0)]
    labels: Sequence[Any] = fit.estimates.index[fit.estimates.kept].tolist()
    return tuple(labels[at] for at in found)
