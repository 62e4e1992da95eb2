"""Coefficients of one or several fits as a table."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.options import check_choice
from mnlstat.report import cells, numbers
from mnlstat.report.contents import TURNED_BACK
from mnlstat.report.layout import label
from mnlstat.report.publish.estimates import Form, estimated, infinite
from mnlstat.report.publish.fit_notes import merged, notes_of
from mnlstat.report.publish.fit_statistics import feet, runs_of, statistics_of
from mnlstat.report.publish.grid import Entry, Grid, Path
from mnlstat.report.publish.labels import Labels
from mnlstat.report.publish.published import Published
from mnlstat.report.publish.style import (
    BELOW,
    BESIDE,
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

OF_MODELS = "Fit statistics are of whole models, not of the outcome that they stand under."
OUTCOME, MODEL, TERM = "outcome", "model", "term"


@dataclass(frozen=True)
class Plan:
    """Checked options of a table of fits."""

    layout: str
    group: str
    style: Style
    labels: Labels
    names: tuple[str, ...]

    @property
    def named(self) -> bool:
        """Whether models have names, to be told apart."""
        return bool(self.names[0])


def fits_table(
    fits: Sequence[Published],
    names: Sequence[str],
    *,
    layout: str = LONG,
    group: str = OUTCOME,
    show: Any = None,
    place: Any = None,
    digits: Any = None,
    stars: Any = False,
    labels: Any = None,
    stats: Any = None,
    title: str | None = None,
) -> Table:
    """One table of all fits; ``mnlstat.table`` tells the options.

    ``fits`` have the same level, scale and method of intervals; ``names`` tell them apart,
    or are empty for one.
    """
    check_choice("layout", layout, (LONG, WIDE))
    check_choice("group", group, (OUTCOME, MODEL))
    across = layout == WIDE or len(fits) > 1
    style = style_of(
        show,
        place,
        digits,
        stars,
        usual=(STD_ERROR,) if across else SHOWN,
        side=BELOW if across else BESIDE,
        tested=True,
    )
    known = {
        TERM: [term for fit in fits for term in fit.coefficients["term"]],
        OUTCOME: [outcome for fit in fits for outcome in (fit.base, *fit.headings)],
    }
    plan = Plan(layout, group, style, Labels(labels, known), tuple(names))
    return _laid_out(fits, plan, statistics_of(fits, stats), title)


def _laid_out(
    fits: Sequence[Published], plan: Plan, stats: Sequence[str], title: str | None
) -> Table:
    """The table, all options checked."""
    first, style = fits[0], plan.style
    grid = Grid(list(_entries(fits, plan)), style)
    letter = _letter(fits)
    models = _models(grid, plan)
    glances = pd.concat([fit.glance for fit in fits])
    return Table(
        title=_title(fits) if title is None else title,
        heads=grid.heads("RRR" if first.rrr else "coef", heads(style, first.alpha, letter)),
        blocks=grid.blocks(),
        feet=feet(fits, stats, models, grid.each, style.digits),
        notes=(
            *merged([[fit.alert] if fit.alert else [] for fit in fits], plan.names),
            *told(style, _kind(first), first.alpha, letter),
            *((OF_MODELS,) if stats and len(runs_of(models)) > len(fits) else ()),
            *notes_of(fits, plan.names, plan.labels),
        ),
        frame=_frame(fits, plan.names),
        statistics=glances.set_axis(pd.Index(plan.names, name=MODEL), axis=0),
    )


def _title(fits: Sequence[Published]) -> str:
    return fits[0].title if len(fits) == 1 else "Multinomial logistic regressions"


def _kind(fit: Published) -> str:
    return "Relative risk ratios" if fit.rrr else "Coefficients"


def _letter(fits: Sequence[Published]) -> str:
    letters = sorted({"t" if fit.by_t else "z" for fit in fits}, reverse=True)
    return " or ".join(letters)


def _frame(fits: Sequence[Published], names: Sequence[str]) -> pd.DataFrame:
    if not names[0]:
        return fits[0].coefficients.copy()
    frames = [
        fit.coefficients.assign(model=name)[[MODEL, *fit.coefficients.columns]]
        for fit, name in zip(fits, names, strict=True)
    ]
    for frame in frames:
        frame.attrs.clear()  # those of one fit are not those of all
    return pd.concat(frames, ignore_index=True)


def _form(fits: Sequence[Published], style: Style) -> Form:
    if style.digits is not None:
        return Form(style.digits, True, fits[0].rrr)
    estimates, std_errors = (
        np.concatenate([fit.coefficients[name].to_numpy(dtype=float) for fit in fits])
        for name in ("estimate", "std_error")
    )
    return Form(numbers.decimals_for(estimates, std_errors), False, fits[0].rrr)


def _entries(fits: Sequence[Published], plan: Plan) -> Iterator[Entry]:
    """The coefficients, each with its place."""
    form = _form(fits, plan.style)
    bases = {fit.base for fit in fits}
    for at, fit in enumerate(fits):
        frame = fit.coefficients
        columns = [frame[name].tolist() for name in frame.columns]
        for limit, outcome, term, *values in zip(fit.limits, *columns, strict=True):
            mark = TURNED_BACK if (outcome, term) in fit.turned_back else ""
            if limit:
                shown = cells.ratio_limit(limit) if fit.rrr else limit
                texts = infinite(shown, values[-2:], form)
            else:
                texts = estimated(values, form, plan.style, mark)
            block, heading, column, over = _place(fit, at, outcome, plan, len(bases) > 1)
            name = plan.labels.of(TERM, term)
            letter = "t" if fit.by_t else "z"
            yield Entry(block, heading, term, name, column, over, texts, letter)


def _place(
    fit: Published, at: int, outcome: Any, plan: Plan, bases_differ: bool
) -> tuple[Hashable, str, Path, tuple[str, ...]]:
    """Key and heading of the block, keys and headings of the column."""
    key = (outcome, fit.base)
    model = ((at,), (plan.names[at],)) if plan.named else ((), ())
    against = _against(fit, outcome, plan.labels)
    if plan.layout == LONG:
        count = fit.headings[outcome].removeprefix(f"{label(outcome)} vs {label(fit.base)}")
        return key, against + ("" if plan.named else count), *model
    over = against if bases_differ else plan.labels.of(OUTCOME, outcome)
    if plan.group == OUTCOME:
        return None, "", (key, *model[0]), (over, *model[1])
    return None, "", (*model[0], key), (*model[1], over)


def _against(fit: Published, outcome: Any, labels: Labels) -> str:
    return f"{labels.of(OUTCOME, outcome)} vs {labels.of(OUTCOME, fit.base)}"


def _models(grid: Grid, plan: Plan) -> list[int]:
    """Which model each column of estimates belongs to."""
    if not plan.named:
        return [0] * len(grid.columns)
    place = 0 if plan.layout == LONG or plan.group == MODEL else 1
    return [int(str(path[place])) for path in grid.columns]
