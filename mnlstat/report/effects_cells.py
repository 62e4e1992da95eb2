"""The rows of a table of effects as text, whatever they are set in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd

from mnlstat.inference.effects.estimands import LOG, LOGIT
from mnlstat.report import numbers
from mnlstat.report.cells import Row
from mnlstat.report.layout import label

# Rows that are shown; digits that a value of a key has at least.
MOST_ROWS, LEAST_DIGITS, MOST_WHOLE = 500, 6, 1e15
SCALES = {
    LOG: (("Tests", "that a ratio is 1; tests and intervals are those of its logarithm"),),
    LOGIT: (("Intervals", "symmetric in the logit"),),
}


class Shown(Protocol):
    """What can be shown as a table of effects."""

    @property
    def title(self) -> str:
        """What is estimated."""

    @property
    def told(self) -> Sequence[tuple[str, str]]:
        """Where and how."""

    @property
    def frame(self) -> pd.DataFrame:
        """Keys and estimates."""

    @property
    def keys(self) -> pd.DataFrame:
        """What each estimate is of."""

    @property
    def estimands(self) -> Any:
        """The estimates and their covariance."""

    @property
    def alpha(self) -> float:
        """One minus the level."""

    @property
    def scale(self) -> str:
        """Whether the estimates are ratios, or probabilities."""

    @property
    def notes(self) -> Sequence[str]:
        """What else is to be said."""


def heads(effects: Shown) -> tuple[str, ...]:
    """Headings of the columns of numbers."""
    letter = "z" if effects.estimands.covariance.df is None else "t"
    if effects.scale == LOGIT:
        return ("probability", "std err", *_ends(effects.alpha))
    first = "ratio" if effects.scale == LOG else "estimate"
    return (first, "std err", letter, f"P>|{letter}|", *_ends(effects.alpha))


def _ends(alpha: float) -> tuple[str, str]:
    low, high = numbers.interval_ends(alpha)
    return f"[{low}", f"{high}]"


def facts(effects: Shown) -> tuple[tuple[str, str], ...]:
    """Where and how, and the scale of tests and intervals where it is not that of the estimates."""
    return (*effects.told, *SCALES.get(effects.scale, ()))


def notes(effects: Shown) -> tuple[str, ...]:
    """What else is to be said, and how many rows there are where not all are shown."""
    n, m = len(effects.keys), _shown(effects.keys)
    if m == n:
        return tuple(effects.notes)
    return (*effects.notes, f"The first {m} of {n} rows; .frame has all.")


def naming(keys: pd.DataFrame) -> str:
    """The key that names rows: the last one that has several values."""
    several = [name for name in keys.columns if len(dict.fromkeys(keys[name])) > 1]
    return str((several or list(keys.columns))[-1])


def blocks(effects: Shown) -> dict[str, list[Row]]:
    """Rows by the other keys, under the one that names them."""
    frame, keys = effects.frame, effects.keys
    names = naming(keys)
    decimals = numbers.decimals_for(
        frame["estimate"].to_numpy(dtype=float), frame["std_error"].to_numpy(dtype=float)
    )
    said = {name: words_of(keys[name]) for name in keys.columns}
    found = dict[str, list[Row]]()
    for at, row in enumerate(frame.head(_shown(keys)).to_dict("records")):
        heading = ", ".join(_told(name, said[name][at]) for name in keys if name != names)
        name = said[names][at] if names == keys.columns[-1] else _told(names, said[names][at])
        found.setdefault(heading, []).append((name, _numbers(row, decimals, effects.scale)))
    return found


def _shown(keys: pd.DataFrame) -> int:
    """How many rows are shown: all, or the whole blocks that stand before row MOST_ROWS."""
    if len(keys) <= MOST_ROWS:
        return len(keys)
    before = keys.iloc[: MOST_ROWS + 1, :-1].astype(object)
    starts = np.flatnonzero((before != before.shift()).any(axis=1).to_numpy())
    return int(starts.max(initial=0)) or MOST_ROWS


def words_of(column: pd.Series) -> list[str]:
    """The values of a key in words: numbers in as few digits as tell them apart."""
    values = column.tolist()
    floats = {value for value in values if _broken(value)}
    for digits in range(LEAST_DIGITS, 18):
        words = {value: f"{value:.{digits}g}" for value in floats}
        if len(set(words.values())) == len(floats):
            break
    return [words[value] if _broken(value) else label(_whole(value)) for value in values]


def _broken(value: Any) -> bool:
    """Whether a value is a number with decimals."""
    return isinstance(value, float) and math.isfinite(value) and not value.is_integer()


def _whole(value: Any) -> Any:
    """20.0 as 20, as long as a float holds all its digits."""
    whole = isinstance(value, float) and value.is_integer() and abs(value) < MOST_WHOLE
    return int(value) if whole else value


def _told(name: str, value: str) -> str:
    """A key in words: the name of a variable stands for itself."""
    return value if name in ("variable", "contrast", "term") else f"{name} = {value}"


def _numbers(row: dict[Any, Any], decimals: int, scale: str) -> tuple[str, ...]:
    size = float(row["std_error"])
    tested = "statistic" in row

    def written(value: float) -> str:
        if scale == LOG:
            return numbers.ratio(value, decimals)
        return numbers.fixed(value, decimals, size)

    return (
        written(row["estimate"]),
        numbers.fixed(size, decimals),
        *((numbers.statistic(row["statistic"]),) if tested else ()),
        *((numbers.p_value(row["p_value"]),) if tested else ()),
        written(row["conf_low"]),
        written(row["conf_high"]),
    )
