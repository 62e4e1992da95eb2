"""From arrays to numbers: the door for those who bring a response and a design of their own."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import by_columns
from mnlstat.design.column import EVERY, Column, Rows
from mnlstat.design.dialect import quoted
from mnlstat.design.expression import Expression, Read
from mnlstat.design.formula import FactorText
from mnlstat.design.frames import as_array, as_frame, is_table, with_text_names
from mnlstat.design.given_response import given_response
from mnlstat.design.missing import Dropped, present_rows
from mnlstat.design.offsets import given_numbers, learn_offset, offset_names
from mnlstat.design.outcomes import with_trials
from mnlstat.design.plan import Plan, Subterm, Term
from mnlstat.design.predictors import LearnedFactor
from mnlstat.design.prepared import Prepared
from mnlstat.design.response import Response
from mnlstat.design.source import Source
from mnlstat.design.spec import DesignSpec
from mnlstat.design.used import LearnedColumn, check_finite, conformed, read_used
from mnlstat.design.weights import Weighting, read_weights, weighty
from mnlstat.errors import DataError, OffsetError, WeightsError
from mnlstat.options import check_choice, shown
from mnlstat.rows.matrix import Dense

__all__ = ["prepare_arrays"]


def prepare_arrays(
    y: Any,
    X: Any,
    *,
    base: object = None,
    missing: str = "drop",
    weighting: Weighting | None = None,
    offset: Any = None,
) -> Prepared:
    """Take a response and a design as they are; no intercept is added.

    Parameters
    ----------
    y : (n,) array-like, column or table
        Outcomes: labels of any kind; or a column for each outcome with counts or shares.
    X : (n, k) table or array of numbers
        Columns of an array are named ``const`` for ones and ``x1``, ``x2``, ... for the others.
    base : label, optional
        Base outcome; the first one by default.
    missing : {"drop", "error"}
        What to do with rows that miss something.
    weighting : Weighting, optional
        Weights of the rows, as an array or Series; those of weight zero are left out.
    offset : (n, J) array or table, optional
        Added to linear predictors.

    Returns
    -------
    Prepared

    Raises
    ------
    DataError, OptionError
        With column, rows and reason named.

    Examples
    --------
    >>> from mnlstat.design.matrices import prepare_arrays
    >>> prepare_arrays(["a", "b", "b"], [[1, 5], [1, 6], [1, 8]]).spec.columns
    ('const', 'x1')
    """
    check_choice("missing", missing, ("drop", "error"))
    frame = _design_frame(X)
    given = given_response(y, frame, X)
    frame = given.frame
    names = tuple(frame.columns)
    columns = {each: _number_column(column) for each, column in read_used(frame, names).items()}
    everything = {**given.columns, **columns}
    if weighting is not None and isinstance(weighting.given, str):
        raise WeightsError(
            "name-without-frame",
            f"{weighting.option}={shown(weighting.given)} names a column; a model of arrays takes"
            " the numbers, and all columns of X are predictors.",
        )
    weights = None if weighting is None else read_weights(weighting, frame)[0]
    every, numbers = np.ones(len(frame), dtype=bool), None if weights is None else weights.values
    kept, by_column = present_rows(everything, every, missing, numbers)
    kept, of_no_weight = weighty(kept, weights)
    check_finite(everything, kept, frame.index)
    outcome = given.outcomes if kept.all() else given.outcomes.of_rows(kept)
    outcome, kept, untried = with_trials(outcome, kept)
    dropped = Dropped(len(frame), int(kept.sum()), by_column, {}, of_no_weight, untried)
    rows: Rows = EVERY if kept.all() else kept
    response, codes = outcome.learned(base=base, n_dropped=dropped.total)
    spec = _spec(names, response, given.written)
    source = Source.of(frame.assign(**given.values), kept)
    own = frame.to_numpy() if rows is EVERY and not is_table(X) else None
    if own is None or own.dtype != np.float64 or not own.flags.f_contiguous:
        own = spec.plan.write([columns[each].numbers(rows) for each in names], dropped.used)
    matrix = Dense(own)
    added = None
    if offset is not None:
        if offset_names(offset) is not None:
            raise OffsetError(
                "name-without-frame",
                "offset= names columns; a model of arrays takes the numbers, a column for each"
                " outcome.",
            )
        spec = replace(spec, offset=learn_offset(offset, response))
        added = given_numbers(offset, frame.index, kept, response)
    own_weights = None if weights is None else weights.of_rows(kept)
    return Prepared(spec, matrix, codes, source, dropped, response.notes, own_weights, added)


def _design_frame(X: Any) -> Any:
    """Return X as a frame with text for column names."""
    if is_table(X):
        frame = with_text_names(as_frame(X))
        twice = frame.columns[frame.columns.duplicated()]
        if len(twice):
            raise DataError(
                "duplicate-column",
                f"X has two columns named {shown(twice[0])}; rename or drop them.",
            )
    else:
        values = as_array("X", X)
        if values.ndim != 2:
            raise DataError(
                "wrong-shape",
                f"X must have two dimensions, rows and columns; its shape is {values.shape}.",
            )
        if values.dtype.kind in "fiub":  # one copy, columns contiguous: it becomes the design
            values = by_columns(values)
        frame = pd.DataFrame(values, columns=_names(values), copy=False)
    if frame.shape[1] == 0:
        raise DataError("no-columns", "X has no columns.")
    return frame


def _names(values: Any) -> list[str]:
    """Return const for the first column of ones, x1, x2, ... for the others."""
    ones = np.zeros(values.shape[1], dtype=bool)
    if values.dtype.kind in "fiubO":
        with contextlib.suppress(TypeError, ValueError):  # what is no number is refused later
            ones = (values == 1).all(axis=0).astype(bool)
    constant = int(ones.argmax()) if len(values) and ones.any() else -1
    numbered = iter(range(1, values.shape[1] + 1))
    return ["const" if at == constant else f"x{next(numbered)}" for at in range(values.shape[1])]


def _number_column(column: Column) -> Column:
    if column.kind == "empty":
        return column
    try:
        return conformed(column, LearnedColumn(column.name, "number", None, False), None)
    except DataError as error:
        raise DataError(
            "not-numbers",
            f"column {shown(column.name)} of X holds text, not numbers.\n"
            "Code it as numbers, or write a formula: it codes categories.",
        ) from error


def _spec(names: Sequence[str], response: Response, written: str) -> DesignSpec:
    """Return a design whose columns are the columns of X; ``written`` is the left side."""
    in_formula = list(map(quoted, names))
    right = " + ".join(["0", *in_formula])
    formula = f"{written} ~ "
    factors, start = [], len(formula) + len("0 + ")
    for name, written in zip(names, in_formula, strict=True):
        text = FactorText(name, formula + right, start, start + len(written))
        read = Read("_column_0", name, "bare")
        factors.append(
            LearnedFactor(Expression(text, read.placeholder, (read,), (), ()), (), 1, None)
        )
        start += len(written) + len(" + ")
    plan = Plan(
        tuple(names),
        tuple(Term(name, at, at + 1, (name,)) for at, name in enumerate(names)),
        tuple(Subterm((at,), (None,), (1,)) for at in range(len(names))),
    )
    return DesignSpec(
        formula=formula + right,
        right_side=right,
        response=response,
        columns=plan.columns,
        terms=plan.terms,
        factors=(),
        variables=tuple(names),
        learned_columns=tuple(LearnedColumn(name, "number", None, False) for name in names),
        learned_factors=tuple(factors),
        plan=plan,
        takes_arrays=True,
    )
