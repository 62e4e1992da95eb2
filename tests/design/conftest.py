from __future__ import annotations

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Return 120 rows with every kind of column; never changed by a test."""
    rng = np.random.default_rng(1)
    n = 120
    data = pd.DataFrame(
        {
            "y": rng.choice(["general", "academic", "vocation"], n),
            "x": rng.normal(size=n),
            "z": rng.uniform(1.0, 2.0, n),
            "i": rng.integers(1, 5, n),
            "g": rng.choice(["u", "v", "w"], n),
            "h": rng.choice(["p", "q"], n),
            "flag": rng.random(n) > 0.5,
        }
    )
    data["two words"] = data["x"] ** 2
    data["cat"] = pd.Categorical(data["g"], categories=["w", "u", "v"])
    return data
