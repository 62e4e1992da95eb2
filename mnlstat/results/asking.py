"""From what is asked to a table of effects."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray
from mnlstat.design.scope import warn
from mnlstat.design.variables import Variable
from mnlstat.design.words import count
from mnlstat.errors import AliasedWarning, MissingDataWarning, OptionError
from mnlstat.inference.effects.asks import Ask, Changes, Level, Set, value_of
from mnlstat.inference.effects.estimands import IDENTITY, LOG, LOGIT, Estimands
from mnlstat.inference.effects.functions import (
    LEVEL,
    LOGARITHMS,
    Item,
    Means,
    functions_of,
)
from mnlstat.inference.effects.influence import Looks
from mnlstat.inference.effects.places import Learned, Places, Population
from mnlstat.inference.effects.totals import Fitted, row_by_row, totals
from mnlstat.inference.effects.typical import MEAN, MEDIAN, TYPICAL, mean_places, typical_places
from mnlstat.inference.effects.variables import Effect
from mnlstat.inference.estimates import Estimates
from mnlstat.inference.shrinkage import Shrinkage
from mnlstat.likelihood.softmax import Softmax
from mnlstat.memory import check_room
from mnlstat.optimize.optimum import Status
from mnlstat.options import check_choice, nearest, shown
from mnlstat.report.effects import OUTCOME, ROW, Effects, key_named
from mnlstat.results.populations import Looked, data_rows, fit_rows
from mnlstat.results.scenarios import OVERALL, Where

PROBABILITY = "probability"
LIMITS = (
    "The data are separated: these are limits of probabilities. Standard errors are of what stays"
    " finite; NaN where nothing does, and where an effect is infinite or depends on the direction"
    " in which coefficients go."
)
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
    def weights(self) -> str | None:
        """Kind, name and sum of the weights."""

    @property
    def cov_type(self) -> str:
        """Kind of the covariance."""

    @property
    def status(self) -> Status:
        """How the maximisation ended."""

    @property
    def shrinkage(self) -> Shrinkage | None:
        """What a ridge did."""


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
    return answer(fit, title, items, columns, population, groups, where, shown_as)


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
    population: Places,
    groups: pd.DataFrame,
    where: Where,
    shown_as: Shown,
) -> Effects:
    """The functions of means over a population, with what each is of."""
    labels, unions = unions_of(fit.outcomes, shown_as.combine)
    if where.each_row:
        groups = pd.DataFrame({ROW: population.labels})
        parts = means_of_rows(fit, population, items, unions)
    else:
        parts = [means_of(fit, population, where.place, items, unions)]
    functions = functions_of(parts, items)
    estimands = Estimands.of(functions, fit.estimates.covariance)
    if where.sampling is not None:
        looks = Looks(fitted_of(fit), population, items, parts[0], unions)
        estimands = Estimands(functions.values, where.sampling.of(functions, looks))
    logs = any(item.kind in LOGARITHMS for item in items)
    return Effects(
        title,
        facts_of(fit, estimands.covariance.kind, population, where),
        _keys(columns, len(items), groups, labels),
        estimands,
        shown_as.alpha,
        shown_as.adjust,
        LOG if logs else shown_as.scale,
        notes_of(fit, population.learned, estimands),
    )


def notes_of(fit: Asked, learned: Learned, estimands: Estimands) -> tuple[str, ...]:
    """What is to be said of effects that are not known, or not wholly."""
    notes = []
    if fit.estimates.infinity is not None:
        notes.append(LIMITS)
    elif not fit.estimates.covariance.known:
        reason = f"the covariance is not known ({fit.cov_type})"
        if fit.shrinkage is not None:
            reason = "estimates of a ridge are shrunk, and have no sampling covariance"
        notes.append(f"No standard errors: {reason if fit.status.ok else fit.status.value}.")
    if learned.broken:
        notes.append(f"Not estimable, and NaN: what depends on {_listed(learned.broken)}.")
    if learned.lost:
        notes.append(f"NaN: the formula gives no number in {count(max(learned.lost.values()))}.")
    return (*notes, *estimands.covariance.notes)


def _set_to(scenarios: Sequence[Changes]) -> dict[str, list[Any]]:
    """Columns of a table that tell the scenarios."""
    found = dict[str, list[Any]]()
    for changes in scenarios:
        for name, change in changes:
            found.setdefault(key_named(name), []).append(value_of(change))
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


def values_of(
    fit: Asked, variable: Variable, where: Where
) -> Callable[[], tuple[FloatArray, FloatArray]]:
    """Gives a column of numbers and the weights of its rows, when they are asked for."""

    def values() -> tuple[FloatArray, FloatArray]:
        population, _ = population_of(fit, where)
        return population.rows.columns[variable.name].numbers(), population.weights

    return values


def seen(fit: Asked, variables: Sequence[Variable], where: Where) -> tuple[Variable, ...]:
    """The variables, and which of them are 0 or 1 in all rows that are looked at."""
    population, _ = population_of(fit, where)
    return tuple(each.seen_in(population.rows) for each in variables)


def unions_of(outcomes: Sequence[Any], combine: Any) -> tuple[list[Any], FloatArray | None]:
    """Labels of what is shown, and which outcomes each is made of."""
    if combine is None:
        return list(outcomes), None
    if not isinstance(combine, Mapping) or not combine:
        raise _unreadable(f"combine={shown(combine)}")
    unions = np.zeros((len(combine), len(outcomes)))
    for at, (label, members) in enumerate(combine.items()):
        listed_members = _members(members, outcomes)
        if not listed_members:
            raise _unreadable(f"combine: {shown(label)} holds {shown(members)}; combine")
        for member in listed_members:
            unions[at, _position(member, outcomes, label)] = 1.0
    return list(combine), unions


def _unreadable(what: str) -> OptionError:
    return OptionError(
        "combine-unreadable",
        f'{what} must name outcomes that are taken together, {{"car or train": ["car", "train"]}}.',
    )


def _members(members: Any, outcomes: Sequence[Any]) -> list[Any]:
    """Outcomes that are taken together: several, or one by its label."""
    if isinstance(members, str | tuple) and members in outcomes:
        return [members]
    if isinstance(members, str) or not isinstance(members, Iterable):
        return [members]
    return list(members)


def _position(member: Any, outcomes: Sequence[Any], label: Any) -> int:
    for at, outcome in enumerate(outcomes):
        same_type = isinstance(member, bool) == isinstance(outcome, bool)
        if same_type and isinstance(member, Hashable) and member == outcome:
            return at
    raise OptionError(
        "unknown-outcome",
        f"combine: {shown(label)} has {shown(member)}, which is no outcome"
        f"{nearest(str(member), list(map(str, outcomes)))}.\n"
        f"Outcomes: {', '.join(map(shown, outcomes))}.",
    )


def population_of(fit: Asked, where: Where) -> tuple[Places, pd.DataFrame]:
    """The rows, and what their groups are called."""
    if where.data is None:
        population, groups = fit_rows(fit, where.by, where.caller)
    else:
        population, groups = data_rows(fit, where.data, where.by, where.caller)
    for name in where.set_columns:
        if name in groups.columns:
            raise OptionError(
                "set-and-grouped",
                f"{where.caller}: at sets {shown(name)} in all rows, and by groups rows by it.\n"
                "Leave one of them out, or give by a copy of the column under another name.",
            )
    return population, groups.rename(columns=key_named)


def means_of(
    fit: Asked,
    population: Places,
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
        rows = typical_places(population, place)
    J, k = fitted.B.shape
    check_room(
        8.0 * len(asks) * population.n_groups * J * J * k,
        f"{len(asks)} averages in {population.n_groups} groups with their joint covariance",
        "Ask for fewer variables at a time.",
    )
    sums = totals(fitted, rows, asks, unions)
    _warn_of(population.learned)
    return Means.of(sums, fitted.base, unions, limits=fitted.infinity is not None)


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
    parts = [
        Means.of(
            row_by_row(fitted, place, asks, unions),
            fitted.base,
            unions,
            limits=fitted.infinity is not None,
        )
        for place in blocks
    ]
    _warn_of(population.learned)
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

    return Fitted(full, base, of, estimates.infinity)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _warn_of(learned: Learned) -> None:
    """Warn of what derivatives leave out, and of what is not estimated."""
    learned.told()
    if learned.lost:
        warn(
            MissingDataWarning(
                "made-missing",
                "at values that are asked for, the formula gives no number in"
                f" {count(max(learned.lost.values()))}: averages over them are NaN.",
            )
        )
    if learned.broken:
        warn(
            AliasedWarning(
                "not-estimable",
                f"{_listed(learned.broken)}: in the data of the fit this was a"
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
    fit: Asked, kind: str, population: Places, where: Where
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
