"""What a report reads of a fitted model, as protocols."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import pandas as pd


class SeparatedLike(Protocol):
    """What separation does to each coefficient."""

    @property
    def table(self) -> pd.DataFrame:
        """Column limit: finite, +inf, -inf or undetermined."""

    @property
    def sentences(self) -> tuple[str, ...]:
        """Why."""


class StatusLike(Protocol):
    """How an iteration ended: ``value`` is the sentence a user reads."""

    @property
    def name(self) -> str:
        """Name of the member."""

    @property
    def value(self) -> Any:
        """The sentence a user reads."""

    @property
    def ok(self) -> bool:
        """Whether estimates and standard errors may be used."""


class FactorLike(Protocol):
    """A categorical predictor; ``reference`` is None where its coding has no reference level."""

    @property
    def name(self) -> str:
        """As in the formula, such as ``C(ses)``."""

    @property
    def reference(self) -> Any:
        """The level the others are compared with, or None."""


class DroppedLike(Protocol):
    """Rows that were lost to missing values, and where."""

    @property
    def rows(self) -> int:
        """Rows of the data."""

    @property
    def used(self) -> int:
        """Rows of the fit."""

    @property
    def total(self) -> int:
        """Rows lost."""

    @property
    def by_column(self) -> Mapping[str, int]:
        """Missing values of each column."""

    @property
    def by_term(self) -> Mapping[str, int]:
        """Rows for which a term made a missing value out of present ones."""

    @property
    def of_no_weight(self) -> int:
        """Rows left out because their weight is zero."""

    @property
    def untried(self) -> int:
        """Rows of a response of counts in which all are zero."""

    @property
    def not_in_subset(self) -> int:
        """Rows for which ``subset=`` is false."""

    @property
    def of_unknown_subset(self) -> int:
        """Rows for which it is missing."""

    @property
    def subset(self) -> str | None:
        """The condition, as it was given in words."""


class TestLike(Protocol):
    """A finished hypothesis test."""

    @property
    def statistic(self) -> float:
        """The statistic."""

    @property
    def df(self) -> float:
        """Its degrees of freedom."""

    @property
    def df_denom(self) -> float | None:
        """Those of the denominator, where it is an F test."""

    @property
    def pvalue(self) -> float:
        """Its p-value."""


class Fitted(Protocol):
    """A fitted multinomial logit, as far as tables, summary and comparison read it.

    All estimates share one MultiIndex (outcome, term), outcome-major; aliased columns are NaN.
    """

    @property
    def formula(self) -> str:
        """As the user wrote it."""

    @property
    def outcomes(self) -> tuple[Any, ...]:
        """Labels in order, J of them."""

    @property
    def base(self) -> Any:
        """The outcome whose coefficients are zero."""

    @property
    def outcome_counts(self) -> pd.Series:
        """Rows of each outcome, index the labels."""

    @property
    def factors(self) -> tuple[FactorLike, ...]:
        """Categorical predictors."""

    @property
    def dropped(self) -> DroppedLike:
        """Rows lost to missing values."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about the data, such as levels dropped."""

    @property
    def aliased(self) -> Mapping[str, str]:
        """Aliased columns, each with the combination it equals, such as ``= read + write``."""

    @property
    def separated(self) -> SeparatedLike | None:
        """What is infinite, where the data are separated."""

    @property
    def condition_number(self) -> float:
        """Of the scaled design."""

    @property
    def params(self) -> pd.Series:
        """Coefficients, index (outcome, term)."""

    @property
    def bse(self) -> pd.Series:
        """Standard errors."""

    @property
    def tvalues(self) -> pd.Series:
        """Coefficients over standard errors."""

    @property
    def pvalues(self) -> pd.Series:
        """Two-sided normal p-values."""

    def conf_int(self, alpha: float = 0.05) -> pd.DataFrame:
        """Wald intervals: columns conf_low, conf_high."""

    @property
    def llf(self) -> float:
        """Log-likelihood."""

    @property
    def llnull(self) -> float:
        """Log-likelihood of the model with constants only."""

    @property
    def llr(self) -> float:
        """Likelihood-ratio statistic against that; NaN where it is not nested."""

    @property
    def llr_pvalue(self) -> float:
        """Its p-value."""

    @property
    def prsquared(self) -> float:
        """McFadden's R2."""

    @property
    def aic(self) -> float:
        """Akaike's criterion."""

    @property
    def bic(self) -> float:
        """Schwarz's criterion."""

    @property
    def n_parameters(self) -> int:
        """Estimated coefficients."""

    @property
    def penalty(self) -> Any:
        """The penalty: its name, or a ridge; None without one."""

    @property
    def constraints(self) -> tuple[str, ...]:
        """What binds the coefficients, in words."""

    @property
    def constraints_base(self) -> Any:
        """The base outcome that these words speak of."""

    @property
    def effective_df(self) -> float:
        """Degrees of freedom that the criteria count."""

    @property
    def penalised_llf(self) -> float | None:
        """The maximum of the penalised log-likelihood, where there is a penalty."""

    @property
    def turned_back(self) -> tuple[tuple[Any, str], ...]:
        """Coefficients (outcome, term) whose Wald test has turned back."""

    @property
    def offset(self) -> str | None:
        """Which columns are added to which linear predictors."""

    @property
    def weights(self) -> str | None:
        """Kind, name and sum of the weights."""

    @property
    def response(self) -> str | None:
        """What the response consists of, where it is not one outcome in each row."""

    @property
    def response_kind(self) -> str:
        """What a row of the response holds: "choice", "counts" or "shares"."""

    @property
    def pseudo(self) -> bool:
        """Whether a pseudo-likelihood was maximised."""

    @property
    def robust(self) -> bool:
        """Whether the covariance does not trust the likelihood."""

    @property
    def df_t(self) -> pd.Series | None:
        """Degrees of freedom of t for each coefficient; None where they are normal."""

    @property
    def cov_notes(self) -> tuple[str, ...]:
        """What else is to be said of the covariance."""

    @property
    def nobs(self) -> float:
        """N, the number of rows used."""

    @property
    def df_model(self) -> int:
        """Degrees of freedom of the likelihood-ratio test."""

    @property
    def df_resid(self) -> float:
        """N - p, p the number of estimated coefficients."""

    @property
    def constant(self) -> bool:
        """Whether a constant is in the span of the design."""

    @property
    def spanning_term(self) -> str | None:
        """The term of several columns that span the constant, if there is one."""

    @property
    def converged(self) -> bool:
        """Whether the status is ok."""

    @property
    def status(self) -> StatusLike:
        """How the iteration ended."""

    @property
    def method(self) -> str:
        """Name of the algorithm."""

    @property
    def iterations(self) -> int:
        """Steps taken."""

    @property
    def cov_type(self) -> str:
        """Kind of covariance behind the standard errors."""

    @property
    def seconds(self) -> Mapping[str, float]:
        """Times of ``fit`` and ``inference``."""

    def wald_test_terms(self) -> pd.DataFrame:
        """Index term; columns statistic, df, p_value: all equations at once."""

    def wald_test_slopes(self) -> TestLike:
        """All coefficients but those of constants are zero."""
