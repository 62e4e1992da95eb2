"""Dense linear algebra of symmetric positive (semi)definite and triangular matrices.

Symbols: ``p`` the order of an information matrix, ``k`` the number of design columns.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import eigh, lapack, qr

from mnlstat.arrays import FloatArray, IntArray

EPS = float(np.finfo(float).eps)
AT_ONCE = 256


@dataclass(frozen=True)
class Factor:
    """Cholesky factor of a positive definite matrix, after scaling its diagonal to one.

    ``A = S U'U S`` with ``S = diag(scale)`` and ``U`` upper triangular.
    """

    upper: FloatArray
    scale: FloatArray

    def matrix(self) -> FloatArray:
        """The matrix that was factored."""
        scaled = self.upper * self.scale
        product: FloatArray = scaled.T @ scaled
        return product

    @cached_property
    def rcond(self) -> float:
        """Reciprocal condition number of the scaled matrix, in the 1-norm."""
        norm = 0.0
        for part in column_parts(len(self.upper)):
            columns = np.abs(self.upper.T @ self.upper[:, part])
            norm = max(norm, float(columns.sum(axis=0).max(initial=0.0)))
        return float(lapack.dpocon(self.upper, norm)[0])

    def solve(self, b: FloatArray) -> FloatArray:
        """``A^-1 b`` for a vector or a matrix of columns."""
        solved = lapack.dpotrs(self.upper, (b.T / self.scale).T)[0]
        return np.asarray((solved.T / self.scale).T, dtype=float)

    @property
    def amplification(self) -> float:
        """Frobenius norm of ``U^-1``: how far a unit error in the scaled right side may go."""
        return float(np.linalg.norm(row_norms(self.inverse_root) * self.scale))

    @cached_property
    def inverse_root(self) -> FloatArray:
        """``F`` (p, p) with ``A^-1 = F F'``: sums of squares keep digits that differences lose."""
        root: FloatArray = lapack.dtrtri(self.upper)[0]
        return root / self.scale[:, None]


def factorise(matrix: FloatArray) -> Factor | None:
    """Factor a symmetric matrix; None when it is not numerically positive definite."""
    diagonal = np.diag(matrix)
    if not np.all(np.isfinite(matrix)) or np.any(diagonal <= 0):
        return None
    scale = np.sqrt(diagonal)
    scaled = matrix / scale
    scaled /= scale[:, None]
    upper, failed = lapack.dpotrf(scaled.T, overwrite_a=True)  # in the order of Fortran: no copy
    return None if failed else Factor(upper, scale)


def floored_solve(matrix: FloatArray, b: FloatArray) -> FloatArray:
    """Solve with the eigenvalues of the scaled matrix raised to rounding level.

    For the direction of a step only: a covariance from it would be an invention.
    """
    diagonal = np.diag(matrix)
    scale = np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    values, vectors = eigh(matrix / scale / scale[:, None], check_finite=False)
    floor = max(len(values) * EPS * float(values[-1]), float(np.finfo(float).tiny))
    solved = vectors @ ((vectors.T @ (b / scale)) / np.maximum(values, floor))
    return np.asarray(solved / scale, dtype=float)


def triangular(rows: FloatArray) -> FloatArray:
    """The (k, k) triangle ``R`` of a QR factorisation of ``rows`` (m, k), padded when m < k."""
    k = rows.shape[1]
    found = np.asarray(qr(rows, mode="r", check_finite=False)[0], dtype=float)[:k]
    return np.vstack([found, np.zeros((k - len(found), k))])


@dataclass(frozen=True)
class Triangle:
    """``R`` with ``R'R = A'A``, built from blocks of rows of ``A`` that merge.

    Golub & Van Loan, *Matrix Computations*, 4th ed. (2013), section 5.2; stacked factors as in
    Demmel, Grigori, Hoemmen & Langou (2012), SIAM J. Sci. Comput. 34, A206-A239.
    """

    r: FloatArray

    @classmethod
    def of(cls, rows: FloatArray) -> Triangle:
        """The triangle of one block of rows (m, k)."""
        return cls(triangular(rows))

    def merge(self, other: Triangle) -> Triangle:
        """The triangle of both blocks of rows, one above the other."""
        return Triangle(triangular(np.vstack([self.r, other.r])))


def reciprocal_condition(triangle: FloatArray) -> float:
    """Smallest over largest singular value of a matrix whose columns are first scaled to one."""
    norms = np.linalg.norm(triangle, axis=0)
    values = np.linalg.svd(triangle / np.where(norms > 0, norms, 1.0), compute_uv=False)
    return float(values[-1] / values[0])


def row_norms(root: FloatArray) -> FloatArray:
    """Euclidean norms of the rows, without overflow or underflow of the squares."""
    largest = np.maximum(root.max(axis=1, initial=0.0), -root.min(axis=1, initial=0.0))
    ordinary = (largest > 0) & np.isfinite(largest)
    norms: FloatArray = largest.copy()
    for part in column_parts(len(root)):
        here = np.flatnonzero(ordinary[part]) + part.start
        scaled = root[here] / largest[here, None]
        norms[here] *= np.sqrt(np.square(scaled).sum(axis=1))
    return norms + 0.0  # not minus zero


def column_parts(n: int) -> Iterator[slice]:
    """Columns, or rows, of a large matrix some at a time: what is made of them stays small."""
    for start in range(0, n, AT_ONCE):
        yield slice(start, min(start + AT_ONCE, n))


@dataclass(frozen=True)
class Dependence:
    """Which columns are combinations of columns to their left.

    Attributes
    ----------
    kept : positions of the independent columns
    distance : (k,) of each column from the span of the kept ones before it, relative to its own
        length
    weights : (k, k) ``A[:, j]`` is nearest to ``A @ weights[:, j]``, zero where not kept
    """

    kept: IntArray
    distance: FloatArray
    weights: FloatArray


def left_to_right(triangle: FloatArray, tolerance: FloatArray) -> Dependence:
    """Keep each column that is farther than ``tolerance`` (k,) from the span of those kept.

    Columns of ``triangle`` (k, k) must have lengths near one.  Gram-Schmidt with
    reorthogonalisation (Bjorck 1996, *Numerical Methods for Least Squares*, section 2.4.5).
    """
    k = triangle.shape[1]
    basis = np.zeros((triangle.shape[0], 0))
    kept: list[int] = []
    distance = np.zeros(k)
    for j in range(k):
        column = triangle[:, j]
        length = float(np.linalg.norm(column))
        rest = column - basis @ (basis.T @ column)
        rest -= basis @ (basis.T @ rest)
        size = float(np.linalg.norm(rest))
        distance[j] = size / length if length > 0 else 0.0
        if distance[j] > tolerance[j]:
            kept.append(j)
            basis = np.column_stack([basis, rest / size])
    positions = np.array(kept, dtype=np.intp)
    weights = np.zeros((k, k))
    weights[positions] = np.linalg.lstsq(triangle[:, positions], triangle, rcond=None)[0]
    return Dependence(positions, distance, weights)
