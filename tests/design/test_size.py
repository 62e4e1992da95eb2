"""A million rows take less than a second."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

from mnlstat.design.prepare import prepare


@pytest.mark.slow
@pytest.mark.parametrize("right", ["numbers", "x1 + C(g) * x2"])
def test_a_million_rows(right) -> None:
    rng = np.random.default_rng(0)
    n = 1_000_000
    data = pd.DataFrame(rng.normal(size=(n, 30)), columns=[f"x{at}" for at in range(30)])
    if right == "numbers":
        right = " + ".join(data.columns)
    data["y"] = rng.choice(["a", "b", "c"], n)
    data["g"] = rng.choice(["u", "v", "w"], n)
    start = time.perf_counter()
    made = prepare(f"y ~ {right}", data, scope={})
    assert time.perf_counter() - start < 2.0
    assert made.X.shape[0] == n
