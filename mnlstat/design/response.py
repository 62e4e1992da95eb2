"""The response: outcomes in order, the base, and codes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import IntArray
from mnlstat.design import words
from mnlstat.design.column import read_column
from mnlstat.design.levels import Levelled, check_distinct
from mnlstat.design.words import count, left_out, listed, where
from mnlstat.errors import DataError, OptionError
from mnlstat.options import named, nearest, shown

MANY_OUTCOMES = 20
# What a row of the response holds: one outcome, how often each was chosen, or a share of each.
CHOICE, COUNTS, SHARES = "choice", "counts", "shares"

ORDER_UNUSED = "the categories are ordered; the model treats them as unordered"


@dataclass(frozen=True)
class Response:
    """Outcomes of the response.

    Attributes
    ----------
    name : str
        The left side of the formula.
    labels : tuple
        Outcomes in order: the order of the categories, else sorted.
    base : int
        Position of the base outcome.
    unseen : tuple
        Outcomes that no row used has and that were left out.
    ordered : bool
        Whether the categories were declared as ordered.
    kind : {"choice", "counts", "shares"}
        What each row holds: one outcome, how often each was chosen, or the share of each.
    n_columns : int
        Columns that hold the response.
    """

    name: str
    labels: tuple[Any, ...]
    base: int = 0
    unseen: tuple[Any, ...] = ()
    ordered: bool = False
    kind: str = CHOICE
    n_columns: int = 1

    @property
    def notes(self) -> tuple[str, ...]:
        """What the summary should say of the outcomes."""
        said = [left_out(self.name, "outcome", self.unseen)] if self.unseen else []
        if self.ordered:
            said.append(f"{self.name}: {ORDER_UNUSED}")
        return tuple(said)

    @property
    def base_label(self) -> Any:
        """The base outcome."""
        return self.labels[self.base]

    def with_base(self, label: object) -> Response:
        """Return the response with ``label`` as base.

        Raises
        ------
        OptionError
            When it is no outcome; the nearest one and all allowed ones are named.
        """
        return replace(self, base=base_position(self, label))

    def encode(self, values: Any) -> IntArray:
        """Return the position of each value among the labels, -1 where it is missing.

        Raises
        ------
        DataError
            When a value is not an outcome of the model.
        """
        levelled = read_column(self.name, values).levelled()
        codes = levelled.recoded(self.labels)
        if found := levelled.unknown(codes):
            label, rows = found
            place = where(rows, values.index)
            raise DataError(
                "unknown-outcome",
                words.unseen(f"response {shown(self.name)}", "outcome", label, place, self.labels),
            )
        return codes


def consists_of(response: Response, total: float, n_rows: int) -> str | None:
    """What a response in several columns consists of; None for one column of labels."""
    if response.n_columns == 1:
        return None
    if response.kind == CHOICE:
        return f"{response.n_columns} columns, one chosen in each row"
    if response.kind == SHARES:
        return f"shares of {response.n_columns} outcomes in each row"
    return f"counts: {total:.10g} choices in {count(n_rows)}"


def base_position(response: Response, label: object) -> int:
    """Return the position of a base outcome, or raise OptionError."""
    if isinstance(label, np.generic):
        label = label.item()
    for position, known in enumerate(response.labels):
        if known is label or (type(known) is type(label) and known == label):
            return position
    if isinstance(label, float) and label.is_integer() and int(label) in response.labels:
        return response.labels.index(int(label))
    if label is pd.NA or (isinstance(label, float) and label != label):
        raise OptionError(
            "unknown-base",
            f"base={shown(label)} is a missing value.\nOutcomes: {listed(response.labels)}.",
        )
    if any(type(label) is type(never) and label == never for never in response.unseen):
        said = f"base={shown(label)} never occurs in the rows used"
    else:
        said = f"base={shown(label)} is not an outcome of {shown(response.name)}"
    alike = [known for known in response.labels if named(known) == named(label)]
    hint = f" (did you mean {shown(alike[0])}?)" if alike else nearest(label, response.labels)
    raise OptionError("unknown-base", f"{said}{hint}.\nOutcomes: {listed(response.labels)}.")


def learn_response(
    name: str, levelled: Levelled, *, base: object = None, n_dropped: int = 0, text: bool = False
) -> tuple[Response, IntArray]:
    """Return the outcomes found in the used rows, and the code of each row.

    Raises
    ------
    DataError
        When there is one outcome only, or the response is no set of outcomes.
    OptionError
        When ``base`` is not one of them.
    """
    seen = levelled.seen()
    kept = levelled if seen.all() else levelled.without(~seen)
    response = outcomes_of(
        name,
        kept,
        levelled.unseen(),
        base=base,
        n=kept.codes.size,
        n_dropped=n_dropped,
        text=text,
    )
    return response, kept.codes


def outcomes_of(
    name: str,
    kept: Levelled,
    unseen: tuple[Any, ...],
    *,
    base: object,
    n: int,
    n_dropped: int,
    text: bool,
) -> Response:
    """Return the response with the outcomes that occur, in order, in n rows.

    Raises
    ------
    DataError, OptionError
        As for :func:`learn_response`.
    """
    _check_outcomes(name, kept, n, n_dropped)
    _check_not_continuous(name, kept, n, text)
    response = Response(name, kept.levels, 0, unseen, kept.ordered)
    return response if base is None else response.with_base(base)


def _check_outcomes(name: str, found: Levelled, n: int, n_dropped: int) -> None:
    if len(found.levels) < 2:
        only = shown(found.levels[0]) if found.levels else "none"
        dropped = f" ({count(n_dropped)} dropped)" if n_dropped else ""
        raise DataError(
            "one-outcome",
            f"response {shown(name)} has one outcome only, {only}, in {count(n)}"
            f" used{dropped}; two at least are needed.",
        )
    check_distinct(found.levels, f"response {shown(name)}")


def _check_not_continuous(name: str, found: Levelled, n: int, text: bool) -> None:
    """Refuse measurements and identifiers."""
    distinct = len(found.levels)
    numeric = not found.declared and all(isinstance(level, int | float) for level in found.levels)
    if numeric and any(isinstance(level, float) for level in found.levels):
        raise DataError(
            "response-not-whole",
            f"response {shown(name)} holds numbers that are not whole ({distinct} distinct values"
            f" in {n} rows).\nIt must hold outcomes; cut it into classes, for example with pd.cut.",
        )
    if (numeric or text) and distinct > MANY_OUTCOMES and 2 * distinct > n:
        kind = "text" if text else "numbers"
        raise DataError(
            "too-many-outcomes",
            f"response {shown(name)} has {distinct} distinct values ({kind}) in {n} rows, nearly"
            " one for each row.\nIt must hold outcomes, each of which several rows share.",
        )
