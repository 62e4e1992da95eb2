"""Terms dropped from a model, or added to it, one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import IntArray
from mnlstat.design.scope import warn
from mnlstat.errors import ConvergenceError, MnlstatWarning, OptionError, RankError
from mnlstat.inference.distributions import chi2_p
from mnlstat.inference.rao_scott import FIRST, RAO_SCOTT, rao_scott
from mnlstat.options import check_choice, named_options
from mnlstat.results import MNLogitResults
from mnlstat.workflow.maxima import check_likelihood, check_ratio
from mnlstat.workflow.moves import Move, addable, chosen, moved, scope_terms
from mnlstat.workflow.same_rows import check_results
from mnlstat.workflow.with_rows import check_columns

LR, WALD, NONE = "LR", "Wald", "none"
TESTS = (LR, WALD, RAO_SCOTT, FIRST, NONE)
CRITERIA = ("aic", "bic")


@dataclass(frozen=True)
class Comparing:
    """How models are compared.

    Attributes
    ----------
    caller : the function that was asked
    test : "LR", "Wald", "Rao-Scott", "Rao-Scott first-order" or "none"
    criterion : "aic", "bic", or None
    """

    caller: str
    test: str
    criterion: str | None

    @classmethod
    def checked(cls, caller: str, test: object, criterion: object) -> Comparing:
        """The options; OptionError for one that there is not."""
        named = None if criterion is None else check_choice("criterion", criterion, CRITERIA)
        if isinstance(test, str):  # as kind= of tests: in capitals or not
            test = {each.lower(): each for each in TESTS}.get(test.lower(), test)
        return cls(caller, check_choice("test", test, TESTS), named)

    def check(self, res: MNLogitResults) -> None:
        """Refuse a fit that cannot be compared so."""
        if res.constrained is not None:
            raise OptionError(
                "selection-constrained",
                f"{self.caller}(): {res.formula!r} is bound by constraints= or parallel=, which"
                " name terms.\nSpecify each model, and compare them by anova().",
            )
        if self.test == LR:
            check_likelihood(self.caller, res)
            check_ratio(self.caller, res)
        elif self.criterion is not None or res.penalty is not None:
            check_likelihood(self.caller, res)
        elif not res.converged:
            raise ConvergenceError(
                "not-a-maximum",
                f"{self.caller}(): {res.formula!r} did not reach its maximum: {res.status}.",
            )

    def value(self, res: MNLogitResults) -> float:
        """The criterion."""
        return float("nan") if self.criterion is None else float(getattr(res, self.criterion))

    def row(self, small: MNLogitResults, large: MNLogitResults, term: str) -> dict[str, Any]:
        """The test of what the larger model has beyond the smaller."""
        df = large.n_parameters - small.n_parameters
        row: dict[str, Any] = {"df": df}
        if self.test == LR:
            statistic = 2.0 * (large.llf - small.llf)
            p = chi2_p(statistic, df) if df else np.nan
            row |= {"statistic": statistic if df else np.nan, "p_value": p}
        elif self.test == WALD:
            tests = large.wald_test_terms()
            # where another column takes the place of the term's, the models do not differ by it
            if term in tests.index and df == tests.loc[term, "df"]:
                row |= tests.loc[term].to_dict()
        elif self.test in (RAO_SCOTT, FIRST):
            places = _places(large, term)
            # a formula without constant codes a factor anew: then no coefficients are zero
            if df and len(places) == df:
                ratio = 2.0 * (large.llf - small.llf)
                row |= self._scaled(ratio, places, large, term)
        return row

    def _scaled(
        self, ratio: float, places: IntArray, large: MNLogitResults, term: str
    ) -> dict[str, float]:
        """The ratio scaled by the design effects of a term; NaN where nothing tells of them."""
        said = f"{self.caller}: {term} = 0 in every equation"
        try:
            return rao_scott(ratio, places, large.estimates, said, first=self.test == FIRST)
        except RankError as error:
            warn(MnlstatWarning(error.code, error.message))
            return {"statistic": np.nan, "p_value": np.nan}

    def table(self, rows: Sequence[dict[str, Any]], names: Sequence[str]) -> pd.DataFrame:
        """A row for each model, the given one first."""
        columns = ["df", "log_likelihood"]
        columns += [] if self.criterion is None else [self.criterion]
        columns += [] if self.test == NONE else ["statistic", "p_value"]
        frame = pd.DataFrame(list(rows), index=pd.Index(["<none>", *names], name="term"))
        return frame.reindex(columns=columns + ["df_denom"] * ("df_denom" in frame)).astype(float)


@named_options
def drop1(
    res: MNLogitResults, scope: str | None = None, *, test: str = "LR", criterion: Any = "aic"
) -> pd.DataFrame:
    """Models with one term less, each fitted to the same rows.

    A term that is part of another one (``x`` where there is ``x:z``) is not dropped.

    Parameters
    ----------
    res : MNLogitResults
    scope : str, optional
        The terms to drop, ``"~ x + z"``; all that can be by default.
    test : {"LR", "Wald", "Rao-Scott", "Rao-Scott first-order", "none"}
        The likelihood ratio of both models; the Wald test of the term in the model with it, with
        the covariance of the fit; the likelihood ratio of pseudo-likelihoods, and under robust
        covariances, scaled by the design effects (Rao & Scott 1984): its df is their number
        divided by one plus their squared coefficient of variation, but to the first order.
    criterion : {"aic", "bic", None}

    Returns
    -------
    DataFrame
        A row for the model as it is ("<none>"), and for each without a term; index term; columns
        df (parameters less), log_likelihood, the criterion, statistic, p_value; df_denom where the
        test is F.

    Raises
    ------
    OptionError
        For pseudo-likelihoods (sampling weights, shares) and robust covariances where
        ``test="LR"``, and pseudo-likelihoods with a criterion; for penalised fits and those under
        constraints; for a scope that is none.
    ConvergenceError
        When a fit did not reach its maximum.

    References
    ----------
    Rao, J. N. K. & Scott, A. J. (1984). Annals of Statistics 12, 46-60.

    Examples
    --------
    >>> import mnlstat as mn
    >>> res = mn.mnlogit("vote ~ selfLR + age + educ", mn.datasets.anes96()).fit()
    >>> mn.drop1(res)["statistic"].round(2).tolist()
    [nan, 394.73, 0.55, 24.4]
    """
    check_results("drop1", [res], 1)
    comparing = Comparing.checked("drop1", test, criterion)
    comparing.check(res)
    check_columns(comparing.caller, res)
    names = chosen("drop1", scope, res)
    rows = [_facts(comparing, res)]
    for name in names:
        small = moved("drop1", res, Move("-", name))
        comparing.check(small)
        rows.append(comparing.row(small, res, name) | _facts(comparing, small))
    return comparing.table(rows, names)


@named_options
def add1(
    res: MNLogitResults, scope: str, *, test: str = "LR", criterion: Any = "aic"
) -> pd.DataFrame:
    """Models with one term more, each fitted to the same rows.

    An interaction is added where the model has all of its parts that the scope has.

    Parameters
    ----------
    res : MNLogitResults
    scope : str
        The terms to add, ``"~ . + x + x:z"``; those that the model has are left out.
    test, criterion
        As for :func:`drop1`; the Wald test is that of the new term in the model with it.

    Returns
    -------
    DataFrame
        As of :func:`drop1`; df are parameters more.

    Raises
    ------
    DataError
        When a term misses values in rows that the fit used: log-likelihoods of different rows
        cannot be compared.
    OptionError, ConvergenceError, FormulaError
        As for :func:`drop1`; for a scope that cannot be read.

    Examples
    --------
    >>> import mnlstat as mn
    >>> res = mn.mnlogit("vote ~ selfLR", mn.datasets.anes96()).fit()
    >>> mn.add1(res, "~ . + age + educ").index.tolist()
    ['<none>', 'age', 'educ']
    """
    check_results("add1", [res], 1)
    comparing = Comparing.checked("add1", test, criterion)
    comparing.check(res)
    check_columns(comparing.caller, res)
    names = addable(res, scope_terms("add1", scope, res))
    rows = [_facts(comparing, res)]
    for name in names:
        large = moved("add1", res, Move("+", name))
        comparing.check(large)
        rows.append(comparing.row(res, large, name) | _facts(comparing, large))
    return comparing.table(rows, names)


def _places(res: MNLogitResults, term: str) -> IntArray:
    """Positions of the coefficients of a term among the estimated ones."""
    kept = res.aliasing.kept
    own = next(each for each in res.terms if each.name == term)
    columns = (np.cumsum(kept) - 1)[own.start : own.stop][kept[own.start : own.stop]]
    equations = np.arange(len(res.outcomes) - 1)[:, None] * int(kept.sum())
    return np.asarray((equations + columns).ravel(), dtype=np.intp)


def _facts(comparing: Comparing, res: MNLogitResults) -> dict[str, Any]:
    facts = {"log_likelihood": res.llf}
    return (
        facts
        if comparing.criterion is None
        else facts | {comparing.criterion: comparing.value(res)}
    )
