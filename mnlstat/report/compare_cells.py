"""The cells of a comparison as text, shared by its layouts."""

from __future__ import annotations

import math
from typing import Protocol

import pandas as pd

from mnlstat.report import numbers
from mnlstat.report.cells import Row
from mnlstat.report.facts import FitFacts
from mnlstat.report.layout import label


class Compared(Protocol):
    """The parts of a comparison that a layout sets."""

    @property
    def ours(self) -> FitFacts:
        """The first fit."""

    @property
    def theirs(self) -> FitFacts:
        """The second fit."""

    @property
    def verdict(self) -> str:
        """Who agrees with whom, in words."""

    @property
    def coefficients(self) -> pd.DataFrame:
        """One row per coefficient, seven columns."""

    @property
    def statistics(self) -> pd.DataFrame:
        """One row per number of the whole fit: ours, theirs, difference."""


STATISTICS = {
    "log_likelihood": ("log-likelihood", numbers.plain),
    "log_likelihood_null": ("log-likelihood, null", numbers.plain),
    "aic": ("AIC", numbers.plain),
    "bic": ("BIC", numbers.plain),
    "score_norm": ("score, largest element", numbers.difference),
    "score_in_se": ("score, in standard errors", numbers.difference),
    "seconds_fit": ("seconds for the fit", numbers.seconds),
    "seconds_inference": ("seconds for inference", numbers.seconds),
}
NOT_REPORTED, STD_ERRORS = "-", "std_errors"
WITHOUT_DIFFERENCE = ("score_norm", "score_in_se", "seconds_fit", "seconds_inference")


def title(comparison: Compared) -> str:
    """The first line."""
    both = f"{comparison.ours.software} beside {comparison.theirs.software}"
    return f"{both}: {comparison.ours.formula}" if comparison.ours.formula else both


def header(comparison: Compared) -> tuple[tuple[str, str], ...]:
    """Base and covariance of each fit: labels and sentences."""
    ours, theirs = comparison.ours, comparison.theirs
    return (
        ("Base outcome", _each(ours, theirs, label(ours.base), label(theirs.base))),
        ("Covariance", _each(ours, theirs, ours.cov_type, theirs.cov_type)),
    )


def _each(ours: FitFacts, theirs: FitFacts, first: str, second: str) -> str:
    if first == second:
        return f"{first} (both)"
    return f"{first} ({ours.name}), {second or 'none'} ({theirs.name})"


def fit_heads(comparison: Compared) -> tuple[str, ...]:
    """Headings of the table of the fits as a whole."""
    return (comparison.ours.name, comparison.theirs.name, "difference")


def fit_rows(comparison: Compared) -> list[Row]:
    """Rows, convergence, criteria, score and times of both fits."""
    ours, theirs = comparison.ours, comparison.theirs
    table = comparison.statistics
    rows: list[Row] = [
        ("rows", (numbers.count(ours.nobs), *_rows(ours, theirs))),
        ("converged", (_yes(ours.converged), _converged(theirs), "")),
    ]
    for name, (heading, form) in STATISTICS.items():
        a, b, distance = (float(table.at[name, column]) for column in table.columns)
        between = "" if name in WITHOUT_DIFFERENCE else numbers.difference(distance)
        absent = bool(theirs.lacking) and math.isnan(b)
        said = (NOT_REPORTED, "") if absent else (form(b), between)
        rows.append((heading, (form(a), *said)))
    largest = float(table.at["max_probability_difference", "difference"])
    rows.insert(6, ("probabilities, largest difference", ("", "", numbers.difference(largest))))
    return rows


def _rows(ours: FitFacts, theirs: FitFacts) -> tuple[str, str]:
    """Their number of rows, and the difference."""
    if math.isnan(theirs.nobs):
        return NOT_REPORTED, ""
    return numbers.count(theirs.nobs), numbers.count(theirs.nobs - ours.nobs)


def _converged(fit: FitFacts) -> str:
    return NOT_REPORTED if "convergence" in fit.lacking else _yes(fit.converged)


def _yes(flag: bool) -> str:
    return "yes" if flag else "no"


COEFFICIENT_HEADS = ("ours", "theirs", "diff", "diff/se", "se ours", "se theirs", "se diff")


def coefficient_blocks(comparison: Compared) -> dict[str, list[Row]]:
    """For the heading of each outcome its rows of a term and seven texts."""
    table = comparison.coefficients
    decimals = numbers.decimals_for(
        table["estimate_ours"].to_numpy(dtype=float),
        table["std_error_ours"].to_numpy(dtype=float),
    )
    blocks: dict[str, list[Row]] = {}
    columns = (table[name].tolist() for name in table.columns)
    for (outcome, term), *values in zip(table.index.tolist(), *columns, strict=True):
        heading = f"{label(outcome)} vs {label(comparison.ours.base)}"
        cells = _coefficient_cells([float(value) for value in values], decimals)
        if STD_ERRORS in comparison.theirs.lacking:
            cells = (*cells[:5], NOT_REPORTED, "")
        blocks.setdefault(heading, []).append((label(term), cells))
    return blocks


STACKED_HEADS = COEFFICIENT_HEADS[:4]


def stacked(rows: list[Row]) -> list[Row]:
    """The same rows with the standard errors on a line of their own, where one is too long."""
    lines: list[Row] = []
    for name, texts in rows:
        lines += [(name, texts[:4]), ("  std err", (*texts[4:], ""))]
    return lines


def _coefficient_cells(values: list[float], decimals: int) -> tuple[str, ...]:
    ours, theirs, gap, gap_in_se, se_ours, se_theirs, se_gap = values
    scale = 0.0 if math.isnan(se_ours) else se_ours
    return (
        numbers.fixed(ours, decimals, scale),
        numbers.fixed(theirs, decimals, scale),
        numbers.difference(gap),
        numbers.difference(gap_in_se),
        numbers.fixed(se_ours, decimals),
        numbers.fixed(se_theirs, decimals),
        numbers.difference(se_gap),
    )


def remarks(comparison: Compared) -> list[str]:
    """Warnings and peculiarities of either software, and how the score was taken."""
    fits = (comparison.ours, comparison.theirs)
    found = [f"{fit.name}: {text}" for fit in fits for text in fit.remarks]
    found.append(
        f"Ours is {fits[0].name}, theirs {fits[1].name}; differences are theirs minus ours. Score"
        " and probabilities of both come from one function, that of mnlstat."
    )
    return found
