"""Estimates of several fits under one covariance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import BoolArray, FloatArray, IntArray
from mnlstat.errors import RankError
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.estimates import Estimates
from mnlstat.inference.hypotheses import TestResult, independent, wald
from mnlstat.inference.restrictions import Restrictions, restrictions
from mnlstat.inference.sandwich import sandwich, without_residuals
from mnlstat.inference.within import Within
from mnlstat.likelihood.units import Units
from mnlstat.memory import check_room

# Standard errors of differences between fits, relative to those of the fits, below which they are
# rounding: roots of sandwiches leave out variances of 1e-13.
KNOWN = 1e-6


@dataclass(frozen=True, eq=False)
class Stacked:
    """Coefficients of several fits, those of one after those of the other.

    Attributes
    ----------
    index : (model, outcome, term) of all coefficients, aliased ones included
    kept : which of them are estimated
    values : (p,) estimated ones
    covariance : of these
    constrained : whether constraints bind some of them
    """

    index: pd.MultiIndex
    kept: BoolArray
    values: FloatArray
    covariance: Covariance
    constrained: bool

    @classmethod
    def of(
        cls, names: Sequence[str], estimates: Sequence[Estimates], covariance: Covariance
    ) -> Stacked:
        """Those of fits with these names, which share a covariance."""
        labels = [
            (name, *label)
            for name, each in zip(names, estimates, strict=True)
            for label in each.index
        ]
        columns = [pd.Index([label[at] for label in labels], tupleize_cols=False) for at in (0, 2)]
        outcomes = pd.Index([label[1] for label in labels], tupleize_cols=False, dtype=object)
        arrays = [columns[0], outcomes, columns[1]]
        index = pd.MultiIndex.from_arrays(arrays, names=["model", "outcome", "term"])
        return cls(
            index,
            np.concatenate([each.kept for each in estimates]),
            np.concatenate([each.values for each in estimates]),
            covariance,
            any(each.constrained for each in estimates),
        )

    def series(self, values: FloatArray, name: str) -> pd.Series:
        """Values (p,) under the index, NaN where aliased."""
        full = np.full(len(self.index), np.nan)
        full[self.kept] = values
        return pd.Series(full, index=self.index, name=name)

    def matrix(self) -> pd.DataFrame:
        """The covariance matrix, NaN where aliased."""
        full = np.full((len(self.index),) * 2, np.nan)
        full[np.ix_(self.kept, self.kept)] = self.covariance.matrix()
        return pd.DataFrame(full, index=self.index, columns=self.index)

    def restrictions(self, hypothesis: Any, value: Any) -> Restrictions:
        """Restrictions in words about ``model/outcome:term``, or by a matrix."""
        parts = [hypothesis] if isinstance(hypothesis, str) else hypothesis
        words = isinstance(parts, list | tuple) and all(isinstance(each, str) for each in parts)
        labels: list[Any] = list(self.index)
        if words:
            labels = [(f"{model}/{outcome}", term) for model, outcome, term in labels]
        return restrictions(hypothesis, value, labels, self.kept)

    def test(self, hypothesis: Any, value: Any) -> TestResult:
        """Wald test of ``R b = r``."""
        wanted = self.restrictions(hypothesis, value)
        R = wanted.R[:, self.kept]
        if self.constrained:
            return Within.of(R, wanted.r, self.values, self.covariance).asked(R, wanted.text)
        gap = self.covariance.of(R)
        if independent(R) and self._smallest(R, gap) < KNOWN:
            raise RankError(
                "singular-covariance",
                f"the covariance of {len(R)} restriction{'s' * (len(R) > 1)} is singular:"
                f" {wanted.text}.\nFits that say the same, or fewer units than restrictions, make"
                " it so; test what differs, fewer at a time.",
            )
        return wald(R @ self.values - wanted.r, gap, wanted.text)

    def _smallest(self, R: FloatArray, gap: Covariance) -> float:
        """Least standard error of a combination, relative to those that it is made of."""
        reach = np.abs(R) @ self.covariance.standard_errors()
        unit = np.where(reach > 0, reach, 1.0)
        lengths = np.linalg.svd(gap.root / unit[:, None], compute_uv=False)
        return float(lengths[-1]) if len(lengths) == len(R) else 0.0


def stacked_sandwich(
    names: Sequence[str], parts: Sequence[Units], codes: IntArray | None, said: str
) -> Covariance:
    """The sandwich of scores of several fits, row by row beside each other.

    Parameters
    ----------
    names, parts : of each fit, its name, and the same rows as its units
    codes : (n,) clusters of the rows; None where each is a unit
    said : what the covariance is called

    Raises
    ------
    RankError
        For a fit whose scores are zero.
    """
    n, D = len(parts[0].rows), sum(each.dimension for each in parts)
    check_room(8.0 * n * D, f"the scores of {n} rows and {D} coefficients", "Stack fewer fits.")
    repeats = _repeats(parts[0])
    scores = np.concatenate([_scores(each) for each in parts])
    if codes is not None:
        weighted = scores if repeats is None else scores * repeats
        sums = np.array([np.bincount(codes, row) for row in weighted])
        units = float(sums.shape[1])
        middle = sums @ sums.T
    else:
        weighted = scores if repeats is None else scores * repeats
        units = float(n if repeats is None else repeats.sum())
        middle = scores @ weighted.T
    root = np.zeros((sum(len(each.root) for each in parts), D))
    row = column = 0
    blocks = []
    for each in parts:
        p, d = each.root.shape
        root[row : row + p, column : column + d] = each.root
        blocks.append(slice(row, row + p))
        row, column = row + p, column + d
    found = sandwich(root, middle, units / max(units - 1.0, 1.0), said)
    for name, each, block in zip(names, parts, blocks, strict=True):
        weight = float(each.rows.outcome_totals().sum()) / n
        if without_residuals(Covariance(found.root[block], said), each.root, weight):
            raise RankError(
                "no-residual-variation",
                f"the covariance of stacked scores: {name} fits each row exactly, so that its"
                " scores are zero and say nothing of the errors.\nLeave terms out of it.",
            )
    return found


def _scores(units: Units) -> FloatArray:
    """``t`` (d, n) of all units, once each."""
    found = [units.scores(part) for piece in units.blocks() for part in units.small(piece)]
    return np.concatenate(found, axis=1)


def _repeats(units: Units) -> FloatArray | None:
    """How many units each row is (n,); None for one."""
    found = [piece.repeats for piece in units.blocks()]
    listed = [each for each in found if each is not None]
    return np.concatenate(listed) if listed else None
