"""Every form of a design gives the products of the design written out."""

from __future__ import annotations

import numpy as np
import pytest

from mnlstat.arrow import Arrow, times, written_out
from mnlstat.linalg import factorise as factorise_dense
from mnlstat.rows.grouped import Grouped
from mnlstat.rows.layout import Layout
from mnlstat.rows.matrix import Dense, Matrix, Patterns
from mnlstat.rows.rest import Coded, Rest

RNG = np.random.default_rng(17)
N = 700


def grouped(kind: str, G: int = 9, m: int = 3) -> Grouped:
    codes = RNG.integers(0, G, N)
    rest = np.asfortranarray(RNG.normal(size=(N, m)))
    if kind == "treatment":
        levels = np.concatenate([[3], [-1], np.arange(4, 4 + G - 2)])
        layout = Layout(0, levels, np.array([1, 2, 4 + G - 2][:m]))
    else:
        layout = Layout(None, np.arange(m, m + G), np.arange(m))
    return Grouped(codes, G, Rest(rest), layout)


def several_factors() -> Grouped:
    """A factor of 9 levels beside two numbers and factors of 5 and 4 levels."""
    own = np.array([False, True, True, True, True])
    coded = (Coded(RNG.integers(0, 5, N), own), Coded(RNG.integers(0, 4, N), own[1:]))
    rest = Rest(np.asfortranarray(RNG.normal(size=(N, 2))), coded)
    order = np.random.default_rng(3).permutation(np.arange(1, 19))
    layout = Layout(0, np.append(order[:8], -1), order[8:])
    return Grouped(RNG.integers(0, 9, N), 9, rest, layout)


MATRICES: dict[str, Matrix] = {
    "dense": Dense(np.asfortranarray(RNG.normal(size=(N, 5)))),
    "patterns": Patterns(np.asfortranarray(RNG.normal(size=(13, 5))), RNG.integers(0, 13, N)),
    "treatment": grouped("treatment"),
    "level by level": grouped("one each"),
    "several factors": several_factors(),
    "factor alone": Grouped(RNG.integers(0, 6, N), 6, Rest(np.zeros((N, 0))), Layout.plain(6, 0)),
}
every = pytest.mark.parametrize("name", MATRICES)


@every
@pytest.mark.parametrize("q", [1, 2, 4])
def test_products_are_those_of_the_design_written_out(name: str, q: int) -> None:
    matrix = MATRICES[name]
    X = matrix.dense()
    assert X.shape == (matrix.n_rows, matrix.n_columns) == (N, X.shape[1])
    B, R = RNG.normal(size=(q, X.shape[1])), RNG.normal(size=(q, N))
    np.testing.assert_allclose(matrix.matvec(B), B @ X.T, atol=1e-12)
    np.testing.assert_allclose(matrix.transpose_matvec(R), R @ X, atol=1e-11)
    weights = RNG.normal(size=(q * (q + 1) // 2, N))
    information = written_out(matrix.assemble(matrix.grams(weights), q))
    k = X.shape[1]
    for r, (j, l) in enumerate(zip(*np.triu_indices(q), strict=True)):
        block = X.T @ (weights[r][:, None] * X)
        np.testing.assert_allclose(information.reshape(q, k, q, k)[j, :, l], block, atol=1e-10)
        np.testing.assert_allclose(information.reshape(q, k, q, k)[l, :, j], block, atol=1e-10)


@pytest.mark.parametrize("name", ["dense", "patterns", "level by level", "factor alone"])
def test_leverages_are_those_of_the_design_written_out(name: str) -> None:
    matrix = MATRICES[name]
    X, gram = matrix.dense(), RNG.uniform(1, 2, size=matrix.n_columns)
    np.testing.assert_allclose(matrix.leverages(gram), (X**2 / gram).sum(axis=1), rtol=1e-12)


@every
def test_parts_and_chosen_rows_are_those_of_the_design_written_out(name: str) -> None:
    matrix, rows = MATRICES[name], RNG.integers(0, N, 40)
    X = matrix.dense()
    np.testing.assert_array_equal(matrix.part(slice(100, 333)).dense(), X[100:333])
    np.testing.assert_array_equal(matrix.take(rows).dense(), X[rows])
    np.testing.assert_array_equal(np.column_stack([matrix.column(j) for j in range(X.shape[1])]), X)
    assert matrix.equals(matrix) and not matrix.equals(matrix.take(rows))
    keep = X[:, 0] > 0
    np.testing.assert_array_equal(matrix.take(keep).dense(), X[keep])


@every
@pytest.mark.parametrize("seed", range(6))
def test_columns_may_be_left_out(name: str, seed: int) -> None:
    matrix = MATRICES[name]
    kept = np.random.default_rng(seed).random(matrix.n_columns) < 0.6
    left = matrix.columns(kept)
    assert left.n_columns == kept.sum()
    np.testing.assert_array_equal(left.dense(), matrix.dense()[:, kept])
    R = RNG.normal(size=(2, N))
    np.testing.assert_allclose(left.transpose_matvec(R), R @ left.dense(), atol=1e-11)


def test_levels_without_a_column_become_the_reference() -> None:
    matrix = several_factors()
    kept = np.ones(matrix.n_columns, dtype=bool)
    kept[matrix.layout.levels[[2, 5]]] = False
    kept[matrix.layout.others[-4:]] = False  # all columns of the last factor
    left = matrix.columns(kept)
    assert isinstance(left, Grouped)
    assert left.n_levels == 7 and len(left.rest.coded) == 1
    np.testing.assert_array_equal(left.dense(), matrix.dense()[:, kept])


def test_levels_without_rows_disappear_and_others_need_a_constant() -> None:
    codes = RNG.integers(1, 6, N)
    matrix = Grouped(codes, 6, Rest(np.zeros((N, 0))), Layout.plain(6, 0))
    kept = np.arange(6) > 0
    left = matrix.columns(kept)
    assert isinstance(left, Grouped) and left.n_levels == 5
    np.testing.assert_array_equal(left.dense(), matrix.dense()[:, kept])
    assert isinstance(matrix.columns(np.arange(6) != 3), Dense)


def arrow(G: int, q: int, m: int) -> Arrow:
    p = q * (G + m)
    codes, n = RNG.integers(0, G, 40 * G), 40 * G
    matrix = Grouped(codes, G, Rest(RNG.normal(size=(n, m))), Layout.plain(G, m), as_arrow=True)
    root = RNG.normal(size=(n, q, q)) / 4 + np.eye(q)
    products = root @ root.transpose(0, 2, 1)
    j, l = np.triu_indices(q)
    found = matrix.assemble(matrix.grams(products[:, j, l].T.copy()), q)
    assert isinstance(found, Arrow) and found.dense().shape == (p, p)
    return found


@pytest.mark.parametrize(("G", "q", "m"), [(5, 1, 2), (7, 3, 2), (4, 2, 0), (6, 2, 4)])
def test_an_arrow_is_the_matrix_written_out(G: int, q: int, m: int) -> None:
    found = arrow(G, q, m)
    dense = found.dense()
    np.testing.assert_allclose(dense, dense.T, atol=1e-12)
    np.testing.assert_array_equal(found.diagonal(), np.diag(dense))
    assert found.finite()
    vector = RNG.normal(size=len(dense))
    np.testing.assert_allclose(times(found, vector), dense @ vector, atol=1e-10)
    np.testing.assert_array_equal(times(dense, vector), dense @ vector)
    factor, plain = found.factorise(), factorise_dense(dense)
    assert factor is not None and plain is not None
    b = RNG.normal(size=len(dense))
    np.testing.assert_allclose(factor.solve(b), plain.solve(b), atol=1e-12)
    root = factor.inverse_root
    np.testing.assert_allclose(root @ root.T, np.linalg.inv(dense), atol=1e-13)
    np.testing.assert_allclose(found.floored_solve(b), plain.solve(b), atol=1e-12)
    assert 0 < factor.rcond <= 1
    assert factor.amplification == pytest.approx(
        np.linalg.norm(root * np.sqrt(np.diag(dense))[:, None])
    )


def test_an_arrow_that_is_not_definite_has_no_factor() -> None:
    found = arrow(5, 2, 2)
    blocks = found.blocks.copy()
    blocks[3] = -blocks[3]
    assert Arrow(blocks, found.cross, found.corner).factorise() is None
    blocks = found.blocks.copy()
    blocks[1] = np.nan
    broken = Arrow(blocks, found.cross, found.corner)
    assert broken.factorise() is None and not broken.finite()
    assert Arrow(found.blocks, found.cross, -found.corner).factorise() is None


def test_an_arrow_of_a_block_that_only_cholesky_takes_for_definite_has_no_factor() -> None:
    root = np.array([765.0, 729.0]) / 7.0
    blocks, cross = np.outer(root, root)[None], np.ones((1, 2, 2))
    assert Arrow(blocks, cross, np.eye(2) * 1e9).factorise() is None
