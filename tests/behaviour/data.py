"""A small, harmless data set to spoil, and what every refusal must look like."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import MnlstatError

MAX_LINES = 3


def good_frame(n: int = 120) -> pd.DataFrame:
    """Response ``y`` (a, b, c), numbers ``x`` and ``z``, factor ``g`` (low, mid, top)."""
    rng = np.random.default_rng(20)
    codes, levels = np.arange(n) % 3, (np.arange(n) // 3) % 3
    return pd.DataFrame(
        {
            "y": np.array(list("abc"))[codes],
            "x": rng.normal(size=n) + 0.3 * codes,
            "z": rng.normal(size=n) - 0.2 * codes,
            "g": np.array(["low", "mid", "top"])[levels],
        },
        index=pd.Index([f"r{i}" for i in range(n)]),
    )


def with_column(name: str, values: Any) -> pd.DataFrame:
    """The good frame with one column replaced or added."""
    return good_frame().assign(**{name: values})


def spoilt(name: str, row: int, value: Any) -> pd.DataFrame:
    """The good frame with one cell replaced."""
    column = good_frame()[name].astype(object)
    column.iloc[row] = value
    return good_frame().assign(**{name: column.infer_objects()})


def fit(data: Any, formula: str = "y ~ x + z + g", **options: Any) -> Any:
    """Specify and fit."""
    return mn.mnlogit(formula, data, **options).fit()


def check_message(message: str, names: tuple[object, ...]) -> None:
    """A message is short and names the culprit."""
    assert 1 <= len(message.splitlines()) <= MAX_LINES, message
    for name in names:
        assert str(name) in message, f"{name!r} is not named in: {message}"


@contextmanager
def refused(error: type[MnlstatError], *names: object) -> Iterator[None]:
    """The block raises exactly this documented error, whose message holds all ``names``."""
    with pytest.raises(error) as caught:
        yield
    check_message(str(caught.value), names)


@contextmanager
def warned(warning: type[Warning], *names: object) -> Iterator[None]:
    """The block gives one such warning and no other, and its message holds all ``names``."""
    with pytest.warns(warning) as caught:
        yield
    assert [type(w.message) for w in caught if not isinstance(w.message, warning)] == []
    check_message(str(caught[0].message), names)


def same_fit(data: Any, other: Any, formula: str = "y ~ x + z + g") -> None:
    """Two tables give the same estimates to the last bit."""
    one, two = fit(data, formula), fit(other, formula)
    assert one.params.index.to_list() == two.params.index.to_list()
    np.testing.assert_array_equal(one.params.to_numpy(), two.params.to_numpy())


Call = Callable[[], Any]
