"""The result of a fit: data plus functions of it, with the names that users know."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.design.aliasing import Aliasing
from mnlstat.design.missing import Dropped
from mnlstat.design.scope import caller_scope, warn
from mnlstat.design.source import Source
from mnlstat.design.spec import DesignSpec, Factor, Term
from mnlstat.errors import AliasedWarning, DataError
from mnlstat.inference.estimates import Estimates, parameter_index
from mnlstat.inference.fit_statistics import FitStatistics
from mnlstat.inference.hypotheses import TestResult
from mnlstat.inference.predictions import probabilities
from mnlstat.inference.restrictions import restrictions
from mnlstat.inference.term_tests import wald_slopes, wald_terms
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.optimize.optimum import Optimum, Status
from mnlstat.options import named_options
from mnlstat.peers import refusal
from mnlstat.peers import statsmodels as peer
from mnlstat.report import tables
from mnlstat.report.compare import Comparison
from mnlstat.report.facts import describe
from mnlstat.report.summary import Summary


@dataclass(frozen=True, eq=False)
class Sample:
    """The rows of a fit: what a result needs only when it looks at rows again.

    Attributes
    ----------
    likelihood : of the kept columns, with the base of the result
    codes : (n,) position of each row's outcome
    source : the user's data
    refit : fits another formula to the same rows
    """

    likelihood: MultinomialLikelihood
    codes: IntArray
    source: Source
    refit: Callable[..., MNLogitResults]


@dataclass(frozen=True, eq=False)
class MNLogitResults:
    """A fitted multinomial logit model.

    Everything about coefficients has one index, a MultiIndex (outcome, term); the coefficients of
    the base outcome are zero and not listed.  Coefficients of aliased columns are NaN.  When the
    fit did not converge, or no finite maximum is certified, standard errors, tests and intervals
    are NaN.

    Nothing here changes after the fit: another base or level gives a new object.  A pickle leaves
    the data out; what then needs rows says so.

    Attributes
    ----------
    spec : DesignSpec
        What the formula learned from the data.
    dropped : Dropped
        Rows lost to missing values, by column and by term.
    notes : tuple of str
        What was decided on the way and should be known.
    optimum : Optimum
        How the maximisation went, with its trace.
    condition_number : float
        Of the design with columns of unit length.
    seconds : dict
        Time taken by "fit" and "inference".
    """

    spec: DesignSpec
    dropped: Dropped
    notes: tuple[str, ...]
    aliasing: Aliasing
    condition_number: float
    statistics: FitStatistics
    optimum: Optimum
    estimates: Estimates
    counts: tuple[float, ...]
    constant_direction: FloatArray | None
    seconds: Mapping[str, float]
    sample: Sample | None = field(default=None, repr=False)

    # --- what was fitted -------------------------------------------------------------------

    @property
    def formula(self) -> str:
        """The formula as it was written."""
        return self.spec.formula

    @property
    def response_name(self) -> str:
        """The left side of the formula."""
        return self.spec.response.name

    @property
    def outcomes(self) -> tuple[Any, ...]:
        """Labels of the outcomes, in order."""
        return self.spec.response.labels

    @property
    def base(self) -> Any:
        """The outcome that all coefficients are against."""
        return self.spec.response.base_label

    @property
    def outcome_counts(self) -> pd.Series:
        """How often each outcome was seen in the rows used."""
        return pd.Series(self.counts, index=pd.Index(self.outcomes, name="outcome"), name="count")

    @property
    def terms(self) -> tuple[Term, ...]:
        """Terms of the formula with the columns they own."""
        return self.spec.terms

    @property
    def factors(self) -> tuple[Factor, ...]:
        """Categorical predictors with levels and reference."""
        return self.spec.factors

    @property
    def aliased(self) -> dict[str, str]:
        """Aliased columns and the combination each equals."""
        return self.aliasing.sentences

    @property
    def index(self) -> pd.MultiIndex:
        """(outcome, term) of every coefficient, outcome-major."""
        return self.estimates.index

    # --- how the fit went ------------------------------------------------------------------

    @property
    def status(self) -> Status:
        """How the maximisation ended; its value is a sentence."""
        return self.optimum.status

    @property
    def converged(self) -> bool:
        """Whether the estimate is a maximum, certified to be finite."""
        return self.status.ok

    @property
    def method(self) -> str:
        """Name of the optimiser."""
        return "Newton-Raphson"

    @property
    def iterations(self) -> int:
        """Newton steps taken."""
        return self.optimum.iterations

    @property
    def decrement(self) -> float:
        """``sqrt(g' I^-1 g)``: how many standard errors the estimate is from the maximum."""
        return self.optimum.decrement

    @property
    def cov_type(self) -> str:
        """How the covariance was estimated."""
        return self.estimates.covariance.kind

    # --- estimates -------------------------------------------------------------------------

    @property
    def params(self) -> pd.Series:
        """Coefficients: log odds of the outcome against the base, per unit of the column."""
        return self.estimates.params

    @property
    def bse(self) -> pd.Series:
        """Standard errors: square roots of the diagonal of ``cov_params()``."""
        return self.estimates.bse

    @property
    def tvalues(self) -> pd.Series:
        """``params / bse``, standard normal when the coefficient is zero."""
        return self.estimates.tvalues

    @property
    def pvalues(self) -> pd.Series:
        """Two-sided tail areas of ``tvalues`` under the standard normal distribution."""
        return self.estimates.pvalues

    @named_options
    def conf_int(self, alpha: float = 0.05) -> pd.DataFrame:
        """Wald intervals, ``b -+ z(1 - alpha/2) se``: columns conf_low, conf_high."""
        return self.estimates.conf_int(alpha)

    def cov_params(self) -> pd.DataFrame:
        """Covariance matrix of the coefficients; NaN rows and columns where aliased."""
        return self.estimates.cov_params()

    # --- fit statistics --------------------------------------------------------------------

    @property
    def llf(self) -> float:
        """Log-likelihood."""
        return self.statistics.llf

    @property
    def llnull(self) -> float:
        """Log-likelihood of the model with constants only, in closed form."""
        return self.statistics.llnull

    @property
    def llr(self) -> float:
        """Likelihood-ratio statistic against constants only; NaN without a constant."""
        return self.statistics.llr

    @property
    def llr_pvalue(self) -> float:
        """Its tail area, chi-squared with ``df_model`` degrees of freedom."""
        return self.statistics.llr_pvalue

    @property
    def prsquared(self) -> float:
        """McFadden's pseudo-R2, ``1 - llf / llnull``."""
        return self.statistics.prsquared

    @property
    def aic(self) -> float:
        """Akaike's criterion, ``-2 llf + 2 p``."""
        return self.statistics.aic

    @property
    def bic(self) -> float:
        """Schwarz' criterion, ``-2 llf + p log(nobs)``."""
        return self.statistics.bic

    @property
    def nobs(self) -> int:
        """Rows used."""
        return int(self.statistics.nobs)

    @property
    def df_model(self) -> int:
        """Estimated coefficients less one constant per equation."""
        return self.statistics.df_model

    @property
    def df_resid(self) -> int:
        """``nobs`` less estimated coefficients."""
        return int(self.statistics.df_resid)

    @property
    def constant(self) -> bool:
        """Whether a constant lies in the span of the design."""
        return self.statistics.constant

    # --- rows ------------------------------------------------------------------------------

    def _rows(self, purpose: str) -> Sample:
        if self.sample is None:
            raise DataError(
                f"{purpose} needs the rows of the fit; this result was loaded without its data.\n"
                "Fit the model again, or pass data to predict()."
            )
        return self.sample

    @property
    def likelihood(self) -> MultinomialLikelihood:
        """The likelihood that was maximised, with the base of this result."""
        return self._rows("likelihood").likelihood

    @property
    def score_norm(self) -> float:
        """Largest absolute element of the score at the estimate."""
        return float(np.abs(self.likelihood.score(self.estimates.values)).max())

    @property
    def fittedvalues(self) -> pd.DataFrame:
        """Probabilities of the rows used, a column for each outcome."""
        sample = self._rows("fittedvalues")
        pi = sample.likelihood.probabilities(self.estimates.values)
        return self._probability_frame(pi, sample.source.index)

    @named_options
    def predict(self, data: Any = None) -> pd.DataFrame:
        """Probabilities ``pi_j(x) = exp(x'b_j) / sum_l exp(x'b_l)`` of every outcome.

        Parameters
        ----------
        data : DataFrame or the like, optional
            New data with the columns of the right side; the rows used when left out.

        Returns
        -------
        DataFrame
            One row per row of ``data``, its index kept; a column for each outcome, rows summing to
            one.  A row with a missing predictor is NaN.

        Raises
        ------
        DataError
            For a missing column, a level that the fit did not see, a wrong type, infinite values.
        """
        if data is None:
            return self.fittedvalues
        design = self.spec.design(data)
        if broken := self.aliasing.broken_by(design.X):
            warn(
                f"in the new data {', '.join(broken)} is not the combination of other columns that"
                " it was in the fit;\npredictions leave it out, as the fit did.",
                AliasedWarning,
            )
        B = self.estimates.values.reshape(len(self.outcomes) - 1, -1)
        pi = probabilities(design.X[:, self.aliasing.kept], B, self.spec.response.base)
        return self._probability_frame(pi, design.index)

    def _probability_frame(self, pi: FloatArray, index: Any) -> pd.DataFrame:
        return pd.DataFrame(pi, index=index, columns=pd.Index(self.outcomes, name="outcome"))

    # --- tests -----------------------------------------------------------------------------

    @named_options
    def test(self, hypothesis: Any, value: Any = None) -> TestResult:
        """Wald test of linear restrictions ``R b = r``.

        Parameters
        ----------
        hypothesis : str, sequence of str, array or DataFrame
            In words, ``"car:income = bus:income, train:age = 0"``, with coefficients named
            ``outcome:term``; or R (m, p) in the order of ``params``; or a pair (R, r).
        value : (m,) array or float, optional
            r, when R is given; zero by default.

        Returns
        -------
        TestResult
            ``(R b - r)' (R V R')^-1 (R b - r)``, chi-squared with m degrees of freedom.

        Raises
        ------
        OptionError
            When the hypothesis cannot be read or has the wrong shape.
        RankError
            When restrictions depend on each other, or concern an aliased coefficient.
        """
        found = restrictions(hypothesis, value, list(self.index), self.estimates.kept)
        return self.estimates.test(found)

    wald_test = test

    @cached_property
    def _term_tests(self) -> pd.DataFrame:
        return wald_terms(self.estimates, self.terms, self.aliasing.kept)

    def wald_test_terms(self) -> pd.DataFrame:
        """Wald test of each term over all equations: columns statistic, df, p_value.

        The hypothesis is that all coefficients of the term's columns are zero, as they are coded;
        the constant is not a term.
        """
        return self._term_tests.copy()

    def wald_test_slopes(self) -> TestResult:
        """Wald test that the probabilities do not depend on any predictor."""
        return wald_slopes(self.estimates, self.constant_direction, len(self.aliasing.names))

    # --- other results ---------------------------------------------------------------------

    @named_options
    def rebase(self, base: Any) -> Self:
        """The same fit with coefficients against another outcome: exact algebra, no refit.

        Raises
        ------
        OptionError
            When ``base`` is not an outcome.
        """
        spec = self.spec.with_base(base)
        old, new = self.spec.response.base, spec.response.base
        index = parameter_index(self.outcomes, new, spec.columns)
        sample = self.sample
        if sample is not None:
            sample = replace(sample, likelihood=replace(sample.likelihood, base=new))
        estimates = self.estimates.rebased(index, len(self.aliasing.names), old, new)
        return replace(self, spec=spec, estimates=estimates, sample=sample)

    @named_options
    def update(self, formula: str) -> MNLogitResults:
        """Fit another formula to the same rows; ``.`` stands for the old side.

        ``res.update(". ~ . - write")`` leaves the term ``write`` out.  Rows that the new formula
        cannot use are dropped, with a warning.
        """
        return self._rows("update()").refit(formula, caller_scope())

    # --- reports ---------------------------------------------------------------------------

    @named_options
    def tidy(self, exponentiate: bool = False, alpha: float = 0.05) -> pd.DataFrame:
        """One row per coefficient, with fixed columns.

        Columns outcome, term, estimate, std_error, statistic, p_value, conf_low, conf_high;
        ``exponentiate=True`` gives relative risk ratios ``exp(b)``.
        """
        return tables.tidy(self, alpha=alpha, exponentiate=exponentiate)

    def glance(self) -> pd.DataFrame:
        """One row with the statistics of the fit."""
        return tables.glance(self)

    @named_options
    def summary(self, rrr: bool = False, alpha: float = 0.05) -> Summary:
        """The report; ``rrr=True`` prints relative risk ratios ``exp(b)``."""
        return Summary(self, alpha=alpha, rrr=rrr)

    @named_options
    def compare(self, other: Any = None) -> Comparison:
        """Side by side with statsmodels ``MNLogit`` on the same rows.

        Parameters
        ----------
        other : statsmodels results, optional
            A fit made with statsmodels; by default one is made, from outcome codes and the same
            design.  This result is re-based to match.

        Raises
        ------
        DataError, SeparationError, ConvergenceError
            When there is nothing that could be compared, with the reason.
        """
        sample = self._rows("compare()")
        refusal.refuse_unfittable(self.status)
        X, codes = sample.likelihood.rows.X, sample.codes
        names, labels = self.aliasing.names, self.outcomes
        if other is None:
            base = self.spec.response.base
            theirs = peer.fit_statsmodels(codes, X, labels, names, base, sample.likelihood)
            return Comparison(describe(self, sample.likelihood), theirs)
        ours = self.rebase(labels[peer.base_of(other, labels)])
        theirs = peer.facts_of(other, codes, X, labels, names, ours.likelihood)
        return Comparison(describe(ours, ours.likelihood), theirs)

    def __repr__(self) -> str:
        return f"<MNLogitResults {self.formula!r}, n = {self.nobs}, {self.status}>"

    def __getstate__(self) -> dict[str, Any]:
        state = {item.name: getattr(self, item.name) for item in fields(self)}
        return state | {"sample": None}

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        # Nothing in a result is ever changed, so a copy may share all of it.
        return replace(self)
