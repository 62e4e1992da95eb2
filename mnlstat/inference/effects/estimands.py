"""What is estimated by functions of the coefficients, with their joint covariance."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.linalg import qr, solve_triangular
from scipy.special import expit

from mnlstat.arrays import BoolArray, FloatArray, IntArray
from mnlstat.errors import RankError
from mnlstat.inference.combinations import inferred
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.effects.functions import Functions
from mnlstat.linalg import row_norms

IDENTITY, LOG, LOGIT = "identity", "log", "logit"
# Shares of a function that others leave open, below which they determine it.
INDEPENDENT = 1e-8
# Gap, in standard errors, below which a function is what others say it is.
FOLLOWS = 1e-5


@dataclass(frozen=True, eq=False)
class Estimands:
    """M functions of the coefficients and their covariance, by the delta method.

    Attributes
    ----------
    values : (M,)
    covariance : of the M functions
    """

    values: FloatArray
    covariance: Covariance

    def __len__(self) -> int:
        return len(self.values)

    @classmethod
    def of(cls, functions: Functions, covariance: Covariance) -> Estimands:
        """Functions with gradients ``D`` (M, p): their variance is ``D V D'``."""
        known = covariance.of(functions.slopes)
        return cls(functions.values, _without(known, ~functions.whole))

    @property
    def known(self) -> BoolArray:
        """Which of the functions have a value and a variance (M,)."""
        finite: BoolArray = np.isfinite(self.values)
        return finite & np.isfinite(self.covariance.root).all(axis=1)

    def combined(self, C: FloatArray) -> Estimands:
        """Linear functions ``C f``, C (m, M), of these functions.

        What is not known makes unknown what it is part of, and nothing else.
        """
        known = self.known
        finite: BoolArray = np.isfinite(self.values)
        values = C @ np.where(finite, self.values, 0.0)
        values[(C[:, ~finite] != 0).any(axis=1)] = np.nan
        covariance = replace(
            self.covariance, root=np.where(known[:, None], self.covariance.root, 0.0)
        ).of(C)
        return Estimands(values, _without(covariance, (C[:, ~known] != 0).any(axis=1)))

    def at(self, positions: IntArray) -> Estimands:
        """Some of the functions."""
        return Estimands(self.values[positions], self.covariance.at(positions))

    def independent(self) -> IntArray:
        """Positions of functions that no others determine, as many as there are.

        Of those that are known.

        Raises
        ------
        RankError
            When what the others determine of the rest cannot be zero where they are.
        """
        known = np.flatnonzero(self.known)
        root, values = self.covariance.root[known], self.values[known]
        errors = row_norms(root)
        safe = np.where(errors > 0, errors, 1.0)
        _, r, order = qr(root.T / safe, mode="economic", pivoting=True)
        sizes = np.abs(np.diag(r))
        rank = int((sizes > INDEPENDENT * sizes.max(initial=0.0)).sum())
        chosen, rest = order[:rank], order[rank:]
        scaled = values / safe
        parts = r[:rank, rank:]
        if rank:  # older LAPACK wrappers refuse a triangle of no rows
            parts = solve_triangular(r[:rank, :rank], parts, check_finite=False)
        gap = np.abs(scaled[rest] - parts.T @ scaled[chosen])
        if (gap > FOLLOWS * np.maximum(np.abs(scaled).max(initial=0.0), 1.0)).any():
            raise RankError(
                "singular-covariance",
                f"the covariance of {len(known)} effects has rank {rank}, and cannot tell whether"
                " all of them are zero.\nTest fewer, contrasts of them, or by another covariance;"
                " probabilities sum to one, and are never all zero.",
            )
        found: IntArray = known[np.sort(chosen)]
        return found

    def standard_errors(self) -> FloatArray:
        """Of each function (M,); NaN where it has no value."""
        errors = self.covariance.standard_errors()
        return np.where(np.isnan(self.values), np.nan, errors)

    def table(self, alpha: float, adjust: str = "none", scale: str = IDENTITY) -> pd.DataFrame:
        """Estimates with standard errors, tests and intervals.

        Parameters
        ----------
        alpha : one minus the level of the intervals
        adjust : as of :func:`~mnlstat.inference.combinations.combined`
        scale : "identity", with tests that estimates are zero; "log" for logarithms that are shown
            as ratios, with tests that these are one; "logit" for probabilities, without a test,
            whose intervals are symmetric in the logit and stay between 0 and 1
        """
        errors = self.standard_errors()
        if scale != LOGIT:
            return inferred(
                self.values,
                errors,
                self.covariance,
                alpha=alpha,
                adjust=adjust,
                exponentiate=scale == LOG,
            )
        table = inferred(self.values, errors, self.covariance, alpha=alpha, adjust=adjust)
        with np.errstate(divide="ignore", invalid="ignore"):
            reach = (table["conf_high"] - table["estimate"]) / (self.values * (1.0 - self.values))
            middle = np.log(self.values) - np.log1p(-self.values)
        for end, side in (("conf_low", -1.0), ("conf_high", 1.0)):
            # what has no error has one end, also where its logit is infinite
            table[end] = np.where(errors == 0, self.values, expit(middle + side * reach))
        return table.drop(columns=["statistic", "p_value"])


def _without(covariance: Covariance, bad: BoolArray) -> Covariance:
    """The same, of which some have no variance."""
    if not bad.any():
        return covariance
    return replace(covariance, root=np.where(bad[:, None], np.nan, covariance.root))
