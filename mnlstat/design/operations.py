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

from mnlstat.design.moments import are_dates, as_date

COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "Eq": operator.eq, "NotEq": operator.ne, "Lt": operator.lt, "LtE": operator.le,
    "Gt": operator.gt, "GtE": operator.ge,
}  # fmt: skip


def power(base: Any, exponent: Any) -> Any:
    """``base ** exponent``; of truth values it would be taken for Python's exclusive or."""
    if all(np.asarray(each).dtype == bool for each in (base, exponent)):
        raise TypeError("^ is a power, not for two truth values; write a != b for 'one of both'")
    return base**exponent


def either(one: Any, other: Any) -> Any:
    """``one | other`` of truth values; of numbers it would be an operation on bits."""
    if not all(np.asarray(each).dtype == bool for each in (one, other)):
        raise TypeError(
            "| joins two truth values; there are no random effects (1 | g): give g as a term, or"
            " cluster the covariance by it"
        )
    return one | other


def member(value: Any, values: Any) -> Any:
    """Whether each entry of ``value`` is among ``values``."""
    if np.ndim(value) == 0:
        return value in values
    series = value if isinstance(value, pd.Series) else pd.Series(value)
    one = isinstance(values, str | bytes) or not hasattr(values, "__iter__")
    wanted = [values] if one else list(values)
    if are_dates(series):
        return series.isin([as_date(each, series) for each in wanted])
    for each in wanted:
        _check_kinds(series, each)
    return series.isin(wanted)


def no_member(value: Any, values: Any) -> Any:
    """Whether each entry is none of ``values``."""
    among = member(value, values)
    return not among if isinstance(among, bool) else ~among


def compared(name: str, one: Any, other: Any) -> Any:
    """Compare entry by entry; missing where either is."""
    if name in ("In", "NotIn"):
        truths = (member if name == "In" else no_member)(one, other)
        return _with_missing(truths, one)
    for each, others in ((one, other), (other, one)):
        _check_length(each, others)
    if are_dates(one) or are_dates(other):
        one, other = as_date(one, other), as_date(other, one)
    else:
        _check_kinds(one, other)
    return _with_missing(COMPARISONS[name](one, other), one, other)


def _check_length(value: Any, values: Any) -> None:
    """Refuse to compare each row with several values."""
    rows = np.ndim(value) > 0 and not isinstance(value, list | tuple)
    several = isinstance(values, list | tuple) or (rows and np.ndim(values) > 0)
    if rows and several and (isinstance(values, list | tuple) or len(values) != len(value)):
        raise TypeError(
            f"rows are compared with {len(values)} values; write x %in% c(1, 2), or !(x %in% c(1,"
            " 2)), for one of several"
        )


def _check_kinds(one: Any, other: Any) -> None:
    """Refuse to compare numbers with text: they are never equal, though they may look alike."""
    kinds = {_kind(one), _kind(other)}
    if kinds == {"numbers", "text"}:
        text = other if isinstance(other, str) else one
        said = f" with {text!r}" if isinstance(text, str) else ""
        raise TypeError(f"numbers are compared with text{said}; write both as one of them")


def _kind(value: Any) -> str | None:
    """Whether something is numbers or text; None for neither and for both."""
    if isinstance(value, str):
        return "text"
    if np.ndim(value) == 0:
        return "numbers" if isinstance(value, int | float | np.number) else None
    values = (
        value.cat.categories if isinstance(value, pd.Series) and hasattr(value, "cat") else value
    )
    inferred = pd.api.types.infer_dtype(values, skipna=True)
    if inferred == "string":
        return "text"
    return (
        "numbers" if inferred in ("integer", "floating", "mixed-integer-float", "boolean") else None
    )


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
    if isinstance(value, tuple):
        raise TypeError("several conditions are joined by & or |, not by commas")
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
