"""A fitted model as plain frames with fixed columns: one row per coefficient, one row per fit."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import pandas as pd

from mnlstat.options import check_alpha, check_flag
from mnlstat.report.fitted import Fitted

TIDY_COLUMNS = (
    "outcome",
    "term",
    "estimate",
    "std_error",
    "statistic",
    "p_value",
    "conf_low",
    "conf_high",
)


def tidy(
    fitted: Fitted,
    *,
    alpha: float = 0.05,
    exponentiate: bool = False,
    interval: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """One row per coefficient.

    Parameters
    ----------
    fitted : Fitted
        A fitted model with p = k (J - 1) coefficients, aliased ones included.
    alpha : float
        One minus the level of the intervals.
    exponentiate : bool
        Give relative risk ratios: estimate exp(b), standard error exp(b) se(b), the ends of the
        interval exponentiated; statistic and p-value stay those of b.
    interval : DataFrame, optional
        Intervals of another kind than Wald's, columns conf_low and conf_high.

    Returns
    -------
    DataFrame
        p rows in the order of ``fitted.params``; columns outcome, term, estimate, std_error,
        statistic, p_value, conf_low, conf_high. ``attrs`` holds base, covariance kind and n.

    Raises
    ------
    OptionError
        ``alpha`` is not between 0 and 1, or ``exponentiate`` is not True or False.

    References
    ----------
    The columns follow the broom package of Robinson, Hayes and Couch; the standard error of a
    relative risk ratio is the delta method's, as Stata prints it.
    """
    level, ratios = check_alpha(alpha), check_flag("exponentiate", exponentiate)
    interval = fitted.conf_int(level) if interval is None else interval
    estimate = fitted.params.to_numpy(dtype=float)
    std_error = fitted.bse.to_numpy(dtype=float)
    ends = interval.to_numpy(dtype=float)
    if ratios:
        with np.errstate(over="ignore", invalid="ignore"):
            estimate, ends = np.exp(estimate), np.exp(ends)
            std_error = estimate * std_error
    index = fitted.params.index
    columns = (
        index.get_level_values("outcome"),
        index.get_level_values("term"),
        estimate,
        std_error,
        fitted.tvalues.to_numpy(dtype=float),
        fitted.pvalues.to_numpy(dtype=float),
        ends[:, 0],
        ends[:, 1],
    )
    return with_origin(pd.DataFrame(dict(zip(TIDY_COLUMNS, columns, strict=True))), fitted)


def glance(fitted: Fitted) -> pd.DataFrame:
    """One row of what describes the fit as a whole.

    Parameters
    ----------
    fitted : Fitted
        A fitted model.

    Returns
    -------
    DataFrame
        One row: nobs, n_parameters, df_model, df_residual, log_likelihood, log_likelihood_null,
        lr_statistic, lr_p_value, mcfadden_r2, aic, bic, deviance, converged, status, base,
        cov_type, n_dropped, weights (kind, name and sum), offset, penalty,
        penalised_log_likelihood. The deviance is -2 times the log-likelihood; of the last four
        those that do not apply are None, or NaN.
    """
    row = {
        "nobs": fitted.nobs,
        "n_parameters": fitted.n_parameters,
        "df_model": fitted.df_model,
        "df_residual": fitted.df_resid,
        "log_likelihood": fitted.llf,
        "log_likelihood_null": fitted.llnull,
        "lr_statistic": fitted.llr,
        "lr_p_value": fitted.llr_pvalue,
        "mcfadden_r2": fitted.prsquared,
        "aic": fitted.aic,
        "bic": fitted.bic,
        "deviance": -2.0 * fitted.llf,
        "converged": fitted.converged,
        "status": str(fitted.status.value),
        "base": fitted.base,
        "cov_type": fitted.cov_type,
        "n_dropped": fitted.dropped.total,
        "weights": fitted.weights,
        "offset": fitted.offset,
        "penalty": None if fitted.penalty is None else str(fitted.penalty),
        "penalised_log_likelihood": _number(fitted.penalised_llf),
    }
    texts = dict.fromkeys(("weights", "offset", "penalty"), object)  # None stays None
    return with_origin(pd.DataFrame([row]).astype(texts), fitted)


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


class Origin(Protocol):
    """What the numbers of a table belong to."""

    @property
    def base(self) -> Any:
        """The outcome that coefficients are against."""

    @property
    def cov_type(self) -> str:
        """The kind of covariance."""

    @property
    def nobs(self) -> float:
        """n."""


def with_origin(frame: pd.DataFrame, fitted: Origin) -> pd.DataFrame:
    """Write on a frame which base, covariance and n its numbers belong to."""
    frame.attrs.update(base=str(fitted.base), cov_type=str(fitted.cov_type), nobs=fitted.nobs)
    return frame
