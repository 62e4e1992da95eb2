"""Rows of fit statistics below the coefficients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from mnlstat.errors import OptionError
from mnlstat.options import check_choice, listed_names, shown
from mnlstat.report import numbers
from mnlstat.report.publish.estimates import places
from mnlstat.report.publish.model import Cell, Line
from mnlstat.report.publish.published import Published
from mnlstat.report.publish.style import NOTHING

Form = Callable[[float, int | None], str]


def _plain(value: float, digits: int | None) -> str:
    return numbers.plain(value) if digits is None else places(value, digits)


def _statistic(value: float, digits: int | None) -> str:
    return numbers.statistic(value, 4) if digits is None else places(value, digits)


def _count(value: float, digits: int | None) -> str:
    return numbers.count(value)


def _p_value(value: float, digits: int | None) -> str:
    return numbers.p_value(value)


# Column of glance -> its heading, and how it is written.
STATISTICS: dict[str, tuple[str, Form]] = {
    "nobs": ("N", _count),
    "n_parameters": ("Estimated parameters", _count),
    "df_model": ("Degrees of freedom", _count),
    "log_likelihood": ("Log-likelihood", _plain),
    "log_likelihood_null": ("Log-likelihood, null", _plain),
    "lr_statistic": ("LR chi2", _statistic),
    "lr_p_value": ("P > chi2", _p_value),
    "mcfadden_r2": ("McFadden R2", _plain),
    "aic": ("AIC", _plain),
    "bic": ("BIC", _plain),
    "deviance": ("Deviance", _plain),
}
USUAL = ("nobs", "log_likelihood", "mcfadden_r2", "aic", "bic")
# What a pseudo-likelihood does not have.
OF_SLOPES = ("lr_statistic", "lr_p_value")
OF_LIKELIHOOD = ("aic", "bic", *OF_SLOPES)


def statistics_of(fits: Sequence[Published], stats: Any) -> tuple[str, ...]:
    """Names of the statistics that are wanted; the usual ones that some fit has, where None.

    Raises
    ------
    OptionError
        For a statistic that there is not.
    """
    if stats is None:
        return tuple(name for name in USUAL if any(_text(fit, name, None) for fit in fits))
    if isinstance(stats, str) and stats == NOTHING:
        return ()
    names = listed_names(stats)
    if not names:
        raise OptionError(
            "not-a-list-of-texts",
            f"stats={shown(stats)} must be names of statistics, or 'none'.\n"
            f"There are: {', '.join(STATISTICS)}.",
        )
    return tuple(dict.fromkeys(check_choice("stats", name, STATISTICS) for name in names))


def feet(
    fits: Sequence[Published],
    names: Sequence[str],
    models: Sequence[int],
    each: int,
    digits: int | None,
) -> tuple[Line, ...]:
    """A row for each statistic; that of a model stands once, under its first columns together.

    ``models`` tells for each column of estimates which fit it is of; it takes ``each`` columns.
    """
    runs = runs_of(models)
    lines = []
    for name in names:
        row: list[Cell] = []
        seen = set[int]()
        for model, n in runs:
            text = "" if model in seen else _text(fits[model], name, digits)
            seen.add(model)
            if n > 1:
                row.append(Cell(text, n * each))
            else:
                row += [Cell(text), *(Cell() for _ in range(each - 1))]
        lines.append(Line(_heading(fits, name), tuple(row)))
    return tuple(lines)


def runs_of(models: Sequence[int]) -> list[tuple[int, int]]:
    """Models in the order of their columns, each with how many lie together."""
    return [(model, len(list(run))) for model, run in groupby(models)]


def _text(fit: Published, name: str, digits: int | None) -> str:
    """A statistic; empty where the fit has none by its nature."""
    if (fit.pseudo and name in OF_LIKELIHOOD) or (fit.no_slopes and name in OF_SLOPES):
        return ""
    if name == "mcfadden_r2" and fit.no_slopes:
        return STATISTICS[name][1](0.0, digits)
    return STATISTICS[name][1](float(fit.glance[name].iloc[0]), digits)


def _heading(fits: Sequence[Published], name: str) -> str:
    heading = STATISTICS[name][0]
    if heading.startswith("Log-likelihood") and all(fit.pseudo for fit in fits):
        return heading.replace("Log-likelihood", "Log pseudo-likelihood")
    return heading
