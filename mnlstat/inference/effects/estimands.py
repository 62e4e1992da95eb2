"""What is estimated by functions of the coefficients, with their joint covariance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.linalg import qr
from scipy.special import expit

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.inference.combinations import inferred
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.effects.functions import Functions

IDENTITY, LOG, LOGIT = "identity", "log", "logit"
# Shares of a function that others leave open, below which they determine it.
INDEPENDENT = 1e-8


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
        return cls(functions.values, covariance.of(functions.gradients))

    def combined(self, C: FloatArray) -> Estimands:
        """Linear functions ``C f``, C (m, M), of these functions."""
        return self.moved(C @ self.values, C)

    def moved(self, values: FloatArray, derivative: FloatArray) -> Estimands:
        """Other functions of these, with their values (m,) and derivatives (m, M) in these."""
        return Estimands(values, self.covariance.of(derivative))

    def at(self, positions: IntArray) -> Estimands:
        """Some of the functions."""
        return Estimands(self.values[positions], self.covariance.at(positions))

    def independent(self) -> IntArray:
        """Positions of functions that no others determine, as many as there are."""
        errors = self.covariance.standard_errors()
        safe = np.where(errors > 0, errors, 1.0)
        _, r, order = qr(self.covariance.root.T / safe, mode="economic", pivoting=True)
        sizes = np.abs(np.diag(r))
        rank = int((sizes > INDEPENDENT * sizes.max(initial=0.0)).sum())
        return np.sort(order[:rank]).astype(np.intp)

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
        table["conf_low"], table["conf_high"] = expit(middle - reach), expit(middle + reach)
        return table.drop(columns=["statistic", "p_value"])
