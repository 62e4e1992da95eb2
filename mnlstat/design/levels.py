"""Labels of categories: plain Python values in a fixed order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from mnlstat.errors import DataError
from mnlstat.options import shown

EXACT = 2.0**53


def plain(labels: Iterable[Any]) -> tuple[Any, ...]:
    """Return labels as Python values; floats become ints when all of them are whole."""
    values = [label.item() if isinstance(label, np.generic) else label for label in labels]
    if any(type(value) is float for value in values) and all(map(_is_whole, values)):
        values = [int(value) for value in values]
    return tuple(values)


def _is_whole(value: object) -> bool:
    if type(value) is float:
        return value.is_integer() and abs(value) <= EXACT
    return type(value) is int


def ascending(labels: Sequence[Any]) -> list[int]:
    """Return the positions that sort ``labels``; types that do not compare go by type name."""
    try:
        return sorted(range(len(labels)), key=lambda at: labels[at])
    except TypeError:
        return sorted(range(len(labels)), key=lambda at: _any_order(labels[at]))


def _any_order(label: Any) -> tuple[str, Any, str]:
    if isinstance(label, bool | int | float):
        return "", label, ""
    return type(label).__name__, 0, str(label)


def check_distinct(labels: Sequence[Any], where: str) -> None:
    """Refuse labels that print alike though they differ, such as 1 and ``"1"``."""
    seen: dict[str, Any] = {}
    for label in labels:
        twin = seen.setdefault(str(label), label)
        if type(twin) is not type(label):
            raise DataError(
                f"{where} has the labels {shown(twin)} ({type(twin).__name__}) and {shown(label)}"
                f" ({type(label).__name__}) together.\nMake them one type."
            )
