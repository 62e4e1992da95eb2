"""Rows of a survey that belong to its design, whether the fit used them or not."""

from __future__ import annotations

from typing import Any

import numpy as np

from mnlstat.arrays import BoolArray
from mnlstat.design.chosen import chosen_rows
from mnlstat.design.groups import of_data
from mnlstat.design.missing import Dropped
from mnlstat.design.source import DesignOnly, Source
from mnlstat.design.words import count, where
from mnlstat.errors import DataError, MnlstatError, OptionError


def members(subpop: Any, source: Source, dropped: Dropped) -> BoolArray:
    """Return which rows of the data belong to the design.

    Parameters
    ----------
    subpop : None or False for the rows used; True for all rows; or the condition (text, or truth
        values) that tells the subpopulation: rows outside of it belong to the design
    source : the data, and the rows that the fit used
    dropped : why others were not

    Raises
    ------
    OptionError
        When it is not said, and rows were left out for another reason than missing values; when the
        fit used rows outside of the subpopulation.
    DataError
        When the condition is missing in a row.
    """
    kept = source.kept
    design_only = isinstance(source, DesignOnly)
    if subpop is None:  # a file holds the rows used alone, and how many others there were
        check_told(dropped.total if design_only else int((~kept).sum()), dropped)
    if subpop is None or subpop is False:
        return kept
    if design_only:
        if subpop is True and not dropped.total:
            return kept
        raise _not_in_file(subpop, dropped)
    of_data("subpop", kept, source)  # refuses data that have changed
    if subpop is True:
        return np.ones(len(kept), dtype=bool)
    inside = _inside(subpop, source)
    check_inside(kept, inside, source.frame.index)
    return kept | ~inside


def _not_in_file(subpop: Any, dropped: Dropped) -> DataError:
    """What is raised for rows that the file of a result does not hold."""
    given = "subpop=True" if subpop is True else "subpop"
    others = count(dropped.total) if dropped.total else "no others"
    return DataError(
        "data-not-kept",
        f"{given}: the file of this result holds the design of the rows used only, and the data"
        f" had {others} besides.\nFit the data again for a design that holds them; subpop=False is"
        " one of the rows used alone.",
    )


def check_inside(used: BoolArray, inside: BoolArray, index: Any) -> None:
    """Refuse a subpopulation that does not hold the rows used."""
    if (outside := used & ~inside).any():
        raise OptionError(
            "subpop-unlike-fit",
            f"subpop: the fit used rows outside of it ({where(outside, index)}).\n"
            "The subpopulation is chosen in the fit: mnlogit(..., subset=the same condition).",
        )


def check_told(out: int, dropped: Dropped) -> None:
    """Refuse to guess what those of the ``out`` rows are that a fit left out on purpose."""
    missing = dropped.rows - dropped.used - dropped.not_in_subset - dropped.of_no_weight
    if out > missing:
        raise OptionError(
            "subpop-needed",
            f"the survey has {out - missing} rows that the fit left out by subset=, by weights of"
            " zero, or before update(): say whether they belong to the design.\nGive subpop= the"
            " condition that the fit was about; or True for all rows of the data, False for none"
            " but those used.",
        )


def _inside(subpop: Any, source: Source) -> BoolArray:
    every = np.ones(len(source.kept), dtype=bool)
    try:
        chosen = chosen_rows(subpop, source.frame, every, {}, "drop")
    except MnlstatError as error:
        raise type(error)(error.code, error.message.replace("subset", "subpop")) from error
    if chosen.unknown:
        raise DataError(
            "missing-values",
            f"subpop: it is missing in {count(chosen.unknown)} of the data.\n"
            "Fill in what it reads.",
        )
    return chosen.rows
