"""``ns(x, df)``: natural cubic splines."""

from __future__ import annotations

from typing import Any

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.design.transforms import UsageError


class NaturalSpline:
    """``ns(x, df=1, knots=None, intercept=False, boundary_knots=None)``, as in R's splines.

    Cubic between the knots, with second derivative zero at the boundary knots and linear beyond:
    the B-splines B(x) that meet this are ``B(x) Q`` where the columns of Q span the null space of
    their second derivatives there, from a Householder QR (Hastie 1992, in Statistical Models in S,
    ch. 7).  The ``df - 1 - intercept`` inner knots stand at quantiles of x, the boundary knots at
    its range.
    """

    def __init__(self) -> None:
        self._values: list[FloatArray] = []
        self._range: tuple[float, float] | None = None
        self._options: tuple[int, FloatArray | None, bool, FloatArray | None] | None = None
        self.low = 0.0
        self.width = 1.0
        self.knots: FloatArray = np.zeros(0)
        self.coefficients: FloatArray = np.zeros((0, 0))

    @property
    def keeps_values(self) -> bool:
        """Whether all values are kept until the end, for exact quantiles."""
        return bool(self._values)

    def memorize_chunk(
        self,
        x: Any,
        df: int | None = None,
        knots: Any = None,
        intercept: bool = False,
        boundary_knots: Any = None,
    ) -> None:
        """Take in the present values of a piece: their range, and themselves for quantiles."""
        self._options = _checked(df, knots, intercept, boundary_knots)
        inner, given = self._options[0], self._options[1]
        values = _column(x)
        values = values[~np.isnan(values)]
        if not values.size:
            return
        low, high = self._range or (np.inf, -np.inf)
        self._range = min(low, float(values.min())), max(high, float(values.max()))
        if given is None and inner > 0:
            self._values.append(values)

    def memorize_finish(self) -> None:
        """Place the knots and find Q."""
        if self._options is None or self._range is None:
            raise ValueError("no value is left to learn from")
        inner, knots, intercept, boundary = self._options
        low, high = self._range if boundary is None else (float(boundary[0]), float(boundary[1]))
        if not low < high:
            raise ValueError(f"it needs two distinct values; all are {low:g}")
        if knots is None:
            knots = self._quantiles(inner, low, high)
        self._values = []
        if ((knots <= low) | (knots >= high)).any():
            tied = self._options[1] is None
            why = ", and quantiles of tied values do not: ask for a smaller df," if tied else ";"
            raise UsageError(
                f"inner knots ({', '.join(f'{knot:g}' for knot in knots)}) must lie between the"
                f" boundary knots, {low:g} and {high:g}{why} give knots= or boundary_knots=."
            )
        self.low, self.width = low, high - low
        ends = np.repeat([0.0, 1.0], 4)
        self.knots = np.sort(np.concatenate([ends, (knots - low) / self.width]))
        self._solve(intercept)

    def _quantiles(self, inner: int, low: float, high: float) -> FloatArray:
        """Inner knots at the quantiles of the values within the boundary."""
        if inner < 1:
            return np.zeros(0)
        values = np.concatenate(self._values)
        within = values[(values >= low) & (values <= high)]
        if not within.size:
            raise ValueError("no value lies between the boundary knots")
        return np.quantile(within, np.arange(1, inner + 1) / (inner + 1))

    def _solve(self, intercept: bool) -> None:
        from scipy.interpolate import BSpline  # its import costs more than most formulas need

        n = len(self.knots) - 4
        first = 0 if intercept else 1
        every = np.eye(n)[:, first:]
        second = BSpline(self.knots, every, 3).derivative(2)(np.array([0.0, 1.0]))
        Q = np.linalg.qr(second.T, mode="complete")[0]
        self.coefficients = every @ Q[:, 2:]

    def transform(
        self,
        x: Any,
        df: int | None = None,
        knots: Any = None,
        intercept: bool = False,
        boundary_knots: Any = None,
    ) -> FloatArray:
        """Return (n, df) columns; NaN where x is missing, linear beyond the boundary knots."""
        from scipy.interpolate import BSpline

        u = (_column(x) - self.low) / self.width
        spline = BSpline(self.knots, self.coefficients, 3)
        left, right = spline.derivative(1)(np.array([0.0, 1.0]))
        out = np.asarray(spline(np.clip(u, 0.0, 1.0)))
        out += np.minimum(u, 0.0)[:, None] * left + np.maximum(u - 1.0, 0.0)[:, None] * right
        return out


def _checked(
    df: Any, knots: Any, intercept: Any, boundary: Any
) -> tuple[int, FloatArray | None, bool, FloatArray | None]:
    """Number of inner knots, the knots, whether a constant is in the span, boundary knots."""
    if not isinstance(intercept, bool | np.bool_):
        raise ValueError("intercept must be True or False")
    if boundary is not None:
        boundary = np.sort(np.asarray(boundary, dtype=np.float64).reshape(-1))
        if len(boundary) != 2 or not np.isfinite(boundary).all():
            raise ValueError("boundary_knots must be two numbers")
    least = 1 + bool(intercept)
    if df is not None and (isinstance(df, bool) or not isinstance(df, int | np.integer)):
        raise ValueError("df must be a whole number")
    if df is not None and df < least:
        raise ValueError(f"df must be at least {least}")
    if knots is None:
        return (least if df is None else int(df)) - least, None, bool(intercept), boundary
    knots = np.sort(np.asarray(knots, dtype=np.float64).reshape(-1))
    if not np.isfinite(knots).all():
        raise ValueError("knots must be finite numbers")
    if df is not None and df != len(knots) + least:
        raise ValueError(f"df={df} does not go with {len(knots)} knots; leave one of them out")
    return len(knots), knots, bool(intercept), boundary


def _column(x: Any) -> FloatArray:
    values = np.asarray(x, dtype=np.float64)
    if values.ndim > 1 and values.shape[1] != 1:
        raise ValueError(f"it takes one variable, not {values.shape[1]} columns")
    return values.reshape(-1)
