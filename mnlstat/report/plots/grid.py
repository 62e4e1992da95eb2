"""Where probabilities are drawn: one variable runs, others are typical or as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray
from mnlstat.design.given_values import series_of
from mnlstat.design.opened import opened
from mnlstat.design.source import DesignOnly
from mnlstat.design.used import check_there, conformed, read_used
from mnlstat.design.words import count
from mnlstat.errors import DataError, OptionError
from mnlstat.options import check_choice, nearest, shown
from mnlstat.report.plots.rows import INSTEAD
from mnlstat.report.plots.style import DASHES, EQUALS
from mnlstat.report.plots.subject import Subject

POINTS, AVERAGED_POINTS, MOST_LEVELS = 101, 31, len(DASHES)
TYPICAL, OBSERVED = "typical", "observed"
NO_COLUMNS = "Give rows in a frame, data=, each of which counts once, or fit the model again."


@dataclass(frozen=True, eq=False)
class Grid:
    """Rows for predictions.

    Attributes
    ----------
    frame : DataFrame
        All columns that the model reads; where others are as observed, those that are set.
    variable : the name of x
    x, by : (n,) values of the variable, and of the factor; None without one
    levels : of the variable where it is a factor; None of a numeric one
    groups : levels of the factor; (None,) without one
    held : where the other columns are held
    averaged : over how many rows, where columns stay as observed; 0 where none does
    """

    frame: pd.DataFrame
    variable: str
    x: Any
    by: Any
    levels: tuple[Any, ...] | None
    groups: tuple[Any, ...]
    held: dict[str, Any]
    averaged: int = 0

    @property
    def said(self) -> str:
        """Where the others are held, in words."""
        parts = [f"{name}{EQUALS}{_spelt(value)}" for name, value in self.held.items()]
        held = f"at {', '.join(parts)}" if parts else ""
        if not self.averaged:
            return held
        return f"averaged over {count(self.averaged)}" + (f", {held}" if held else "")


def grid(fit: Subject, variable: Any, by: Any, at: Any, others: str | None, data: Any) -> Grid:
    """Make the rows.

    Raises
    ------
    OptionError
        For columns that the model does not read, and a ``by`` without levels.
    DataError
        Without rows to learn typical values from.
    """
    names = fit.spec.read_names
    fixed, as_observed = _where(fit, at, others)
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
    points = AVERAGED_POINTS if as_observed else POINTS
    values: Any = np.array([*(levels or ()), None], object)[:-1]
    if levels is None:
        values = number_range(frame[variable], points)
    groups = (None,) if by is None else _groups(fit, by, frame[by])
    n = len(values) * len(groups)
    held = {
        name: fixed[name] if name in fixed else _typical(fit, name, frame[name], weights)
        for name in names
        if name not in (variable, by) and (name in fixed or not as_observed)
    }
    x = np.tile(values, len(groups))
    columns: dict[str, Any] = {variable: pd.Series(x).infer_objects()}
    repeated = pd.Series(np.repeat(np.array([*groups, None], object)[:-1], len(values)))
    if by is not None:
        columns[by] = repeated.infer_objects()
    columns |= {name: series_of([value] * n) for name, value in held.items()}
    rows = pd.DataFrame({name: columns[name] for name in names if name in columns})
    told = columns[by].rename(by) if by is not None else None
    averaged = _complete(fit, frame, data) if as_observed else 0
    return Grid(rows, variable, columns[variable], told, levels, groups, held, averaged)


def _complete(fit: Subject, frame: Any, data: Any) -> int:
    """Number of rows that are averaged over."""
    return len(frame) if data is None else int(fit.spec.rows(data).complete.sum())


def _where(fit: Subject, at: Any, others: str | None) -> tuple[Mapping[str, Any], bool]:
    """What is set, and whether other columns stay as observed."""
    places = (TYPICAL, OBSERVED)
    if others is not None:
        check_choice("others", others, places)
    if not isinstance(at, str):
        return _fixed(fit, at), others == OBSERVED
    check_choice("at", at, places)
    if others not in (None, at):
        raise OptionError(
            "others-without-values",
            f"others={others!r} tells where columns are that a dict at={{...}} does not name;"
            f" at={at!r} says that of all.\nLeave it out.",
        )
    return {}, at == OBSERVED


def _fixed(fit: Subject, at: Any) -> Mapping[str, Any]:
    if at is None:
        return {}
    if not isinstance(at, Mapping):
        raise OptionError(
            "at-not-values",
            f"at={shown(at)} must be 'typical', 'observed', or a dict of columns and values:"
            " {'age': 40}.",
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


def running(
    fit: Subject, over: Any, values: Any, data: Any, purpose: str
) -> tuple[list[Any], tuple[Any, ...] | None]:
    """Values that a variable runs through, and its levels where it is a factor.

    Raises
    ------
    OptionError
        For a column that the model does not read, and for no values.
    """
    names = fit.spec.read_names
    _check_read("over", over, names)
    if values is not None:
        chosen = _listed(over, values)
        factors = [each.name for each in fit.spec.predictors if each.role != "number"]
        return chosen, tuple(chosen) if over in factors else None
    frame, _ = _sample(fit, names, data, purpose, "Give values=[...], or rows in a frame, data=.")
    levels = _levels(fit, over, frame[over])
    if levels is None:
        return number_range(frame[over], AVERAGED_POINTS).tolist(), None
    return list(levels), levels


def _listed(over: str, values: Any) -> list[Any]:
    several = hasattr(values, "__iter__") and not isinstance(values, str | Mapping)
    chosen = list(dict.fromkeys(values)) if several else []
    if not chosen:
        raise OptionError(
            "values-not-listed",
            f"values={shown(values)} must be a list of values of {shown(over)}, such as"
            " [20, 40, 60].",
        )
    return chosen


def _sample(
    fit: Subject,
    names: Sequence[str],
    data: Any,
    purpose: str = "probabilities()",
    instead: str = INSTEAD,
) -> tuple[Any, FloatArray]:
    """The columns in the rows that tell what is typical, and what each of these counts."""
    if data is None:
        sample = fit._rows(f"{purpose} without data=", NO_COLUMNS)
        _, source = sample.in_memory(f"{purpose} without data=", instead)
        DesignOnly.refuse(source, f"{purpose} without data=", NO_COLUMNS)
        mass: FloatArray = sample.likelihood.rows.mass
        return source.used(names), mass
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
    variable = next((each for each in fit.spec.predictors if each.name == name), None)
    if variable is not None and variable.levels is not None:
        levels: tuple[Any, ...] = variable.levels
        return levels
    dtype = series.dtype
    if pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype):
        return None
    return tuple(sorted(set(series.dropna())))


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


def number_range(series: Any, points: int) -> FloatArray:
    """Evenly spaced numbers from the least value to the largest."""
    values = np.asarray(series.dropna(), dtype=float)
    if not len(values):
        raise DataError("no-rows", "there are no rows to take values from.")
    return np.linspace(values.min(), values.max(), points)


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
