"""Rows of data at which probabilities are looked at, as they are and with columns changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, Protocol

import numpy as np

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.design.aliasing import Aliasing
from mnlstat.design.column import Column
from mnlstat.design.derivative import depending, pieces_of
from mnlstat.design.effect_rows import replaced
from mnlstat.design.new_rows import NewRows
from mnlstat.design.spec import DesignSpec
from mnlstat.errors import DataError
from mnlstat.inference.effects.asks import Changes, Moved, Set
from mnlstat.rows.matrix import Matrix


@dataclass(frozen=True, eq=False)
class Rise:
    """How the design rises with a column of the data.

    Attributes
    ----------
    columns : (c,) positions among the kept columns of the design
    dX : (n, c)
    """

    columns: IntArray
    dX: FloatArray


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

    def plain(self, name: str) -> FloatArray | None:
        """The derivative (k,) of every row in a column of the data, where it is the same in all."""


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

    @cached_property
    def places_of_kept(self) -> IntArray:
        """Positions of the K columns among the kept ones."""
        return np.cumsum(self.aliasing.kept) - 1

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

    def plain(self, name: str) -> FloatArray | None:
        """The derivative (k,) of every row in a column of the data that enters as it is.

        None where it enters otherwise, too.
        """
        factors = self.spec.learned_factors
        pieces = pieces_of(self.spec.plan, depending(factors, [name]))
        dx = np.zeros(len(self.aliasing.kept))
        for at, subterm, _ in pieces:
            alone = len(subterm.factors) == 1 and factors[subterm.factors[0]]
            if not alone or alone.expression.bare_column != name or alone.levels is not None:
                return None
            dx[at] = 1.0
        return self.estimated(dx[None])[0] if pieces else None


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

    def design(self, changes: Changes = ()) -> FloatArray:
        """The kept columns (n, k) where columns of the data are changed."""
        if not changes:
            return self._known if self.known is not None else self._estimated
        varied = self.learned.spec.vary(self._rows, self._values(changes))
        return self.learned.estimated(varied.applied(self._whole))

    def rise(self, name: str, changes: Changes = ()) -> Rise:
        """How they rise with a column of the data."""
        spec, kept = self.learned.spec, self.learned.aliasing.kept
        rows = replaced(spec, self._rows, self._values(changes)) if changes else self._rows
        found = spec.derivative(rows, name)
        if kept.all():
            return Rise(found.columns, found.X)
        full = np.zeros((rows.n, len(kept)), order="F")
        full[:, found.columns] = found.X
        columns = self.learned.places_of_kept[found.columns[kept[found.columns]]]
        return Rise(columns, self.learned.estimated(full)[:, columns])

    def numbers(self, name: str, changes: Changes = ()) -> FloatArray:
        """A column of the data (n,), of numbers."""
        numbers = self._rows.columns[name].numbers()
        for changed, change in changes:
            if changed == name:
                numbers = _changed(numbers, change)
        return numbers

    def column(self, name: str) -> Column:
        """A column of the data."""
        return self._rows.columns[name]

    @cached_property
    def _rows(self) -> NewRows:
        return self.learned.spec.rows(self.frame())

    @cached_property
    def _whole(self) -> FloatArray:
        """All columns (n, K); those of the fit must be as they were then."""
        X = self.learned.spec.matrix(self._rows)
        if self.known is not None:
            own = X[:, self.learned.aliasing.kept]
            if not np.allclose(own, self._known, rtol=1e-9, atol=0.0):
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
    read : gives the frame of the complete rows
    weights, groups : (n,)
    n_groups : R
    offset : (n, J) or None
    known : the kept columns of the design, where the fit has them
    labels : (n,) of the rows
    size : rows of a block
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

    def __len__(self) -> int:
        return len(self.weights)

    @cached_property
    def frame(self) -> Any:
        """The complete rows."""
        return self.read()

    def plain(self, name: str) -> FloatArray | None:
        """The derivative (k,) of every row in a column of the data that enters as it is."""
        return self.learned.plain(name)

    def places(self) -> Iterator[DataPlace]:
        """The rows, block by block."""
        for start in range(0, len(self), self.size):
            some = slice(start, start + self.size)
            yield DataPlace(
                self.learned,
                partial(self._part, some),
                self.weights[some],
                self.groups[some],
                None if self.offset is None else self.offset[some],
                None if self.known is None else self.known.part(some),
            )

    def _part(self, some: slice) -> Any:
        return self.frame.iloc[some]
