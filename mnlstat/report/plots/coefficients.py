"""A forest of coefficients with their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.errors import OptionError
from mnlstat.options import named
from mnlstat.report import numbers
from mnlstat.report.plots.axes import axes, holding, legend
from mnlstat.report.plots.estimates import of_one_base, placed, table
from mnlstat.report.plots.forest import MARGIN, ROW, draw, row_width, rows
from mnlstat.report.plots.style import (
    GREY,
    MARKS,
    Style,
    label,
    notes,
    styles,
)
from mnlstat.report.plots.subject import Subject

METHODS = {"wald": "Wald", "profile": "profile likelihood", "score": "score"}


def coefficients(
    fit: Subject,
    by: str,
    rrr: bool,
    terms: Any,
    models: Any,
    name: str,
    alpha: float,
    method: str,
    ax: Any,
) -> Any:
    """Draw them; see ``res.plot.coefficients``."""
    fits = of_one_base(fit, name, models)
    other = "term" if by == "outcome" else "outcome"
    every = table(fits, terms, alpha, method, rrr)
    known = every[every["estimate"].notna()].reset_index(drop=True)
    if known.empty:
        raise OptionError(
            "nothing-to-plot", "coefficients(): no coefficient of these terms has an estimate."
        )
    found, heads = placed(known, by, other)
    several = len(fits) > 1
    ax = axes(
        ax,
        "coefficients()",
        "The numbers are those of tidy().",
        MARGIN + ROW * (found["y"].max() + 1) * (1.0 + 0.35 * (len(fits) - 1)),
    )
    looks = styles(fit.outcomes)
    marks = _marks(found, looks, several)
    draw(ax, found, looks, marks, rrr)
    rows(ax, found, heads, by, looks)
    unit = "relative risk ratio" if rrr else "log odds"
    ax.set_xlabel(
        notes(
            f"{unit} against {named(fit.base)} (base), per unit of the column",
            f"{numbers.level(alpha)}% intervals, {METHODS[method]}" if _ends(found) else "",
            *_unsaid(found, every, fits, rrr),
            width=row_width(ax),
        ),
        fontsize="small",
    )
    if handles := _handles(found, looks, marks, by, several):
        legend(ax, handles, "" if several else named(fit.response_name))
    return holding(ax, found.drop(columns="row"))


def _ends(found: pd.DataFrame) -> bool:
    """Whether there is any interval: a ridge has none, nor has a fit that did not converge."""
    return bool(found[["conf_low", "conf_high"]].notna().to_numpy().any())


def _marks(found: pd.DataFrame, looks: Mapping[Any, Style], several: bool) -> list[str]:
    if not several:
        return [looks[outcome].mark for outcome in found["outcome"]]
    models = list(dict.fromkeys(found["model"]))
    return [MARKS[models.index(each) % len(MARKS)] for each in found["model"]]


def _unsaid(
    found: pd.DataFrame, every: pd.DataFrame, fits: Mapping[str, Subject], ratios: bool
) -> list[str]:
    """What the picture must say of coefficients that have no place in it."""
    said = []
    aliased = {term for fit in fits.values() for term in fit.aliased}
    lost = every[every["estimate"].isna()]
    gone = [term for term in dict.fromkeys(lost["term"]) if term in aliased]
    if gone:
        said.append(f"left out, aliased: {', '.join(gone)}")
    unclear = lost[~lost["term"].isin(aliased)]
    pairs = [f"{named(row.outcome)}:{row.term}" for row in unclear.itertuples()]
    if pairs:
        said.append(f"left out, undetermined as the data are separated: {', '.join(pairs)}")
    endless = (np.inf, 0.0) if ratios else (np.inf, -np.inf)
    if found["estimate"].isin(endless).any():
        said.append("arrows: infinite estimates, as the data are separated")
    return said


def _handles(
    found: pd.DataFrame,
    looks: Mapping[Any, Style],
    marks: Sequence[str],
    by: str,
    several: bool,
) -> list[Any]:
    """What the legend tells: outcomes where rows do not, and models where there are several."""
    from matplotlib.lines import Line2D

    handles = []
    if by == "term":
        for outcome in dict.fromkeys(found["outcome"]):
            look = looks[outcome]
            mark = "none" if several else look.mark
            handles.append(
                Line2D(
                    [], [], color=look.colour, marker=mark, markersize=4.5, label=label(outcome, 16)
                )
            )
    if several:
        for model, mark in dict(zip(found["model"], marks, strict=True)).items():
            handles.append(
                Line2D(
                    [],
                    [],
                    color=GREY,
                    marker=mark,
                    markersize=4.5,
                    ls="none",
                    label=label(model, 16),
                )
            )
    return handles
