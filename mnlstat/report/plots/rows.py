"""Rows for pictures: their probabilities, which outcome each has, how much each counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.design.opened import opened
from mnlstat.design.response import CHOICE
from mnlstat.design.scope import warn
from mnlstat.design.used import read_used
from mnlstat.errors import DataError, MissingDataWarning
from mnlstat.options import shown
from mnlstat.report.plots.subject import Subject

INSTEAD = "Give rows in a frame, data=."


@dataclass(frozen=True, eq=False)
class Observed:
    """Rows of which the outcome is known.

    Attributes
    ----------
    probabilities : DataFrame
        (n, J), the index of the rows kept.
    choices : (n, J)
        What was chosen: one, or how often, or shares.
    weights : (n,)
        Of the rows; one where there are none.
    sampling : bool
        Whether the weights are sampling weights; others repeat rows.
    """

    probabilities: pd.DataFrame
    choices: FloatArray
    weights: FloatArray
    sampling: bool


def observed(fit: Subject, data: Any, purpose: str) -> Observed:
    """The rows of the fit with their weights, or new ones, each of which counts once.

    Raises
    ------
    DataError
        Where the rows are not in memory; for new data without the response.
    """
    if data is not None:
        return _of_new(fit, data, purpose)
    sample = fit._rows(purpose)
    codes, _ = sample.in_memory(purpose, INSTEAD)
    given = sample.likelihood.rows.weights
    weights = np.ones(len(codes)) if given is None else np.asarray(given, dtype=float)
    return Observed(fit.fittedvalues, _choices(codes, len(fit.outcomes)), weights, sample.sampling)


def codes_in(fit: Subject, data: Any) -> IntArray | None:
    """The place of each new row's outcome, -1 where it is missing; None where they do not tell."""
    response, table = fit.spec.response, opened(data)
    if response.kind != CHOICE or response.n_columns != 1 or response.name not in table.columns:
        return None
    frame = table.frame([response.name])
    read_used(frame, [response.name])
    return np.asarray(response.encode(frame[response.name]))


def _of_new(fit: Subject, data: Any, purpose: str) -> Observed:
    if fit.spec.response.kind != CHOICE:
        raise DataError(
            "rows-of-several-choices",
            f"{purpose}: rows of this model hold {fit.spec.response.kind}, not one outcome each.\n"
            "Draw the rows of the fit, without data=, or fit a frame with a row for each choice.",
        )
    codes = codes_in(fit, data)
    if codes is None:
        raise DataError(
            "outcomes-not-there",
            f"{purpose} needs the response {shown(fit.response_name)} of the new data as a column"
            " of outcomes, and there is none.",
        )
    found, kept = fit.predict(data), codes >= 0
    if lost := int((~kept).sum()):
        warn(
            MissingDataWarning(
                "rows-left-out",
                f"{purpose}: {lost} of {len(kept)} rows have no outcome, and are left out.",
            )
        )
    choices = _choices(codes[kept], len(fit.outcomes))
    return Observed(found[kept], choices, np.ones(len(choices)), False)


def _choices(codes: Any, J: int) -> FloatArray:
    codes = np.asarray(codes)
    if codes.ndim == 2:
        return np.asarray(codes, dtype=np.float64)
    chosen = np.zeros((len(codes), J))
    chosen[np.arange(len(codes)), codes] = 1.0
    return chosen
