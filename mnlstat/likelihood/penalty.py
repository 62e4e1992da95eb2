"""Penalised likelihoods: they speak the protocol of the likelihood that they wrap."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.arrow import written_out
from mnlstat.likelihood.evaluation import Evaluation
from mnlstat.likelihood.kernels import OutcomeOrder, linear_predictors
from mnlstat.likelihood.limiting import MOST_ELEMENTS
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.likelihood.softmax import Probabilities
from mnlstat.linalg import Factor, factorise
from mnlstat.rows.grouped import Grouped
from mnlstat.rows.matrix import Dense
from mnlstat.rows.rows import Block, Rows
from mnlstat.rows.total import total

JEFFREYS = "jeffreys"
# Elements of the leverages' parts that are formed at once.
ELEMENTS = 2**21


@dataclass(frozen=True)
class _Sum:
    value: FloatArray

    def merge(self, other: _Sum) -> _Sum:
        return _Sum(self.value + other.value)


@dataclass(frozen=True)
class _Largest:
    value: float

    def merge(self, other: _Largest) -> _Largest:
        return _Largest(max(self.value, other.value))


@dataclass(frozen=True)
class Jeffreys:
    r"""``l + 1/2 log|I|``: the first-order bias of the estimate is removed by its maximum.

    Its gradient for outcome j (Firth 1993, Biometrika 80, 27-38; Kosmidis & Firth 2011, Biometrika
    98, 755-759) is

    .. math::

       \sum_i w_i x_i \bigl[ y_{ij} - m_i \pi_{ij} + \tfrac12 (h_{ij} - \pi_{ij} h_{i+}) \bigr],
       \quad h_{ij} = m_i \pi_{ij} \, \tilde z_{ij}' I^{-1} \tilde z_{ij},

    with :math:`\tilde z_{ij}` the design of outcome j less its mean over outcomes.  Steps and
    covariance use the unpenalised information.

    Attributes
    ----------
    inner : the likelihood, divided by ``unit``
    unit : float
    """

    inner: Any
    unit: float = 1.0

    def evaluate(self, theta: FloatArray, order: int = 2) -> Evaluation:
        """Penalised value, its gradient, and the unpenalised information."""
        plain = self.inner.evaluate(theta, 2)
        information = self.unit * written_out(plain.information)
        factor = factorise(information)
        if factor is None:
            return Evaluation(-np.inf, np.full(len(theta), np.nan), information)
        value = self.unit * plain.value + half_log_determinant(factor)
        if order == 0:
            return Evaluation(value)
        score = self.unit * plain.score + self._slope(theta, factor)
        return Evaluation(value, score, information)

    def loglike(self, theta: FloatArray) -> float:
        """The log-likelihood without the penalty."""
        value: float = self.unit * self.inner.loglike(theta)
        return value

    def start(self) -> FloatArray:
        """That of the likelihood."""
        start: FloatArray = self.inner.start()
        return start

    @property
    def n_rows(self) -> int:
        """n."""
        n: int = self.inner.n_rows
        return n

    def reach(self, theta: FloatArray, root: FloatArray) -> float:
        """The largest standard error of what a row says of two outcomes, ``F F'`` the covariance.

        That is of ``x_i'(b_j - b_l)``; of three outcomes or more an upper bound, by at most two.

        Parameters
        ----------
        theta : (p,)
        root : F (p, d)
        """
        B = self.inner.coefficients(theta)
        outcomes = OutcomeOrder.of(self.inner.rows.n_outcomes, self.inner.base)
        shaped = root.reshape(*B.shape, -1)
        rows = self.inner.summed_rows
        return total(rows, lambda block: _Largest(_reach_of(block, B, outcomes, shaped))).value

    def _slope(self, theta: FloatArray, factor: Factor) -> FloatArray:
        """Gradient of ``1/2 log|I|`` (p,)."""
        B = self.inner.coefficients(theta)
        outcomes = OutcomeOrder.of(self.inner.rows.n_outcomes, self.inner.base)
        # rows carry weights over the unit, and these times the inverse information are free of it
        root = factor.inverse_root.reshape(*B.shape, -1) * np.sqrt(self.unit)
        rows = self.inner.summed_rows
        slope = total(rows, lambda block: _Sum(_slope_of(block, B, outcomes, root)))
        return slope.value.ravel()


def half_log_determinant(factor: Factor) -> float:
    """``1/2 log|A|``."""
    return float(np.log(np.diag(factor.upper)).sum() + np.log(factor.scale).sum())


def _slope_of(block: Block, B: FloatArray, outcomes: OutcomeOrder, root: FloatArray) -> FloatArray:
    q, k = B.shape
    total_slope = np.zeros((q, k))
    for part in block.slices(max(ELEMENTS // (q * root.shape[2]), 1)):
        pi = Probabilities.of(linear_predictors(part, B, outcomes)).pi
        leverages = part.counts().sum(axis=0) * pi * _squared_lengths(part.X, pi, root)
        adjustment = 0.5 * (leverages - pi * leverages.sum(axis=0))
        total_slope += part.matrix.transpose_matvec(part.weighted(adjustment[:q]))
    return total_slope


def _reach_of(block: Block, B: FloatArray, outcomes: OutcomeOrder, root: FloatArray) -> float:
    found = 0.0
    for part in block.slices(max(ELEMENTS // (len(B) * root.shape[2]), 1)):
        pi = Probabilities.of(linear_predictors(part, B, outcomes)).pi
        squares = _squared_lengths(part.X, pi, root)[:, part.counts().sum(axis=0) > 0]
        if squares.size:
            lengths = np.sqrt(np.partition(squares, -2, axis=0)[-2:])
            found = max(found, float(lengths.sum(axis=0).max()))
    return found


def _squared_lengths(X: FloatArray, pi: FloatArray, root: FloatArray) -> FloatArray:
    """``z_j'I^-1 z_j`` (J, n) for the designs of the outcomes less their mean, the base last."""
    q, k, p = root.shape
    rows = (X @ root.transpose(1, 0, 2).reshape(k, q * p)).reshape(len(X), q, p)
    means = np.einsum("jn,njp->np", pi[:q], rows)
    rows -= means[:, None, :]
    lengths = np.empty((q + 1, len(X)))
    lengths[:q] = np.einsum("njp,njp->jn", rows, rows)
    lengths[q] = np.einsum("np,np->n", means, means)
    return lengths


def is_written_out(rows: Any) -> bool:
    """Whether rows are in memory with all their columns, as a penalised fit needs them."""
    return isinstance(rows, Rows) and not isinstance(rows.matrix, Grouped)


def written_out_if_small(likelihood: MultinomialLikelihood) -> MultinomialLikelihood:
    """The same with the columns of factors in codes written out, where these are not too large."""
    rows = likelihood.rows
    small = len(rows) * rows.n_columns <= MOST_ELEMENTS
    if not isinstance(rows, Rows) or is_written_out(rows) or not small:
        return likelihood
    return replace(likelihood, rows=replace(rows, matrix=Dense(rows.X)), known=None)
