"""What a fit found: the nouns of a result, each an attribute under its usual name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import pandas as pd

from mnlstat.arrays import FloatArray, freeze
from mnlstat.design.aliasing import Aliasing
from mnlstat.design.missing import Dropped
from mnlstat.design.response import consists_of
from mnlstat.design.spec import DesignSpec, Factor, Term
from mnlstat.inference.constraints import Constraints
from mnlstat.inference.estimates import Estimates
from mnlstat.inference.fit_statistics import FitStatistics
from mnlstat.inference.separated import SeparationReport
from mnlstat.inference.shrinkage import Shrinkage
from mnlstat.likelihood.ridge import Ridge
from mnlstat.optimize.optimum import Optimum, Status
from mnlstat.options import named_options
from mnlstat.results.sample import Sample


@dataclass(frozen=True, eq=False)
class Fit:
    """Everything that was found by one fit; nothing here is computed from rows.

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
    times : mapping
        Seconds taken by "fit" and "inference".
    kernel : str
        What summed the rows: "compiled" or "numpy".
    separated : SeparationReport, optional
        Which coefficients are infinite and why, where the fit found the data separated.
    weights : str, optional
        Kind, name and sum of the weights.
    penalty : str or Ridge, optional
        "jeffreys" for a bias-reduced fit, or the ridge.
    penalised_llf : float, optional
        The maximum of the penalised log-likelihood; ``llf`` is ``l`` at the same estimate.
    shrinkage : Shrinkage, optional
        What a ridge leaves of the information.
    constrained : Constraints, optional
        What binds the coefficients.
    known_turned_back : tuple of (outcome, term), optional
        What ``turned_back`` was when the result was saved or pickled.
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
    times: Mapping[str, float]
    kernel: str
    separated: SeparationReport | None = None
    weights: str | None = None
    penalty: str | Ridge | None = None
    penalised_llf: float | None = None
    shrinkage: Shrinkage | None = None
    constrained: Constraints | None = None
    known_turned_back: tuple[tuple[Any, str], ...] | None = None
    sample: Sample | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        freeze(self, self.aliasing, self.optimum, self.estimates, self.estimates.covariance)

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
    def response(self) -> str | None:
        """What the response consists of, where it is not one outcome in each row."""
        return consists_of(self.spec.response, self.outcome_counts.sum(), self.dropped.used)

    @property
    def response_kind(self) -> str:
        """What a row of the response holds: "choice" (one outcome), "counts" or "shares"."""
        return self.spec.response.kind

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
        return pd.Series(self.counts, index=self._outcome_index, name="count")

    @property
    def _outcome_index(self) -> pd.Index:
        """The outcomes as labels; tuples stay labels of one level."""
        return pd.Index(self.outcomes, name="outcome", tupleize_cols=False)

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
        return self.optimum.method

    @property
    def iterations(self) -> int:
        """Steps taken."""
        return self.optimum.iterations

    @property
    def trace(self) -> pd.DataFrame:
        """Every pass over rows.

        Columns plan, rows, log_likelihood (of these rows), error (the distance to the maximum in
        standard errors), step (the share of the step that led there), seconds since the start and
        kernel (what summed the rows: compiled or numpy).
        """
        frame = pd.DataFrame([asdict(taken) for taken in self.optimum.trace])
        frame = frame.rename(columns={"loglike": "log_likelihood", "decrement": "error"})
        return frame.assign(kernel=self.kernel)

    @property
    def seconds(self) -> dict[str, float]:
        """Time taken by "fit" and "inference"."""
        return dict(self.times)

    @property
    def decrement(self) -> float:
        """``sqrt(g' I^-1 g)``: how many standard errors the estimate is from the maximum."""
        return self.optimum.decrement

    @property
    def cov_type(self) -> str:
        """How the covariance was estimated."""
        return self.estimates.covariance.kind

    @property
    def cov_notes(self) -> tuple[str, ...]:
        """What else is to be said of the covariance."""
        return self.estimates.covariance.notes

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
        """``params / bse``: standard normal, or t, when the coefficient is zero."""
        return self.estimates.tvalues

    @property
    def pvalues(self) -> pd.Series:
        """Two-sided tail areas of ``tvalues``: of the standard normal, or of t."""
        return self.estimates.pvalues

    @property
    def df_t(self) -> pd.Series | None:
        """Degrees of freedom of t for each coefficient; None where they are normal."""
        return self.estimates.df

    @named_options
    def conf_int(self, alpha: float = 0.05) -> pd.DataFrame:
        """Wald intervals, ``b -+ z(1 - alpha/2) se``: columns conf_low, conf_high.

        With a quantile of t in place of z where the covariance has degrees of freedom.
        """
        return self.estimates.conf_int(alpha)

    @named_options
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
        """Likelihood-ratio statistic against constants only.

        NaN without a constant, and with a robust covariance.
        """
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
        """Akaike's criterion, ``-2 llf + 2 p``; of a ridge with ``effective_df`` for p."""
        return self.statistics.aic

    @property
    def bic(self) -> float:
        """Schwarz' criterion, ``-2 llf + p log(nobs)``; of a ridge with ``effective_df``."""
        return self.statistics.bic

    @property
    def nobs(self) -> float:
        """Rows used; the sum of frequency weights."""
        nobs = self.statistics.nobs
        return int(nobs) if nobs.is_integer() else nobs

    @property
    def offset(self) -> str | None:
        """Which columns are added to which linear predictors; None without an offset."""
        return None if self.spec.offset is None else self.spec.offset.written(self.outcomes)

    @property
    def pseudo(self) -> bool:
        """Whether ``llf`` is a pseudo-likelihood: of sampling weights, or of shares."""
        return self.statistics.pseudo

    @property
    def robust(self) -> bool:
        """Whether the covariance does not trust the likelihood; there is no LR test then."""
        return self.statistics.robust or self.statistics.pseudo

    @property
    def n_parameters(self) -> int:
        """Estimated coefficients; those that constraints leave free."""
        return self.statistics.p

    @property
    def n_dropped(self) -> int:
        """Rows of the data that were not used; ``dropped`` tells why."""
        return self.dropped.total

    @property
    def df_model(self) -> int:
        """Estimated coefficients less one constant per equation."""
        return self.statistics.df_model

    @property
    def df_resid(self) -> float:
        """``nobs`` less estimated coefficients."""
        left = self.statistics.df_resid
        return int(left) if left.is_integer() else left

    @property
    def constant(self) -> bool:
        """Whether a constant lies in the span of the design."""
        return self.statistics.constant
