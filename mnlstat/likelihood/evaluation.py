"""What one pass over the rows tells at one point, and what it told each row of a block."""

from __future__ import annotations

from dataclasses import dataclass

from mnlstat.arrays import FloatArray
from mnlstat.arrow import Symmetric


@dataclass(frozen=True)
class Evaluation:
    """Log-likelihood, score (p,) and information (p, p) at one point; None where not asked for.

    ``scale`` (p,) is what rounding of the score is relative to, where that is not the root of the
    information's diagonal: elements that are differences of larger numbers carry their rounding.
    """

    value: float
    score: FloatArray | None = None
    information: Symmetric | None = None
    scale: FloatArray | None = None


@dataclass(frozen=True)
class BlockTerms:
    """What leverages, influence and effects are built from, for the n_b rows of one block.

    Attributes
    ----------
    eta, pi : (n_b, J) linear predictors and probabilities
    residual : (n_b, q) ``y - m pi`` without the base outcome
    variance : (n_b, q, q) ``m (diag pi - pi pi')`` without the base outcome
    """

    eta: FloatArray
    pi: FloatArray
    residual: FloatArray
    variance: FloatArray
