"""Plain sentences on the coefficients: what is large, and what is uncertain."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.report.contents import is_ridge
from mnlstat.report.explained import LARGE, UNCERTAIN, UNSUPPORTED, Sentence, ratio, said
from mnlstat.report.fitted import Fitted

MOST_TOLD = 12
MOST_DECIMALS = 6


@dataclass(frozen=True)
class Contrast:
    """A column whose coefficient compares one thing with one other.

    Attributes
    ----------
    column : str
        Name of the design column.
    deviation : float or None
        Standard deviation of a column of numbers; None of a level, or where rows are not there.
    factor, level, reference : optional
        For the column of a level: of which factor, and against which level.
    """

    column: str
    deviation: float | None = None
    factor: str | None = None
    level: Any = None
    reference: Any = None

    @property
    def ranked(self) -> bool:
        """Whether its size is known in units that make columns comparable."""
        return self.factor is not None or self.deviation is not None


@dataclass(frozen=True)
class Ratio:
    """An odds ratio with its interval; NaN where there is none."""

    outcome: Any
    contrast: Contrast
    coefficient: float
    std_error: float
    values: tuple[float, float, float]

    @property
    def holds_one(self) -> bool:
        """Whether the interval holds the ratio of no difference."""
        return self.values[1] <= 1.0 <= self.values[2]

    @property
    def strength(self) -> float:
        """Distance from no difference: of a level, or of one standard deviation."""
        deviation = self.contrast.deviation
        return abs(self.coefficient) * (1.0 if deviation is None else deviation)


def ratios(fitted: Fitted, contrasts: Sequence[Contrast], alpha: float) -> list[Ratio]:
    """Every finite odds ratio of these columns."""
    table = pd.concat([fitted.params, fitted.bse, fitted.conf_int(alpha)], axis=1)
    rows = dict(zip(table.index, table.itertuples(index=False, name=None), strict=True))
    found = []
    for outcome in fitted.outcomes:
        for each in contrasts if outcome != fitted.base else ():
            b, error, low, high = map(float, rows[outcome, each.column])
            if math.isfinite(b):
                with np.errstate(over="ignore", under="ignore"):
                    odds = np.exp([b, low, high]).tolist()
                found.append(Ratio(outcome, each, b, error, (odds[0], odds[1], odds[2])))
    return found


def large(fitted: Fitted, found: Sequence[Ratio], alpha: float) -> Iterator[Sentence]:
    """The ratios, the strongest of each equation, and how many are not told."""
    if not found:
        return
    offset = "" if fitted.offset is None else ", and in the offset"
    columns = tuple(dict.fromkeys(each.contrast.column for each in found))
    yield said(
        LARGE,
        f"Each ratio compares rows that differ in {'one of ' if len(columns) > 1 else ''}"
        "{columns:list}, and are alike in every"
        f" other column that was estimated{offset}.",
        columns=columns,
    )
    ranked = all(each.contrast.ranked for each in found)
    first = sorted(found, key=lambda each: -each.strength if ranked else 0.0)[:MOST_TOLD]
    told = [each for each in found if each in first]
    for each in told:
        yield _told(fitted, each, alpha)
    if len(found) > len(told):
        which = "{told:n} of {all:n}"
        if ranked:
            which = "the {told:n} strongest, by level or standard deviation, of {all:n}"
        yield said(
            LARGE,
            f"These are {which} ratios; tidy(exponentiate=True) has all.",
            told=len(told),
            all=len(found),
        )
    if ranked:
        yield from _strongest(fitted, found)
    else:
        yield said(
            UNSUPPORTED,
            "There are no ratios per standard deviation: the result was loaded without its rows.",
        )


def decimals(values: Sequence[float]) -> int:
    """Two, or as many as tell the values apart, and from one, and leave two digits of each."""
    finite = {value for value in (*values, 1.0) if math.isfinite(value)}
    for places in range(2, MOST_DECIMALS):
        small = any(0 < value < 10.0 ** (1 - places) for value in finite)
        if not small and len({ratio(value, places) for value in finite}) == len(finite):
            return places
    return MOST_DECIMALS


def _told(fitted: Fitted, each: Ratio, alpha: float) -> Sentence:
    x = f"x{decimals(each.values)}"
    if math.isfinite(each.std_error) and each.std_error > 0:
        known = f"({{alpha:%}} interval {{low:{x}}} to {{high:{x}}})"
    elif each.std_error == 0:
        known = "(fixed by the constraints)"
    else:
        known = "(shrunken; no interval)" if is_ridge(fitted) else "(no standard error)"
    if each.contrast.factor is None:
        template = (
            f"Compared with {{base}}, the odds of {{outcome}} are multiplied by {{ratio:{x}}} for"
            f" each unit of {{column}} {known}."
        )
    else:
        template = (
            f"Compared with {{base}}, the odds of {{outcome}} where {{factor}} is {{level}} are"
            f" {{ratio:{x}}} times those where it is {{reference}} {known}."
        )
    return said(
        LARGE,
        template,
        base=fitted.base,
        outcome=each.outcome,
        column=each.contrast.column,
        factor=each.contrast.factor,
        level=each.contrast.level,
        reference=each.contrast.reference,
        ratio=each.values[0],
        low=each.values[1],
        high=each.values[2],
        alpha=alpha,
    )


def _strongest(fitted: Fitted, found: Sequence[Ratio]) -> Iterator[Sentence]:
    """For each equation the column of numbers of which a standard deviation says most."""
    for outcome in fitted.outcomes:
        of_numbers = [
            each
            for each in found
            if each.outcome == outcome and each.contrast.deviation is not None
        ]
        if not of_numbers:
            continue
        most = max(of_numbers, key=lambda each: each.strength)
        deviation = most.contrast.deviation
        assert deviation is not None
        if not most.strength > 0:
            continue
        with np.errstate(over="ignore", under="ignore"):
            odds = float(np.exp(most.coefficient * deviation))
        several = len(of_numbers) > 1
        strongest = ", the strongest of {columns:n} columns of numbers" if several else ""
        yield said(
            LARGE,
            "For each standard deviation of {column} ({deviation:g}), the odds of {outcome}"
            f" compared with {{base}} are multiplied by {{ratio:x{decimals([odds])}}}{strongest}.",
            column=most.contrast.column,
            outcome=outcome,
            base=fitted.base,
            ratio=odds,
            deviation=deviation,
            columns=len(of_numbers),
            coefficient=most.coefficient,
        )


def uncertain(fitted: Fitted, found: Sequence[Ratio], alpha: float) -> Iterator[Sentence]:
    """Which intervals hold one, and the test of each term."""
    judged = [each for each in found if math.isfinite(each.std_error) and each.std_error > 0]
    open_ones = [each for each in judged if each.holds_one]
    if open_ones:
        yield said(
            UNCERTAIN,
            "{open:n} of {judged:n} intervals ({alpha:%}) hold 1, so that the data leave open"
            " whether these odds are higher, lower or the same: {which:list}.",
            open=len(open_ones),
            judged=len(judged),
            alpha=alpha,
            which=tuple(f"{each.outcome}:{each.contrast.column}" for each in open_ones),
        )
    elif judged:
        yield said(
            UNCERTAIN,
            "None of {judged:n} intervals ({alpha:%}) holds 1.",
            judged=len(judged),
            alpha=alpha,
        )
    if not is_ridge(fitted):
        yield from _tests(fitted)


def _tests(fitted: Fitted) -> Iterator[Sentence]:
    """The Wald test of each term, the weakest last."""
    table = fitted.wald_test_terms()
    untested = tuple(table.index[table["statistic"].isna()])
    table = table.dropna(subset=["statistic"]).sort_values("p_value", kind="stable")
    for term, row in zip(table.index, table.to_dict("records"), strict=True):
        which = "F({df:n}, {df_denom:n})" if "df_denom" in row else "chi2({df:n})"
        yield said(
            UNCERTAIN,
            "Wald test that no coefficient of {term} differs from zero:"
            f" {which} = {{statistic:s}}, {{p_value:p}}.",
            term=term,
            **{str(name): float(value) for name, value in row.items()},
        )
    if untested:
        yield said(
            UNSUPPORTED,
            "There is no Wald test of {terms:list}: some coefficients have no finite estimate, or"
            " no standard error.",
            terms=untested,
        )


def without_ratio(terms: Sequence[str]) -> Iterator[Sentence]:
    """Terms none of whose coefficients compares two things by itself."""
    if terms:
        yield said(
            UNSUPPORTED,
            "No single ratio sums up {terms:list}: where a variable is in several terms or columns,"
            " or a coding compares no two levels, a coefficient cannot be read alone. margins() and"
            " comparisons() tell what they add up to.",
            terms=tuple(terms),
        )


def infinite(fitted: Fitted) -> Iterator[Sentence]:
    """What separation leaves without a number."""
    if fitted.separated is None:
        return
    for sentence in fitted.separated.sentences:
        yield said(UNSUPPORTED, "{why:text}", why=sentence)
    limits = fitted.separated.table["limit"]
    for word, what in (
        ("+inf", "Coefficients that grow without bound, so that no ratio is large enough"),
        ("-inf", "Coefficients that fall without bound, so that no ratio is small enough"),
        ("undetermined", "Coefficients whose limit depends on the direction taken"),
    ):
        names = tuple(f"{outcome}:{term}" for outcome, term in limits.index[limits == word])
        if names:
            yield said(
                UNSUPPORTED,
                f"{what} ({{count:n}} of {{all:n}}): {{coefficients:list}}.",
                count=len(names),
                all=int(limits.notna().sum()),
                coefficients=names,
                limit=word,
            )
