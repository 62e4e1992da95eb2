"""Predictions as frames: wide, long, classes, tables of decisions, sets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import BoolArray, FloatArray, IntArray
from mnlstat.inference.prediction_options import LINK, LONG, Asked

STATISTICS = ("estimate", "std_error", "conf_low", "conf_high")


def outcome_index(labels: Sequence[Any]) -> pd.Index:
    """Outcomes as labels; tuples stay labels of one level."""
    return pd.Index(labels, name="outcome", tupleize_cols=False)


def of_points(values: FloatArray, index: Any, asked: Asked) -> pd.DataFrame:
    """Predictions (n, G) without errors."""
    if asked.shape == LONG:
        frame = _long([values], index, asked)
    else:
        frame = pd.DataFrame(values, index=index, columns=outcome_index(asked.predicted))
    if asked.kind == LINK:
        frame.attrs["base"] = str(asked.labels[asked.against])
    return frame


def of_intervals(numbers: Sequence[FloatArray], index: Any, asked: Asked) -> pd.DataFrame:
    """Estimates, standard errors and both ends, each (n, G)."""
    if asked.shape == LONG:
        return _long(numbers, index, asked)
    labels = outcome_index(asked.predicted)
    columns = pd.MultiIndex(
        levels=[labels, pd.Index(STATISTICS)],
        codes=[np.repeat(np.arange(len(labels)), 4), np.tile(np.arange(4), len(labels))],
        names=["outcome", "statistic"],
    )
    values = np.stack(numbers, axis=2).reshape(len(index), 4 * len(labels))
    return pd.DataFrame(values, index=index, columns=columns)


def _long(numbers: Sequence[FloatArray], index: Any, asked: Asked) -> pd.DataFrame:
    """A row for each outcome of each row, the label of the row repeated."""
    labels = outcome_index(asked.predicted)
    columns: dict[str, Any] = {"outcome": labels.take(np.tile(np.arange(len(labels)), len(index)))}
    if asked.kind == LINK:
        base = outcome_index([asked.labels[asked.against]])
        columns["base"] = base.take(np.zeros(len(columns["outcome"]), dtype=np.intp))
    columns |= {name: each.ravel() for name, each in zip(STATISTICS, numbers, strict=False)}
    return pd.DataFrame(columns).set_axis(index.repeat(len(labels)), axis=0)


def of_classes(classes: IntArray, index: Any, labels: Sequence[Any]) -> pd.Series:
    """The outcome at each position; missing where it is -1."""
    known = outcome_index(labels)
    missing = classes < 0
    values = known.take(np.where(missing, 0, classes))
    series = pd.Series(values, index=index, name="class")
    return series.astype(object).mask(missing, np.nan) if missing.any() else series


def of_decisions(
    counts: FloatArray, undecided: float, outcomes: Sequence[Any], prices: FloatArray | None
) -> pd.DataFrame:
    """What came by what was decided, counts (J, J); in its ``attrs`` how good that is."""
    whole = bool((counts == np.floor(counts)).all()) and counts.max(initial=0.0) < 2.0**53
    labels = outcome_index(outcomes)
    frame = pd.DataFrame(
        counts.astype(np.int64) if whole else counts,
        index=labels.rename("observed"),
        columns=labels.rename("predicted"),
    )
    n, right = float(counts.sum()), float(np.trace(counts))
    most = float(counts.sum(axis=1).max())
    with np.errstate(divide="ignore", invalid="ignore"):
        frame.attrs |= {
            "share_right": float(np.divide(right, n)),
            "adjusted_count_r2": float(np.divide(right - most, n - most)),
            "n": n,
            "undecided": undecided,
        }
        if prices is not None:
            frame.attrs["mean_cost"] = float(np.divide((counts * prices).sum(), n))
    return frame


def of_sets(
    inside: BoolArray, missing: BoolArray, index: Any, outcomes: Sequence[Any]
) -> pd.DataFrame:
    """Which outcomes belong to the set of each row (n, J), and how many; nullable where needed."""
    frame = pd.DataFrame(inside, index=index, columns=outcome_index(outcomes))
    sizes = pd.Series(inside.sum(axis=1), index=index)
    if missing.any():
        frame = frame.astype("boolean").mask(pd.Series(missing, index=index), pd.NA)
        sizes = sizes.astype("Int64").mask(missing, pd.NA)
    frame["set_size" if "size" in outcomes else "size"] = sizes
    return frame
