"""The design matrix as a plan: which products of factor columns stand where."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from mnlstat.arrays import FloatArray, IntArray

Values: TypeAlias = "FloatArray | IntArray"


@dataclass(frozen=True)
class Term:
    """A term of the formula and the design columns it owns.

    Attributes
    ----------
    name : str
        As in the formula; "Intercept" for the constant.
    start, stop : int
        Columns ``start`` to ``stop - 1`` of the design.
    factors : tuple of str
        Names of the factors multiplied; empty for the constant.
    """

    name: str
    start: int
    stop: int
    factors: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Subterm:
    """Columns that are all products of one column of each factor.

    Attributes
    ----------
    factors : tuple of int
        Positions of the factors; none for the constant column.
    contrasts : tuple of (levels, columns) arrays or None
        What the codes of a categorical factor stand for; None for a numeric factor.
    widths : tuple of int
        Number of columns each factor brings.
    """

    factors: tuple[int, ...]
    contrasts: tuple[FloatArray | None, ...]
    widths: tuple[int, ...]

    def products(self) -> Iterator[tuple[int, ...]]:
        """Yield which column of each factor is multiplied; the first factor runs fastest."""
        for chosen in itertools.product(*(range(width) for width in reversed(self.widths))):
            yield chosen[::-1]


@dataclass(frozen=True, eq=False)
class Plan:
    """Columns, terms and how to write them."""

    columns: tuple[str, ...]
    terms: tuple[Term, ...]
    subterms: tuple[Subterm, ...]

    def write(
        self, values: Sequence[Values], n: int, only: Sequence[int] | None = None
    ) -> FloatArray:
        """Return the (n, k) design in Fortran order.

        Parameters
        ----------
        values : sequence of arrays, one for each factor
            (n,) or (n, columns) numbers, or (n,) codes of a categorical factor.
        n : int
            Number of rows.
        only : sequence of int, optional
            Write these columns; by default all.
        """
        pieces = [(each, chosen) for each in self.subterms for chosen in each.products()]
        wanted = pieces if only is None else [pieces[at] for at in only]
        X = np.empty((n, len(wanted)), order="F")
        with np.errstate(over="ignore", invalid="ignore"):
            for at, (subterm, chosen) in enumerate(wanted):
                _write_product(X[:, at], subterm, chosen, values)
        return X


def _write_product(
    out: FloatArray, subterm: Subterm, chosen: tuple[int, ...], values: Sequence[Values]
) -> None:
    """Write one column: the product of the chosen column of each factor."""
    if not chosen:
        out[:] = 1.0
    pieces = zip(subterm.factors, subterm.contrasts, chosen, strict=True)
    for place, (factor, contrast, column) in enumerate(pieces):
        piece: Any = values[factor]
        if contrast is not None:
            piece = contrast[:, column].take(piece)
        elif piece.ndim == 2:
            piece = piece[:, column]
        if place == 0:
            out[:] = piece
        else:
            out *= piece
