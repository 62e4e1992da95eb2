"""Value, score and information of one block of rows: where the time of a fit is spent.

Within a block everything is outcome-major: linear predictors and probabilities (J, n_b), the
coefficients ``B`` (q, k) of the non-base outcomes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.rows.rows import Block

# Rows of outcome pairs x columns that are formed at once: they stay in cache and are thrown away.
PAIR_TILE = 512


@dataclass(frozen=True)
class Probabilities:
    """Probabilities of one block with their logarithms and complements, each (J, n_b).

    ``complement`` is ``1 - pi`` as the sum of the other probabilities: a subtraction would lose
    half the digits, or all of them, where ``pi`` is near one.
    """

    pi: FloatArray
    log_pi: FloatArray
    complement: FloatArray


def linear_predictors(block: Block, B: FloatArray, others: IntArray) -> FloatArray:
    """``eta`` (J, n_b): zero for the base outcome, plus the offset."""
    eta = np.zeros((block.n_outcomes, block.X.shape[0]))
    eta[others] = B @ block.X.T
    if block.offset is not None:
        eta += block.offset
    return eta


def softmax(eta: FloatArray) -> Probabilities:
    """Probabilities from linear predictors of any size, base included."""
    modal, column = eta.argmax(axis=0), np.arange(eta.shape[1])
    shifted = eta - eta[modal, column]
    e = np.exp(shifted)
    e[modal, column] = 0.0
    rest = e.sum(axis=0)
    e[modal, column] = 1.0
    total = 1.0 + rest
    complement = (total - e) / total
    complement[modal, column] = rest / total
    return Probabilities(e / total, shifted - np.log1p(rest), complement)


@dataclass(frozen=True)
class Sums:
    """Sums over rows: log-likelihood, score (q, k), information (q(q+1)/2, k, k) by outcome pair.

    The log-likelihood carries what rounding took from it (Knuth 1998, *The Art of Computer
    Programming* 2, section 4.2.2), so that its digits do not depend on the number of blocks.
    """

    value: float
    carried: float
    score: FloatArray | None = None
    pairs: FloatArray | None = None

    def merge(self, other: Sums) -> Sums:
        """The sums over both parts."""
        value = self.value + other.value
        virtual = value - self.value
        lost = (self.value - (value - virtual)) + (other.value - virtual)
        return Sums(
            value,
            self.carried + other.carried + lost,
            _added(self.score, other.score),
            _added(self.pairs, other.pairs),
        )


def _added(left: FloatArray | None, right: FloatArray | None) -> FloatArray | None:
    return None if left is None or right is None else left + right


def block_sums(block: Block, B: FloatArray, others: IntArray, order: int) -> Sums:
    """Log-likelihood (order 0), and score (1), and information (2) of one block."""
    probabilities = softmax(linear_predictors(block, B, others))
    counts = block.counts()
    value = float(block.weighted((counts * probabilities.log_pi).sum(axis=0)).sum())
    if order == 0:
        return Sums(value, 0.0)
    score = block.weighted(residuals(counts, probabilities)[others]) @ block.X
    if order == 1:
        return Sums(value, 0.0, score)
    pairs = information_pairs(block, probabilities, others, counts.sum(axis=0))
    return Sums(value, 0.0, score, pairs)


def residuals(counts: FloatArray, probabilities: Probabilities) -> FloatArray:
    """``y - m pi`` (J, n_b), without cancellation where ``pi`` is near ``y / m``."""
    trials = counts.sum(axis=0)
    residual: FloatArray = counts * probabilities.complement
    residual -= (trials - counts) * probabilities.pi
    return residual


def information_pairs(
    block: Block, probabilities: Probabilities, others: IntArray, trials: FloatArray
) -> FloatArray:
    """``sum w m pi_j (1[j=l] - pi_l) x x'`` for every pair j <= l of non-base outcomes."""
    k, q = block.X.shape[1], len(others)
    pi, complement = probabilities.pi[others], probabilities.complement[others]
    mass = block.weighted(trials * pi)
    features = np.ascontiguousarray(block.X.T)
    pairs = np.empty((q * (q + 1) // 2, k, k))
    at = 0
    tile = max(1, PAIR_TILE // k)
    for j in range(q):
        for first in range(j, q, tile):
            last = min(first + tile, q)
            weights = -mass[j] * pi[first:last]
            if first == j:
                weights[0] = mass[j] * complement[j]
            products = (weights[:, None, :] * features).reshape(-1, features.shape[1])
            pairs[at : at + last - first] = (products @ features.T).reshape(-1, k, k)
            at += last - first
    return pairs


def information_matrix(pairs: FloatArray, q: int) -> FloatArray:
    """The (p, p) matrix, outcome-major, from its blocks by outcome pair."""
    k = pairs.shape[1]
    matrix = np.empty((q, k, q, k))
    for at, (j, m) in enumerate(zip(*np.triu_indices(q), strict=True)):
        symmetric = (pairs[at] + pairs[at].T) / 2
        matrix[j, :, m, :] = symmetric
        matrix[m, :, j, :] = symmetric
    return matrix.reshape(q * k, q * k)


def score_rows(block: Block, B: FloatArray, others: IntArray) -> FloatArray:
    """Score of each row (n_b, p): its sum over rows is the score."""
    probabilities = softmax(linear_predictors(block, B, others))
    weighted = block.weighted(residuals(block.counts(), probabilities)[others])
    scores = weighted.T[:, :, None] * block.X[:, None, :]
    return scores.reshape(block.X.shape[0], -1)


def root_rows(block: Block, B: FloatArray, others: IntArray) -> FloatArray:
    """Rows ``A`` (n_b J, p) with ``A'A`` the information of the block.

    Outcome l of row i gives ``sqrt(w m pi_l) (e_l - pi) (x) x``: the square root keeps the digits
    that a nearly singular ``A'A`` has lost.
    """
    probabilities = softmax(linear_predictors(block, B, others))
    n, J = block.X.shape[0], block.n_outcomes
    trials = block.counts().sum(axis=0)
    size = np.sqrt(block.weighted(trials * probabilities.pi))
    deviations = np.broadcast_to(-probabilities.pi, (J, J, n)).copy()
    diagonal = np.arange(J)
    deviations[diagonal, diagonal] = probabilities.complement
    scaled = (deviations * size[:, None, :])[:, others]
    products = scaled.transpose(0, 2, 1)[:, :, :, None] * block.X[None, :, None, :]
    return products.reshape(J * n, -1)
