"""What a picture of effects says: labels of rows, units, where and how."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import pandas as pd

from mnlstat.inference.effects.variables import WRITTEN
from mnlstat.report import numbers
from mnlstat.report.plots.style import EQUALS, NOTE, Style, notes, style

OUTCOME, VARIABLE, CONTRAST = "outcome", "variable", "contrast"
VARIANCE = "Variance"
PROBABILITY = "probability"
PLURALS = {
    "ratio": "ratios",
    "change": "changes",
    "difference": "differences",
    "elasticity": "elasticities",
}
PLURAL = re.compile(rf"\b(?:{'|'.join(PLURALS)})\b")
KINDS = ("Covariance", VARIANCE)


class Drawn(Protocol):
    """A table of effects."""

    @property
    def frame(self) -> pd.DataFrame:
        """Keys and estimates."""

    @property
    def keys(self) -> pd.DataFrame:
        """What each estimate is of."""

    @property
    def facts(self) -> Sequence[tuple[str, str]]:
        """Where and how."""

    @property
    def alpha(self) -> float:
        """One minus the level."""

    @property
    def adjust(self) -> str:
        """How intervals allow for there being several."""

    @property
    def scale(self) -> str:
        """Whether the estimates are ratios."""

    @property
    def quantity(self) -> str:
        """What is estimated, with its unit."""

    @property
    def response(self) -> tuple[str, Sequence[Any]]:
        """The name of the response, and its outcomes."""


def looks_of(table: Drawn) -> dict[Any, Style]:
    """The style of each outcome: its own in every picture; others for unions and differences."""
    _, known = table.response
    found = {outcome: style(at) for at, outcome in enumerate(known)}
    for each in dict.fromkeys(table.keys[OUTCOME]):
        if each not in found:
            found[each] = style(len(found))
    return found


def words(row: Mapping[str, Any], names: Sequence[str]) -> str:
    """What an estimate is of, by the keys of these names."""
    parts = _equations(row, names)
    contrast = row[CONTRAST] if CONTRAST in names else ""
    derivative = contrast in WRITTEN.values()
    if VARIABLE in names:
        first = str(row[VARIABLE]) if derivative or not contrast else f"{row[VARIABLE]}: {contrast}"
        return ", ".join([first, *parts])
    return ", ".join([str(contrast), *parts] if contrast else parts)


def _equations(row: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    """Keys and their values, but for what is compared."""
    own = [name for name in names if name not in (VARIABLE, CONTRAST)]
    return [f"{name}{EQUALS}{plain(row[name])}" for name in own]


def plain(value: Any) -> str:
    """A value on one line."""
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def records(found: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as mappings of columns to values of Python's own."""
    columns = {name: found[name].tolist() for name in found}
    return [{name: values[at] for name, values in columns.items()} for at in range(len(found))]


def caption(
    table: Drawn,
    found: pd.DataFrame,
    fixed: Sequence[str],
    more: str,
    first: str,
    bands: bool = True,
    width: int = NOTE,
) -> str:
    """What is drawn; where; the level of the intervals."""
    where = [_fact(name, text) for name, text in table.facts if name not in KINDS]
    row = records(found.head(1))[0]
    where += _equations(row, fixed)
    band = ""
    if bands and found[["conf_low", "conf_high"]].notna().to_numpy().any():
        adjusted = "" if table.adjust == "none" else f", adjusted by {table.adjust}"
        sampled = ", unconditional" if VARIANCE in dict(table.facts) else ""
        band = f"{numbers.level(table.alpha)}% intervals{sampled}{adjusted}"
    return notes(first, ", ".join(where), band, more, width=width)


def _fact(name: str, text: str) -> str:
    """Where, in words that follow one another."""
    if name == "Rows":
        return f"each of {text}"
    return f"{name[:1].lower()}{name[1:]} {text}"


def unit_of(table: Drawn, found: pd.DataFrame, fixed: Sequence[str]) -> str:
    """What is estimated, with the comparison where it is a single one."""
    pair = [name for name in (VARIABLE, CONTRAST) if name in fixed]
    contrast = found[CONTRAST].iloc[0] if CONTRAST in fixed else ""
    if not contrast or contrast in WRITTEN.values():
        return table.quantity
    return f"{table.quantity}, {words(records(found.head(1))[0], pair)}"


def compared(quantity: str, ratios: bool) -> str:
    """What differences of a quantity are, or ratios of ratios."""
    if quantity == PROBABILITY:
        return f"difference in {quantity}"
    several = PLURAL.sub(lambda found: PLURALS[found.group()], quantity, count=1)
    return f"{'ratio of' if ratios else 'difference between'} {several}"
