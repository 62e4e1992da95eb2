"""Effects, and averaged probabilities, as a table."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.errors import OptionError
from mnlstat.inference.effects.estimands import LOG, LOGIT
from mnlstat.options import check_choice, shown
from mnlstat.report import numbers
from mnlstat.report.effects_cells import Shown, facts, naming, words_of
from mnlstat.report.effects_cells import heads as report_heads
from mnlstat.report.publish.estimates import Form, estimated
from mnlstat.report.publish.fit_notes import merged
from mnlstat.report.publish.grid import Entry, Grid
from mnlstat.report.publish.labels import Labels
from mnlstat.report.publish.style import (
    BELOW,
    BESIDE,
    INTERVAL,
    LONG,
    SHOWN,
    STD_ERROR,
    WIDE,
    Style,
    heads,
    style_of,
    told,
)
from mnlstat.report.publish.table import Table

OUTCOME, MODEL = "outcome", "model"
ITSELF = ("variable", "contrast", "term")  # keys that need no name before their value
KINDS = {LOG: "Ratios", LOGIT: "Probabilities"}


def effects_table(
    effects: Sequence[Shown],
    names: Sequence[str],
    *,
    layout: str = LONG,
    group: str = OUTCOME,
    show: Any = None,
    place: Any = None,
    digits: Any = None,
    stars: Any = False,
    labels: Any = None,
    title: str | None = None,
) -> Table:
    """One table of all effects; ``names`` tell the models apart that they are of, or are empty.

    Raises
    ------
    OptionError
        For effects that are not alike, a layout that they do not have, and options.
    """
    check_choice("layout", layout, (LONG, WIDE))
    check_choice("group", group, (OUTCOME, MODEL))
    _check_alike(effects)
    first = effects[0]
    across = layout == WIDE or len(effects) > 1
    tested = first.scale != LOGIT
    usual = SHOWN if tested else (STD_ERROR, INTERVAL)
    style = style_of(
        show,
        place,
        digits,
        stars,
        usual=(STD_ERROR,) if across else usual,
        side=BELOW if across else BESIDE,
        tested=tested,
    )
    rows = naming(pd.concat([each.keys for each in effects]))
    words = Labels(labels, _known(effects))
    spots = Spots(tuple(first.keys.columns), layout, group, rows, words)
    return _laid_out(effects, names, style, spots, title)


def _laid_out(
    effects: Sequence[Shown], names: Sequence[str], style: Style, spots: Spots, title: str | None
) -> Table:
    """The table, all options checked."""
    first = effects[0]
    frames = [each.frame for each in effects]
    grid = Grid(list(_entries(effects, frames, names, style, spots)), style)
    letter = " or ".join(sorted(set(map(_letter, effects)), reverse=True))
    if names[0]:
        named = zip(frames, names, strict=True)
        frames = [frame.assign(model=name) for frame, name in named]
    return Table(
        title=first.title if title is None else title,
        heads=grid.heads(report_heads(first)[0], heads(style, first.alpha, letter)),
        blocks=grid.blocks(),
        notes=(
            *told(style, KINDS.get(first.scale, "Effects"), first.alpha, letter),
            *merged([_notes(each) for each in effects], names),
        ),
        frame=pd.concat(frames, ignore_index=True),
    )


def _check_alike(effects: Sequence[Shown]) -> None:
    """Effects that stand side by side have the same keys, scale and level."""
    first = effects[0]
    for each in effects[1:]:
        if list(each.keys.columns) != list(first.keys.columns) or (each.scale, each.alpha) != (
            first.scale,
            first.alpha,
        ):
            raise OptionError(
                "effects-not-alike",
                f"table(): {shown(each.title)} cannot stand beside {shown(first.title)}:"
                " other keys, another scale or level.\nAsk for all of them in the same way.",
            )


def _known(effects: Sequence[Shown]) -> dict[str, list[Hashable]]:
    """Values of the keys that may have other words."""
    names = list(effects[0].keys.columns)
    return {
        str(name): [value for each in effects for value in each.keys[name].tolist()]
        for name in names
    }


def _letter(effects: Shown) -> str:
    return "z" if effects.estimands.covariance.df is None else "t"


def _notes(effects: Shown) -> list[str]:
    return [*(f"{name}: {text}." for name, text in facts(effects)), *effects.notes]


@dataclass(frozen=True)
class Spots:
    """Which key of an effect names its block, its row, its column.

    Attributes
    ----------
    keys : tuple of str
    layout, group : str
    naming : str
        The key that names rows where outcomes do not stand side by side.
    labels : Labels
    """

    keys: tuple[str, ...]
    layout: str
    group: str
    naming: str
    labels: Labels

    def __post_init__(self) -> None:
        if self.layout == WIDE and (OUTCOME not in self.keys or len(self.keys) < 2):
            raise OptionError(
                "no-outcomes-across",
                "layout='wide' puts outcomes side by side, which here do not differ or name"
                " the rows alone.\nLeave it out.",
            )

    @property
    def wide(self) -> bool:
        """Whether outcomes stand side by side."""
        return self.layout == WIDE

    @property
    def rows(self) -> list[str]:
        """Keys that name the row."""
        if not self.wide:
            return [self.naming]
        rest = [name for name in self.keys if name != OUTCOME]
        return [name for name in rest if name in ITSELF] or rest[-1:]

    @property
    def blocks(self) -> list[str]:
        """Keys that name the block."""
        across = [OUTCOME] if self.wide else []
        return [name for name in self.keys if name not in (*self.rows, *across)]

    def words(self, keys: pd.DataFrame) -> dict[str, list[str]]:
        """For each key its values in words."""
        return {
            str(name): [
                "" if value is None or value == "" else self.labels.of(str(name), value, usual)
                for value, usual in zip(keys[name].tolist(), words_of(keys[name]), strict=True)
            ]
            for name in keys.columns
        }

    def joined(self, names: Sequence[str], words: Mapping[str, str]) -> str:
        """Some keys of an effect in words; variables and outcomes stand for themselves."""
        plain = (*ITSELF, self.keys[-1])
        texts = [
            words[name] if name in plain else f"{name} = {words[name]}"
            for name in names
            if words[name]
        ]
        return ", ".join(texts)


def _entries(
    effects: Sequence[Shown],
    frames: Sequence[pd.DataFrame],
    names: Sequence[str],
    style: Style,
    spots: Spots,
) -> Iterator[Entry]:
    form = _form(effects, frames, style)
    for model, (each, frame) in enumerate(zip(effects, frames, strict=True)):
        over = [(model, names[model])] if names[0] else []
        words = spots.words(each.keys)
        for at, row in enumerate(frame.to_dict("records")):
            said = {name: texts[at] for name, texts in words.items()}
            column = [(row[OUTCOME], said[OUTCOME])] if spots.wide else []
            path = [*column, *over] if spots.group == OUTCOME else [*over, *column]
            yield Entry(
                tuple(row[name] for name in spots.blocks),
                spots.joined(spots.blocks, said),
                tuple(row[name] for name in spots.rows),
                spots.joined(spots.rows, said),
                tuple(key for key, _ in path),
                tuple(text for _, text in path),
                estimated(_values(row), form, style),
                _letter(each),
            )


def _values(row: Any) -> list[float]:
    columns = ("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high")
    return [float(row.get(name, np.nan)) for name in columns]


def _form(effects: Sequence[Shown], frames: Sequence[pd.DataFrame], style: Style) -> Form:
    ratios = effects[0].scale == LOG
    if style.digits is not None:
        return Form(style.digits, True, ratios, not ratios)
    together = pd.concat([frame[["estimate", "std_error"]] for frame in frames])
    columns = (together[name].to_numpy(dtype=float) for name in ("estimate", "std_error"))
    return Form(numbers.decimals_for(*columns), False, ratios, not ratios)
