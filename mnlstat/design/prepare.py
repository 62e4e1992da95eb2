"""From a formula and data to numbers: the door of everything that fits by formula."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from mnlstat.arrays import BoolArray
from mnlstat.design import words
from mnlstat.design.added import notes_of, with_offsets
from mnlstat.design.chosen import check_not_repeated, chosen_rows, names_of
from mnlstat.design.column import EVERY, Column, Rows
from mnlstat.design.compact import matrix_of
from mnlstat.design.dot import read_formula
from mnlstat.design.evaluate import Block
from mnlstat.design.missing import (
    Dropped,
    labels_of,
    present_rows,
    refuse_made_missing,
    spread,
)
from mnlstat.design.offset_terms import lost_to
from mnlstat.design.offsets import offset_names, read_columns
from mnlstat.design.opened import opened
from mnlstat.design.outcomes import RowOutcomes, outcomes_of_rows, with_trials
from mnlstat.design.parsed import Parsed, resolved
from mnlstat.design.predictors import Learned, check_products, learn_predictors
from mnlstat.design.prepared import Prepared
from mnlstat.design.scope import warn
from mnlstat.design.source import Source
from mnlstat.design.tables import check_levels_of_names
from mnlstat.design.used import check_finite, read_used
from mnlstat.design.weights import (
    Weighting,
    Weights,
    mixes_repeated_rows,
    read_weights,
    repeated,
    weighty,
)
from mnlstat.errors import DataError, MissingDataWarning
from mnlstat.options import check_choice

__all__ = ["Dropped", "Prepared", "prepare"]

ROUNDS = 3


def prepare(
    formula: str,
    data: Any,
    *,
    base: object = None,
    missing: str = "drop",
    scope: Mapping[str, Any],
    rows: BoolArray | None = None,
    weighting: Weighting | None = None,
    offset: Any = None,
    subset: Any = None,
) -> Prepared:
    """Learn the design of a formula from data and write it down.

    Parameters
    ----------
    formula : str
        ``"response ~ predictors"``.
    data : table
        Anything :func:`~mnlstat.design.opened.opened` takes; of a table that is not of pandas
        only the columns that are used are converted.
    base : label, optional
        Base outcome; the first one by default.
    missing : {"drop", "error"}
        What to do with rows that miss something the formula reads.
    scope : mapping
        Names the formula may use besides the data.
    rows : (rows of data,) bool, optional
        Use only these rows of the data.
    weighting : Weighting, optional
        Weights of the rows; those of weight zero are left out.
    offset : str, mapping, table or array, optional
        Added to linear predictors.
    subset : str or array, optional
        A condition on the rows, or truth values.

    Returns
    -------
    Prepared

    Raises
    ------
    FormulaError, DataError, OptionError
        With the guilty part of the formula underlined, or column, rows and reason named.

    Examples
    --------
    >>> from mnlstat.design.prepare import prepare
    >>> data = {"choice": ["bus", "car", "car"], "income": [1, 2, 4]}
    >>> prepare("choice ~ income", data, scope={}).X
    array([[1., 1.],
           [1., 2.],
           [1., 4.]])
    """
    check_choice("missing", missing, ("drop", "error"))
    table = opened(data)
    check_levels_of_names(table.columns)
    names = None if offset is None else offset_names(offset)
    other = (*(names or ()), *(() if weighting is None else weighting.names))
    sides = read_formula(formula, list(table.columns), other)
    if table.is_pandas:
        frame = table.whole()
    else:
        parsed = resolved(sides, table.columns, scope, frozenset())
        frame = table.frame([*parsed.names, *other, *names_of(subset, table.columns, scope)])
    chosen = chosen_rows(subset, frame, _wanted(frame, rows), scope, missing)
    wanted = chosen.rows
    lengths = frozenset({len(frame), int(wanted.sum())})
    parsed = resolved(sides, table.columns, scope, lengths)
    columns = read_used(frame, parsed.names)
    weights, looked_at = None, columns
    if weighting is not None:
        weights, column = read_weights(weighting, frame, wanted)
        check_not_repeated(subset, frame, scope, weights)
        looked_at = {**columns, column.name: column}
    if names is not None:
        looked_at = {**looked_at, **read_columns(frame, names, np.zeros_like(wanted))}
    values = None if weights is None else weights.values
    kept, by_column = present_rows(looked_at, wanted, missing, values)
    kept, of_no_weight = weighty(kept, weights)
    check_finite(columns, kept, frame.index)
    block = _block(columns, kept, frame.index)
    taught = _taught(parsed, columns, kept, frame.index, weights)
    outcome, kept, by_term, untried = _outcomes(parsed, block, kept, missing, taught)
    left, lost_rows = _without_lost(parsed, columns, kept, frame.index, missing)
    learned, used, lost = _learn_used(parsed, columns, left, frame.index, missing)
    if weights is not None and weights.is_frequency:
        learned = _learn_repeated(learned, parsed, columns, used, frame.index, weights)
    by_term |= lost_rows | lost
    outcome = outcome if used.sum() == kept.sum() else outcome.of_rows(used[kept])
    counts = (chosen.n_rows, int(used.sum()))
    without = (of_no_weight, untried, chosen.outside, chosen.unknown)
    dropped = Dropped(*counts, by_column, by_term, *without, chosen.text)
    response, codes = outcome.learned(base=base, n_dropped=dropped.total)
    spec = parsed.spec(learned, columns, response)
    spec, added = with_offsets(offset, parsed, spec, columns, frame, used, weights)
    matrix = matrix_of(learned.plan, learned.values, dropped.used)
    check_products(learned.plan, matrix, None, labels_of(frame.index, used))
    notes = (*response.notes, *learned.notes, *notes_of(spec))
    own = None if weights is None else weights.of_rows(used)
    source = Source.of(table, used, frame.index)
    return Prepared(spec, matrix, codes, source, dropped, notes, own, added)


def _taught(
    parsed: Parsed,
    columns: Mapping[str, Column],
    kept: BoolArray,
    index: Any,
    weights: Weights | None,
) -> Block | None:
    """The rows as they teach the response, as often as frequency weights say; None for once."""
    if weights is None or not weights.is_frequency or (weights.values[kept] == 1).all():
        return None
    if parsed.left.column is not None:
        return None
    if not parsed.left.transforms:
        return _block(columns, kept, index)
    rows = repeated(weights, kept, parsed.left.text.name)
    return Block(columns, rows, index[rows])


def _learn_repeated(
    learned: Learned,
    parsed: Parsed,
    columns: Mapping[str, Column],
    used: BoolArray,
    index: Any,
    weights: Weights,
) -> Learned:
    """What the rows teach when each stands there as often as its frequency weight says."""
    taught = [each for each in learned.factors if each.states or not each.rowwise]
    if not taught or (weights.values[used] == 1).all():
        return learned
    for each in taught:
        name = each.expression.text.name
        if not each.rowwise:
            raise mixes_repeated_rows(name)
    rows = repeated(weights, used, taught[0].expression.text.name)
    again = learn_predictors(parsed.right, parsed.expressions, Block(columns, rows, index[rows]))
    assert isinstance(again, Learned), "no row of these misses anything"
    block = _block(columns, used, index)
    return replace(again, values=tuple(factor.values(block) for factor in again.factors))


def _wanted(frame: Any, rows: BoolArray | None) -> BoolArray:
    """Return which rows may be used at all."""
    if rows is None:
        return np.ones(len(frame), dtype=bool)
    wanted = np.asarray(rows)
    if wanted.dtype != bool or wanted.shape != (len(frame),):
        raise DataError(
            "rows-not-a-mask", f"rows must be {len(frame)} values True or False, one for each row."
        )
    return wanted


def _block(columns: Mapping[str, Column], kept: BoolArray, index: Any) -> Block:
    rows: Rows = EVERY if kept.all() else kept
    return Block(columns, rows, labels_of(index, kept))


def _outcomes(
    parsed: Parsed, block: Block, kept: BoolArray, missing: str, taught: Block | None
) -> tuple[RowOutcomes, BoolArray, dict[str, int], int]:
    """Return the response, the rows that have one, and why the others have none.

    By term, those that the expression made missing; and how many have counts of zero only.
    """
    name, by_term = parsed.left.text.name, dict[str, int]()
    outcome = outcomes_of_rows(parsed, block, taught)
    if (gone := outcome.missing) is not None:
        by_term = {name: int(gone.sum())}
        refuse_made_missing(by_term, missing)
        warn_of_lost(by_term)
        kept = spread(kept, ~gone)
        _check_left(name, kept)
        outcome = outcome.of_rows(~gone)
    outcome, kept, untried = with_trials(outcome, kept)
    return outcome, kept, by_term, untried


def _learn_used(
    parsed: Parsed, columns: Mapping[str, Column], kept: BoolArray, index: Any, missing: str
) -> tuple[Learned, BoolArray, dict[str, int]]:
    """Learn the predictors; where terms make missing values, again without those rows.

    What is learned then belongs to the rows that are used.
    """
    used, lost = kept, dict[str, int]()
    for _ in range(ROUNDS):
        learned = learn_predictors(parsed.right, parsed.expressions, _block(columns, used, index))
        if isinstance(learned, Learned):
            warn_of_lost(lost)
            return learned, used, lost
        refuse_made_missing({name: int(gone.sum()) for name, gone in learned.items()}, missing)
        here = used
        for name, gone in learned.items():
            lost[name] = lost.get(name, 0) + int(gone.sum())
            used = used & ~spread(here, gone)
        _check_left(max(learned, key=lambda name: learned[name].sum()), used)
    raise DataError(
        "unstable-missing",
        f"{next(iter(lost))} makes new missing values each time it is learned from the rows left;"
        f" {int(used.sum())} of {int(kept.sum())} rows remain after {ROUNDS} rounds.",
    )


def _without_lost(
    parsed: Parsed, columns: Mapping[str, Column], kept: BoolArray, index: Any, missing: str
) -> tuple[BoolArray, dict[str, int]]:
    """Leave out the rows in which an offset of the formula makes missing values."""
    gone = lost_to(parsed.offsets, _block(columns, kept, index))
    counts = {name: int(rows.sum()) for name, rows in gone.items()}
    refuse_made_missing(counts, missing)
    warn_of_lost(counts)
    left = kept
    for name, rows in gone.items():
        left = left & ~spread(kept, rows)
        _check_left(name, left)
    return left, counts


def warn_of_lost(lost: Mapping[str, int]) -> None:
    for name, count in lost.items():
        warn(MissingDataWarning("made-missing", words.made_missing(name, count)))


def _check_left(name: str, used: BoolArray) -> None:
    if not used.any():
        raise DataError(
            "no-rows-left", f"no rows are left: {name} makes missing values in all of them."
        )
