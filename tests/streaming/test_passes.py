"""How often data in pieces are read, and how much of them is in memory."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from tests.streaming.data import as_callable, frame, whole_rows


class Counted:
    """Frames of a seeded generator, counting passes and how many are alive at once."""

    def __init__(self, pieces: int, rows: int = 1000) -> None:
        self.pieces, self.rows = pieces, rows
        self.passes = self.most = 0
        self.alive: list[weakref.ref[pd.DataFrame]] = []

    def __call__(self) -> Iterator[pd.DataFrame]:
        self.passes += 1
        for seed in range(self.pieces):
            rng = np.random.default_rng(seed)
            data = pd.DataFrame(rng.normal(size=(self.rows, 3)), columns=["a", "b", "c"])
            eta = np.column_stack([np.zeros(self.rows), data["a"] - 0.5, 0.7 * data["b"]])
            data["y"] = (eta + rng.gumbel(size=eta.shape)).argmax(axis=1)
            self.alive = [ref for ref in self.alive if ref() is not None]
            self.alive.append(weakref.ref(data))
            self.most = max(self.most, len(self.alive))
            yield data
            del data


def test_four_passes_of_fitting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mnlstat.rows.streamed.KEPT_ELEMENTS", 2**16)
    data = Counted(60)
    model = mn.mnlogit("y ~ a + b + c", data)
    learning = data.passes
    assert learning == 3  # names, survey, sums and sample
    res = model.fit()
    assert res.converged and whole_rows(res) <= 4
    assert data.passes - learning == whole_rows(res)


def test_few_frames_are_alive_however_many_there_are() -> None:
    most = []
    for pieces in (20, 80):
        data = Counted(pieces)
        mn.mnlogit("y ~ center(a) + b + np.exp(c)", data, n_threads=2).fit()
        gc.collect()
        most.append(data.most)
    assert most[0] == most[1] <= 4


def test_rows_that_change_between_passes_are_refused(tmp_path: Path) -> None:
    data = frame()
    later = [False]

    def frames(change: str) -> Iterator[pd.DataFrame]:
        given = data
        if later[0]:
            given = {
                "fewer": data.iloc[:-5],
                "order": data.iloc[::-1],
                "values": data.assign(x=data["x"] + 1e-3),
                "level": data.assign(g="new"),
                "type": data.assign(x="text"),
            }[change]
        yield given

    for change in ("fewer", "order", "values", "level", "type"):
        later[0] = False
        model = mn.mnlogit("y ~ x + g", lambda change=change: frames(change))
        later[0] = True
        with pytest.raises(mn.errors.DataError, match="changed between passes"):
            model.fit()


def test_update_reads_the_same_rows(tmp_path: Path) -> None:
    data = frame()
    res = mn.mnlogit("y ~ x + g", as_callable(data, tmp_path), base="walk").fit()
    for formula in (". ~ . - x", ". ~ . + z + center(year)"):
        ours = res.update(formula)
        memory = mn.mnlogit("y ~ x + g", data, base="walk").fit().update(formula)
        assert ours.nobs == memory.nobs == res.nobs and ours.base == "walk"
        np.testing.assert_allclose(ours.params, memory.params, rtol=1e-9, atol=1e-11)
        np.testing.assert_allclose(ours.bse, memory.bse, rtol=1e-12)
    assert res.rebase("car").base == "car"
