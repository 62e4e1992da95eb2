"""Hypotheses by the name of a term, or of an outcome."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray
from mnlstat.errors import OptionError, RankError
from mnlstat.inference.estimates import ParameterLabels
from mnlstat.inference.restrictions import Restrictions
from mnlstat.inference.term_tests import TermLike, slope_directions
from mnlstat.options import named, nearest, shown


def columns_of_terms(wanted: Any, terms: Iterable[TermLike], kept: BoolArray) -> BoolArray:
    """Which of the estimated columns (k,) belong to some terms.

    Raises
    ------
    OptionError
        When there is no such term.
    RankError
        When all columns of a term are aliased.
    """
    known = {term.name: term for term in terms}
    names = [wanted] if isinstance(wanted, str) else wanted
    if not isinstance(names, list | tuple) or not names:
        raise OptionError("unknown-term", f"term={shown(wanted)} must be the name of a term.")
    found = np.zeros(len(kept), dtype=bool)
    for name in names:
        term = known.get(name) if isinstance(name, str) else None
        if term is None:
            raise OptionError(
                "unknown-term",
                f"term={shown(name)} is no term of the formula{nearest(name, known)}.\n"
                f"Terms: {', '.join(map(shown, known))}.",
            )
        if not kept[term.start : term.stop].any():
            raise RankError(
                "aliased-restriction",
                f"term={shown(name)} is not estimated: its columns are aliased.",
            )
        found[term.start : term.stop] = True
    return found[kept]


def without_columns(columns: BoolArray, q: int, wanted: Any) -> Restrictions:
    """That the coefficients of some columns (k,) are zero in all q equations."""
    rows = np.eye(q * len(columns))[np.tile(columns, q)]
    listed = [wanted] if isinstance(wanted, str) else wanted
    text = f"{', '.join(map(named, listed))} = 0 in every equation"
    return Restrictions(rows, np.zeros(len(rows)), text)


def slopes_of_outcome(
    outcome: Any, labels: ParameterLabels, constant: FloatArray | None, k: int
) -> Restrictions:
    """That no column tells an outcome from the base: all slopes of its equation are zero.

    ``constant`` (k,) is c with ``X c = 1``; without one every coefficient is a slope.

    Raises
    ------
    OptionError
        When there is no such outcome, or it is the base; when there are no slopes.
    """
    equations = _equations(labels)
    if outcome not in labels.outcomes:
        raise OptionError(
            "unknown-outcome",
            f"outcome={shown(outcome)} is not an outcome{nearest(outcome, labels.outcomes)}.\n"
            f"Outcomes: {', '.join(map(shown, labels.outcomes))}.",
        )
    if outcome not in equations:
        raise OptionError(
            "outcome-is-base",
            f"outcome={shown(outcome)} is the base: it has no equation, and the others are against"
            " it.\nName another outcome, or rebase().",
        )
    equal = slopes_between(equations, outcome, labels.outcomes[labels.base], constant, k)
    base = named(labels.outcomes[labels.base])
    return Restrictions(equal, np.zeros(len(equal)), f"all slopes of {named(outcome)} against {base} = 0")


def slopes_between(
    equations: Sequence[Any], one: Any, other: Any, constant: FloatArray | None, k: int
) -> FloatArray:
    """Rows R (m, p): ``R b = 0`` where no slope tells two outcomes apart."""
    difference = np.array([float(label == one) - float(label == other) for label in equations])
    directions = slope_directions(constant, k)
    if not len(directions):
        raise OptionError("no-slopes", "the model has constants only: there are no slopes to test.")
    rows: FloatArray = np.kron(difference[None, :], directions).astype(float)
    return rows


def _equations(labels: ParameterLabels) -> list[Any]:
    return [label for at, label in enumerate(labels.outcomes) if at != labels.base]
