"""The coefficients that a forest shows: which, of which models, and where each stands."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.design.dialect import meant
from mnlstat.errors import OptionError
from mnlstat.options import listed_names, named, shown
from mnlstat.report.plots.style import LARGEST_LOG, ROW_LABEL, label
from mnlstat.report.plots.subject import Subject

OUTCOME = "outcome"
SHOWN = ["model", "outcome", "term", "estimate", "std_error", "conf_low", "conf_high"]


def of_one_base(first: Subject, name: str, others: Any) -> dict[str, Subject]:
    """The models by name, all against the base of the first one.

    Raises
    ------
    OptionError
        For what is no mapping of names to results, or has other outcomes.
    """
    if others is None:
        return {name: first}
    if not isinstance(others, Mapping) or not all(isinstance(each, str) for each in others):
        raise OptionError(
            "models-not-named",
            f"models={shown(others)} must be a dict of names and results, such as"
            " {'without age': res2}.",
        )
    if name in others:
        raise OptionError(
            "models-not-named",
            f"models= has {shown(name)}, which is the name of this model: give another, name=.",
        )
    found: dict[str, Subject] = {name: first}
    for other, fit in others.items():
        if not isinstance(fit, type(first)):
            raise OptionError(
                "models-not-named", f"models[{shown(other)}] is {shown(fit)}, and no result."
            )
        if set(fit.outcomes) != set(first.outcomes):
            raise OptionError(
                "models-of-other-outcomes",
                f"models[{shown(other)}] has other outcomes than this model:"
                f" {', '.join(map(shown, fit.outcomes))}.",
            )
        found[other] = fit if fit.base == first.base else fit.rebase(first.base)
    return found


def table(
    models: Mapping[str, Subject], terms: Any, alpha: float, method: str, rrr: bool
) -> pd.DataFrame:
    """The coefficients of all models, one row each, with those that are NaN."""
    wanted = None if terms is None else listed_names(terms)
    if wanted is not None:
        if not wanted:
            raise OptionError("unknown-term", f"terms={shown(terms)} names no term.")
        for name in wanted:
            if not any(_columns(fit, [name]) for fit in models.values()):
                next(iter(models.values()))._columns([name])  # refuses it, with what there is
    pieces = []
    for name, fit in models.items():
        frame = fit.tidy(exponentiate=False, alpha=alpha, method=method)
        frame = frame[frame["term"].isin(_columns(fit, wanted))]
        pieces.append(frame.assign(model=name)[SHOWN])
    found = pd.concat(pieces, ignore_index=True)
    return _ratios(found) if rrr else found


def _ratios(found: pd.DataFrame) -> pd.DataFrame:
    """Relative risk ratios ``exp(b)`` with standard errors ``exp(b) se(b)``.

    Only what is infinite may become 0 or infinite.
    """
    drawn = ["estimate", "conf_low", "conf_high"]
    logs = found[drawn].to_numpy()
    beyond = np.isfinite(logs) & (np.abs(logs) > LARGEST_LOG)
    if beyond.any():
        row = found.iloc[int(np.flatnonzero(beyond.any(axis=1))[0])]
        raise OptionError(
            "ratios-too-large",
            f"the relative risk ratio of {named(row['outcome'])}:{row['term']}, or an end of its"
            " interval, is too large for a number.\nDraw log odds, rrr=False, or other terms=.",
        )
    with np.errstate(invalid="ignore"):
        ratios = np.exp(logs)
        errors = np.exp(found["estimate"]) * found["std_error"]
    return found.assign(**dict(zip(drawn, ratios.T, strict=True)), std_error=errors)


def _columns(fit: Subject, wanted: list[str] | None) -> list[str]:
    """The columns of some terms in one model; by default, all but constants."""
    if wanted is None:
        return [name for name in fit.spec.columns if name not in fit._constants]
    owned = {term.name: fit.spec.columns[term.start : term.stop] for term in fit.spec.terms}
    known = [*owned, *fit.spec.columns]
    columns = [owned.get(meant(name, known), (meant(name, known),)) for name in wanted]
    return [each for each in itertools.chain(*columns) if each in fit.spec.columns]


def placed(table: pd.DataFrame, by: str, other: str) -> tuple[pd.DataFrame, dict[Any, float]]:
    """The table with the height of each row and its mark y; the height of each group's head.

    Groups follow one another downwards, with a gap; models stand close together within a row.
    Where the label of a row, or of a group without a head, has several lines there is room for it.
    """
    models = list(dict.fromkeys(table["model"]))
    spread = np.linspace(-0.28, 0.28, len(models)) if len(models) > 1 else np.zeros(1)
    heads: dict[Any, float] = {}
    row = pd.Series(np.nan, index=table.index)
    height = 0.0
    for group, part in table.groupby(by, sort=False):
        heads[group] = height
        for item in dict.fromkeys(table[other]):
            rows = part.index[part[other] == item]
            if len(rows):
                lines = label(item, ROW_LABEL).count("\n") if by == OUTCOME else 0
                row[rows] = height + 1.0 + lines / 2
                height += 1.0 + lines
        lines = 0 if by == OUTCOME else label(group).count("\n")
        height += max(1.3, lines + 1.3 - part[other].nunique())
    beside = [float(spread[models.index(each)]) for each in table["model"]]
    return table.assign(row=row, y=row + beside), heads
