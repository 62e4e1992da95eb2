"""What a fit learned of the data, to make designs of other data, and what is found on the way."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray, IntArray
from mnlstat.design.aliasing import Aliasing
from mnlstat.design.derivative import DesignDerivative, depending, pieces_of, tell
from mnlstat.design.new_rows import NewRows
from mnlstat.design.spec import DesignSpec
from mnlstat.inference.effects.asks import Changes

_NOTHING = DesignDerivative(
    np.zeros(0, dtype=np.intp), np.zeros((0, 0)), constant=False, exact=True
)


@dataclass(frozen=True, eq=False)
class Learned:
    """What a fit learned of the data, to make designs of other data.

    Attributes
    ----------
    spec : DesignSpec
    aliasing : which of its K columns are estimated, and what the others equal
    broken : names of aliased columns that in changed rows were not the combination they had been
    slopes : what derivatives leave out, by the column of the data and where others were changed
    lost : rows in which the formula made a missing value, likewise
    """

    spec: DesignSpec
    aliasing: Aliasing
    broken: set[str] = field(default_factory=set)
    slopes: dict[tuple[str, Changes], DesignDerivative] = field(default_factory=dict)
    lost: Counter[tuple[str, Changes]] = field(default_factory=Counter)

    def told(self) -> None:
        """Warn, once for each column, of what its derivatives leave out."""
        for name in dict.fromkeys(name for name, _ in self.slopes):
            same = [found for (column, _), found in self.slopes.items() if column == name]
            tell(
                max(same, key=lambda found: (len(found.steps) + len(found.kinks), found.error)),
                name,
            )

    def derivative(self, rows: NewRows, name: str, changes: Changes) -> DesignDerivative:
        """The derivative of a block of rows; what it leaves out is added to that of others."""
        found = self.spec.derivative(rows, name, offset=True, quiet=True)
        before = self.slopes.get((name, changes), _NOTHING)
        kinks = Counter(dict(before.kinks))
        kinks.update(dict(found.kinks))
        self.slopes[name, changes] = replace(
            _NOTHING,
            error=max(before.error, found.error),
            steps=tuple(dict.fromkeys([*before.steps, *found.steps])),
            kinks=tuple(kinks.items()),
        )
        if rows.complete.all() and (lost := int(np.isnan(found.X).any(axis=1).sum())):
            self.lost[name, changes] += lost
        return found

    @cached_property
    def mixing(self) -> BoolArray:
        """Which of the K columns depend on other rows, too, so that a part of them tells not."""
        factors = self.spec.learned_factors
        mixed = [at for at, factor in enumerate(factors) if not factor.rowwise]
        columns = np.zeros(len(self.aliasing.kept), dtype=bool)
        columns[[at for at, *_ in pieces_of(self.spec.plan, mixed)]] = True
        return columns

    @cached_property
    def places_of_kept(self) -> IntArray:
        """Positions of the K columns among the kept ones."""
        return np.cumsum(self.aliasing.kept) - 1

    def estimated(self, X: FloatArray, *, slopes: bool = False) -> FloatArray:
        """The kept columns (n, k) of design rows (n, K), or of their derivatives (``slopes``).

        A row is NaN where a combination that the fit saw does not hold: what it would give is not
        estimated.
        """
        kept = self.aliasing.kept
        if kept.all():
            return X
        broken = self.aliasing.broken_slopes(X) if slopes else self.aliasing.broken(X)
        names = np.flatnonzero(broken.any(axis=0))
        estimated = X[:, kept]
        if names.size:
            self.broken.update(self.aliasing.columns[j] for j in names.tolist())
            estimated[broken.any(axis=1)] = np.nan
        return estimated

    def plain(self, name: str) -> FloatArray | None:
        """The derivative (k,) of every row in a column of the data that enters as it is.

        None where it enters otherwise, or the offset, too.
        """
        if self.spec.offset is not None and name in self.spec.offset.names:
            return None
        factors = self.spec.learned_factors
        pieces = pieces_of(self.spec.plan, depending(factors, [name]))
        dx = np.zeros(len(self.aliasing.kept))
        for at, subterm, _ in pieces:
            alone = len(subterm.factors) == 1 and factors[subterm.factors[0]]
            if not alone or alone.expression.bare_column != name or alone.levels is not None:
                return None
            dx[at] = 1.0
        return self.estimated(dx[None], slopes=True)[0] if pieces else None
