"""One estimate and what belongs to it as texts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mnlstat.report import numbers
from mnlstat.report.publish.style import INTERVAL, P_VALUE, STATISTIC, STD_ERROR, Style

ESTIMATE = "estimate"


@dataclass(frozen=True)
class Form:
    """How the numbers of one table are written.

    Attributes
    ----------
    decimals : int
        Places after the point.
    exact : bool
        As many as the user asked for; else an exponent shows what these would hide.
    ratios : bool
        Whether estimates are ratios, which are never zero.
    by_error : bool
        Whether an estimate that is small beside its standard error may round to zero.
    """

    decimals: int
    exact: bool
    ratios: bool = False
    by_error: bool = True

    def number(self, value: float, scale: float = 0.0) -> str:
        """``value``, known to within ``scale``."""
        if self.ratios and 0 <= value < numbers.SMALL:
            return numbers.ratio(value, self.decimals)
        known = scale if self.by_error else 0.0
        return (places if self.exact else numbers.fixed)(value, self.decimals, known)

    def end(self, value: float) -> str:
        """An end of the interval of an infinite estimate: a ratio may not be bounded from below."""
        return "0" if self.ratios and value == 0 else self.number(value)


def places(value: float, digits: int, scale: float = 0.0) -> str:
    """``value`` with ``digits`` places; with an exponent where all of these would be zero.

    A value that is small beside ``scale``, its standard error, may round to zero.
    """
    if not math.isfinite(value) or abs(value) >= numbers.LARGE:
        return numbers.fixed(value, digits)
    size = max(abs(value), scale) if math.isfinite(scale) else abs(value)
    if 0 < size < 0.5 * 10.0**-digits:
        return f"{value:.{max(digits - 1, 0)}e}"
    return numbers.unsigned_zero(f"{value:.{digits}f}")


def estimated(values: Sequence[float], form: Form, style: Style, mark: str = "") -> dict[str, str]:
    """Texts of an estimate, its standard error, statistic, p-value and interval.

    What is not a number says so; nothing is blank but what an estimate that is fixed by
    constraints does not have.
    """
    value, std_error, statistic, p_value, low, high = values
    estimate = form.number(value, std_error) + mark
    if std_error == 0 and math.isnan(statistic):
        return {ESTIMATE: estimate, STD_ERROR: "fixed"}
    plain = Form(form.decimals, form.exact)
    return {
        ESTIMATE: estimate + "*" * sum(p_value < level for level in style.stars),
        STD_ERROR: plain.number(std_error),
        STATISTIC: numbers.statistic(statistic),
        P_VALUE: numbers.p_value(p_value),
        INTERVAL: bracketed(form.number(low, std_error), form.number(high, std_error)),
    }


def infinite(limit: str, ends: Sequence[float], form: Form) -> dict[str, str]:
    """Texts of an infinite estimate, and its interval where that is bounded on one side."""
    texts = {ESTIMATE: limit}
    if not any(map(math.isnan, ends)):
        texts[INTERVAL] = bracketed(*map(form.end, ends))
    return texts


def bracketed(low: str, high: str) -> str:
    """An interval."""
    return f"[{low}, {high}]"


def below(name: str, texts: Mapping[str, str], letter: str) -> str:
    """What stands below an estimate, so that its form tells what it is."""
    text = texts.get(name, "")
    if not text or name == INTERVAL:
        return text
    if name == STD_ERROR:
        return f"({text})"
    sign = letter if name == STATISTIC else "p"
    return f"{sign} {text[0]} {text[1:]}" if text.startswith("<") else f"{sign} = {text}"
