"""Effects of a column through the formula, against numerical derivatives of predictions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.effects.problems import fit, frame, mean_of, wide

STEPS = (2e-4, 1e-4)
FORMULAS = [
    ("y ~ x", "x"),
    ("y ~ poly(x, 2)", "x"),
    ("y ~ poly(x, 3) + z", "x"),
    ("y ~ bs(x, df=5, lower_bound=-9, upper_bound=9)", "x"),
    ("y ~ ns(z, df=3) * x", "z"),
    ("y ~ cr(z, df=4)", "z"),
    ("y ~ x + I(x**2)", "x"),
    ("y ~ np.log(z) + x", "z"),
    ("y ~ x * z", "x"),
    ("y ~ C(g):x", "x"),
    ("y ~ g * x + c", "x"),
    ("y ~ scale(x) + center(z):g", "z"),
    ("y ~ scale(x):z", "x"),
    ("y ~ standardize(x) + np.exp(-z):x", "x"),
    ("y ~ np.sqrt(z) + I(1 / z) + k", "z"),
    ("y ~ z + offset(np.log(z))", "z"),
    ("y ~ x * z + offset(I(z**2))", "z"),
]
through = pytest.mark.parametrize(("formula", "name"), FORMULAS)


def slope(function: Any, data: Any, name: str) -> np.ndarray:
    """Derivative in a column, by Richardson's extrapolation of central differences."""
    found = [
        (
            function(data.assign(**{name: data[name] + h}))
            - function(data.assign(**{name: data[name] - h}))
        )
        / (2.0 * h)
        for h in STEPS
    ]
    return np.asarray((4.0 * found[1] - found[0]) / 3.0)


@through
def test_average_marginal_effects(formula: str, name: str) -> None:
    res = fit(formula)
    exact = slope(lambda data: mean_of(res, data), frame(), name)
    np.testing.assert_allclose(wide(res.margins(name)).to_numpy()[0], exact, rtol=1e-7, atol=1e-9)


@through
def test_effects_of_each_row(formula: str, name: str) -> None:
    res = fit(formula)
    exact = slope(lambda data: res.predict(data).to_numpy(), frame(), name)
    found = wide(res.margins(name, at="rows")).to_numpy()
    np.testing.assert_allclose(found, exact, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("kind", ["eyex", "dyex", "eydx"])
@pytest.mark.parametrize(("formula", "name"), [FORMULAS[2], FORMULAS[7], FORMULAS[16]])
def test_elasticities(formula: str, name: str, kind: str) -> None:
    """Of each row ``d log pi / d log x`` and the like, then averaged."""
    res, data = fit(formula), frame()
    pi = res.predict(data).to_numpy()
    each = slope(lambda data: res.predict(data).to_numpy(), data, name)
    each = each / pi if kind.startswith("ey") else each
    each = each * data[[name]].to_numpy() if kind.endswith("ex") else each
    found = wide(res.margins(name, kind=kind)).to_numpy()[0]
    np.testing.assert_allclose(found, each.mean(axis=0), rtol=1e-6, atol=1e-8)
    rows = wide(res.margins(name, kind=kind, at="rows")).to_numpy()
    np.testing.assert_allclose(rows, each, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("kind", ["eyex", "eydx", "dyex", "dydx"])
@pytest.mark.parametrize("at", ["overall", "rows", "mean"])
def test_effects_on_outcomes_taken_together(kind: str, at: str) -> None:
    """That of the log of a sum of probabilities is no sum of those of its parts."""
    res = fit("y ~ x * z")
    together = {"not bus": ["car", "train"], "bus": "bus", "any": ["bus", "car", "train"]}
    found = wide(res.margins("z", kind=kind, at=at, combine=together))
    alone = wide(res.margins("z", kind=kind, at=at))
    np.testing.assert_allclose(found["bus"], alone["bus"], rtol=1e-12)
    assert (found["any"] == 0.0).all()
    if kind.startswith("d"):
        np.testing.assert_allclose(found["not bus"], alone["car"] + alone["train"], rtol=1e-11)
        return
    if at == "mean":
        return
    data = frame()
    pi = res.predict(data).to_numpy()
    each = slope(lambda data: res.predict(data).to_numpy()[:, 1:].sum(axis=1), data, "z")
    each = each / pi[:, 1:].sum(axis=1) * (data["z"].to_numpy() if kind == "eyex" else 1.0)
    exact = each if at == "rows" else [each.mean()]
    np.testing.assert_allclose(found["not bus"], exact, rtol=1e-6, atol=1e-8)
