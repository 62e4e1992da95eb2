"""Coefficients with their covariance under one index."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import BoolArray, FloatArray, IntArray
from mnlstat.errors import RankError, SeparationError
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.degrees import Fixed
from mnlstat.inference.distributions import normal_quantile, t_quantile, two_sided_p
from mnlstat.inference.hypotheses import (
    TestResult,
    judged,
    wald_if_regular,
    wald_of,
)
from mnlstat.inference.infinity import Infinity
from mnlstat.inference.no_variance import least_root, rounding
from mnlstat.inference.rebasing import rebased
from mnlstat.inference.restrictions import Restrictions
from mnlstat.inference.within import Within
from mnlstat.options import check_alpha, named


@dataclass(frozen=True, eq=False)
class ParameterLabels:
    """What the coefficients are called: outcomes but the base, and design columns.

    Attributes
    ----------
    outcomes : labels of all outcomes, in order
    base : position of the base outcome
    columns : names of all design columns, aliased ones included
    """

    outcomes: tuple[Any, ...]
    base: int
    columns: tuple[str, ...]

    def __len__(self) -> int:
        return (len(self.outcomes) - 1) * len(self.columns)

    @cached_property
    def index(self) -> pd.MultiIndex:
        """(outcome, term) of every coefficient, outcome-major."""
        equations = [label for j, label in enumerate(self.outcomes) if j != self.base]
        q, k = len(equations), len(self.columns)
        # from_product would sort the labels only to find out that they differ
        return pd.MultiIndex(
            levels=[pd.Index(equations, tupleize_cols=False), pd.Index(self.columns)],
            codes=[np.repeat(np.arange(q), k), np.tile(np.arange(k), q)],
            names=["outcome", "term"],
            verify_integrity=False,
        )

    def rebased(self, base: int) -> ParameterLabels:
        """Those against another base."""
        return replace(self, base=base)


@dataclass(frozen=True, eq=False)
class Estimates:
    """p estimated coefficients among those of the index, and their covariance.

    Attributes
    ----------
    labels : ParameterLabels
        Of all coefficients, aliased ones included.
    kept : (len(labels),) bool
        Which of them are estimated.
    values : (p,)
    covariance : Covariance
        Of the p estimated ones.
    infinity : Infinity, optional
        Which of them are infinite, where the data are separated: ``values`` and ``covariance`` are
        then of their finite parts.
    constrained : bool
        Whether linear constraints bind them: the covariance is singular then, and some standard
        errors may be zero.
    other_root : (p, d) array, optional
        ``F`` with ``F F'`` the inverse information, where the covariance is another one.
    """

    labels: ParameterLabels
    kept: BoolArray
    values: FloatArray
    covariance: Covariance
    infinity: Infinity | None = None
    constrained: bool = False
    other_root: FloatArray | None = None

    @property
    def index(self) -> pd.MultiIndex:
        """(outcome, term) of all coefficients."""
        return self.labels.index

    @property
    def names(self) -> list[str]:
        """``outcome:term`` of the p estimated ones, as messages say it."""
        return [f"{named(outcome)}:{named(term)}" for outcome, term in self.index[self.kept]]

    def series(self, values: FloatArray, name: str) -> pd.Series:
        """Values (p,) under the full index, NaN where aliased."""
        full = np.full(len(self.labels), np.nan)
        full[self.kept] = values
        return pd.Series(full, index=self.index, name=name)

    @property
    def params(self) -> pd.Series:
        """The coefficients."""
        values = self.values if self.infinity is None else self.infinity.shown(self.values)
        return self.series(values, "estimate")

    @property
    def bse(self) -> pd.Series:
        """Their standard errors."""
        return self.series(self._blanked(self.covariance.standard_errors()), "std_error")

    def _blanked(self, values: FloatArray) -> FloatArray:
        """Values (p, ...) with NaN where the coefficient is infinite, or its error rounding."""
        if self.infinity is None and not self._rounding.any():
            return values
        blanked = values.copy()
        if self.infinity is not None:
            blanked[~self.infinity.finite] = np.nan
        blanked[self._rounding] = np.nan
        return blanked

    @cached_property
    def _rounding(self) -> BoolArray:
        return self.rounding(None)

    @property
    def least_root(self) -> FloatArray | None:
        """Below the standard errors by this root (p, d) is rounding; None where none of them is."""
        if not self._rounding.any():
            return None
        assert self.other_root is not None
        return least_root(self.other_root, self.covariance.root)

    def rounding(self, R: FloatArray | None) -> BoolArray:
        """Of which combinations ``R b``, R (m, p), the standard error is rounding (m,)."""
        root, covariance = self.other_root, self.covariance
        if covariance.kind == Covariance.OBSERVED or root is None:
            return np.zeros(len(self.values if R is None else R), dtype=bool)
        return rounding(R, root, covariance.root)

    @property
    def tvalues(self) -> pd.Series:
        """Coefficients over standard errors; NaN of those that constraints fix."""
        errors = self.bse.where(self.bse > 0) if self.constrained else self.bse
        return (self.params / errors).rename("statistic")

    @property
    def pvalues(self) -> pd.Series:
        """Two-sided tail areas of the standard normal distribution, or of t."""
        p = two_sided_p(self.tvalues, self._df)
        return pd.Series(p, index=self.index, name="p_value")

    @property
    def df(self) -> pd.Series | None:
        """Degrees of freedom of t for each coefficient; None where they are normal."""
        df = self.covariance.df
        return None if df is None else self.series(self._blanked(df), "df")

    @property
    def _df(self) -> FloatArray | None:
        df = self.df
        return None if df is None else df.to_numpy(dtype=float)

    def conf_int(self, alpha: float) -> pd.DataFrame:
        """Wald intervals of level ``1 - alpha``: columns conf_low, conf_high."""
        level, df = check_alpha(alpha), self._df
        quantile = normal_quantile(level) if df is None else t_quantile(level, df)
        reach = quantile * self.bse
        return pd.DataFrame({"conf_low": self.params - reach, "conf_high": self.params + reach})

    def cov_params(self) -> pd.DataFrame:
        """The covariance matrix, NaN rows and columns where aliased."""
        full = np.full((len(self.labels),) * 2, np.nan)
        matrix = self._blanked(self._blanked(self.covariance.matrix()).T)
        full[np.ix_(self.kept, self.kept)] = matrix
        return pd.DataFrame(full, index=self.index, columns=self.index)

    @property
    def information_root(self) -> FloatArray | None:
        """``F`` (p, d) with ``F F'`` the inverse information; None where it is not known."""
        if self.covariance.kind != Covariance.OBSERVED:
            return self.other_root
        return self.covariance.root if self.covariance.known else None

    def under(self, covariance: Covariance) -> Estimates:
        """The same estimates under another covariance."""
        observed = covariance.kind == Covariance.OBSERVED
        other = None if observed else self.information_root
        return replace(self, covariance=covariance, other_root=other)

    def test(self, wanted: Restrictions) -> TestResult:
        """Wald test of ``R b = r``, R (m, p) with a column for aliased coefficients, too."""
        return self.test_estimated(replace(wanted, R=wanted.R[:, self.kept]))

    def test_estimated(self, wanted: Restrictions) -> TestResult:
        """Wald test of ``R b = r``, R (m, p) of the p estimated ones."""
        R = wanted.R
        if self.rounding(R).any():
            raise RankError(
                "no-variance-of-clusters",
                f"{wanted.text}: the covariance, {self.covariance.kind}, says nothing of the errors"
                " of what is tested: its variance is rounding.\nLeave indicators of clusters out"
                " of the formula, or take another covariance.",
            )
        if self.infinity is not None and (signs := self.infinity.signs(R)).any():
            at = int(np.flatnonzero(signs)[0])
            raise SeparationError(
                "infinite-restriction",
                f"{wanted.text}: restriction {at + 1} concerns what is infinite, because the data"
                " are separated;\nno Wald test says anything of that. Test it by likelihood ratio.",
            )
        if self.constrained:
            found = Within.of(R, wanted.r, self.values, self.covariance).asked(R, wanted.text)
        else:
            found = wald_of(R @ self.values - wanted.r, R, self.covariance, wanted.text)
        degrees = self.covariance.degrees
        if not isinstance(degrees, Fixed) or not self.covariance.known:
            return found
        if not degrees.joint(len(R))[1] > 0:
            raise RankError(
                "few-degrees-of-freedom",
                f"{wanted.text}: {len(R)} restrictions leave F no degrees of freedom; the"
                f" covariance has {degrees.df:g}.\nTest fewer restrictions at a time.",
            )
        return found

    def test_zero(self, positions: IntArray, hypothesis: str) -> TestResult:
        """Wald test that the estimates at these positions (among the p) are zero."""
        if self.infinity is not None and not self.infinity.finite[positions].all():
            return judged(float("nan"), len(positions), self.covariance, hypothesis)
        if self.constrained:
            return self.test_combinations(np.eye(len(self.values))[positions], hypothesis)
        if self._rounding[positions].any():
            return judged(float("nan"), len(positions), self.covariance, hypothesis)
        return wald_if_regular(self.values[positions], self.covariance.at(positions), hypothesis)

    def test_combinations(self, R: FloatArray, hypothesis: str) -> TestResult:
        """Wald test that ``R b = 0``, R (m, p); of what constraints leave open of it."""
        if self.rounding(R).any():
            return judged(float("nan"), len(R), self.covariance, hypothesis)
        if self.constrained:
            right = np.zeros(len(R))
            return Within.of(R, right, self.values, self.covariance).named(hypothesis)
        return wald_if_regular(R @ self.values, self.covariance.of(R), hypothesis)

    def rebased(self, k: int, base: int) -> Estimates:
        """The same estimates against another base outcome; ``k`` estimated in each equation."""
        old, other = self.labels.base, self.other_root
        return replace(
            self,
            labels=self.labels.rebased(base),
            values=rebased(self.values, k, old, base),
            covariance=self.covariance.rebased(k, old, base),
            infinity=None if self.infinity is None else self.infinity.rebased(k, old, base),
            other_root=None if other is None else rebased(other, k, old, base),
        )
