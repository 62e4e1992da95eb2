"""What each row adds to the error of functions of means, with the means taken over a sample.

A mean ``gbar = sum w_i g_i(b) / W`` errs by the rows that were drawn, and by the coefficients:

    ``phi_i = w_i (g_i - gbar) / W + D I^-1 w_i s_i``,  ``D`` the gradient of the mean.

Functions of several means have the combination of these that their derivatives give.  They stand
where scores stand in the covariance of coefficients, and are summed, centred and multiplied as
those.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.effects.asks import DYDX, OF_LOGS, Ask, Level, Rate
from mnlstat.inference.effects.functions import Functions, Item, Means, whole
from mnlstat.inference.effects.places import Place, Places, Rise
from mnlstat.inference.effects.sums import Rows, log_slopes, slopes
from mnlstat.inference.effects.totals import Fitted, slope_of
from mnlstat.likelihood.units import Piece, Units

# Values of rows that are held at once, and rows of the smallest block.
ELEMENTS = 2**20
FEWEST = 256


@dataclass(frozen=True, eq=False)
class Looks:
    """Functions of means, to be looked at row by row.

    Attributes
    ----------
    fitted : Fitted
    population : rows of the fit, in their order
    items : the functions
    means : what they are functions of
    unions : (S, J) which outcomes are taken together, or None
    """

    fitted: Fitted
    population: Places
    items: Sequence[Item]
    means: Means
    unions: FloatArray | None

    @cached_property
    def asks(self) -> tuple[Ask, ...]:
        """All that is asked of rows."""
        return tuple(self.means.values)

    def places(self) -> Iterator[Place]:
        """The rows, in blocks that are small where much is asked."""
        n = max(ELEMENTS // (len(self.asks) * self.n_outcomes), FEWEST)
        rows = self.population
        yield from replace(
            rows, read=lambda: rows.frame, size=min(n, rows.size), sort=False
        ).places()

    @property
    def n_outcomes(self) -> int:
        """S, outcomes or unions of them."""
        return int(next(iter(self.means.values.values())).shape[1])

    def values(self, place: Place) -> FloatArray:
        """``g`` (A, S, n_b) of every ask, outcome and row."""
        rows_at: dict[object, Rows] = {}
        values = np.empty((len(self.asks), self.n_outcomes, len(place.weights)))
        for at, ask in enumerate(self.asks):
            rows = rows_at.get(ask.changes)
            if rows is None:
                X = place.design(ask.changes)
                pi = self.fitted.probabilities(X, place.shift(ask.changes))
                rows = Rows(X, pi, place.weights)
                rows_at[ask.changes] = rows
            value = rows.pi if isinstance(ask, Level) else self._slopes(place, rows, ask)
            logs = isinstance(ask, Rate) and ask.kind in OF_LOGS
            values[at] = value if self.unions is None or logs else self.unions @ value
            if self.unions is not None:
                values[at][self.unions.all(axis=1)] = whole(ask)
        return values

    def _slopes(self, place: Place, rows: Rows, ask: Rate) -> FloatArray:
        dx = self.plain[ask]
        if dx is None:
            slope = slope_of(self.fitted, place, ask, rows.pi)
        else:
            some = np.flatnonzero(dx)
            rise = Rise(some, np.broadcast_to(dx[some], (len(place.weights), len(some))))
            slope = slope_of(self.fitted, place, ask, rows.pi, rise)
        if ask.kind in OF_LOGS:
            return log_slopes(rows, slope, self.unions)
        return slopes(rows, slope)

    @cached_property
    def plain(self) -> dict[Ask, FloatArray | None]:
        """Derivatives of the design in variables that enter as they are."""
        rates = [ask for ask in self.asks if isinstance(ask, Rate)]
        return {ask: self.population.plain(ask.name) if ask.kind == DYDX else None for ask in rates}

    @cached_property
    def parts(self) -> list[list[tuple[int, FloatArray]]]:
        """Of each function the asks it is made of, with its derivative by what is summed (R, S)."""
        mass = np.bincount(
            self.population.groups, self.population.weights, minlength=self.population.n_groups
        )
        place = {ask: at for at, ask in enumerate(self.asks)}
        shape = next(iter(self.means.values.values())).shape
        return [
            [
                (place[ask], np.broadcast_to(slope, shape) / mass[:, None])
                for ask, slope in item.linearised(self.means.values).parts
            ]
            for item in self.items
        ]


@dataclass(frozen=True, kw_only=True)
class SeenPiece(Piece):
    """Units with what was asked of their rows.

    Attributes
    ----------
    values : (A, S, n_b)
    mass : (n_b,) what each weighs in the means
    into : (n_b,) the group of each in which means are taken
    """

    values: FloatArray
    mass: FloatArray
    into: IntArray

    def some(self, part: slice) -> SeenPiece:
        """Consecutive ones of these units."""
        return SeenPiece(
            **vars(super().some(part)),
            values=self.values[:, :, part],
            mass=self.mass[part],
            into=self.into[part],
        )


@dataclass(frozen=True, kw_only=True)
class InfluenceUnits(Units):
    """Units whose scores are what they add to the error of M functions of means.

    ``root`` (M, M) is diagonal, the sizes of the functions: scores are in units of these.

    Attributes
    ----------
    inner : the units of the coefficients, d of them free
    derivative : (M, d) of the functions, in units of their sizes, in the directions of ``inner``
    functions : the functions; those without a value add nothing
    looks : what they are made of
    mass : (n,) what one unit of each row weighs in the means
    """

    inner: Units
    derivative: FloatArray
    functions: Functions
    looks: Looks
    mass: FloatArray

    @classmethod
    def of_functions(
        cls, inner: Units, functions: Functions, looks: Looks, mass: FloatArray
    ) -> InfluenceUnits:
        """Those of functions of means over the rows of ``inner``."""
        errors = Covariance(inner.root, "").of(functions.slopes)
        sizes = errors.standard_errors()
        sizes = np.where(sizes > 0, sizes, 1.0)
        own = {name: getattr(inner, name) for name in Units.__dataclass_fields__}
        return cls(
            **own | {"root": np.diag(sizes)},
            inner=inner,
            derivative=errors.root / sizes[:, None],
            functions=functions,
            looks=looks,
            mass=mass,
        )

    @property
    def free(self) -> int:
        """Free parameters of the fit."""
        return self.inner.free

    @property
    def each(self) -> int:
        """Elements of what is made of one unit."""
        return max(self.inner.each, self.dimension)

    def blocks(self) -> Iterator[Piece]:
        """The units, some at a time, in order, with what was asked of their rows."""
        start, places = 0, self.inner.places
        for place in self.looks.places():
            stop = start + len(place.weights)
            part = slice(start, stop)
            if places is not None:
                part = slice(*np.searchsorted(places, [start, stop]).tolist())
            rows = slice(None) if places is None else places[part] - start
            piece = self.inner.piece(part)
            yield SeenPiece(
                **vars(piece),
                values=self.looks.values(place)[:, :, rows],
                mass=self.mass[start:stop][rows],
                into=place.groups[rows],
            )
            start = stop

    def scores(self, piece: Piece) -> FloatArray:
        """``phi`` (M, n_b), in units of the sizes of the functions."""
        found = self._of_rows(piece) / np.diagonal(self.root)[:, None]
        found[~self.functions.whole] = 0.0
        found += self.derivative @ self.inner.scores(piece)
        return found

    def _of_rows(self, piece: Piece) -> FloatArray:
        """``w (g - gbar) / W`` (M, n_b) of the functions."""
        assert isinstance(piece, SeenPiece)
        asks, means = self.looks.asks, self.looks.means.values
        R, S = means[asks[0]].shape
        found = np.zeros((len(self.looks.items), R, S, len(piece)))
        with np.errstate(invalid="ignore"):
            for r in np.unique(piece.into):
                own = slice(None) if R == 1 else np.flatnonzero(piece.into == r)
                mass = piece.mass[own]
                for each, parts in zip(found, self.looks.parts, strict=True):
                    for at, weight in parts:
                        about = piece.values[at][:, own] - means[asks[at]][r][:, None]
                        about *= weight[r][:, None]
                        about *= mass
                        each[r][:, own] += about
        return found.reshape(-1, len(piece))
