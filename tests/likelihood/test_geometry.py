"""What is learned about the columns does not depend on how the rows are cut into blocks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mnlstat.arrays import FloatArray
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.optimize.newton import maximise
from mnlstat.rows.geometry import Geometry

N = 300
RNG = np.random.default_rng(8)
FIRST, SECOND, THIRD = RNG.normal(size=(3, N))
LEVELS = np.eye(3)[np.arange(N) % 3]
ONE = np.ones(N)

DESIGNS = {
    "well conditioned": np.column_stack([ONE, FIRST, SECOND]),
    "unequal units": np.column_stack([ONE, 1e9 * FIRST, 1e-7 * SECOND, THIRD]),
    "shifted": np.column_stack([ONE, FIRST + 1e6, SECOND - 1e3]),
    "powers": np.column_stack([ONE, *[(FIRST + 20) ** p for p in (1, 2, 3)]]),
    "nearly collinear": np.column_stack([ONE, FIRST, FIRST + 1e-5 * SECOND]),
    "levels without a constant": np.column_stack([LEVELS, 1e6 + FIRST]),
    "no constant": np.column_stack([FIRST, 1e5 * SECOND]),
    "constant of three": np.column_stack([3 * ONE, FIRST + 1e4]),
}
designs = pytest.mark.parametrize("design", DESIGNS)
blocks = pytest.mark.parametrize("block_rows", [5, 64, 280, 300])


def geometry(X: FloatArray, block_rows: int) -> Geometry:
    """Properties of a design whose rows come in blocks."""
    likelihood = MultinomialLikelihood.from_arrays(X, np.arange(len(X)) % 2)
    return Geometry(replace(likelihood.rows, block_rows=block_rows))


@designs
@blocks
def test_ranges_sums_and_products_are_those_of_all_rows(design: str, block_rows: int) -> None:
    X = DESIGNS[design]
    sums = geometry(X, block_rows).sums
    np.testing.assert_array_equal(sums.low, X.min(axis=0))
    np.testing.assert_array_equal(sums.high, X.max(axis=0))
    size = np.sqrt(np.outer((X**2).sum(axis=0), (X**2).sum(axis=0)))
    assert (np.abs(sums.gram - X.T @ X) <= 1e-13 * size).all()
    assert (np.abs(sums.sums - X.sum(axis=0)) <= 1e-13 * np.abs(X).sum(axis=0)).all()


@designs
@blocks
def test_new_coordinates_are_orthonormal_and_lead_back(design: str, block_rows: int) -> None:
    X = DESIGNS[design]
    found = geometry(X, block_rows)
    change = found.standard.orthonormal(found.triangle)
    Z = change.design(X)
    near = 1e-11 + 4e-15 * found.condition_number
    np.testing.assert_allclose(Z.T @ Z, np.eye(X.shape[1]), atol=near)
    gamma = np.random.default_rng(1).normal(size=(X.shape[1], 2))
    beta = change.to_original(gamma)
    reach = np.abs(X) @ np.abs(beta)
    assert (np.abs(X @ beta - Z @ gamma) <= 1e-13 * reach + 1e-14).all()
    np.testing.assert_allclose(change.from_original(beta), gamma, rtol=1e-9, atol=1e-9)


@designs
@blocks
def test_the_condition_number_is_that_of_columns_of_unit_length(
    design: str, block_rows: int
) -> None:
    X = DESIGNS[design]
    expected = np.linalg.cond(X / np.linalg.norm(X, axis=0))
    assert geometry(X, block_rows).condition_number == pytest.approx(expected, rel=1e-4)


@designs
@blocks
def test_a_constant_is_found_in_the_span_or_not_at_all(design: str, block_rows: int) -> None:
    X = DESIGNS[design]
    constant = geometry(X, block_rows).constant
    assert (constant is None) == (design == "no constant")
    if constant is not None:
        np.testing.assert_allclose(X @ constant, 1.0, rtol=1e-8)


@designs
@blocks
def test_independent_columns_are_all_kept(design: str, block_rows: int) -> None:
    assert geometry(DESIGNS[design], block_rows).dependence(1e-9).kept.all()


@designs
@blocks
def test_a_combination_of_columns_is_found_wherever_it_stands(design: str, block_rows: int) -> None:
    X = DESIGNS[design]
    extra = X[:, 0] - 2 * X[:, 1] / np.abs(X[:, 1]).max() * np.abs(X[:, 0]).max()
    for at in range(2, X.shape[1] + 1):
        wider = np.insert(X, at, extra, axis=1)
        expected = [j != at for j in range(wider.shape[1])]
        found = geometry(wider, block_rows).dependence(1e-9)
        assert found.kept.tolist() == expected and not found.near.any()
        assert (found.weights[at] == 0).all()
        error = np.abs(wider @ found.weights - wider)
        assert (error <= 1e-8 * np.abs(wider).max(axis=0)).all()


@designs
@pytest.mark.parametrize("block_rows", [17, 128])
def test_the_maximum_does_not_depend_on_the_blocks(design: str, block_rows: int) -> None:
    X = DESIGNS[design]
    y = (np.outer(0.5 * FIRST, [0, 1, -1]) + RNG.gumbel(size=(N, 3))).argmax(axis=1)
    whole = MultinomialLikelihood.from_arrays(X, y)
    cut = replace(whole, rows=replace(whole.rows, block_rows=block_rows))
    one, other = maximise(whole), maximise(cut)
    assert one.status.ok and other.status.ok
    assert other.value == pytest.approx(one.value, rel=1e-13)
    se = np.sqrt((one.root**2).sum(axis=1))
    near = 1e-15 * geometry(X, N).condition_number + 1e-12
    assert (np.abs(other.params - one.params) <= near * (se + np.abs(one.params))).all()
    np.testing.assert_allclose(np.sqrt((other.root**2).sum(axis=1)), se, rtol=near)
