"""Effects on probabilities, and probabilities averaged: a forest, or lines over a variable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from mnlstat.errors import OptionError
from mnlstat.inference.effects.estimands import LOG
from mnlstat.options import check_choice, named, nearest, shown
from mnlstat.report.plots.axes import axes, holding, legend
from mnlstat.report.plots.effect_words import (
    CONTRAST,
    OUTCOME,
    PROBABILITY,
    VARIABLE,
    Drawn,
    caption,
    looks_of,
    plain,
    records,
    unit_of,
    words,
)
from mnlstat.report.plots.estimates import placed
from mnlstat.report.plots.forest import MARGIN, ROW, draw, row_width, rows
from mnlstat.report.plots.grid import MOST_LEVELS
from mnlstat.report.plots.over import LINES, POINTS, Over, handles
from mnlstat.report.plots.over import draw as draw_over
from mnlstat.report.plots.style import Style, label

INSTEAD = "The numbers are in the attribute frame."
EACH = "row"
DRAWN = [OUTCOME, "estimate", "conf_low", "conf_high"]
BY = (VARIABLE, OUTCOME)
MANY_VALUES, MOST_ROWS = 6, 150


def effects(
    table: Drawn, arrange: str | None, over: str | None, outcomes: Any, levels: Any, ax: Any
) -> Any:
    """Draw them; see ``Effects.plot``.

    ``levels`` are those of the variable ``over`` where it is a factor, None of a number.
    """
    found = _chosen(table.frame, outcomes)
    numeric = over is None and arrange is None
    over = _running(found, _varying(table, found)) if numeric else over
    if over is None:
        return _forest(table, found, VARIABLE if arrange is None else arrange, ax)
    if arrange is not None:
        raise OptionError(
            "option-without-use",
            f"arrange={shown(arrange)} is of rows, and over={shown(over)} draws lines.\n"
            "Leave one of them out.",
        )
    return _over(table, found, over, levels, ax)


def _chosen(frame: pd.DataFrame, outcomes: Any) -> pd.DataFrame:
    """The rows of some outcomes; all by default."""
    if outcomes is None:
        return frame
    single = isinstance(outcomes, str | bytes) or not hasattr(outcomes, "__iter__")
    known = list(dict.fromkeys(frame[OUTCOME]))
    wanted = [outcomes] if single else list(outcomes)
    for each in wanted:
        if not any(type(each) is type(one) and each == one for one in known):
            raise OptionError(
                "unknown-outcome",
                f"outcomes={shown(each)} is no outcome of this table{nearest(each, known)}.\n"
                f"Outcomes: {', '.join(map(shown, known))}.",
            )
    if not wanted:
        raise OptionError("unknown-outcome", f"outcomes={shown(outcomes)} names no outcome.")
    return frame[frame[OUTCOME].isin(wanted)].reset_index(drop=True)


def _varying(table: Drawn, found: pd.DataFrame) -> list[str]:
    """Keys beside the outcome of which there are several values."""
    names = [name for name in table.keys.columns if name != OUTCOME]
    return [name for name in names if len(dict.fromkeys(found[name])) > 1]


def _running(found: pd.DataFrame, varying: Sequence[str]) -> str | None:
    """The number that takes many values, over which lines are drawn."""
    for name in varying:
        values = found[name]
        number = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
        if name != EACH and number and values.nunique() > MANY_VALUES:
            return name
    return None


def _forest(table: Drawn, found: pd.DataFrame, arrange: str, ax: Any) -> Any:
    check_choice("arrange", arrange, BY)
    names, varying = [*table.keys.columns], _varying(table, found)
    told = varying or [name for name in names if name in (VARIABLE, CONTRAST)]
    told = told or [name for name in names if name != OUTCOME]
    if VARIABLE in told and CONTRAST in names:
        told = [VARIABLE, CONTRAST, *(name for name in told if name not in (VARIABLE, CONTRAST))]
    texts = [words(row, told) for row in records(found)]
    every = found[DRAWN].assign(term=texts, model="")
    there = found["estimate"].notna()
    known = every[there].reset_index(drop=True)
    _check_drawable(known)
    by, other = ("outcome", "term") if arrange == OUTCOME else ("term", "outcome")
    places, heads = placed(known, by, other)
    height = MARGIN + ROW * (places["y"].max() + 1)
    ax = axes(ax, "plot()", INSTEAD, height)
    looks, ratios = looks_of(table), table.scale == LOG
    marks = [looks[outcome].mark for outcome in places["outcome"]]
    draw(ax, places, looks, marks, ratios, table.quantity != PROBABILITY)
    rows(ax, places, heads, by, looks)
    if table.quantity == PROBABILITY:
        ax.set_xlim(left=0.0)
    lost = len(every) - len(known)
    fixed = [name for name in names if name not in (*told, OUTCOME)]
    said = f"left out: {lost} without an estimate" if lost else ""
    unit = unit_of(table, found, fixed)
    ax.set_xlabel(caption(table, found, fixed, said, unit, width=row_width(ax)), fontsize="small")
    if arrange != OUTCOME:
        over = Over(found, _in_use(looks, found), ("",))
        legend(ax, handles(over, POINTS), named(table.response[0], 16))
    height_of = "height" if "y" in names else "y"
    return holding(ax, found[there].reset_index(drop=True).assign(**{height_of: places["y"]}))


def _in_use(looks: Mapping[Any, Style], found: pd.DataFrame) -> dict[Any, Style]:
    return {each: looks[each] for each in dict.fromkeys(found[OUTCOME])}


def _check_drawable(known: pd.DataFrame) -> None:
    """Refuse a forest of nothing, and one that nobody can read."""
    if known.empty:
        raise OptionError("nothing-to-plot", "plot(): none of the effects has an estimate.")
    if len(known) > MOST_ROWS:
        raise OptionError(
            "too-many-to-draw",
            f"plot(): {len(known)} estimates are too many for one picture, which holds"
            f" {MOST_ROWS}.\nDraw some outcomes, outcomes=, or ask for fewer variables, groups or"
            " rows.",
        )


def _over(table: Drawn, found: pd.DataFrame, over: str, levels: Any, ax: Any) -> Any:
    """Lines over a number, points over a factor."""
    names = [name for name in table.keys.columns if name != OUTCOME]
    if over not in names:
        raise OptionError(
            "unknown-key",
            f"over={shown(over)} is no key of this table that can run{nearest(over, names)}.\n"
            f"Keys: {', '.join(map(shown, names)) or 'none'}.",
        )
    values = found[over]
    number = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    if levels is None and (not number or values.nunique() == 1):
        levels = tuple(dict.fromkeys(values))
    varying = [name for name in _varying(table, found) if name != over]
    drawn = found[DRAWN].assign(x=found[over])
    groups: tuple[Any, ...] = (None,)
    if varying:
        drawn = drawn.assign(by=_groups(found, varying))
        groups = tuple(dict.fromkeys(drawn["by"]))
        _check_groups(groups, varying)
    if not drawn["estimate"].notna().any():
        raise OptionError("nothing-to-plot", "plot(): none of the effects has an estimate.")
    ax = axes(ax, "plot()", INSTEAD)
    neutral = None if table.quantity == PROBABILITY else 1.0 if table.scale == LOG else 0.0
    kind = LINES if levels is None else POINTS
    title = ", ".join(varying)
    picture = Over(
        _sorted(drawn, kind), _in_use(looks_of(table), found), levels, groups, True, neutral, title
    )
    if kind == LINES and not picture.is_clear:
        picture = picture.without_bands()
    draw_over(ax, picture, kind)
    fixed = [name for name in names if name not in (over, *varying)]
    ax.set_xlabel(caption(table, found, fixed, "", str(over), picture.bands), fontsize="small")
    ax.set_ylabel(label(unit_of(table, found, fixed), 44), fontsize="small")
    legend(ax, handles(picture, kind), named(table.response[0], 16))
    return holding(ax, found)


def _groups(found: pd.DataFrame, varying: Sequence[str]) -> list[str]:
    """What lines of one outcome differ in."""
    if len(varying) == 1 and varying[0] != VARIABLE:
        return [plain(value) for value in found[varying[0]]]
    return [words(row, varying) for row in records(found)]


def _sorted(drawn: pd.DataFrame, kind: str) -> pd.DataFrame:
    return drawn.sort_values("x", kind="stable") if kind == LINES else drawn


def _check_groups(groups: Sequence[str], varying: Sequence[str]) -> None:
    if len(groups) > MOST_LEVELS:
        raise OptionError(
            "too-many-levels",
            f"plot(): {', '.join(varying)} take {len(groups)} values together, and {MOST_LEVELS} at"
            " most can be told apart.\nAsk for fewer variables, values or groups.",
        )
