"""Means of what is asked, over the rows of a population or at each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.inference.effects.asks import Ask
from mnlstat.inference.effects.described import typical_in_pieces
from mnlstat.inference.effects.functions import Item, Means
from mnlstat.inference.effects.pieces import AnyRows, Pieces
from mnlstat.inference.effects.places import Places, Population
from mnlstat.inference.effects.totals import Fitted, row_by_row, totals
from mnlstat.inference.effects.typical import MEAN, MEDIAN, TYPICAL, mean_places, typical_places
from mnlstat.likelihood.softmax import Softmax
from mnlstat.memory import check_room
from mnlstat.results.populations import Asked
from mnlstat.results.told import warn_of

# Elements of gradients that are worked on at once, where each row is one.
AT_ONCE = 2**21


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
    J, k = fitted.B.shape
    check_room(
        8.0 * len(asks) * population.n_groups * J * J * k,
        f"{len(asks)} averages in {population.n_groups} groups with their joint covariance",
        "Ask for fewer variables at a time.",
    )
    sums = totals(fitted, rows, asks, unions)
    warn_of(population.learned)
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
    warn_of(population.learned)
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
