"""Separation: what is infinite, what is not, and which outcomes each row still chooses among."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from scipy.linalg import qr

from mnlstat.arrays import BoolArray, FloatArray
from mnlstat.linalg import Triangle, row_norms
from mnlstat.optimize.cone import ZERO, Cone
from mnlstat.optimize.recession import (
    CHUNK,
    Pairs,
    UnverifiedError,
    direction_of,
    single_columns,
    verified,
)

# Elements of a direction that are multiples of one over this but for rounding are made so.
FRACTIONS, ROUNDED = 5040, 1e-13
# Outcomes whose odds have fallen below exp(-this) in an iteration may be on their way to zero: what
# was not, or what else is, is found out.
OPEN = 15.0
# Columns of this length beside those of length one are nothing to a null space in floating point.
NOTHING = 1e-150


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
        return self.cone.signs(zeros_cleared(functions @ self.null, functions, self.null))

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


def zeros_cleared(products: FloatArray, functions: FloatArray, null: FloatArray) -> FloatArray:
    """Products of functions (r, p) with a basis, those that are zero but for rounding made so."""
    size = np.abs(functions) @ np.abs(null)
    return np.where(np.abs(products) > ZERO * size, products, 0.0)


def separation_of(
    pairs: Pairs, *, programmes: bool = True, near: FloatArray | None = None
) -> Separation | None:
    """The separation of some rows; None where there is none.

    With ``programmes=False`` only by directions that cost little, those of single columns and the
    one in which ``near`` (p,) lies: whether there are others is then for the limiting fit to say.

    Raises
    ------
    UnverifiedError
        Where there may be one: data that are separated, or overlap, by next to nothing; or columns
        so small that directions cannot be represented.
    """
    if not np.isfinite(pairs.scales()).all():
        raise UnverifiedError
    determined = np.zeros(len(pairs.row), dtype=bool)
    for D in single_columns(pairs):
        determined |= pairs.slack(D)[0] > 0
    if near is not None and not determined.all():
        determined |= _room_towards(pairs, determined, near)
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
    return _described(pairs, determined, near) if determined.any() else None


def _described(pairs: Pairs, determined: BoolArray, near: FloatArray | None) -> Separation:
    """The separation in which these constraints, and no others, get room."""
    null = _null_space(pairs.only(~determined))
    rows = pairs.only(determined).products(null)
    kind = Kind.COMPLETE if determined.all() else Kind.QUASI_COMPLETE
    towards = None if near is None else _within(null, near, pairs)
    return Separation(kind, pairs, determined, null, Cone.of(rows, towards))


def _room_towards(pairs: Pairs, determined: BoolArray, near: FloatArray) -> BoolArray:
    """The constraints that get room when parameters go on to where ``near`` (p,) lies.

    An iteration that is on its way to infinity leaves room for them already.  What it leaves open
    spans what is finite; the direction is what of ``near`` is orthogonal to that.
    """
    nothing = np.zeros_like(determined)
    slack = pairs.slack(near)[0]
    open_ = ~determined & (pairs.tied | (slack <= OPEN))
    rest = ~determined & ~open_
    if not rest.any():
        return nothing
    null = _null_space(pairs.only(open_))
    if not null.shape[1]:
        return nothing
    cone = Cone.of(pairs.only(~open_).products(null), _within(null, near, pairs))
    if not cone.has_inside:
        return nothing
    found = verified(pairs.only(~determined), null @ cone.inside)
    if found is not None:
        nothing[np.flatnonzero(~determined)[found[1]]] = True
    return nothing


def _within(null: FloatArray, near: FloatArray, pairs: Pairs) -> FloatArray:
    """What of ``near`` (p,) lies in the span of ``null``, as combinations (d,) of its columns."""
    scale = pairs.scaled()[1]
    found = np.linalg.lstsq(null / scale[:, None], near / scale, rcond=None)[0]
    return np.asarray(found, dtype=float)


def _null_space(rest: Pairs) -> FloatArray:
    """Independent directions (p, d) along which no constraint of the rest changes.

    Each has a one, times the scale of its column, where the others have zeros; what rounding alone
    keeps from being zero or a small fraction is made so.
    """
    p = rest.n_parameters
    scaled, scale = rest.scaled()
    if not len(rest.row):
        return np.diag(scale)
    triangle = _triangle(scaled)
    lengths = row_norms(triangle.T)
    units = 1.0 / np.where(lengths > NOTHING, lengths, 1.0)
    _, values, vectors = np.linalg.svd(triangle * units)
    null = vectors[values <= ZERO * max(values[0], 1.0)].T * units[:, None]
    if not null.shape[1]:
        return np.zeros((p, 0))
    null, _ = np.linalg.qr(null)
    _, pivots = qr(null.T, mode="r", pivoting=True, check_finite=False)
    null = np.linalg.solve(null[pivots[: null.shape[1]]].T, null.T).T
    snapped = np.round(null * FRACTIONS) / FRACTIONS
    null[np.abs(null) <= ZERO] = 0.0
    null = np.where(np.abs(null - snapped) <= ROUNDED, snapped, null)
    return np.asarray(null * scale[:, None])


def _triangle(pairs: Pairs) -> FloatArray:
    """``R`` (p, p) with ``R'R = A'A``, A the constraints: one for each two outcomes, then all."""
    J, k = pairs.n_outcomes, pairs.X.shape[1]
    parts = [np.zeros((1, (J - 1) * k))]
    for chosen, other, at in pairs.of_two():
        own = Triangle(np.zeros((k, k)))
        for start in range(0, len(at), CHUNK):
            own = own.merge(Triangle.of(pairs.X[pairs.row[at[start : start + CHUNK]]]))
        wide = np.zeros((J, k, k))
        wide[chosen] += own.r.T
        wide[other] -= own.r.T
        parts.append(wide[:-1].reshape(-1, k).T)
    return Triangle.of(np.vstack(parts)).r
