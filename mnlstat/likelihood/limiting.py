"""The likelihood that is left when coefficients of separated data have gone to infinity.

In the limit each row chooses among fewer outcomes, and the likelihood does not change along the
directions of recession any more; along all others it has a finite maximum (Geyer 2009, Electronic
Journal of Statistics 3, 259-289, calls it the limiting conditional model).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray
from mnlstat.likelihood.affine import AffineLikelihood
from mnlstat.linalg import row_norms
from mnlstat.rows.matrix import Dense, Patterns
from mnlstat.rows.rows import Rows

# The offset of an outcome that a row cannot choose any more: its probability is exactly zero, and
# zero times it is zero, as it would not be of minus infinity.
NEVER = -1e300
# Constraints and coefficients up to which separation is looked for; elements of a design that is
# written out for it.
MOST_CONSTRAINTS, MOST_COLUMNS, MOST_ELEMENTS = 5_000_000, 1_000, 20_000_000


@dataclass(frozen=True)
class Limiting(AffineLikelihood):
    """A likelihood of fewer outcomes as a function of what the rows still tell.

    ``T`` is orthonormal; ``change`` leads from its coordinates to those of the model.
    """

    change: Any = None

    def start(self) -> FloatArray:
        """Zeros: even chances."""
        return np.zeros(self.n_parameters)

    def spread(self, n_rows: int) -> Limiting:
        """The same of about ``n_rows`` rows, evenly spread."""
        return replace(self, inner=self.inner.spread(n_rows))

    def nearest(self, params: FloatArray) -> FloatArray:
        """What parameters of the model are in these coordinates, their infinite part left out."""
        inner = params if self.change is None else self.change.from_original(params)
        nearest: FloatArray = self.T.T @ inner
        return nearest

    def original(self, values: FloatArray) -> FloatArray:
        """Parameters of the model (p, ...) from these coordinates (d, ...)."""
        inner: FloatArray = self.T @ values
        return inner if self.change is None else np.asarray(self.change.to_original(inner))


def cases(rows: Any) -> tuple[FloatArray, BoolArray] | None:
    """Rows of the design and the outcomes that each saw (m, J); None where they are too many."""
    if not isinstance(rows, Rows):
        return None
    m, J, k = len(rows), rows.n_outcomes, rows.n_columns
    if m * (J - 1) > MOST_CONSTRAINTS or (J - 1) * k > MOST_COLUMNS:
        return None
    if not isinstance(rows.matrix, Dense) and m * k > MOST_ELEMENTS:
        return None
    if rows.response.ndim == 2:
        return rows.X, rows.response > 0
    seen = np.zeros((m, J), dtype=bool)
    seen[np.arange(m), rows.response] = True
    return rows.X, seen


def narrowed(rows: Rows, available: BoolArray) -> Rows:
    """The same rows, each choosing among the available outcomes alone.

    ``available`` (m, J) is of the rows that sums are taken over: equal ones may be one.
    """
    if isinstance(rows.matrix, Patterns) and rows.collapsed() is not rows:
        available = available[rows.matrix.codes]
    offset = np.zeros(available.shape) if rows.offset is None else rows.offset.copy()
    offset[~available] = NEVER
    return replace(rows, offset=offset)


def limiting(conditioned: Any, change: Any, available: BoolArray, null: FloatArray) -> Limiting:
    """The limit of a likelihood in good coordinates.

    Parameters
    ----------
    conditioned, change : the likelihood, and the way from its coordinates to those of the model
    available : (m, J) bool, the outcomes that each row still chooses among
    null : (p, d) the directions of recession, in coordinates of the model
    """
    inner = replace(conditioned, rows=narrowed(conditioned.rows, available))
    directions = null if change is None else change.from_original(null)
    lengths = row_norms(directions.T)
    complete, _ = np.linalg.qr(directions / lengths, mode="complete")
    T = complete[:, null.shape[1] :]
    return Limiting(inner, T, np.zeros(len(T)), change)
