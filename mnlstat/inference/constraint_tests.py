"""Tests of the constraints of a fit: score (Lagrange multiplier), likelihood ratio, Wald."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.arrow import written_out
from mnlstat.errors import ConvergenceError, OptionError, SeparationError
from mnlstat.inference.constraints import Constraints
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.distributions import chi2_p
from mnlstat.inference.hypotheses import TestResult, wald
from mnlstat.inference.sandwich import pseudo_covariance
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.linalg import factorise
from mnlstat.optimize.limit import limit_of
from mnlstat.optimize.newton import maximise
from mnlstat.optimize.optimum import Optimum, Status

SCORE, LR = "score", "lr"
LIKELIHOOD, SAMPLING, SHARES = "likelihood", "sampling", "shares"


def constraint_test(
    kind: str,
    constraints: Constraints,
    likelihood: MultinomialLikelihood,
    params: FloatArray,
    weighting: str,
    n: int,
) -> TestResult:
    """Test ``R b = r``, m restrictions, chi-squared with m degrees of freedom.

    Parameters
    ----------
    kind : "score", "lr" or "wald"
    likelihood, params : with the base that the constraints speak of; (p,) the constrained estimate
    weighting : "likelihood"; or a pseudo-likelihood: "sampling" weights, or "shares"
    n : rows that are units of a pseudo-likelihood

    Raises
    ------
    OptionError
        For the likelihood ratio of a pseudo-likelihood.
    SeparationError, ConvergenceError
        When there is no unconstrained estimate, or no information at the constrained one.
    """
    text = ", ".join(constraints.texts)
    if kind == SCORE:
        return score_test(constraints, likelihood, params, weighting, n, text)
    if kind == LR and weighting != LIKELIHOOD:
        raise OptionError(
            "pseudo-likelihood",
            "constraints_test(kind='lr'): sampling weights and shares make a pseudo-likelihood,"
            " whose ratio is no test.\nAsk for kind='score' or kind='wald'.",
        )
    optimum = _unconstrained(likelihood, kind)
    if kind == LR:
        gain = optimum.value - likelihood.loglike(params)
        m = len(constraints)
        statistic = max(2.0 * gain, 0.0)
        return TestResult(statistic, m, chi2_p(statistic, m), text, kind="likelihood-ratio")
    assert optimum.root is not None
    covariance = _covariance(optimum.root, likelihood, optimum.params, weighting, n)
    gap = constraints.R @ optimum.params - constraints.r
    return wald(gap, covariance.of(constraints.R), text)


def score_test(
    constraints: Constraints,
    likelihood: MultinomialLikelihood,
    params: FloatArray,
    weighting: str,
    n: int,
    text: str,
) -> TestResult:
    """``(R I^-1 g)' (R V R')^-1 (R I^-1 g)`` at the constrained estimate.

    ``V`` is ``I^-1``, which gives ``g'I^-1 g`` (Rao 1948, Proceedings of the Cambridge
    Philosophical Society 44, 50-57), or the sandwich (Boos 1992, The American Statistician 46,
    327-333).
    """
    inner, change = likelihood.standardised()
    at = inner.evaluate(params if change is None else change.from_original(params), 2)
    assert at.score is not None and at.information is not None
    factor = factorise(written_out(at.information))
    if factor is None:
        raise ConvergenceError(
            "score-not-defined",
            "constraints_test(): the information is singular at the constrained estimate.",
        )
    step, root = factor.solve(at.score), factor.inverse_root / np.sqrt(likelihood.unit)
    if change is not None:
        step, root = change.to_original(step), change.to_original(root)
    covariance = _covariance(root, likelihood, params, weighting, n)
    found = wald(constraints.R @ step, covariance.of(constraints.R), text)
    return replace(found, kind="score")


def _covariance(
    root: FloatArray,
    likelihood: MultinomialLikelihood,
    params: FloatArray,
    weighting: str,
    n: int,
) -> Covariance:
    """The inverse information, or the sandwich of a pseudo-likelihood."""
    if weighting == LIKELIHOOD:
        return Covariance(root, "observed information")
    return pseudo_covariance(root, likelihood, params, n, sampling=weighting == SAMPLING)


def _unconstrained(likelihood: MultinomialLikelihood, kind: str) -> Optimum:
    """The maximum without constraints; for a likelihood ratio also its supremum."""
    optimum = maximise(likelihood)
    if optimum.status is Status.NOT_CERTIFIED:
        limit = limit_of(likelihood, optimum)
        if limit is not None and kind == LR:
            return limit.optimum
        raise SeparationError(
            "separated-without-constraints",
            "constraints_test(): without the constraints the data are separated, or may be.\n"
            "Ask for kind='score', which needs the constrained fit alone.",
        )
    if not optimum.status.ok:
        raise ConvergenceError(
            "unconstrained-fit",
            f"constraints_test(): the fit without the constraints ended so: {optimum.status}.\n"
            "Ask for kind='score', which needs the constrained fit alone.",
        )
    return optimum
