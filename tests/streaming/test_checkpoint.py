"""A fit that is cut off goes on from its checkpoint and ends with the same bits."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import DataError, FileFormatError, OptionError
from mnlstat.model.checkpoint import MAGIC, Checkpoint
from tests.streaming.data import as_csv, as_parquet, frame


class Cut(Exception):
    """What ends a fit before its time."""


def cut_off(model: mn.MNLogit, path: Path, passes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin a fit and end it after some passes over all rows."""
    written = [0]
    keep = Checkpoint.keep

    def counted(self: Checkpoint, *args: Any) -> None:
        keep(self, *args)
        written[0] += 1
        if written[0] == passes:
            raise Cut

    with monkeypatch.context() as patch:
        patch.setattr(Checkpoint, "keep", counted)
        with pytest.raises(Cut):
            model.fit(checkpoint=path)


def same_bits(one: mn.MNLogitResults, other: mn.MNLogitResults) -> None:
    assert one.llf == other.llf
    pd.testing.assert_series_equal(one.params, other.params, rtol=0, atol=0)
    pd.testing.assert_frame_equal(one.cov_params(), other.cov_params(), rtol=0, atol=0)
    columns = ["plan", "rows", "log_likelihood", "error", "step"]
    pd.testing.assert_frame_equal(one.trace[columns], other.trace[columns], rtol=0, atol=0)


@pytest.mark.parametrize("passes", [1, 2, 3])
@pytest.mark.parametrize("formula", ["y ~ x + z", "y ~ x + g + year", "y ~ g"])
def test_the_same_bits(
    formula: str, passes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, path = as_parquet(frame(), tmp_path), tmp_path / "fit.ckpt"
    model = mn.mnlogit(formula, source)
    whole = model.fit()
    cut_off(model, path, passes, monkeypatch)
    assert path.exists()
    again = mn.mnlogit(formula, source).fit(checkpoint=path)
    same_bits(again, whole)
    assert not path.exists() and not list(tmp_path.glob(".fit*"))


def test_passes_that_were_kept_are_not_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "fit.ckpt"
    model = mn.mnlogit("y ~ x + z", as_csv(frame(), tmp_path))
    reads = [0]
    parts = type(model._prepared.source).parts

    def counted(self: Any) -> Any:
        reads[0] += 1
        return parts(self)

    monkeypatch.setattr(type(model._prepared.source), "parts", counted)
    model.fit()
    whole, reads[0] = reads[0], 0  # a step that is tried and not taken is a pass, too
    cut_off(model, path, 3, monkeypatch)
    assert reads[0] == 3
    model.fit(checkpoint=str(path))
    assert reads[0] == whole


def test_in_memory_and_with_many_levels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    data = frame(20_000).dropna()
    data["home"] = rng.integers(0, 60, len(data)).astype(str)
    for formula in ("y ~ x + z", "y ~ home + x"):
        model = mn.mnlogit(formula, data)
        cut_off(model, tmp_path / "fit.ckpt", 2, monkeypatch)
        same_bits(model.fit(checkpoint=tmp_path / "fit.ckpt"), model.fit())


def test_another_model_or_other_data_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, path = frame(), tmp_path / "fit.ckpt"
    model = mn.mnlogit("y ~ x + z", as_parquet(data, tmp_path))
    cut_off(model, path, 1, monkeypatch)
    kept = path.read_bytes()
    start = np.zeros(6)
    others = [
        mn.mnlogit("y ~ z + x", as_parquet(data, tmp_path)),
        mn.mnlogit("y ~ x + z", as_parquet(data.head(11_000), tmp_path)),
        mn.mnlogit("y ~ x + z", as_parquet(data, tmp_path), base="walk"),
    ]
    for other in others:
        with pytest.raises(DataError, match="checkpoint of another model"):
            other.fit(checkpoint=path)
    with pytest.raises(DataError, match="checkpoint of another model"):
        model.fit(checkpoint=path, start_params=start)
    assert path.read_bytes() == kept


def test_damaged_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "fit.ckpt"
    model = mn.mnlogit("y ~ x + z", as_parquet(frame(), tmp_path))
    cut_off(model, path, 2, monkeypatch)
    kept = path.read_bytes()
    assert kept.startswith(MAGIC) and zipfile.is_zipfile(path)
    for content, said in (
        (kept[:-10], "damaged"),
        (kept[:500] + b"\0" + kept[501:], "damaged"),
        (kept.replace(b"checkpoint 1", b"checkpoint 2", 1), "no checkpoint of this version"),
        (b"", "no checkpoint"),
    ):
        path.write_bytes(content)
        with pytest.raises(FileFormatError, match=said):
            model.fit(checkpoint=path)
    with pytest.raises(OptionError, match="checkpoint="):
        model.fit(checkpoint=3)
    with pytest.raises(OptionError, match="cannot be written"):
        model.fit(checkpoint=tmp_path / "nowhere" / "fit.ckpt")
