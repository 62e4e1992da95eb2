"""Covariance of a survey's estimates by replicate weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.design.groups import used_values, ways_of
from mnlstat.design.numbers import real_numbers
from mnlstat.design.source import Source
from mnlstat.errors import ConvergenceError, DataError, OptionError, RankError, WeightsError
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.degrees import Fixed
from mnlstat.inference.refitted import unidentified, with_rows
from mnlstat.inference.survey_options import BOOTSTRAP, BRR, FAY, JK1, SurveyDesign
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.optimize.newton import maximise
from mnlstat.options import shown
from mnlstat.rows.rows import Rows

# Replicate weights whose mean sum is another than that of the weights by more are none of them.
FAR = 0.25
# Of singular values, relative to the largest: below it replicates add nothing to the others.
RANK = 1e-5

Labels = tuple[Sequence[str], Sequence[object]]


def replicate_weights(given: Any, source: Source) -> tuple[list[str], FloatArray]:
    """Names and values (n, R) of the replicate weights of the rows used.

    Raises
    ------
    WeightsError
        For fewer than two, and for values that are no weights.
    DataError
        For missing ones, an unknown column, another length or index.
    """
    found = [used_values("replicates", each, source) for each in ways_of(given, source)]
    if len(found) < 2:
        raise WeightsError(
            "replicate-weights",
            f"replicates: {len(found)} column of weights; two at least are needed.",
        )
    columns = []
    for at, (name, values) in enumerate(found):
        name = f"column {at + 1}" if name == "replicates" else name
        column = real_numbers("replicates", name, values, WeightsError, flags=True)
        if not (np.isfinite(column) & (column >= 0)).all() or not column.any():
            raise WeightsError(
                "replicate-weights",
                f"replicates: {shown(name)} must hold finite weights, none negative, and not all"
                " zero.",
            )
        columns.append(column)
    return [name for name, _ in found], np.column_stack(columns)


def replicated(
    design: SurveyDesign,
    names: Sequence[str],
    weights: FloatArray,
    likelihood: MultinomialLikelihood,
    params: FloatArray,
    labels: Labels,
) -> Covariance:
    r"""``scale`` :math:`\sum_r` ``rscales_r`` :math:`(b_r - c)(b_r - c)'` of refits.

    ``b_r`` maximises the likelihood with the r-th column of weights (n, R), ``c`` is the mean of
    all, or the estimate itself (``mse``).  The degrees of freedom are the rank of the weights less
    one.  ``labels`` are those of columns and outcomes.

    Raises
    ------
    DataError, ConvergenceError
        When a refit has no maximum.
    WeightsError
        When the replicate weights are not of the size of the weights.
    RankError
        When they are all alike.

    References
    ----------
    Wolter, K. M. (2007). Introduction to Variance Estimation, 2nd ed.
    Fay, R. E. (1989). Proceedings of the Survey Research Methods Section, ASA, 212-217.
    """
    rows = likelihood.rows
    assert isinstance(rows, Rows)
    _check_size(weights, rows)
    R = weights.shape[1]
    factors = _factors(design, R)
    estimates = np.array(
        [
            _refitted(likelihood, params, weights[:, r], f"replicate {r + 1}", labels)
            for r in range(R)
        ]
    )
    centre = params if design.mse else estimates.mean(axis=0)
    root = (estimates - centre).T * np.sqrt(factors)
    df = int(np.linalg.matrix_rank(weights, tol=RANK * np.linalg.norm(weights, 2))) - 1
    if df < 1:
        raise RankError(
            "no-residual-df",
            f"replicates: all {R} columns of weights are alike but for a factor, so that they leave"
            " no degrees of freedom.\nEach column leaves out, or weighs, other units.",
        )
    about = "the estimate" if design.mse else "their mean"
    named = f"{names[0]} to {names[-1]}" if names[0] != names[-1] else "given as an array"
    said = f"survey, {R} replicate weights, {design.method}, about {about}"
    note = (
        f"Design: replicate weights {named}; {df} degrees of freedom, the rank of the weights less"
        f" one{_given(design)}."
    )
    return Covariance(root, said, Fixed(float(df), adjusted=True), (note,))


def _given(design: SurveyDesign) -> str:
    """Factors of squares that the user gave in place of those of the method."""
    found = []
    if design.scale is not None:
        found.append(f"scale={design.scale:g}")
    if design.rscales is not None:
        low, high = float(min(design.rscales)), float(max(design.rscales))
        found.append(f"rscales={low:g}" if low == high else f"rscales= from {low:g} to {high:g}")
    return f"; squares are multiplied by {' and '.join(found)}, as given" if found else ""


def _factors(design: SurveyDesign, R: int) -> FloatArray:
    """What the squares of each replicate are multiplied by (R,)."""
    scale = design.scale
    if scale is None:
        scale = {JK1: (R - 1.0) / R, BRR: 1.0 / R, BOOTSTRAP: 1.0 / R}.get(design.method, 1.0)
        if design.method == FAY:
            assert design.rho is not None
            scale = 1.0 / (R * (1.0 - design.rho) ** 2)
    if design.rscales is None:
        return np.full(R, scale)
    if len(design.rscales) != R:
        raise OptionError(
            "survey-option", f"rscales= has {len(design.rscales)} numbers for {R} replicates."
        )
    return np.asarray(scale * design.rscales, dtype=float)


def _check_size(weights: FloatArray, rows: Rows) -> None:
    full = float(len(rows)) if rows.weights is None else float(rows.weights.sum())
    mean = float(weights.sum(axis=0).mean())
    if abs(mean / full - 1.0) > FAR:
        raise WeightsError(
            "replicate-weights",
            f"replicates: they sum to {mean:.6g} on average, the weights of the fit to {full:.6g}."
            "\nReplicate weights have the sampling weights in them: multiply factors by these.",
        )


def _refitted(
    likelihood: MultinomialLikelihood,
    params: FloatArray,
    weights: FloatArray,
    name: str,
    labels: Labels,
) -> FloatArray:
    """The estimates under other weights, starting at those there are."""
    rows = likelihood.rows
    assert isinstance(rows, Rows)
    kept = weights > 0
    chosen = replace(rows.subset(kept), weights=weights[kept])
    again = with_rows(likelihood, chosen)
    if lost := unidentified(again, *labels):
        raise DataError(
            "replicate-failed",
            f"replicates: {name} {lost}, where its weights are above zero.\n"
            "Merge rare levels or outcomes, or linearise: with_cov('survey', strata=..., psu=...).",
        )
    optimum = maximise(again, start=params)
    if not optimum.status.ok:
        raise ConvergenceError(
            "replicate-failed",
            f"replicates: the fit of {name} ended so: {optimum.status}.\n"
            "Merge rare levels or outcomes, or linearise: with_cov('survey', strata=..., psu=...).",
        )
    return optimum.params
