"""Probabilities and slopes of rows, each by itself, with exact gradients."""

from __future__ import annotations

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.inference.effects.pairs import exchange, outflow, pairs, products
from mnlstat.inference.effects.sums import Rows, Slope, Sums, within_union


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


def log_slope_rows(rows: Rows, slope: Slope, unions: FloatArray | None = None) -> Sums:
    """:func:`~mnlstat.inference.effects.sums.log_slope_sums`, each row a group."""
    J = len(rows.pi)
    weights = rows.weights if slope.by is None else rows.weights * slope.by
    apart = slope.rise - (rows.pi * slope.rise).sum(axis=0)
    shares = weights * rows.pi
    of_each = [
        within_union(rows.pi, apart, union) for union in (np.eye(J) if unions is None else unions)
    ]
    inner = np.array([within * left for within, _, left in of_each])
    own = np.array([weights * within for within, _, _ in of_each])
    gradients = _outer(weights * inner - shares * apart, rows.X)
    gradients[..., slope.columns] += _outer(own - shares, slope.dX)
    values = np.array([weights * mean for _, mean, _ in of_each])
    return Sums(rows.weights, values.T, gradients)


def _outer(factors: FloatArray, X: FloatArray) -> FloatArray:
    """``a_jm,i x_i`` (n, S, J, k) for factors (S, J, n)."""
    return np.asarray(factors.transpose(2, 0, 1)[..., None] * X[:, None, None, :])
