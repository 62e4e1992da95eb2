"""Third derivatives of the log-likelihood: how the information changes along a direction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.likelihood.kernels import OutcomeOrder, linear_predictors
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.likelihood.softmax import Probabilities
from mnlstat.rows.rows import Block
from mnlstat.rows.total import total

# Elements (outcomes by rows) that are worked on at once.
ELEMENTS = 2**18


@dataclass(frozen=True)
class _Sum:
    value: FloatArray

    def merge(self, other: _Sum) -> _Sum:
        return _Sum(self.value + other.value)


def information_slopes(
    likelihood: MultinomialLikelihood,
    params: FloatArray,
    directions: Sequence[tuple[FloatArray, FloatArray]],
) -> FloatArray:
    r"""``u'(dI/dv)u`` for pairs ``(u, v)`` of directions (p,): the third cumulants of the rows.

    .. math::

       \sum_i w_i m_i \sum_j \pi_{ij} (u_{ij} - \bar u_i)^2 (v_{ij} - \bar v_i), \quad
       u_{ij} = x_i'u_j, \quad \bar u_i = \sum_j \pi_{ij} u_{ij}.

    Each pair takes two products with the design.
    """
    B = likelihood.coefficients(params)
    outcomes = OutcomeOrder.of(likelihood.rows.n_outcomes, likelihood.base)
    pairs = [(u.reshape(B.shape), v.reshape(B.shape)) for u, v in directions]

    def of(block: Block) -> _Sum:
        found = np.zeros(len(pairs))
        for part in block.slices(max(ELEMENTS // part_width, 1)):
            found += _of_part(part, B, outcomes, pairs)
        return _Sum(found)

    part_width = likelihood.rows.n_outcomes
    return total(likelihood.rows, of).value


def _of_part(
    part: Block,
    B: FloatArray,
    outcomes: OutcomeOrder,
    pairs: Sequence[tuple[FloatArray, FloatArray]],
) -> FloatArray:
    pi = Probabilities.of(linear_predictors(part, B, outcomes)).pi
    mass = part.weighted(part.counts().sum(axis=0))
    found = np.empty(len(pairs))
    for at, (u, v) in enumerate(pairs):
        squares = _centred(part, u, pi) ** 2
        found[at] = np.einsum("jn,jn,jn,n->", pi, squares, _centred(part, v, pi), mass)
    return found


def _centred(part: Block, direction: FloatArray, pi: FloatArray) -> FloatArray:
    """Linear functions of the rows (J, n), less their mean over outcomes; the base is last."""
    moved = np.zeros(pi.shape)
    concerned = direction.any(axis=1)
    moved[:-1][concerned] = part.matrix.matvec(direction[concerned])
    moved -= (pi * moved).sum(axis=0)
    return moved
