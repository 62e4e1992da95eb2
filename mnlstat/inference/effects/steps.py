"""By how much a number is changed: a step, a deviation, the range of the data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.errors import OptionError
from mnlstat.inference.effects.asks import Change, Moved, Set
from mnlstat.options import as_float, check_choice, shown

SD, IQR, MINMAX = "sd", "iqr", "minmax"
NAMED = (SD, IQR, MINMAX)


class Spread(Protocol):
    """How a column of numbers is spread over the rows."""

    @property
    def whole(self) -> bool:
        """Whether all of them are whole numbers."""

    def deviation(self) -> float:
        """Standard deviation of as many rows as the weights sum to."""

    def extremes(self) -> tuple[float, float]:
        """The smallest and the largest number."""

    def quartiles(self) -> tuple[float, float]:
        """The first and the third quartile."""


@dataclass(frozen=True, eq=False)
class Held:
    """A column (n,) that is in memory, and the weights of its rows."""

    column: FloatArray
    weights: FloatArray

    @property
    def whole(self) -> bool:
        """Whether all are whole numbers."""
        return np.array_equal(self.column, np.rint(self.column))

    def deviation(self) -> float:
        """Standard deviation of as many rows as the weights sum to."""
        total = float(self.weights.sum())
        squares = np.square(self.column - float(self.weights @ self.column) / total)
        return float(np.sqrt(self.weights @ squares / max(total - 1.0, 1.0)))

    def extremes(self) -> tuple[float, float]:
        """The smallest and the largest number."""
        return float(self.column.min()), float(self.column.max())

    def quartiles(self) -> tuple[float, float]:
        """The first and the third quartile."""
        low, high = (quantile(self.column, self.weights, share) for share in (0.25, 0.75))
        return low, high


def step_of(
    name: str, change: Any, centred: bool, spread: Callable[[], Spread]
) -> tuple[str, tuple[Change, Change]]:
    """What is compared, in words, and the two changes, the second one subtracted.

    Parameters
    ----------
    name : of the column
    change : a number, "sd", "iqr", "minmax", or two values
    centred : whether a step goes half down and half up from where a row is
    spread : tells how the column is spread

    Raises
    ------
    OptionError
        For anything else.
    """
    if isinstance(change, tuple | list):
        low, high = _two(name, change)
        return f"{high:g} - {low:g}", (Set(high), Set(low))
    if isinstance(change, str):
        kind = check_choice(f"change[{name!r}]", change, NAMED)
        if kind == SD:
            return _moved("sd", spread().deviation(), centred)
        if kind == MINMAX:
            low, high = spread().extremes()
            return "max - min", (Set(high), Set(low))
        low, high = spread().quartiles()
        return "Q3 - Q1", (Set(high), Set(low))
    by = as_float(change)
    if not np.isfinite(by):
        raise _unreadable(name, change)
    if by == 0.0:
        raise OptionError("no-change", f"change={{{shown(name)}: 0}} changes nothing.")
    return _moved(f"{by:g}", by, centred)


def _moved(words: str, by: float, centred: bool) -> tuple[str, tuple[Change, Change]]:
    text = words if words.startswith("-") else f"+{words}"
    if centred:
        return f"{text} (centred)", (Moved(by / 2.0), Moved(-by / 2.0))
    return text, (Moved(by), Moved(0.0))


def _two(name: str, change: Any) -> tuple[float, float]:
    try:
        low, high = map(float, change)
    except (TypeError, ValueError, OverflowError) as error:
        raise _unreadable(name, change) from error
    if not (np.isfinite(low) and np.isfinite(high)) or low == high:
        raise _unreadable(name, change)
    return low, high


def _unreadable(name: str, change: Any) -> OptionError:
    return OptionError(
        "change-unreadable",
        f"change of {shown(name)}: {shown(change)} is no number, none of"
        f" {', '.join(map(repr, NAMED))}, and no pair of different values (low, high).",
    )


def quantile(column: FloatArray, weights: FloatArray, share: float) -> float:
    """Where the rows reach a share of their weight; the mean of two where they just reach it."""
    order = np.argsort(column, kind="stable")
    reached = np.cumsum(weights[order])
    goal = share * reached[-1]
    at = int(np.searchsorted(reached, goal * (1.0 - 1e-12)))
    last = min(at + int(abs(reached[at] - goal) <= 1e-12 * goal), len(column) - 1)
    return float(column[order[[at, last]]].mean())
