"""Effects on probabilities, and probabilities averaged: a forest, or lines over a variable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import pandas as pd

from mnlstat.errors import OptionError
from mnlstat.inference.effects.estimands import LOG
from mnlstat.inference.effects.variables import WRITTEN
from mnlstat.options import check_choice, named, nearest, shown
from mnlstat.report import numbers
from mnlstat.report.plots.axes import axes, holding, legend
from mnlstat.report.plots.estimates import placed
from mnlstat.report.plots.forest import MARGIN, ROW, draw, rows
from mnlstat.report.plots.grid import MOST_LEVELS
from mnlstat.report.plots.over import LINES, POINTS, Over, handles
from mnlstat.report.plots.over import draw as draw_over
from mnlstat.report.plots.style import Style, label, notes, style

INSTEAD = "The numbers are in the attribute frame."
OUTCOME, VARIABLE, CONTRAST, EACH = "outcome", "variable", "contrast", "row"
BY = (VARIABLE, OUTCOME)
MANY_VALUES, MOST_ROWS = 6, 150
PROBABILITY = "probability"


class Drawn(Protocol):
    """A table of effects."""

    @property
    def frame(self) -> pd.DataFrame:
        """Keys and estimates."""

    @property
    def keys(self) -> pd.DataFrame:
        """What each estimate is of."""

    @property
    def facts(self) -> Sequence[tuple[str, str]]:
        """Where and how."""

    @property
    def alpha(self) -> float:
        """One minus the level."""

    @property
    def adjust(self) -> str:
        """How intervals allow for there being several."""

    @property
    def scale(self) -> str:
        """Whether the estimates are ratios."""

    @property
    def quantity(self) -> str:
        """What is estimated, with its unit."""

    @property
    def response(self) -> tuple[str, Sequence[Any]]:
        """The name of the response, and its outcomes."""


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


def looks_of(table: Drawn) -> dict[Any, Style]:
    """The style of each outcome: its own in every picture; others for unions and differences."""
    _, known = table.response
    found = {outcome: style(at) for at, outcome in enumerate(known)}
    for each in dict.fromkeys(table.keys[OUTCOME]):
        if each not in found:
            found[each] = style(len(found))
    return found


def _words(row: Mapping[str, Any], names: Sequence[str]) -> str:
    """What an estimate is of, by the keys of these names."""
    parts = [f"{name} = {_plain(row[name])}" for name in names if name not in (VARIABLE, CONTRAST)]
    contrast = row[CONTRAST] if CONTRAST in names else ""
    derivative = contrast in WRITTEN.values()
    if VARIABLE in names:
        first = str(row[VARIABLE]) if derivative or not contrast else f"{row[VARIABLE]}: {contrast}"
        return ", ".join([first, *parts])
    return ", ".join([str(contrast), *parts] if contrast else parts)


def _plain(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _forest(table: Drawn, found: pd.DataFrame, arrange: str, ax: Any) -> Any:
    check_choice("arrange", arrange, BY)
    names, varying = [*table.keys.columns], _varying(table, found)
    shown_keys = [n for n in names if n in varying or n in (VARIABLE, CONTRAST)]
    texts = [_words(row, [n for n in shown_keys if n != OUTCOME]) for row in _records(found)]
    every = found.assign(term=texts, model="")
    known = every[every["estimate"].notna()].reset_index(drop=True)
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
    fixed = [n for n in names if n not in (*shown_keys, OUTCOME)]
    ax.set_xlabel(
        _label(table, found, fixed, f"left out: {lost} without an estimate" if lost else ""),
        fontsize="small",
    )
    if arrange != OUTCOME:
        over = Over(found, _in_use(looks, found), ("",))
        legend(ax, handles(over, POINTS), named(table.response[0], 16))
    return holding(ax, places.drop(columns=["row", "term", "model"]))


def _records(found: pd.DataFrame) -> list[dict[str, Any]]:
    columns = {name: found[name].tolist() for name in found}
    return [{name: values[at] for name, values in columns.items()} for at in range(len(found))]


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


def _label(
    table: Drawn, found: pd.DataFrame, fixed: Sequence[str], more: str, first: str | None = None
) -> str:
    """What is drawn, with its unit; where; the level of the intervals."""
    where = [f"{name[:1].lower()}{name[1:]} {text}" for name, text in table.facts[:-1]]
    row = _records(found.head(1))[0]
    where += [f"{name} = {_plain(row[name])}" for name in fixed if name not in (VARIABLE, CONTRAST)]
    band = ""
    if found[["conf_low", "conf_high"]].notna().to_numpy().any():
        adjusted = "" if table.adjust == "none" else f", adjusted by {table.adjust}"
        band = f"{numbers.level(table.alpha)}% intervals{adjusted}"
    return notes(table.quantity if first is None else first, ", ".join(where), band, more)


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
    if levels is None and not number:
        levels = tuple(dict.fromkeys(values))
    varying = [name for name in _varying(table, found) if name != over]
    drawn = found.rename(columns={over: "x"}) if over != "x" else found
    groups: tuple[Any, ...] = (None,)
    if varying:
        drawn = drawn.assign(by=[_words(row, varying) for row in _records(found)])
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
    draw_over(ax, picture, kind)
    fixed = [name for name in names if name not in (over, *varying)]
    ax.set_xlabel(_label(table, found, fixed, "", str(over)), fontsize="small")
    ax.set_ylabel(label(_vertical(table, found, fixed), 44), fontsize="small")
    legend(ax, handles(picture, kind), named(table.response[0], 16))
    return holding(ax, found)


def _sorted(drawn: pd.DataFrame, kind: str) -> pd.DataFrame:
    return drawn.sort_values("x", kind="stable") if kind == LINES else drawn


def _vertical(table: Drawn, found: pd.DataFrame, fixed: Sequence[str]) -> str:
    """What is estimated, with the comparison where it is a single one."""
    pair = [name for name in (VARIABLE, CONTRAST) if name in fixed]
    contrast = found[CONTRAST].iloc[0] if CONTRAST in fixed else ""
    if not contrast or contrast in WRITTEN.values():
        return table.quantity
    return f"{table.quantity}, {_words(_records(found.head(1))[0], pair)}"


def _check_groups(groups: Sequence[str], varying: Sequence[str]) -> None:
    if len(groups) > MOST_LEVELS:
        raise OptionError(
            "too-many-levels",
            f"plot(): {', '.join(varying)} take {len(groups)} values together, and {MOST_LEVELS} at"
            " most can be told apart.\nAsk for fewer variables, values or groups.",
        )
