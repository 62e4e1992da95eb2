"""``poly(x, degree)``: polynomials that are orthonormal over the rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from mnlstat.arrays import FloatArray


class Poly:
    """``poly(x, degree=1, raw=False)``: columns of degree 1, 2, ... without the constant.

    They are orthonormal over the rows and have a positive leading coefficient, by the recurrence
    ``b_(j+1) q_(j+1) = (x - a_j) q_j - b_j q_(j-1)`` (Forsythe 1957, J. SIAM 5, 74-88; Kennedy &
    Gentle 1980, Statistical Computing, 343-344).  With ``raw=True`` they are ``x, x**2, ...``.

    Rows that come in several pieces are summed up as a Gauss quadrature of ``degree + 1`` nodes,
    which has the same inner products (Golub & Welsch 1969, Math. Comp. 23, 221-230).
    """

    def __init__(self) -> None:
        self._nodes: FloatArray | None = None
        self._mass: FloatArray | None = None
        self._degree = 0
        self.center = 0.0
        self.scale = 1.0
        self.a: FloatArray = np.zeros(0)
        self.b: FloatArray = np.zeros(0)

    def memorize_chunk(self, x: Any, degree: int = 1, raw: bool = False) -> None:
        """Take in the present values of a piece."""
        self._degree = _whole(degree)
        values = _one_column(x)
        values = values[~np.isnan(values)]
        if raw or not values.size:
            return
        nodes, counts = np.unique(values, return_counts=True)
        if self._nodes is None:
            self._place(float(nodes[0]), float(nodes[-1]))
        nodes, mass = (nodes - self.center) / self.scale, counts.astype(np.float64)
        if self._nodes is not None and self._mass is not None:
            nodes, mass = _joined(self._nodes, self._mass, nodes, mass)
            nodes, mass = _condensed(nodes, mass, self._degree + 1)
        self._nodes, self._mass = nodes, mass

    def _place(self, low: float, high: float) -> None:
        """Choose the unit in which powers neither vanish nor overflow."""
        self.center = low + (high / 2 - low / 2)
        self.scale = (high / 2 - low / 2) or 1.0

    def memorize_finish(self) -> None:
        """Find the coefficients of the recurrence."""
        if self._nodes is None or self._mass is None:
            return
        distinct = len(self._nodes)
        if distinct <= self._degree:
            raise ValueError(
                f"a polynomial of degree {self._degree} needs more distinct values than there are"
                f" ({distinct})"
            )
        self.a, self.b = _recurrence(self._nodes, self._mass, self._degree)
        self._nodes = self._mass = None

    def transform(self, x: Any, degree: int = 1, raw: bool = False) -> FloatArray:
        """Return (n, degree) columns; NaN where x is missing."""
        degree, values = _whole(degree), _one_column(x)
        if raw:
            with np.errstate(over="ignore"):
                return np.asarray(values[:, None] ** np.arange(1.0, degree + 1))
        u = (values - self.center) / self.scale
        out = np.empty((len(u), degree))
        before, now = np.zeros(len(u)), np.full(len(u), 1.0 / self.b[0])
        for j in range(degree):
            step = (u - self.a[j]) * now - (self.b[j] * before if j else 0.0)
            before, now = now, step / self.b[j + 1]
            out[:, j] = now
        return out


def _recurrence(u: FloatArray, mass: FloatArray, degree: int) -> tuple[FloatArray, FloatArray]:
    """Coefficients ``a`` (degree,) and ``b`` (degree + 1,); ``b[0]**2`` is the mass."""
    a, b = np.zeros(degree), np.zeros(degree + 1)
    b[0] = np.sqrt(mass.sum())
    before, now = np.zeros(len(u)), np.full(len(u), 1.0 / b[0])
    for j in range(degree):
        a[j] = np.sum(mass * u * now**2)
        step = (u - a[j]) * now - (b[j] * before if j else 0.0)
        b[j + 1] = np.sqrt(np.sum(mass * step**2))
        before, now = now, step / b[j + 1]
    return a, b


def _joined(
    u: FloatArray, mass: FloatArray, more: FloatArray, its: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Nodes of both, equal ones once."""
    nodes, place = np.unique(np.concatenate([u, more]), return_inverse=True)
    both: FloatArray = np.bincount(place, weights=np.concatenate([mass, its])).astype(np.float64)
    return nodes, both


def _condensed(u: FloatArray, mass: FloatArray, most: int) -> tuple[FloatArray, FloatArray]:
    """``most`` nodes and masses with the same sums of powers up to ``2 most - 1``."""
    if len(u) <= most:
        return u, mass
    a, b = _recurrence(u, mass, most)
    jacobi = np.diag(a) + np.diag(b[1:most], 1) + np.diag(b[1:most], -1)
    nodes, vectors = np.linalg.eigh(jacobi)
    return nodes, mass.sum() * vectors[0] ** 2


def _whole(degree: Any) -> int:
    if isinstance(degree, bool) or not isinstance(degree, int | np.integer) or degree < 1:
        raise ValueError(
            "the degree must be a whole number of at least 1; for several variables multiply"
            " poly(a, 2) * poly(b, 2)"
        )
    return int(degree)


def _one_column(x: Any) -> FloatArray:
    values = np.asarray(x, dtype=np.float64)
    if values.ndim > 1 and values.shape[1] != 1:
        raise ValueError(f"it takes one variable, not {values.shape[1]} columns")
    return values.reshape(-1)
