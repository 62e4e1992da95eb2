"""Data and fits that several tests of effects look at."""

from __future__ import annotations

import functools
import warnings
from typing import Any

import numpy as np
import pandas as pd

import mnlstat as mn

LABELS = ["bus", "car", "train"]
KEYS = ["variable", "contrast", "outcome"]


def data(n: int = 240, seed: int = 6) -> pd.DataFrame:
    """Numbers, a factor of text, one of whole numbers, truths, weights and clusters."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "x": rng.normal(size=n),
            "z": rng.uniform(1.0, 3.0, n),
            "g": rng.choice(list("uvw"), n, p=[0.5, 0.3, 0.2]),
            "k": rng.integers(1, 4, n),
            "c": rng.integers(0, 2, n),
            "b": rng.random(n) < 0.4,
            "w": rng.integers(1, 4, n),
            "id": rng.integers(0, 40, n),
        }
    )
    eta = np.column_stack([0 * frame.x, 0.8 * frame.x - 0.4 * frame.c, 0.5 * frame.z - 0.6])
    eta[:, 1] += 0.7 * (frame.g == "v")
    frame["y"] = np.array(LABELS)[(eta + rng.gumbel(size=(n, 3))).argmax(axis=1)]
    return frame


@functools.cache
def frame() -> pd.DataFrame:
    """One such frame, which nobody changes."""
    return data()


@functools.cache
def fit(formula: str, **options: Any) -> Any:
    """The fit of a formula to it, made once."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return mn.mnlogit(formula, frame(), **options).fit()


def wide(effects: Any, column: str = "estimate") -> pd.DataFrame:
    """A column of a table of effects, outcomes side by side."""
    keys = [name for name in effects.keys.columns if name != "outcome"]
    found = effects.frame.groupby([*keys, "outcome"], sort=False, observed=True)[column].first()
    return found.unstack("outcome") if keys else found.to_frame().T


def mean_of(res: Any, data: pd.DataFrame, weights: Any = None) -> np.ndarray:
    """Probabilities of rows, averaged."""
    return np.average(res.predict(data).to_numpy(), axis=0, weights=weights)
