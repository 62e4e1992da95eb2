"""From what is asked to a table of effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray
from mnlstat.design.scope import warn
from mnlstat.design.words import count
from mnlstat.errors import AliasedWarning, DataError, OptionError
from mnlstat.inference.effects.asks import Ask, Changes, Level, Set, value_of
from mnlstat.inference.effects.described import typical_in_pieces
from mnlstat.inference.effects.estimands import IDENTITY, LOG, LOGIT, Estimands
from mnlstat.inference.effects.functions import (
    LEVEL,
    LOGARITHMS,
    Item,
    Means,
    functions_of,
)
from mnlstat.inference.effects.influence import Looks
from mnlstat.inference.effects.pieces import AnyRows, Pieces
from mnlstat.inference.effects.places import Learned, Places, Population
from mnlstat.inference.effects.totals import Fitted, row_by_row, totals
from mnlstat.inference.effects.typical import MEAN, MEDIAN, TYPICAL, mean_places, typical_places
from mnlstat.inference.effects.variables import Effect
from mnlstat.inference.estimates import Estimates
from mnlstat.likelihood.softmax import Softmax
from mnlstat.memory import check_room
from mnlstat.options import check_choice, nearest, shown
from mnlstat.report.effects import OUTCOME, Effects
from mnlstat.results.looked_at import population_of
from mnlstat.results.populations import Looked
from mnlstat.results.quantities import quantity_of
from mnlstat.results.scenarios import OVERALL, Where

PROBABILITY = "probability"
ROW = "row"
# Elements of gradients that are worked on at once, where each row is one.
AT_ONCE = 2**21
WORDS = {MEAN: "means", TYPICAL: "typical values", MEDIAN: "medians"}


class Asked(Looked, Protocol):
    """A result of which effects are asked."""

    @property
    def estimates(self) -> Estimates:
        """Coefficients and covariance."""

    @property
    def outcomes(self) -> tuple[Any, ...]:
        """Labels of the outcomes."""

    @property
    def response_name(self) -> str:
        """The left side of the formula."""

    @property
    def weights(self) -> str | None:
        """Kind, name and sum of the weights."""

    @property
    def cov_type(self) -> str:
        """Kind of the covariance."""


@dataclass(frozen=True, eq=False)
class Shown:
    """How a table is shown: outcomes taken together, level, adjustment, scale."""

    combine: Any
    alpha: float
    adjust: str
    scale: str = IDENTITY


def scale_of(scale: str) -> str:
    """The scale of a table of probabilities."""
    chosen = check_choice("scale", scale, (LOGIT, PROBABILITY))
    return LOGIT if chosen == LOGIT else IDENTITY


def ask_effects(
    fit: Asked, what: str, effects: Sequence[Effect], where: Where, shown_as: Shown
) -> Effects:
    """The table of effects, at every scenario and in every group."""
    _check_not_set(effects, where)
    pairs = [(effect, changes) for effect in effects for changes in where.scenarios]
    columns: dict[str, list[Any]] = {
        "variable": [effect.variable for effect, _ in pairs],
        "contrast": [effect.contrast for effect, _ in pairs],
    }
    items = [effect.item(changes) for effect, changes in pairs]
    columns |= _set_to([changes for _, changes in pairs])
    title = _titled(what, where)
    population, groups = population_of(fit, where)
    table = answer(fit, title, items, columns, population, groups, where, shown_as)
    return replace(table, quantity=quantity_of(effects))


def ask_predictions(fit: Asked, where: Where, shown_as: Shown) -> Effects:
    """The table of averaged probabilities, at every scenario and in every group."""
    items = [Item(LEVEL, (Level(changes),)) for changes in where.scenarios]
    population, groups = population_of(fit, where)
    title = _titled("probabilities", where)
    return answer(fit, title, items, _set_to(where.scenarios), population, groups, where, shown_as)


def _titled(what: str, where: Where) -> str:
    """What is estimated, averaged or at which row."""
    if where.each_row:
        what = what.replace("average ", "")
        return f"{what[:1].upper()}{what[1:]} of each row"
    if where.place == OVERALL:
        return f"Average {what}" if "average" not in what else f"{what[:1].upper()}{what[1:]}"
    what = what.replace("average ", "")
    return f"{what[:1].upper()}{what[1:]} at {WORDS[where.place]}"


def answer(
    fit: Asked,
    title: str,
    items: Sequence[Item],
    columns: Mapping[str, list[Any]],
    population: AnyRows,
    groups: pd.DataFrame,
    where: Where,
    shown_as: Shown,
) -> Effects:
    """The functions of means over a population, with what each is of."""
    labels, unions = unions_of(fit.outcomes, shown_as.combine)
    if where.each_row:
        if isinstance(population, Pieces):
            raise DataError(
                "read-in-pieces",
                f"{where.caller}: at='rows' gives a row for each row of the data, and these are"
                " read in pieces because they are many.\nGive the rows of interest as a frame,"
                " data=, or ask for averages.",
            )
        groups = pd.DataFrame({ROW: population.labels})
        parts = means_of_rows(fit, population, items, unions)
    else:
        parts = [means_of(fit, population, where.place, items, unions)]
    functions, notes = functions_of(parts, items), tuple[str, ...]()
    estimands = Estimands.of(functions, fit.estimates.covariance)
    if where.sampling is not None:
        assert isinstance(population, Places)  # it was refused of data in pieces
        looks = Looks(fitted_of(fit), population, items, parts[0], unions)
        estimands = Estimands(functions.values, where.sampling.of(functions, looks))
        notes = estimands.covariance.notes
    logs = any(item.kind in LOGARITHMS for item in items)
    return Effects(
        title,
        facts_of(fit, estimands.covariance.kind, population, where),
        _keys(columns, len(items), groups, labels),
        estimands,
        shown_as.alpha,
        shown_as.adjust,
        LOG if logs else shown_as.scale,
        notes,
        response=(fit.response_name, fit.outcomes),
    )


def _set_to(scenarios: Sequence[Changes]) -> dict[str, list[Any]]:
    """Columns of a table that tell the scenarios."""
    found = dict[str, list[Any]]()
    for changes in scenarios:
        for name, change in changes:
            found.setdefault(name, []).append(value_of(change))
    return found


def _check_not_set(effects: Sequence[Effect], where: Where) -> None:
    """Refuse values of a variable whose values are compared."""
    for effect in effects:
        fixed = any(isinstance(change, Set) for change in effect.compared)
        if fixed and effect.variable in where.set_columns:
            raise OptionError(
                "set-and-compared",
                f"{where.caller}: at sets {shown(effect.variable)}, of which"
                f" {effect.contrast} is compared.\nName other variables, or other columns in at.",
            )


def unions_of(outcomes: Sequence[Any], combine: Any) -> tuple[list[Any], FloatArray | None]:
    """Labels of what is shown, and which outcomes each is made of."""
    if combine is None:
        return list(outcomes), None
    if not isinstance(combine, Mapping) or not combine:
        raise OptionError(
            "combine-unreadable",
            f"combine={shown(combine)} must name outcomes that are taken together,"
            ' {"car or train": ["car", "train"]}.',
        )
    unions = np.zeros((len(combine), len(outcomes)))
    for at, (label, members) in enumerate(combine.items()):
        for member in [members] if isinstance(members, str) else members:
            if member not in outcomes:
                raise OptionError(
                    "unknown-outcome",
                    f"combine: {shown(label)} has {shown(member)}, which is no outcome"
                    f"{nearest(str(member), list(map(str, outcomes)))}.\n"
                    f"Outcomes: {', '.join(map(shown, outcomes))}.",
                )
            unions[at, list(outcomes).index(member)] = 1.0
    return list(combine), unions


def means_of(
    fit: Asked,
    population: AnyRows,
    place: str,
    items: Sequence[Item],
    unions: FloatArray | None,
) -> Means:
    """Means of all that the items are made of."""
    asks = asks_of(items)
    fitted = fitted_of(fit)
    rows: Population = population
    if place == MEAN:
        rows = mean_places(population, asks, fitted.B.shape[1])
    elif place in (TYPICAL, MEDIAN):
        if isinstance(population, Pieces):
            rows = typical_in_pieces(population, place)
        else:
            rows = typical_places(population, place)
    sums = totals(fitted, rows, asks)
    _warn_of_broken(population.learned)
    return Means.of(sums, fitted.base, unions)


def means_of_rows(
    fit: Asked, population: Places, items: Sequence[Item], unions: FloatArray | None
) -> list[Means]:
    """What the items are made of at each row, block by block."""
    fitted, asks = fitted_of(fit), asks_of(items)
    J, k = fitted.B.shape
    S = J if unions is None else len(unions)
    n = len(population)
    check_room(
        16.0 * n * S * len(items) * (J - 1) * k,
        f"{len(items)} effects of {n} rows on {S} outcomes with their joint covariance",
        "Ask for averages, or give some of the rows, data=.",
    )
    blocks = replace(population, size=max(AT_ONCE // (J * J * k), 1)).places()
    parts = [Means.of(row_by_row(fitted, place, asks), fitted.base, unions) for place in blocks]
    _warn_of_broken(population.learned)
    return parts


def asks_of(items: Sequence[Item]) -> list[Ask]:
    """All that the items are made of, each once."""
    return list(dict.fromkeys(ask for item in items for ask in item.asks))


def fitted_of(fit: Asked) -> Fitted:
    """Coefficients and probabilities; their limits where estimates are infinite."""
    base, estimates = fit.spec.response.base, fit.estimates
    B = estimates.values.reshape(len(fit.outcomes) - 1, -1)

    full = np.insert(B, base, 0.0, axis=0)

    def of(X: FloatArray, offset: FloatArray | None) -> FloatArray:
        if estimates.infinity is not None:
            return estimates.infinity.probabilities(X, B, base, offset).T
        eta = full @ X.T
        softmax = Softmax.of(eta if offset is None else eta + offset.T)
        return softmax.e / softmax.total

    return Fitted(full, base, of)


def _warn_of_broken(learned: Learned) -> None:
    if learned.broken:
        warn(
            AliasedWarning(
                "not-estimable",
                f"{', '.join(sorted(learned.broken))}: in the data of the fit this was a"
                " combination of other columns, and at values that are asked for it is not.\n"
                "What depends on it is not estimated, and NaN.",
            )
        )


def _keys(
    columns: Mapping[str, list[Any]], n: int, groups: pd.DataFrame, labels: Sequence[Any]
) -> pd.DataFrame:
    """What each estimate is of; outcomes run fastest, then groups, then the n items."""
    R, S = len(groups), len(labels)
    keys = {name: [v for v in values for _ in range(R * S)] for name, values in columns.items()}
    for name in groups.columns:
        keys[str(name)] = [v for v in groups[name].tolist() for _ in range(S)] * n
    keys[OUTCOME] = list(labels) * (R * n)
    return pd.DataFrame(keys)


def facts_of(
    fit: Asked, kind: str, population: AnyRows, where: Where
) -> tuple[tuple[str, str], ...]:
    """Where and how, in words, by the covariance of this kind."""
    if where.facts:
        return (*where.facts, ("Covariance", kind))
    rows = count(len(population)) + ("" if where.data is None else " of data=")
    if where.data is None and fit.weights is not None:
        rows += f", weighted ({fit.weights})"
    place = "Rows" if where.each_row else "Averaged over"
    if where.place != OVERALL:
        place, rows = "At", f"the {WORDS[where.place]} of {rows}"
    facts = ((place, rows), ("Covariance", kind))
    return facts if where.sampling is None else (*facts, ("Variance", where.sampling.said))
