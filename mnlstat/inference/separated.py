"""Separation in words: which coefficients are infinite, and what in the data makes them so."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import pandas as pd

from mnlstat.arrays import BoolArray, FloatArray
from mnlstat.inference.estimates import ParameterLabels
from mnlstat.inference.infinity import Infinity
from mnlstat.optimize.separation import Separation
from mnlstat.options import named

MOST_SENTENCES = 3
# The column of a term, or the level of a factor, in the name of a design column.
OF_TERM = re.compile(r"\[[^\[\]]*\](?=:|$)")
# What a direction changes in a row, relative to the size of its terms, is zero below this.
ZERO = 1e-9
KINDS = {
    "none": "There is no separation: a finite maximum exists.",
    "undecided": "Undecided: outcomes are told apart, or overlap, by too little to tell.",
    "quasi-complete": "Quasi-complete separation: some coefficients have no finite estimate.",
    "complete": "Complete separation: the design tells all outcomes apart.",
}
CURES = (
    "Merge levels, leave the term out, test by likelihood ratio (res.llf is the supremum), or"
    ' fit(penalty="jeffreys").'
)


class Cases(Protocol):
    """Rows of a design and what they saw."""

    @property
    def X(self) -> FloatArray:
        """(m, k)."""

    @property
    def response(self) -> Any:
        """Codes (m,), or counts (m, J)."""

    @property
    def n_outcomes(self) -> int:
        """J."""

    @property
    def weights(self) -> FloatArray | None:
        """(m,)."""


@dataclass(frozen=True, eq=False)
class SeparationReport:
    """What separation does to each coefficient.

    Attributes
    ----------
    kind : "none", "quasi-complete", "complete" or "undecided"
    table : DataFrame
        A row for each coefficient, index (outcome, term); column limit: finite, +inf, -inf, or
        undetermined where the sign depends on the direction taken; NaN for aliased columns.
    sentences : tuple of str
        What in the data makes coefficients infinite.
    """

    kind: str
    table: pd.DataFrame
    sentences: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.kind != "none"

    def __str__(self) -> str:
        lines = [KINDS[self.kind], *self.sentences]
        if self:
            lines += ["", self.table[self.table["limit"] != "finite"].dropna().to_string()]
        return "\n".join(lines)


def rebased_report(
    report: SeparationReport, infinity: Infinity, labels: ParameterLabels, kept: BoolArray
) -> SeparationReport:
    """The same against another base."""
    return replace(report, table=_table(labels, kept, infinity.words()))


def no_separation(labels: ParameterLabels, kept: BoolArray) -> SeparationReport:
    """The report of data with a finite maximum."""
    return SeparationReport("none", _table(labels, kept, ["finite"] * int(kept.sum())))


def undecided(labels: ParameterLabels, kept: BoolArray) -> SeparationReport:
    """The report of data that are separated, or overlap, by next to nothing."""
    return SeparationReport("undecided", _table(labels, kept, ["undecided"] * int(kept.sum())))


def report_of(
    separation: Separation,
    infinity: Infinity,
    rows: Cases,
    labels: ParameterLabels,
    kept: BoolArray,
    *,
    whole_rows: bool = True,
) -> SeparationReport:
    """The report of separated data; ``kept`` (len(labels),) says which coefficients there are.

    ``infinity`` is what the separation says of the coefficients;
    ``whole_rows=False`` where weights do not count rows.
    """
    k = int(kept.reshape(-1, len(labels.columns))[0].sum())
    columns = np.array(labels.columns, dtype=object)[kept[: len(labels.columns)]].tolist()
    signs = infinity.of_coefficients.reshape(-1, k)
    found = [
        *_never_seen(signs, rows, labels, columns, whole_rows),
        *_told_apart(separation, labels),
    ] or [*_ruled_out(separation, rows, labels, columns, whole_rows)]
    return SeparationReport(
        infinity.kind, _table(labels, kept, infinity.words()), tuple(dict.fromkeys(found))
    )


def _table(labels: ParameterLabels, kept: BoolArray, words: list[str]) -> pd.DataFrame:
    limit = np.full(len(labels), np.nan, dtype=object)
    limit[kept] = words
    return pd.DataFrame({"limit": limit}, index=labels.index)


def _never_seen(
    signs: FloatArray, rows: Cases, labels: ParameterLabels, columns: list[str], whole_rows: bool
) -> Iterator[str]:
    """Outcomes that are never seen where a column of infinite coefficients is, or is not, zero."""
    for there, where in _places(signs, rows.X, columns):
        counts = _counts(rows, there)
        for outcome in np.flatnonzero(counts == 0):
            label = named(labels.outcomes[outcome])
            of = f" (0 of {counts.sum():.15g} rows)" if whole_rows else ""
            yield f"{label} is never seen where {where}{of}."


def _places(
    signs: FloatArray, X: FloatArray, columns: list[str]
) -> Iterator[tuple[BoolArray, str]]:
    """Rows that a column tells apart, or the reference level of a factor, and what they are."""
    infinite = np.flatnonzero((signs != 0).any(axis=0))
    factors = dict[str, list[int]]()
    for c in infinite:
        zero = X[:, c] == 0
        if zero.all() or not zero.any():
            continue
        one_value = len(np.unique(X[~zero, c])) == 1
        value = f"= {X[~zero, c][0]:g}" if one_value else "is not zero"
        yield ~zero, f"{named(columns[c])} {value}"
        yield zero, f"{named(columns[c])} = 0"
        if "[T." in columns[c]:
            factors.setdefault(columns[c].split("[T.")[0], []).append(int(c))
    for factor, own in factors.items():
        reference = ~(X[:, own] != 0).any(axis=1)
        if len(own) > 1 and reference.any():
            yield reference, f"{named(factor)} has its reference level"


def _counts(rows: Cases, there: BoolArray) -> FloatArray:
    """How often each outcome was seen in some rows (J,), as often as these are weighted."""
    if rows.response.ndim == 2:
        return np.asarray(rows.response[there].sum(axis=0))
    weights = None if rows.weights is None else rows.weights[there]
    return np.bincount(rows.response[there], weights, rows.n_outcomes).astype(float)


def _told_apart(separation: Separation, labels: ParameterLabels) -> Iterator[str]:
    """Pairs of outcomes of which every row is on its own side."""
    J = separation.pairs.n_outcomes
    order = [*(j for j in range(J) if j != labels.base), labels.base]
    choosing = separation.available.astype(float)
    # rows that saw the one and could choose both
    compared = (choosing * separation.pairs.seen).T @ choosing
    place = np.argsort(order)
    for first, second in itertools.combinations(range(J), 2):
        a, b = place[first], place[second]
        if not (compared[a, b] or compared[b, a]):
            one, other = named(labels.outcomes[first]), named(labels.outcomes[second])
            yield f"{one} and {other} are told apart completely by the predictors."


def _ruled_out(
    separation: Separation, rows: Cases, labels: ParameterLabels, columns: list[str], whole: bool
) -> Iterator[str]:
    """Pairs of outcomes of which some rows saw the one and, in the limit, rule out the other.

    Those of most rows first, with the terms that tell them apart.
    """
    base, J = labels.base, rows.n_outcomes
    D = np.insert(separation.direction.reshape(J - 1, -1), base, 0.0, axis=0)
    eta, size = rows.X @ D.T, np.abs(rows.X) @ np.abs(D.T)
    found = list[tuple[float, str]]()
    for a, b in itertools.combinations(range(J), 2):
        room = ZERO * np.maximum(size[:, a], size[:, b])
        over, under = eta[:, a] - eta[:, b] > room, eta[:, b] - eta[:, a] > room
        told = float(_counts(rows, over)[a] + _counts(rows, under)[b])
        if told:
            every = _counts(rows, np.ones(len(eta), dtype=bool))[[a, b]].sum()
            of = f"{told:.15g} of {every:.15g} rows" if whole else "some rows"
            by = _terms(D[a] - D[b], rows.X, columns)
            one, other = named(labels.outcomes[a]), named(labels.outcomes[b])
            found.append((told, f"{one} and {other} are told apart by {by} in {of}."))
    yield from (said for _, said in sorted(found, key=lambda each: -each[0]))


def _terms(direction: FloatArray, X: FloatArray, columns: list[str]) -> str:
    """The terms whose coefficients change along a direction (k,), the constant if no other."""
    moved = np.abs(direction) > ZERO * np.abs(direction).max()
    varies = (X[0] != X).any(axis=0)
    at = np.flatnonzero(moved & varies if (moved & varies).any() else moved)
    return " and ".join(dict.fromkeys(named(OF_TERM.sub("", columns[c])) for c in at))
