"""A result under another covariance."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any, Self, TypeVar

from mnlstat.arrays import FloatArray
from mnlstat.design.groups import for_data
from mnlstat.design.response import CHOICE, SHARES
from mnlstat.design.scope import warn
from mnlstat.design.stream import Stream
from mnlstat.design.words import labelled
from mnlstat.errors import (
    ConvergenceError,
    OptionError,
    SeparationError,
    SeparationWarning,
)
from mnlstat.inference.cov_options import (
    JACKKNIFE,
    LIKELIHOOD_KINDS,
    OBSERVED,
    ROW,
    STATA,
    TRIAL,
    CovarianceOptions,
)
from mnlstat.inference.cov_options import ROBUST as ROBUST_KIND
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.recovered import Estimated
from mnlstat.inference.survey_options import design_of
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.likelihood.penalty import JEFFREYS
from mnlstat.options import named_options
from mnlstat.results.bootstrapped import is_bootstrap, under_replicates
from mnlstat.results.diagnosed import Diagnosed
from mnlstat.results.making import maker
from mnlstat.results.sample import Sample


class Covaried(Diagnosed):
    """Results whose covariance can be replaced."""

    @named_options
    def with_cov(
        self,
        kind: Any,
        *,
        groups: Any = None,
        correction: str | None = None,
        time: Any = None,
        lags: int | None = None,
        use_t: bool | None = None,
        df: float | None = None,
        unit: str | None = None,
        refit: bool | None = None,
        strata: Any = None,
        psu: Any = None,
        fpc: Any = None,
        lonely: str | None = None,
        nest: bool | None = None,
        subpop: Any = None,
        vadjust: bool | None = None,
        replicates: Any = None,
        method: str | None = None,
        scale: float | None = None,
        rscales: Any = None,
        rho: float | None = None,
        mse: bool | None = None,
    ) -> Self:
        """The same estimates under another covariance: no refit, unless one asks for it.

        Standard errors, tests, intervals and tables of the new result use it, and say so.

        Parameters
        ----------
        kind : str or Bootstrap
            What :meth:`bootstrap` gave; or by name:
            "observed" (inverse information; also "nonrobust", "oim"); "opg" (outer products of
            scores); the sandwiches "robust", "HC0", "HC1", with leverages "HC2", "HC3"; of clusters
            "cluster", with leverages "CR2", "CR3"; "HAC" of rows in order; "jackknife" (one-step
            deletions of rows, or of clusters); "survey", of its design.
        groups : str, (rows,) array or Series, or a list of them
            Clusters: a column of the data, whether in the formula or not; labels for all rows of
            the data or for those used; a Series is lined up by its index.  A list clusters in
            several ways ("cluster" only).
        correction : {"stata", "statsmodels", "sandwich", "none"}, optional
            The factor of "robust" and "cluster": ``n/(n-1)`` and ``G/(G-1)``, as Stata, by default;
            1 and ``G/(G-1) (n-1)/(n-p)``; 1 and ``G/(G-1)``; 1 and 1.
        time : str, (rows,) array or Series, optional
            What "HAC" orders rows by; by default they are in order.
        lags : int, optional
            L of "HAC", Bartlett weights ``1 - l/(L+1)``; by default ``floor(4 (n/100)^(2/9))``.
        use_t : bool, optional
            Tests by t and F in place of normal and chi-squared; by default of "CR2" alone, with the
            degrees of freedom of each contrast (Pustejovsky & Tipton 2018).
        df : float, optional
            Degrees of freedom; by default ``G - 1`` of clusters, else ``n - p``.
        unit : {"row", "trial"}, optional
            Whether a row of counts is one independent unit, the default, or each choice in it.
        refit : bool, optional
            Whether "jackknife" fits again without each unit, or cluster, to the maximum.  Deletions
            that leave no finite estimates are left out of it, and counted in a warning and in
            ``cov_notes``.
        strata, psu : str, (rows,) array or Series, optional
            Of "survey", whose covariance is linearised (Binder 1983): strata, and the primary
            sampling units (first-stage clusters) within them; by default one stratum, and rows.
            Coefficients are tested by t with PSUs less strata degrees of freedom d, and m at once
            by ``F = W (d - m + 1) / (m d)`` on (m, d - m + 1) (Korn & Graubard 1990).
        fpc : str, (rows,) array or Series, optional
            Finite population correction of the first stage, one number for a stratum: sampling
            fractions where all are at most one, else the number of PSUs in the population.
        lonely : {"error", "remove", "adjust", "average"}, optional
            What a stratum of one PSU adds to the variance: an error, by default; nothing; its
            square about the mean of all PSUs; the average of the strata of several.
        nest : bool, optional
            Whether PSUs are named within strata, the default: equal names in two strata are two
            PSUs.  With False they are one, and refused.
        subpop : bool, str, or (rows,) bool array or Series, optional
            Where the fit is of a part of the survey, ``mnlogit(..., subset=c)``: the same condition
            keeps rows outside of it in the design, with scores of zero.  True keeps all rows of
            the data, also those with missing values; False none but those used.
        vadjust : bool, optional
            Multiply by (n - 1)/(n - p), as VADJUST=DF of SAS.
        replicates : list of str, (rows, R) array or frame, optional
            Replicate weights, the sampling weights in them, in place of linearisation.
        method : {"JK1", "JKn", "BRR", "Fay", "bootstrap"}, optional
            How they were made: ``scale`` is (R-1)/R, 1, 1/R, 1/(R (1-rho)^2), 1/R by default.
        scale, rscales : float and (R,) array, optional
            Of the sum of squares over replicates, and of each replicate; JKn needs the latter.
        rho, mse : float, and bool, optional
            Of Fay's method; squares about the estimate, in place of the mean of the replicates.

        Returns
        -------
        MNLogitResults

        Raises
        ------
        OptionError
            For options that the kind does not take, and for a covariance that is not defined for
            this fit.
        DataError
            For groups or times that are missing or do not fit the rows; for a single group; for a
            result without its data.
        RankError
            For a row or cluster of leverage one; for outer products of scores that are singular.
        SeparationError, ConvergenceError
            When there is no finite maximum.

        Warns
        -----
        ClusterWarning
            When there are fewer clusters than coefficients, and where clusters say nothing of the
            errors of some; ``cov_notes`` keeps the words.
        ReplicateWarning
            When refits without some unit, or cluster, have no finite estimates.

        References
        ----------
        White, H. (1982). Econometrica 50, 1-25.  MacKinnon, J. G. & White, H. (1985). Journal of
        Econometrics 29, 305-325.  Liang, K.-Y. & Zeger, S. L. (1986). Biometrika 73, 13-22.  Bell,
        R. M. & McCaffrey, D. F. (2002). Survey Methodology 28, 169-181.

        Examples
        --------
        >>> import mnlstat as mn
        >>> res = mn.mnlogit("vote ~ age + educ", mn.datasets.anes96()).fit()
        >>> res.with_cov("cluster", groups="PID").cov_type
        'clustered by PID (7), times G/(G-1)'
        """
        given = (groups, correction, time, lags, use_t, df, unit, refit)
        design = design_of(
            strata, psu, fpc, lonely, nest, subpop, vadjust,
            replicates, method, scale, rscales, rho, mse,
        )  # fmt: skip
        if is_bootstrap(kind):
            return under_replicates(self, kind, (*given, *design.values()))
        options = CovarianceOptions.checked(kind, *given).sampled_by(design)
        if self._keeps(options):
            return self
        self._check_regular(options, "with_cov()")
        return self._covaried(options, "with_cov()")

    def fitted_with(self, options: CovarianceOptions, *, silent: bool = False) -> Self:
        """The same as :meth:`with_cov` for a fit: NaN where there is no such covariance.

        ``silent`` says nothing of separation.
        """
        if self._keeps(options):
            return self
        if self.penalty is not None or self.status.ok or self._of_limit(options):
            self._check_regular(options, "fit()")
            return self._covaried(options, "fit()")
        if self.separated is not None and not silent:
            own = ROBUST_KIND if self.pseudo else OBSERVED
            warn(
                SeparationWarning(
                    "separated",
                    f"cov_type={options.kind!r}: the data are separated; the finite coefficients"
                    " have no such covariance, and standard errors, tests and intervals are NaN.\n"
                    f"With cov_type={own!r} they are those of the limit.",
                )
            )
        said = f"{options.kind}: none, as the fit is not one of a finite maximum"
        return self._under(
            Covariance.unknown(len(self.estimates.values), said), options, self._rows("fit()")
        )

    def _keeps(self, options: CovarianceOptions) -> bool:
        """Whether a separated fit has what is asked for by itself."""
        if self.separated is None or not self.pseudo or self.sample is None:
            return False
        plain = options.correction == STATA and options.unit == ROW and options.use_t is None
        return options.kind == ROBUST_KIND and plain and self.sample.covariance is None

    def _of_limit(self, options: CovarianceOptions) -> bool:
        """Whether it is of the information of the limit, which a separated fit has."""
        limit = self.separated is not None and self.estimates.information_root is not None
        return limit and not self.pseudo and options.kind == OBSERVED

    def _covaried(self, options: CovarianceOptions, caller: str) -> Self:
        """Under the covariance with these options."""
        sample = self._rows(caller)
        root = self.estimates.information_root
        assert root is not None
        if options.unit == TRIAL and self.spec.response.kind == SHARES:
            raise OptionError(
                "covariance-option",
                f"{caller}: unit='trial': shares are not made of trials; a row is the unit.",
            )
        estimated = self._estimated(sample, sample.likelihood, self.estimates.values, root)
        made = maker(self, options, sample, caller)
        covariance = made.told(made(estimated), root, self.estimates.names)
        return self._under(covariance, options, sample)

    def _estimated(
        self,
        sample: Sample,
        likelihood: MultinomialLikelihood,
        params: FloatArray,
        root: FloatArray,
    ) -> Estimated:
        """Estimates of the rows of a sample, as a covariance is made of them."""
        index = None if isinstance(sample.source, Stream) else sample.source.index
        return Estimated(
            likelihood,
            params,
            root,
            self.dropped.used,
            sample.sampling,
            self.pseudo,
            self.spec.response.kind != CHOICE,
            str if index is None else lambda at: labelled(index, at),
        )

    def _under(self, covariance: Covariance, options: CovarianceOptions, sample: Sample) -> Self:
        if options.groups is not None and not isinstance(sample.source, Stream):
            options = replace(options, groups=for_data("groups", options.groups, sample.source))
        if options.time is not None and not isinstance(sample.source, Stream | str):
            options = replace(options, time=for_data("time", options.time, sample.source)[0])
        if options.survey is not None and not isinstance(sample.source, Stream):
            options = replace(options, survey=options.survey.for_data(sample.source))
        return replace(
            self,
            estimates=self.estimates.under(covariance),
            statistics=replace(self.statistics, robust=options.kind not in LIKELIHOOD_KINDS),
            known_turned_back=None,
            sample=replace(
                sample,
                refit=partial(sample.refit, covariance=options),
                covariance=options,
            ),
        )

    def _check_regular(self, options: CovarianceOptions, caller: str) -> None:
        """Refuse what has no covariance but that of its fit."""
        if self.penalty is not None and not (options.of_penalised and self.penalty == JEFFREYS):
            raise OptionError(
                "covariance-penalised",
                f"{caller}: penalised estimates keep the covariance of their fit, as the scores of"
                f" the rows do not sum to zero at them.\n{self._of_penalised(options)}",
            )
        if self._of_limit(options):
            return
        if self.separated is not None:
            raise SeparationError(
                "separated",
                f"{caller}: the data are separated; the standard errors of the finite coefficients"
                " are those of the limit, and have no other form.",
            )
        if not self.status.ok or self.estimates.information_root is None:
            raise ConvergenceError(
                "not-converged", f"{caller}: {self.status.value}; there is no covariance."
            )

    def _of_penalised(self, options: CovarianceOptions) -> str:
        """What to do for another covariance of a penalised fit."""
        if self.penalty == JEFFREYS and options.kind == JACKKNIFE:
            return "Ask for refit=True, or fit without penalty=."
        return "Fit without penalty=."


R = TypeVar("R", bound=Covaried)


def under(result: R, options: CovarianceOptions | None, separation: str = "warn") -> R:
    """A new fit with the covariance that was asked for, if one was."""
    if options is None:
        return result
    return result.fitted_with(options, silent=separation == "ignore")
