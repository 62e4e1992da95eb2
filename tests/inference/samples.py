"""Random samples with clusters, weights and an order, and covariances from their definitions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.linalg import sqrtm

import mnlstat as mn
from mnlstat.arrays import FloatArray

OUTCOMES = ("a", "b", "c", "d")
FORMULA = "y ~ x + z + g"
# Every kind with the options that it needs.
KINDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("observed", {}),
    ("opg", {}),
    ("robust", {}),
    ("HC0", {}),
    ("HC1", {}),
    ("HC2", {}),
    ("HC3", {}),
    ("cluster", {"groups": "school"}),
    ("cluster", {"groups": "school", "correction": "statsmodels"}),
    ("cluster", {"groups": ["school", "year"], "correction": "none"}),
    ("CR2", {"groups": "school"}),
    ("CR3", {"groups": "school"}),
    ("HAC", {"lags": 3}),
    ("jackknife", {}),
    ("jackknife", {"groups": "school"}),
)
PSEUDO = tuple(each for each in KINDS if each[0] not in ("observed", "opg"))


def name(kind: tuple[str, dict[str, Any]]) -> str:
    """A kind with its options as the name of a test."""
    return "-".join([kind[0], *(str(value) for value in kind[1].values())])


def frame(n: int = 160, seed: int = 1) -> pd.DataFrame:
    """Rows with four outcomes, predictors, 20 schools, 12 years, weights."""
    rng = np.random.default_rng(seed)
    school = rng.integers(0, 20, n)
    x, z = rng.normal(size=n), rng.normal(size=n)
    utility = np.column_stack(
        [np.zeros(n), 0.8 * x, -0.5 * z, 0.3 * x + rng.normal(size=20)[school]]
    )
    y = np.array(OUTCOMES)[(utility + rng.gumbel(size=utility.shape)).argmax(axis=1)]
    return pd.DataFrame(
        {
            "y": y,
            "x": x,
            "z": z,
            "g": rng.choice(["u", "v"], n),
            "school": school,
            "year": rng.integers(0, 12, n) + 2000,
            "w": rng.uniform(0.5, 4.0, n),
            "f": rng.integers(1, 4, n),
        }
    )


def fitted(data: pd.DataFrame, **options: Any) -> Any:
    """The fit of the formula to a frame."""
    return mn.mnlogit(FORMULA, data, **options).fit()


@dataclass(frozen=True)
class Exact:
    """Scores and information of each row (weights in), and the inverse information."""

    scores: FloatArray
    information: FloatArray
    inverse: FloatArray

    @classmethod
    def of(cls, res: Any) -> Exact:
        """Those of a fit, from the public functions of its likelihood alone."""
        likelihood, b = res.likelihood, res.params.to_numpy()
        scores = likelihood.score_obs(b)
        rows = [likelihood.rows.subset(np.array([i])) for i in range(likelihood.n_rows)]
        each = [type(likelihood)(row, likelihood.base).information(b) for row in rows]
        return cls(scores, np.array(each), np.linalg.inv(likelihood.information(b)))

    def summed(self, codes: Any) -> Exact:
        """The same, with clusters in place of rows."""
        labels = np.unique(codes)
        return Exact(
            np.array([self.scores[codes == g].sum(axis=0) for g in labels]),
            np.array([self.information[codes == g].sum(axis=0) for g in labels]),
            self.inverse,
        )

    def adjusted(self, power: float) -> FloatArray:
        """``(Id - I_g I^-1)^-power U_g``, by matrices of all coefficients."""
        found = []
        for score, own in zip(self.scores, self.information, strict=True):
            left = np.eye(len(score)) - own @ self.inverse
            root = left if power == 1.0 else sqrtm(left).real
            found.append(np.linalg.solve(root, score))
        return np.array(found)

    def sandwich(self, scores: FloatArray, times: Any = None) -> FloatArray:
        """``I^-1 (sum f s s') I^-1``."""
        repeated = scores if times is None else scores * np.asarray(times, dtype=float)[:, None]
        return np.asarray(self.inverse @ (scores.T @ repeated) @ self.inverse)
