"""Scores of units that allow for their own leverage: HC2 and HC3."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.likelihood.evaluation import BlockTerms
from mnlstat.likelihood.units import Piece, ScoreSums, Units, total_of

# A leverage nearer to one than this leaves nothing to estimate a variance from.
FULL = 1.0 - 1e-10
HALF, WHOLE = 0.5, 1.0


@dataclass(frozen=True)
class Leveraged:
    """Sums of adjusted scores, and the largest leverage of a unit.

    Attributes
    ----------
    sums : ScoreSums
    leverage : largest eigenvalue of ``H_i``
    unit : which unit has it
    """

    sums: ScoreSums
    leverage: float
    unit: int

    def merge(self, other: Leveraged) -> Leveraged:
        """Those of both parts."""
        first = self if self.leverage >= other.leverage else other
        return Leveraged(self.sums.merge(other.sums), first.leverage, first.unit)


def leveraged_sums(units: Units, power: float) -> Leveraged:
    """Sums of scores ``(Id_p - I_i I^-1)^-power w_i s_i``, ``I_i`` the information of unit i."""

    def of(piece: Piece) -> Leveraged:
        directions = units.directions(piece)
        residual, leverage = adjusted_residuals(units.terms(piece), directions, piece, power)
        scores, at = units.scores_of(piece, residual, directions), int(leverage.argmax())
        return Leveraged(ScoreSums.of(scores, piece), float(leverage[at]), piece.start + at)

    return total_of(units, of)


def adjusted_residuals(
    terms: BlockTerms, directions: FloatArray, piece: Piece, power: float
) -> tuple[FloatArray, FloatArray]:
    """Residuals ``(Id_q - w V K)^-power r`` (n_b, q), and the largest leverage of each unit.

    With ``K = T T' = C C'`` and the eigenvalues ``l`` of ``w C'V C``, which are the leverages of
    the unit, a function f of ``w V K`` is ``f(0) Id + w V C g(w C'V C) C'`` with
    ``g(l) = (f(l) - f(0)) / l``: no small matrix is inverted.
    """
    T = directions.transpose(2, 0, 1)
    values, vectors = np.linalg.eigh(T @ T.transpose(0, 2, 1))
    C = vectors * np.sqrt(np.maximum(values, 0.0))[:, None, :]
    V = terms.variance
    if piece.weights is not None:
        V = V * piece.weights[:, None, None]
    leverages, axes = np.linalg.eigh(C.transpose(0, 2, 1) @ V @ C)
    left = 1.0 - np.clip(leverages, 0.0, FULL)
    # ((1 - l)^-power - 1) / l without the difference
    gain = 1.0 / left if power == WHOLE else 1.0 / (np.sqrt(left) * (1.0 + np.sqrt(left)))
    turned = C @ axes
    inner = gain * np.einsum("nqa,nq->na", turned, terms.residual)
    change = np.einsum("nij,nja,na->ni", V, turned, inner, optimize=True)
    return terms.residual + change, leverages[:, -1]
