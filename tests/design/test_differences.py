"""Differences of code that nothing is known of."""

from __future__ import annotations

import numpy as np
import pytest

from mnlstat.design.differences import richardson

X = np.array([-40.0, -3.0, -1e-3, 0.0, 1e-9, 0.3, 2.0, 17.0, 300.0])
SMOOTH = {
    "sin": (np.sin, np.cos),
    "fast waves": (lambda x: np.sin(20 * x), lambda x: 20 * np.cos(20 * x)),
    "cube": (lambda x: x**3, lambda x: 3 * x**2),
    "logistic": (lambda x: 1 / (1 + np.exp(-x)), lambda x: 0.25 / np.cosh(x / 2) ** 2),
    "arctan": (np.arctan, lambda x: 1 / (1 + x**2)),
    "far": (lambda x: x / 1e6 + 1, lambda x: 1e-6 + 0 * x),
}


@pytest.mark.parametrize("kind", SMOOTH)
def test_smooth_functions_to_eight_digits(kind: str) -> None:
    function, its = SMOOTH[kind]
    slope, error = richardson(function, X)
    wanted = its(X)
    off = np.abs(slope - wanted)
    assert (off <= 1e-8 * np.abs(wanted).max()).all()
    assert (off <= 10 * error + 1e-15).all()


def test_a_domain_that_ends_near_the_row() -> None:
    x = np.array([1e-4, 0.1, 1.0])
    slope, error = richardson(np.log, x)
    np.testing.assert_allclose(slope, 1 / x, rtol=1e-8)
    slope, error = richardson(np.sqrt, np.array([0.0]))
    assert np.isnan(slope).all() and np.isinf(error).all()


def test_several_columns_and_single_rows() -> None:
    def two(x: np.ndarray) -> np.ndarray:
        return np.column_stack([x**2, np.exp(x)])

    x = np.linspace(-2, 2, 9)
    slope, _ = richardson(two, x)
    np.testing.assert_allclose(slope, np.column_stack([2 * x, np.exp(x)]), rtol=1e-10, atol=1e-12)
    alone = np.concatenate([richardson(two, x[at : at + 1])[0] for at in range(9)])
    np.testing.assert_allclose(alone, slope, rtol=1e-12, atol=1e-14)
