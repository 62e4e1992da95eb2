"""Rows of data at which probabilities are looked at, as they are and with columns changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.design.aliasing import Aliasing
from mnlstat.design.column import Column
from mnlstat.design.evaluate import Block
from mnlstat.design.spec import DesignSpec
from mnlstat.inference.effects.asks import Changes, Moved, Set


@dataclass(frozen=True, eq=False)
class Rise:
    """How the design rises with a column of the data.

    Attributes
    ----------
    columns : (c,) positions among the kept columns of the design
    dX : (n, c)
    constant : whether all rows are the same
    """

    columns: IntArray
    dX: FloatArray
    constant: bool


class Place(Protocol):
    """Rows at which probabilities are looked at.

    Attributes are weights (n,), the group of each row (n,), and offsets (n, J) or None.
    """

    @property
    def weights(self) -> FloatArray:
        """(n,)."""

    @property
    def groups(self) -> IntArray:
        """(n,) codes."""

    @property
    def offset(self) -> FloatArray | None:
        """(n, J)."""

    def design(self, changes: Changes = ()) -> FloatArray:
        """The kept columns (n, k) where columns of the data are changed."""

    def rise(self, name: str, changes: Changes = ()) -> Rise:
        """How they rise with a column of the data."""

    def numbers(self, name: str, changes: Changes = ()) -> FloatArray:
        """A column of the data (n,)."""


class Population(Protocol):
    """Rows in blocks, in groups."""

    @property
    def n_groups(self) -> int:
        """R."""

    def places(self) -> Iterator[Place]:
        """The rows, block by block."""


@dataclass(frozen=True, eq=False)
class Learned:
    """What a fit learned of the data, to make designs of other data.

    Attributes
    ----------
    spec : DesignSpec
    aliasing : which of its K columns are estimated, and what the others equal
    broken : names of aliased columns that in changed rows were not the combination they had been
    """

    spec: DesignSpec
    aliasing: Aliasing
    broken: set[str] = field(default_factory=set)

    def estimated(self, X: FloatArray) -> FloatArray:
        """The kept columns (n, k) of design rows (n, K), or of their derivatives.

        A row is NaN where a combination that the fit saw does not hold: what it would give is not
        estimated.
        """
        kept = self.aliasing.kept
        if kept.all():
            return X
        broken = self.aliasing.broken(X)
        names = np.flatnonzero(broken.any(axis=0))
        estimated = X[:, kept]
        if names.size:
            self.broken.update(self.aliasing.columns[j] for j in names.tolist())
            estimated[broken.any(axis=1)] = np.nan
        return estimated


@dataclass(frozen=True, eq=False)
class DataPlace:
    """Complete rows of data with the columns that the formula reads.

    Attributes
    ----------
    learned : what the fit learned of the data
    block : the rows
    weights, groups, offset : as of :class:`Place`
    """

    learned: Learned
    block: Block
    weights: FloatArray
    groups: IntArray
    offset: FloatArray | None = None

    def design(self, changes: Changes = ()) -> FloatArray:
        """The kept columns (n, k) where columns of the data are changed."""
        if not changes:
            return self.learned.estimated(self._own)
        varied = self.learned.spec.vary(self.block, self._values(changes))
        X = self._own.copy(order="F")
        X[:, varied.columns] = varied.X
        return self.learned.estimated(X)

    def rise(self, name: str, changes: Changes = ()) -> Rise:
        """How they rise with a column of the data."""
        spec, kept = self.learned.spec, self.learned.aliasing.kept
        block = spec.changed(self.block, self._values(changes)) if changes else self.block
        found = spec.derivative(block, name)
        if kept.all():
            return Rise(found.columns, found.X, found.constant)
        full = np.zeros((self.block.n, len(kept)), order="F")
        full[:, found.columns] = found.X
        place = np.cumsum(kept) - 1
        columns = place[found.columns[kept[found.columns]]]
        return Rise(columns, self.learned.estimated(full)[:, columns], found.constant)

    def numbers(self, name: str, changes: Changes = ()) -> FloatArray:
        """A column of the data (n,), of numbers."""
        numbers = self.block.columns[name].numbers(self.block.rows)
        for changed, change in changes:
            if changed == name:
                numbers = _changed(numbers, change)
        return numbers

    def as_they_are(self) -> FloatArray:
        """All columns (n, K) of the rows."""
        return self._own

    @cached_property
    def _own(self) -> FloatArray:
        """All columns (n, K) of the rows as they are."""
        values = [factor.values(self.block) for factor in self.learned.spec.learned_factors]
        return self.learned.spec.plan.write(values, self.block.n)

    def _values(self, changes: Changes) -> dict[str, Any]:
        """Values of the changed columns: one for all rows, or one for each."""
        values = dict[str, Any]()
        for name, change in changes:
            if isinstance(change, Set):
                values[name] = change.value
            else:
                values[name] = self.numbers(name, changes)
        return values


def _changed(numbers: FloatArray, change: Set | Moved) -> FloatArray:
    if isinstance(change, Moved):
        return numbers + change.by
    return np.full(len(numbers), float(change.value))


@dataclass(frozen=True, eq=False)
class Places:
    """Rows in memory.

    Attributes
    ----------
    learned : what the fit learned of the data
    columns : of all rows
    index : labels of the rows
    weights, groups : (n,)
    n_groups : R
    offset : (n, J) or None
    size : rows of a block
    """

    learned: Learned
    columns: Mapping[str, Column]
    index: Any
    weights: FloatArray
    groups: IntArray
    n_groups: int = 1
    offset: FloatArray | None = None
    size: int = 8192

    def places(self) -> Iterator[DataPlace]:
        """The rows, block by block."""
        for start in range(0, len(self.index), self.size):
            some = slice(start, start + self.size)
            yield DataPlace(
                self.learned,
                Block(self.columns, some, self.index[some]),
                self.weights[some],
                self.groups[some],
                None if self.offset is None else self.offset[some],
            )
