"""Design columns that are combinations of others, in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray
from mnlstat.rows.geometry import Aliases

# Shares of a combination below this are rounding, not part of it.
NEGLIGIBLE = 1e-8


@dataclass(frozen=True, eq=False)
class Aliasing:
    """Which of the K design columns are estimated, and what the others equal.

    Attributes
    ----------
    columns : (K,) names
    kept : (K,) bool
    near : (K,) bool, aliased only within ``rank_tol``
    distance : (K,) of each column from the span of those before it, relative to its spread
    weights : (K, K) column j equals ``X @ weights[:, j]``
    sizes : (K,) largest absolute value of each column
    """

    columns: tuple[str, ...]
    kept: BoolArray
    near: BoolArray
    distance: FloatArray
    weights: FloatArray
    sizes: FloatArray

    @classmethod
    def of(cls, columns: tuple[str, ...], aliases: Aliases, sizes: FloatArray) -> Aliasing:
        """Give the names to what the numbers say."""
        return cls(columns, aliases.kept, aliases.near, aliases.distance, aliases.weights, sizes)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the kept columns."""
        return tuple(c for c, kept in zip(self.columns, self.kept, strict=True) if kept)

    @property
    def sentences(self) -> dict[str, str]:
        """For each aliased column the combination it equals: ``{"I(a + b)": "= a + b"}``."""
        return {
            self.columns[j]: f"{'~' if self.near[j] else ''}= {self._combination(j)}"
            for j in np.flatnonzero(~self.kept).tolist()
        }

    def partners(self, j: int) -> list[str]:
        """Names in the combination that column j equals, the weightiest first."""
        shares = self._shares(j)
        order = np.argsort(-shares, kind="stable")
        return [self.columns[i] for i in order if shares[i] > NEGLIGIBLE]

    def broken_by(self, X: FloatArray) -> list[str]:
        """Aliased columns that in other rows (n, K) are not the combination they were."""
        broken = self.broken(X[np.isfinite(X).all(axis=1)]).any(axis=0)
        return [self.columns[j] for j in np.flatnonzero(broken)]

    def broken(self, X: FloatArray) -> BoolArray:
        """Where an aliased column is not the combination that it was in the fit (n, K)."""
        gap = np.abs(X @ self.weights - X)
        return np.asarray(~self.kept & (gap > 1e-6 * np.maximum(np.abs(X), self.sizes)))

    def broken_slopes(self, dX: FloatArray) -> BoolArray:
        """Where derivatives of the columns (n, K) are not those of the combination.

        However large the columns are: a derivative has a size of its own.
        """
        parts = np.abs(self.weights) * self.sizes[:, None]
        weights = np.where(parts > NEGLIGIBLE * parts.max(axis=0), self.weights, 0.0)
        sizes = np.abs(dX) @ np.abs(weights) + np.abs(dX)
        return np.asarray(~self.kept & (np.abs(dX @ weights - dX) > 1e-6 * sizes))

    def _shares(self, j: int) -> FloatArray:
        parts = np.abs(self.weights[:, j]) * self.sizes
        largest = parts.max(initial=0.0)
        return parts / largest if largest > 0 and self.sizes[j] > 0 else np.zeros_like(parts)

    def _combination(self, j: int) -> str:
        shares = self._shares(j)
        pieces = [
            _piece(self.weights[i, j], self.columns[i]) for i in np.flatnonzero(shares > NEGLIGIBLE)
        ]
        text = " ".join(pieces).removeprefix("+ ")
        return text.replace("- ", "-", 1) if text.startswith("- ") else text or "0"


def _piece(weight: float, name: str) -> str:
    sign = "-" if weight < 0 else "+"
    size = f"{abs(weight):.6g}"
    return f"{sign} {name}" if size == "1" else f"{sign} {size}*{name}"
