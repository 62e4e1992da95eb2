"""Weighted sums over rows of probabilities and of their slopes, with exact gradients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.inference.effects.pairs import exchange, outflow, pairs, products


@dataclass(frozen=True, eq=False)
class Sums:
    """Sums over the rows of R groups.

    Attributes
    ----------
    mass : (R,) sum of the weights
    values : (R, J) sums of ``w_i f_ij``
    gradients : (R, J, J, k) their derivatives in the coefficients of every outcome, those of the
        base as if they were free
    """

    mass: FloatArray
    values: FloatArray
    gradients: FloatArray

    def merge(self, other: Sums) -> Sums:
        """These rows and more."""
        return Sums(
            self.mass + other.mass,
            self.values + other.values,
            self.gradients + other.gradients,
        )

    @classmethod
    def spread(cls, R: int, parts: Mapping[int, Sums]) -> Sums:
        """Sums of some of R groups, each by its position; of the others there are no rows."""
        one = next(iter(parts.values()))
        values = np.zeros((R, *one.values.shape[1:]))
        whole = cls(np.zeros(R), values, np.zeros((R, *one.gradients.shape[1:])))
        for r, each in parts.items():
            whole.mass[r], whole.values[r] = each.mass[0], each.values[0]
            whole.gradients[r] = each.gradients[0]
        return whole


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of one group.

    Attributes
    ----------
    X : (n, k) design
    pi : (J, n) probabilities
    weights : (n,)
    """

    X: FloatArray
    pi: FloatArray
    weights: FloatArray

    @property
    def mass(self) -> float:
        """Sum of the weights."""
        return float(self.weights.sum())

    def part(self, rows: IntArray) -> Rows:
        """Some of the rows."""
        return Rows(self.X[rows], self.pi[:, rows], self.weights[rows])


@dataclass(frozen=True, eq=False)
class Slope:
    """How fast linear predictors rise with a variable.

    Attributes
    ----------
    columns : (c,) columns of the design that depend on the variable
    dX : (n, c) their derivatives
    rise : (J, n) ``dx_i'b_j``, plus that of an offset; zero for the base
    by : (n,) what a slope is multiplied by: ones, or the values of the variable for elasticities
    """

    columns: IntArray
    dX: FloatArray
    rise: FloatArray
    by: FloatArray | None = None

    def part(self, rows: IntArray) -> Slope:
        """Some of the rows."""
        by = None if self.by is None else self.by[rows]
        return replace(self, dX=self.dX[rows], rise=self.rise[:, rows], by=by)


def probability_sums(rows: Rows) -> Sums:
    """Sums of probabilities: ``f_ij = pi_ij``, ``df_ij/db_m = pi_ij (d_jm - pi_im) x_i``."""
    J = len(rows.pi)
    between = products(rows.pi, rows.weights) @ rows.X
    return _sums(rows.mass, rows.pi @ rows.weights, exchange(between, J))


def slope_sums(rows: Rows, slope: Slope) -> Sums:
    """Sums of the derivatives of probabilities: ``f_ij = pi_ij (h_ij - hbar_i)``.

    ``h_ij = dx_i'b_j`` is the rise of a linear predictor, ``hbar_i = sum_l pi_il h_il``.
    """
    J = len(rows.pi)
    first, second = pairs(J)
    weights = rows.weights if slope.by is None else rows.weights * slope.by
    W, apart = products(rows.pi, weights), _apart(rows.pi, slope.rise)
    flows = (W * (slope.rise[first] - slope.rise[second])).sum(axis=1)
    gradients = exchange((W * (apart[first] + apart[second])) @ rows.X, J)
    gradients[:, :, slope.columns] += exchange(W @ slope.dX, J)
    return _sums(rows.mass, outflow(flows, J), gradients)


def log_slope_sums(rows: Rows, slope: Slope, unions: FloatArray | None = None) -> Sums:
    """Sums of the derivatives of log probabilities: ``f_ij = h_ij - hbar_i``.

    That of the log of a sum of probabilities, ``f_iU = sum_j rho_ij h_ij - hbar_i`` with
    ``rho_ij = pi_ij / sum_l pi_il`` over the outcomes of U, is no sum of those of its parts:
    ``unions`` (S, J) tells which outcomes are taken together.
    """
    J = len(rows.pi)
    weights = rows.weights if slope.by is None else rows.weights * slope.by
    apart = _apart(rows.pi, slope.rise)
    shares = weights * rows.pi
    if unions is not None:
        values = np.empty(len(unions))
        gradients = np.empty((len(unions), J, rows.X.shape[1]))
        gradients[:] = -((shares * apart) @ rows.X)
        gradients[:, :, slope.columns] -= shares @ slope.dX
        for at, union in enumerate(unions):
            within, mean, inner = within_union(rows.pi, apart, union)
            values[at] = mean @ weights
            gradients[at] += (weights * within * inner) @ rows.X
            gradients[at][:, slope.columns] += (weights * within) @ slope.dX
        return _sums(rows.mass, values, gradients)
    gradients = np.empty((J, J, rows.X.shape[1]))
    gradients[:] = -((shares * apart) @ rows.X)
    gradients[:, :, slope.columns] -= shares @ slope.dX
    own = np.arange(J)[:, None]
    gradients[own, own, slope.columns] += weights @ slope.dX
    return _sums(rows.mass, apart @ weights, gradients)


def within_union(
    pi: FloatArray, apart: FloatArray, union: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Shares ``rho`` (J, n) within a union (J,), their mean of ``apart``, and ``apart`` less it."""
    within = pi * union[:, None]
    if union.sum() == 1.0:  # also where the probability is too small for a number
        within = np.repeat(union[:, None], pi.shape[1], axis=1)
    else:
        with np.errstate(invalid="ignore"):
            within = within / within.sum(axis=0)
    mean = (within * apart).sum(axis=0)
    return within, mean, apart - mean


def slopes(rows: Rows, slope: Slope) -> FloatArray:
    """Derivatives of probabilities (J, n), row by row: those of :func:`slope_sums`."""
    return rows.pi * log_slopes(rows, slope)


def log_slopes(rows: Rows, slope: Slope, unions: FloatArray | None = None) -> FloatArray:
    """Derivatives of log probabilities (S, n), row by row: those of :func:`log_slope_sums`."""
    apart = _apart(rows.pi, slope.rise)
    if unions is not None:
        apart = np.array([within_union(rows.pi, apart, union)[1] for union in unions])
    return apart if slope.by is None else apart * slope.by


def _apart(pi: FloatArray, rise: FloatArray) -> FloatArray:
    """``h_ij - hbar_i`` (J, n)."""
    return np.asarray(rise - (pi * rise).sum(axis=0))


def _sums(mass: float, values: FloatArray, gradients: FloatArray) -> Sums:
    return Sums(np.array([mass]), values[None], gradients[None])
