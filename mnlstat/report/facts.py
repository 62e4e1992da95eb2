"""One finished fit as plain numbers and labels, whoever made it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata
from typing import Any, Protocol

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray
from mnlstat.arrow import factorise
from mnlstat.report.fitted import Fitted

NAN = float("nan")


class Judge(Protocol):
    """The likelihood by which every solution is judged, whoever found it.

    ``params`` (p,) are in the order outcome by outcome, without aliased columns.
    """

    def evaluate(self, params: Any, order: int = 2) -> Any:
        """Something with ``value``, ``score`` (p,) and ``information`` (p, p)."""

    def probabilities(self, params: Any) -> FloatArray:
        """Probabilities (n, J)."""

    def standardised(self) -> tuple[Any, Any]:
        """The same in well-conditioned coordinates, and the change to them or None."""


@dataclass(frozen=True)
class Judgement:
    """What mnlstat's own likelihood says of a solution.

    Attributes
    ----------
    loglike : float
        Log-likelihood at the solution.
    score_norm : float
        Largest absolute element of the score g, in the units of the columns.
    decrement : float
        sqrt(g' I^-1 g), I the information: how many standard errors the solution is from the
        maximum, at most, over all combinations of coefficients.
    probabilities : ndarray (n, J) or None
        Fitted probabilities in the order of the outcomes.
    """

    loglike: float = NAN
    score_norm: float = NAN
    decrement: float = NAN
    probabilities: FloatArray | None = field(default=None, repr=False)


def judge(likelihood: Judge, params: FloatArray) -> Judgement:
    """Evaluate a solution with ``likelihood``; all NaN where the solution is not finite."""
    if not np.all(np.isfinite(params)):
        return Judgement()
    inner, change = likelihood.standardised()
    at = inner.evaluate(params if change is None else change.from_original(params), 2)
    score = at.score if change is None else likelihood.evaluate(params, 1).score
    factor = factorise(at.information)
    squared = NAN if factor is None else float(at.score @ factor.solve(at.score))
    return Judgement(
        loglike=float(at.value),
        score_norm=float(np.abs(score).max(initial=0.0)),
        decrement=math.sqrt(max(squared, 0.0)) if math.isfinite(squared) else NAN,
        probabilities=likelihood.probabilities(params),
    )


@dataclass(frozen=True)
class FitFacts:
    """One fit, described so that it can be laid beside another.

    Attributes
    ----------
    name, version : str
        The software.
    base : label
        The outcome whose coefficients are zero.
    outcomes : tuple
        All outcomes, the base among them.
    nobs : int
        Rows used; NaN where that is not reported.
    params, bse : Series
        Coefficients and standard errors, index (outcome, term), aliased columns left out.
    llf, llnull, aic, bic : float
        As the software reports them.
    converged : bool
        As the software reports it.
    cov_type : str
        The covariance behind ``bse``.
    judgement : Judgement
        The solution as mnlstat's likelihood sees it, the same function for every software.
    seconds : dict
        ``fit`` and ``inference``; empty where nothing was measured.
    remarks : tuple of str
        Warnings the software gave, aliased columns left out.
    failure : str
        Why there are no numbers; empty when there are.
    formula : str
        The model, where the software knows it.
    lacking : tuple of str
        What the software does not report: ``std_errors``, ``log_likelihood``, ``rows``,
        ``convergence``.
    rounding : (Series, Series, float), optional
        Half a unit of the last digit printed: of ``params``, ``bse``, ``llf``.
    """

    name: str
    version: str
    base: Any
    outcomes: tuple[Any, ...]
    nobs: float
    params: pd.Series
    bse: pd.Series
    llf: float = NAN
    llnull: float = NAN
    aic: float = NAN
    bic: float = NAN
    converged: bool = False
    cov_type: str = ""
    judgement: Judgement = field(default_factory=Judgement)
    seconds: Mapping[str, float] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    failure: str = ""
    formula: str = ""
    lacking: tuple[str, ...] = ()
    rounding: tuple[pd.Series, pd.Series, float] | None = None

    @property
    def score_norm(self) -> float:
        """Largest absolute element of the score at this solution."""
        return self.judgement.score_norm

    @property
    def decrement(self) -> float:
        """Distance of this solution from the maximum in standard errors."""
        return self.judgement.decrement

    @property
    def probabilities(self) -> FloatArray | None:
        """Probabilities (n, J) that this solution implies."""
        return self.judgement.probabilities

    @property
    def software(self) -> str:
        """Name and version."""
        return f"{self.name} {self.version}".strip()


def describe(fitted: Fitted, likelihood: Judge) -> FitFacts:
    """The facts of a fit made by mnlstat.

    Parameters
    ----------
    fitted : Fitted
        The fit, with the base that the comparison is to have.
    likelihood : Judge
        Its likelihood with the same base, for the coefficients that are not aliased.
    """
    kept = ~fitted.params.index.get_level_values("term").isin(list(fitted.aliased))
    params = fitted.params[kept].astype(float)
    remarks = tuple(
        f"{column} is aliased ({sentence}) and left out of the comparison."
        for column, sentence in fitted.aliased.items()
    )
    return FitFacts(
        name="mnlstat",
        version=own_version(),
        base=fitted.base,
        outcomes=tuple(fitted.outcomes),
        nobs=int(fitted.nobs),
        params=params,
        bse=fitted.bse[kept].astype(float),
        llf=float(fitted.llf),
        llnull=float(fitted.llnull),
        aic=float(fitted.aic),
        bic=float(fitted.bic),
        converged=bool(fitted.converged),
        cov_type=str(fitted.cov_type),
        judgement=judge(likelihood, params.to_numpy(dtype=float)),
        seconds=dict(fitted.seconds),
        remarks=remarks,
        formula=fitted.formula,
    )


def own_version() -> str:
    """The installed version of mnlstat; empty when it runs from a folder that is not installed."""
    try:
        return metadata.version("mnlstat")
    except metadata.PackageNotFoundError:
        return ""
