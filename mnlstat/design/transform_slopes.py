"""Derivatives of the transforms that learn, from what they have learned."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray, IntArray
from mnlstat.design.natural_spline import NaturalSpline
from mnlstat.design.polynomials import Poly
from mnlstat.design.transforms import Center, CompleteRows, Standardize


@dataclass(frozen=True, eq=False)
class TransformSlope:
    """The derivative of a transform in its data.

    ``kinks`` are rows at which it differs between the left and the right; ``steps`` says that
    the transform is constant but for jumps.
    """

    slope: Any
    kinks: BoolArray | None = None
    steps: bool = False


def transform_slope(
    state: Any, args: Sequence[Any], kwargs: Mapping[str, Any], inner: Any
) -> TransformSlope | None:
    """Return the derivative of ``state.transform(*args, **kwargs)``, None where it is not known.

    Parameters
    ----------
    state : transform that has learned
    args, kwargs
        What it is called with; its data come first, or as ``x=``.
    inner : array or number
        The derivative of the data; where a spline has a kink its sign says on which side.
    """
    rule = _rule(state)
    if rule is None:
        return None
    x, told = _told(state, args, kwargs)
    return rule(state, x, told, inner)


def is_multilinear(state: Any) -> bool:
    """Whether a transform is linear in each of its arguments: ``te()``, of bases."""
    return isinstance(state, CompleteRows) and state._kind.__name__ == "TE"


def _rule(state: Any) -> Callable[..., TransformSlope] | None:
    if isinstance(state, CompleteRows):
        return {"BS": _b_spline, "CR": _cubic, "CC": _cubic}.get(state._kind.__name__)
    own = {Center: _center, Standardize: _standardize, Poly: _poly, NaturalSpline: _natural}
    return own.get(type(state))


def _told(state: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Return the data, and all other arguments by name with their defaults."""
    names = {"intercept": "include_intercept"} if isinstance(state, CompleteRows) else {}
    kwargs = {names.get(name, name): value for name, value in kwargs.items()}
    kwargs.pop("boundary_knots", None)  # learned
    function = state._inner.transform if isinstance(state, CompleteRows) else state.transform
    bound = inspect.signature(function).bind(*args, **kwargs)
    bound.apply_defaults()
    told = dict(bound.arguments)
    return told.pop("x"), told


def _center(state: Any, x: Any, told: dict[str, Any], inner: Any) -> TransformSlope:
    return TransformSlope(inner)


def _standardize(state: Any, x: Any, told: dict[str, Any], inner: Any) -> TransformSlope:
    scale = told["scale"]
    if not (told["rescale"] if scale is None else scale):
        return TransformSlope(inner)
    deviation = np.sqrt(state.squares / (state.count - told["ddof"]))
    return TransformSlope(inner / (deviation if np.ndim(x) > 1 else deviation[0]))


def _poly(state: Poly, x: Any, told: dict[str, Any], inner: Any) -> TransformSlope:
    """Each step of the recurrence is differentiated."""
    values, degree = _column(x), int(told["degree"])
    if told["raw"]:
        powers = np.arange(degree, dtype=np.float64)
        return TransformSlope(_by_column(values[:, None] ** powers * (powers + 1), inner))
    u = (values - state.center) / state.scale
    slope = np.empty((len(u), degree))
    before, now = np.zeros(len(u)), np.full(len(u), 1.0 / state.b[0])
    its_before, its = np.zeros(len(u)), np.zeros(len(u))
    for j in range(degree):
        less = state.b[j] if j else 0.0
        step = (u - state.a[j]) * now - less * before
        its_step = now + (u - state.a[j]) * its - less * its_before
        before, now = now, step / state.b[j + 1]
        its_before, its = its, its_step / state.b[j + 1]
        slope[:, j] = its
    return TransformSlope(_by_column(slope / state.scale, inner))


def _natural(state: NaturalSpline, x: Any, told: dict[str, Any], inner: Any) -> TransformSlope:
    from scipy.interpolate import BSpline  # its import costs more than most formulas need

    u = (_column(x) - state.low) / state.width
    first = BSpline(state.knots, state.coefficients, 3).derivative(1)
    return TransformSlope(_by_column(first(np.clip(u, 0.0, 1.0)) / state.width, inner))


def _b_spline(state: Any, x: Any, told: dict[str, Any], inner: Any) -> TransformSlope:
    """``B'_(i,d) = d {B_(i,d-1) / (t_(i+d) - t_i) - B_(i+1,d-1) / (t_(i+d+1) - t_(i+1))}``.

    de Boor (1978), A Practical Guide to Splines, ch. X.
    """
    knots, degree = np.asarray(state._inner._all_knots), int(state._inner._degree)
    values = _column(x)
    first = 0 if told["include_intercept"] else 1
    n_bases = len(knots) - degree - 1
    if degree == 0:
        return TransformSlope(np.zeros((len(values), n_bases - first)), steps=True)
    rising = np.broadcast_to(np.asarray(inner, dtype=np.float64) >= 0, np.shape(values))
    lower = _b_splines(values, knots, degree - 1, rising)
    slope = np.zeros((len(values), n_bases))
    for i in range(n_bases):
        for at, sign in ((i, 1.0), (i + 1, -1.0)):
            apart = knots[at + degree] - knots[at]
            if apart > 0:
                slope[:, i] += sign * degree / apart * lower[:, at]
    inside, times = np.unique(knots[(knots > knots[0]) & (knots < knots[-1])], return_counts=True)
    kinks = np.isin(values, inside[times >= degree])
    jumps = bool((times > degree).any())
    return TransformSlope(_by_column(slope[:, first:], inner), kinks, jumps)


def _b_splines(x: FloatArray, knots: FloatArray, degree: int, rising: BoolArray) -> FloatArray:
    """B-splines (n, len(knots) - degree - 1) by their recurrence, at a knot of one side.

    The interval begins with the knot where ``rising``, and ends with it elsewhere.
    """
    n = len(x)
    out = np.zeros((n, len(knots) - 1))
    out[np.arange(n), _intervals(x, knots, rising)] = 1.0
    for d in range(1, degree + 1):
        for i in range(len(knots) - 1 - d):
            left, right = knots[i + d] - knots[i], knots[i + d + 1] - knots[i + 1]
            one = (x - knots[i]) / left * out[:, i] if left > 0 else 0.0
            two = (knots[i + d + 1] - x) / right * out[:, i + 1] if right > 0 else 0.0
            out[:, i] = one + two
    return out[:, : len(knots) - 1 - degree]


def _intervals(x: FloatArray, knots: FloatArray, rising: BoolArray) -> IntArray:
    """Positions of the knots at which the intervals begin that hold x."""
    right = np.searchsorted(knots, x, side="right") - 1
    left = np.searchsorted(knots, x, side="left") - 1
    lowest = int(np.searchsorted(knots, knots[0], side="right")) - 1
    highest = int(np.searchsorted(knots, knots[-1], side="left")) - 1
    return np.clip(np.where(rising, right, left), lowest, highest)


def _cubic(state: Any, x: Any, told: dict[str, Any], inner: Any) -> TransformSlope:
    """``cr()`` and ``cc()``: the cubic splines through their values at the knots.

    A natural one goes on as straight lines, a cyclic one repeats itself.
    """
    from scipy.interpolate import CubicSpline

    values, knots = _column(x), np.asarray(state._inner._all_knots, dtype=np.float64)
    at_knots = np.asarray(state._inner.transform(knots), dtype=np.float64)
    low, high = knots[0], knots[-1]
    cyclic = bool(state._inner._cyclic)
    if cyclic:
        at_knots[-1] = at_knots[0]
        inside = np.where(
            (values < low) | (values > high), low + (values - low) % (high - low), values
        )
    else:
        inside = np.clip(values, low, high)
    spline = CubicSpline(knots, at_knots, bc_type="periodic" if cyclic else "natural")
    slope = np.full((len(values), at_knots.shape[1]), np.nan)
    present = ~np.isnan(values)
    slope[present] = spline(inside[present], 1)
    return TransformSlope(_by_column(slope, inner))


def _by_column(slope: FloatArray, inner: Any) -> FloatArray:
    """The chain rule for several columns of one argument."""
    return slope * (inner if np.ndim(inner) == 0 else np.reshape(inner, (-1, 1)))


def _column(x: Any) -> FloatArray:
    return np.asarray(x, dtype=np.float64).reshape(-1)
