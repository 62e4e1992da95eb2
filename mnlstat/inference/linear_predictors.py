"""Linear predictors of rows with the root of their covariance, and what is made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.inference.covariance import ROUNDED
from mnlstat.linalg import row_norms


@dataclass(frozen=True, eq=False)
class Estimands:
    """Functions of the coefficients in each row of a block, linearised.

    Attributes
    ----------
    values : (n, G)
    roots : (n, G, m) gradients times a matrix T (p, m): for ``T = F`` their covariance is ``M M'``
    sizes : (n, G) sum of the standard errors of what the function is made of
    """

    values: FloatArray
    roots: FloatArray
    sizes: FloatArray

    def standard_errors(self) -> FloatArray:
        """Lengths of the roots (n, G); zero where only rounding is left of them.

        NaN where numbers are so large that this cannot be told.
        """
        n, G, m = self.roots.shape
        with np.errstate(all="ignore"):
            lengths = row_norms(self.roots.reshape(n * G, m)).reshape(n, G)
            # what constraints fix has no variance, and rounding must not look like one
            told = np.where(lengths <= ROUNDED * self.sizes, 0.0, lengths)
            return np.where(np.isinf(lengths) | np.isinf(self.sizes), np.nan, told)


@dataclass(frozen=True, eq=False)
class LinearPredictors:
    """``eta`` of every outcome in each row of a block, that of the base being its offset.

    Attributes
    ----------
    values : (n, J); minus infinity where a limiting probability is zero
    roots : (n, J, m) gradients times T (p, m); zero for the base
    sizes : (n, J) ``|x|'se``: what rounding is measured against
    """

    values: FloatArray
    roots: FloatArray
    sizes: FloatArray

    @classmethod
    def of(
        cls,
        X: FloatArray,
        B: FloatArray,
        base: int,
        T: FloatArray,
        errors: FloatArray,
        offset: FloatArray | None,
    ) -> LinearPredictors:
        """Those of rows of a design (n, k).

        Parameters
        ----------
        X : (n, k)
        B : (q, k) coefficients
        base : position of the base outcome
        T : (p, m) root of the covariance, or any other matrix of p rows
        errors : (p,) standard errors of the coefficients
        offset : (n, J), optional
        """
        (q, k), n, m = B.shape, len(X), T.shape[1]
        others = np.delete(np.arange(q + 1), base)
        across = np.ascontiguousarray(T.reshape(q, k, m).transpose(1, 0, 2)).reshape(k, q * m)
        roots = np.zeros((n, q + 1, m))
        sizes = np.zeros((n, q + 1))
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):
            values = np.insert(X @ B.T, base, 0.0, axis=1)
            if offset is not None:
                values += offset
            roots[:, others] = (X @ across).reshape(n, q, m)
            sizes[:, others] = np.abs(X) @ errors.reshape(q, k).T
        return cls(values, roots, sizes)

    def combined(self, groups: Sequence[IntArray]) -> LinearPredictors:
        """Those of groups of outcomes: ``log sum exp(eta_j)``, whose gradient is a mean."""
        if [group.tolist() for group in groups] == [[at] for at in range(self.values.shape[1])]:
            return self
        parts = [self._of_group(group) for group in groups]
        values, roots, sizes = (np.stack(each, axis=1) for each in zip(*parts, strict=True))
        return LinearPredictors(values, roots, sizes)

    def _of_group(self, group: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        if len(group) == 1:
            return self.values[:, group[0]], self.roots[:, group[0]], self.sizes[:, group[0]]
        logs, shares = log_sum_exp(self.values[:, group])
        with np.errstate(invalid="ignore", over="ignore"):
            roots = (shares[:, None, :] @ self.roots[:, group])[:, 0]
        return logs, roots, self.sizes[:, group].max(axis=1)

    def against(self, base: int) -> Estimands:
        """Log odds of the other outcomes against one, ``eta_j - eta_base``."""
        others = np.delete(np.arange(self.values.shape[1]), base)
        with np.errstate(invalid="ignore", over="ignore"):
            values = self.values[:, others] - self.values[:, [base]]
            roots = self.roots[:, others] - self.roots[:, [base]]
            sizes = self.sizes[:, others] + self.sizes[:, [base]]
        roots[~np.isfinite(values)] = np.nan
        return Estimands(values, roots, sizes)

    def logits(self) -> Estimands:
        """``log pi_j / (1 - pi_j)``, ``1 - pi_j`` being the sum of the other probabilities.

        The gradient is that of ``eta_j`` less the mean of those of the other outcomes, each
        weighed by its probability.  All is taken from the most probable outcome on, so that nothing
        cancels where a probability is near one.  NaN where it is exactly zero or one in the limit.
        """
        rows = np.arange(len(self.values))
        top = self.values.argmax(axis=1)
        with np.errstate(all="ignore"):
            gaps = self.values - self.values[rows, top][:, None]
            others = gaps.copy()
            others[rows, top] = -np.inf
            odds, shares = log_sum_exp(others)
            roots = self.roots - self.roots[rows, top][:, None]
            mean = (shares[:, None, :] @ roots)[:, 0]
            left = 1.0 / (1.0 + np.exp(-odds))
            pi = np.exp(gaps - np.logaddexp(0.0, odds)[:, None])
            pi[rows, top] = 0.0
            values = gaps - np.logaddexp(0.0, odds)[:, None] - np.log1p(-pi)
            roots = (roots - (left[:, None] * mean)[:, None]) / (1.0 - pi)[:, :, None]
            sizes = self.sizes + self.sizes.max(axis=1, keepdims=True)
        values[rows, top] = -odds
        roots[rows, top] = -mean
        roots[np.isneginf(self.values)] = np.nan
        return Estimands(values, roots, sizes)


def log_sum_exp(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """``log sum_j exp(v_j)`` (n,) and the share of each in the sum (n, m).

    Minus infinity and NaN where all of a row are minus infinity.
    """
    with np.errstate(all="ignore"):
        largest = values.max(axis=1)
        shares = np.exp(values - largest[:, None])
        sums = shares.sum(axis=1)
        logs = np.where(np.isneginf(largest), -np.inf, largest + np.log(sums))
        return logs, shares / sums[:, None]
