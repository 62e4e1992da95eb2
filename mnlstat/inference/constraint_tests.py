"""Tests of the constraints of a fit: score (Lagrange multiplier), likelihood ratio, Wald."""

from __future__ import annotations

from collections.abc import Callable

from mnlstat.errors import ConvergenceError, SeparationError
from mnlstat.inference.constraints import Constraints
from mnlstat.inference.hypotheses import TestResult, wald_of
from mnlstat.inference.likelihood_tests import CovarianceAt, ratio_test, score_test
from mnlstat.inference.spaces import Maximum, Space
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.optimize.limit import limit_of
from mnlstat.optimize.newton import maximise
from mnlstat.optimize.optimum import Optimum, Status

SCORE, LR = "score", "lr"


def constraint_test(
    kind: str,
    constraints: Constraints,
    likelihood: MultinomialLikelihood,
    under: Maximum,
    covariance_at: Callable[[], CovarianceAt],
) -> TestResult:
    """Test ``R b = r``, m restrictions, chi-squared with m degrees of freedom.

    Parameters
    ----------
    kind : "score", "lr" or "wald"
    likelihood : with the base that the constraints speak of
    under : the maximum under the constraints
    covariance_at : of estimates at given parameters

    Raises
    ------
    SeparationError, ConvergenceError
        When there is no unconstrained estimate, or no information at the constrained one.
    """
    text = ", ".join(constraints.texts)
    if kind == SCORE:
        return score_test(Space.of(likelihood), under, constraints.R, covariance_at(), text)
    optimum = _unconstrained(likelihood, kind)
    if kind == LR:
        return ratio_test(optimum.value, under.value, len(constraints), text)
    assert optimum.root is not None
    covariance = covariance_at()(likelihood, optimum.params, optimum.root)
    gap = constraints.R @ optimum.params - constraints.r
    return wald_of(gap, constraints.R, covariance, text)


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
