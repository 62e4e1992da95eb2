"""Functions of means of probabilities and slopes: differences, ratios, sums over outcomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray
from mnlstat.inference.effects.asks import OF_LOGS, Ask, Level, Rate
from mnlstat.inference.effects.sums import Sums

LEVEL, DIFFERENCE, RATIO, ODDS_RATIO = "level", "difference", "ratio", "odds ratio"
# Those that are held as logarithms.
LOGARITHMS = (RATIO, ODDS_RATIO)


@dataclass(frozen=True, eq=False)
class Item:
    """A function of means, one value for each group and outcome.

    Attributes
    ----------
    kind : "level", "difference" or, as logarithms, "ratio" and "odds ratio"
    asks : the mean, or the two that are compared, the second one subtracted
    """

    kind: str
    asks: tuple[Ask, ...]

    def linearised(self, means: Mapping[Ask, FloatArray]) -> Linear:
        """Value (R, S) and derivatives in its means, for means (R, S)."""
        if self.kind == LEVEL:
            return Linear(means[self.asks[0]], ((self.asks[0], 1.0),))
        last, first = (means[ask] for ask in self.asks)
        if self.kind == DIFFERENCE:
            return Linear(last - first, ((self.asks[0], 1.0), (self.asks[1], -1.0)))
        value, slope = _LOGS[self.kind]
        with np.errstate(divide="ignore", invalid="ignore"):
            return Linear(
                value(last) - value(first),
                ((self.asks[0], slope(last)), (self.asks[1], -slope(first))),
            )


_LOGS: Mapping[
    str, tuple[Callable[[FloatArray], FloatArray], Callable[[FloatArray], FloatArray]]
] = {
    RATIO: (np.log, lambda mean: 1.0 / mean),
    ODDS_RATIO: (lambda mean: np.log(mean / (1.0 - mean)), lambda mean: 1.0 / mean / (1.0 - mean)),
}


@dataclass(frozen=True, eq=False)
class Linear:
    """A value (R, S), and what it changes with each of the means (R, S) that it is made of."""

    value: FloatArray
    parts: tuple[tuple[Ask, FloatArray | float], ...]


@dataclass(frozen=True, eq=False)
class Functions:
    """M functions of the coefficients.

    Attributes
    ----------
    values : (M,)
    gradients : (M, p) derivatives in the p estimated coefficients
    """

    values: FloatArray
    gradients: FloatArray

    @property
    def whole(self) -> BoolArray:
        """Which functions (M,) have a value, and derivatives."""
        found: BoolArray = np.isfinite(self.values) & np.isfinite(self.gradients).all(axis=1)
        return found

    @property
    def slopes(self) -> FloatArray:
        """The gradients (M, p), zero of functions that have none."""
        return np.where(self.whole[:, None], self.gradients, 0.0)


@dataclass(frozen=True, eq=False)
class Means:
    """Means of what was asked, in R groups, of S outcomes or unions of them.

    Attributes
    ----------
    values : (R, S) for each ask
    gradients : (R, S, p)
    """

    values: Mapping[Ask, FloatArray]
    gradients: Mapping[Ask, FloatArray]

    @classmethod
    def of(
        cls,
        sums: Mapping[Ask, Sums],
        base: int,
        unions: FloatArray | None = None,
        *,
        limits: bool = False,
    ) -> Means:
        """Means of sums; ``unions`` (S, J) tells which outcomes are taken together.

        Derivatives of logarithms are of unions already.  ``limits`` tells that coefficients are
        infinite: what then does not move with any of them is at its limit, and how far from it
        nobody knows.
        """
        values, gradients = dict[Ask, FloatArray](), dict[Ask, FloatArray]()
        for ask, each in sums.items():
            mass = each.mass[:, None]
            with np.errstate(invalid="ignore"):
                mean = each.values / mass
                gradient = np.delete(each.gradients, base, axis=2)
                gradient = gradient.reshape(*gradient.shape[:2], -1) / mass[:, :, None]
            if unions is not None and not (isinstance(ask, Rate) and ask.kind in OF_LOGS):
                mean, gradient = mean @ unions.T, np.einsum("sj,rjp->rsp", unions, gradient)
            if limits:
                gradient[(gradient == 0).all(axis=2)] = np.nan
            if unions is not None and unions.all(axis=1).any():
                # all outcomes together have probability one, whatever rounding says
                every = unions.all(axis=1)
                mean[:, every] = np.where(np.isnan(mean[:, every]), np.nan, whole(ask))
                gradient[:, every] = 0.0
            values[ask], gradients[ask] = mean, gradient
        return cls(values, gradients)

    def item(self, item: Item) -> tuple[FloatArray, FloatArray]:
        """A function (R, S) with its gradients (R, S, p)."""
        linear = item.linearised(self.values)
        with np.errstate(invalid="ignore", over="ignore"):
            total = sum(
                np.asarray(slope)[..., None] * self.gradients[ask] for ask, slope in linear.parts
            )
        return linear.value, np.asarray(total)


def whole(ask: Ask) -> float:
    """What is asked of all outcomes together."""
    return 1.0 if isinstance(ask, Level) else 0.0


def functions_of(parts: Sequence[Means], items: Sequence[Item]) -> Functions:
    """Functions of the groups of all parts: outcomes run fastest, then groups, then items."""
    values, gradients = [], []
    for item in items:
        for means in parts:
            value, gradient = means.item(item)
            values.append(value.reshape(-1))
            gradients.append(gradient.reshape(value.size, -1))
    return Functions(np.concatenate(values), np.concatenate(gradients))
