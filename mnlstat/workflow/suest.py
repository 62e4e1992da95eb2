"""Several fits of the same rows under one covariance, for tests across models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray
from mnlstat.design.groups import Groups, groups_of
from mnlstat.errors import ConvergenceError, OptionError, RankError, SeparationError
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.distributions import normal_quantile, two_sided_p
from mnlstat.inference.hypotheses import TestResult
from mnlstat.inference.no_variance import rounding
from mnlstat.inference.stacked import Stacked, stacked_sandwich
from mnlstat.likelihood.units import Units
from mnlstat.options import check_alpha, named_options, shown
from mnlstat.results import MNLogitResults
from mnlstat.results.few_clusters import told_of_few, told_of_none
from mnlstat.workflow.same_data import same_data
from mnlstat.workflow.same_rows import check_results

# Covariances of a fit that the joint robust one stands for.
KEPT = ("observed information", "robust sandwich")


@dataclass(frozen=True, eq=False)
class SuestResults:
    """Coefficients of several models with their joint covariance.

    Everything about coefficients has one index, (model, outcome, term); those of aliased columns
    are NaN.

    Attributes
    ----------
    models : names of the models
    results : the fits, in the same order
    cov_type : how the covariance was estimated
    """

    models: tuple[str, ...]
    results: tuple[MNLogitResults, ...]
    stacked: Stacked

    @property
    def cov_type(self) -> str:
        """How the covariance was estimated."""
        return self.stacked.covariance.kind

    @property
    def cov_notes(self) -> tuple[str, ...]:
        """What clusters cannot tell."""
        return self.stacked.covariance.notes

    @property
    def index(self) -> pd.MultiIndex:
        """(model, outcome, term) of every coefficient."""
        return self.stacked.index

    @property
    def params(self) -> pd.Series:
        """The coefficients, as in each fit."""
        return self.stacked.series(self.stacked.values, "estimate")

    @property
    def bse(self) -> pd.Series:
        """Robust standard errors."""
        errors = self.stacked.covariance.standard_errors()
        return self.stacked.series(errors, "std_error")

    @property
    def tvalues(self) -> pd.Series:
        """``params / bse``; NaN of coefficients that constraints fix."""
        return (self.params / self.bse.where(self.bse > 0)).rename("statistic")

    @property
    def pvalues(self) -> pd.Series:
        """Two-sided tail areas of the standard normal distribution."""
        return pd.Series(two_sided_p(self.tvalues, None), index=self.index, name="p_value")

    def cov_params(self) -> pd.DataFrame:
        """The joint covariance matrix."""
        return self.stacked.matrix()

    @named_options
    def conf_int(self, alpha: float = 0.05) -> pd.DataFrame:
        """Wald intervals: columns conf_low, conf_high."""
        reach = normal_quantile(check_alpha(alpha)) * self.bse
        return pd.DataFrame({"conf_low": self.params - reach, "conf_high": self.params + reach})

    @named_options
    def tidy(self, alpha: float = 0.05) -> pd.DataFrame:
        """One row per coefficient.

        Columns model, outcome, term, estimate, std_error, statistic, p_value, conf_low, conf_high.
        """
        columns = [self.params, self.bse, self.tvalues, self.pvalues, self.conf_int(alpha)]
        return pd.concat(columns, axis=1).reset_index()

    @named_options
    def test(self, hypothesis: Any, value: Any = None) -> TestResult:
        """Wald test of linear restrictions within and across models.

        Parameters
        ----------
        hypothesis : str, sequence of str, array or DataFrame
            In words, ``"m1/car:income = m2/car:income"``, coefficients being named
            ``model/outcome:term``; or R (m, p) in the order of ``params``, or a pair (R, r).
        value : (m,) array or float, optional
            r, when R is given; zero by default.

        Raises
        ------
        OptionError
            When the hypothesis cannot be read or has the wrong shape.
        RankError
            When restrictions depend on each other, concern an aliased coefficient, or compare what
            is the same in both models.
        """
        return self.stacked.test(hypothesis, value)

    def __str__(self) -> str:
        lines = [
            f"{name}: {res.formula} (base {res.base})"
            for name, res in zip(self.models, self.results, strict=True)
        ]
        frame = self.tidy().round(5).to_string(index=False)
        notes = [f"* {note}" for note in self.cov_notes]
        title = f"Seemingly unrelated estimation, {self.cov_type}"
        return "\n".join([title, *lines, frame, *notes])


@named_options
def suest(
    results: Sequence[MNLogitResults] | Mapping[str, MNLogitResults],
    *,
    names: Sequence[str] | None = None,
    groups: Any = None,
) -> SuestResults:
    """Stack the scores of several fits of the same rows: their joint robust covariance.

    ``V = c F (sum_i t_i t_i') F'``, with ``t_i`` the scores of row i in all models, one after the
    other: in the blocks of one model it is that model's robust covariance, between models it is
    what tests across models need.

    Parameters
    ----------
    results : sequence of MNLogitResults, or mapping from names to them
        Fits of any formulas, outcomes and bases to the same rows of the same data, with the same
        weights.
    names : sequence of str, optional
        Of the models; "m1", "m2", ... by default.
    groups : str, (rows,) array or Series, optional
        Clusters, as ``with_cov`` takes them: ``c = G/(G-1)``; without them ``n/(n-1)``.

    Returns
    -------
    SuestResults
        ``params``, ``cov_params()``, ``test("m1/car:income = m2/car:income")``.

    Raises
    ------
    OptionError
        For penalised fits, names that are not there or not once, two kinds of weights.
    DataError
        When the rows differ, are read in pieces or are not there.
    SeparationError, ConvergenceError
        When a fit has no finite maximum.

    Warns
    -----
    ClusterWarning
        When there are fewer clusters than coefficients, and where they say nothing of the errors
        of some; ``cov_notes`` keeps the words.

    References
    ----------
    Weesie, J. (1999). Seemingly unrelated estimation and the cluster-adjusted sandwich estimator.
    Stata Technical Bulletin 52, 34-47.

    Examples
    --------
    >>> import mnlstat as mn
    >>> anes = mn.datasets.anes96()
    >>> small = mn.mnlogit("PID ~ age", anes).fit()
    >>> large = mn.mnlogit("PID ~ age + educ", anes).fit()
    >>> joint = mn.suest([small, large], names=["small", "large"])
    >>> joint.test("small/p6:age = large/p6:age").df
    1
    """
    if isinstance(results, Mapping):
        if names is not None:
            raise OptionError("suest-models", "suest(): names= are given, and so are the keys.")
        names, results = list(results), list(results.values())
    if isinstance(results, MNLogitResults):
        results = [results]
    fits = tuple(results) if isinstance(results, Sequence) else (results,)
    check_results("suest", fits)
    called = _names(names, len(fits))
    for name, res in zip(called, fits, strict=True):
        _check(name, res)
    source = same_data("suest", called, fits)
    found = None if groups is None else groups_of(groups, source)
    if found is not None and len(found) > 1:
        raise OptionError("suest-models", f"suest(): groups= are of one way, not {len(found)}.")
    clusters = None if found is None else found[0]
    codes = None if clusters is None else clusters.codes
    covariance = stacked_sandwich(called, [_units(res) for res in fits], codes, _said(clusters))
    if clusters is not None:
        covariance = _told(covariance, called, fits, clusters)
    stacked = Stacked.of(called, [res.estimates for res in fits], covariance)
    return SuestResults(called, fits, stacked)


def _told(
    covariance: Covariance,
    called: Sequence[str],
    fits: Sequence[MNLogitResults],
    clusters: Groups,
) -> Covariance:
    """The covariance with notes of what clusters cannot tell, of which there are warnings."""
    few, cure = (len(clusters), clusters.named("clusters")), "Test few restrictions at a time."
    notes, start = list(covariance.notes), 0
    for model, res in zip(called, fits, strict=True):
        root = res.estimates.information_root
        assert root is not None
        names = [f"{model}/{name}" for name in res.estimates.names]
        own = covariance.root[start : start + len(root)]
        _check_errors(own, root, names, covariance.kind)
        notes += told_of_few(*few, root.shape[1], cure, f"{model}: ")
        notes += told_of_none(root, own, names, covariance.kind, "cluster")
        start += len(root)
    return replace(covariance, notes=tuple(notes))


def _check_errors(own: FloatArray, root: FloatArray, names: Sequence[str], kind: str) -> None:
    """Refuse standard errors that are rounding."""
    if (none := np.flatnonzero(rounding(None, root, own))).size:
        raise RankError(
            "no-variance-of-clusters",
            f"suest(): {kind}: it says nothing of the errors of {names[none[0]]}: scores sum to"
            " zero in every cluster.\nLeave indicators of clusters out of the formula.",
        )


def _said(clusters: Groups | None) -> str:
    if clusters is None:
        return "robust sandwich of stacked scores, times n/(n-1)"
    return (
        f"sandwich of stacked scores, clustered by {clusters.name} ({len(clusters)}), times G/(G-1)"
    )


def _names(names: Sequence[str] | None, n: int) -> tuple[str, ...]:
    if names is None:
        return tuple(f"m{at + 1}" for at in range(n))
    if isinstance(names, str) or not isinstance(names, Sequence):
        raise OptionError("suest-models", f"suest(): names={shown(names)} must be a list of texts.")
    called = tuple(names)
    if len(called) != n or len(set(called)) != n:
        raise OptionError(
            "suest-models", f"suest(): names={shown(names)} must be {n} different ones."
        )
    if not all(isinstance(name, str) and name.strip() for name in called):
        raise OptionError("suest-models", f"suest(): names={shown(names)} must be text.")
    return called


def _check(name: str, res: MNLogitResults) -> None:
    """Refuse a fit without a robust covariance."""
    if res.penalty is not None:
        raise OptionError(
            "suest-models",
            f"suest(): {name} is penalised: the scores of its rows do not sum to zero.\n"
            "Fit without penalty=.",
        )
    if res.separated is not None:
        raise SeparationError(
            "separated", f"suest(): {name} is of separated data: it has no finite maximum."
        )
    if not res.converged or res.estimates.information_root is None:
        raise ConvergenceError("not-converged", f"suest(): {name}: {res.status}.")
    if not res.cov_type.startswith(KEPT):
        raise OptionError(
            "suest-covariance",
            f"suest(): {name} has the covariance {res.cov_type!r}, which the joint one would not"
            " keep.\nTake res.with_cov('robust') first; clusters are given here, by groups=.",
        )


def _units(res: MNLogitResults) -> Units:
    sample, root = res.sample, res.estimates.information_root
    assert sample is not None
    assert root is not None
    return Units.of(
        sample.likelihood,
        res.estimates.values,
        root,
        n=res.dropped.used,
        sampling=sample.sampling,
        trials=False,
    )
