"""Rows of data at which probabilities are looked at, as they are and with columns changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, Protocol

import numpy as np

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.design.column import Column
from mnlstat.design.effect_rows import DesignChange, replaced
from mnlstat.design.new_rows import NewRows
from mnlstat.errors import DataError
from mnlstat.inference.effects.asks import Changes, Moved, Set
from mnlstat.inference.effects.learned import Learned
from mnlstat.rows.matrix import Matrix

# Up to here rows stay in their order, in which data in pieces come; more would be slow.
FEW_GROUPS = 32


@dataclass(frozen=True, eq=False)
class Rise:
    """How the design rises with a column of the data.

    Attributes
    ----------
    columns : (c,) positions among the kept columns of the design
    dX : (n, c)
    offset : (n, J) how the offset rises with it; None where it does not
    """

    columns: IntArray
    dX: FloatArray
    offset: FloatArray | None = None


class Place(Protocol):
    """Rows at which probabilities are looked at.

    Attributes are weights (n,) and the group of each row (n,).
    """

    @property
    def weights(self) -> FloatArray:
        """(n,)."""

    @property
    def groups(self) -> IntArray:
        """(n,) codes."""

    def shift(self, changes: Changes = ()) -> FloatArray | None:
        """The offset (n, J), if any, where columns of the data are changed."""

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

    def plain(self, name: str) -> FloatArray | None:
        """The derivative (k,) of every row in a column of the data, where it is the same in all."""


@dataclass(frozen=True, eq=False)
class DataPlace:
    """Complete rows of data with the columns that the formula reads.

    Attributes
    ----------
    learned : what the fit learned of the data
    frame : the rows
    weights, groups, offset : as of :class:`Place`
    known : their kept columns, where the fit has them
    """

    learned: Learned
    frame: Callable[[], Any]
    weights: FloatArray
    groups: IntArray
    offset: FloatArray | None = None
    known: Matrix | None = None
    _last: dict[Changes, DesignChange] = field(default_factory=dict, repr=False)

    def design(self, changes: Changes = ()) -> FloatArray:
        """The kept columns (n, k) where columns of the data are changed."""
        if not changes:
            return self._known if self.known is not None else self._estimated
        return self.learned.estimated(self._varied(changes).applied(self._whole))

    def shift(self, changes: Changes = ()) -> FloatArray | None:
        """The offset (n, J), if any, where columns of the data are changed."""
        if self.offset is None or not changes:
            return self.offset
        changed = self._varied(changes).offset
        return self.offset if changed is None else changed

    def rise(self, name: str, changes: Changes = ()) -> Rise:
        """How they rise with a column of the data."""
        spec, kept = self.learned.spec, self.learned.aliasing.kept
        rows = replaced(spec, self._rows, self._values(changes)) if changes else self._rows
        found = self.learned.derivative(rows, name, changes)
        if kept.all():
            return Rise(found.columns, found.X, found.offset)
        full = np.zeros((rows.n, len(kept)), order="F")
        full[:, found.columns] = found.X
        columns = self.learned.places_of_kept[found.columns[kept[found.columns]]]
        return Rise(columns, self.learned.estimated(full, slopes=True)[:, columns], found.offset)

    def numbers(self, name: str, changes: Changes = ()) -> FloatArray:
        """A column of the data (n,), of numbers."""
        numbers = self._rows.columns[name].numbers()
        for changed, change in changes:
            if changed != name:
                continue
            if isinstance(change, Moved):
                numbers = numbers + change.by
            else:
                new = replaced(self.learned.spec, self._rows, {name: change.value})
                numbers = new.columns[name].numbers()
        return numbers

    def column(self, name: str) -> Column:
        """A column of the data."""
        return self._rows.columns[name]

    @cached_property
    def _rows(self) -> NewRows:
        """The columns, which must be as they were in the fit."""
        rows = self._read
        self.check()
        return rows

    @cached_property
    def _read(self) -> NewRows:
        return self.learned.spec.rows(self.frame())

    def check(self) -> None:
        """Refuse rows of the fit that give another design than they gave then."""
        _ = self._whole

    def _varied(self, changes: Changes) -> DesignChange:
        """What is changed; the last one is kept, because design and offset ask in turn."""
        if changes not in self._last:
            values = self._values(changes)
            self._last.clear()
            found = self.learned.spec.vary(self._rows, values, offset=True)
            self._last[changes] = found
            if lost := int((~found.complete).sum()):
                self.learned.lost["", changes] += lost
        return self._last[changes]

    @cached_property
    def _whole(self) -> FloatArray:
        """All columns (n, K); those of the fit must be as they were then."""
        X = self.learned.spec.matrix(self._read)
        if self.known is not None:
            kept, mixing = self.learned.aliasing.kept, self.learned.mixing
            X[:, kept & mixing] = self._known[:, mixing[kept]]
            if not np.allclose(X[:, kept], self._known, rtol=1e-9, atol=0.0):
                raise DataError(
                    "data-changed",
                    "the data have changed since the model was fitted: their rows give another"
                    " design.\nFit the model again, or give data=.",
                )
        return X

    @cached_property
    def _known(self) -> FloatArray:
        assert self.known is not None
        return self.known.dense()

    @cached_property
    def _estimated(self) -> FloatArray:
        return self.learned.estimated(self._whole)

    def _values(self, changes: Changes) -> dict[str, Any]:
        """Values of the changed columns: one for all rows, or one for each."""
        values = dict[str, Any]()
        for name, change in changes:
            if isinstance(change, Set):
                values[name] = change.value
            else:
                values[name] = self.numbers(name, changes)
        return values


@dataclass(frozen=True, eq=False)
class Places:
    """Rows in memory.

    Attributes
    ----------
    learned : what the fit learned of the data
    read : gives the frame of the complete rows
    weights, groups : (n,)
    n_groups : R
    offset : (n, J) or None
    known : the kept columns of the design, where the fit has them
    labels : (n,) of the rows
    size : rows of a block
    sort : whether the rows of a group come one after the other, where groups are many
    """

    learned: Learned
    read: Callable[[], Any]
    weights: FloatArray
    groups: IntArray
    n_groups: int = 1
    offset: FloatArray | None = None
    known: Matrix | None = None
    labels: Any = None
    size: int = 8192
    sort: bool = True

    def __len__(self) -> int:
        return len(self.weights)

    @cached_property
    def frame(self) -> Any:
        """The complete rows."""
        return self.read()

    @cached_property
    def rows(self) -> NewRows:
        """Their columns, which must be as they were in the fit."""
        if self.known is not None:
            for place in self.places():
                place.check()
        return self.learned.spec.rows(self.frame)

    def plain(self, name: str) -> FloatArray | None:
        """The derivative (k,) of every row in a column of the data that enters as it is."""
        return self.learned.plain(name)

    def places(self) -> Iterator[DataPlace]:
        """The rows, block by block."""
        many = self.sort and self.n_groups > FEW_GROUPS
        order = np.argsort(self.groups, kind="stable") if many else None
        for start in range(0, len(self), self.size):
            block = slice(start, start + self.size)
            some = block if order is None else order[block]
            yield DataPlace(
                self.learned,
                partial(self._part, some),
                self.weights[some],
                self.groups[some],
                None if self.offset is None else self.offset[some],
                None if self.known is None else self._design(some),
            )

    def _part(self, some: slice | IntArray) -> Any:
        return self.frame.iloc[some]

    def _design(self, some: slice | IntArray) -> Matrix:
        assert self.known is not None
        return self.known.part(some) if isinstance(some, slice) else self.known.take(some)
