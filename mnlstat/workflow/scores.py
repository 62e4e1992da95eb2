"""Scores of predicted probabilities, with their standard errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray, IntArray

SCORES = ("log_score", "accuracy", "brier")


def scores(
    logs: FloatArray, probabilities: FloatArray, response: IntArray | FloatArray
) -> FloatArray:
    """Sums of the scores of each row's choices (n, 3): log, accuracy, Brier.

    Parameters
    ----------
    logs : (n,) log-likelihood of each row, without weights
    probabilities : (n, J)
    response : (n,) positions of the outcomes, or (n, J) counts
    """
    n = len(logs)
    if response.ndim == 1:
        chosen = np.zeros(probabilities.shape)
        chosen[np.arange(n), response] = 1.0
    else:
        chosen = np.asarray(response, dtype=float)
    right = chosen[np.arange(n), probabilities.argmax(axis=1)]
    squares = (probabilities**2).sum(axis=1)
    brier = chosen.sum(axis=1) * (1.0 + squares) - 2.0 * (chosen * probabilities).sum(axis=1)
    return np.column_stack([logs, right, brier])


@dataclass(frozen=True, eq=False)
class Weighed:
    """Rows as units of an average.

    Attributes
    ----------
    trials : (n,) choices of each row
    weights : (n,) or None
    sampling : whether the weights are sampling weights; else they repeat rows
    groups : (n,) units that rows belong to; None where each is one
    """

    trials: FloatArray
    weights: FloatArray | None
    sampling: bool
    groups: IntArray | None

    def averages(self, each: FloatArray, rows: slice | IntArray = slice(None)) -> FloatArray:
        """Averages over choices of sums (n, s) of rows."""
        w = self._weights[rows]
        found: FloatArray = (w @ each[rows]) / (w @ self.trials[rows])
        return found

    def errors(self, each: FloatArray) -> FloatArray:
        """Their standard errors (s,), of ratios: linearised, times n/(n-1)."""
        w, unit = self._weights, self._unit
        total = float(w @ self.trials)
        about = each - self.trials[:, None] * self.averages(each)
        if self.groups is not None:
            summed = np.array([np.bincount(self.groups, w * column) for column in about.T]).T
            squares, units = (summed**2).sum(axis=0), float(len(summed))
        elif self.sampling or self.weights is None:
            squares, units = ((w[:, None] * about) ** 2).sum(axis=0), float(len(w))
        else:
            squares, units = w @ about**2 / unit, float(w.sum()) * unit
        return np.asarray(np.sqrt(squares * units / max(units - 1.0, 1.0)) / total)

    @property
    def _weights(self) -> FloatArray:
        """Weights (n,) in a unit in which none is above one, so that no square leaves the range."""
        return np.ones(len(self.trials)) if self.weights is None else self.weights / self._unit

    @property
    def _unit(self) -> float:
        """The unit of the weights, a power of two: a change of it changes no bit."""
        return 1.0 if self.weights is None else float(2.0 ** np.frexp(self.weights.max())[1])


def table(estimates: FloatArray, errors: FloatArray) -> pd.DataFrame:
    """A row for each score: columns estimate, std_error."""
    index = pd.Index(SCORES, name="score")
    return pd.DataFrame({"estimate": estimates, "std_error": errors}, index=index)
