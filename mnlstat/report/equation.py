"""One equation of a fit, an outcome against the base, as a result of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import pandas as pd

from mnlstat.errors import UnknownOutcomeError
from mnlstat.inference.asked import outcome_position
from mnlstat.options import named_options, shown
from mnlstat.report import tables, text
from mnlstat.report.fitted import Fitted
from mnlstat.report.layout import label
from mnlstat.report.summary import Summary

# Names under which the package maketables asks for statistics, and those here.
STATISTICS = {
    "N": "nobs",
    "pseudo_r2": "prsquared",
    "ll": "llf",
    "aic": "aic",
    "bic": "bic",
    "se_type": "cov_type",
}
UNKNOWN_TO_PSEUDO = ("aic", "bic")


class Equations(Fitted, Protocol):
    """A fit whose equations are looked at."""

    def cov_params(self) -> pd.DataFrame:
        """Covariance of all coefficients."""

    @property
    def response_name(self) -> str:
        """The left side of the formula."""


@dataclass(frozen=True, eq=False, repr=False)
class Equation:
    """The coefficients of one outcome against the base: a view of a fit, which it never changes.

    What describes the fit as a whole (``nobs``, ``llf``, ``aic``, ...) is that of all equations
    together, as they are estimated together.  Tests across equations belong to the fit.

    Other packages read it, too: maketables by the attributes that begin with ``__maketables_``.

    Attributes
    ----------
    outcome : label
        The outcome.
    fit : MNLogitResults
        The fit that it belongs to.

    Examples
    --------
    >>> import mnlstat as mn
    >>> res = mn.mnlogit("mode ~ hinc", mn.datasets.travel_mode(), base="car").fit()
    >>> res["train"].params.round(4)
    term
    Intercept    2.0059
    hinc        -0.0605
    Name: estimate, dtype: float64
    """

    outcome: Any
    fit: Equations

    @property
    def base(self) -> Any:
        """The outcome that coefficients are against."""
        return self.fit.base

    @property
    def formula(self) -> str:
        """The formula of the fit."""
        return self.fit.formula

    @property
    def name(self) -> str:
        """Response, outcome and base: ``mode: train vs car``."""
        return f"{self.fit.response_name}: {label(self.outcome)} vs {label(self.base)}"

    @property
    def endog_names(self) -> str:
        """The same under the name by which packages ask results like those of statsmodels."""
        return self.name

    # --- estimates -------------------------------------------------------------------------

    @property
    def params(self) -> pd.Series:
        """Coefficients, index term; NaN where aliased."""
        return self._of(self.fit.params)

    @property
    def bse(self) -> pd.Series:
        """Standard errors."""
        return self._of(self.fit.bse)

    @property
    def tvalues(self) -> pd.Series:
        """``params / bse``."""
        return self._of(self.fit.tvalues)

    @property
    def pvalues(self) -> pd.Series:
        """Two-sided tail areas of ``tvalues``."""
        return self._of(self.fit.pvalues)

    @property
    def df_t(self) -> pd.Series | None:
        """Degrees of freedom of t for each coefficient; None where they are normal."""
        df = self.fit.df_t
        return None if df is None else self._of(df)

    @named_options
    def conf_int(self, alpha: float = 0.05) -> pd.DataFrame:
        """Wald intervals: columns conf_low, conf_high.

        Raises
        ------
        OptionError
            When ``alpha`` is not between 0 and 1.
        """
        return self._of(self.fit.conf_int(alpha))

    @named_options
    def cov_params(self) -> pd.DataFrame:
        """Covariance (k, k) of the coefficients of this equation."""
        return self._of(self._of(self.fit.cov_params()).T).T

    # --- of the whole fit ------------------------------------------------------------------

    @property
    def nobs(self) -> float:
        """Rows of the fit, of all outcomes; the sum of frequency weights."""
        return self.fit.nobs

    @property
    def llf(self) -> float:
        """Log-likelihood of the fit."""
        return self.fit.llf

    @property
    def llnull(self) -> float:
        """That of constants only."""
        return self.fit.llnull

    @property
    def prsquared(self) -> float:
        """McFadden's pseudo-R2 of the fit."""
        return self.fit.prsquared

    @property
    def aic(self) -> float:
        """Akaike's criterion of the fit."""
        return self.fit.aic

    @property
    def bic(self) -> float:
        """Schwarz' criterion of the fit."""
        return self.fit.bic

    @property
    def df_model(self) -> int:
        """Estimated coefficients of the fit less one constant per equation."""
        return self.fit.df_model

    @property
    def df_resid(self) -> float:
        """``nobs`` less estimated coefficients of the fit."""
        return self.fit.df_resid

    @property
    def converged(self) -> bool:
        """Whether the estimate is a maximum, certified to be finite."""
        return self.fit.converged

    @property
    def status(self) -> Any:
        """How the maximisation ended."""
        return self.fit.status

    @property
    def cov_type(self) -> str:
        """How the covariance was estimated."""
        return self.fit.cov_type

    # --- reports ---------------------------------------------------------------------------

    @named_options
    def tidy(self, exponentiate: bool = False, alpha: float = 0.05) -> pd.DataFrame:
        """The rows of this outcome of the table that ``tidy()`` of the fit gives."""
        frame = tables.tidy(self.fit, alpha=alpha, exponentiate=exponentiate)
        mine = self._rows(self.fit.params.index)
        return tables.with_origin(frame[mine].reset_index(drop=True), self.fit)

    def __str__(self) -> str:
        return text.block(Summary(self.fit), self.outcome)

    __repr__ = __str__

    def _rows(self, index: Any) -> list[bool]:
        """Which coefficients are those of this outcome; labels of other types are others."""
        outcomes = index.get_level_values("outcome")
        return [each == self.outcome for each in outcomes]

    def _of(self, values: Any) -> Any:
        """The values of this outcome, index term."""
        found = values[self._rows(values.index)]
        return found.set_axis(found.index.get_level_values("term"), axis=0)

    # --- what the package maketables reads ---------------------------------------------------
    # Up to 0.2.0 it takes whatever has params, bse and pvalues for a result of statsmodels first,
    # and asks for these attributes next.

    @property
    def __maketables_coef_table__(self) -> pd.DataFrame:
        """Columns b, se, t, p, ci95l, ci95u."""
        found = (self.params, self.bse, self.tvalues, self.pvalues)
        frame = pd.concat([*found, self.conf_int()], axis=1)
        frame.columns = pd.Index(["b", "se", "t", "p", "ci95l", "ci95u"])
        return frame.rename_axis("Coefficient")

    def __maketables_stat__(self, key: str) -> Any:
        """A statistic of the fit by maketables' name; None for one that there is not."""
        if key not in STATISTICS or (self.fit.pseudo and key in UNKNOWN_TO_PSEUDO):
            return None
        return getattr(self.fit, STATISTICS[key])

    @property
    def __maketables_depvar__(self) -> str:
        """What stands above the column."""
        return self.name

    @property
    def __maketables_fixef_string__(self) -> None:
        """There are no fixed effects."""
        return None

    @property
    def __maketables_vcov_info__(self) -> dict[str, str]:
        """The kind of covariance."""
        return {"vcov_type": self.cov_type}

    @property
    def __maketables_default_stat_keys__(self) -> list[str]:
        """What stands below unless asked otherwise."""
        return ["N", "pseudo_r2", "ll"]


class EquationsOf(Mapping[Any, Equation]):
    """The equations of a fit by their outcomes, in order; the base has none."""

    def __init__(self, fit: Equations) -> None:
        self._fit = fit
        self._outcomes = tuple(each for each in fit.outcomes if each != fit.base)

    def __getitem__(self, outcome: Any) -> Equation:
        return equation(self._fit, outcome)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._outcomes)

    def __len__(self) -> int:
        return len(self._outcomes)

    def __repr__(self) -> str:
        listed = ", ".join(label(each) for each in self._outcomes)
        return f"<equations of {listed} against {label(self._fit.base)}>"


def equation(fit: Equations, outcome: Any) -> Equation:
    """The equation of an outcome.

    Raises
    ------
    UnknownOutcomeError
        When it is no outcome, or the base.
    """
    position = outcome_position("outcome", outcome, fit.outcomes, UnknownOutcomeError)
    found = fit.outcomes[position]
    if found == fit.base:
        raise UnknownOutcomeError(
            "equation-of-base",
            f"{shown(found)} is the base: the other outcomes have equations, against it.\n"
            "For its coefficients against another outcome take res.rebase(...).",
        )
    return Equation(found, fit)
