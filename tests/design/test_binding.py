"""Names bound by lambdas and comprehensions are bound only there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mnlstat.design.prepare import prepare
from mnlstat.errors import FormulaError

CASES: dict[str, Any] = {
    "x.apply(lambda x: x ** 2)": lambda f: f.x**2,
    "np.sum([x for x in (x, z)], axis=0)": lambda f: f.x + f.z,
    "np.sum([x * w for x in (x, z) for w in (x, i) if len(w)], axis=0)": (
        lambda f: f.x**2 + f.x * f.i + f.z**2 + f.z * f.i
    ),
    "sum({x: x * z for x in (1, 2)}.values()) + x": lambda f: 3 * f.z + f.x,
    "sum(x for x in [z, z]) + x": lambda f: 2 * f.z + f.x,
    "(lambda v, k=x, *, c=z: v + k + c)(i)": lambda f: f.i + f.x + f.z,
    "(lambda x: (lambda z: z * 2)(x))(z) + x": lambda f: 2 * f.z + f.x,
    "[w := x + 1, w * z][1]": lambda f: (f.x + 1) * f.z,
}


@pytest.mark.parametrize("term", CASES)
def test_names_mean_columns_outside_of_what_binds_them(term: str, frame) -> None:
    made = prepare(f"y ~ I({term})", frame, scope={"np": np})
    np.testing.assert_allclose(made.X[:, 1], CASES[term](frame), rtol=1e-14)
    np.testing.assert_array_equal(made.spec.design(frame.iloc[:1]).X, made.X[:1])


def test_unknown_names_are_found_inside(frame) -> None:
    for term in ("x.apply(lambda v: v + nope)", "np.sum([v for v in (x, nope)], axis=0)"):
        with pytest.raises(FormulaError, match="'nope'"):
            prepare(f"y ~ {term}", frame, scope={"np": np})
