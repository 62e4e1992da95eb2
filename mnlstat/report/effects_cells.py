"""The rows of a table of effects as text, whatever they are set in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import pandas as pd

from mnlstat.inference.effects.estimands import LOG, LOGIT
from mnlstat.report import numbers
from mnlstat.report.cells import Row
from mnlstat.report.layout import label


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


def blocks(effects: Shown) -> dict[str, list[Row]]:
    """Rows by what stands before the last key, which names the row."""
    frame = effects.frame
    names = list(effects.keys.columns)
    decimals = numbers.decimals_for(
        frame["estimate"].to_numpy(dtype=float), frame["std_error"].to_numpy(dtype=float)
    )
    found = dict[str, list[Row]]()
    for at in range(len(frame)):
        row = frame.iloc[at]
        heading = ", ".join(_told(name, row[name]) for name in names[:-1] if _said(row[name]))
        found.setdefault(heading, []).append((label(row[names[-1]]), _numbers(row, decimals)))
    return found


def _said(value: Any) -> bool:
    return not (value is None or value == "")


def _told(name: str, value: Any) -> str:
    """A key in words: the name of a variable stands for itself."""
    if name in ("variable", "contrast", "term"):
        return label(value)
    return f"{name} = {label(value)}"


def _numbers(row: pd.Series, decimals: int) -> tuple[str, ...]:
    size = float(row["std_error"])
    tested = "statistic" in row
    return (
        numbers.fixed(row["estimate"], decimals, size),
        numbers.fixed(size, decimals),
        *((numbers.statistic(row["statistic"]),) if tested else ()),
        *((numbers.p_value(row["p_value"]),) if tested else ()),
        numbers.fixed(row["conf_low"], decimals, size),
        numbers.fixed(row["conf_high"], decimals, size),
    )
