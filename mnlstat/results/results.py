"""The result of a fit: its verbs, each one call into the layer that does the work."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from mnlstat.design.response import CHOICE
from mnlstat.design.scope import caller_scope
from mnlstat.inference.hypotheses import TestResult
from mnlstat.inference.separated import SeparationReport, no_separation, rebased_report
from mnlstat.inference.term_tests import spanning_term, wald_slopes, wald_terms
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.options import check_choice, named_options
from mnlstat.peers import opened, refusal
from mnlstat.peers import statsmodels as peer
from mnlstat.report import tables
from mnlstat.report.compare import Comparison
from mnlstat.report.facts import describe
from mnlstat.report.summary import Summary
from mnlstat.results.bound import Bound
from mnlstat.results.classifying import Classifying
from mnlstat.results.combined import Combined
from mnlstat.results.compared import beside_reported
from mnlstat.results.effects import Effective
from mnlstat.results.explaining import Explained
from mnlstat.results.functions import Functional
from mnlstat.results.plotting import Pictured
from mnlstat.results.profiling import METHODS
from mnlstat.results.resampling import Resampling
from mnlstat.results.saving import save
from mnlstat.results.searched import refuse_constrained, searched
from mnlstat.results.viewed import Viewed


@dataclass(frozen=True, eq=False)
class MNLogitResults(
    Bound, Classifying, Combined, Functional, Effective, Explained, Pictured, Resampling, Viewed
):
    """A fitted multinomial logit model.

    Everything about coefficients has one index, a MultiIndex (outcome, term); the coefficients of
    the base outcome are zero and not listed.  Coefficients of aliased columns are NaN.  When the
    fit did not converge, or no finite maximum is certified, standard errors, tests and intervals
    are NaN.

    Nothing here changes after the fit: another base or level gives a new object.  A pickle leaves
    the data out; what then needs rows says so.
    """

    # --- rows ------------------------------------------------------------------------------

    @property
    def likelihood(self) -> MultinomialLikelihood:
        """The likelihood that was maximised, with the base of this result."""
        return self._rows("likelihood").likelihood

    @property
    def score_norm(self) -> float:
        """Largest absolute element of the score at the estimate; along free coefficients."""
        likelihood, values = self._at_fit("score_norm")
        score = likelihood.score(values)
        if self.constrained is not None:
            score = self.constrained.elimination.pulled_back(score)
        return float(np.abs(score).max())

    # --- tests -----------------------------------------------------------------------------

    @named_options
    def separation(self) -> SeparationReport:
        """Which coefficients are infinite, and what in the data makes them so.

        A certified fit needs no search: its maximum is finite.

        Raises
        ------
        DataError
            When the rows are needed and are too many, not in memory, or not there.
        """
        if self.separated is not None:
            return self.separated
        if self.converged and self.penalty is None and self.constrained is None:
            return no_separation(self.estimates.labels, self.estimates.kept)
        refuse_constrained(self.constrained)
        likelihood = self._rows("separation()").likelihood
        return searched(
            likelihood,
            self.estimates.labels,
            self.estimates.kept,
            whole_rows=not self.statistics.pseudo,
        )

    @named_options
    def wald_test(self, hypothesis: Any, value: Any = None) -> TestResult:
        """The Wald test of :meth:`test`, under the name that statsmodels uses."""
        found = self.test(hypothesis, value)
        assert isinstance(found, TestResult)
        return found

    @cached_property
    def _term_tests(self) -> pd.DataFrame:
        kept = self.aliasing.kept
        return wald_terms(self.estimates, self.terms, kept, self.constant_direction)

    @named_options
    def wald_test_terms(self) -> pd.DataFrame:
        """Wald test of each term over all equations: columns statistic, df, p_value.

        The hypothesis is that all coefficients of the term's columns are zero, as they are coded;
        the constant is not a term, whatever its name.
        """
        return self._term_tests.copy()

    @property
    def spanning_term(self) -> str | None:
        """The term with a column for each level, as ``g`` in ``y ~ 0 + g``, if there is one."""
        return spanning_term(self.terms, self.aliasing.kept, self.constant_direction)

    @named_options
    def wald_test_slopes(self) -> TestResult:
        """Wald test that the probabilities do not depend on any predictor."""
        return wald_slopes(self.estimates, self.constant_direction, len(self.aliasing.names))

    # --- other results ---------------------------------------------------------------------

    @named_options
    def rebase(self, base: Any) -> Self:
        """The same fit with coefficients against another outcome: exact algebra, no refit.

        Raises
        ------
        OptionError
            When ``base`` is not an outcome.
        """
        spec = self.spec.with_base(base)
        new = spec.response.base
        sample = self.sample
        if sample is not None:
            sample = replace(sample, likelihood=replace(sample.likelihood, base=new))
        estimates = self.estimates.rebased(len(self.aliasing.names), new)
        separated = self.separated
        if separated is not None and estimates.infinity is not None:
            separated = rebased_report(
                separated, estimates.infinity, estimates.labels, estimates.kept
            )
        shrinkage = self.shrinkage
        if shrinkage is not None:
            shrinkage = shrinkage.rebased(len(self.aliasing.names), self.spec.response.base, new)
        return replace(
            self,
            spec=spec,
            estimates=estimates,
            sample=sample,
            separated=separated,
            shrinkage=shrinkage,
            known_turned_back=None,
        )

    @named_options
    def update(self, formula: str) -> MNLogitResults:
        """Fit another formula to the same rows; ``.`` stands for the old side.

        ``res.update(". ~ . - write")`` leaves the term ``write`` out.  The base of this result
        stays, unless the response changes: then it is the first outcome of the new one.  Rows that
        the new formula cannot use are dropped, with a warning.
        """
        sample = self._rows("update()")
        updated: MNLogitResults = sample.refit(formula, caller_scope(), self.base)
        return updated

    # --- reports ---------------------------------------------------------------------------

    @named_options
    def tidy(
        self, exponentiate: bool = False, alpha: float = 0.05, method: str = "wald"
    ) -> pd.DataFrame:
        """One row per coefficient, with fixed columns.

        Columns outcome, term, estimate, std_error, statistic, p_value, conf_low, conf_high;
        ``exponentiate=True`` gives relative risk ratios ``exp(b)``; ``method`` is that of
        :meth:`conf_int`.
        """
        ends = self._intervals("tidy", alpha, method)
        return tables.tidy(self, alpha=alpha, exponentiate=exponentiate, interval=ends)

    @named_options
    def glance(self) -> pd.DataFrame:
        """One row with the statistics of the fit."""
        return tables.glance(self)

    @named_options
    def summary(self, rrr: bool = False, alpha: float = 0.05, method: str = "wald") -> Summary:
        """The report; ``rrr=True`` prints relative risk ratios ``exp(b)``.

        ``method`` is that of :meth:`conf_int`: "wald", "profile" or "score".
        """
        method = check_choice("method", method, METHODS)
        ends = None if method == METHODS[0] else self._intervals("summary", alpha, method)
        return Summary(self, alpha=alpha, rrr=rrr, method=method, interval=ends)

    @named_options
    def compare(self, other: Any = None) -> Comparison:
        """Side by side with what another program found on the same rows.

        Parameters
        ----------
        other : optional
            By default statsmodels' ``MNLogit`` is fitted to the same rows and design.  Else

            - a fit made with statsmodels: outcomes are matched by name or, where no name is known,
              row by row; columns by their values, else by name;
            - a fitted ``LogisticRegression`` of scikit-learn: its symmetric coefficients are set
              against our base;
            - what nnet's ``summary()``, Stata's ``mlogit`` or SAS's ``proc logistic`` printed, as
              text or as the path of a file: names of terms and of the constant are matched whatever
              their notation, this result is re-based to match;
            - a data frame, csv text or the path of a file, columns outcome, term, estimate and
              std_error.

        Raises
        ------
        DataError, SeparationError, ConvergenceError
            When there is nothing that could be compared, with the reason.
        """
        sample = self._rows("compare()")
        if opened.is_reported(other):
            return beside_reported(self, other, self.aliasing.names)
        refusal.refuse_unfittable(
            self.status,
            weights=self.weights is not None,
            offset=self.spec.offset is not None,
            penalty=self.penalty is not None,
            counts=self.spec.response.kind != CHOICE,
            covariance=self.cov_type if other is None and self.statistics.robust else "",
            constraints=self.constrained is not None,
        )
        instead = "Compare fits to a part of the rows in a frame."
        codes = np.asarray(sample.in_memory("compare()", instead)[0], dtype=np.intp)
        X = sample.likelihood.rows.X
        names, labels = self.aliasing.names, self.outcomes
        if other is None:
            base = self.spec.response.base
            theirs = peer.fit_statsmodels(codes, X, labels, names, base, sample.likelihood)
            return Comparison(describe(self, sample.likelihood), theirs)
        ours = self.rebase(labels[peer.base_of(other, labels, codes)])
        theirs = peer.facts_of(other, codes, X, labels, names, ours.likelihood)
        return Comparison(describe(ours, ours.likelihood), theirs)

    # --- files -----------------------------------------------------------------------------

    @named_options
    def save(self, path: Any, include_data: bool = False) -> Path:
        """Write the result to one file, whole or not at all; :func:`mnlstat.load` reads it.

        Parameters
        ----------
        path : str or Path
            The file; an old one of this name stays until the new one is complete.
        include_data : bool
            Write the design rows of the fit, too: the loaded result then has its likelihood and
            fitted values.  The columns of the data are not written, so that ``update`` needs a new
            model all the same.

        Returns
        -------
        Path

        Raises
        ------
        OptionError
            When the file cannot be written.
        FormulaError
            When the formula uses what a file cannot hold: lambdas, functions of your own.
        DataError
            For labels that a file cannot hold; with ``include_data=True`` where there are no rows.
        """
        return save(self, path, include_data)

    def __repr__(self) -> str:
        return f"<MNLogitResults {self.formula!r}, n = {self.nobs}, {self.status}>"

    def __getstate__(self) -> dict[str, Any]:
        state = {item.name: getattr(self, item.name) for item in fields(self)}
        return state | {"sample": None, "known_turned_back": self.turned_back}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self.__post_init__()

    def __copy__(self) -> Self:
        # Nothing in a result is ever changed, so a copy may share all of it.
        return replace(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return replace(self)
