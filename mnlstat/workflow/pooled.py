"""A model fitted to several imputations of the same data, pooled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray
from mnlstat.errors import OptionError, SeparationError
from mnlstat.inference.estimates import Estimates
from mnlstat.inference.hypotheses import TestResult
from mnlstat.inference.pooled_tests import D1, D2, D3, d1, d2, d3
from mnlstat.inference.restrictions import Restrictions
from mnlstat.inference.rubin import Imputations
from mnlstat.inference.term_tests import slope_directions
from mnlstat.options import check_alpha, check_choice, check_flag, named_options
from mnlstat.report.pooled import PooledSummary
from mnlstat.report.tables import TIDY_COLUMNS
from mnlstat.results import MNLogitResults
from mnlstat.workflow.pooled_effects import PooledEffects, pool_effects
from mnlstat.workflow.with_rows import check_rows

KINDS = (D1, D2, D3)


@dataclass(frozen=True, eq=False)
class PooledResults:
    """Coefficients pooled over imputations by Rubin's rules.

    Everything about coefficients has the index (outcome, term), as a single fit has it.

    Attributes
    ----------
    results : tuple of MNLogitResults
        The fits, all against the same base.
    imputed : Imputations
        Of the estimated coefficients.
    notes : tuple of str
        What was done to make the fits alike.
    """

    results: tuple[MNLogitResults, ...]
    imputed: Imputations
    notes: tuple[str, ...] = ()

    @property
    def estimates(self) -> Estimates:
        """Means over imputations, with their total covariance."""
        first, imputed = self.results[0].estimates, self.imputed
        return replace(first, values=imputed.mean, covariance=imputed.covariance(), other_root=None)

    @property
    def m(self) -> int:
        """How many imputations."""
        return len(self.results)

    @property
    def formula(self) -> str:
        """That of the fits."""
        return self.results[0].formula

    @property
    def outcomes(self) -> tuple[Any, ...]:
        """Labels of the outcomes, in order."""
        return self.results[0].outcomes

    @property
    def base(self) -> Any:
        """The outcome that all coefficients are against."""
        return self.results[0].base

    @property
    def nobs(self) -> float:
        """Rows of each fit."""
        return self.results[0].nobs

    @property
    def df_complete(self) -> float:
        """Degrees of freedom if nothing were missing."""
        return self.imputed.complete

    @property
    def index(self) -> pd.MultiIndex:
        """(outcome, term) of every coefficient."""
        return self.estimates.index

    @property
    def cov_type(self) -> str:
        """How the total covariance was made."""
        return f"{self.estimates.covariance.kind}, of {self.results[0].cov_type}"

    @property
    def params(self) -> pd.Series:
        """Means of the coefficients."""
        return self.estimates.params

    @property
    def bse(self) -> pd.Series:
        """Standard errors: roots of the total variances."""
        return self.estimates.bse

    @property
    def tvalues(self) -> pd.Series:
        """``params / bse``."""
        return self.estimates.tvalues

    @property
    def df_t(self) -> pd.Series:
        """Degrees of freedom of t, by Barnard & Rubin (1999)."""
        return self._series(self.imputed.single(0), "df")

    @property
    def pvalues(self) -> pd.Series:
        """Two-sided tail areas of t."""
        return self.estimates.pvalues

    @property
    def fmi(self) -> pd.Series:
        """Fraction of missing information, ``(r + 2 / (df + 3)) / (r + 1)``."""
        return self._series(self.imputed.missing, "fmi")

    @property
    def riv(self) -> pd.Series:
        """Relative increase in variance due to missing data, ``r = (1 + 1/M) B / W``."""
        return self._series(self.imputed.increase, "riv")

    def _series(self, values: FloatArray, name: str) -> pd.Series:
        return self.estimates.series(values, name)

    @named_options
    def cov_params(self, part: str = "total") -> pd.DataFrame:
        """Covariance matrix: "total", "within" imputations (the mean), or "between" them."""
        check_choice("part", part, ("total", "within", "between"))
        estimates = self.estimates
        if part != "total":
            root = self.imputed.within if part == "within" else self.imputed.between
            estimates = replace(estimates, covariance=replace(estimates.covariance, root=root))
        return estimates.cov_params()

    @named_options
    def conf_int(self, alpha: float = 0.05) -> pd.DataFrame:
        """Intervals by t: columns conf_low, conf_high."""
        return self.estimates.conf_int(alpha)

    @named_options
    def tidy(self, exponentiate: bool = False, alpha: float = 0.05) -> pd.DataFrame:
        """One row per coefficient.

        Columns outcome, term, estimate, std_error, statistic, p_value, conf_low, conf_high, df,
        fmi, riv; ``exponentiate=True`` gives relative risk ratios.
        """
        ratios, ends = check_flag("exponentiate", exponentiate), self.conf_int(check_alpha(alpha))
        estimate, error = self.params, self.bse
        if ratios:
            with np.errstate(over="ignore"):
                estimate, ends = np.exp(estimate), np.exp(ends)
            error = estimate * error
        columns = [estimate, error, self.tvalues, self.pvalues, ends["conf_low"], ends["conf_high"]]
        columns += [self.df_t, self.fmi, self.riv]
        frame = pd.concat(columns, axis=1).reset_index()
        frame.columns = pd.Index([*TIDY_COLUMNS, "df", "fmi", "riv"])
        frame.attrs.update(base=str(self.base), cov_type=self.cov_type, nobs=self.nobs)
        return frame

    @named_options
    def summary(self, rrr: bool = False, alpha: float = 0.05) -> PooledSummary:
        """The report; ``rrr=True`` prints relative risk ratios ``exp(b)``."""
        header = (
            ("Imputations", str(self.m)),
            ("Rows", f"{self.nobs:g} in each"),
            ("Base outcome", str(self.base)),
            ("Covariance", self.cov_type),
            ("Complete-data df", f"{self.df_complete:g}"),
        )
        frame = self.tidy(rrr, alpha)
        return PooledSummary(
            f"Pooled multinomial logit: {self.formula}", header, frame, self.base, alpha, rrr,
            (*self.notes, SAID),
        )  # fmt: skip

    def __str__(self) -> str:
        return self.summary().as_text()

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self.summary().as_html()

    @named_options
    def rebase(self, base: Any) -> PooledResults:
        """The same with coefficients against another outcome."""
        results = tuple(res.rebase(base) for res in self.results)
        return replace(self, results=results, imputed=imputations(results, self.df_complete))

    # --- tests -----------------------------------------------------------------------------

    @named_options
    def test(
        self,
        hypothesis: Any = None,
        value: Any = None,
        *,
        term: Any = None,
        outcome: Any = None,
        kind: str = D1,
    ) -> TestResult:
        """Test linear restrictions ``R b = r``, a term, or all slopes of an outcome.

        Parameters
        ----------
        hypothesis, value, term, outcome
            As for :meth:`MNLogitResults.test`.
        kind : {"D1", "D2", "D3"}
            From the pooled estimates, with the average information; from the Wald statistics of
            the imputations alone, the least powerful; or from likelihood ratios, which takes fits
            under the hypothesis and the rows of all imputations.

        Returns
        -------
        TestResult
            F; see :func:`mnlstat.inference.pooled_tests.d1`, ``d2``, ``d3``.

        Raises
        ------
        OptionError, RankError
            As :meth:`MNLogitResults.test`; for D3 of robust covariances, of pseudo-likelihoods and
            of penalised fits.
        DataError
            For D3 of results without their rows.
        SeparationError, ConvergenceError
            For D3 where a fit under the hypothesis has no finite maximum.

        References
        ----------
        Li, K. H., Raghunathan, T. E. & Rubin, D. B. (1991). *Journal of the American Statistical
        Association* 86, 1065-1073.
        Li, K. H., Meng, X. L., Raghunathan, T. E. & Rubin, D. B. (1991). *Statistica Sinica* 1,
        65-92.
        Meng, X. L. & Rubin, D. B. (1992). *Biometrika* 79, 103-111.
        """
        kind = check_choice("kind", kind, KINDS)
        asked = [res._asked(hypothesis, value, term, outcome) for res in self.results]
        return self._tested([wanted for wanted, _ in asked], [left for _, left in asked], kind)

    @named_options
    def test_slopes(self, kind: str = D1) -> TestResult:
        """Test that the probabilities do not depend on any predictor; ``kind`` as for ``test``."""
        kind, first = check_choice("kind", kind, KINDS), self.results[0]
        k = len(first.aliasing.names)
        R = np.kron(np.eye(len(self.outcomes) - 1), slope_directions(first.constant_direction, k))
        if not len(R):
            raise OptionError(
                "no-slopes", "the model has constants only: there are no slopes to test."
            )
        wanted = Restrictions(R.astype(float), np.zeros(len(R)), "all slopes = 0")
        return self._tested([wanted] * self.m, [None] * self.m, kind)

    def _tested(self, wanted: list[Restrictions], left: list[Any], kind: str) -> TestResult:
        R, r, text = wanted[0].R, wanted[0].r, wanted[0].text
        if kind == D3:
            return self._likelihoods(wanted, left)
        gaps = self.imputed.of(R)
        gaps = replace(gaps, values=gaps.values - r)
        return d1(gaps, text) if kind == D1 else d2(gaps, text)

    def _likelihoods(self, wanted: list[Restrictions], left: list[Any]) -> TestResult:
        """D3, from fits under the hypothesis."""
        caller, text = "test(kind='D3')", wanted[0].text
        under = []
        for at, (res, asked, columns) in enumerate(
            zip(self.results, wanted, left, strict=True), start=1
        ):
            _check_ratio(res, caller)
            hypothesis = res._hypothesis(asked, columns, caller)
            hypothesis.check()
            if not hypothesis.maximum.finite:
                raise SeparationError(
                    "separated",
                    f"{caller}: {text}: the fit of imputation {at} under the hypothesis has no"
                    " finite maximum.\nAsk for kind='D1'.",
                )
            under.append(hypothesis.maximum.params)
        b, b0 = self.imputed.mean, np.mean(under, axis=0)
        own, shared = [], []
        for res, zero in zip(self.results, under, strict=True):
            loglike = res.likelihood.loglike
            own.append(2.0 * (loglike(res.estimates.values) - loglike(zero)))
            shared.append(2.0 * (loglike(b) - loglike(b0)))
        return d3(own, shared, hypothesis.df, text)

    # --- effects ---------------------------------------------------------------------------

    @named_options
    def margins(self, variables: Any = None, **options: Any) -> PooledEffects:
        """Marginal effects of each fit, pooled; options as for :meth:`MNLogitResults.margins`."""
        return self._effects(lambda res: res.margins(variables, **options))

    @named_options
    def comparisons(self, variables: Any = None, **options: Any) -> PooledEffects:
        """Comparisons of each fit, pooled; options as for :meth:`MNLogitResults.comparisons`."""
        return self._effects(lambda res: res.comparisons(variables, **options))

    @named_options
    def average_predictions(self, **options: Any) -> PooledEffects:
        """Average probabilities of each fit, pooled; options as for a single fit."""
        return self._effects(lambda res: res.average_predictions(**options))

    @named_options
    def marginal_means(self, factors: Any = None, **options: Any) -> PooledEffects:
        """Marginal means of each fit, pooled; options as for a single fit."""
        return self._effects(lambda res: res.marginal_means(factors, **options))

    def _effects(self, ask: Callable[[MNLogitResults], Any]) -> PooledEffects:
        return pool_effects([ask(res) for res in self.results], self.df_complete)


SAID = (
    "Estimates are means over imputations, standard errors roots of the variance within plus"
    " (1 + 1/M) that between them (Rubin 1987); df of Barnard & Rubin (1999); FMI: fraction of"
    " missing information."
)


def imputations(results: tuple[MNLogitResults, ...], complete: float) -> Imputations:
    """The estimates of fits that are alike."""
    values = np.array([res.estimates.values for res in results])
    return Imputations(values, tuple(res.estimates.covariance.root for res in results), complete)


def _check_ratio(res: MNLogitResults, caller: str) -> None:
    """Refuse a fit without a likelihood ratio."""
    check_rows(caller.partition("(")[0], res)
    if res.penalty is not None:
        raise OptionError(
            "lr-of-penalised",
            f"{caller}: these fits maximise a penalised likelihood.\nAsk for kind='D1'.",
        )
    if (refused := res._no_ratio(caller)) is not None:
        raise refused
