"""``ns()``: natural cubic splines with R's numbers."""

from __future__ import annotations

import numpy as np
import pytest

from mnlstat.design.natural_spline import NaturalSpline

HEIGHTS = np.arange(58.0, 73.0)
# Rows 2 to 5 of ns(women$height, df = 5), as R's own manual page of ns() prints them.
PRINTED = [
    [7.592323e-03, 0.000000e00, -8.670223e-02, 2.601067e-01, -1.734045e-01],
    [6.073858e-02, 0.000000e00, -1.503044e-01, 4.509132e-01, -3.006088e-01],
    [2.047498e-01, 6.073858e-05, -1.677834e-01, 5.033503e-01, -3.355669e-01],
    [4.334305e-01, 1.311953e-02, -1.324404e-01, 3.973211e-01, -2.648807e-01],
]


def taught(*pieces, **options) -> NaturalSpline:
    spline = NaturalSpline()
    for piece in pieces:
        spline.memorize_chunk(piece, **options)
    spline.memorize_finish()
    return spline


def values(n: int = 300) -> np.ndarray:
    return np.random.default_rng(5).normal(size=n)


def test_rows_that_r_prints() -> None:
    made = taught(HEIGHTS, df=5).transform(HEIGHTS)
    np.testing.assert_allclose(made[1:5], PRINTED, rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(made[0], 0.0, atol=1e-15)


@pytest.mark.parametrize("df", [1, 2, 3, 6])
def test_they_are_natural_cubic_splines(df: int) -> None:
    """Truncated powers that are linear beyond the outer knots span the same functions."""
    x = values()
    inner = np.quantile(x, np.arange(1, df) / df)
    knots = np.concatenate([[x.min()], inner, [x.max()]])
    grid = np.linspace(x.min() - 2.0, x.max() + 2.0, 400)
    made = np.column_stack([np.ones_like(grid), taught(x, df=df).transform(grid)])
    wanted = np.column_stack([np.ones_like(grid), grid, *_natural(grid, knots).T])
    assert made.shape[1] == wanted.shape[1] == df + 1
    for one, other in ((made, wanted), (wanted, made)):
        left = other - one @ np.linalg.lstsq(one, other, rcond=None)[0]
        np.testing.assert_allclose(left, 0.0, atol=1e-9 * np.abs(other).max())


def _natural(x: np.ndarray, knots: np.ndarray) -> np.ndarray:
    """The basis d_k - d_(K-1) of Hastie, Tibshirani & Friedman (2009), eq. 5.4 and 5.5."""
    last, before = knots[-1], knots[-2]

    def d(knot: float) -> np.ndarray:
        cubes = np.maximum(x - knot, 0) ** 3 - np.maximum(x - last, 0) ** 3
        return cubes / (last - knot)

    columns = [d(knot) - d(before) for knot in knots[:-2]]
    return np.column_stack(columns) if columns else np.empty((len(x), 0))


def test_beyond_the_boundary_they_are_straight_lines() -> None:
    spline = taught(values(), df=4)
    for far in (np.array([10.0, 11.0, 12.0]), np.array([-10.0, -11.0, -12.0])):
        made = spline.transform(far)
        np.testing.assert_allclose(made[0] + made[2], 2 * made[1], rtol=1e-12)


def test_knots_instead_of_quantiles_and_a_boundary() -> None:
    x = values()
    quartiles = np.quantile(x, [0.25, 0.5, 0.75])
    by_df = taught(x, df=4).transform(x)
    np.testing.assert_array_equal(taught(x, knots=quartiles).transform(x), by_df)
    wide = taught(x, knots=[0.0], boundary_knots=(4.0, -4.0))
    assert (wide.low, wide.width) == (-4.0, 8.0)


def test_with_an_intercept_a_constant_is_in_the_span() -> None:
    x = values()
    made = taught(x, df=4, intercept=True).transform(x)
    assert made.shape[1] == 4
    weights = np.linalg.lstsq(made, np.ones(len(x)), rcond=None)[0]
    np.testing.assert_allclose(made @ weights, 1.0, atol=1e-12)


def test_pieces_teach_what_the_whole_teaches() -> None:
    x = values()
    whole, pieces = taught(x, df=3), taught(x[:100], x[100:], df=3)
    np.testing.assert_array_equal(pieces.transform(x), whole.transform(x))
    assert not taught(x, knots=[0.0]).keeps_values


@pytest.mark.parametrize("scale", [1e-100, 1e100])
def test_the_unit_does_not_matter(scale: float) -> None:
    x = values()
    wanted = taught(x, df=4).transform(x)
    made = taught(x * scale, df=4).transform(x * scale)
    np.testing.assert_allclose(made, wanted, atol=1e-12)


def test_missing_values_are_passed_over() -> None:
    x = np.append(values(), np.nan)
    made = taught(x, df=3).transform(x)
    np.testing.assert_array_equal(made[:-1], taught(x[:-1], df=3).transform(x[:-1]))
    assert np.isnan(made[-1]).all()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"df": 0}, "at least 1"),
        ({"df": 1, "intercept": True}, "at least 2"),
        ({"df": 2.5}, "whole number"),
        ({"df": 4, "knots": [0.0]}, "does not go with 1 knots"),
        ({"knots": [9.0]}, "must lie between the boundary knots"),
        ({"knots": [np.nan]}, "finite"),
        ({"boundary_knots": [1.0]}, "two numbers"),
        ({"boundary_knots": [8.0, 9.0], "df": 2}, "no value lies between"),
        ({"intercept": 1}, "True or False"),
    ],
)
def test_options_that_cannot_be_honoured(options, said) -> None:
    with pytest.raises(ValueError, match=said):
        taught(values(), **options)


def test_quantiles_at_the_smallest_value_and_values_all_alike() -> None:
    with pytest.raises(ValueError, match="give knots="):
        taught(np.array([0.0] * 90 + [1.0] * 10), df=3)
    with pytest.raises(ValueError, match="two distinct values"):
        taught(np.ones(9), df=1)
    with pytest.raises(ValueError, match="no value is left"):
        taught(np.full(3, np.nan), df=1)
