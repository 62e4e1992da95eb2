"""Predicted probabilities over a variable, where others are typical or as they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.errors import OptionError
from mnlstat.options import check_choice, named, shown
from mnlstat.report import numbers
from mnlstat.report.plots.axes import axes, holding, legend
from mnlstat.report.plots.grid import Grid, grid
from mnlstat.report.plots.over import AREA, BARS, LINES, POINTS, STACKED, Over, draw, handles
from mnlstat.report.plots.style import notes, styles
from mnlstat.report.plots.subject import Subject, positions

USUAL = 0.05  # alpha, where none is given
OF_A_RIDGE = "no intervals, as the estimates of a ridge have no standard errors"
UNKNOWN = "no intervals, as the fit has no standard errors"
NUMBERS = ["estimate", "std_error", "conf_low", "conf_high"]


def probabilities(
    fit: Subject,
    variable: Any,
    by: Any,
    at: Any,
    others: str | None,
    style: str | None,
    outcomes: Any,
    interval: bool | None,
    data: Any,
    alpha: float,
    ax: Any,
) -> Any:
    """Draw them; see ``res.plot.probabilities``."""
    wanted = positions(fit, outcomes)
    rows = grid(fit, variable, by, at, others, data)
    style = _style(style, rows.levels is None)
    asked = _interval(style, by, interval, outcomes)
    shrunk = asked and fit.shrinkage is not None
    if shrunk:
        _check_not_asked_of_a_ridge(interval)
        asked = False
    found = values(fit, rows, wanted, asked, data, alpha)
    ax = axes(ax, "probabilities()", "The numbers are those of predict().")
    looks, chosen = styles(fit.outcomes), [fit.outcomes[at] for at in wanted]
    over = Over(
        found, {each: looks[each] for each in chosen}, rows.levels, rows.groups, asked, by=by or ""
    )
    # bands of many lines hide one another, unless they are asked for
    if asked and style == LINES and not (interval or over.is_clear):
        over = over.without_bands()
    draw(ax, over, style)
    band = f"{numbers.level(alpha)}% intervals" if over.bands else OF_A_RIDGE if shrunk else ""
    if over.bands and found["std_error"].isna().all():
        band = UNKNOWN
    ax.set_xlabel(notes(str(variable), rows.said, band), fontsize="small")
    kind = "average predicted" if rows.averaged else "predicted"
    ax.set_ylabel(f"{kind} probability", fontsize="small")
    legend(ax, handles(over, style), named(fit.response_name, 16))
    return holding(ax, found)


def _style(style: str | None, numeric: bool) -> str:
    allowed = (LINES, AREA) if numeric else (POINTS, BARS)
    if style is None:
        return allowed[0]
    check_choice("style", style, (LINES, AREA, POINTS, BARS))
    if style not in allowed:
        kind = "a number" if numeric else "a factor"
        raise OptionError(
            "style-of-variable",
            f"style={style!r} is not for {kind}; choose {' or '.join(map(repr, allowed))}.",
        )
    return style


def _interval(style: str, by: Any, interval: bool | None, outcomes: Any) -> bool:
    """Whether there are intervals; refuses what a stack cannot show."""
    if style not in STACKED:
        return interval is not False
    for option, given in (("by", by), ("interval", interval or None), ("outcomes", outcomes)):
        if given is not None:
            cure = "one level of it at a time, at={...}" if option == "by" else f"without {option}="
            raise OptionError(
                "stacked-option",
                f"{option}={shown(given)} cannot be shown with style={style!r}, where all outcomes"
                f" stand on one another.\nDraw {cure}, or choose another style.",
            )
    return False


def _check_not_asked_of_a_ridge(interval: bool | None) -> None:
    if interval:
        raise OptionError(
            "no-errors-of-ridge",
            "probabilities(interval=True): estimates of a ridge are shrunk on purpose, and have no"
            " sampling covariance.\nDraw without interval=, or a fit without penalty.",
        )


def values(
    fit: Subject, rows: Grid, wanted: Sequence[int], interval: bool, data: Any, alpha: float
) -> pd.DataFrame:
    """The numbers: columns outcome, x, by, estimate; std_error, conf_low, conf_high."""
    x = rows.x.rename("x").to_frame()
    if rows.by is not None:
        x = x.assign(by=rows.by)
    told = _averages(fit, rows, data, alpha) if rows.averaged else None
    if interval and told is None:
        told = fit.predict(rows.frame, interval=True, alpha=alpha)
    if not interval and (told is None or alpha != USUAL):
        plain = fit.predict(rows.frame, alpha=alpha)  # refuses a level that nothing has
    pieces = []
    for at in wanted:
        outcome = fit.outcomes[at]
        if told is not None:
            here = np.array([each == outcome for each in told["outcome"]])
            found = told.loc[here, NUMBERS if interval else NUMBERS[:1]].reset_index(drop=True)
        else:
            found = pd.DataFrame({"estimate": plain.iloc[:, at].to_numpy()})
        piece = pd.concat([x.reset_index(drop=True), found], axis=1)
        piece.insert(0, "outcome", pd.Series([outcome] * len(piece)))
        pieces.append(piece)
    return pd.concat(pieces, ignore_index=True)


def _averages(fit: Subject, rows: Grid, data: Any, alpha: float) -> pd.DataFrame:
    """Probabilities averaged over the rows, all of which have the values of the grid."""
    at: dict[str, Any] = {} if rows.by is None else {rows.by.name: list(rows.groups)}
    at[rows.variable] = rows.x.tolist()[: len(rows.x) // len(rows.groups)]
    at |= {name: [value] for name, value in rows.held.items()}
    found = fit.average_predictions(at=at, data=data, alpha=alpha)
    frame: pd.DataFrame = found.frame
    return frame
