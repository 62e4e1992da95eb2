"""How near an estimate is to the maximum, in numbers: score, decrement, digits, condition."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd

from mnlstat.arrays import BoolArray, FloatArray
from mnlstat.arrow import factorise
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.estimates import Estimates
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.linalg import EPS, row_norms
from mnlstat.optimize.optimum import Optimum, Status
from mnlstat.rows.coordinates import Coordinates

MOST_DIGITS = -math.log10(EPS)
WITHOUT_ROWS = (
    "The rows of the fit are not there: the largest element of the score and the steps are nan, and"
    " digits are those that the decrement warrants at least."
)
# Roundings on the way from a linear predictor to a probability.
ROUNDINGS = 4.0
PENALISED = (
    "Decrement and relative score are those of the penalised likelihood; digits are those that the"
    " decrement warrants at least."
)
CONSTRAINED = (
    "Decrement and relative score are those along what the constraints leave free; digits are those"
    " that the decrement warrants at least."
)
LIMITING = (
    "Decrement and relative score are those of the limiting likelihood, in which each row chooses"
    " among the outcomes that it still can; infinite coefficients have no digits, and those of the"
    " others are what the decrement warrants at least."
)
ANOTHER_COVARIANCE = (
    "What the decrement warrants is not known either: the covariance is not the inverse"
    " information."
)


class Fitted(Protocol):
    """What is read of a fit."""

    @property
    def estimates(self) -> Estimates:
        """Coefficients and covariance."""

    @property
    def optimum(self) -> Optimum:
        """The end of the maximisation."""

    @property
    def condition_number(self) -> float:
        """Of the scaled design."""

    @property
    def penalty(self) -> Any:
        """The penalty, if there is one."""

    @property
    def aliasing(self) -> Any:
        """Which columns are estimated, and their ``sizes``."""

    @property
    def trace(self) -> pd.DataFrame:
        """Every pass over rows."""


@dataclass(frozen=True, eq=False)
class Convergence:
    """How a fit ended.

    Attributes
    ----------
    status : str
        The sentence that the summary prints.
    converged : bool
        Whether estimates and standard errors may be used.
    method : str
        The algorithm.
    facts : mapping
        iterations, log_likelihood, score (largest element), relative_score
        (``max_j |g_j| / sqrt(I_jj)``), decrement (``sqrt(g'I^-1 g)``), condition_design,
        condition_information, digits (the fewest of any coefficient).
    table : DataFrame
        A row for each coefficient, index (outcome, term); columns estimate, std_error, step (the
        Newton step ``I^-1 g`` that is left), digits (correct ones of the coefficient) and
        digits_se (the same relative to the standard error).
    trace : DataFrame
        Every pass over rows.
    notes : tuple of str
        What does not apply.
    """

    status: str
    converged: bool
    method: str
    facts: Mapping[str, float]
    table: pd.DataFrame
    trace: pd.DataFrame
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Errors:
    """Newton steps (p,) that are left, standard errors by the information, and rounding of both."""

    step: FloatArray
    std_error: FloatArray
    rounding: FloatArray
    score: float = float("nan")

    @property
    def sizes(self) -> FloatArray:
        """How far each coefficient may be from the maximum."""
        return np.abs(self.step) + self.rounding


def convergence(fit: Fitted, likelihood: MultinomialLikelihood | None) -> Convergence:
    """The report on a fit; without its rows (``likelihood=None``) what is known of it still.

    The digits of a coefficient ``b`` are ``-log10(e / |b|)`` with ``e`` the Newton step at the
    estimate, computed anew, plus what rounding may hide of it: ``eps sqrt(p/2) s se(b)``, ``s``
    the size of the linear predictors before they cancel, and ``eps sum_l |T_jl gamma_l|`` where the
    fit was made in other coordinates, ``b = T gamma``.  Where no step can be computed, ``|step_j|``
    is at most the decrement times the standard error (Cauchy and Schwarz).
    """
    estimates, optimum = fit.estimates, fit.optimum
    bound = estimates.constrained
    plain = fit.penalty is None and not bound and optimum.status is not Status.SEPARATED
    model_based = estimates.covariance.kind.startswith(Covariance.OBSERVED)
    if plain and likelihood is not None:
        errors = _steps(likelihood, estimates.values)
        step = errors.step
    else:
        errors = _bounds(fit, model_based)
        step = np.full(len(estimates.values), np.nan)
    table = _table(estimates, errors, step)
    digits = table["digits"].to_numpy()
    facts = {
        "iterations": optimum.iterations,
        "log_likelihood": fit.optimum.value,
        "score": errors.score,
        "relative_score": optimum.relative_score,
        "decrement": optimum.decrement,
        "condition_design": fit.condition_number,
        "condition_information": 1.0 / optimum.rcond if optimum.rcond > 0 else float("nan"),
        "digits": float(np.nanmin(digits)) if np.isfinite(digits).any() else float("nan"),
    }
    return Convergence(
        str(optimum.status),
        optimum.status.ok,
        optimum.method,
        facts,
        table,
        fit.trace,
        _notes(fit, plain, model_based, likelihood is not None),
    )


def _steps(likelihood: MultinomialLikelihood, params: FloatArray) -> _Errors:
    """What one more Newton step would change, in coordinates fit to compute with."""
    inner, change = likelihood.standardised()
    theta = params if change is None else change.from_original(params)
    unknown = np.full(len(params), np.nan)
    with np.errstate(all="ignore"):
        score = float(np.abs(likelihood.score(params)).max(initial=0.0))
        found = inner.evaluate(theta, 2)
        assert found.score is not None and found.information is not None
        factor = factorise(found.information)
    if factor is None:
        return _Errors(unknown, unknown, unknown, score)
    step, root = factor.solve(found.score), factor.inverse_root / math.sqrt(likelihood.unit)
    size = max(1.0, inner.reach(theta)) + _cancelled(likelihood, change, params)
    spread = np.zeros(len(params))
    if change is not None:
        step, root = change.to_original(step), change.to_original(root)
        spread = np.abs(change.to_original(np.eye(len(theta)))) @ np.abs(theta)
    std_error = row_norms(root)
    sums = likelihood.geometry.sums
    largest = np.maximum(np.abs(sums.low), np.abs(sums.high))
    rounding = _rounding(params, size, std_error) + _in_step(params, largest) + EPS * spread
    return _Errors(step, std_error, rounding, score)


def _cancelled(likelihood: MultinomialLikelihood, change: Any, params: FloatArray) -> float:
    """Largest sum of absolute products of coefficients and columns, where these cancel."""
    if not isinstance(change, Coordinates):
        return 0.0
    sums = likelihood.geometry.sums
    reach = np.maximum(sums.high - change.shift, change.shift - sums.low)
    if change.constant is not None:
        reach[change.constant] = 0.0
    return float((np.abs(params.reshape(-1, len(reach))) @ reach).max())


def _rounding(params: FloatArray, size: float, std_error: FloatArray) -> FloatArray:
    """Of the score, through the inverse information, and of the coefficients themselves."""
    rounding: FloatArray = EPS * (math.sqrt(len(params) / 2) * size * std_error)
    return rounding + EPS / 2 * np.abs(params)


def _in_step(params: FloatArray, largest: FloatArray) -> FloatArray:
    """Of probabilities, where rows are alike and their roundings do not average."""
    equations = len(params) // len(largest)
    return np.tile(ROUNDINGS * EPS / np.where(largest > 0, largest, 1.0), equations)


def _bounds(fit: Fitted, model_based: bool) -> _Errors:
    """What the decrement says of the steps."""
    estimates, params = fit.estimates, fit.estimates.values
    std_error = estimates.covariance.standard_errors()
    if not model_based:
        std_error = np.full(len(params), np.nan)
    if estimates.infinity is not None:
        std_error = np.where(estimates.infinity.finite, std_error, np.nan)
    sizes = fit.aliasing.sizes[fit.aliasing.kept]
    size = max(1.0, float((np.abs(params.reshape(-1, len(sizes))) @ sizes).max()))
    rounding = _rounding(params, size, std_error) + _in_step(params, sizes)
    return _Errors(fit.optimum.decrement * std_error, std_error, rounding)


def _table(estimates: Estimates, errors: _Errors, step: FloatArray) -> pd.DataFrame:
    finite: BoolArray = np.isfinite(estimates.params.to_numpy()[estimates.kept])
    columns = {
        "step": step,
        "digits": _digits(errors.sizes, np.abs(estimates.values)),
        "digits_se": _digits(errors.sizes, errors.std_error),
    }
    series = {
        name: estimates.series(np.where(finite, values, np.nan), name)
        for name, values in columns.items()
    }
    return pd.DataFrame({"estimate": estimates.params, "std_error": estimates.bse, **series})


def _digits(errors: FloatArray, sizes: FloatArray) -> FloatArray:
    """Digits of numbers of these sizes that errors leave, none at least."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.clip(-np.log10(errors / sizes), 0.0, MOST_DIGITS)


def _notes(fit: Fitted, plain: bool, model_based: bool, rows: bool) -> tuple[str, ...]:
    status, found = fit.optimum.status, []
    if not plain:
        bound = CONSTRAINED if fit.estimates.constrained else PENALISED
        found.append(LIMITING if status is Status.SEPARATED else bound)
    elif not rows:
        found.append(WITHOUT_ROWS)
    if not model_based and (not rows or not plain):
        found.append(ANOTHER_COVARIANCE)
    if plain and not status.ok:
        found.append("Steps and digits are those of the last iteration, which is no maximum.")
    return tuple(found)
