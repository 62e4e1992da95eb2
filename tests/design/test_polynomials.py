"""``poly()``: orthonormal over the rows, with R's signs, from one piece or many."""

from __future__ import annotations

import numpy as np
import pytest

from mnlstat.design.polynomials import Poly


def taught(pieces, degree: int) -> Poly:
    poly = Poly()
    for piece in pieces:
        poly.memorize_chunk(piece, degree)
    poly.memorize_finish()
    return poly


def values(n: int = 400) -> np.ndarray:
    return np.random.default_rng(3).gamma(2.0, size=n) * 50.0 + 1e4


@pytest.mark.parametrize("degree", [1, 2, 3, 6])
def test_columns_are_orthonormal_to_each_other_and_to_the_constant(degree: int) -> None:
    x = values()
    columns = taught([x], degree).transform(x, degree)
    both = np.column_stack([np.full(len(x), len(x) ** -0.5), columns])
    np.testing.assert_allclose(both.T @ both, np.eye(degree + 1), atol=1e-12)


def test_a_column_is_a_polynomial_of_its_degree_with_a_positive_leading_coefficient() -> None:
    x = values()
    columns = taught([x], 4).transform(x, 4)
    u = (x - x.mean()) / x.std()
    for degree, column in enumerate(columns.T, start=1):
        fitted = np.polynomial.Polynomial.fit(u, column, degree, domain=[-1, 1])
        np.testing.assert_allclose(fitted(u), column, atol=1e-12)
        assert fitted.coef[-1] > 0


def test_they_are_the_q_of_the_powers() -> None:
    """R: ``qr(outer(x - mean(x), 0:degree, "^"))``, columns scaled to the sign of R's diagonal."""
    x = values(60)
    Q, R = np.linalg.qr(((x - x.mean()) / x.std())[:, None] ** np.arange(4))
    wanted = (Q * np.sign(np.diag(R)))[:, 1:]
    np.testing.assert_allclose(taught([x], 3).transform(x, 3), wanted, atol=1e-12)


def test_integers_one_to_ten() -> None:
    """The contrasts of ten equally spaced levels (Fisher & Yates, Statistical Tables, XXIII)."""
    x = np.arange(1.0, 11.0)
    columns = taught([x], 3).transform(x, 3)
    tables = [
        [-9, -7, -5, -3, -1, 1, 3, 5, 7, 9],
        [6, 2, -1, -3, -4, -4, -3, -1, 2, 6],
        [-42, 14, 35, 31, 12, -12, -31, -35, -14, 42],
    ]
    for column, table in zip(columns.T, np.array(tables, dtype=float), strict=True):
        np.testing.assert_allclose(column, table / np.linalg.norm(table), atol=1e-14)


@pytest.mark.parametrize("order", ["as they come", "sorted"])
def test_pieces_teach_what_the_whole_teaches(order: str) -> None:
    x = np.sort(values(5000)) if order == "sorted" else values(5000)
    whole = taught([x], 5).transform(x, 5)
    pieces = taught(np.array_split(x, 41), 5).transform(x, 5)
    np.testing.assert_allclose(pieces, whole, atol=1e-12)


def test_repeated_values_count_as_often_as_they_stand_there() -> None:
    x = np.array([1.0, 2.0, 2.0, 5.0, 5.0, 5.0])
    columns = taught([x[:2], x[2:]], 2).transform(x, 2)
    np.testing.assert_allclose(columns.T @ columns, np.eye(2), atol=1e-14)


def test_missing_values_are_passed_over() -> None:
    x = values(50)
    gaps = np.append(x, np.nan)
    made = taught([gaps], 2).transform(gaps, 2)
    np.testing.assert_array_equal(made[:-1], taught([x], 2).transform(x, 2))
    assert np.isnan(made[-1]).all()


def test_raw_powers_learn_nothing() -> None:
    x = np.array([1.0, 3.0])
    poly = Poly()
    poly.memorize_chunk(x, 2, raw=True)
    poly.memorize_finish()
    np.testing.assert_array_equal(poly.transform(x, 2, raw=True), [[1.0, 1.0], [3.0, 9.0]])


@pytest.mark.parametrize("scale", [1e-150, 1e150])
def test_the_unit_does_not_matter(scale: float) -> None:
    x = values(50) - 1e4
    wanted = taught([x], 3).transform(x, 3)
    np.testing.assert_allclose(taught([x * scale], 3).transform(x * scale, 3), wanted, atol=1e-12)


@pytest.mark.parametrize(
    ("x", "degree", "said"),
    [
        (np.array([1.0, 2.0, 1.0]), 2, "more distinct values than there are .2."),
        (np.ones(5), 1, "distinct values"),
        (np.arange(5.0), 0, "at least 1"),
        (np.arange(5.0), 1.5, "whole number"),
        (np.arange(5.0), True, "whole number"),
        (np.zeros((5, 2)), 1, "one variable"),
    ],
)
def test_what_has_no_polynomials(x, degree, said) -> None:
    with pytest.raises(ValueError, match=said):
        taught([x], degree)
