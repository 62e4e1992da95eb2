"""Fits of every kind, to be saved and loaded."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

import mnlstat as mn
from mnlstat.errors import MnlstatWarning

POWER, KNOTS, LEVELS = 3, [-0.5, 0.5], np.array(["w", "v", "u"])
LOOKUP = {"u": 1.0, "v": 2.0, "w": 3.5}
SCALE = np.float32(2.5)
log, pi = np.log, math.pi


def frame(n: int = 240) -> pd.DataFrame:
    """Every kind of column, with an index of two levels."""
    rng = np.random.default_rng(7)
    data = pd.DataFrame(
        {
            "y": rng.choice(["general", "academic", "vocation"], n),
            "x": rng.normal(size=n),
            "z": rng.uniform(1.0, 2.0, n),
            "i": rng.integers(1, 5, n),
            "g": rng.choice(["u", "v", "w"], n),
            "flag": rng.random(n) > 0.5,
            "times": rng.integers(1, 4, n),
            "stands": rng.uniform(0.5, 3.0, n),
        }
    )
    data["two words"] = data["x"] ** 2
    data["cat"] = pd.Categorical(data["g"], categories=["w", "u", "v"], ordered=True)
    data.loc[3, "x"] = np.nan
    data.index = pd.MultiIndex.from_arrays([data.index // 7, data.index], names=["home", None])
    return data


RIGHT_SIDES = [
    "x*g + C(i, Poly) + cat + flag",
    "center(x) + standardize(z) + scale(x, ddof=1)",
    "bs(x, knots=KNOTS) + cr(z, df=4) + te(cr(x, df=3), cc(z, df=3))",
    "C(g, levels=LEVELS) + I(x**POWER)",
    "np.log(z) + np.where(x > 0, x, 0) + pd.cut(x, [-9, 0, 9])",
    "I(math.floor(pi) * x) + log(z) + I(SCALE * x)",
    "Q('two words') + C(C(g), Sum) + C(i, Treatment(3))",
    "g.map(LOOKUP) + x.map(lambda v: v**2)",
    "1",
]


def quietly(make: Callable[[], Any]) -> Any:
    """A fit whose warnings are not of interest here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MnlstatWarning)
        return make()


def of_formula(right: str, data: Any = None, **options: Any) -> Any:
    """A fit to the frame, with names from outside."""
    data = frame() if data is None else data
    fit = {name: options.pop(name) for name in ("penalty", "maxiter") if name in options}
    return quietly(lambda: mn.mnlogit(f"y ~ {right}", data, **options).fit(**fit))


def labelled(labels: list[Any]) -> Any:
    """A fit with these outcomes."""
    values = np.empty(240, dtype=object)
    for row in range(240):
        values[row] = labels[row % len(labels)]
    return of_formula("x + g", frame().assign(y=pd.Series(values, index=frame().index)))


def of_arrays() -> Any:
    """A fit of arrays, with an offset in numbers."""
    data = frame().dropna()
    X = np.column_stack([np.ones(len(data)), data["x"], data["z"]])
    offset = np.column_stack([np.zeros(len(data)), data["z"], data["x"]])
    return mn.MNLogit(data["y"], X, offset=offset).fit()


def in_columns(shares: bool) -> Any:
    """A fit of counts in columns, or of their shares."""
    counts = np.random.default_rng(3).integers(1, 9, (240, 3)).astype(float)
    if shares:
        counts /= counts.sum(axis=1, keepdims=True)
    data = frame().assign(low=counts[:, 0], mid=counts[:, 1], high=counts[:, 2])
    return mn.mnlogit("cbind(low, mid, high) ~ x + g", data).fit()


def separated() -> Any:
    """A fit with infinite coefficients."""
    toy = mn.datasets.separated_toy()
    return quietly(lambda: mn.mnlogit("y ~ x + z", toy).fit())


KINDS: dict[str, Callable[[], Any]] = {
    "formula": lambda: of_formula("x + g"),
    "base": lambda: of_formula("x + g", base="vocation"),
    "rebased": lambda: of_formula("x + g").rebase("general"),
    "aliased": lambda: of_formula("x + z + I(x - 2 * z) + g"),
    "frequency weights": lambda: of_formula("center(x) + g", freq_weights="times"),
    "sampling weights": lambda: of_formula("x + g", sampling_weights="stands"),
    "offset": lambda: of_formula("x + g", offset={"general": "z", "vocation": "i"}),
    "penalised": lambda: of_formula("x + g", penalty="jeffreys"),
    "not converged": lambda: of_formula("x + g", maxiter=1),
    "separated": separated,
    "separated, rebased": lambda: separated().rebase("C"),
    "arrays": of_arrays,
    "counts": lambda: in_columns(shares=False),
    "shares": lambda: in_columns(shares=True),
    "integers": lambda: labelled([1, 2, 30]),
    "truth values": lambda: labelled([False, True]),
    "floats": lambda: labelled(["a", 2.5, (1, 2.5)]),
    "tuples": lambda: labelled([("a", 1), ("b", (2, True)), ("c", None)]),
    "odd text": lambda: labelled(["ä\n", "\U0001f600", ""]),
}
