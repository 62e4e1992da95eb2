"""From an optimum to a result, and the warnings that go with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray
from mnlstat.design.aliasing import Aliasing
from mnlstat.design.prepared import Prepared
from mnlstat.design.response import CHOICE, SHARES, Response
from mnlstat.design.scope import warn
from mnlstat.design.stream import PreparedStream
from mnlstat.errors import (
    ConditionWarning,
    ConvergenceWarning,
    DataError,
    OptionError,
    SeparationError,
    SeparationWarning,
)
from mnlstat.inference.constraints import Constraints
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.estimates import Estimates, ParameterLabels
from mnlstat.inference.fit_statistics import FitStatistics, null_loglike
from mnlstat.inference.infinity import Infinity
from mnlstat.inference.sandwich import ROBUST, pseudo_covariance, without_residuals
from mnlstat.inference.separated import CURES, KINDS, MOST_SENTENCES, report_of
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.optimize.newton import maximise
from mnlstat.optimize.optimum import Optimum, Status
from mnlstat.optimize.separation import Separation
from mnlstat.options import named
from mnlstat.results import MNLogitResults, Sample
from mnlstat.rows.constants import constants_of
from mnlstat.rows.rows import Rows

OBSERVED_INFORMATION = Covariance.OBSERVED
EXACT_FIT = (
    "Each row is fitted exactly, so that scores are zero: a sandwich says nothing of the errors of"
    " the estimates, and standard errors are NaN."
)
EXACT_CURE = "Leave out terms, or give more rows: there are as many coefficients as data."
ADVICE = {
    Status.MAXITER: "Raise maxiter, or look at res.trace.",
    Status.STALLED: "Look at res.trace.",
    Status.SINGULAR: "Leave out terms that the data do not identify.",
    Status.NOT_CERTIFIED: (
        "Look for terms that predict an outcome perfectly: merge levels, or leave them out."
    ),
}
BLANK = "Standard errors, tests and intervals are NaN."


def checked_start(
    start: Any, likelihood: MultinomialLikelihood, labels: ParameterLabels
) -> FloatArray | None:
    """The start as a vector (p,) of the kept coefficients; a Series is lined up by its index."""
    if start is None:
        return None
    index = labels.index
    if isinstance(start, pd.Series) and not start.index.equals(index):
        matches = len(start) == len(index) and start.index.is_unique
        if not matches or not start.index.isin(index).all():
            raise OptionError(
                "index-differs", "start_params is a Series whose index is not that of the model."
            )
        start = start.reindex(index)
    try:
        vector = likelihood.coefficients(start).ravel()
    except DataError as error:
        raise OptionError(error.code, f"start_params: {error.message}") from error
    if not np.isfinite(vector).all():
        where = index[np.flatnonzero(~np.isfinite(vector))[0]]
        raise OptionError(
            "not-finite", f"start_params is infinite or missing, first for {_coefficient(where)}."
        )
    return vector


def result_of(
    prepared: Prepared | PreparedStream,
    likelihood: MultinomialLikelihood,
    aliasing: Aliasing,
    optimum: Optimum,
    refit: Any,
    separation: Separation | None = None,
    constraints: Constraints | None = None,
) -> MNLogitResults:
    """The result of a maximisation; with ``separation`` of one in the limit."""
    spec, response = prepared.spec, prepared.spec.response
    p = len(optimum.params) - (0 if constraints is None else len(constraints))
    codes = prepared.codes if isinstance(prepared, Prepared) else None
    totals = likelihood.rows.outcome_totals()
    constant = likelihood.geometry.constant
    bound = 0 if constraints is None else constraints.bound_constants(constant)
    weights = prepared.weights
    sampling = weights is not None and not weights.is_frequency
    pseudo = sampling or response.kind == SHARES
    n = prepared.dropped.used
    covariance = _covariance(optimum, likelihood, sampling, pseudo, separation, n)
    seen = prepared.rows_of_outcomes if sampling else totals
    infinity = None if separation is None else Infinity.of(separation)
    if constraints is not None and not pseudo:
        covariance = replace(covariance, kind=f"{OBSERVED_INFORMATION}, constrained")
    estimates = Estimates(
        ParameterLabels(response.labels, response.base, spec.columns),
        np.tile(aliasing.kept, len(response.labels) - 1),
        optimum.params,
        covariance,
        infinity,
        constraints is not None,
        None if covariance.kind == Covariance.OBSERVED else optimum.root,
    )
    _check_representable(estimates, optimum, aliasing)
    return MNLogitResults(
        spec=spec,
        dropped=prepared.dropped,
        notes=prepared.notes,
        aliasing=aliasing,
        condition_number=likelihood.geometry.condition_number,
        statistics=FitStatistics(
            llf=optimum.value,
            llnull=null_value(likelihood, totals),
            nobs=_nobs(likelihood, response, seen, sampling),
            p=p,
            q=len(response.labels) - 1 - bound,
            constant=constant is not None,
            at_maximum=optimum.status.ok or separation is not None,
            pseudo=pseudo,
            nested=constraints is None or not (bound or constraints.r.any()),
        ),
        optimum=optimum,
        estimates=estimates,
        counts=tuple(_whole(count) for count in seen.tolist()),
        weights=_said(prepared, totals),
        constant_direction=constant,
        times={},
        kernel=likelihood.kernel,
        separated=None
        if separation is None or infinity is None
        else report_of(
            separation,
            infinity,
            likelihood.summed_rows,
            estimates.labels,
            estimates.kept,
            whole_rows=not sampling,
        ),
        constrained=constraints,
        sample=Sample(likelihood, codes, prepared.source, refit, sampling),
    )


def null_value(likelihood: MultinomialLikelihood, totals: FloatArray) -> float:
    """Log-likelihood of constants alone: in closed form but with an offset, which it keeps."""
    rows = likelihood.rows
    if rows.offset is None:
        return null_loglike(totals)
    return maximise(MultinomialLikelihood(constants_of(rows), likelihood.base)).value


def _said(prepared: Prepared | PreparedStream, totals: FloatArray) -> str | None:
    """What the summary says of the weights."""
    if isinstance(prepared, PreparedStream):
        return None if prepared.weights is None else prepared.weights.said(float(totals.sum()))
    own = prepared.weights
    return None if own is None else own.said(float(own.values.sum()))


def _nobs(
    likelihood: MultinomialLikelihood, response: Response, seen: FloatArray, sampling: bool
) -> float:
    """N: choices, weighted by frequencies; rows of a pseudo-likelihood."""
    rows = likelihood.rows
    if response.kind == SHARES and not sampling and isinstance(rows, Rows):
        return float(len(rows) if rows.weights is None else rows.weights.sum())
    pseudo = sampling or response.kind == SHARES
    return float(len(rows)) if pseudo and response.kind != CHOICE else float(seen.sum())


def _covariance(
    optimum: Optimum,
    likelihood: MultinomialLikelihood,
    sampling: bool,
    pseudo: bool,
    separation: Separation | None,
    n: int,
) -> Covariance:
    """The inverse information; a sandwich of a pseudo-likelihood, whose inverse is none.

    Of separated data, the sandwich of the limiting model: scores are of the outcomes that each row
    still chooses among, none where that is one.
    """
    p = len(optimum.params)
    if optimum.root is None:
        return Covariance.unknown(p, ROBUST if pseudo else OBSERVED_INFORMATION)
    if not pseudo:
        return Covariance(optimum.root, OBSERVED_INFORMATION)
    if separation is not None:
        likelihood = likelihood.conditional(separation.available)
    found = pseudo_covariance(optimum.root, likelihood, optimum.params, n, sampling=sampling)
    weight = float(likelihood.rows.outcome_totals().sum()) / n
    if without_residuals(found, optimum.root, weight):
        warn(ConditionWarning("no-residual-variation", f"{EXACT_FIT}\n{EXACT_CURE}"))
        return replace(Covariance.unknown(p, found.kind), notes=(EXACT_FIT,))
    return found


def _whole(count: float) -> float:
    """A count as an int where it is whole."""
    return int(count) if float(count).is_integer() else count


def _coefficient(label: tuple[Any, str]) -> str:
    """Return ``outcome:term``."""
    return f"{named(label[0])}:{named(label[1])}"


def _check_representable(estimates: Estimates, optimum: Optimum, aliasing: Aliasing) -> None:
    """Numbers of a certified maximum are finite unless a column's unit makes them overflow."""
    bad = ~np.isfinite(estimates.values)
    if optimum.root is not None and estimates.covariance.known:
        errors = estimates.covariance.standard_errors()
        # constraints may fix a coefficient: its standard error is zero then
        free = optimum.root.any(axis=1) if estimates.constrained else True
        bad |= ~np.isfinite(errors) | ((errors == 0) & free)
    if estimates.infinity is not None:
        bad &= estimates.infinity.finite
    if bad.any():
        sizes = aliasing.sizes[aliasing.kept]
        extreme = int(np.argmax(np.abs(np.log10(sizes)) * bad.reshape(-1, len(sizes)).any(axis=0)))
        raise DataError(
            "out-of-range",
            f"column {named(aliasing.names[extreme])}, of size {sizes[extreme]:.3g}, has a"
            " coefficient or standard error outside of the range of floating-point numbers.\n"
            "Give the column another unit.",
        )


def warn_of(optimum: Optimum, result: MNLogitResults, separation: str) -> None:
    """Say why a fit is not one whose standard errors can be used, of separation as asked."""
    if optimum.status.ok:
        return
    if result.separated is not None:
        _say_separated("separated", _separation_message(result), separation)
        return
    steps = f"{optimum.iterations} iteration{'' if optimum.iterations == 1 else 's'}"
    distance = f"after {steps} about {optimum.decrement:.3g} standard errors from a maximum"
    largest = result.params.abs().idxmax()
    if optimum.status not in (Status.MAXITER, Status.STALLED):
        distance = f"the largest coefficient is {_coefficient(largest)}"
    said = f"{optimum.status} ({distance}).\n{ADVICE[optimum.status]}\n{BLANK}"
    if optimum.status is Status.NOT_CERTIFIED:
        _say_separated("not-certified", said, separation)
    elif optimum.status is Status.SINGULAR:
        warn(ConditionWarning("singular-information", said))
    else:
        warn(ConvergenceWarning("not-converged", said))


def _say_separated(code: str, message: str, separation: str) -> None:
    if separation == "error":
        raise SeparationError(code, message)
    if separation == "warn":
        warn(SeparationWarning(code, message))


def _separation_message(result: MNLogitResults) -> str:
    """Kind, what makes it so, what is infinite, and the way out."""
    report = result.separated
    assert report is not None
    limits = report.table["limit"]
    infinite = limits[limits.notna() & (limits != "finite")]
    listed = [f"{_coefficient(label)} {word}" for label, word in infinite.items()]
    more = f" and {len(listed) - MOST_SENTENCES} more" if len(listed) > MOST_SENTENCES else ""
    reasons = " ".join(report.sentences[:MOST_SENTENCES])
    return (
        f"{KINDS[report.kind]} {reasons}\n"
        f"Without a finite estimate: {', '.join(listed[:MOST_SENTENCES])}{more}; the others are"
        f" those of the limit.\n{CURES}"
    )
