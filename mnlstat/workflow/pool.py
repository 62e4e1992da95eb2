"""Multiple imputation: results of several completed data sets, pooled by Rubin's rules."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from numbers import Real
from typing import Any

from mnlstat.errors import ConvergenceError, DataError, OptionError, SeparationError
from mnlstat.inference.degrees import Fixed
from mnlstat.options import named, named_options, shown
from mnlstat.report.effects import Effects
from mnlstat.results import MNLogitResults
from mnlstat.workflow.pooled import PooledResults, imputations
from mnlstat.workflow.pooled_effects import PooledEffects, complete_of, pool_effects

LEAST = 2


@named_options
def pool(results: Any, *, df_complete: float | None = None) -> PooledResults | PooledEffects:
    """Pool the same model of several imputations, or the same effects, by Rubin's rules.

    With estimates ``Q_l`` and covariances ``U_l`` of M imputations: ``Q = mean Q_l``, ``W = mean
    U_l``, ``B = sum (Q_l - Q)(Q_l - Q)' / (M - 1)``, and the covariance of Q is ``T = W + (1 + 1/M)
    B``.  Tests and intervals are by t, with the degrees of freedom of Barnard & Rubin (1999).

    Parameters
    ----------
    results : sequence of MNLogitResults, or of Effects
        Fits of one formula to each of the completed data sets; or what ``margins()``,
        ``comparisons()``, ``average_predictions()`` or ``marginal_means()`` gave for each.
    df_complete : float, optional
        Degrees of freedom if nothing were missing; ``inf`` for those of Rubin (1987).  By default
        those of the covariance where it has some; else n less the estimated coefficients, and for
        effects, which do not know n, ``inf``: the methods of the pooled results do.

    Returns
    -------
    PooledResults
        ``params``, ``bse``, ``fmi``, ``summary()``, ``tidy()``, ``test()`` by D1, D2 and D3,
        ``margins()`` and the like.
    PooledEffects
        A table of effects like that of a single fit.

    Raises
    ------
    OptionError
        For what is neither, for a single imputation, for fits of a ridge, which have no standard
        errors.
    DataError
        When the models differ: formula, outcomes, terms, rows, covariance.
    SeparationError, ConvergenceError
        For a fit without finite estimates, which is named.

    References
    ----------
    Rubin, D. B. (1987). *Multiple Imputation for Nonresponse in Surveys*. Wiley.
    Barnard, J. & Rubin, D. B. (1999). Small-sample degrees of freedom with multiple imputation.
    *Biometrika* 86, 948-955.

    Examples
    --------
    >>> import mnlstat as mn
    >>> import numpy as np
    >>> anes, rng = mn.datasets.anes96(), np.random.default_rng(1)
    >>> lost = rng.random(len(anes)) < 0.2
    >>> fits = []
    >>> for _ in range(5):
    ...     drawn = rng.choice(anes["educ"][~lost], len(anes))
    ...     filled = anes.assign(educ=anes["educ"].where(~lost, drawn))
    ...     fits.append(mn.mnlogit("vote ~ educ + age", filled).fit())
    >>> pooled = mn.pool(fits)
    >>> pooled.m, bool((pooled.bse > fits[0].bse * 0.9).all())
    (5, True)
    """
    given = _listed(results)
    kinds = {type(each) for each in given}
    if all(issubclass(kind, Effects) for kind in kinds):
        complete = complete_of(given) if df_complete is None else _checked(df_complete)
        return pool_effects(given, complete)
    if not all(issubclass(kind, MNLogitResults) for kind in kinds):
        raise OptionError(
            "not-results",
            "pool() takes fitted models of mnlstat, or their effects, all of one kind, not"
            f" {', '.join(sorted(kind.__name__ for kind in kinds))}.",
        )
    fits, notes = _alike(given)
    complete = _complete(fits) if df_complete is None else _checked(df_complete)
    return PooledResults(fits, imputations(fits, complete), notes)


def _listed(results: Any) -> list[Any]:
    """The members, two at least."""
    single = isinstance(results, MNLogitResults | Effects | str)
    given = list(results) if isinstance(results, Iterable) and not single else [results]
    if len(given) < LEAST:
        raise OptionError(
            "too-few-imputations",
            f"pool() takes the results of {LEAST} imputations at least, not {len(given)}: one says"
            " nothing of the variance between them.\nFit the model to each completed data set, and"
            " give a list of all.",
        )
    return given


def _checked(df: Any) -> float:
    if isinstance(df, bool) or not isinstance(df, Real) or not float(df) > 0:
        raise OptionError(
            "not-positive", f"df_complete={shown(df)} must be a number above zero, or inf."
        )
    return float(df)


def _complete(fits: Sequence[MNLogitResults]) -> float:
    """Degrees of freedom of complete data, the least of all fits."""
    found = []
    for res in fits:
        degrees = res.estimates.covariance.degrees
        if degrees is None:
            found.append(float(res.df_resid))
        elif isinstance(degrees, Fixed):
            found.append(degrees.df)
        else:
            found.append(math.nan)
    if not min(found) > 0:
        raise OptionError(
            "df-complete-unknown",
            "pool(): the degrees of freedom of complete data are not a single number above zero"
            f" ({fits[0].cov_type}).\nGive df_complete=, inf for the normal distribution.",
        )
    return min(found)


def _alike(given: Sequence[MNLogitResults]) -> tuple[tuple[MNLogitResults, ...], tuple[str, ...]]:
    """The fits against one base, and what was done to them."""
    first, fits, moved = given[0], [], []
    for at, res in enumerate(given, start=1):
        _check_estimates(res, at)
        if what := _difference(first, res):
            raise DataError(
                "imputations-differ",
                f"pool(): imputation {at} {what}.\nFit one formula to each completed data set, with"
                " the same rows, categories and options.",
            )
        if res.base != first.base:
            moved.append(str(at))
        same = res if res.base == first.base else res.rebase(first.base)
        if (same.estimates.kept != first.estimates.kept).any():
            names = sorted(set(same.aliased) ^ set(first.aliased))
            raise DataError(
                "imputations-differ",
                f"pool(): {', '.join(map(named, names))} is aliased in one of imputations 1 and"
                f" {at}, and not in the other.\nLeave it out of the formula.",
            )
        fits.append(same)
    notes: tuple[str, ...] = ()
    if moved:
        listed = f"Imputation{'s' * (len(moved) > 1)} {', '.join(moved)}"
        notes = (f"{listed} had another base: re-based to {first.base}.",)
    return tuple(fits), notes


def _check_estimates(res: MNLogitResults, at: int) -> None:
    """Refuse a fit without finite estimates, or without their standard errors."""
    if res.shrinkage is not None:
        raise OptionError(
            "no-errors-of-ridge",
            f"pool(): imputation {at} is the fit of a ridge, whose estimates have no standard"
            " errors.\nFit without penalty=, or with 'jeffreys'.",
        )
    if res.separated is not None:
        raise SeparationError(
            "separated",
            f"pool(): the data of imputation {at} are separated: some of its estimates are"
            " infinite.\nMerge rare levels, or fit all imputations with penalty='jeffreys'.",
        )
    if not res.converged or not res.estimates.covariance.known:
        raise ConvergenceError(
            "not-converged", f"pool(): imputation {at} has no standard errors: {res.status}."
        )


def _difference(first: MNLogitResults, res: MNLogitResults) -> str:
    """What differs between two models; empty when nothing does."""
    facts = {
        "formula": (first.formula, res.formula),
        "outcomes": (first.outcomes, res.outcomes),
        "terms": (first.spec.columns, res.spec.columns),
        "number of rows": (first.nobs, res.nobs),
        "penalty": (first.penalty, res.penalty),
        "constraints": (first.constraints, res.constraints),
        "offset": (first.offset, res.offset),
        "covariance": (first.cov_type, res.cov_type),
        "kind of weights": (_kind(first), _kind(res)),
    }
    for name, (one, other) in facts.items():
        if one != other:
            texts = [named(", ".join(map(str, x)) if isinstance(x, tuple) else x) for x in
                     (other, one)]  # fmt: skip
            return f"has another {name} than the first: {texts[0]}, not {texts[1]}"
    return ""


def _kind(res: MNLogitResults) -> str:
    """Frequency or sampling weights; their names and sums may differ where they are imputed."""
    return "no weights" if res.weights is None else res.weights.partition(",")[0]
