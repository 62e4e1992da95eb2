"""Rows at which probabilities are drawn: one variable runs, the others stay typical."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray
from mnlstat.design.opened import opened
from mnlstat.design.used import check_there, conformed, read_used
from mnlstat.errors import DataError, OptionError
from mnlstat.options import nearest, shown
from mnlstat.report.plots.rows import INSTEAD
from mnlstat.report.plots.style import DASHES
from mnlstat.report.plots.subject import Subject

EQUALS = "\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}"  # lines are not broken there
POINTS, MOST_LEVELS = 101, len(DASHES)


@dataclass(frozen=True, eq=False)
class Grid:
    """Rows for predictions.

    Attributes
    ----------
    frame : DataFrame
        All columns that the model reads.
    x, by : (n,) values of the variable, and of the factor; None without one
    levels : of the variable where it is a factor; None of a numeric one
    groups : levels of the factor; (None,) without one
    held : where the other columns are held
    """

    frame: pd.DataFrame
    x: Any
    by: Any
    levels: tuple[Any, ...] | None
    groups: tuple[Any, ...]
    held: dict[str, Any]

    @property
    def said(self) -> str:
        """Where the others are held, in words."""
        parts = [f"{name}{EQUALS}{_spelt(value)}" for name, value in self.held.items()]
        return f"at {', '.join(parts)}" if parts else ""


def grid(fit: Subject, variable: Any, by: Any, at: Any, data: Any) -> Grid:
    """Make the rows.

    Raises
    ------
    OptionError
        For columns that the model does not read, and a ``by`` without levels.
    DataError
        Without rows to learn typical values from.
    """
    names, fixed = fit.spec.read_names, _fixed(fit, at)
    for option, name in (("variable", variable), ("by", by)):
        if not (option == "by" and name is None):
            _check_read(option, name, names)
        if name in fixed:
            raise OptionError(
                "column-twice", f"{shown(name)} is given as {option}= and in at=: leave out one."
            )
    if by is not None and by == variable:
        raise OptionError("column-twice", f"by={shown(by)} is the variable itself.")
    frame, weights = _sample(fit, names, data)
    levels = _levels(fit, variable, frame[variable])
    values = _range(frame[variable]) if levels is None else np.array([*levels, None], object)[:-1]
    groups = (None,) if by is None else _groups(fit, by, frame[by])
    n = len(values) * len(groups)
    held = {
        name: fixed[name] if name in fixed else _typical(fit, name, frame[name], weights)
        for name in names
        if name not in (variable, by)
    }
    x = np.tile(values, len(groups))
    columns: dict[str, Any] = {variable: pd.Series(x).infer_objects()}
    repeated = pd.Series(np.repeat(np.array([*groups, None], object)[:-1], len(values)))
    if by is not None:
        columns[by] = repeated.infer_objects()
    columns |= {name: pd.Series([value] * n) for name, value in held.items()}
    rows = pd.DataFrame({name: columns[name] for name in names})
    return Grid(rows, columns[variable], columns.get(by), levels, groups, held)


def _fixed(fit: Subject, at: Any) -> Mapping[str, Any]:
    if at is None:
        return {}
    if not isinstance(at, Mapping):
        raise OptionError(
            "at-not-values", f"at={shown(at)} must be a dict of columns and values: {{'age': 40}}."
        )
    for name, value in at.items():
        _check_read("at", name, fit.spec.read_names)
        if not pd.api.types.is_scalar(value) or pd.isna(value):
            raise OptionError(
                "at-not-values", f"at[{shown(name)}]={shown(value)} must be a single value."
            )
    return at


def _check_read(option: str, name: Any, names: Sequence[str]) -> None:
    if not isinstance(name, str) or name not in names:
        raise OptionError(
            "not-a-predictor",
            f"{option}={shown(name)} is no column that the model reads{nearest(name, names)}.\n"
            f"Columns: {', '.join(map(shown, names)) or 'none'}.",
        )


def _sample(fit: Subject, names: Sequence[str], data: Any) -> tuple[Any, FloatArray]:
    """The columns in the rows that tell what is typical, and the weights of these."""
    if data is None:
        sample = fit._rows("probabilities() without data=")
        _, source = sample.in_memory("probabilities() without data=", INSTEAD)
        frame, given = source.used(names), sample.likelihood.rows.weights
        return frame, np.ones(len(frame)) if given is None else np.asarray(given, dtype=float)
    table = opened(data)
    for name in names:
        check_there(name, table.columns)
    frame = table.frame(names)
    found = read_used(frame, names)
    for learned in fit.spec.learned_columns:  # refuses what the model would not read
        conformed(found[learned.name], learned, frame.index)
    return frame, np.ones(len(frame))


def _levels(fit: Subject, name: str, series: Any) -> tuple[Any, ...] | None:
    """The levels of a column that the model takes as a factor; None of a numeric one."""
    for factor in fit.spec.learned_factors:
        if factor.levels is not None and factor.expression.column == name:
            return tuple(factor.levels)
    learned = next((each for each in fit.spec.learned_columns if each.name == name), None)
    if learned is None or (learned.content == "number" and learned.categories is None):
        return None
    if learned.categories is not None:
        return tuple(learned.categories)
    return (False, True) if learned.content == "bool" else tuple(sorted(set(series.dropna())))


def _groups(fit: Subject, by: str, series: Any) -> tuple[Any, ...]:
    levels = _levels(fit, by, series)
    if levels is None:
        levels = tuple(np.unique(np.asarray(series.dropna(), dtype=float)).tolist())
        levels = tuple(int(each) if each.is_integer() else each for each in levels)
    if len(levels) > MOST_LEVELS:
        raise OptionError(
            "too-many-levels",
            f"by={shown(by)} has {len(levels)} values, and {MOST_LEVELS} at most can be told apart."
            "\nDraw one at a time: at={" + shown(by) + ": ...}.",
        )
    return levels


def _range(series: Any) -> FloatArray:
    values = np.asarray(series.dropna(), dtype=float)
    if not len(values):
        raise DataError("no-rows", "probabilities(): there are no rows to take values from.")
    return np.linspace(values.min(), values.max(), POINTS)


def _typical(fit: Subject, name: str, series: Any, weights: FloatArray) -> Any:
    """The mean of a numeric column, the most frequent level of a factor: the first of several."""
    there = np.asarray(series.notna(), dtype=bool)
    if not there.any():
        raise DataError("no-rows", f"probabilities(): column {shown(name)} has no values.")
    kept, w = series[there], weights[there]
    levels = _levels(fit, name, series)
    if levels is None:
        return float(np.average(np.asarray(kept, dtype=float), weights=w))
    counts = [float(w[np.asarray(kept == level, dtype=bool)].sum()) for level in levels]
    return levels[int(np.argmax(counts))]


def _spelt(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
