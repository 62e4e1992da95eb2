"""Exact arithmetic on doubles: does a direction that a solver found keep its constraints exactly.

Doubles are fractions with a power of two below.  A linear programme knows its constraints to some
1e-9 only, and data that overlap by less would be called separated; in fractions they are not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from scipy.linalg import qr

from mnlstat.arrays import FloatArray, IntArray

# Relative size below which an element of a direction is a zero that rounding moved.
ZERO = 1e-7
# Digits, in bits, that are kept of the elements that may be chosen freely.
BITS = 30
# Independent constraints up to which a system is solved exactly, and products that this may take:
# the numbers grow with both.
LARGEST, MOST_WORK = 600, 100_000
RANK_TOLERANCE = 1e-9
# Bits of a double's digits.
MANTISSA = 53


def cleaned(direction: FloatArray, active: Any) -> list[Fraction] | None:
    """The fractions near ``direction`` (p,) whose products with the rows ``active`` are zero.

    ``active`` (m, p) is sparse.  None where there are none, or more independent rows than can be
    solved exactly.
    """
    support = np.flatnonzero(np.abs(direction) > ZERO * np.abs(direction).max())
    part = active[:, support]
    part = part[np.flatnonzero(np.diff(part.indptr))]
    rows = np.unique(part.toarray(), axis=0)
    rows = rows[rows.any(axis=1)]
    found = _on_support(direction[support], rows)
    if found is None:
        return None
    full = [Fraction(0)] * len(direction)
    for at, value in zip(support, found, strict=True):
        full[at] = value
    return full


def _on_support(direction: FloatArray, rows: FloatArray) -> list[Fraction] | None:
    basis, pivots = _independent(rows)
    if len(basis) > min(LARGEST, len(direction) - 1):
        return None
    scale = 2.0**BITS / np.abs(direction).max()
    values = [Fraction(round(value * scale)) for value in direction.tolist()]
    free = np.setdiff1d(np.arange(len(direction)), pivots)
    exact = [[Fraction(value) for value in row] for row in rows[basis].tolist()]
    right = [-sum((row[j] * values[j] for j in free), Fraction(0)) for row in exact]
    solved = solve([[row[j] for j in pivots] for row in exact], right)
    if solved is None:
        return None
    for j, value in zip(pivots.tolist(), solved, strict=True):
        values[j] = value
    if signs(rows, values).any():
        return None
    return values


def _independent(rows: FloatArray) -> tuple[IntArray, IntArray]:
    """As many independent rows as there are, and columns in which they are independent."""
    nothing = np.zeros(0, dtype=np.intp)
    if not len(rows):
        return nothing, nothing
    scaled = rows / np.abs(rows).max(axis=1, keepdims=True)
    triangle, order = qr(scaled.T, mode="r", pivoting=True, check_finite=False)
    sizes = np.abs(np.diag(triangle))
    rank = int((sizes > RANK_TOLERANCE * sizes[0]).sum())
    basis = order[:rank]
    _, columns = qr(scaled[basis], mode="r", pivoting=True, check_finite=False)
    return basis, columns[:rank]


def solve(matrix: Sequence[Sequence[Fraction]], right: Sequence[Fraction]) -> list[Fraction] | None:
    """Solve a square system in fractions; None where it is singular, or takes too long.

    Elimination that begins with the shortest rows: with columns of zeros and ones little fills up.
    """
    n, work = len(matrix), 0
    rows = [
        {**{j: v for j, v in enumerate(row) if v}, n: value}
        for row, value in zip(matrix, right, strict=True)
    ]
    done = list[tuple[int, dict[int, Fraction]]]()
    while rows:
        head = rows.pop(min(range(len(rows)), key=lambda i: len(rows[i])))
        columns = [j for j in head if j != n and head[j]]
        if not columns:
            return None
        pivot = min(columns, key=lambda j: head[j].numerator.bit_length())
        for row in rows:
            share = row.pop(pivot, None)
            if share:
                share /= head[pivot]
                for j, value in head.items():
                    if j != pivot:
                        row[j] = row.get(j, Fraction(0)) - share * value
                work += len(head)
        if work > MOST_WORK:
            return None
        done.append((pivot, head))
    solved = [Fraction(0)] * n
    for pivot, head in reversed(done):
        rest = sum((v * solved[j] for j, v in head.items() if j not in (pivot, n)), Fraction(0))
        solved[pivot] = (head[n] - rest) / head[pivot]
    return solved


def signs(rows: FloatArray, values: Sequence[Fraction]) -> IntArray:
    """The signs of ``rows values`` (m,) without rounding: -1, 0 or 1.

    Rows and values times a power of two, and times a denominator, are whole numbers.
    """
    common = math.lcm(*(value.denominator for value in values))
    whole = np.array([int(value * common) for value in values], dtype=object)
    mantissas, exponents = np.frexp(rows)
    digits = np.ldexp(mantissas, MANTISSA).astype(np.int64).astype(object)
    exponents = np.where(mantissas != 0, exponents, exponents.max(initial=0))
    shifts = (exponents - exponents.min(initial=0)).astype(object)
    totals = ((digits << shifts) * whole).sum(axis=1)
    return np.array([(total > 0) - (total < 0) for total in totals.tolist()], dtype=np.intp)
