"""Separation of small integer designs against all extreme rays of the cone of directions.

The rays are enumerated in whole numbers by the double description method (Motzkin, Raiffa,
Thompson & Thrall 1953): nothing is shared with the search under test.
"""

from __future__ import annotations

import math
import warnings
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import mnlstat as mn
from mnlstat.errors import MnlstatWarning

Vector = tuple[int, ...]


def dot(a: Vector, b: Vector) -> int:
    return sum(x * y for x, y in zip(a, b, strict=True))


def primitive(v: list[Any]) -> Vector:
    common = math.lcm(*(Fraction(x).denominator for x in v))
    whole = [int(x * common) for x in v]
    divisor = math.gcd(*whole)
    return tuple(x // divisor for x in whole)


def inverse_columns(B: list[Vector]) -> list[Vector] | None:
    """Columns of the inverse, each times a positive number; None of a singular matrix."""
    d = len(B)
    rows = [
        [Fraction(x) for x in row] + [Fraction(int(i == j)) for j in range(d)]
        for i, row in enumerate(B)
    ]
    for c in range(d):
        pivot = next((r for r in range(c, d) if rows[r][c]), None)
        if pivot is None:
            return None
        rows[c], rows[pivot] = rows[pivot], rows[c]
        rows[c] = [x / rows[c][c] for x in rows[c]]
        for r in range(d):
            if r != c and rows[r][c]:
                rows[r] = [x - rows[r][c] * y for x, y in zip(rows[r], rows[c], strict=True)]
    return [primitive([rows[i][d + j] for i in range(d)]) for j in range(d)]


def independent(A: list[Vector], d: int) -> list[int] | None:
    """Positions of d independent rows."""
    chosen, reduced = list[int](), list[tuple[int, list[Fraction]]]()
    for i, a in enumerate(A):
        row = [Fraction(x) for x in a]
        for c, other in reduced:
            row = [x - row[c] * y for x, y in zip(row, other, strict=True)]
        lead = next((c for c, x in enumerate(row) if x), None)
        if lead is not None:
            reduced.append((lead, [x / row[lead] for x in row]))
            chosen.append(i)
    return chosen if len(chosen) == d else None


def extreme_rays(A: list[Vector], d: int) -> list[Vector]:
    """Extreme rays of ``{z : A z >= 0}``, a cone without lines."""
    first = independent(A, d)
    assert first is not None
    rays = inverse_columns([A[i] for i in first])
    assert rays is not None
    done = [A[i] for i in first]
    for a in (A[i] for i in range(len(A)) if i not in first):
        zeros = [frozenset(c for c, row in enumerate(done) if not dot(row, ray)) for ray in rays]
        value = [dot(a, ray) for ray in rays]
        new = [ray for ray, v in zip(rays, value, strict=True) if v >= 0]
        for i in (i for i, v in enumerate(value) if v > 0):
            for j in (j for j, v in enumerate(value) if v < 0):
                common = zeros[i] & zeros[j]
                if len(common) >= d - 2 and not any(
                    common <= other for m, other in enumerate(zeros) if m not in (i, j)
                ):
                    between = [value[i] * y - value[j] * x
                               for x, y in zip(rays[i], rays[j], strict=True)]  # fmt: skip
                    new.append(primitive(between))
        rays, done = new, [*done, a]
    return rays


def expected(X: list[Vector], y: list[int], J: int) -> tuple[str, list[str]]:
    """The kind of separation and the limit of each coefficient, the first outcome the base."""
    k = len(X[0])
    pairs = set[Vector]()
    for x, chosen in zip(X, y, strict=True):
        for other in set(range(J)) - {chosen}:
            row = np.zeros((J, k), dtype=int)
            row[chosen] += x
            row[other] -= x
            pairs.add(tuple(row[1:].ravel().tolist()))
    A, d = sorted(pairs), (J - 1) * k
    rays = extreme_rays(A, d)
    words = list[str]()
    for c in range(d):
        signs = {(ray[c] > 0) - (ray[c] < 0) for ray in rays} - {0}
        words.append({(): "finite", (1,): "+inf", (-1,): "-inf"}.get(tuple(signs), "undetermined"))
    if not rays:
        return "none", words
    complete = all(any(dot(a, ray) > 0 for ray in rays) for a in A)
    return "complete" if complete else "quasi-complete", words


@st.composite
def designs(draw: Any) -> tuple[list[Vector], list[int], int]:
    J, k, n = draw(st.integers(2, 4)), draw(st.integers(1, 4)), draw(st.integers(4, 14))
    k = min(k, 3 if J == 4 else 4)
    values = st.integers(-draw(st.integers(1, 3)), draw(st.integers(1, 3)))
    X = [(1, *(draw(values) for _ in range(k - 1))) for _ in range(n)]
    y = [draw(st.integers(0, J - 1)) for _ in range(n)]
    assume(len(set(y)) == J and np.linalg.matrix_rank(np.array(X)) == k)
    return X, y, J


def check(X: list[Vector], y: list[int], J: int) -> None:
    kind, words = expected(X, y, J)
    model = mn.MNLogit(y, np.array(X, dtype=float))
    report = model.separation()
    assert report.kind == kind
    assert report.table["limit"].tolist() == words
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MnlstatWarning)
        res = model.fit()
    assert res.converged == (kind == "none")
    assert res.separation().kind == kind
    assert res.separation().table["limit"].tolist() == words
    finite = np.array([word == "finite" for word in words])
    np.testing.assert_array_equal(np.isfinite(res.params), finite)
    np.testing.assert_array_equal(np.isfinite(res.bse), finite)
    assert np.isfinite(res.llf) and (kind != "complete" or res.llf == 0.0)


@settings(deadline=None, max_examples=60)
@given(designs())
def test_the_verdict_is_that_of_the_extreme_rays(data: tuple[list[Vector], list[int], int]) -> None:
    check(*data)


@pytest.mark.slow
@settings(deadline=None, max_examples=2_000)
@given(designs())
def test_the_verdict_is_that_of_the_extreme_rays_on_many_more(
    data: tuple[list[Vector], list[int], int],
) -> None:
    check(*data)


def test_the_rays_of_an_orthant_cut_in_two() -> None:
    orthant = [(1, 0, 0), (0, 1, 0), (0, 0, 1)]
    assert sorted(extreme_rays(orthant, 3)) == sorted(orthant)
    cut = sorted(extreme_rays([*orthant, (1, -1, 0)], 3))
    assert cut == [(0, 0, 1), (1, 0, 0), (1, 1, 0)]
    assert extreme_rays([(1,), (-1,)], 1) == []


@pytest.mark.parametrize(
    ("x", "kind"), [([-1, -2, 1, 2], "complete"), ([-1, 0, 0, 1], "quasi-complete"),
                    ([-1, 1, -1, 1], "none")]
)  # fmt: skip
def test_the_rays_of_known_cases(x: list[int], kind: str) -> None:
    assert expected([(1, each) for each in x], [0, 0, 1, 1], 2)[0] == kind
