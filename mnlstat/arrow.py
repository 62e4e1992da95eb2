"""Information matrices of a coefficient for each of many levels, and the same words for dense ones.

The blocks are eliminated one by one; what is left of the corner (the Schur complement) is dense and
small (Golub & Van Loan 2013, *Matrix Computations*, 4th ed., section 3.2.6).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np

from mnlstat import linalg
from mnlstat.arrays import FloatArray
from mnlstat.linalg import EPS, Factor


@dataclass(frozen=True)
class Arrow:
    """A symmetric matrix of G blocks on the diagonal, bordered by a corner.

    It belongs to parameters (q, G + m), outcome-major: for each outcome those of the G levels, then
    m others.

    Attributes
    ----------
    blocks : (G, q, q)
    cross : (G, q, q m)
    corner : (q m, q m)
    """

    blocks: FloatArray
    cross: FloatArray
    corner: FloatArray

    def split(self, values: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Those of the levels (G, q) and of the others (q m,) from all (q (G + m),)."""
        G, q, _ = self.blocks.shape
        by_outcome = values.reshape(q, -1)
        return by_outcome[:, :G].T, by_outcome[:, G:].ravel()

    def joined(self, levels: FloatArray, others: FloatArray) -> FloatArray:
        """All (q (G + m), ...) from those of the levels (G, q, ...), of the others (q m, ...)."""
        q, rest = self.blocks.shape[1], levels.shape[2:]
        by_outcome = others.reshape(q, -1, *rest)
        both = np.concatenate([np.moveaxis(levels, 0, 1), by_outcome], axis=1)
        return both.reshape(-1, *rest)

    def diagonal(self) -> FloatArray:
        """The diagonal, in the order of the parameters."""
        return self.joined(np.diagonal(self.blocks, axis1=1, axis2=2), np.diag(self.corner))

    def finite(self) -> bool:
        """Whether every element is."""
        parts = (self.blocks, self.cross, self.corner)
        return all(bool(np.isfinite(part).all()) for part in parts)

    def dense(self) -> FloatArray:
        """The matrix written out."""
        G, q, border = self.cross.shape
        levels = np.zeros((G, q, G * q + border))
        at = np.arange(G)
        levels[:, :, : G * q].reshape(G, q, G, q)[at, :, at] = self.blocks
        levels[:, :, G * q :] = self.cross
        flat = self.cross.reshape(G * q, border).T
        rows = self.joined(levels, np.hstack([flat, self.corner]))
        inner, others = rows[:, : G * q].reshape(-1, G, q), rows[:, G * q :]
        return self.joined(np.moveaxis(inner, 0, -1), others.T).T

    def times(self, b: FloatArray) -> FloatArray:
        """The product with a vector."""
        levels, others = self.split(b)
        first = np.einsum("gab,gb->ga", self.blocks, levels) + self.cross @ others
        second = np.tensordot(self.cross, levels, axes=([0, 1], [0, 1])) + self.corner @ others
        return self.joined(first, second)

    def factorise(self) -> ArrowFactor | None:
        """Eliminate the blocks; None when the matrix is not numerically positive definite."""
        if not self.finite() or not (self.diagonal() > 0).all():
            return None
        try:
            lower = np.linalg.cholesky(self.blocks)
            solved = np.linalg.solve(self.blocks, self.cross)
        except np.linalg.LinAlgError:  # of either: near to singular they may disagree
            return None
        rest = self.corner - np.tensordot(self.cross, solved, axes=([0, 1], [0, 1]))
        border = linalg.factorise((rest + rest.T) / 2) if len(rest) else Factor(rest, np.ones(0))
        if border is None:
            return None
        return ArrowFactor(self, np.asarray(lower, float), np.asarray(solved, float), border)

    def floored_solve(self, b: FloatArray) -> FloatArray:
        """Solve with the eigenvalues of each block, and of the border, raised to rounding level."""
        values, vectors = np.linalg.eigh(self.blocks)
        floor = len(b) * EPS * max(float(values.max()), float(np.finfo(float).tiny))
        inverse = (vectors / np.maximum(values, floor)[:, None, :]) @ vectors.transpose(0, 2, 1)
        levels, others = self.split(b)
        solved = inverse @ self.cross
        rest = self.corner - np.tensordot(self.cross, solved, axes=([0, 1], [0, 1]))
        first = np.einsum("gab,gb->ga", inverse, levels)
        right = others - np.tensordot(self.cross, first, axes=([0, 1], [0, 1]))
        second = linalg.floored_solve((rest + rest.T) / 2, right) if len(rest) else right
        return self.joined(first - solved @ second, second)


@dataclass(frozen=True)
class ArrowFactor:
    """A factored arrow: Cholesky factors of the blocks, and of what is left of the corner."""

    arrow: Arrow
    lower: FloatArray
    solved: FloatArray
    border: Factor

    def solve(self, b: FloatArray) -> FloatArray:
        """``A^-1 b`` for a vector."""
        levels, others = self.arrow.split(b)
        first = np.linalg.solve(self.arrow.blocks, levels[:, :, None])[:, :, 0]
        right = others - np.tensordot(self.arrow.cross, first, axes=([0, 1], [0, 1]))
        second = self.border.solve(right) if len(right) else right
        return self.arrow.joined(first - self.solved @ second, second)

    @cached_property
    def rcond(self) -> float:
        """Reciprocal condition number: the worst of the blocks and of the border."""
        scale = np.sqrt(np.diagonal(self.arrow.blocks, axis1=1, axis2=2))
        unit = self.arrow.blocks / scale[:, :, None] / scale[:, None, :]
        values = np.linalg.eigvalsh(unit)
        worst = float((values[:, 0] / values[:, -1]).min())
        return min(worst, self.border.rcond) if len(self.arrow.corner) else worst

    @property
    def amplification(self) -> float:
        """Frobenius norm of the inverse root, each row times the root of the diagonal."""
        scale = np.sqrt(self.arrow.diagonal())
        return float(np.linalg.norm(linalg.row_norms(self.inverse_root) * scale))

    @cached_property
    def inverse_root(self) -> FloatArray:
        """``F`` (p, p) with ``A^-1 = F F'``."""
        G, q, border = self.arrow.cross.shape
        identity = np.broadcast_to(np.eye(q), (G, q, q))
        upper = np.linalg.solve(self.lower, identity).transpose(0, 2, 1)
        tail = self.border.inverse_root if border else np.zeros((0, 0))
        root = np.zeros((q, G + border // q, G * q + border))  # by outcome, as parameters are
        at = np.arange(G)
        root[:, :G, : G * q].reshape(q, G, G, q)[:, at, at] = upper.transpose(1, 0, 2)
        root[:, :G, G * q :] = -np.moveaxis(self.solved @ tail, 0, 1)
        root[:, G:, G * q :] = tail.reshape(q, border // q, border)
        return root.reshape(-1, G * q + border)


Symmetric: TypeAlias = "FloatArray | Arrow"


def factorise(matrix: Symmetric) -> Factor | ArrowFactor | None:
    """Factor an information matrix; None when it is not numerically positive definite."""
    return matrix.factorise() if isinstance(matrix, Arrow) else linalg.factorise(matrix)


def floored_solve(matrix: Symmetric, b: FloatArray) -> FloatArray:
    """Solve with eigenvalues raised to rounding level: for the direction of a step only."""
    if isinstance(matrix, Arrow):
        return matrix.floored_solve(b)
    return linalg.floored_solve(matrix, b)


def times(matrix: Symmetric, b: FloatArray) -> FloatArray:
    """The product with a vector."""
    return matrix.times(b) if isinstance(matrix, Arrow) else matrix @ b


def diagonal(matrix: Symmetric) -> FloatArray:
    """The diagonal."""
    return matrix.diagonal() if isinstance(matrix, Arrow) else np.diag(matrix)


def written_out(matrix: Symmetric) -> FloatArray:
    """The matrix as an array."""
    return matrix.dense() if isinstance(matrix, Arrow) else matrix


def finite(matrix: Symmetric) -> bool:
    """Whether every element is."""
    return matrix.finite() if isinstance(matrix, Arrow) else bool(np.isfinite(matrix).all())
