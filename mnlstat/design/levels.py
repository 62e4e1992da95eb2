"""Categories: codes, and their labels as plain Python values in a fixed order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mnlstat.arrays import BoolArray, IntArray
from mnlstat.errors import DataError
from mnlstat.options import shown

EXACT = 2.0**53
# Codes that are looked at together: what is made of them stays in the cache.
CHUNK = 2**15


@dataclass(frozen=True, eq=False)
class Levelled:
    """A categorical value: positions in ``levels``, -1 where missing.

    ``declared`` levels have an order of their own (categories, False and True); ``asked`` ones
    were listed in the formula and stay also when some never occur.
    """

    codes: IntArray
    levels: tuple[Any, ...]
    ordered: bool = False
    declared: bool = False
    asked: bool = False
    contrast: Any = None

    def recoded(self, levels: tuple[Any, ...]) -> IntArray:
        """Return positions in other ``levels``; -2 for a level that is not among them."""
        place = {level: at for at, level in enumerate(levels)}
        table = np.array([place.get(level, -2) for level in self.levels] + [-1], dtype=np.intp)
        return table[self.codes]

    def seen(self) -> BoolArray:
        """True for each level that occurs."""
        seen = np.zeros(len(self.levels) + 1, dtype=bool)
        for start in range(0, len(self.codes), CHUNK):
            seen[self.codes[start : start + CHUNK]] = True  # the last one stands for missing
            if seen[:-1].all():
                break
        return seen[:-1]

    def without(self, unused: BoolArray) -> Levelled:
        """Return the same value with the ``unused`` levels left out."""
        table = np.append(np.where(unused, -1, np.cumsum(~unused) - 1), -1).astype(np.intp)
        levels = plain(lev for lev, out in zip(self.levels, unused, strict=True) if not out)
        return replace(self, codes=table[self.codes], levels=levels)

    def unseen(self) -> tuple[Any, ...]:
        """Levels that do not occur."""
        return tuple(lev for lev, seen in zip(self.levels, self.seen(), strict=True) if not seen)

    def unknown(self, codes: IntArray) -> tuple[Any, BoolArray] | None:
        """Return the first level recoded as -2, and the rows that have it."""
        first = int((codes == -2).argmax()) if codes.size else 0
        if not codes.size or codes[first] != -2:
            return None
        return self.levels[self.codes[first]], self.codes == self.codes[first]


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
                "mixed-labels",
                f"{where} has the labels {shown(twin)} ({type(twin).__name__}) and {shown(label)}"
                f" ({type(label).__name__}) together.\nMake them one type.",
            )
