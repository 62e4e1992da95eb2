"""Coefficients with their covariance under one index."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import BoolArray, FloatArray, IntArray
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.distributions import normal_quantile, two_sided_p
from mnlstat.inference.hypotheses import TestResult, wald
from mnlstat.inference.rebasing import rebased
from mnlstat.inference.restrictions import Restrictions
from mnlstat.options import check_alpha


def parameter_index(
    outcomes: tuple[Any, ...], base: int, columns: tuple[str, ...]
) -> pd.MultiIndex:
    """(outcome, term) of every coefficient, outcome-major, the base outcome left out."""
    equations = [label for j, label in enumerate(outcomes) if j != base]
    return pd.MultiIndex.from_product([equations, columns], names=["outcome", "term"])


@dataclass(frozen=True, eq=False)
class Estimates:
    """p estimated coefficients among those of the index, and their covariance.

    Attributes
    ----------
    index : MultiIndex (outcome, term)
        Of all coefficients, aliased ones included.
    kept : (len(index),) bool
        Which of them are estimated.
    values : (p,)
    covariance : Covariance
        Of the p estimated ones.
    """

    index: pd.MultiIndex
    kept: BoolArray
    values: FloatArray
    covariance: Covariance

    def series(self, values: FloatArray, name: str) -> pd.Series:
        """Values (p,) under the full index, NaN where aliased."""
        full = np.full(len(self.index), np.nan)
        full[self.kept] = values
        return pd.Series(full, index=self.index, name=name)

    @property
    def params(self) -> pd.Series:
        """The coefficients."""
        return self.series(self.values, "estimate")

    @property
    def bse(self) -> pd.Series:
        """Their standard errors."""
        return self.series(self.covariance.standard_errors(), "std_error")

    @property
    def tvalues(self) -> pd.Series:
        """Coefficients over standard errors."""
        return (self.params / self.bse).rename("statistic")

    @property
    def pvalues(self) -> pd.Series:
        """Two-sided tail areas of the standard normal distribution."""
        return pd.Series(two_sided_p(self.tvalues), index=self.index, name="p_value")

    def conf_int(self, alpha: float) -> pd.DataFrame:
        """Wald intervals of level ``1 - alpha``: columns conf_low, conf_high."""
        reach = normal_quantile(check_alpha(alpha)) * self.bse
        return pd.DataFrame({"conf_low": self.params - reach, "conf_high": self.params + reach})

    def cov_params(self) -> pd.DataFrame:
        """The covariance matrix, NaN rows and columns where aliased."""
        full = np.full((len(self.index),) * 2, np.nan)
        full[np.ix_(self.kept, self.kept)] = self.covariance.matrix()
        return pd.DataFrame(full, index=self.index, columns=self.index)

    def test(self, wanted: Restrictions) -> TestResult:
        """Wald test of ``R b = r``."""
        R = wanted.R[:, self.kept]
        return wald(R @ self.values - wanted.r, self.covariance.of(R), wanted.text)

    def test_zero(self, positions: IntArray, hypothesis: str) -> TestResult:
        """Wald test that the estimates at these positions (among the p) are zero."""
        return wald(self.values[positions], self.covariance.at(positions), hypothesis)

    def rebased(self, index: pd.MultiIndex, k: int, old: int, new: int) -> Estimates:
        """The same estimates against another base outcome; ``k`` estimated in each equation."""
        root = self.covariance.root
        if self.covariance.known:
            root = rebased(root, k, old, new)
        return replace(
            self,
            index=index,
            values=rebased(self.values, k, old, new),
            covariance=replace(self.covariance, root=root),
        )
