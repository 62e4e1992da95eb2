"""Intervals from bootstrap replicates: percentile, normal, corrected, accelerated, studentised.

Efron, B. & Tibshirani, R. J. (1993). *An Introduction to the Bootstrap*, chapters 12-14; Davison,
A. C. & Hinkley, D. V. (1997). *Bootstrap Methods and their Application*, chapter 5.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.inference.distributions import normal_quantile
from mnlstat.likelihood.leverage import WHOLE, adjusted_residuals
from mnlstat.likelihood.units import Units
from mnlstat.linalg import row_norms

PERCENTILE, NORMAL, BC, BCA = "percentile", "normal", "bc", "bca"
STUDENTISED = "studentised"
METHODS = (PERCENTILE, NORMAL, BC, BCA, STUDENTISED)


def order_statistic(ordered: FloatArray, share: float) -> float:
    """The quantile at place ``(B + 1) share`` of B ordered values; NaN where it lies outside."""
    place = (len(ordered) + 1) * share - 1.0
    below = math.floor(place + 1e-9)
    if below < 0 or place > len(ordered) - 1 + 1e-9:
        return math.nan
    low = float(ordered[below])
    high = float(ordered[min(below + 1, len(ordered) - 1)])
    part = max(place - below, 0.0)
    if part == 0.0 or low == high:
        return low
    if math.isinf(low):  # between minus infinity and a number there is no place but the end
        return low
    return low + part * (high - low)


def corrected_shares(ordered: FloatArray, estimate: float, alpha: float, a: float) -> FloatArray:
    """Where the ends lie among the replicates, corrected for bias and acceleration ``a`` (2,).

    ``Phi(z0 + (z0 + z) / (1 - a (z0 + z)))`` with ``z = -+ z(1 - alpha/2)`` and ``Phi(z0)`` the
    share of replicates below the estimate, of equal ones half.
    """
    from scipy.special import ndtr, ndtri

    below = (ordered < estimate).sum() + 0.5 * (ordered == estimate).sum()
    bias = float(ndtri(below / len(ordered)))
    z = bias + normal_quantile(alpha) * np.array([-1.0, 1.0])
    left = 1.0 - a * z
    if not math.isfinite(bias) or (left <= 0).any():
        return np.full(2, np.nan)
    shares: FloatArray = ndtr(bias + z / left)
    return shares


def interval(
    replicates: FloatArray, estimate: float, alpha: float, method: str, a: float = 0.0
) -> tuple[float, float]:
    """The interval from the replicates of one coefficient, NaN ones left out.

    An end is NaN where it lies beyond all replicates.
    """
    ordered = np.sort(replicates[~np.isnan(replicates)])
    if not len(ordered):
        return math.nan, math.nan
    if method == NORMAL:
        finite = ordered[np.isfinite(ordered)]
        reach = normal_quantile(alpha) * _spread(finite)
        return estimate - reach, estimate + reach
    shares = np.array([alpha / 2.0, 1.0 - alpha / 2.0])
    if method in (BC, BCA):
        shares = corrected_shares(ordered, estimate, alpha, a if method == BCA else 0.0)
    if np.isnan(shares).any():
        return math.nan, math.nan
    low, high = (order_statistic(ordered, float(share)) for share in shares)
    return low, high


def _spread(values: FloatArray) -> float:
    """Standard deviation, without overflow or underflow of squares; NaN of fewer than two."""
    if len(values) < 2:
        return math.nan
    largest = float(np.abs(values).max())
    return largest * float((values / largest).std(ddof=1)) if largest > 0 else 0.0


def studentised(
    replicates: FloatArray, errors: FloatArray, estimate: float, error: float, alpha: float
) -> tuple[float, float]:
    """``b - t se`` with quantiles t of ``(b* - b) / se*``, the upper one for the lower end.

    Replicates without a standard error are left out; an end is NaN where it lies beyond all, and
    the estimate itself where it has no error.
    """
    if error == 0:
        return estimate, estimate
    with np.errstate(divide="ignore", invalid="ignore"):
        t = (replicates - estimate) / errors
    ordered = np.sort(t[~np.isnan(t)])
    if not len(ordered):
        return math.nan, math.nan
    low, high = (order_statistic(ordered, share) for share in (alpha / 2.0, 1.0 - alpha / 2.0))
    return estimate - high * error, estimate - low * error


Part = tuple[slice, FloatArray]


def deletions(units: Units) -> Iterator[Part]:
    """``b - b_(i)`` (n_b, p) by one Newton step, for each unit, some at a time.

    ``I^-1 Z_i'(Id_q - w_i V_i Z_i I^-1 Z_i')^-1 w_i r_i`` (Lesaffre & Albert 1989, Applied
    Statistics 38, 425-440), in standard errors by the information: their cubes in other units may
    leave the range of numbers.
    """
    usual = row_norms(units.root)
    F = units.root / np.where(usual > 0, usual, 1.0)[:, None]
    for piece in units.blocks():
        for part in units.small(piece):
            terms, directions = units.terms(part), units.directions(part)
            residual, _ = adjusted_residuals(terms, directions, part, WHOLE)
            yield part.at, units.scores_of(part, residual, directions).T @ F.T


def summed(parts: Iterable[Part], mass: FloatArray, codes: IntArray, n: int, p: int) -> FloatArray:
    """Those of n clusters (n, p): what the units of each change together."""
    total = np.zeros((n, p))
    for at, changes in parts:
        total += _by_group(changes * mass[at, None], codes[at], n)
    return total


def acceleration(
    parts: Iterable[Part], mass: FloatArray, p: int, strata: IntArray | None = None
) -> FloatArray:
    """``sum d^3 / (6 (sum d^2)^(3/2))`` of changes less their mean, for each coefficient (p,).

    The mean is that of the own stratum; ``mass`` (n,) says how often each counts.  Changes sum to
    nearly nothing, so that nothing is lost in sums of their powers.
    """
    own = np.zeros(len(mass), dtype=np.intp) if strata is None else strata
    sizes = np.bincount(own, mass)[:, None]
    first, second, third = np.zeros((3, len(sizes), p))
    for at, changes in parts:
        power = mass[at, None] * changes
        for moment in (first, second, third):
            moment += _by_group(power, own[at], len(sizes))
            power = power * changes
    means = first / sizes
    squares = (second - sizes * means**2).sum(axis=0)
    cubes = (third - 3 * means * second + 2 * sizes * means**3).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        a = cubes / (6.0 * squares**1.5)
    return np.where(squares > 0, a, 0.0)


def _by_group(values: FloatArray, codes: IntArray, n: int) -> FloatArray:
    """Sums (n, p) of the rows (m, p) of each group."""
    if n == 1:
        return np.asarray(values.sum(axis=0, keepdims=True))
    columns = [np.bincount(codes, column, n) for column in values.T]
    return np.column_stack(columns)
