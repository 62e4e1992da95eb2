"""Operations that formulas write as R does: powers, membership, and the logic of conditions.

A condition has three values, true, false and missing (Kleene 1952, Introduction to Metamathematics,
section 64): ``missing | true`` is true, ``missing & false`` is false, all else with missing is
missing.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "Eq": operator.eq, "NotEq": operator.ne, "Lt": operator.lt, "LtE": operator.le,
    "Gt": operator.gt, "GtE": operator.ge,
}  # fmt: skip


def power(base: Any, exponent: Any) -> Any:
    """``base ** exponent``; of truth values it would be taken for Python's exclusive or."""
    if all(np.asarray(each).dtype == bool for each in (base, exponent)):
        raise TypeError("^ is a power, not for two truth values; write a != b for 'one of both'")
    return base**exponent


def member(value: Any, values: Any) -> Any:
    """Whether each entry of ``value`` is among ``values``."""
    if np.ndim(value) == 0:
        return value in values
    series = value if isinstance(value, pd.Series) else pd.Series(value)
    return series.isin([values] if np.ndim(values) == 0 else list(values))


def no_member(value: Any, values: Any) -> Any:
    """Whether each entry is none of ``values``."""
    among = member(value, values)
    return not among if isinstance(among, bool) else ~among


def compared(name: str, one: Any, other: Any) -> Any:
    """Compare entry by entry; missing where either is."""
    if name in ("In", "NotIn"):
        truths = (member if name == "In" else no_member)(one, other)
        return _with_missing(truths, one)
    return _with_missing(COMPARISONS[name](one, other), one, other)


def _with_missing(truths: Any, *operands: Any) -> Any:
    if np.ndim(truths) == 0:
        return truths
    made = pd.array(np.asarray(truths, dtype=bool), dtype="boolean")
    for each in operands:
        if np.ndim(each) > 0 and len(each) == len(made):
            made[np.asarray(pd.isna(each))] = pd.NA
    return made


def truth(value: Any) -> Any:
    """Return true, false and missing of each row, or refuse what is neither."""
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, pd.Series) and value.dtype == object:
        given = set(map(type, value[value.notna()]))
        if given <= {bool, np.bool_}:
            return pd.array(value, dtype="boolean")
    if getattr(value, "dtype", None) in (bool, "boolean"):
        return pd.array(value, dtype="boolean")
    kind = getattr(value, "dtype", type(value).__name__)
    raise TypeError(f"it gives {kind} where true or false is wanted; compare it with something")


def every(*values: Any) -> Any:
    """``and``."""
    first, *others = map(truth, values)
    for each in others:
        first = first & each
    return first


def some(*values: Any) -> Any:
    """``or``."""
    first, *others = map(truth, values)
    for each in others:
        first = first | each
    return first


def negated(value: Any) -> Any:
    """``not``."""
    value = truth(value)
    return not value if isinstance(value, bool) else ~value


def isna(value: Any) -> Any:
    """Whether each entry is missing; never missing itself."""
    return pd.array(np.asarray(pd.isna(value), dtype=bool), dtype="boolean")
