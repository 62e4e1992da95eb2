"""Slopes of variables that enter by one column each: all of them from sums over pairs and triples.

Where ``dx`` is the same in all rows, ``h_j = dx'b_j`` is, too, and every sum over rows is one of
products of two or three probabilities, whatever the variable.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.inference.effects.pairs import exchange, outflow, pairs, triples
from mnlstat.inference.effects.sums import Rows, Sums


@dataclass(frozen=True, eq=False)
class Cubes:
    """Sums over rows of products of probabilities.

    Attributes
    ----------
    n_outcomes : J
    mass : sum of the weights
    pair_mass : (pairs,) sums of ``w pi_a pi_b``
    pair_sums : (pairs, k) of ``w pi_a pi_b x``
    triple_sums : (triples, k) of ``w pi_a pi_b pi_c x``
    """

    n_outcomes: int
    mass: float
    pair_mass: FloatArray
    pair_sums: FloatArray
    triple_sums: FloatArray

    def merge(self, other: Cubes) -> Cubes:
        """These rows and more."""
        return Cubes(
            self.n_outcomes,
            self.mass + other.mass,
            self.pair_mass + other.pair_mass,
            self.pair_sums + other.pair_sums,
            self.triple_sums + other.triple_sums,
        )

    @classmethod
    def of(cls, rows: Rows) -> Cubes:
        """Those of some rows."""
        J, n = rows.pi.shape
        P = J * (J - 1) // 2
        products = np.empty((P + len(triples(J)[0]), n))
        W, cubes = products[:P], products[P:]
        weighted, at = rows.weights * rows.pi, 0
        for a in range(J - 1):
            np.multiply(weighted[a], rows.pi[a + 1 :], out=W[at : at + J - 1 - a])
            at += J - 1 - a
        for start, stop, pair, low, high in _runs(J):
            np.multiply(W[pair], rows.pi[low:high], out=cubes[start:stop])
        sums = products @ rows.X
        return cls(J, rows.mass, W.sum(axis=1), sums[:P], sums[P:])

    def slopes(self, dx: FloatArray, rise: FloatArray) -> Sums:
        """:func:`~mnlstat.inference.effects.sums.slope_sums` for ``dx`` (k,), ``rise`` (J,)."""
        J = self.n_outcomes
        first, second = pairs(J)
        flows = self.pair_mass * (rise[first] - rise[second])
        mean = np.einsum("pjk,j->pk", self.triple_sums[triples(J)[1]], rise)
        both = (rise[first] + rise[second])[:, None] * self.pair_sums - 2.0 * mean
        gradients = exchange(both, J) + exchange(self.pair_mass, J)[:, :, None] * dx
        return Sums(np.array([self.mass]), outflow(flows, J)[None], gradients[None])


def _runs(J: int) -> list[tuple[int, int, int, int, int]]:
    """Runs of triples that are a pair times consecutive outcomes, in the order of the triples.

    Triples are sorted, so those that begin with a and b are the pair (a, b) times b and more; those
    that begin with a twice are the pairs (a, c) times a.
    """
    first, second = pairs(J)
    pair = {
        (a, b): at for at, (a, b) in enumerate(zip(first.tolist(), second.tolist(), strict=True))
    }
    runs = []
    for at, (a, b, c) in enumerate(triples(J)[0].tolist()):
        if a == b:
            runs.append((at, at + 1, pair[a, c], a, a + 1))
        elif b == c:
            runs.append((at, at + J - b, pair[a, b], b, J))
    return runs
