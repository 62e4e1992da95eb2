"""What will not fit is refused before it is made, with the sizes and the way out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat import memory
from mnlstat.errors import DataError


def test_small_arrays_are_made_without_asking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free_bytes", lambda: pytest.fail("nobody should ask"))
    memory.check_room(1e6, "this", "nothing")


def test_large_ones_only_where_they_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free_bytes", lambda: 10e9)
    memory.check_room(7e9, "this", "nothing")
    with pytest.raises(DataError, match=r"this needs 9 GB of memory; 10 GB are free.\nDo that"):
        memory.check_room(9e9, "this", "Do that.")
    monkeypatch.setattr(memory, "free_bytes", lambda: None)
    memory.check_room(9e99, "this", "nothing")


def test_the_free_memory_is_told_or_not_known() -> None:
    free = memory.free_bytes()
    assert free is None or 1e6 < free < 1e15


def test_a_design_that_does_not_fit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    n = 5000
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"x": rng.normal(size=n), "y": rng.choice(["a", "b"], n)})
    monkeypatch.setattr(memory, "SMALL", 0)
    monkeypatch.setattr(memory, "free_bytes", lambda: 1e4)
    with pytest.raises(DataError, match="design of 5000 rows and 2 columns needs"):
        mn.mnlogit("y ~ x", frame)
    monkeypatch.setattr(memory, "free_bytes", lambda: 1e9)
    res = mn.mnlogit("y ~ x", frame).fit()
    monkeypatch.setattr(memory, "free_bytes", lambda: 1e4)
    with pytest.raises(DataError, match="Predict in parts"):
        res.predict(frame)
