"""How a formula reads each column of the data: as numbers, as categories, or as both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

import numpy as np

from mnlstat.design.expression import Read
from mnlstat.design.new_rows import NewRows
from mnlstat.design.offsets import LearnedOffset
from mnlstat.design.predictors import Factor, LearnedFactor
from mnlstat.design.used import LearnedColumn
from mnlstat.errors import OptionError
from mnlstat.options import nearest, shown

Role = Literal["number", "factor", "mixed"]


class Described(Protocol):
    """What is known of a design."""

    @property
    def variables(self) -> tuple[str, ...]:
        """Data columns that the right side reads."""

    @property
    def factors(self) -> tuple[Factor, ...]:
        """Categorical factors."""

    @property
    def learned_columns(self) -> tuple[LearnedColumn, ...]:
        """What the columns held."""

    @property
    def learned_factors(self) -> tuple[LearnedFactor, ...]:
        """All factors."""

    @property
    def offset(self) -> LearnedOffset | None:
        """Which columns are added."""


@dataclass(frozen=True)
class Variable:
    """A data column as the predictors read it.

    Attributes
    ----------
    name : str
    role : {"number", "factor", "mixed"}
        Whether every factor of the formula reads it as numbers; or as categories (text,
        categories, truth values, ``C(x)``, code that takes no numbers); or some do this, some that.
    levels : tuple, optional
        Of a factor, in the order of coding; None for numbers, and for text that is read by code
        alone, ``I(g == "a")``, of which no levels are kept.
    reference : level, optional
        The level whose design columns are zero; where the coding has none the first one.
    binary : bool, optional
        Whether its numbers are 0 and 1, both of them, and nothing else; None where that is not
        known, because no rows were given, or it is a factor.
    """

    name: str
    role: Role
    levels: tuple[Any, ...] | None = None
    reference: Any | None = None
    binary: bool | None = None

    def seen_in(self, rows: NewRows) -> Variable:
        """Tell by the complete rows of these whether the numbers are 0 and 1."""
        column = rows.columns[self.name]
        if self.role == "factor" or column.is_levelled:
            return self
        found = np.unique(column.numbers()[rows.complete])
        return replace(self, binary=found.tolist() == [0.0, 1.0])


def variable_of(spec: Described, name: str) -> Variable:
    """Return how the predictors read a column.

    Raises
    ------
    OptionError
        When none does.
    """
    if name not in spec.variables:
        raise not_read(spec, name)
    learned = next(each for each in spec.learned_columns if each.name == name)
    readers = [
        (factor, read)
        for factor in spec.learned_factors
        for read in factor.expression.reads
        if read.column == name
    ]
    truths = [_as_categories(factor, read, learned) for factor, read in readers]
    role: Role = "factor" if all(truths) else "mixed" if any(truths) else "number"
    if role == "number":
        return Variable(name, role)
    levels, reference = _levels(name, [factor for factor, _ in readers], spec.factors, learned)
    return Variable(name, role, levels, reference)


def _as_categories(factor: LearnedFactor, read: Read, learned: LearnedColumn) -> bool:
    """Whether a factor reads the column as categories."""
    if learned.content == "text" or learned.categories is not None or read.view == "levels":
        return True
    return learned.content == "bool" and factor.levels is not None


def _levels(
    name: str,
    readers: Sequence[LearnedFactor],
    factors: Sequence[Factor],
    learned: LearnedColumn,
) -> tuple[tuple[Any, ...] | None, Any]:
    """Levels and reference of the first factor that is the column and nothing else."""
    for reader in readers:
        if reader.levels is not None and reader.expression.column == name:
            coded = next(each for each in factors if each.name == reader.expression.text.name)
            first = coded.levels[0]
            return coded.levels, first if coded.reference is None else coded.reference
    if learned.categories is not None:
        return learned.categories, learned.categories[0]
    return ((False, True), False) if learned.content == "bool" else (None, None)


def not_read(spec: Described, name: str) -> OptionError:
    """What is said of a column that no predictor reads."""
    if spec.offset is not None and name in spec.offset.names:
        return OptionError(
            "not-a-predictor", f"column {shown(name)} is read by the offset only, by no predictor."
        )
    known = ", ".join(map(shown, spec.variables)) or "none"
    guess = nearest(name, spec.variables) if isinstance(name, str) else ""
    return OptionError(
        "not-a-predictor",
        f"no predictor reads a column {shown(name)}{guess}.\nColumns of the predictors: {known}.",
    )
