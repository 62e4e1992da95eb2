"""The cells of the summary's tables as text, shared by every layout."""

from __future__ import annotations

import math
from typing import Any, Protocol

import pandas as pd

from mnlstat.report import numbers
from mnlstat.report.contents import INTERVALS, TURNED_BACK, Pairs
from mnlstat.report.layout import label

Row = tuple[str, tuple[str, ...]]


class Reported(Protocol):
    """The parts of a summary that a layout sets."""

    title: str
    alert: str
    header: Pairs
    statistics: Pairs
    coefficients: pd.DataFrame
    limits: tuple[str, ...]
    headings: dict[Any, str]
    turned_back: tuple[tuple[Any, str], ...]
    terms: pd.DataFrame
    notes: tuple[str, ...]
    origin: str
    alpha: float
    rrr: bool
    by_t: bool
    method: str


def coefficient_title(report: Reported) -> str:
    """What the blocks of coefficients are."""
    kind = "Relative risk ratios" if report.rrr else "Coefficients"
    by = INTERVALS.get(report.method, "")
    return " ".join(f"{kind}, {numbers.level(report.alpha)}% {by} intervals".split())


def coefficient_heads(report: Reported) -> tuple[str, ...]:
    """Headings of the columns of a block."""
    low, high = numbers.interval_ends(report.alpha)
    z = "t" if report.by_t else "z"
    return ("RRR" if report.rrr else "coef", "std err", z, f"P>|{z}|", f"[{low}", f"{high}]")


def coefficient_blocks(report: Reported) -> dict[str, list[Row]]:
    """For the heading of each block its rows of a term and six texts."""
    frame = report.coefficients
    decimals = numbers.decimals_for(
        frame["estimate"].to_numpy(dtype=float), frame["std_error"].to_numpy(dtype=float)
    )
    blocks: dict[str, list[Row]] = {heading: [] for heading in report.headings.values()}
    columns = [frame[name].tolist() for name in frame.columns]
    for limit, outcome, term, *values in zip(report.limits, *columns, strict=True):
        rows = blocks[report.headings[outcome]]
        if limit:  # an infinite estimate has no standard error
            cells = _limit_cells(limit, values[-2:], decimals, report.rrr)
        else:
            cells = coefficient_cells(values, decimals, report.rrr)
        mark = f" {TURNED_BACK}" if (outcome, term) in report.turned_back else ""
        rows.append((label(term) + mark, cells))
    return blocks


def _limit_cells(limit: str, ends: list[float], decimals: int, rrr: bool) -> tuple[str, ...]:
    """An infinite estimate, and its interval where the likelihood bounds it on one side."""
    shown = ("", "")
    if not any(map(math.isnan, ends)):
        low, high = (_end(end, decimals, rrr) for end in ends)
        shown = (low, high)
    return (ratio_limit(limit) if rrr else limit, "", "", "", *shown)


def _end(end: float, decimals: int, rrr: bool) -> str:
    if rrr and end == 0:
        return "0"
    return (numbers.ratio if rrr else numbers.fixed)(end, decimals)


def ratio_limit(limit: str) -> str:
    """The limit of a relative risk ratio from that of its logarithm."""
    return "0" if limit == "-Inf" else limit


def coefficient_cells(values: list[float], decimals: int, rrr: bool) -> tuple[str, ...]:
    """Estimate, standard error, statistic, p-value and interval of one coefficient as text.

    What is not a number says so; no cell is blank but where the estimate is infinite, or fixed by
    constraints.
    """
    estimate, std_error, statistic, p_value, low, high = values
    form = numbers.ratio if rrr else numbers.fixed
    if std_error == 0 and math.isnan(statistic):
        return (form(estimate, decimals, std_error), "fixed", "", "", "", "")
    return (
        form(estimate, decimals, std_error),
        form(std_error, decimals),
        numbers.statistic(statistic),
        numbers.p_value(p_value),
        form(low, decimals, std_error),
        form(high, decimals, std_error),
    )


def term_heads(report: Reported) -> tuple[str, ...]:
    """Headings of the columns of the table of terms."""
    return ("F", "df", "df denom", "P>F") if report.by_t else ("chi2", "df", "P>chi2")


def term_rows(report: Reported) -> list[Row]:
    """One row per term: its Wald statistic, degrees of freedom and p-value as text."""
    frame = report.terms
    counts = ["df", "df_denom"] if report.by_t else ["df"]
    return [
        (
            label(term),
            (
                numbers.statistic(row["statistic"]),
                *(count_or_nan(row[name]) for name in counts),
                numbers.p_value(row["p_value"]),
            ),
        )
        for term, row in zip(frame.index.tolist(), frame.to_dict("records"), strict=True)
    ]


def count_or_nan(value: float) -> str:
    """Degrees of freedom, which a test that cannot be made may lack."""
    return "nan" if math.isnan(value) else numbers.count(value)


def term_title(report: Reported) -> str:
    """What the table of terms is."""
    equations = len(report.headings)
    over = "" if equations == 1 else f" over all {equations} equations"
    return f"Wald test of each term{over}"
