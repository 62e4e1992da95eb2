"""Numbers as text: how many digits, and when the exponent is needed."""

from __future__ import annotations

import math

import numpy as np

from mnlstat.arrays import FloatArray

USUAL_DECIMALS, MOST_DECIMALS, MOST_DIGITS = 4, 6, 10
LARGE = 1e7
SMALL = 1e-300
SMALLEST_ALPHA, NEAR = 1e-12, 0.01


def decimals_for(estimates: FloatArray, std_errors: FloatArray) -> int:
    """Decimals for a column of estimates, from the smallest standard error in it.

    Four where that is between 0.01 and 10: more, up to six, so that a smaller one shows three
    digits; fewer where all are larger, or where the largest number would exceed ten digits.
    What then shows too few digits is written with an exponent by :func:`fixed`.
    """
    sizes = np.abs(np.concatenate([estimates, std_errors]))
    sizes = sizes[np.isfinite(sizes) & (sizes < LARGE)]
    scales = std_errors[np.isfinite(std_errors) & (std_errors > 10.0**-MOST_DECIMALS)]
    power = math.floor(math.log10(float(scales.min()))) if scales.size else 0
    wanted = max(2 - power, USUAL_DECIMALS) if power < 0 else USUAL_DECIMALS - power
    largest = float(sizes.max()) if sizes.size else 1.0
    whole = 1 + math.floor(math.log10(max(largest, 1.0)))
    return max(min(wanted, MOST_DECIMALS, MOST_DIGITS - whole), 1)


def fixed(value: float, decimals: int, scale: float = 0.0) -> str:
    """``value`` with ``decimals`` places, or with an exponent where these would show too little.

    ``scale`` is the precision the number is known to (its standard error): a value that is small
    beside it may round to zero, a value that is small by itself may not.
    """
    if not math.isfinite(value):
        return not_finite(value)
    size = max(abs(value), scale) if math.isfinite(scale) else abs(value)
    if abs(value) >= LARGE or 0 < size < 10.0 ** (1 - decimals):
        return f"{value:.3e}"
    return unsigned_zero(f"{value:.{decimals}f}")


def ratio(value: float, decimals: int, scale: float = 0.0) -> str:
    """A relative risk ratio, which is never zero, only too small for a number to hold."""
    return "<1e-300" if 0 <= value < SMALL else fixed(value, decimals, scale)


def not_finite(value: float) -> str:
    """``nan``, ``+Inf`` or ``-Inf``."""
    if math.isnan(value):
        return "nan"
    return "+Inf" if value > 0 else "-Inf"


def unsigned_zero(text: str) -> str:
    """``-0.00`` as ``0.00``."""
    return text[1:] if text.startswith("-") and not text.strip("-0.") else text


def statistic(value: float, decimals: int = 3) -> str:
    """A z or chi-squared statistic."""
    if not math.isfinite(value):
        return not_finite(value)
    if abs(value) >= 1e5:
        return f"{value:.3e}"
    return unsigned_zero(f"{value:.{decimals}f}")


def p_value(value: float) -> str:
    """A p-value with three places, ``<0.001`` below that: it is never printed as zero."""
    if math.isnan(value):
        return "nan"
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def plain(value: float) -> str:
    """A fit statistic such as a log-likelihood: four places while these can be meant."""
    if not math.isfinite(value):
        return not_finite(value)
    size = abs(value)
    if size >= 1e9 or 0 < size < 1e-3:
        return f"{value:.4e}"
    return unsigned_zero(f"{value:.{4 if size < 1e6 else 2}f}")


def difference(value: float) -> str:
    """A small number of which the size matters, not the digits."""
    if not math.isfinite(value):
        return not_finite(value)
    return "0" if value == 0 else f"{value:.1e}"


def count(value: float) -> str:
    """Degrees of freedom or a number of rows: whole when it is whole."""
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.2f}"


def level(alpha: float) -> str:
    """``100 (1 - alpha)``, never as 100."""
    return _told_apart(100 * (1 - alpha), alpha) or f"100-{100 * alpha:.6g}"


def interval_ends(alpha: float) -> tuple[str, str]:
    """Names of the ends, such as 0.025 and 0.975, never as 0.5 or 1."""
    low = _told_apart(alpha / 2, alpha) or f"{alpha / 2:.6g}"
    return low, _told_apart(1 - alpha / 2, alpha) or f"1-{low}"


def _told_apart(value: float, alpha: float) -> str:
    """``value`` in as many digits, six at least, as an alpha near 0 or 1 needs; empty for none."""
    if alpha < SMALLEST_ALPHA:
        return ""
    near = NEAR * min(alpha, 1 - alpha)
    texts = (f"{value:.{digits}g}" for digits in range(6, 18))
    return next(text for text in texts if abs(float(text) - value) <= near)


def seconds(value: float) -> str:
    """A duration; a dash where none was measured."""
    return "-" if math.isnan(value) else f"{value:.4f}"
