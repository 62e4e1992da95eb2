"""Hypotheses by the name of a term, or of an outcome."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray
from mnlstat.design.dialect import meant, ticked
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
        term = known.get(meant(name, known)) if isinstance(name, str) else None
        if term is None:
            raise OptionError(
                "unknown-term",
                f"term={shown(name)} is no term of the formula"
                f"{nearest(name, map(ticked, known))}.\n"
                f"Terms: {', '.join(shown(ticked(each)) for each in known)}.",
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
    at = outcome_position("outcome", outcome, labels.outcomes)
    if at == labels.base:
        raise OptionError(
            "outcome-is-base",
            f"outcome={shown(outcome)} is the base: it has no equation, and the others are against"
            " it.\nName another outcome, or rebase().",
        )
    equal = slopes_between(at, labels.base, labels, constant, k)
    names = [named(labels.outcomes[each]) for each in (at, labels.base)]
    text = f"all slopes of {names[0]} against {names[1]} = 0"
    return Restrictions(equal, np.zeros(len(equal)), text)


def outcome_position(
    option: str, label: object, outcomes: Sequence[Any], kind: type[OptionError] = OptionError
) -> int:
    """The position of an outcome; an OptionError, of a ``kind``, where it is none."""
    if isinstance(label, np.generic):
        label = label.item()
    for position, known in enumerate(outcomes):
        if known is label or (type(known) is type(label) and known == label):
            return position
    raise kind(
        "unknown-outcome",
        f"{option}={shown(label)} is not an outcome{nearest(label, outcomes)}.\n"
        f"Outcomes: {named(', '.join(map(shown, outcomes)), 200)}.",
    )


def slopes_between(
    one: int, other: int, labels: ParameterLabels, constant: FloatArray | None, k: int
) -> FloatArray:
    """Rows R (m, p): ``R b = 0`` where no slope tells two outcomes apart, given by position.

    Raises
    ------
    OptionError
        When there are no slopes.
    """
    J = len(labels.outcomes)
    difference = np.delete(np.eye(J)[one] - np.eye(J)[other], labels.base)
    directions = slope_directions(constant, k)
    if not len(directions):
        raise OptionError("no-slopes", "the model has constants only: there are no slopes to test.")
    rows: FloatArray = np.kron(difference[None, :], directions).astype(float)
    return rows
