"""What is estimated by functions of the coefficients, with their joint covariance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.inference.combinations import inferred
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.effects.functions import Functions


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

    def standard_errors(self) -> FloatArray:
        """Of each function (M,); NaN where it has no value."""
        errors = self.covariance.standard_errors()
        return np.where(np.isnan(self.values), np.nan, errors)

    def table(
        self, alpha: float, adjust: str = "none", *, exponentiate: bool = False
    ) -> pd.DataFrame:
        """Estimates with standard errors, tests that they are zero, intervals.

        As of :func:`~mnlstat.inference.combinations.combined`.
        """
        return inferred(
            self.values,
            self.standard_errors(),
            self.covariance,
            alpha=alpha,
            adjust=adjust,
            exponentiate=exponentiate,
        )
