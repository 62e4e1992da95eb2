"""From probabilities to classes: the most probable, or that of the least expected cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import BoolArray, FloatArray, IntArray, real_array
from mnlstat.errors import OptionError
from mnlstat.inference.prediction_options import MISSING
from mnlstat.options import shown

# Expected costs, or probabilities, that differ by less than this share of their size are equal.
EQUAL = 1e-10
NONE = -1


def decided(pi: FloatArray, costs: FloatArray | None, ties: str) -> tuple[IntArray, BoolArray]:
    """The class of each row (n,), and which rows are ties (n,).

    Parameters
    ----------
    pi : (n, G) probabilities
    costs : (G, G) cost of deciding for column j where i is true; None for the most probable
    ties : "missing" leaves ties without a class, else the first of them is taken

    Returns
    -------
    Positions of outcomes, -1 where there is none: probabilities are missing, or a tie.
    """
    if costs is None:
        gains, size = pi, pi.max(axis=1, initial=0.0)
    else:
        gains, size = -(pi @ costs), pi @ np.abs(costs).max(axis=1)
    known = ~np.isnan(pi).any(axis=1)
    with np.errstate(invalid="ignore"):
        near = gains >= (gains.max(axis=1) - EQUAL * size)[:, None]
    classes: IntArray = np.where(known, near.argmax(axis=1), NONE)
    tied: BoolArray = known & (near.sum(axis=1) > 1)
    if ties == MISSING:
        classes[tied] = NONE
    return classes, tied


def cost_table(costs: Any, labels: Sequence[Any]) -> FloatArray | None:
    """Costs (G, G) in the order of the outcomes: rows what is true, columns what is decided.

    Parameters
    ----------
    costs : DataFrame, mapping or array
        A frame with the outcomes as index (true) and columns (decided); ``{true: {decided: cost}}``
        where right decisions cost nothing unless they are said to; or an array (G, G).

    Raises
    ------
    OptionError
        For other labels or shapes, and for what is no finite number.
    """
    if costs is None:
        return None
    if isinstance(costs, pd.DataFrame):
        table = _of_frame(costs, labels)
    elif isinstance(costs, Mapping):
        table = _of_mapping(costs, labels)
    else:
        table = costs
    try:
        values = real_array(table)
    except ValueError as error:
        raise _wrong("must be numbers", labels) from error
    G = len(labels)
    if values.shape != (G, G):
        raise _wrong(f"must have {G} rows and {G} columns, not shape {values.shape}", labels)
    if not np.isfinite(values).all():
        raise _wrong("must be finite numbers, one for each pair of outcomes", labels)
    return values


def _of_frame(costs: pd.DataFrame, labels: Sequence[Any]) -> Any:
    for axis, given in (("index", costs.index), ("columns", costs.columns)):
        found = list(given)
        if len(found) != len(labels) or any(found.count(label) != 1 for label in labels):
            raise _wrong(f"must have the outcomes as {axis}, not {shown(found)}", labels)
    rows = [list(costs.index).index(label) for label in labels]
    columns = [list(costs.columns).index(label) for label in labels]
    return costs.iloc[rows, columns].to_numpy()


def _of_mapping(costs: Mapping[Any, Any], labels: Sequence[Any]) -> FloatArray:
    table = np.full((len(labels),) * 2, np.nan)
    np.fill_diagonal(table, 0.0)
    places = {label: at for at, label in enumerate(labels)}
    for true, row in costs.items():
        if true not in places or not isinstance(row, Mapping):
            raise _wrong(f"must be {{true: {{decided: cost}}}}, not {shown({true: row})}", labels)
        for decision, cost in row.items():
            if decision not in places:
                raise _wrong(f"name {shown(decision)}, which is not an outcome", labels)
            try:
                table[places[true], places[decision]] = cost
            except (TypeError, ValueError) as error:
                raise _wrong(f"must be numbers, not {shown(cost)}", labels) from error
    return table


def _wrong(said: str, labels: Sequence[Any]) -> OptionError:
    return OptionError(
        "cost-table",
        f"costs= {said}.\nOutcomes: {', '.join(map(shown, labels))}; rows are what is true,"
        " columns what is decided.",
    )
