"""Random problems for the likelihood, every kind of input in turn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.likelihood.multinomial import MultinomialLikelihood

KINDS = ("choices", "weights", "offset", "counts", "everything")
SHAPES = [(J, k) for J in range(2, 9) for k in range(1, 7) if k != J - 1]
"""Outcomes and columns: k != J - 1 throughout, so that a transposed order cannot hide."""


@dataclass(frozen=True)
class Problem:
    """Numbers of one likelihood and a point at which to look at it."""

    X: FloatArray
    y: Any
    n_outcomes: int
    base: int
    weights: FloatArray | None
    offset: FloatArray | None
    params: FloatArray

    @property
    def likelihood(self) -> MultinomialLikelihood:
        """The object under test."""
        return MultinomialLikelihood.from_arrays(
            self.X,
            self.y,
            n_outcomes=self.n_outcomes,
            base=self.base,
            weights=self.weights,
            offset=self.offset,
        )

    @property
    def counts(self) -> FloatArray:
        """Response as counts (n, J), however it was given."""
        y = np.asarray(self.y)
        return y.astype(float) if y.ndim == 2 else np.eye(self.n_outcomes)[y]

    @property
    def w(self) -> FloatArray:
        """Row weights, ones when there are none."""
        return np.ones(len(self.X)) if self.weights is None else self.weights

    @property
    def others(self) -> list[int]:
        """Positions of the outcomes that have coefficients, in order."""
        return [j for j in range(self.n_outcomes) if j != self.base]

    def at(self, params: FloatArray) -> Problem:
        """The same problem looked at elsewhere."""
        return replace(self, params=np.asarray(params, float))


def random_problem(
    J: int, k: int, kind: str = "everything", *, n: int = 40, spread: float = 1.0, seed: int = 0
) -> Problem:
    """A problem with ``J`` outcomes and ``k`` columns; ``spread`` scales the linear predictors."""
    rng = np.random.default_rng([J, k, KINDS.index(kind), n, seed])
    X = rng.uniform(-1.5, 1.5, size=(n, k))
    y: Any = np.concatenate([np.arange(J), rng.integers(J, size=n - J)])
    if kind in ("counts", "everything"):
        y = rng.poisson(1.5, size=(n, J)).astype(float)
        y[0], y[:J] = 1.0, y[:J] + np.eye(J)
    weighted = kind in ("weights", "everything")
    moved = kind in ("offset", "everything")
    return Problem(
        X=X,
        y=y,
        n_outcomes=J,
        base=0 if kind == "choices" else J - 1 if kind == "counts" else J // 2,
        weights=rng.uniform(0.2, 3.0, size=n) if weighted else None,
        offset=rng.normal(size=(n, J)) if moved else None,
        params=spread * rng.normal(size=k * (J - 1)),
    )
