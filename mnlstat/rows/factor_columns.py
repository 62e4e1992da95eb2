"""How the columns of several factors overlap: from tables of levels by levels alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.arrow import Arrow
from mnlstat.rows.grouped import Grouped
from mnlstat.rows.layout import Layout
from mnlstat.rows.null_vectors import semidefinite_parts
from mnlstat.rows.rest import Rest
from mnlstat.rows.rows import Block
from mnlstat.rows.total import Readable, total


@dataclass(frozen=True)
class Sums:
    """Some sums over rows."""

    values: tuple[FloatArray, ...]

    def merge(self, other: Sums) -> Sums:
        """Those of both parts."""
        pairs = zip(self.values, other.values, strict=True)
        return Sums(tuple(mine + its for mine, its in pairs))


def factors_of(matrix: Grouped) -> Grouped:
    """A column for each level of the largest factor, and those of the other factors."""
    rest = Rest(matrix.rest.X[:, :0], matrix.rest.coded)
    layout = Layout.plain(matrix.n_levels, rest.n_columns)
    return replace(matrix, rest=rest, layout=layout, as_arrow=True)


@dataclass(frozen=True)
class Factors:
    """The columns of factors: G of the largest, one for each level, and H of the others.

    Attributes
    ----------
    counts : (G,) rows of each level of the largest; one where there are none
    tables : (H, G) rows of each level of the others by level of the largest
    rows_of_further : (H,) rows of each level of the others
    inverse : (H, H) of the products of the others less their means by level, in their range
    null : (r, G + H) combinations of these columns that are zero in every row
    """

    counts: FloatArray
    tables: FloatArray
    rows_of_further: FloatArray
    inverse: FloatArray
    null: FloatArray

    @classmethod
    def of(cls, rows: Readable[Block], matrix: Grouped) -> Factors | None:
        """From one pass; None where it is not clear which columns are independent."""

        def grams(block: Block) -> Sums:
            assert isinstance(block.matrix, Grouped)
            return Sums((factors_of(block.matrix).grams(np.ones((1, len(block.response)))),))

        sums = total(rows, grams).values[0]
        arrow = factors_of(matrix).assemble(sums, 1)
        assert isinstance(arrow, Arrow)
        G, H = len(arrow.blocks), len(arrow.corner)
        empty = arrow.blocks[:, 0, 0] == 0
        counts = np.where(empty, 1.0, arrow.blocks[:, 0, 0])
        tables = arrow.cross[:, 0].T
        each = np.diag(arrow.corner).copy()
        scale = np.sqrt(np.where(each > 0, each, 1.0))
        within = arrow.corner - (tables / counts) @ tables.T
        parts = semidefinite_parts(within / scale / scale[:, None])
        if parts is None:
            return None
        further = (parts[1] / scale[:, None]).T
        null = np.concatenate(
            [np.eye(G, G + H)[empty], np.hstack([-(further @ tables) / counts, further])]
        )
        return cls(counts, tables, each, parts[0] / scale / scale[:, None], null)

    def solve(self, products: FloatArray) -> FloatArray:
        """Coefficients (d, G + H) of the projection, from products with these columns."""
        by_level, further = np.split(products, [len(self.counts)], axis=1)
        own = (further - (by_level / self.counts) @ self.tables.T) @ self.inverse
        return np.hstack([(by_level - own @ self.tables) / self.counts, own])
