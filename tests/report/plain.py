"""The likelihood written out plainly, to judge solutions by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special


class Likelihood:
    """Plain multinomial logit, written without regard to speed or extremes."""

    def __init__(self, X: np.ndarray, codes: np.ndarray, n_outcomes: int, base: int) -> None:
        self.X, self.codes, self.base = X, codes, base
        self.others = [j for j in range(n_outcomes) if j != base]
        self.Y = np.eye(n_outcomes)[codes]

    def probabilities(self, params: np.ndarray) -> np.ndarray:
        eta = np.zeros(self.Y.shape)
        eta[:, self.others] = self.X @ params.reshape(len(self.others), -1).T
        return special.softmax(eta, axis=1)

    def standardised(self) -> tuple[Likelihood, None]:
        return self, None

    def evaluate(self, params: np.ndarray, order: int = 2) -> Any:
        pi = self.probabilities(params)
        score = ((self.Y - pi)[:, self.others].T @ self.X).ravel()
        blocks = [
            [(self.X * (pi[:, [j]] * ((j == l) - pi[:, [l]]))).T @ self.X for l in self.others]
            for j in self.others
        ]
        return _Evaluation(float((self.Y * np.log(pi)).sum()), score, np.block(blocks))


@dataclass(frozen=True)
class _Evaluation:
    value: float
    score: np.ndarray
    information: np.ndarray
