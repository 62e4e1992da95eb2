"""Likelihood-ratio and score tests of a space of coefficients against a larger one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.arrow import written_out
from mnlstat.errors import ConvergenceError, SeparationError
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.distributions import chi2_p
from mnlstat.inference.hypotheses import LR, SCORE, TestResult, wald_of
from mnlstat.inference.spaces import Maximum, Space
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.linalg import factorise

# What covariance estimates have at parameters (p,), given F (p, d) with F F' = I^-1 there.
CovarianceAt: TypeAlias = Callable[[MultinomialLikelihood, FloatArray, FloatArray], Covariance]

# By so much more than the maximum, of its size, nothing is by rounding.
HIGHER = 1e-9


def ratio_test(larger: float, smaller: float, df: int, hypothesis: str) -> TestResult:
    """``2 (l1 - l0)`` of two maxima (or suprema), chi-squared.

    Raises
    ------
    ConvergenceError
        Where the smaller one is larger by more than rounding.

    References
    ----------
    Wilks, S. S. (1938). Annals of Mathematical Statistics 9, 60-62.
    """
    if smaller - larger > HIGHER * (1.0 + abs(larger)):
        raise ConvergenceError(
            "not-a-maximum",
            f"{hypothesis}: the fit under the hypothesis is higher than the fit itself, which is"
            " then no maximum.\nFit again from other start_params=.",
        )
    statistic = max(2.0 * (larger - smaller), 0.0)
    return TestResult(statistic, df, chi2_p(statistic, df), hypothesis, kind=LR)


def score_test(
    space: Space,
    under: Maximum,
    R: FloatArray,
    covariance_at: CovarianceAt,
    hypothesis: str,
) -> TestResult:
    """``(R I^-1 g)' (R V R')^-1 (R I^-1 g)`` at the maximum under ``R b = r``.

    One pass for the score g and the information I, and those that V needs.  ``V = I^-1`` gives
    ``g'I^-1 g`` (Rao 1948), a sandwich the test of Boos (1992); where V replaces the information,
    as outer products of scores do, ``V g`` takes the place of ``I^-1 g``.

    Parameters
    ----------
    space : Space
        In which the hypothesis is tested.
    under : Maximum
        In the space where it holds.
    R : (m, p) array
        Restrictions that nothing in the space makes dependent.
    covariance_at : of estimates at given parameters
    hypothesis : in words

    Raises
    ------
    SeparationError, ConvergenceError
        When there is no finite maximum under the hypothesis, or no information there.
    RankError
        When V is singular.

    References
    ----------
    Rao, C. R. (1948). Proceedings of the Cambridge Philosophical Society 44, 50-57.
    Boos, D. D. (1992). On generalized score tests. *The American Statistician* 46, 327-333.
    """
    if not under.finite:
        raise SeparationError(
            "score-of-separated",
            f"{hypothesis}: under the hypothesis the data are separated; at infinity there is no"
            " score test.\nTest it by likelihood ratio (kind='lr').",
        )
    root, z = _standardised(space, under.params, hypothesis)
    covariance = covariance_at(space.likelihood, under.params[space.own], root)
    step = root @ z
    if covariance.replaces_information:
        inside = np.linalg.lstsq(root, covariance.root, rcond=None)[0]
        step = covariance.root @ (inside.T @ z)
    own_R = R[:, space.own]
    found = wald_of(own_R @ step, own_R, covariance, hypothesis)
    return replace(found, kind=SCORE)


def information_root(space: Space, params: FloatArray, hypothesis: str) -> FloatArray:
    """F (p, d) of the coefficients that there are, ``F F'`` the inverse information at params."""
    return _standardised(space, params, hypothesis)[0]


def _standardised(
    space: Space, params: FloatArray, hypothesis: str
) -> tuple[FloatArray, FloatArray]:
    """F, and ``F'g`` of the score g."""
    specified = space.specified
    inner, change = specified.standardised()
    own = params[space.own] - space.origin
    at = inner.evaluate(own if change is None else change.from_original(own), 2)
    assert at.score is not None and at.information is not None
    factor = factorise(written_out(at.information))
    if factor is None:
        raise ConvergenceError(
            "score-not-defined",
            f"{hypothesis}: the information is singular at the estimate under the hypothesis, so"
            " there is no score test.",
        )
    size = np.sqrt(specified.unit)
    root = factor.inverse_root / size
    root = root if change is None else change.to_original(root)
    z = factor.inverse_root.T @ at.score * size
    return root, z
