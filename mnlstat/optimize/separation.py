"""Separation: what is infinite, what is not, and which outcomes each row still chooses among."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray
from mnlstat.linalg import Triangle
from mnlstat.optimize.cone import ZERO, Cone
from mnlstat.optimize.recession import Pairs, UnverifiedError, direction_of, single_columns

CHUNK = 4096


class Kind(Enum):
    """How far outcomes can be told apart by the design."""

    NONE = "none"
    QUASI_COMPLETE = "quasi-complete"
    COMPLETE = "complete"


@dataclass(frozen=True)
class Separation:
    """The directions of recession of a log-likelihood, verified in exact arithmetic.

    Attributes
    ----------
    kind : Kind
    pairs : constraints of the rows
    determined : (c,) bool, those that some direction fulfils with room
    null : (p, d) basis of the directions that leave all others as they are
    """

    kind: Kind
    pairs: Pairs
    determined: BoolArray
    null: FloatArray
    cone: Cone

    def signs(self, functions: FloatArray) -> FloatArray:
        """For linear functions (r, p) of the coefficients: 0 finite, 1 or -1 infinite, or NaN.

        NaN where the sign depends on the direction taken.
        """
        return self.cone.signs(zeros_cleared(functions @ self.null, functions))

    @property
    def direction(self) -> FloatArray:
        """A direction (p,) along which all determined constraints get room."""
        direction: FloatArray = self.null @ self.cone.inside
        return direction

    @property
    def available(self) -> BoolArray:
        """The outcomes (m, J) that each row still chooses among, the base last."""
        available = np.ones((len(self.pairs.X), self.pairs.n_outcomes), dtype=bool)
        available[self.pairs.row[self.determined], self.pairs.other[self.determined]] = False
        return available


def zeros_cleared(products: FloatArray, functions: FloatArray) -> FloatArray:
    """Products with a basis of length one, those that are zero but for rounding made so."""
    size = np.linalg.norm(functions, axis=1, keepdims=True)
    return np.where(np.abs(products) > ZERO * size, products, 0.0)


def separation_of(pairs: Pairs, *, programmes: bool = True) -> Separation | None:
    """The separation of some rows; None where there is none.

    With ``programmes=False`` only by directions of single columns, which cost little: whether there
    are others is then for the limiting fit to say.

    Raises
    ------
    UnverifiedError
        Where there may be one: data that are separated, or overlap, by next to nothing.
    """
    determined = np.zeros(len(pairs.row), dtype=bool)
    for D in single_columns(pairs):
        determined |= pairs.slack(D)[0] > 0
    while programmes and not determined.all():
        rest = np.flatnonzero(~determined)
        try:
            found = direction_of(pairs.only(rest))
        except UnverifiedError:
            if not determined.any():
                raise
            break  # what is known already decides, if the limiting fit is certified
        if found is None:
            break
        determined[rest[found[1]]] = True
    if not determined.any():
        return None
    null = _null_space(pairs.only(~determined))
    rows = pairs.only(determined).matrix() @ null
    kind = Kind.COMPLETE if determined.all() else Kind.QUASI_COMPLETE
    return Separation(kind, pairs, determined, null, Cone.of(rows))


def _null_space(rest: Pairs) -> FloatArray:
    """Orthonormal directions (p, d) along which no constraint of the rest changes."""
    p = rest.n_parameters
    if not len(rest.row):
        return np.eye(p)
    matrix = rest.matrix()
    triangle = Triangle(np.zeros((p, p)))
    for start in range(0, matrix.shape[0], CHUNK):
        triangle = triangle.merge(Triangle.of(matrix[start : start + CHUNK].toarray()))
    lengths = np.linalg.norm(triangle.r, axis=0)
    scale = 1.0 / np.where(lengths > 0, lengths, 1.0)
    _, values, vectors = np.linalg.svd(triangle.r * scale)
    null = vectors[values <= ZERO * max(values[0], 1.0)].T
    null[np.abs(null) <= ZERO] = 0.0
    null = null * scale[:, None]
    return np.asarray(null / np.maximum(np.linalg.norm(null, axis=0), np.finfo(float).tiny))
