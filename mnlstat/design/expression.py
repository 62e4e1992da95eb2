"""A piece of formula as code that can be evaluated on any block of data.

Names of data columns, calls of stateful transforms and names of the caller's scope are found in
the syntax tree and replaced by placeholders, so that the code is plain text and what it needs
is listed beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from mnlstat.design.formula import FactorText
from mnlstat.design.scope import Outside

View: TypeAlias = Literal["bare", "levels", "float", "number"]


@dataclass(frozen=True)
class Read:
    """A data column that the code reads: as it is, as a factor, as floats, or as its numbers."""

    placeholder: str
    column: str
    view: View


@dataclass(frozen=True, eq=False)
class Expression:
    """Code with what it reads.

    ``source`` is what is evaluated; ``transforms`` makes the states that fill ``_state_0``,
    ``_state_1``, ... in the order in which they are listed.
    """

    text: FactorText
    source: str
    reads: tuple[Read, ...]
    outside: tuple[Outside, ...]
    transforms: tuple[Callable[[], Any], ...]

    @property
    def bare_column(self) -> str | None:
        """The column when the expression is nothing but a column."""
        return self.reads[0].column if self.reads and self.reads[0].view == "bare" else None

    @property
    def column(self) -> str | None:
        """The column when the expression is a column, or C() of one; what errors name."""
        alone = len(self.reads) == 1 and self.reads[0].view in ("bare", "levels")
        return self.reads[0].column if alone else None


@dataclass(frozen=True)
class Known:
    """What names can mean: data columns, and the caller's scope.

    ``row_counts`` are the lengths that mark an outside array as a column in disguise.
    """

    columns: Container[str]
    column_names: tuple[str, ...]
    scope: Mapping[str, Any]
    row_counts: frozenset[int]
