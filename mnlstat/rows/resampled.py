"""Rows as a population that is drawn from again: each stands for some independent units."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.rows.matrix import Dense, Patterns
from mnlstat.rows.rows import Rows

# Units are drawn one by one where there are at most so many for each row, else as counts.
ONE_BY_ONE = 8

Draw = Callable[[np.random.Generator], FloatArray]


@dataclass(frozen=True, eq=False)
class Population:
    """Rows without weights, and how many units each stands for.

    Attributes
    ----------
    rows : Rows
    mass : (m,) units
    """

    rows: Rows
    mass: FloatArray

    @classmethod
    def of(cls, rows: Rows, *, equal_as_one: bool) -> Population:
        """That of rows in memory; of equal ones with one choice each, one, where that is fewer."""
        plain = replace(rows, weights=None, mapper=map)
        matrix = rows.matrix
        if equal_as_one and isinstance(matrix, Patterns) and _alike(rows):
            J = rows.n_outcomes
            cells = matrix.codes.astype(np.intp) * J + rows.response
            counts = np.bincount(cells, rows.weights, len(matrix.distinct) * J)
            seen = np.flatnonzero(counts)
            chosen = Dense(matrix.distinct).take(seen // J)
            return cls(replace(plain, matrix=chosen, response=seen % J), counts[seen].astype(float))
        if not isinstance(matrix, Dense):
            plain = replace(plain, matrix=Dense(rows.X))
        return cls(plain, np.ones(len(rows)) if rows.weights is None else rows.weights)

    @property
    def total(self) -> float:
        """Units in all."""
        return float(self.mass.sum())

    @property
    def whole(self) -> bool:
        """Whether each row stands for a whole number of units."""
        return bool((self.mass == np.round(self.mass)).all())

    def weighted(self, weights: FloatArray) -> Rows:
        """The rows that were drawn, with their weights (m,)."""
        drawn = np.flatnonzero(weights)
        return replace(self.rows.subset(drawn), weights=weights[drawn])


def _alike(rows: Rows) -> bool:
    return rows.offset is None and rows.response.ndim == 1


def pairs(population: Population) -> Draw:
    """As many units as there are, with replacement."""
    return _drawn(population.mass)


def _drawn(mass: FloatArray) -> Draw:
    m, total = len(mass), round(float(mass.sum()))
    if total > ONE_BY_ONE * m:
        shares = mass / mass.sum()
        return lambda rng: rng.multinomial(total, shares).astype(float)
    owner = np.repeat(np.arange(m), np.round(mass).astype(np.intp))
    return lambda rng: np.bincount(owner[rng.integers(0, total, total)], minlength=m).astype(float)


def clusters(population: Population, codes: IntArray, n_clusters: int) -> Draw:
    """As many clusters as there are, with replacement, each whole; codes (m,)."""

    def draw(rng: np.random.Generator) -> FloatArray:
        times = np.bincount(rng.integers(0, n_clusters, n_clusters), minlength=n_clusters)
        weights: FloatArray = times[codes] * population.mass
        return weights

    return draw


def strata(population: Population, codes: IntArray, n_strata: int) -> Draw:
    """As many units of each stratum as it has, with replacement; codes (m,)."""
    members = [np.flatnonzero(codes == stratum) for stratum in range(n_strata)]
    draws = [_drawn(population.mass[at]) for at in members]

    def draw(rng: np.random.Generator) -> FloatArray:
        weights = np.empty(len(population.mass))
        for at, of_stratum in zip(members, draws, strict=True):
            weights[at] = of_stratum(rng)
        return weights

    return draw


def dirichlet(population: Population) -> Draw:
    """Weights with the uniform distribution on all that sum to the number of units.

    Rubin, D. B. (1981). The Bayesian bootstrap. *Annals of Statistics* 9, 130-134.
    """

    def draw(rng: np.random.Generator) -> FloatArray:
        shares = rng.standard_gamma(population.mass)
        weights: FloatArray = shares * (population.total / shares.sum())
        return weights

    return draw
