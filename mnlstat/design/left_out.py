"""Rows of the data that the design of a survey does not know, and the PSUs that went with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import BoolArray
from mnlstat.design.given_values import factorised
from mnlstat.design.groups import of_data
from mnlstat.design.source import DesignOnly, Source


@dataclass(frozen=True)
class LeftOut:
    """What a design has lost.

    Attributes
    ----------
    rows : of the data that are not in it
    psus, strata : those all of whose rows are; zero where they are not named, or not known there
    """

    rows: int
    psus: int = 0
    strata: int = 0

    def said(self, why: str) -> str:
        """``12 rows of the data, which miss values, and with them all rows of 2 PSUs``."""
        lost = [
            f"{n} {one if n == 1 else several}"
            for n, one, several in (
                (self.psus, "PSU", "PSUs"),
                (self.strata, "stratum", "strata"),
            )
            if n
        ]
        rows = f"{self.rows} row{'' if self.rows == 1 else 's'} of the data, which {why}"
        return rows + (f", and with them all rows of {' and '.join(lost)}" if lost else "")


def left_out(source: Source, members: BoolArray, strata: Any, psu: Any, *, nest: bool) -> LeftOut:
    """Count the rows outside of a design, and the PSUs and strata that have no row in it.

    Parameters
    ----------
    source : the data, and the rows that the fit used
    members : (rows of the data,) rows of the design
    strata, psu : as the user gave them
    nest : whether PSUs are named within strata
    """
    rows = int((~members).sum())
    if not rows or isinstance(source, DesignOnly):
        return LeftOut(rows)
    layer, unit = (
        None if given is None else pd.Series(_one(of_data(option, given, source)))
        for option, given in (("strata", strata), ("psu", psu))
    )
    within = layer if nest else None
    return LeftOut(
        rows,
        0 if unit is None else _lost(members, unit, within),
        0 if layer is None else _lost(members, layer, None),
    )


def _one(values: Any) -> Any:
    """Codes of labels (n,), -1 where they are missing."""
    return factorised(values)[0]


def _lost(members: BoolArray, codes: Any, within: Any) -> int:
    """Groups without a member, of rows whose group is known."""
    both = pd.DataFrame({"own": codes, "within": 0 if within is None else within})
    known = (both >= 0).all(axis=1).to_numpy(dtype=bool)
    groups = both[known].groupby(["own", "within"]).ngroup().to_numpy()
    there = np.unique(groups[members[known]])
    return int(groups.max(initial=-1)) + 1 - len(there)
