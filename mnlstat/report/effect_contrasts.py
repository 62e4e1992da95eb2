"""Differences between the rows of a table of effects: which rows, and what they are called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray
from mnlstat.errors import OptionError
from mnlstat.options import nearest, shown
from mnlstat.report.layout import label

PAIRWISE, REFERENCE, SEQUENTIAL = "pairwise", "reference", "sequential"
METHODS = (PAIRWISE, REFERENCE, SEQUENTIAL)


def between(
    keys: pd.DataFrame, over: str, method: str, sign: str
) -> tuple[FloatArray, pd.DataFrame]:
    """Differences between rows that differ in one key.

    Parameters
    ----------
    keys : (M, ...) what each row is of
    over : the key
    method : every pair of its values, each with the first, each with the one before
    sign : what stands between the two in words

    Returns
    -------
    C : (m, M) array
        The differences as combinations of the rows.
    keys : (m, ...) DataFrame

    Raises
    ------
    OptionError
        For an unknown key, or one that has a single value beside the others.
    """
    if not isinstance(over, str) or over not in keys.columns:
        known = [str(name) for name in keys.columns]
        raise OptionError(
            "unknown-key",
            f"over={shown(over)} is no key of this table{nearest(str(over), known)}.\n"
            f"Keys: {', '.join(map(shown, known))}.",
        )
    others = [name for name in keys.columns if name != over]
    groups = [list(rows) for rows in _alike(keys, others)]
    pairs = [pair for rows in groups for pair in _pairs(rows, method)]
    if not pairs:
        raise OptionError(
            "nothing-to-compare",
            f"over={shown(over)}: no two rows of this table differ in it alone.",
        )
    C = np.zeros((len(pairs), len(keys)))
    at = np.arange(len(pairs))
    C[at, [last for last, _ in pairs]] += 1.0
    C[at, [first for _, first in pairs]] -= 1.0
    made = keys.iloc[[last for last, _ in pairs]].reset_index(drop=True)
    values = keys[over].tolist()
    made[over] = [f"{_operand(values[b])} {sign} {_operand(values[a])}" for b, a in pairs]
    return C, made


def _alike(keys: pd.DataFrame, others: Sequence[str]) -> list[list[int]]:
    """Positions of the rows that agree in the other keys."""
    found = dict[tuple[Any, ...], list[int]]()
    columns = [keys[name].tolist() for name in others]
    for at in range(len(keys)):
        found.setdefault(tuple(column[at] for column in columns), []).append(at)
    return list(found.values())


def _pairs(rows: Sequence[int], method: str) -> list[tuple[int, int]]:
    if method == SEQUENTIAL:
        return list(zip(rows[1:], rows[:-1], strict=True))
    if method == REFERENCE:
        return [(row, rows[0]) for row in rows[1:]]
    return [(b, a) for at, a in enumerate(rows) for b in rows[at + 1 :]]


def _operand(value: Any) -> str:
    """A value in words; in parentheses where it is a difference itself."""
    text = label(value)
    return f"({text})" if " - " in text or " / " in text else text
