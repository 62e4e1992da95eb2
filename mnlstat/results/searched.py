"""The search for separation on demand."""

from __future__ import annotations

from mnlstat.arrays import BoolArray
from mnlstat.errors import DataError, OptionError
from mnlstat.inference.constraints import Constraints
from mnlstat.inference.estimates import ParameterLabels
from mnlstat.inference.separated import SeparationReport, no_separation, report_of, undecided
from mnlstat.likelihood.multinomial import MultinomialLikelihood
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
    likelihood: MultinomialLikelihood, labels: ParameterLabels, kept: BoolArray
) -> SeparationReport:
    """Look for separation by linear programmes.

    Raises
    ------
    DataError
        When the rows are read in pieces, or rows or coefficients are too many.
    """
    cases = likelihood.cases()
    if cases is None:
        raise DataError(
            "too-large",
            "separation() needs the rows in memory, and looks at no more than five million"
            " comparisons of outcomes, a thousand coefficients\nand, where a factor of many levels"
            " is held as codes, twenty million cells (rows by columns).\n"
            "Ask it of a part of the rows, or of fewer levels.",
        )
    try:
        separation = separation_of(Pairs.of(*cases))
    except UnverifiedError:
        return undecided(labels, kept)
    if separation is None:
        return no_separation(labels, kept)
    return report_of(separation, likelihood.summed_rows, labels, kept)
