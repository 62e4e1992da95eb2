"""Random data frames on which a finite maximum is certain in practice, and their formulas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

import mnlstat as mn


@dataclass(frozen=True)
class Example:
    """A frame with response ``y``, numeric columns ``x0``, ``x1``, ... and a factor ``g``."""

    frame: pd.DataFrame
    n_numeric: int

    @property
    def outcomes(self) -> list[str]:
        """Outcome labels in order."""
        return list(self.frame["y"].cat.categories)

    @property
    def numeric(self) -> list[str]:
        """Names of the numeric columns."""
        return [f"x{i}" for i in range(self.n_numeric)]

    @property
    def right_side(self) -> str:
        """Every column as a main effect."""
        return " + ".join([*self.numeric, "g"])

    @property
    def formula(self) -> str:
        """Response on every column."""
        return f"y ~ {self.right_side}"

    def fit(self, formula: str | None = None, **options: Any) -> Any:
        """Fit ``formula``, by default :attr:`formula`, to the frame."""
        return mn.mnlogit(formula or self.formula, self.frame, **options).fit()

    def with_frame(self, frame: pd.DataFrame) -> Example:
        """The same columns with other contents."""
        return Example(frame, self.n_numeric)


def example(seed: int, n_outcomes: int, n_numeric: int, n_levels: int) -> Example:
    """An example in which every level of the factor meets every outcome twice or more."""
    rng = np.random.default_rng([seed, n_outcomes, n_numeric, n_levels])
    n, outcomes = 110, np.array(list("abcdef"))[:n_outcomes]
    codes, levels = (
        np.concatenate([at.ravel(), at.ravel(), rng.integers(size, size=n)])
        for at, size in zip(np.indices((n_outcomes, n_levels)), (n_outcomes, n_levels), strict=True)
    )
    columns = rng.normal(size=(len(codes), n_numeric)) + 0.3 * codes[:, None] * rng.normal(
        size=n_numeric
    )
    frame = pd.DataFrame(columns, columns=[f"x{i}" for i in range(n_numeric)])
    frame["g"] = np.array(["low", "mid", "top"])[levels]
    frame["y"] = pd.Categorical(outcomes[codes], outcomes)
    return Example(frame.sample(frac=1.0, random_state=seed), n_numeric)


def shapes(**fixed: int) -> st.SearchStrategy[Example]:
    """Examples of many shapes, with terms != outcomes - 1 throughout."""
    sizes = {
        "seed": st.integers(0, 10_000),
        "n_outcomes": st.integers(2, 5),
        "n_numeric": st.integers(1, 3),
        "n_levels": st.integers(2, 3),
    }
    drawn = {**sizes, **{name: st.just(value) for name, value in fixed.items()}}
    return st.builds(example, **drawn).filter(_not_square)


def _not_square(drawn: Example) -> bool:
    terms = drawn.n_numeric + drawn.frame["g"].nunique()
    return terms != len(drawn.outcomes) - 1


def close(one: Any, other: Any, near: float = 1e-9) -> None:
    """Same labels, and numbers within ``near`` of the size of the larger ones."""
    if isinstance(one, pd.DataFrame):
        pd.testing.assert_index_equal(one.columns, other.columns)
    if isinstance(one, (pd.Series, pd.DataFrame)):
        pd.testing.assert_index_equal(one.index, other.index)
    size = max(1.0, float(np.nanmax(np.abs(np.asarray(other, float)))))
    np.testing.assert_allclose(np.asarray(one, float), np.asarray(other, float), atol=near * size)
