"""Probabilities and slopes of rows, each by itself, with exact gradients."""

from __future__ import annotations

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.inference.effects.pairs import exchange, outflow, pairs, products
from mnlstat.inference.effects.sums import Rows, Slope, Sums


def probability_rows(rows: Rows) -> Sums:
    """:func:`~mnlstat.inference.effects.sums.probability_sums`, each row a group."""
    W = products(rows.pi, rows.weights)
    gradients = _outer(exchange(W, len(rows.pi)), rows.X)
    return Sums(rows.weights, (rows.weights * rows.pi).T, gradients)


def slope_rows(rows: Rows, slope: Slope) -> Sums:
    """:func:`~mnlstat.inference.effects.sums.slope_sums`, each row a group."""
    J = len(rows.pi)
    first, second = pairs(J)
    weights = rows.weights if slope.by is None else rows.weights * slope.by
    W = products(rows.pi, weights)
    apart = slope.rise - (rows.pi * slope.rise).sum(axis=0)
    gradients = _outer(exchange(W * (apart[first] + apart[second]), J), rows.X)
    gradients[..., slope.columns] += _outer(exchange(W, J), slope.dX)
    values = outflow(W * (slope.rise[first] - slope.rise[second]), J).T
    return Sums(rows.weights, values, gradients)


def log_slope_rows(rows: Rows, slope: Slope) -> Sums:
    """:func:`~mnlstat.inference.effects.sums.log_slope_sums`, each row a group."""
    J = len(rows.pi)
    weights = rows.weights if slope.by is None else rows.weights * slope.by
    apart = slope.rise - (rows.pi * slope.rise).sum(axis=0)
    shares = weights * rows.pi
    lost = np.broadcast_to(-shares * apart, (J, J, len(weights)))
    gradients = _outer(lost, rows.X)
    own = np.eye(J)[:, :, None] * weights - shares
    gradients[..., slope.columns] += _outer(own, slope.dX)
    return Sums(rows.weights, (weights * apart).T, gradients)


def _outer(factors: FloatArray, X: FloatArray) -> FloatArray:
    """``a_jm,i x_i`` (n, J, J, k) for factors (J, J, n)."""
    return np.asarray(factors.transpose(2, 0, 1)[..., None] * X[:, None, None, :])
