"""Where effects are looked at: which rows, and which columns are set to what."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.design.spec import DesignSpec
from mnlstat.design.variables import not_read
from mnlstat.errors import OptionError
from mnlstat.inference.effects.asks import Changes, Set
from mnlstat.inference.effects.typical import MEAN, MEDIAN, TYPICAL
from mnlstat.inference.effects.unconditional import Unconditional
from mnlstat.memory import check_room
from mnlstat.options import check_choice, shown

OVERALL = "overall"
PLACES = (OVERALL, MEAN, TYPICAL, MEDIAN)
ROWS = "rows"
# Bytes of a row of a table of effects.
AT_LEAST = 2000.0


@dataclass(frozen=True, eq=False)
class Where:
    """Rows, groups and scenarios.

    Attributes
    ----------
    place : "overall", "mean", "typical" or "median"
    scenarios : columns that are set, for each of several scenarios
    by : groups
    data : rows of the user's; None for those of the fit
    caller : what was called
    each_row : whether nothing is averaged
    facts : what else is to be said of it
    sampling : how the variance is made where the rows are a sample, too; None where they are given
    """

    place: str
    scenarios: tuple[Changes, ...]
    by: Any
    data: Any
    caller: str
    each_row: bool = False
    facts: tuple[tuple[str, str], ...] = ()
    sampling: Unconditional | None = None

    @classmethod
    def asked(
        cls, spec: DesignSpec, at: Any, others: str, by: Any, data: Any, caller: str
    ) -> Where:
        """Read ``at=``, ``others=``, ``by=`` and ``data=``."""
        check_choice("others", others, PLACES)
        if isinstance(at, Mapping):
            return cls(others, _scenarios(spec, at), by, data, caller)
        if not isinstance(at, str):
            raise OptionError(
                "at-unreadable",
                f"at={shown(at)} must be one of {', '.join(map(repr, (*PLACES, ROWS)))}, or a dict"
                ' of columns and values, at={"age": [20, 40]}.',
            )
        place = check_choice("at", at, (*PLACES, ROWS))
        if place == ROWS and by is not None:
            raise OptionError(
                "groups-of-rows", "by= averages over groups, and at='rows' over nothing; give one."
            )
        if others not in (OVERALL, place):
            raise OptionError(
                "others-without-values",
                f"others={others!r} tells where columns are that a dict at={{...}} does not name;"
                f" at={at!r} says that of all.\nLeave it out.",
            )
        if place == ROWS:
            return cls(OVERALL, ((),), None, data, caller, each_row=True)
        return cls(place, ((),), by, data, caller)

    @property
    def set_columns(self) -> tuple[str, ...]:
        """Columns that scenarios set."""
        return tuple(name for name, _ in self.scenarios[0])


def _scenarios(spec: DesignSpec, at: Mapping[Any, Any]) -> tuple[Changes, ...]:
    values = []
    for name, given in at.items():
        if name not in spec.read_names:
            raise not_read(spec, name)
        values.append([(name, Set(value)) for value in listed(name, given)])
    n = math.prod(map(len, values))
    check_room(AT_LEAST * n, f"a table of {n} combinations of values", "Give fewer in at=.")
    return tuple(itertools.product(*values))


def listed(name: str, given: Any) -> list[Any]:
    """Values that a column is set to, as a list of Python's own; those given twice are one.

    Raises
    ------
    OptionError
        For none, and for what is no single value.
    """
    single = isinstance(given, str) or not isinstance(given, Iterable) or _is_scalar(given)
    values = [given] if single else list(given)
    if not values:
        raise OptionError("at-empty", f"at: {shown(name)} has no values.")
    for value in values:
        many = isinstance(value, Iterable) and not isinstance(value, str) and not _is_scalar(value)
        if many or pd.isna(value):
            raise OptionError(
                "at-unreadable",
                f"at: {shown(name)} cannot be set to {shown(value)}.\n"
                'Give values, at={"age": [20, 40]}; each one is set in all rows.',
            )
    plain = (each.item() if isinstance(each, np.generic | np.ndarray) else each for each in values)
    found = list[Any]()
    for value in plain:
        if value not in found:
            found.append(value)
    return found


def _is_scalar(given: Any) -> bool:
    """Whether an array holds one value, and has no axis to go along."""
    return isinstance(given, np.ndarray) and given.ndim == 0
