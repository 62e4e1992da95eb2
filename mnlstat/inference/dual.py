"""Numbers with their gradients: functions of estimates are differentiated as they are computed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mnlstat.arrays import FloatArray


class UndefinedError(Exception):
    """A function has no value, or no derivative, where it is wanted."""


@dataclass(frozen=True, eq=False)
class Dual:
    """A value and its gradient (p,): forward-mode differentiation, exact but for rounding.

    References
    ----------
    Griewank, A. & Walther, A. (2008). *Evaluating Derivatives*, 2nd ed., SIAM, chapter 3.
    """

    value: float
    gradient: FloatArray

    @property
    def is_number(self) -> bool:
        """Whether it depends on no coefficient (here)."""
        return not self.gradient.any()

    def plus(self, other: Dual, sign: float = 1.0) -> Dual:
        """The sum, or the difference for ``sign`` -1."""
        return Dual(self.value + sign * other.value, self.gradient + sign * other.gradient)

    def negative(self) -> Dual:
        """Minus it."""
        return Dual(-self.value, -self.gradient)

    def times(self, other: Dual) -> Dual:
        """The product."""
        gradient = other.value * self.gradient + self.value * other.gradient
        return Dual(self.value * other.value, gradient)

    def over(self, other: Dual) -> Dual:
        """The quotient."""
        if other.value == 0:
            raise UndefinedError("divides by zero")
        value = self.value / other.value
        return Dual(value, (self.gradient - value * other.gradient) / other.value)

    def power(self, other: Dual) -> Dual:
        """``self ** other``."""
        base, exponent = self.value, other.value
        if other.is_number:
            whole = exponent == math.floor(exponent)
            if base < 0 and not whole:
                raise UndefinedError(f"takes {base:.6g}, below zero, to the power {exponent:.6g}")
            if base == 0 and exponent < 0:
                raise UndefinedError(f"takes zero to the power {exponent:.6g}")
            if exponent == 0:
                return Dual(1.0, 0.0 * self.gradient)
            if base == 0 and exponent < 1:
                raise UndefinedError(f"has no derivative of the power {exponent:.6g} at zero")
            return Dual(base**exponent, exponent * base ** (exponent - 1) * self.gradient)
        if not base > 0:
            raise UndefinedError(f"takes {base:.6g}, not above zero, to a power of coefficients")
        value = base**exponent
        inner = exponent / base * self.gradient + math.log(base) * other.gradient
        return Dual(value, value * inner)


def _exp(x: Dual) -> Dual:
    value = math.exp(x.value)
    return Dual(value, value * x.gradient)


def _log(x: Dual) -> Dual:
    if not x.value > 0:
        raise UndefinedError(f"takes the logarithm of {x.value:.6g}, which is not above zero")
    return Dual(math.log(x.value), x.gradient / x.value)


def _sqrt(x: Dual) -> Dual:
    if not x.value > 0:
        raise UndefinedError(f"takes the square root at {x.value:.6g}, where it has no derivative")
    value = math.sqrt(x.value)
    return Dual(value, x.gradient / (2.0 * value))


def _abs(x: Dual) -> Dual:
    if x.value == 0:
        raise UndefinedError("takes the absolute value at zero, where it has no derivative")
    return x if x.value > 0 else x.negative()


FUNCTIONS: dict[str, Callable[[Dual], Dual]] = {
    "exp": _exp, "log": _log, "sqrt": _sqrt, "abs": _abs
}  # fmt: skip


def constant(value: float, p: int) -> Dual:
    """A number."""
    return Dual(value, np.zeros(p))


def coefficient(values: FloatArray, at: int) -> Dual:
    """One of the coefficients (p,)."""
    gradient = np.zeros(len(values))
    gradient[at] = 1.0
    return Dual(float(values[at]), gradient)
