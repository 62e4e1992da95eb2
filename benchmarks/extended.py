"""The maximum in extended precision, independent of mnlstat: a reference for its last digits.

The columns are centred, scaled and made orthonormal, so that nothing is lost on the way; a Newton
step needs its score in extended precision only.  Small problems only, and only where long double
has more digits than double.
"""

from __future__ import annotations

import numpy as np

from benchmarks.contenders import Solution

MOST_PRODUCTS = 3e8
SLICE = 20_000
STEPS = 8

Long = np.longdouble


def is_feasible(n: int, k: int, J: int) -> bool:
    """Whether the problem is small enough and the numbers long enough."""
    return np.finfo(Long).eps < 1e-18 and n * k**2 * J * (J - 1) / 2 <= MOST_PRODUCTS


def extended(X: np.ndarray, y: np.ndarray, start: Solution) -> Solution:
    """Coefficients and standard errors (q, k), from a start near the maximum, as long doubles.

    The first column of ``X`` is the constant.
    """
    A = orthonormal(X)
    q, k = start.params.shape
    gamma = np.linalg.solve(A.astype(float), start.params.T).T.astype(Long)
    inverse = None
    for _ in range(STEPS):
        score, information = _pass(X, y, A, gamma, with_information=inverse is None)
        if inverse is None:  # the same for every step, near as the start is
            inverse = np.linalg.inv(information.astype(float)).astype(Long)
        gamma = gamma + (inverse @ score.ravel()).reshape(q, k)
    _, information = _pass(X, y, A, gamma, with_information=True)
    for _ in range(4):  # Newton's method for the inverse doubles its digits
        inverse = inverse @ (2 * np.eye(q * k, dtype=Long) - information @ inverse)
    blocks = inverse.reshape(q, k, q, k)
    variances = [np.einsum("ij,jl,il->i", A, blocks[a, :, a, :], A) for a in range(q)]
    return Solution(gamma @ A.T, np.sqrt(np.array(variances)))


def orthonormal(X: np.ndarray) -> np.ndarray:
    """``A`` (k, k) for which the columns of ``X A`` are orthogonal, of mean square one."""
    center, scale = X[:, 1:].mean(axis=0), X[:, 1:].std(axis=0)
    A = np.diag(np.concatenate([[1.0], 1 / scale])).astype(Long)
    A[0, 1:] = -center.astype(Long) * A.diagonal()[1:]
    Z = np.column_stack([np.ones(len(X)), (X[:, 1:] - center) / scale])
    triangle = np.linalg.qr(Z, mode="r") / np.sqrt(len(X))
    return A @ np.linalg.inv(triangle).astype(Long)


def _pass(
    X: np.ndarray, y: np.ndarray, A: np.ndarray, gamma: np.ndarray, with_information: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Score (q, k) and information (q k, q k) at ``gamma``, in extended precision."""
    q, k = gamma.shape
    score, information = np.zeros((q, k), Long), np.zeros((q, k, q, k), Long)
    for first in range(0, len(X), SLICE):
        Z = X[first : first + SLICE].astype(Long) @ A
        codes = y[first : first + SLICE]
        eta = np.column_stack([np.zeros(len(Z), Long), Z @ gamma.T])
        pi = np.exp(eta - eta.max(axis=1, keepdims=True))
        pi /= pi.sum(axis=1, keepdims=True)
        chosen = codes[:, None] == np.arange(1, q + 1)
        pi = pi[:, 1:]
        score += (chosen - pi).T @ Z
        for a in range(q if with_information else 0):
            for b in range(a, q):
                weights = pi[:, a] * ((a == b) - pi[:, b])
                part = (weights[:, None] * Z).T @ Z
                information[a, :, b, :] += part
                if a != b:
                    information[b, :, a, :] += part
    return score, information.reshape(q * k, q * k)
