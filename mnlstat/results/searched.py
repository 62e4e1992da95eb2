"""The search for separation on demand."""

from __future__ import annotations

from mnlstat.arrays import BoolArray
from mnlstat.errors import DataError, OptionError
from mnlstat.inference.constraints import Constraints
from mnlstat.inference.estimates import ParameterLabels
from mnlstat.inference.infinity import Infinity
from mnlstat.inference.separated import SeparationReport, no_separation, report_of, undecided
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.optimize.limit import limit_of
from mnlstat.optimize.newton import maximise
from mnlstat.optimize.optimum import Status
from mnlstat.optimize.recession import Pairs, UnverifiedError
from mnlstat.optimize.separation import separation_of


def refuse_constrained(constraints: Constraints | None) -> None:
    """Refuse to look for separation where constraints bind the coefficients."""
    if constraints is not None:
        raise OptionError(
            "separation-under-constraints",
            "separation() looks at all directions, and constraints leave only some of them open.\n"
            "The fit certifies that its maximum is finite, or warns; ask a model without them.",
        )


def searched(
    likelihood: MultinomialLikelihood,
    labels: ParameterLabels,
    kept: BoolArray,
    *,
    whole_rows: bool = True,
) -> SeparationReport:
    """Look for separation: where the end of a maximisation does not tell, by linear programmes.

    ``whole_rows=False`` where weights do not count rows.

    Raises
    ------
    DataError
        When a finite maximum is not certain, and the rows are read in pieces, or rows or
        coefficients are too many.
    """
    end = maximise(likelihood)
    if end.status.ok:
        return no_separation(labels, kept)
    cases = likelihood.cases()
    if cases is None:
        raise DataError(
            "too-large",
            "separation(): a finite maximum is not certain. More can be said only of rows in"
            " memory, of no more than five million\ncomparisons of outcomes, a thousand"
            " coefficients and, where factors are held as codes, twenty million cells.\n"
            "Ask it of a part of the rows, or of fewer levels.",
        )
    limit = limit_of(likelihood, end) if end.status is Status.NOT_CERTIFIED else None
    try:
        separation = separation_of(Pairs.of(*cases)) if limit is None else limit.separation
    except UnverifiedError:
        return undecided(labels, kept)
    if separation is None:
        return no_separation(labels, kept)
    infinity = Infinity.of(separation)
    rows = likelihood.summed_rows
    return report_of(separation, infinity, rows, labels, kept, whole_rows=whole_rows)
