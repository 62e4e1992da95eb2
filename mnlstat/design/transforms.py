"""Stateful transforms that pass over missing values instead of drowning in them.

A transform learns from the data of the fit and keeps what it learned for new data.  The protocol
is patsy's: ``memorize_chunk(x, ...)``, ``memorize_finish()``, ``transform(x, ...)``.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import BoolArray, FloatArray


class UsageError(ValueError):
    """What a transform says to the user in its own words."""


class OutsideKnotsError(ValueError):
    """Values lie where a spline learned from the data is not defined."""

    def __init__(self, rows: BoolArray, low: float, high: float) -> None:
        super().__init__(f"the spline is defined from {low:g} to {high:g} only")
        self.rows = rows
        self.low = low
        self.high = high


def _columns(x: Any) -> FloatArray:
    """Return ``x`` as (n, columns) float64."""
    values = np.asarray(x, dtype=np.float64)
    return values.reshape(len(values), -1) if values.ndim else values.reshape(1, 1)


def _like(x: Any, values: FloatArray) -> Any:
    """Return ``values`` in the shape and with the labels of ``x``."""
    shaped = values.reshape(np.shape(x))
    if isinstance(x, pd.Series):
        return pd.Series(shaped, index=x.index, name=x.name)
    if isinstance(x, pd.DataFrame):
        return pd.DataFrame(shaped, index=x.index, columns=x.columns)
    return shaped


def _data_first(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
    """Return positional arguments, the data among them also where given as ``x=``."""
    return args or (kwargs.pop("x"),)


def _by_patsy(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return arguments that R calls otherwise under the names that patsy's splines give them."""
    told = dict(kwargs)
    if "intercept" in told:
        told["include_intercept"] = told.pop("intercept")
    if "boundary_knots" in told:
        told["lower_bound"], told["upper_bound"] = sorted(told.pop("boundary_knots"))
    return told


class Center:
    """``center(x)``: x minus its mean."""

    def __init__(self) -> None:
        self.mean: Any = None
        self.sums: Any = 0.0
        self.count: Any = 0

    def memorize_chunk(self, x: Any) -> None:
        """Learn the mean of the present values of each column."""
        values = _columns(x)
        present = ~np.isnan(values)
        self.sums = self.sums + np.sum(values, axis=0, where=present)
        self.count = self.count + present.sum(axis=0)
        self.mean = self.sums / self.count

    def memorize_finish(self) -> None:
        """Nothing is left to do."""

    def transform(self, x: Any) -> Any:
        """Subtract the learned mean."""
        return _like(x, _columns(x) - self.mean)


class Standardize:
    """``standardize(x, center=True, rescale=True, ddof=0)``: z-scores; ``scale`` is ``rescale``."""

    def __init__(self) -> None:
        self.mean: Any = None
        self.sums: Any = None
        self.squares: Any = None
        self.count: Any = 0

    def memorize_chunk(
        self,
        x: Any,
        center: bool = True,
        rescale: bool = True,
        ddof: int = 0,
        scale: bool | None = None,
    ) -> None:
        """Learn mean and sum of squared deviations of the present values."""
        values = _columns(x)
        present = ~np.isnan(values)
        count = present.sum(axis=0)
        sums = np.sum(values, axis=0, where=present)
        mean = sums / count
        squares = np.sum((values - mean) ** 2, axis=0, where=present)
        if self.mean is None:
            self.count, self.sums, self.mean, self.squares = count, sums, mean, squares
        else:
            self._add(count, sums, mean, squares)

    def _add(self, count: Any, sums: FloatArray, mean: FloatArray, squares: FloatArray) -> None:
        """Join another part (Chan, Golub & LeVeque 1983, American Statistician 37)."""
        both = self.count + count
        with np.errstate(invalid="ignore"):
            apart = np.where(count > 0, (mean - self.mean) ** 2 * (self.count * count / both), 0.0)
        self.squares = self.squares + squares + apart
        self.count, self.sums = both, self.sums + sums
        self.mean = self.sums / both

    def memorize_finish(self) -> None:
        """Nothing is left to do."""

    def _check_varies(self) -> None:
        """Refuse what has no deviation to divide by but that of rounding."""
        with np.errstate(over="ignore"):
            rounding = self.count * (8 * np.finfo(float).eps * self.mean) ** 2
        if (same := self.squares <= rounding).any():
            raise UsageError(
                f"all values are {np.atleast_1d(self.mean)[same][0]:g}, so that there is no"
                " standard deviation to divide by; leave the term out."
            )

    def transform(
        self,
        x: Any,
        center: bool = True,
        rescale: bool = True,
        ddof: int = 0,
        scale: bool | None = None,
    ) -> Any:
        """Subtract the learned mean, divide by the learned standard deviation."""
        values = _columns(x)
        if center:
            values = values - self.mean
        if rescale if scale is None else scale:
            self._check_varies()
            values = values / np.sqrt(self.squares / (self.count - ddof))
        return _like(x, values)


class CompleteRows:
    """Another stateful transform that sees only the rows without missing values.

    Rows with a missing value come out missing.  What the wrapped transform learned is kept as
    plain data, so that it can be pickled.
    """

    def __init__(self, kind: Any, every_argument: bool = False) -> None:
        self._kind = kind
        self._every_argument = every_argument
        self._inner = kind()
        self._range: tuple[float, float] | None = None
        self._options: tuple[tuple[Any, ...], dict[str, Any]] | None = None

    @property
    def keeps_values(self) -> bool:
        """Whether all values are kept until the end, for exact quantiles."""
        return self._options is not None and not self._by_range() and not self._every_argument

    @classmethod
    def of(cls, kind: Any, every_argument: bool = False) -> Callable[[], CompleteRows]:
        """Return a maker of new states."""
        return functools.partial(cls, kind, every_argument)

    def memorize_chunk(self, *args: Any, **kwargs: Any) -> None:
        """Learn from the complete rows; of values that only bound the knots keep the range."""
        kwargs = _by_patsy(kwargs)
        given, complete = self._split(_data_first(args, kwargs))
        if not complete.any():
            return
        n_data = len(given) if self._every_argument else 1
        self._options = given[n_data:], kwargs
        if not self._by_range():
            self._inner.memorize_chunk(*given, **kwargs)
            return
        low, high = self._range or (np.inf, -np.inf)
        self._range = min(low, float(given[0].min())), max(high, float(given[0].max()))

    def memorize_finish(self) -> None:
        """Let the wrapped transform finish."""
        if self._options is None:
            raise ValueError("no value is left to learn from")
        if self._range is not None:
            args, kwargs = self._options
            self._inner.memorize_chunk(np.array(self._range), *args, **kwargs)
        self._inner.memorize_finish()
        knots = getattr(self._inner, "_all_knots", None)
        if self._kind.__name__ == "CR" and knots is not None and len(knots) < 3:
            raise UsageError(
                "cr() has no knot between the ends of the data, and is a straight line; write the"
                " column itself, or give a larger df"
            )

    def _by_range(self) -> bool:
        """Whether knots are given and nothing else is learned but where the data end."""
        if self._every_argument or self._options is None:
            return False
        names = list(inspect.signature(self._kind.memorize_chunk).parameters)[2:]
        args, kwargs = self._options
        told = dict(zip(names, args, strict=False)) | kwargs
        return told.get("knots") is not None and told.get("constraints") is None

    def transform(self, *args: Any, **kwargs: Any) -> FloatArray:
        """Transform the complete rows; the others are NaN."""
        kwargs = _by_patsy(kwargs)
        given, complete = self._split(_data_first(args, kwargs))
        self._check_bounds(given[0], complete)
        made = np.asarray(self._inner.transform(*given, **kwargs), dtype=np.float64)
        if complete.all():
            return made
        out = np.full((len(complete), *made.shape[1:]), np.nan)
        out[complete] = made
        return out

    def _split(self, args: tuple[Any, ...]) -> tuple[tuple[Any, ...], BoolArray]:
        """Return the arguments on the complete rows, and which rows those are."""
        n_data = len(args) if self._every_argument else 1
        data = [np.asarray(arg, dtype=np.float64) for arg in args[:n_data]]
        complete = np.ones(len(data[0]), dtype=bool)
        for values in data:
            complete &= ~np.isnan(values.reshape(len(values), -1)).any(axis=1)
        return (*(values[complete] for values in data), *args[n_data:]), complete

    def _check_bounds(self, x: FloatArray, complete: BoolArray) -> None:
        """Refuse values beyond the outer knots of a B-spline, where it is not defined."""
        knots = getattr(self._inner, "_all_knots", None)
        if self._kind.__name__ != "BS" or knots is None or x.size == 0:
            return
        low, high = float(knots[0]), float(knots[-1])
        outside = np.zeros(len(complete), dtype=bool)
        outside[complete] = (x.reshape(-1) < low) | (x.reshape(-1) > high)
        if outside.any():
            raise OutsideKnotsError(outside, low, high)

    def __getstate__(self) -> dict[str, Any]:
        return {
            "_kind": self._kind,
            "_every_argument": self._every_argument,
            "_learned": dict(vars(self._inner)),
        }

    def __setstate__(self, saved: dict[str, Any]) -> None:
        self._kind = saved["_kind"]
        self._every_argument = saved["_every_argument"]
        self._range = self._options = None
        self._inner = self._kind.__new__(self._kind)
        vars(self._inner).update(saved["_learned"])
