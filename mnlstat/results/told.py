"""What is said of a table of effects: its title, where and how, what is not known."""

from __future__ import annotations

from collections.abc import Iterable

from mnlstat.design.scope import warn
from mnlstat.design.words import count
from mnlstat.errors import AliasedWarning, MissingDataWarning
from mnlstat.inference.effects.estimands import Estimands
from mnlstat.inference.effects.learned import Learned
from mnlstat.inference.effects.pieces import AnyRows
from mnlstat.inference.effects.typical import MEAN, MEDIAN, TYPICAL
from mnlstat.results.populations import Asked
from mnlstat.results.scenarios import OVERALL, Where

LIMITS = (
    "The data are separated: these are limits of probabilities. Standard errors are of what stays"
    " finite; NaN where nothing does, and where an effect is infinite or depends on the direction"
    " in which coefficients go."
)
WORDS = {MEAN: "means", TYPICAL: "typical values", MEDIAN: "medians"}


def titled(what: str, where: Where) -> str:
    """What is estimated, averaged or at which row."""
    if where.each_row:
        what = what.replace("average ", "")
        return f"{what[:1].upper()}{what[1:]} of each row"
    if where.place == OVERALL:
        return f"Average {what}" if "average" not in what else f"{what[:1].upper()}{what[1:]}"
    what = what.replace("average ", "")
    return f"{what[:1].upper()}{what[1:]} at {WORDS[where.place]}"


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


def warn_of(learned: Learned) -> None:
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


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
