"""A frame with what makes reading in pieces hard, and the ways in which it can be given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import mnlstat as mn

N = 12_000


def frame(n: int = N, seed: int = 3) -> pd.DataFrame:
    """Missing values, a level that appears late, whole numbers, a year, truth values."""
    rng = np.random.default_rng(seed)
    data = pd.DataFrame(
        {
            "x": rng.normal(size=n),
            "z": rng.exponential(size=n) + 0.05,
            "year": rng.integers(1990, 2020, n),
            "g": np.array(["red", "blue", "green"])[rng.integers(0, 3, n)],
            "old": rng.random(n) < 0.4,
        }
    )
    eta = np.column_stack([np.zeros(n), 0.5 * data["x"] - 1, data["z"] - 1.5])
    data["y"] = np.array(["car", "bus", "walk"])[(eta + rng.gumbel(size=eta.shape)).argmax(axis=1)]
    data.loc[n - 900 :: 3, "g"] = "amber"
    data.loc[7:400:13, "x"] = np.nan
    data.loc[n // 2 : n // 2 + 40, "g"] = None
    data.loc[100:110, "y"] = None
    return data


def as_parquet(data: pd.DataFrame, folder: Path) -> Path:
    path = folder / "data.parquet"
    data.to_parquet(path, row_group_size=1777)
    return path


def as_csv(data: pd.DataFrame, folder: Path) -> str:
    path = folder / "data.csv"
    data.to_csv(path, index=False)
    return str(path)


def as_folder(data: pd.DataFrame, folder: Path) -> Path:
    inner = folder / "parts"
    inner.mkdir()
    for at, start in enumerate(range(0, len(data), 3001)):
        data.iloc[start : start + 3001].to_parquet(inner / f"part-{at:03}.parquet")
    return inner


def as_glob(data: pd.DataFrame, folder: Path) -> str:
    return str(as_folder(data, folder) / "*.parquet")


def as_texts(data: pd.DataFrame, folder: Path) -> str:
    for at, start in enumerate(range(0, len(data), 5003)):
        data.iloc[start : start + 5003].to_csv(folder / f"part-{at}.csv", index=False)
    return str(folder / "part-*.csv")


def as_dataset(data: pd.DataFrame, folder: Path) -> Any:
    import pyarrow.dataset

    return pyarrow.dataset.dataset(as_folder(data, folder), format="parquet")


def as_callable(data: pd.DataFrame, folder: Path) -> Callable[[], Iterator[pd.DataFrame]]:
    def frames() -> Iterator[pd.DataFrame]:
        for start in range(0, len(data), 2500):
            yield data.iloc[start : start + 2500]

    return frames


WAYS = {
    "parquet": as_parquet,
    "csv": as_csv,
    "folder": as_folder,
    "glob": as_glob,
    "texts": as_texts,
    "dataset": as_dataset,
    "callable": as_callable,
}


def whole_rows(res: mn.MNLogitResults) -> int:
    """Passes over all rows."""
    return int((res.trace["rows"] == res.nobs).sum())
