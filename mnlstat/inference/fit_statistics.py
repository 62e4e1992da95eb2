"""Log-likelihoods, counts and the numbers made of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.inference.distributions import chi2_p


def null_loglike(outcome_totals: FloatArray) -> float:
    """Log-likelihood of the model with constants only, ``sum_j N_j log(N_j / N)``."""
    seen = outcome_totals[outcome_totals > 0]
    return float((seen * np.log(seen / seen.sum())).sum())


@dataclass(frozen=True)
class FitStatistics:
    """Fit of one model.

    Attributes
    ----------
    llf, llnull : log-likelihood of the model, and of constants only
    nobs : N
    p, q : estimated coefficients (free ones, where constraints bind them), free constants
    constant : whether a constant lies in the span of the design
    at_maximum : whether ``llf`` is the maximum
    pseudo : whether it is a pseudo-likelihood, of which no criterion or test is made
    nested : whether constants alone fulfil the constraints of the model
    effective : degrees of freedom that criteria count, where they are not ``p``
    robust : whether the covariance is one that does not trust the likelihood: then there is no
        likelihood-ratio test
    """

    llf: float
    llnull: float
    nobs: float
    p: int
    q: int
    constant: bool
    at_maximum: bool = True
    pseudo: bool = False
    nested: bool = True
    effective: float | None = None
    robust: bool = False

    @property
    def df_model(self) -> int:
        """``p - q`` with a constant in the span, else ``p``."""
        return self.p - self.q if self.constant else self.p

    @property
    def df_resid(self) -> float:
        """``N - p``."""
        return self.nobs - self.p

    @property
    def llr(self) -> float:
        """Likelihood-ratio statistic ``2 (llf - llnull)``; NaN unless both are nested maxima.

        NaN, too, where the covariance is robust.
        """
        trusted = self.at_maximum and not (self.pseudo or self.robust)
        nested = self.constant and self.nested and trusted
        return 2.0 * (self.llf - self.llnull) if nested else float("nan")

    @property
    def llr_pvalue(self) -> float:
        """Its tail area, chi-squared with ``df_model`` degrees of freedom."""
        return chi2_p(self.llr, self.df_model)

    @property
    def prsquared(self) -> float:
        """McFadden's (1974) pseudo-R2, ``1 - llf / llnull``."""
        return 1.0 - self.llf / self.llnull

    @property
    def _counted(self) -> float:
        return self.p if self.effective is None else self.effective

    @property
    def aic(self) -> float:
        """Akaike's (1974) criterion, ``-2 llf + 2 p``; NaN for a pseudo-likelihood."""
        if self.pseudo:
            return float("nan")
        return -2.0 * self.llf + 2.0 * self._counted

    @property
    def bic(self) -> float:
        """Schwarz' (1978) criterion, ``-2 llf + p log N``; NaN for a pseudo-likelihood."""
        if self.pseudo:
            return float("nan")
        return -2.0 * self.llf + self._counted * float(np.log(self.nobs))
