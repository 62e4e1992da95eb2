"""Differences between coefficients: of any two outcomes, and of any two levels of a factor."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.inference.estimates import Estimates


@dataclass(frozen=True)
class Contrasts:
    """Linear combinations of the p estimated coefficients, and what each compares.

    Attributes
    ----------
    R : (m, p)
    labels : columns of the table that names them, each with m entries
    """

    R: FloatArray
    labels: dict[str, list[Any]]


def between_outcomes(
    estimates: Estimates, columns: Sequence[int], names: Sequence[str]
) -> Contrasts:
    """Coefficients of every outcome against every other one, the later against the earlier.

    Parameters
    ----------
    estimates : Estimates
        K estimated coefficients in each equation.
    columns : positions among the K
    names : of the K columns
    """
    outcomes, base, K = estimates.labels.outcomes, estimates.labels.base, len(names)
    equations = {j: at for at, j in enumerate(j for j in range(len(outcomes)) if j != base)}
    pairs = list(itertools.combinations(range(len(outcomes)), 2))
    R = np.zeros((len(pairs) * len(columns), len(estimates.values)))
    rows = iter(R)
    for first, second in pairs:
        for column in columns:
            row = next(rows)
            for outcome, sign in ((second, 1.0), (first, -1.0)):
                if outcome != base:
                    row[equations[outcome] * K + column] = sign
    labels = {
        "outcome": [outcomes[b] for _, b in pairs for _ in columns],
        "versus": [outcomes[a] for a, _ in pairs for _ in columns],
        "term": [names[column] for _ in pairs for column in columns],
    }
    return Contrasts(R, labels)


def between_levels(
    estimates: Estimates,
    levels: Sequence[Any],
    coding: FloatArray,
    columns: Sequence[int],
    n_columns: int,
) -> Contrasts:
    """Every level of a factor against every earlier one, within each equation.

    Parameters
    ----------
    levels : of the factor
    coding : (levels, c) array
        What the c columns of the factor are at each level.
    columns : positions of these columns among the K estimated ones
    n_columns : K
    """
    outcomes = [x for j, x in enumerate(estimates.labels.outcomes) if j != estimates.labels.base]
    pairs = list(itertools.combinations(range(len(levels)), 2))
    R = np.zeros((len(outcomes) * len(pairs), len(estimates.values)))
    for at, (equation, (first, second)) in enumerate(
        itertools.product(range(len(outcomes)), pairs)
    ):
        R[at, equation * n_columns + np.asarray(columns)] = coding[second] - coding[first]
    labels = {
        "outcome": [outcome for outcome in outcomes for _ in pairs],
        "level": [levels[b] for _ in outcomes for _, b in pairs],
        "versus": [levels[a] for _ in outcomes for a, _ in pairs],
    }
    return Contrasts(R, labels)
