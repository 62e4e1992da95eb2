"""The bootstrap of a result."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray
from mnlstat.design.groups import Groups, groups_of
from mnlstat.design.scope import warn
from mnlstat.design.stream import Stream
from mnlstat.errors import (
    ClusterWarning,
    ConvergenceError,
    DataError,
    OptionError,
    ReplicateWarning,
    SeparationError,
    WeightsError,
)
from mnlstat.inference.bootstrap_intervals import acceleration, deletions, summed
from mnlstat.inference.repeated import Replicates, Replicator, replicated
from mnlstat.inference.replicates import Refitter
from mnlstat.inference.studentised import DrawnErrors
from mnlstat.likelihood.penalty import written_out_if_small
from mnlstat.likelihood.ridge import Ridge
from mnlstat.likelihood.units import Units
from mnlstat.options import check_choice, check_count, check_flag, named_options
from mnlstat.report.bootstrap import BAYESIAN, Bootstrap
from mnlstat.results.bootstrap_options import (
    CLUSTER,
    KINDS,
    PAIRS,
    STRATIFIED,
    check_drawn,
    check_replicates,
    check_studentised,
    checked_seed,
)
from mnlstat.results.bootstrapped import check_drawn_differ
from mnlstat.results.profiling import Profiling
from mnlstat.results.progress import replicates_bar
from mnlstat.results.sample import Sample
from mnlstat.rows.grouped import Grouped
from mnlstat.rows.resampled import Draw, Population, clusters, dirichlet, pairs, strata
from mnlstat.rows.rows import Rows
from mnlstat.rows.threads import one_blas_thread

OUTCOMES = np.array(["fitted", "separated", "failed"])


@dataclass(frozen=True, eq=False)
class Drawing:
    """What is drawn, and how.

    Attributes
    ----------
    words : in the words of the summary
    groups : clusters or strata of the rows, if there are any
    notes : what they cannot tell
    """

    population: Population
    draw: Draw
    words: str
    groups: Groups | None = None
    notes: tuple[str, ...] = ()


class Resampling(Profiling):
    """Results that can be fitted again to resampled rows."""

    @named_options
    def bootstrap(
        self,
        n: int = 1000,
        kind: str = PAIRS,
        *,
        groups: Any = None,
        strata: Any = None,
        seed: int | None = None,
        n_workers: int = 1,
        progress: bool = False,
        studentised: bool = False,
    ) -> Bootstrap:
        """Fit the model again to rows drawn with replacement, n times.

        Each replicate starts at the estimate and ends at a certified maximum, or is counted as
        separated (some estimates infinite) or failed.

        Parameters
        ----------
        n : int
            Replicates.
        kind : {"pairs", "cluster", "stratified", "bayesian"}
            Independent rows (of frequency weight f, f of them); whole clusters, ``groups``; rows
            within each stratum, ``strata``; or random weights in place of draws (Rubin 1981).
        groups, strata : str, (rows,) array or Series, optional
            Clusters, or strata: a column of the data, or labels of the rows.
        seed : int, optional
            The same seed gives the same replicates; without one it is taken from the machine, and
            kept in the result.
        n_workers : int
            Threads; they change no bit.
        progress : bool
            Show a bar on standard error, with tqdm where that is installed.
        studentised : bool
            Keep the standard errors of each replicate, by the sandwich of what was drawn, for
            ``conf_int(method="studentised")``; more than doubles the time.

        Returns
        -------
        Bootstrap
            ``estimates`` (a row for each replicate), ``cov()``, ``bse``, ``conf_int(method=)``;
            ``res.with_cov(boot)`` uses its covariance.

        Raises
        ------
        OptionError
            For options that do not go together; for a ridge; for sampling weights.
        DataError
            For groups that do not fit the rows; for data that are read in pieces, or left out.
        RankError
            When all replicates are the same, as with strata of one row.
        SeparationError, ConvergenceError
            When the fit is not one of a finite maximum.

        Warns
        -----
        ReplicateWarning
            When some replicates are separated, or failed.
        ClusterWarning
            When there are fewer clusters than coefficients; ``notes`` keeps the words.

        References
        ----------
        Efron, B. & Tibshirani, R. J. (1993). *An Introduction to the Bootstrap*.
        Davison, A. C. & Hinkley, D. V. (1997). *Bootstrap Methods and their Application*.

        Examples
        --------
        >>> import mnlstat as mn
        >>> res = mn.mnlogit("vote ~ selfLR + age", mn.datasets.anes96()).fit()
        >>> boot = res.bootstrap(200, seed=1)
        >>> boot.conf_int(method="percentile").loc[(1, "selfLR")].between(0.8, 1.6).all().item()
        True
        """
        n, kind = check_count("n", n, 1), check_choice("kind", kind, KINDS)
        workers, progress = check_count("n_workers", n_workers, 1), check_flag("progress", progress)
        studentised = check_flag("studentised", studentised)
        check_drawn(kind, groups, strata)
        if studentised:
            check_studentised(kind, penalised=self.penalty is not None)
        check_replicates(n, len(self.index), studentised=studentised)
        first = checked_seed(seed)
        sample = self._resampled(n)
        drawing = self._drawing(kind, sample, groups if kind == CLUSTER else strata)
        refitter = Refitter(
            sample.likelihood,
            self.estimates.values,
            drawing.population,
            self.constrained,
            self.penalty is not None,
        )
        codes = None if drawing.groups is None else drawing.groups.codes
        errors = DrawnErrors(refitter, codes, kind == CLUSTER) if studentised else None
        replicator = Replicator(refitter, drawing.draw, errors)
        seeds = (np.random.SeedSequence(first, spawn_key=(at,)) for at in range(n))
        with replicates_bar(n, progress) as tick:
            found = replicated(refitter, replicator, seeds, workers, tick)
        boot = self._told(kind, drawing, first, found, sample)
        return boot if errors is None else self._with_errors(boot, errors, found)

    # --- what is drawn ---------------------------------------------------------------------

    def _resampled(self, n: int) -> Sample:
        """The rows; refused where they cannot be drawn from, or there is nothing to estimate."""
        if isinstance(self.penalty, Ridge):
            raise OptionError(
                "no-bootstrap-of-ridge",
                "bootstrap(): estimates of a ridge are shrunk on purpose; their replicates tell how"
                " they scatter, not how far they are off.\nFit without penalty.",
            )
        if self.separated is not None:
            raise SeparationError(
                "separated",
                "bootstrap(): the data are separated, and all replicates would be, too.\n"
                "Fit with penalty='jeffreys', or take conf_int(method='profile').",
            )
        if not self.status.ok:
            raise ConvergenceError(
                "not-converged", f"bootstrap(): {self.status.value}; there is nothing to repeat."
            )
        sample = self._rows("bootstrap()")
        if isinstance(sample.source, Stream):
            raise DataError(
                "read-in-pieces",
                "bootstrap() draws rows in memory, and this model was fitted to data that are read"
                " in pieces.\nFit a frame; or ask for with_cov('robust').",
            )
        if sample.sampling:
            raise OptionError(
                "bootstrap-needs-units",
                "bootstrap(): rows with sampling weights are no draws with equal chances; they need"
                " a bootstrap of the survey design.\nAsk for with_cov('robust') or 'cluster'.",
            )
        return replace(sample, likelihood=written_out_if_small(sample.likelihood))

    def _drawing(self, kind: str, sample: Sample, given: Any) -> Drawing:
        rows = sample.likelihood.rows
        if not isinstance(rows, Rows) or isinstance(rows.matrix, Grouped):
            raise DataError(
                "too-large",
                "bootstrap(): the design with all its columns is too large to be drawn from.\n"
                "Merge levels, or ask for with_cov('robust').",
            )
        population = Population.of(rows, equal_as_one=kind in (PAIRS, BAYESIAN))
        if kind in (PAIRS, STRATIFIED) and not population.whole:
            raise WeightsError(
                "weights-count-nothing",
                "bootstrap(): frequency weights that are not whole numbers do not say how many"
                " rows there are to draw.\nAsk for kind='bayesian'.",
            )
        if kind == BAYESIAN:
            return Drawing(population, dirichlet(population), "random weights of rows")
        if kind == PAIRS:
            return Drawing(population, pairs(population), "rows with replacement")
        option = "groups" if kind == CLUSTER else "strata"
        assert not isinstance(sample.source, Stream)
        ways = groups_of(given, sample.source, option)
        if len(ways) > 1:
            raise OptionError(
                "bootstrap-one-way",
                f"bootstrap(): {option}= takes one way, not {len(ways)}; with_cov('cluster') takes"
                " several.",
            )
        (found,) = ways
        if kind == CLUSTER:
            draw, said = clusters(population, found.codes, len(found)), found.named("clusters")
            words = f"{said} ({len(found)})"
            return Drawing(population, draw, words, found, self._few(found))
        draw = strata(population, found.codes, len(found))
        return Drawing(population, draw, f"rows within {found.name} ({len(found)})", found)

    def _few(self, groups: Groups) -> tuple[str, ...]:
        """Of fewer clusters than coefficients there is a warning, and a note."""
        if len(groups) >= self.n_parameters:
            return ()
        found = (
            f"bootstrap(): {len(groups)} {groups.named('clusters')} for {self.n_parameters}"
            " coefficients: few replicates differ much, and standard errors may be far too small."
        )
        cure = "Test by t with 'CR2', with_cov('CR2', groups=...)."
        warn(ClusterWarning("few-clusters", f"{found}\n{cure}"))
        return (found,)

    # --- what came of it -------------------------------------------------------------------

    def _told(
        self,
        kind: str,
        drawing: Drawing,
        seed: int,
        found: Replicates,
        sample: Sample,
    ) -> Bootstrap:
        full = self._across(found.estimates)
        boot = Bootstrap(
            kind,
            drawing.words,
            seed,
            self.base,
            self.params,
            full,
            pd.Series(OUTCOMES[found.ended], name="outcome"),
            None if kind == BAYESIAN else self._acceleration(kind, drawing, sample),
            notes=drawing.notes,
        )
        check_drawn_differ(boot, self.estimates.information_root)
        if found.ended.any():
            warn(
                ReplicateWarning(
                    "replicates-without-estimate",
                    f"bootstrap(): of {boot.n} replicates {boot.told}.\nStandard errors are those"
                    " of the fitted ones, and too small where others are many; percentiles count"
                    " the separated.",
                )
            )
        return boot

    def _with_errors(self, boot: Bootstrap, errors: DrawnErrors, found: Replicates) -> Bootstrap:
        """With standard errors, of the replicates and of the estimates, by the same formula."""
        assert found.errors is not None
        mass, estimates = errors.refitter.population.mass, self.estimates
        with one_blas_thread():
            own = errors(mass, estimates.values)
        drawn = found.errors
        if estimates.constrained:  # the rounding of what constraints fix is no error
            fixed = estimates.covariance.standard_errors() == 0
            own[fixed] = 0.0
            drawn = np.where(fixed & np.isfinite(found.estimates), 0.0, drawn)
        return replace(
            boot,
            std_errors=self._across(drawn),
            sandwich=estimates.series(own, "std_error"),
        )

    def _across(self, values: FloatArray) -> pd.DataFrame:
        """Values (n, p) of the estimated coefficients under the full index."""
        full = np.full((len(values), len(self.index)), np.nan)
        full[:, self.estimates.kept] = values
        return pd.DataFrame(full, columns=self.index)

    def _acceleration(self, kind: str, drawing: Drawing, sample: Sample) -> FloatArray | None:
        """From one-step deletions; None where the information is not known."""
        root = self.estimates.information_root
        if root is None:
            return None
        likelihood, values = sample.likelihood, self.estimates.values
        if kind == PAIRS:
            rows = replace(drawing.population.rows, weights=drawing.population.mass)
            likelihood = replace(likelihood, rows=rows, known=None)
        n = likelihood.n_rows
        units = Units.of(likelihood, values, root, n=n, sampling=False, trials=False)
        parts, mass, p = deletions(units), drawing.population.mass, len(values)
        if drawing.groups is None:
            return acceleration(parts, mass, p)
        codes, G = drawing.groups.codes, len(drawing.groups)
        if kind == STRATIFIED:
            return acceleration(parts, mass, p, codes)
        changes = summed(parts, mass, codes, G, p)
        return acceleration([(slice(0, G), changes)], np.ones(G), p)
