"""Derivatives of the design in a column of the data, by the product rule over each term."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray, IntArray
from mnlstat.design.evaluate import Block
from mnlstat.design.expression import Expression
from mnlstat.design.factor_slopes import FactorSlope, factor_slope, mixes_rows, reads_of
from mnlstat.design.plan import Plan, Subterm, Values
from mnlstat.design.predictors import LearnedFactor, check_infinite, made_missing
from mnlstat.design.scope import warn
from mnlstat.design.words import count
from mnlstat.errors import MnlstatWarning
from mnlstat.options import shown

ACCURACY = 1e-8
Piece = tuple[int, Subterm, tuple[int, ...]]


@dataclass(frozen=True, eq=False)
class DesignDerivative:
    """The derivative of design rows in a column of the data.

    Attributes
    ----------
    columns : (c,) intp
        Positions of the design columns that depend on the data column.
    X : (n, c) float64, Fortran order
        Their derivatives; NaN in rows that miss something.
    constant : bool
        Whether each column of it is the same in all rows, whatever the data.
    exact : bool
        Whether rules of differentiation gave it; False where differences did.
    error : float
        Estimated error of differences, relative to the largest derivative of their factor.
    steps : tuple of str
        Factors that jump and are constant between: the derivative counts none of their jumps.
    kinks : tuple of (str, int)
        Factors that have another derivative on the left than on the right, in how many rows;
        there it is the mean of both.
    offset : (n, J) float64, optional
        The derivative of the offset; None where it does not depend on the data column.
    """

    columns: IntArray
    X: FloatArray
    constant: bool
    exact: bool
    error: float = 0.0
    steps: tuple[str, ...] = ()
    kinks: tuple[tuple[str, int], ...] = ()
    offset: FloatArray | None = None


def depending(factors: Sequence[LearnedFactor], names: Sequence[str]) -> tuple[int, ...]:
    """Positions of the factors that read one of the columns."""
    return tuple(
        at
        for at, factor in enumerate(factors)
        if any(reads_of(factor.expression, name) for name in names)
    )


def pieces_of(plan: Plan, factors: Sequence[int]) -> list[Piece]:
    """Design columns that multiply one of the factors: position, subterm and chosen columns."""
    pieces = [(each, chosen) for each in plan.subterms for chosen in each.products()]
    wanted = frozenset(factors)
    return [(at, *piece) for at, piece in enumerate(pieces) if wanted & set(piece[0].factors)]


def check_rowwise(factors: Sequence[LearnedFactor], pieces: Sequence[Piece]) -> None:
    """Refuse factors that mix rows: what a row's value does to its own design is not all."""
    for _, subterm, _ in pieces:
        for at in subterm.factors:
            if not factors[at].rowwise:
                raise mixes_rows(factors[at].expression)


def values_for(
    factors: Sequence[LearnedFactor], pieces: Sequence[Piece], block: Block
) -> tuple[dict[int, Values], BoolArray]:
    """The values of the factors that the pieces multiply, and the rows in which one is missing."""
    needed = sorted({factor for _, subterm, _ in pieces for factor in subterm.factors})
    values = {at: factors[at].values(block) for at in needed}
    lost = np.zeros(block.n, dtype=bool)
    for at, value in values.items():
        check_infinite(factors[at].expression, value, block)
        missing = made_missing(value)
        if missing is not None:
            lost |= missing
    return values, lost


def derivative(
    plan: Plan, factors: Sequence[LearnedFactor], block: Block, name: str
) -> DesignDerivative:
    """Return the derivative of the design of complete rows in the column ``name``.

    The derivative of a product is the sum over its factors of their derivative times the others.
    """
    moving = depending(factors, [name])
    pieces = pieces_of(plan, moving)
    check_rowwise(factors, pieces)
    values, lost = values_for(factors, pieces, block)
    slopes = {at: factor_slope(factors[at], name, block, values[at]) for at in moving}
    X = np.zeros((block.n, len(pieces)), order="F")
    constant = True
    for out, (_, subterm, chosen) in enumerate(pieces):
        constant &= _write(X[:, out], subterm, chosen, values, slopes)
    X[lost] = np.nan
    columns = np.array([at for at, *_ in pieces], dtype=np.intp)
    terms = [(factors[at].expression, slope) for at, slope in slopes.items()]
    return with_notes(DesignDerivative(columns, X, constant, True), terms)


def with_notes(
    found: DesignDerivative, slopes: Iterable[tuple[Expression, FactorSlope]]
) -> DesignDerivative:
    """Add what the slopes of factors, or of terms of the offset, leave to be told."""
    steps, kinks, error = list(found.steps), list(found.kinks), found.error
    for expression, slope in slopes:
        error = max(error, slope.error)
        if slope.steps:
            steps.append(expression.text.name)
        if slope.kinks is not None:
            kinks.append((expression.text.name, int(slope.kinks.sum())))
    return replace(found, exact=error == 0.0, error=error, steps=tuple(steps), kinks=tuple(kinks))


def _write(
    out: FloatArray,
    subterm: Subterm,
    chosen: tuple[int, ...],
    values: dict[int, Values],
    slopes: dict[int, FactorSlope],
) -> bool:
    """Write the derivative of a product, and return whether it is constant whatever the data."""
    parts = list(zip(subterm.factors, subterm.contrasts, chosen, strict=True))
    constant = len(parts) == 1
    with np.errstate(over="ignore", invalid="ignore"):
        for factor, _, column in parts:
            if factor not in slopes:
                continue
            slope = slopes[factor].slope
            constant &= np.ndim(slope) < values[factor].ndim
            if values[factor].ndim == 2 and np.ndim(slope) > 0:
                slope = slope[..., column]
            product = np.array(np.broadcast_to(slope, out.shape))
            for other, contrast, its in parts:
                if other != factor:
                    product *= column_of(values[other], contrast, its)
            out += product
    return bool(constant)


def column_of(value: Any, contrast: FloatArray | None, column: int) -> Any:
    """One column of a factor."""
    if contrast is not None:
        return contrast[:, column].take(value)
    return value[:, column] if value.ndim == 2 else value


def tell(found: DesignDerivative, name: str) -> None:
    """Warn of what a derivative leaves out."""
    for factor in found.steps:
        warn(
            MnlstatWarning(
                "derivative-of-steps",
                f"{factor} jumps where {shown(name)} changes, which a derivative does not count.\n"
                f"Compare values of {shown(name)} instead (discrete changes).",
            )
        )
    for factor, n in found.kinks:
        warn(
            MnlstatWarning(
                "derivative-at-kink",
                f"{factor} has another derivative in {shown(name)} on the left than on the right"
                f" in {count(n)}; the mean of both is taken.",
            )
        )
    if found.error > ACCURACY:
        warn(
            MnlstatWarning(
                "derivative-inaccurate",
                f"the derivative in {shown(name)} is computed by differences, with an error of"
                f" about {found.error:.1g} of its size.\nWrite the term with known functions.",
            )
        )
