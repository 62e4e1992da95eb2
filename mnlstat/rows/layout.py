"""Where the columns of a factor of many levels and the others stand in a design."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class Layout:
    """Where the columns of a factor and the others stand among the k columns of the design.

    Attributes
    ----------
    constant : column of the constant, None when there is none
    levels : (G,) column of each level, -1 for the reference, which has none
    others : (m,) columns that are written out
    """

    constant: int | None
    levels: IntArray
    others: IntArray

    @classmethod
    def plain(cls, n_levels: int, n_others: int) -> Layout:
        """A column for each level, then the others."""
        return cls(None, np.arange(n_levels), np.arange(n_levels, n_levels + n_others))

    @property
    def n_columns(self) -> int:
        """k."""
        own = int((self.levels >= 0).sum())
        return own + len(self.others) + (self.constant is not None)

    def split(self, B: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Effects of the levels (q, G, ...) and of the others (q, m, ...) from (q, k, ...)."""
        effects = np.where(
            (self.levels >= 0).reshape(-1, *[1] * (B.ndim - 2)), B[:, self.levels], 0.0
        )
        if self.constant is not None:
            effects = effects + B[:, [self.constant]]
        return effects, B[:, self.others]

    def joined(self, effects: FloatArray, others: FloatArray) -> FloatArray:
        """Coefficients (q, k, ...) from effects of the levels and of the others."""
        q, _, *rest = effects.shape
        B = np.empty((q, self.n_columns, *rest))
        own = self.levels >= 0
        if self.constant is not None:
            reference = effects[:, ~own]
            B[:, [self.constant]] = reference
            effects = effects - reference
        B[:, self.levels[own]] = effects[:, own]
        B[:, self.others] = others
        return B

    def summed(self, by_level: FloatArray, others: FloatArray) -> FloatArray:
        """``R X`` (q, k) from the sums over the rows of each level and for the others."""
        product = np.empty((len(by_level), self.n_columns))
        own = self.levels >= 0
        product[:, self.levels[own]] = by_level[:, own]
        product[:, self.others] = others
        if self.constant is not None:
            product[:, self.constant] = by_level.sum(axis=1)
        return product

    def of_kept(self, kept: BoolArray, occupied: BoolArray) -> tuple[Layout, IntArray] | None:
        """The layout of the kept columns (k,), and the place there of each of these levels.

        A level whose column is left out has the effect of the reference and becomes a part of it;
        one without rows, ``occupied`` (G,) tells which, disappears.  None where no layout says
        what is left: rows whose level has no column and no constant either.
        """
        own = self.levels >= 0
        own[own] = kept[self.levels[own]]
        if self.constant is None:
            if (occupied & ~own).any():
                return None
            stays = own
        elif not kept[self.constant]:
            return None
        else:
            stays = own | (np.arange(len(own)) == int(np.argmin(own)))
        column = np.append(np.cumsum(kept) - 1, -1)  # the last one: of the reference
        place = np.cumsum(stays) - 1
        if self.constant is not None:
            place[~own] = place[np.argmin(own)]
        levels = column[np.where(own, self.levels, -1)][stays]
        others = column[self.others[kept[self.others]]]
        constant = None if self.constant is None else int(column[self.constant])
        return Layout(constant, levels, others), place
