"""How many decimal digits two numbers share, counted against an exact value."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction

EXACT = 17.0
"""What equality to the last bit counts as; a double has 15.95 digits."""


def as_exact(text: str) -> Fraction:
    """A decimal string as the number it writes, not as the nearest double."""
    return Fraction(text)


def digits(value: float, exact: Fraction | float | str) -> float:
    """``-log10`` of the relative error; 0 for NaN and infinity, at most ``EXACT``."""
    truth = Fraction(exact)
    if not math.isfinite(value):
        return 0.0
    error = abs(Fraction(value) - truth)
    if error == 0:
        return EXACT
    if truth == 0:
        return 0.0
    return min(EXACT, -math.log10(error / abs(truth)))


def least_digits(values: Iterable[float], exact: Iterable[Fraction | float | str]) -> float:
    """The digits of the worst of several numbers."""
    return min(digits(float(v), e) for v, e in zip(values, exact, strict=True))
