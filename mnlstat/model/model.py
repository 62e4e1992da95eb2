"""The model: a specification, its likelihood, and the fit."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray
from mnlstat.design.aliasing import Aliasing
from mnlstat.design.dialect import in_python
from mnlstat.design.matrices import prepare_arrays
from mnlstat.design.prepared import Prepared
from mnlstat.design.scope import caller_scope, warn
from mnlstat.design.sides import split_formula
from mnlstat.design.spec import DesignSpec
from mnlstat.design.stream import PreparedStream
from mnlstat.design.update import expand_update
from mnlstat.design.weights import FREQUENCY, Weighting
from mnlstat.errors import FormulaError, MissingDataWarning
from mnlstat.inference.cov_options import CovarianceOptions
from mnlstat.inference.estimates import ParameterLabels
from mnlstat.inference.separated import SeparationReport
from mnlstat.inference.survey_options import design_of
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.likelihood.ridge import Ridge
from mnlstat.model.again import kept_by_update, prepared_again
from mnlstat.model.checkpoint import Checkpoint, fingerprint
from mnlstat.model.choices import CHOICES, Choices
from mnlstat.model.constrained import (
    check_constrained,
    constrained_optimum,
    learned_constraints,
)
from mnlstat.model.fitting import checked_start, result_of, warn_of
from mnlstat.model.identify import identified
from mnlstat.model.penalised import TOLERANCE, check_penalised
from mnlstat.model.ridge import penalised_fit
from mnlstat.model.specified import specified
from mnlstat.model.watching import watching
from mnlstat.optimize.limit import limit_of
from mnlstat.optimize.newton import maximise
from mnlstat.optimize.optimum import Status
from mnlstat.options import (
    check_choice,
    check_count,
    check_flag,
    check_options,
    check_positive,
    named_options,
)
from mnlstat.results import MNLogitResults
from mnlstat.results.covaried import under
from mnlstat.results.searched import refuse_constrained, searched
from mnlstat.rows.threads import one_blas_thread


class MNLogit:
    """Multinomial (baseline-category) logit model of arrays; formulas: :func:`mnlogit`.

    Parameters
    ----------
    y : (n,) array or Series
        Outcomes: text, categories, booleans or whole numbers.
    X : (n, k) array or DataFrame
        Predictors; a constant is not added.
    base, missing, rank, rank_tol, n_threads
        As for :func:`mnlogit`.
    freq_weights, sampling_weights : (n,) array or Series, optional
        As for :func:`mnlogit`.
    offset : (n, J) array or table, optional
        As for :func:`mnlogit`.
    constraints, parallel
        As for :func:`mnlogit`.

    Attributes
    ----------
    likelihood : MultinomialLikelihood
        Log-likelihood, score and Hessian of the kept columns, as functions of the parameters.
    spec : DesignSpec
        What the formula learned from the data.
    aliasing : Aliasing
        Columns that are combinations of others.

    Examples
    --------
    >>> import mnlstat as mn
    >>> anes = mn.datasets.anes96()
    >>> model = mn.MNLogit(anes["vote"], anes[["selfLR", "age"]].assign(const=1.0))
    >>> model.fit().params.index.get_level_values("term").tolist()
    ['selfLR', 'age', 'const']
    """

    likelihood: MultinomialLikelihood
    spec: DesignSpec
    aliasing: Aliasing

    @named_options
    def __init__(
        self,
        y: Any,
        X: Any,
        *,
        base: Any = None,
        missing: str = "drop",
        rank: str = "drop",
        rank_tol: float = 1e-9,
        n_threads: int | None = None,
        freq_weights: Any = None,
        sampling_weights: Any = None,
        offset: Any = None,
        constraints: Any = None,
        parallel: Any = None,
    ) -> None:
        choices = Choices.checked(
            missing,
            rank,
            rank_tol,
            n_threads,
            freq_weights,
            sampling_weights,
            offset,
            constraints=constraints,
            parallel=parallel,
        )
        weighting = choices.weighting
        prepared = prepare_arrays(
            y, X, base=base, missing=missing, weighting=weighting, offset=offset
        )
        self._specify(prepared, choices)

    @classmethod
    @named_options
    def from_formula(cls, formula: str, data: Any, **options: Any) -> MNLogit:
        """The same as :func:`mnlogit`, under the name that statsmodels uses."""
        check_options("from_formula", options, ["formula", "data", "base", *CHOICES])
        base = options.pop("base", None)
        return cls.specified(formula, data, base, Choices.checked(**options))

    @classmethod
    def specified(cls, formula: str, data: Any, base: Any, choices: Choices) -> MNLogit:
        """The model of a formula with all its options checked."""
        return cls._of(specified(formula, data, base, choices, caller_scope()), choices)

    @classmethod
    def _of(cls, prepared: Prepared | PreparedStream, choices: Choices) -> MNLogit:
        model = cls.__new__(cls)
        model._specify(prepared, choices)
        return model

    @one_blas_thread()
    def _specify(self, prepared: Prepared | PreparedStream, choices: Choices) -> None:
        self._choices = choices
        self._prepared = prepared
        self.spec = prepared.spec
        response = self.spec.response
        self._labels = ParameterLabels(response.labels, response.base, self.spec.columns)
        self.likelihood, self.aliasing = identified(
            prepared, choices.rank, choices.rank_tol, choices.n_threads
        )
        self._constraints = learned_constraints(choices, self.spec, self._labels, self.aliasing)

    @property
    def formula(self) -> str:
        """The formula as it was written."""
        return self.spec.formula

    @property
    def outcomes(self) -> tuple[Any, ...]:
        """Labels of the outcomes, in order."""
        return self.spec.response.labels

    @property
    def weighting(self) -> Weighting | None:
        """The weights as they were given, if there are any."""
        return self._choices.weighting

    @property
    def base(self) -> Any:
        """The outcome that all coefficients are against."""
        return self.spec.response.base_label

    @property
    def index(self) -> pd.MultiIndex:
        """(outcome, term) of every coefficient, aliased ones included."""
        return self._labels.index

    def __repr__(self) -> str:
        return f"<MNLogit {self.formula!r}, n = {self._prepared.dropped.used}, base {self.base!r}>"

    @named_options
    @one_blas_thread()
    def fit(
        self,
        *,
        start_params: Any = None,
        maxiter: int = 100,
        tol: float = TOLERANCE,
        verbose: bool = False,
        progress: bool = False,
        checkpoint: Any = None,
        separation: str = "warn",
        penalty: str | Ridge | None = None,
        cov_type: str | None = None,
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
    ) -> MNLogitResults:
        """Maximise the likelihood and infer.

        Parameters
        ----------
        start_params : (p,) array or Series, optional
            Where to start, in the order of ``index``; replaced by the null model, the default,
            when that has the higher log-likelihood.
        maxiter : int
            Largest number of Newton steps before the stopping rules hold.  On large data the
            passes that lead near the maximum first do not count.
        tol : float
            The gain in log-likelihood still to be had, relative to ``1 + |l|``, at which the
            iteration stops; it then goes on until rounding ends it.
        verbose : bool
            Write a line to standard output after each pass over rows; ``res.trace`` keeps them.
        progress : bool
            Show a bar on standard error while it runs, with tqdm where that is installed.
        checkpoint : str or Path, optional
            A file to write after each pass over all rows, and to remove at the end.  Where it is
            there already, the fit goes on from it and ends with the same bits as without a break.
        separation : {"warn", "error", "ignore"}
            What to do when coefficients are infinite because columns predict outcomes perfectly:
            the result then holds the supremum of the log-likelihood, infinite estimates, and those
            of the others in the limit.
        penalty : {None, "jeffreys"} or Ridge
            "jeffreys" maximises ``l + 1/2 log|I|`` (Firth 1993; Kosmidis & Firth 2011): the bias of
            the estimates is less, and they are finite also where the data are separated.
            ``Ridge(lambda_)`` shrinks them by a quadratic penalty that does not depend on the base;
            they then have no standard errors, tests or intervals.
        cov_type : str, optional
            The covariance of the estimates, and with it its options, from ``groups`` to ``mse``,
            as :meth:`MNLogitResults.with_cov` takes them; by default the inverse of the observed
            information, and the robust sandwich of a pseudo-likelihood.

        Returns
        -------
        MNLogitResults

        Raises
        ------
        OptionError
            For a value that cannot be honoured.
        DataError
            When a column is so small that its coefficient cannot be represented; when the
            checkpoint is that of another model or other data.
        FileFormatError
            When the checkpoint is damaged, or none.
        SeparationError
            With ``separation="error"``, when the data are separated or may be.

        Warns
        -----
        ConvergenceWarning, SeparationWarning
            The result then says so in its status, and has no standard errors.
        """
        clock = perf_counter
        began = clock()
        check_choice("separation", separation, ("warn", "error", "ignore"))
        start = checked_start(start_params, self.likelihood, self._labels)
        maxiter, tol = check_count("maxiter", maxiter), check_positive("tol", tol)
        verbose, progress = check_flag("verbose", verbose), check_flag("progress", progress)
        covariance = CovarianceOptions.of_fit(
            cov_type,
            penalty,
            groups=groups,
            correction=correction,
            time=time,
            lags=lags,
            use_t=use_t,
            df=df,
            unit=unit,
            refit=refit,
            design=design_of(
                strata, psu, fpc, lonely, nest, subpop, vadjust,
                replicates, method, scale, rscales, rho, mse,
            ),
        )  # fmt: skip
        if self._constraints is not None:
            check_constrained(penalty, checkpoint)
            watched = (verbose, progress)
            result = self._fit_constrained(start, maxiter, tol, watched, separation)
            return under(result, covariance)
        if penalty is not None:
            check_penalised(penalty, tol, checkpoint, self.spec.response)
            watch_so = (verbose, progress)
            result = self._fit_penalised(penalty, start, maxiter, tol, watch_so, separation)
            return under(result, covariance)
        keeper = None if checkpoint is None else self._checkpoint(checkpoint, start)
        with watching(verbose, progress) as watch:
            optimum = maximise(
                self.likelihood, start=start, maxiter=maxiter, tol=tol, watch=watch, keeper=keeper
            )
        limit = None
        if optimum.status is Status.NOT_CERTIFIED:
            limit = limit_of(self.likelihood, optimum)
            optimum = optimum if limit is None else limit.optimum
        fitted = clock()
        result = result_of(
            self._prepared,
            self.likelihood,
            self.aliasing,
            optimum,
            partial(self._refit, separation=separation),
            None if limit is None else limit.separation,
        )
        if keeper is not None:
            keeper.finish()
        warn_of(optimum, result, separation)
        result = under(result, covariance, separation)
        return replace(result, times={"fit": fitted - began, "inference": clock() - fitted})

    def _fit_penalised(
        self,
        penalty: str | Ridge,
        start: FloatArray | None,
        maxiter: int,
        tol: float,
        watch: tuple[bool, bool],
        separation: str,
    ) -> MNLogitResults:
        """Maximise a penalised likelihood."""
        began = perf_counter()
        with watching(*watch) as watcher:
            fit = penalised_fit(self, penalty, start, maxiter, tol, watcher)
        fitted = perf_counter()
        refit = partial(self._refit, penalty=penalty, separation=separation)
        result = result_of(self._prepared, self.likelihood, self.aliasing, fit.optimum, refit)
        times = {"fit": fitted - began, "inference": perf_counter() - fitted}
        result = replace(fit.described(result), penalty=penalty, times=times)
        warn_of(fit.optimum, result, separation)
        return result

    def _fit_constrained(
        self,
        start: FloatArray | None,
        maxiter: int,
        tol: float,
        watch: tuple[bool, bool],
        separation: str,
    ) -> MNLogitResults:
        """Maximise the likelihood under linear constraints."""
        began = perf_counter()
        constraints = self._constraints
        assert constraints is not None
        with watching(*watch) as watcher:
            optimum = constrained_optimum(
                self.likelihood, constraints, start, maxiter, tol, watcher
            )
        fitted = perf_counter()
        result = result_of(
            self._prepared,
            self.likelihood,
            self.aliasing,
            optimum,
            partial(self._refit, separation=separation),
            constraints=constraints,
        )
        warn_of(optimum, result, separation)
        times = {"fit": fitted - began, "inference": perf_counter() - fitted}
        return replace(result, times=times)

    @named_options
    def separation(self) -> SeparationReport:
        """Look for separation.

        A combination of columns that predicts outcomes perfectly leaves the likelihood without a
        finite maximum (Albert & Anderson 1984, Biometrika 71, 1-10).  What is found is verified in
        exact arithmetic.

        Returns
        -------
        SeparationReport
            Its kind, and for each coefficient whether it is finite, +inf, -inf or undetermined.

        Raises
        ------
        DataError
            When a finite maximum is not certain, and the rows are read in pieces, or rows or
            coefficients are too many.
        """
        refuse_constrained(self._constraints)
        kept = np.tile(self.aliasing.kept, len(self.outcomes) - 1)
        weighting = self._choices.weighting
        whole_rows = weighting is None or weighting.kind == FREQUENCY
        return searched(self.likelihood, self._labels, kept, whole_rows=whole_rows)

    def _checkpoint(self, path: Any, start: FloatArray | None) -> Checkpoint:
        """The checkpoint in a file, which must be of this model and these data."""
        said = [self.formula, self.outcomes, self.base, self.spec.columns, self.aliasing.names]
        return Checkpoint(path, fingerprint(said, self.likelihood, start))

    def _refit(
        self,
        formula: str,
        scope: dict[str, Any],
        base: Any,
        penalty: str | Ridge | None = None,
        separation: str = "warn",
        covariance: CovarianceOptions | None = None,
    ) -> MNLogitResults:
        """Fit another formula to the rows of this model; names of the old one keep their values.

        ``base`` is kept unless the response changes: another one begins with its own first.
        """
        if self.spec.takes_arrays:
            raise FormulaError(
                "update-needs-formula",
                "update() needs a model given by a formula; this one was given arrays.\n"
                "Specify it by mnlogit(formula, data).",
            )
        known = {each.name: each.value for each in self.spec.outside}
        wanted = expand_update(self.formula, in_python(formula, self._prepared.columns))
        same = split_formula(wanted).left == split_formula(self.formula).left
        options: dict[str, Any] = {
            "missing": self._choices.missing,
            "scope": scope | known,
            "weighting": self._choices.weighting,
            "offset": self._choices.offset,
        }
        # constraints and offsets speak of coefficients against the base that the model had
        wished, base = base, self.base
        with kept_by_update("offset"):
            prepared = prepared_again(self._prepared, wanted, base if same else None, options)
        if prepared.dropped.total:
            warn(
                MissingDataWarning(
                    "rows-differ",
                    f"update(): {prepared.dropped.total} of the {prepared.dropped.rows} rows of the"
                    " former fit miss something the new formula reads.\nThe log-likelihoods are of"
                    " different rows and cannot be compared.",
                )
            )
        dropped = prepared.dropped.after(self._prepared.dropped)
        with kept_by_update("constraints"):
            model = MNLogit._of(replace(prepared, dropped=dropped), self._choices)
        with kept_by_update("penalty"):
            fitted = model.fit(penalty=penalty, separation=separation)
        fitted = under(fitted, covariance, separation)
        return fitted.rebase(wished) if same and wished != fitted.base else fitted
