"""Units that are read in pieces, with the groups of their rows, as long as sums over groups fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

import numpy as np

from mnlstat.arrays import IntArray
from mnlstat.likelihood.clustered import GroupedUnits
from mnlstat.likelihood.units import Units
from mnlstat.memory import check_room
from mnlstat.rows.part import Part
from mnlstat.rows.rows import Block


class PartsInGroups(Protocol):
    """Rows that come with their groups."""

    def parts(self) -> Iterable[tuple[Part, IntArray]]:
        """The rows in pieces, and the groups of these in each way (ways, m), from a new pass."""


def grouped_units(
    units: Units, source: PartsInGroups, each: int, what: str, advice: str
) -> GroupedUnits:
    """The units with their groups; DataError when the groups turn out too many for memory.

    Parameters
    ----------
    units : of the columns that are estimated
    source : where rows and groups come from
    each : numbers that are summed for a group
    what, advice : what has too many groups, and what to do
    """
    kept = units.likelihood.kept

    def parts() -> Iterator[tuple[Block, IntArray]]:
        room = 0
        for part, codes in source.parts():
            n = int((codes.max(axis=1) + 1).sum())
            if n > room:  # sums are made for twice as many groups when there are more
                room = 2 * n
                check_room(
                    8.0 * room * each, f"{what}: {n} and more, of {each} numbers each,", advice
                )
            matrix = part.matrix if kept is None else part.matrix.columns(np.asarray(kept))
            yield part.in_form(matrix).block(units.rows.n_outcomes, units.unit), codes

    return GroupedUnits(units, parts)
