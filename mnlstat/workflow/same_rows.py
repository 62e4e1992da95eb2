"""Whether fits are of the same rows, and whether one model lies within another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.design.source import Source
from mnlstat.errors import DataError, OptionError
from mnlstat.inference.spaces import follows
from mnlstat.inference.trinity import in_base
from mnlstat.results import MNLogitResults
from mnlstat.rows.rows import Rows

# How near to the span of other columns a column of unit length lies that counts as in it.
IN_THE_SPAN = 1e-8


def check_results(caller: str, results: Sequence[Any], least: int = 2) -> None:
    """Refuse what are no results, and fewer than needed."""
    for given in results:
        if not isinstance(given, MNLogitResults):
            raise OptionError(
                "not-results",
                f"{caller}() takes fitted models of mnlstat, not {type(given).__name__}.",
            )
    if len(results) < least:
        raise OptionError(
            "too-few-models", f"{caller}() compares {least} models at least, not {len(results)}."
        )


def check_same_rows(caller: str, results: Sequence[MNLogitResults]) -> None:
    """Refuse fits of different rows: their log-likelihoods cannot be compared.

    Raises
    ------
    DataError
        Naming the two formulas and what differs.
    """
    first = results[0]
    for other in results[1:]:
        if what := _difference(first, other):
            raise DataError(
                "different-rows",
                f"{caller}(): {first.formula!r} and {other.formula!r} {what}.\n"
                "Log-likelihoods of different rows cannot be compared: fit both with update(), or"
                " to the same rows.",
            )


def _difference(one: MNLogitResults, other: MNLogitResults) -> str:
    """What differs between the rows of two fits; empty when nothing does."""
    if one.dropped.used != other.dropped.used:
        return f"use {one.dropped.used} and {other.dropped.used} rows"
    if set(one.outcomes) != set(other.outcomes):
        return "have different outcomes"
    for label, count in one.outcome_counts.items():
        if other.outcome_counts[label] != count:
            return f"differ in how often {label!r} occurs"
    if (one.weights or "") != (other.weights or ""):
        return "have different weights"
    mine, theirs = one.sample, other.sample
    if mine is None or theirs is None or mine.codes is None or theirs.codes is None:
        return ""  # of data in pieces, or without their rows, no more is known
    sources = [sample.source for sample in (mine, theirs) if isinstance(sample.source, Source)]
    if len(sources) == 2 and not sources[0].index.equals(sources[1].index):
        return "use rows with other labels"
    if not np.array_equal(_chosen(one, mine.codes), _chosen(other, theirs.codes)):
        return "have the outcomes in another order of rows"
    weights = [sample.likelihood.rows for sample in (mine, theirs)]
    if not np.array_equal(*(_weights(rows) for rows in weights)):
        return "have different weights"
    return ""


def _chosen(result: MNLogitResults, codes: IntArray | FloatArray) -> Any:
    """The outcomes of the rows in an order of outcomes that does not depend on the fit."""
    order = np.argsort([str(label) for label in result.outcomes], kind="stable")
    if codes.ndim == 2:
        return codes[:, order]
    return np.argsort(order)[codes]


def _weights(rows: Any) -> Any:
    weights = rows.weights if isinstance(rows, Rows) else None
    return np.ones(1) if weights is None else weights


def nested(smaller: MNLogitResults, larger: MNLogitResults) -> bool:
    """Whether the smaller model is the larger one with some coefficients bound or left out.

    Without constraints of the larger one: whether each design column of the smaller one is a
    combination of those of the larger.

    Raises
    ------
    DataError
        When it takes the rows to tell, and they are not in memory.
    """
    if not _same_offset(smaller, larger):
        return False
    if larger.constrained is not None:
        return _constraints_follow(smaller, larger)
    if set(smaller.aliasing.names) <= set(larger.aliasing.names):
        return True
    small, large = _design(smaller), _design(larger)
    lengths = np.sqrt((small**2).sum(axis=0))
    basis = np.linalg.qr(large / np.sqrt((large**2).sum(axis=0)))[0]
    unit = small / lengths
    left = unit - basis @ (basis.T @ unit)
    return bool(np.sqrt((left**2).sum(axis=0)).max() <= IN_THE_SPAN)


def _constraints_follow(smaller: MNLogitResults, larger: MNLogitResults) -> bool:
    """Whether constraints of the larger model follow from what binds the smaller one.

    Raises
    ------
    DataError
        Unless the columns of the smaller model are columns of the larger one by name, and outcomes
        have the same order.
    """
    mine, names = list(smaller.aliasing.names), list(larger.aliasing.names)
    bound = larger.constrained
    assert bound is not None
    if not set(mine) <= set(names) or smaller.outcomes != larger.outcomes:
        raise DataError(
            "nesting-unknown",
            f"whether {smaller.formula!r} is nested in {larger.formula!r} under the constraints"
            f" {', '.join(larger.constraints)} is told only of the same columns, by name,\n"
            "and outcomes in the same order. Write both formulas with the same terms.",
        )
    k, q = len(names), len(larger.outcomes) - 1
    own = np.isin(names, mine)
    rows, right = [np.eye(q * k)[~np.tile(own, q)]], [np.zeros(q * int((~own).sum()))]
    if smaller.constrained is not None:
        theirs = smaller.constrained
        C = in_base(theirs.R, len(mine), theirs.base, bound.base)
        places = np.array([j * k + names.index(name) for j in range(q) for name in mine])
        wide = np.zeros((len(C), q * k))
        wide[:, places] = C
        rows.append(wide)
        right.append(theirs.r)
    C, c = np.vstack(rows), np.concatenate(right)
    return bool(len(c)) and follows(C, c, bound.R, bound.r)


def _design(result: MNLogitResults) -> FloatArray:
    rows = None if result.sample is None else result.sample.likelihood.rows
    if not isinstance(rows, Rows):
        raise DataError(
            "nesting-unknown",
            f"whether {result.formula!r} is nested cannot be told from the names of its columns,"
            " and its rows are not in memory.\nWrite both formulas with the same terms.",
        )
    return rows.X


def _same_offset(one: MNLogitResults, other: MNLogitResults) -> bool:
    if one.sample is None or other.sample is None:
        return one.offset == other.offset
    mine, theirs = one.sample.likelihood.rows, other.sample.likelihood.rows
    if not (isinstance(mine, Rows) and isinstance(theirs, Rows)):
        return one.offset == other.offset
    if mine.offset is None or theirs.offset is None:
        return mine.offset is theirs.offset
    return bool(np.array_equal(mine.offset, theirs.offset))
