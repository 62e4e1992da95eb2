"""What is asked of the probabilities of rows: at which values, and how fast they change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

DYDX, EYEX, DYEX, EYDX = "dydx", "eyex", "dyex", "eydx"
SLOPES = (DYDX, EYEX, DYEX, EYDX)
# Those of log probabilities, and those by the logarithm of the variable.
OF_LOGS, BY_LOGS = (EYEX, EYDX), (EYEX, DYEX)


@dataclass(frozen=True)
class Set:
    """A column of the data has this value in every row."""

    value: Any


@dataclass(frozen=True)
class Moved:
    """A column of the data has its own value plus ``by`` in every row."""

    by: float


Change: TypeAlias = "Set | Moved"


def value_of(change: Change) -> Any:
    """What a column is set to, in a table; how far it is moved, in words."""
    return change.value if isinstance(change, Set) else f"{change.by:+g}"


# Column and what is done to it; several are done together.
Changes: TypeAlias = "tuple[tuple[str, Change], ...]"


@dataclass(frozen=True)
class Level:
    """The probabilities where columns are changed."""

    changes: Changes = ()


@dataclass(frozen=True)
class Rate:
    """The derivative of the probabilities in a column, where columns are changed.

    ``kind`` is "dydx", or with logarithms of the probabilities ("ey") or of the column ("ex").
    """

    name: str
    kind: str = DYDX
    changes: Changes = ()


Ask: TypeAlias = "Level | Rate"
