"""What a case of the catalogue is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

import mnlstat as mn

N = 60
LABELS = list("abc")


def clean(n: int = N) -> pd.DataFrame:
    """Response ``y`` (a, b, c), numbers ``x`` and ``z``, factor ``g``, weights ``w``."""
    rng = np.random.default_rng(41)
    codes = rng.integers(0, 3, n)
    return pd.DataFrame(
        {
            "y": np.array(LABELS)[codes],
            "x": rng.normal(size=n) + 0.4 * codes,
            "z": rng.normal(size=n),
            "g": rng.choice(["low", "mid", "top"], n),
            "w": rng.integers(1, 4, n).astype(float),
        }
    )


def put(name: str, value: Any, rows: Any = slice(None)) -> pd.DataFrame:
    """The clean frame with values in one column replaced."""
    frame = clean()
    column = frame[name].astype(object) if name in frame else pd.Series([None] * N, dtype=object)
    if isinstance(value, list) and rows == slice(None):
        column = pd.Series(value)
    else:
        column.iloc[rows] = value
    return frame.assign(**{name: column.infer_objects()})


def fit(data: Any, formula: str = "y ~ x + g", **options: Any) -> Any:
    """Specify and fit."""
    return mn.mnlogit(formula, data, **options).fit()


@dataclass(frozen=True)
class Case:
    """An input, and what must come of it.

    Attributes
    ----------
    call : makes the input and hands it over
    answer : the class of the error or warning
    names : what the message must hold
    """

    call: Callable[[], Any]
    answer: type[Exception]
    names: tuple[str, ...]


def case(call: Callable[[], Any], answer: type[Exception], *names: str) -> Case:
    """A case in one line."""
    return Case(call, answer, names)
