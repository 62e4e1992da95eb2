"""Value, score and information of one block of rows: where the time of a fit is spent.

Within a block everything is outcome-major, (J, n_b), the base outcome last, so that what concerns
the coefficients ``B`` (q, k) of the others is the first q rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.likelihood import compiled
from mnlstat.likelihood.evaluation import BlockTerms
from mnlstat.likelihood.softmax import Probabilities, Softmax
from mnlstat.rows.grouped import Grouped
from mnlstat.rows.rows import Block, Rows
from mnlstat.rows.streamed import Streamed
from mnlstat.rows.total import total

# Linear predictors that are worked on at once: they stay in the cache.
SLICE_ELEMENTS = 2**15
SMALLEST_SLICE = 512
# Weights of pairs of outcomes that are formed at once.
PAIR_ELEMENTS = 2**20
# Names of the kernels.
NUMPY, COMPILED = "numpy", "compiled"


@dataclass(frozen=True)
class OutcomeOrder:
    """The outcomes with the base last.

    Attributes
    ----------
    order : (J,) positions of the outcomes: those that are not the base, in order, and the base
    place : (J,) where each outcome stands in that order
    """

    order: IntArray
    place: IntArray

    @classmethod
    def of(cls, n_outcomes: int, base: int) -> OutcomeOrder:
        """The order for one base."""
        positions = np.arange(n_outcomes)
        order = np.append(positions[positions != base], base)
        return cls(order, np.argsort(order))

    @property
    def others(self) -> IntArray:
        """Positions of the outcomes that are not the base (q,)."""
        return self.order[:-1]


@dataclass(frozen=True)
class Sums:
    """Sums over rows: log-likelihood, score (q, k), grams for each pair of outcomes.

    The log-likelihood carries what rounding took from it (Knuth 1998, *The Art of Computer
    Programming* 2, section 4.2.2), so that its digits do not depend on the number of blocks.
    """

    value: float
    carried: float
    score: FloatArray | None = None
    grams: FloatArray | None = None

    def merge(self, other: Sums) -> Sums:
        """The sums over both parts."""
        value = self.value + other.value
        virtual = value - self.value
        lost = (self.value - (value - virtual)) + (other.value - virtual)
        return Sums(
            value,
            self.carried + other.carried + lost,
            _added(self.score, other.score),
            _added(self.grams, other.grams),
        )


def _added(left: FloatArray | None, right: FloatArray | None) -> FloatArray | None:
    return None if left is None or right is None else left + right


def linear_predictors(block: Block, B: FloatArray, outcomes: OutcomeOrder) -> FloatArray:
    """``eta`` (J, n_b), the base last: zero for it, plus the offset."""
    eta = np.empty((block.n_outcomes, len(block.response)))
    eta[:-1] = block.matrix.matvec(B)
    eta[-1] = 0.0
    if block.offset is not None:
        eta += block.offset[outcomes.order]
    return eta


def available() -> tuple[str, ...]:
    """Names of the kernels that are there, the preferred one first."""
    return (COMPILED, NUMPY) if compiled.built() else (NUMPY,)


def kernel_of(rows: Rows | Streamed) -> str:
    """Name of the kernel that sums these rows."""
    return COMPILED if compiled.takes(_held(rows), once_sorted=True) else NUMPY


def _held(rows: Rows | Streamed) -> Rows:
    return rows.sample if isinstance(rows, Streamed) else rows


def information_cost(rows: Rows | Streamed) -> float:
    """Cost of a pass with the information, in passes with the score only (measured)."""
    k, J, matrix = rows.n_columns, rows.n_outcomes, rows.matrix
    if kernel_of(rows) == COMPILED:
        return compiled.information_cost(_held(rows))
    width = float(k)
    if isinstance(matrix, Grouped):
        numbers = matrix.rest.X.shape[1]
        width = numbers + 20 + 0.2 * (matrix.rest.n_columns - numbers)
    return 1.0 + J * (width + 1) / 18.0


def block_sums(block: Block, B: FloatArray, outcomes: OutcomeOrder, order: int) -> Sums:
    """Log-likelihood (order 0), and score (1), and information (2) of one block."""
    if compiled.takes(block):
        return Sums(*compiled.block_sums(block, B, outcomes.order, order))
    sums: Sums | None = None
    for part in block.slices(max(SLICE_ELEMENTS // block.n_outcomes, SMALLEST_SLICE)):
        found = _slice_sums(part, B, outcomes, order)
        sums = found if sums is None else sums.merge(found)
    assert sums is not None
    return sums


def _slice_sums(block: Block, B: FloatArray, outcomes: OutcomeOrder, order: int) -> Sums:
    softmax = Softmax.of(linear_predictors(block, B, outcomes))
    if block.response.ndim == 1:
        value, residual, mass = _single_choices(block, softmax, outcomes, order)
    else:
        value, residual, mass = _counts(block, softmax, outcomes, order)
    if residual is None:
        return Sums(value, 0.0)
    q = len(B)
    score = block.matrix.transpose_matvec(residual[:q])
    if order == 1:
        return Sums(value, 0.0, score)
    grams = [block.matrix.grams(weights) for weights in outcome_pair_weights(softmax, mass, q)]
    return Sums(value, 0.0, score, grams[0] if len(grams) == 1 else np.concatenate(grams))


def _single_choices(
    block: Block, softmax: Softmax, outcomes: OutcomeOrder, order: int
) -> tuple[float, FloatArray | None, FloatArray]:
    """Log-likelihood, weighted residuals (J, n_b) and ``w m``, where a row chose one outcome."""
    n = len(block.response)
    chosen = outcomes.place[block.codes] * n + np.arange(n)
    logs = softmax.shifted.ravel().take(chosen)
    logs -= softmax.log_total()
    mass = np.ones(n) if block.weights is None else block.weights
    value = float(block.weighted(logs).sum())
    if order == 0:
        return value, None, mass
    scale = mass / softmax.total
    residual = softmax.e * -scale
    residual.reshape(-1)[chosen] = softmax.remainder_of(chosen) * scale
    return value, residual, mass


def _counts(
    block: Block, softmax: Softmax, outcomes: OutcomeOrder, order: int
) -> tuple[float, FloatArray | None, FloatArray]:
    """The same where a row has a count of each outcome."""
    counts = block.counts()[outcomes.order]
    trials = counts.sum(axis=0)
    logs = (counts * (softmax.shifted - softmax.log_total())).sum(axis=0)
    mass = block.weighted(trials)
    value = float(block.weighted(logs).sum())
    if order == 0:
        return value, None, mass
    residual = counts * softmax.remainders(len(counts)) - (trials - counts) * softmax.e
    residual *= block.weighted(1.0 / softmax.total)
    return value, residual, mass


def outcome_pair_weights(softmax: Softmax, mass: FloatArray, q: int) -> Iterator[FloatArray]:
    """``w m pi_j (1[j=l] - pi_l)`` for the pairs j <= l, some at a time (pairs, n_b).

    ``mass`` (n_b,) is ``w m``; all pairs of one j come together.
    """
    e, remainders = softmax.e[:q], softmax.remainders(q)
    scaled = e * (mass / (softmax.total * softmax.total))
    enough = max(PAIR_ELEMENTS // len(mass), 1)
    first = 0
    while first < q:
        last, size = first, 0
        while last < q and (size == 0 or size + q - last <= enough):
            size += q - last
            last += 1
        weights = np.empty((size, len(mass)))
        at = 0
        for j in range(first, last):
            np.multiply(scaled[j], remainders[j], out=weights[at])
            if j + 1 < q:
                np.multiply(e[j + 1 :], -scaled[j], out=weights[at + 1 : at + q - j])
            at += q - j
        yield weights
        first = last


def residuals(counts: FloatArray, probabilities: Probabilities) -> FloatArray:
    """``y - m pi`` (J, n_b), without cancellation where ``pi`` is near ``y / m``."""
    trials = counts.sum(axis=0)
    residual: FloatArray = counts * probabilities.complement
    residual -= (trials - counts) * probabilities.pi
    return residual


def score_rows(block: Block, B: FloatArray, outcomes: OutcomeOrder) -> FloatArray:
    """Score of each row (n_b, p): its sum over rows is the score."""
    probabilities = Probabilities.of(linear_predictors(block, B, outcomes))
    residual = residuals(block.counts()[outcomes.order], probabilities)
    weighted = block.weighted(residual[: len(B)])
    X = block.X
    scores = weighted.T[:, :, None] * X[:, None, :]
    return scores.reshape(len(X), -1)


def loglike_rows(block: Block, B: FloatArray, outcomes: OutcomeOrder) -> FloatArray:
    """Log-likelihood of each row (n_b,): its sum is the log-likelihood."""
    log_pi = Probabilities.of(linear_predictors(block, B, outcomes)).log_pi
    counts = block.counts()[outcomes.order]
    terms = np.multiply(counts, log_pi, where=counts > 0, out=np.zeros(counts.shape))
    return block.weighted(terms.sum(axis=0))


@dataclass(frozen=True)
class _Products:
    value: FloatArray

    def merge(self, other: _Products) -> _Products:
        return _Products(self.value + other.value)


def score_products(
    rows: Rows | Streamed, B: FloatArray, outcomes: OutcomeOrder, repeated: bool
) -> FloatArray:
    """Sum over rows of ``w_i s_i s_i'``, or (``repeated=False``) of ``w_i^2 s_i s_i'`` (p, p)."""
    if isinstance(rows, Rows) and rows.squares is not None:
        # of equal rows the weights, or their squares, are summed already
        rows, repeated = rows.units(squared=not repeated), True

    def of(block: Block) -> _Products:
        scores = score_rows(block, B, outcomes)
        other = scores
        if repeated and block.weights is not None:
            other = scores / block.weights[:, None]
        return _Products(scores.T @ other)

    return total(rows, of).value


def block_terms(block: Block, B: FloatArray, outcomes: OutcomeOrder) -> BlockTerms:
    """What leverages, influence and effects are built from, outcomes in their own order."""
    q = len(B)
    eta = linear_predictors(block, B, outcomes)
    probabilities = Probabilities.of(eta)
    counts = block.counts()[outcomes.order]
    pi = probabilities.pi[:q].T
    variance = -pi[:, :, None] * pi[:, None, :]
    diagonal = np.arange(q)
    variance[:, diagonal, diagonal] = pi * probabilities.complement[:q].T
    variance *= counts.sum(axis=0)[:, None, None]
    return BlockTerms(
        eta[outcomes.place].T,
        probabilities.pi[outcomes.place].T,
        residuals(counts, probabilities)[:q].T,
        variance,
    )


def root_rows(block: Block, B: FloatArray, outcomes: OutcomeOrder) -> FloatArray:
    """Rows ``A`` (n_b J, p) with ``A'A`` the information of the block.

    Outcome l of row i gives ``sqrt(w m pi_l) (e_l - pi) (x) x``: the square root keeps the digits
    that a nearly singular ``A'A`` has lost.
    """
    probabilities = Probabilities.of(linear_predictors(block, B, outcomes))
    X, J = block.X, block.n_outcomes
    n = len(X)
    trials = block.counts().sum(axis=0)
    size = np.sqrt(block.weighted(trials * probabilities.pi))
    deviations = np.broadcast_to(-probabilities.pi, (J, J, n)).copy()
    diagonal = np.arange(J)
    deviations[diagonal, diagonal] = probabilities.complement
    scaled = (deviations * size[:, None, :])[:, : len(B)]
    products = scaled.transpose(0, 2, 1)[:, :, :, None] * X[None, :, None, :]
    return products.reshape(J * n, -1)
