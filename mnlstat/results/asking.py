"""From what is asked to a table of effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray
from mnlstat.design.scope import warn
from mnlstat.design.variables import Variable
from mnlstat.errors import AliasedWarning, OptionError
from mnlstat.inference.effects.asks import Ask, Changes, value_of
from mnlstat.inference.effects.estimands import Estimands
from mnlstat.inference.effects.functions import Item, Means
from mnlstat.inference.effects.places import Learned, Places, Population
from mnlstat.inference.effects.totals import Fitted, totals
from mnlstat.inference.effects.typical import MEAN, MEDIAN, TYPICAL, mean_places, typical_places
from mnlstat.inference.effects.variables import Effect
from mnlstat.inference.estimates import Estimates
from mnlstat.likelihood.softmax import Softmax
from mnlstat.options import nearest, shown
from mnlstat.report.effects import OUTCOME, Effects
from mnlstat.results.populations import Looked, data_rows, fit_rows
from mnlstat.results.scenarios import OVERALL, Where

WORDS = {
    OVERALL: "Average marginal effects",
    MEAN: "Marginal effects at means",
    TYPICAL: "Marginal effects at typical values",
    MEDIAN: "Marginal effects at medians",
}


class Asked(Looked, Protocol):
    """A result of which effects are asked."""

    @property
    def estimates(self) -> Estimates:
        """Coefficients and covariance."""

    @property
    def outcomes(self) -> tuple[Any, ...]:
        """Labels of the outcomes."""

    @property
    def cov_type(self) -> str:
        """Kind of the covariance."""


def ask_effects(
    fit: Asked,
    effects: Sequence[Effect],
    where: Where,
    combine: Any,
    alpha: float,
    adjust: str,
) -> Effects:
    """The table of effects, at every scenario and in every group."""
    labels, unions = unions_of(fit.outcomes, combine)
    population, groups = population_of(fit, where)
    pairs = [(effect, changes) for effect in effects for changes in where.scenarios]
    items = [effect.item(changes) for effect, changes in pairs]
    means = means_of(fit, population, where.place, items, unions)
    estimands = Estimands.of(means.functions(items), fit.estimates.covariance)
    keys = _keys(pairs, groups, labels)
    return Effects(
        f"{WORDS[where.place]} on probabilities",
        facts_of(fit, population, where),
        keys,
        estimands,
        alpha,
        adjust,
    )


def seen(fit: Asked, variables: Sequence[Variable], where: Where) -> tuple[Variable, ...]:
    """The variables, and which of them are 0 or 1 in all rows that are looked at."""
    population, _ = population_of(fit, where)
    rows = fit.spec.rows(population.frame)
    return tuple(each.seen_in(rows) for each in variables)


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


def population_of(fit: Asked, where: Where) -> tuple[Places, pd.DataFrame]:
    """The rows, and what their groups are called."""
    if where.data is None:
        return fit_rows(fit, where.by, where.caller)
    return data_rows(fit, where.data, where.by, where.caller)


def means_of(
    fit: Asked,
    population: Places,
    place: str,
    items: Sequence[Item],
    unions: FloatArray | None,
) -> Means:
    """Means of all that the items are made of."""
    asks: list[Ask] = list(dict.fromkeys(ask for item in items for ask in item.asks))
    fitted = fitted_of(fit)
    rows: Population = population
    if place == MEAN:
        rows = mean_places(population, asks, fitted.B.shape[1])
    elif place in (TYPICAL, MEDIAN):
        rows = typical_places(population, place)
    sums = totals(fitted, rows, asks)
    _warn_of_broken(population.learned)
    return Means.of(sums, fitted.base, unions)


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
    pairs: Sequence[tuple[Effect, Changes]], groups: pd.DataFrame, labels: Sequence[Any]
) -> pd.DataFrame:
    """What each estimate is of; outcomes run fastest, then groups, then effects."""
    R, S = len(groups), len(labels)
    columns: dict[str, list[Any]] = {"variable": [], "contrast": []}
    for effect, changes in pairs:
        columns["variable"] += [effect.variable] * (R * S)
        columns["contrast"] += [effect.contrast] * (R * S)
        for name, change in changes:
            columns.setdefault(name, []).extend([value_of(change)] * (R * S))
    for name in groups.columns:
        columns[str(name)] = [v for v in groups[name].tolist() for _ in range(S)] * len(pairs)
    columns[OUTCOME] = list(labels) * (R * len(pairs))
    return pd.DataFrame(columns)


def facts_of(fit: Asked, population: Places, where: Where) -> tuple[tuple[str, str], ...]:
    """Where and how, in words."""
    rows = f"{len(population)} rows" + ("" if where.data is None else " of data=")
    return (("Averaged over", rows), ("Covariance", fit.cov_type))
