"""Sums by level add up over blocks as if all rows were one."""

from __future__ import annotations

import functools
import itertools

import numpy as np
import pytest

from mnlstat.rows.grouped import Grouped
from mnlstat.rows.joining import joined
from mnlstat.rows.layout import Layout
from mnlstat.rows.level_survey import LevelSurvey
from mnlstat.rows.rest import Coded, Rest
from mnlstat.rows.rows import Block

N, G, J = 4000, 40, 3


def blocks(shift: float, parts: int) -> list[Block]:
    """Sorted by level, so that most blocks lack most levels."""
    rng = np.random.default_rng(2)
    codes = np.sort(rng.integers(0, G, N)).astype(np.int16)
    own = np.arange(7) > 0
    rest = Rest(
        np.asfortranarray(rng.normal(size=(N, 3)) + shift), (Coded(rng.integers(0, 7, N), own),)
    )
    matrix = Grouped(codes, G, rest, Layout.plain(G, 9))
    y = rng.integers(0, J, N)
    cuts = np.linspace(0, N, parts + 1).astype(int)
    return [
        Block(matrix.part(slice(a, b)), y[a:b], J, None, None) for a, b in itertools.pairwise(cuts)
    ]


@pytest.mark.parametrize("shift", [0.0, 1e8])
@pytest.mark.parametrize("parts", [1, 7, 300])
def test_parts_add_up(shift: float, parts: int) -> None:
    found = functools.reduce(LevelSurvey.merge, map(LevelSurvey.of, blocks(shift, parts)))
    (whole,) = blocks(shift, 1)
    matrix = whole.matrix
    assert isinstance(matrix, Grouped)
    X, codes = matrix.rest.X, matrix.codes
    means = np.array([X[codes == g].mean(axis=0) for g in range(G)])
    centred = X - means[codes]
    np.testing.assert_array_equal(found.counts, np.bincount(codes, minlength=G))
    np.testing.assert_allclose(found.means, means, rtol=1e-14, atol=1e-14)
    digits = 1e-13 if shift == 0 else 1e-8  # rounding of the columns themselves
    np.testing.assert_allclose(found.within, centred.T @ centred, rtol=digits, atol=N * digits)
    np.testing.assert_array_equal(found.low, X.min(axis=0))
    np.testing.assert_array_equal(found.high, X.max(axis=0))
    table = np.array([np.bincount(codes[whole.codes == j], minlength=G) for j in range(J)])
    np.testing.assert_array_equal(found.outcomes, table)
    np.testing.assert_array_equal(
        found.further[0], np.bincount(matrix.rest.coded[0].codes, minlength=7)[1:]
    )


def test_parts_of_a_design_are_joined() -> None:
    parts = [block.matrix for block in blocks(0.0, 5)]
    (whole,) = blocks(0.0, 1)
    assert whole.matrix.equals(joined(parts))
