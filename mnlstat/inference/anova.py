"""Tables of terms: which columns each test drops, and from what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from mnlstat.arrays import BoolArray, FloatArray
from mnlstat.errors import (
    ConvergenceError,
    MnlstatError,
    OptionError,
    RankError,
    SeparationError,
)
from mnlstat.inference.estimates import Estimates
from mnlstat.inference.hypotheses import TestResult, judged
from mnlstat.inference.likelihood_tests import (
    CovarianceAt,
    information_root,
    ratio_test,
    score_test,
)
from mnlstat.inference.rao_scott import scaled, scaled_under
from mnlstat.inference.spaces import FIXED, Maximum, Space, projected
from mnlstat.inference.term_tests import TermLike, own_columns, spans_constant
from mnlstat.inference.within import Within
from mnlstat.linalg import row_norms

TYPES = (1, 2, 3)
# Why constraints leave nothing to test.
BY_CONSTRAINTS = ("fixed-by-constraints", "against-constraints")


@dataclass(frozen=True, eq=False)
class Dropped:
    """The test of one term.

    Attributes
    ----------
    name : of the term
    own : (k,) bool, its columns among those that are estimated
    before : (k,) bool, columns that are left out of both models
    """

    name: str
    own: BoolArray
    before: BoolArray

    @property
    def hypothesis(self) -> str:
        """In words."""
        return f"{self.name} = 0 in every equation"


def tests_of(
    terms: Iterable[TermLike], kept: BoolArray, constant: FloatArray | None, sort: int
) -> Iterator[Dropped]:
    """What a table of one type tests, term by term.

    Type I leaves out the terms that come later, type II those that contain the term (Nelder 1977),
    type III none.  What is nothing but the constant, under whatever name, is not tested.

    Parameters
    ----------
    terms : in the order of the design
    kept : (K,) bool, which design columns are estimated
    constant : (k,) array, optional
        c with ``X c = 1``, of the columns that are estimated.
    sort : 1, 2 or 3

    References
    ----------
    Nelder, J. A. (1977). *Journal of the Royal Statistical Society A* 140, 48-77.
    Fox, J. (2016). *Applied Regression Analysis and Generalized Linear Models*, 3rd ed., 8.2.
    """
    listed = list(terms)
    for at, term in enumerate(listed):
        own = own_columns(kept, term.start, term.stop)
        if not term.factors or (len(own) == 1 and spans_constant(own, constant)):
            continue
        others: list[TermLike] = []
        if sort == 1:
            others = listed[at + 1 :]
        elif sort == 2:
            others = [other for other in listed if set(term.factors) < set(other.factors)]
        mine, before = (_mask(each, kept) for each in ([term], others))
        yield Dropped(term.name, mine, before)


def _mask(terms: Iterable[TermLike], kept: BoolArray) -> BoolArray:
    full = np.zeros(len(kept), dtype=bool)
    for term in terms:
        full[term.start : term.stop] = True
    return full[kept]


@dataclass
class Ladder:
    """Models of some of the columns of a fit, each fitted once and started from the fit.

    Attributes
    ----------
    space : Space
        What the whole model leaves free.
    estimates, llf : of the whole model
    covariance_at : of estimates at given parameters
    """

    space: Space
    estimates: Estimates
    llf: float
    covariance_at: Callable[[], CovarianceAt]
    known: dict[bytes, tuple[Space, Maximum] | None] = field(default_factory=dict)

    def ratio(self, test: Dropped) -> TestResult:
        """By likelihood ratio."""
        larger, smaller = self._fitted(test.before), self._fitted(test.before | test.own)
        if larger is None or smaller is None:
            raise _against(test)
        df = larger[0].dimension - smaller[0].dimension
        if not df:
            raise _fixed(test)
        return ratio_test(larger[1].value, smaller[1].value, df, test.hypothesis)

    def score(self, test: Dropped) -> TestResult:
        """By score, in the model that has the term and not what is left out of both."""
        self.space.check_score(test.hypothesis)
        space, smaller = self._space(test.before), self._fitted(test.before | test.own)
        if space is None or smaller is None:
            raise _against(test)
        if space.dimension == smaller[0].dimension:
            raise _fixed(test)
        R = self._restrictions(space, test)
        return score_test(space, smaller[1], R, self.covariance_at(), test.hypothesis)

    def scaled(self, test: Dropped, *, first: bool) -> TestResult:
        """By likelihood ratio, scaled by the design effects in the model that has the term."""
        ratio, larger = self.ratio(test), self._fitted(test.before)
        if larger is None:
            raise _against(test)
        space, R = larger[0], self._restrictions(larger[0], test)
        if not test.before.any():
            return scaled(ratio.statistic, R, self.estimates, test.hypothesis, first=first)
        params, own = larger[1].params, space.own
        root = information_root(space, params, test.hypothesis)
        covariance = self.covariance_at()(space.likelihood, params[own], root)
        return scaled_under(
            ratio.statistic, R[:, own], root, covariance, test.hypothesis, first=first
        )

    def _restrictions(self, space: Space, test: Dropped) -> FloatArray:
        """R (m, p) of a term in a space that has it, but for what constraints settle."""
        if not len(space.c):
            return np.eye(len(space.places))[np.tile(test.own, len(space.whole.others))]
        both = space.without(test.own)
        assert both is not None
        return both.C[len(space.C) :]

    def _space(self, out: BoolArray) -> Space | None:
        return self.space.without(out) if out.any() else self.space

    def _fitted(self, out: BoolArray) -> tuple[Space, Maximum] | None:
        """The model without some columns; None where constraints contradict that."""
        key = out.tobytes()
        if key not in self.known:
            space = self._space(out)
            found = None if space is None else (space, self._maximum(space, out))
            self.known[key] = found
        return self.known[key]

    def _maximum(self, space: Space, out: BoolArray) -> Maximum:
        estimates = self.estimates
        if not out.any():
            return Maximum(estimates.values, self.llf, estimates.infinity is None)
        rows = np.eye(len(estimates.values))[np.tile(out, len(space.whole.others))]
        root = None if estimates.infinity is not None else estimates.information_root
        return space.maximum(projected(estimates.values, root, rows, np.zeros(len(rows))))


def wald_dropped(estimates: Estimates, test: Dropped) -> TestResult:
    """By the estimates of the whole model alone.

    ``b_t - V_tg V_gg^-1 b_g``, g the coefficients that are left out of both models: what the
    estimate of the term would be without them, by one Newton step.
    """
    q = len(estimates.values) // len(test.own)
    mine, before = np.tile(test.own, q), np.tile(test.before, q)
    infinity = estimates.infinity
    if infinity is not None and not infinity.finite[mine | before].all():
        return _unknown(estimates, test)
    if estimates.constrained and estimates.covariance.known:
        _check_open(estimates, mine, before, test)
    if not before.any():
        return estimates.test_zero(np.flatnonzero(mine), test.hypothesis)
    if not estimates.covariance.known:
        return _unknown(estimates, test)
    R = np.zeros((int(mine.sum()), len(mine)))
    R[:, mine] = np.eye(len(R))
    R[:, before] = -_regression(estimates.covariance.root, mine, before)
    return estimates.test_combinations(R, test.hypothesis)


def _check_open(estimates: Estimates, mine: BoolArray, before: BoolArray, test: Dropped) -> None:
    """Refuse a test of which constraints leave nothing open, in the models that it compares."""
    larger, smaller = (_zero(estimates, places) for places in (before, mine | before))
    if not (larger.holds and smaller.holds):
        raise _against(test)
    if larger.df == smaller.df:
        raise _fixed(test)


def _zero(estimates: Estimates, places: BoolArray) -> Within:
    """That coefficients are zero, within the constraints."""
    R = np.eye(len(places))[places]
    return Within.of(R, np.zeros(len(R)), estimates.values, estimates.covariance)


def _fixed(test: Dropped) -> OptionError:
    return OptionError(
        "fixed-by-constraints",
        f"{test.hypothesis}: the constraints of the model fix it{_where(test)}; there is nothing to"
        " test.\nconstraints_test() tests the constraints themselves.",
    )


def _against(test: Dropped) -> OptionError:
    return OptionError(
        "against-constraints",
        f"{test.hypothesis}: the constraints of the model fix it otherwise{_where(test)}, so it"
        " cannot hold.\nconstraints_test() tests the constraints themselves.",
    )


def _where(test: Dropped) -> str:
    return " once other terms are left out" if test.before.any() else ""


def _no_columns(test: Dropped) -> TestResult:
    """Of nothing."""
    return TestResult(float("nan"), 0, float("nan"), test.hypothesis)


def _unknown(estimates: Estimates, test: Dropped) -> TestResult:
    m = int(test.own.sum()) * (len(estimates.values) // len(test.own))
    return judged(float("nan"), m, estimates.covariance, test.hypothesis)


def _regression(root: FloatArray, mine: BoolArray, before: BoolArray) -> FloatArray:
    """``V_tg V_gg^-1`` from the root of V: least squares of its rows on those that are left out."""
    lengths = row_norms(root[before])
    unit = np.where(lengths > 0, lengths, 1.0)
    basis = root[before] / unit[:, None]
    weights: FloatArray = np.linalg.lstsq(basis.T, root[mine].T, rcond=FIXED)[0].T / unit
    return weights


def table(
    tests: Iterable[Dropped], by: Callable[[Dropped], TestResult], q: int
) -> tuple[pd.DataFrame, list[MnlstatError]]:
    """The tests, a row for each term, NaN where there is none; and why there is none.

    Where constraints leave nothing to test there are no degrees of freedom.

    ``q`` is the number of equations.
    """
    found: dict[str, TestResult] = {}
    reasons: list[MnlstatError] = []
    for test in tests:
        try:
            # a term whose columns are aliased has none to drop, as the fit has said
            found[test.name] = by(test) if test.own.any() else _no_columns(test)
        except (SeparationError, ConvergenceError, RankError, OptionError) as error:
            if isinstance(error, OptionError) and error.code not in BY_CONSTRAINTS:
                raise
            m = 0 if isinstance(error, OptionError) else int(test.own.sum()) * q
            found[test.name] = TestResult(float("nan"), m, float("nan"), test.hypothesis)
            reasons.append(error)
    return framed(found), reasons


def framed(found: Mapping[str, TestResult]) -> pd.DataFrame:
    """A row for each term: columns statistic, df, p_value, and df_denom where one is F."""
    columns: dict[str, list[float | None]] = {
        "statistic": [test.statistic for test in found.values()],
        "df": [test.df for test in found.values()],
        "p_value": [test.pvalue for test in found.values()],
    }
    if any(test.df_denom is not None for test in found.values()):
        columns["df_denom"] = [test.df_denom for test in found.values()]
    return pd.DataFrame(columns, index=pd.Index(list(found), name="term"))
