"""Strata, primary sampling units and sampling fractions of the rows of a fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import BoolArray, FloatArray, IntArray
from mnlstat.design.groups import Groups, used_values, ways_of
from mnlstat.design.numbers import real_numbers
from mnlstat.design.source import Source
from mnlstat.errors import DataError, OptionError
from mnlstat.options import shown

# Sampling fractions of the rows of a stratum that differ by less are one.
SAME = 1e-9


@dataclass(frozen=True, eq=False, kw_only=True)
class Drawn:
    """How many primary sampling units were drawn from each stratum.

    Attributes
    ----------
    sizes : (H,) PSUs of each stratum
    fraction : (H,) sampling fraction of each stratum; zero without a correction
    labels : (H,) names of the strata
    names : of the columns of PSUs and of strata; None for rows, and for one stratum
    correction : what the finite population correction was read as; empty without
    used, rows : rows of the fit, and of the design
    omitted : strata without a row of the fit, left out
    """

    sizes: IntArray
    fraction: FloatArray
    labels: tuple[str, ...]
    names: tuple[str | None, str | None]
    correction: str
    used: int
    rows: int
    omitted: int

    @property
    def psus(self) -> int:
        """PSUs of all strata."""
        return int(self.sizes.sum())

    @property
    def lonely(self) -> BoolArray:
        """Strata of one PSU which is not the only one there is (H,)."""
        return np.asarray((self.sizes == 1) & (self.fraction < 1.0), dtype=bool)

    @property
    def df(self) -> int:
        """PSUs less strata."""
        return self.psus - len(self.labels)


@dataclass(frozen=True, eq=False, kw_only=True)
class Sampled(Drawn):
    """Rows as primary sampling units in strata.

    Attributes
    ----------
    psu : (n,) PSU of each row of the fit
    stratum : (P,) stratum of each PSU
    """

    psu: IntArray
    stratum: IntArray


def sampled(
    source: Source, members: BoolArray, strata: Any, psu: Any, fpc: Any, *, nest: bool
) -> Sampled:
    """Read the design of a survey.

    Parameters
    ----------
    source : the data, and the rows that the fit used
    members : (rows of the data,) rows of the design: at least those used
    strata, psu, fpc : as the user gave them; None for one stratum, rows, no correction
    nest : whether PSUs are named within strata

    Raises
    ------
    DataError
        For values that are missing, PSUs in several strata, and corrections that cannot be.
    """
    same = np.array_equal(members, source.kept)
    whole = source if same else Source.of(source.data, members)
    n = int(members.sum())
    layer = _one_way("strata", strata, whole)
    unit = _one_way("psu", psu, whole)
    stratum, place = _placed(layer, unit, n, nest=nest)
    P = int(place.max()) + 1
    of_psu = np.zeros(P, dtype=np.intp)
    of_psu[place] = stratum
    used = source.kept[members]
    there = np.unique(stratum[used])
    inside = np.isin(of_psu, there)
    sizes = np.bincount(of_psu[inside], minlength=int(stratum.max()) + 1)[there]
    labels = tuple("" if layer is None else layer.label(at) for at in there.tolist())
    chosen = np.isin(stratum, there)
    fraction, correction = np.zeros(len(there)), ""
    if fpc is not None:
        values = _correction(fpc, whole)[chosen]
        codes = np.searchsorted(there, stratum[chosen])
        low, high = np.full(len(there), np.inf), np.full(len(there), -np.inf)
        np.minimum.at(low, codes, values)
        np.maximum.at(high, codes, values)
        fraction, correction = fractions(low, high, sizes, labels)
    renamed = np.cumsum(inside) - 1
    return Sampled(
        psu=renamed[place[used]],
        stratum=np.searchsorted(there, of_psu[inside]),
        sizes=sizes.astype(np.intp),
        fraction=fraction,
        labels=labels,
        names=(None if unit is None else unit.name, None if layer is None else layer.name),
        correction=correction,
        used=int(used.sum()),
        rows=n,
        omitted=(1 if layer is None else len(layer)) - len(there),
    )


def _placed(
    layer: Groups | None, unit: Groups | None, n: int, *, nest: bool
) -> tuple[IntArray, IntArray]:
    """Stratum and PSU of each row of the design."""
    stratum = np.zeros(n, dtype=np.intp) if layer is None else layer.codes
    if unit is None:
        return stratum, np.arange(n)
    if layer is None:
        return stratum, unit.codes
    if nest:
        return stratum, layer.with_(unit).codes
    _check_nested(layer, unit)
    return stratum, unit.codes


def _one_way(option: str, given: Any, source: Source) -> Groups | None:
    """The groups of one column."""
    if given is None:
        return None
    if isinstance(given, list | tuple) and given and all(isinstance(x, str) for x in given):
        columns = [] if len(given) in (len(source.kept), len(source.index)) else given
        if len(columns) > 1:
            raise several_columns(option, given)
        given = columns[0] if columns else given
    return Groups.of(*used_values(option, given, source))


def several_columns(option: str, given: Any) -> OptionError:
    """What is raised for later stages."""
    return OptionError(
        "survey-option",
        f"{option}={shown(given)}: one column is wanted, of the first stage; the variance between"
        " first-stage units holds that of later stages.\nMake one column of several that are"
        " needed to tell them apart.",
    )


def _check_nested(layer: Groups, unit: Groups) -> None:
    """Refuse a PSU that is in two strata."""
    table = pd.DataFrame({"unit": unit.codes, "stratum": layer.codes}).drop_duplicates()
    twice = table["unit"].duplicated()
    if twice.any():
        at = int(table["unit"][twice].iloc[0])
        two = table["stratum"][table["unit"] == at].tolist()[:2]
        named = f"{unit.name} {unit.label(at)}"
        raise in_several_strata(named, layer.label(two[0]), layer.label(two[1]), layer.name)


def in_several_strata(psu: str, one: str, other: str, strata: str) -> DataError:
    """What is raised for a PSU that is in two strata."""
    return DataError(
        "psu-in-several-strata",
        f"psu: {psu} is in the strata {one} and {other} of {strata}.\nWhere PSUs are named within"
        " strata, leave nest=False out.",
    )


def _correction(given: Any, source: Source) -> FloatArray:
    """The numbers of the first stage (n,); those of further stages are refused."""
    if isinstance(given, Mapping) and all(np.ndim(value) == 0 for value in given.values()):
        raise DataError(
            "wrong-shape",
            f"fpc={shown(given)}: a column is wanted, with the number of its stratum in each row.\n"
            "Make one of the strata: fpc=data[strata].map({...}).",
        )
    stages = ways_of(given, source)
    if len(stages) > 1:
        raise OptionError(
            "survey-option",
            f"fpc={shown(given)}: {len(stages)} stages are given, and the correction of later ones"
            " is not offered.\nGive that of the first stage where its sampling fractions are small;"
            " where they are not, leave fpc= out: standard errors are then too large, not too"
            " small.",
        )
    name, values = used_values("fpc", stages[0], source)
    return real_numbers("fpc", name, values)


def fractions(
    low: FloatArray, high: FloatArray, sizes: IntArray, labels: tuple[str, ...]
) -> tuple[FloatArray, str]:
    """Sampling fractions (H,), and what was given: fractions, or sizes of populations.

    Parameters
    ----------
    low, high : (H,) the smallest and the largest number that was given for each stratum
    sizes, labels : of the strata
    """
    found, said = _fractions(low, high, sizes, labels)
    if (found >= 1).all():
        raise DataError(
            "fpc-unusable",
            "fpc: every stratum was taken whole: there is no sampling error to estimate.\nLeave"
            " fpc= out to take the population for a sample of a larger one.",
        )
    return found, said


def _fractions(
    low: FloatArray, high: FloatArray, sizes: IntArray, labels: tuple[str, ...]
) -> tuple[FloatArray, str]:
    def refused(at: Any, said: str) -> DataError:
        where = f"stratum {labels[int(at)]}" if labels[int(at)] else "the sample"
        return DataError("fpc-unusable", f"fpc: {where} {said}.")

    if (bad := np.flatnonzero(~(low > 0))).size:
        raise refused(bad[0], f"has {low[bad[0]]:g}; it must be above zero")
    with np.errstate(invalid="ignore"):
        varies = (high != low) & ~(high - low <= SAME * high)
    if (bad := np.flatnonzero(varies)).size:
        raise refused(
            bad[0], f"has {low[bad[0]]:g} and {high[bad[0]]:g}; it is one number for a stratum"
        )
    if (high <= 1).all():
        return high, "sampling fractions"
    if (bad := np.flatnonzero(high < sizes)).size:
        raise refused(
            bad[0],
            f"has {high[bad[0]]:g}, and {sizes[bad[0]]} PSUs were sampled.\nGive the number of PSUs"
            " in the population of each stratum, or in each the share that was sampled",
        )
    return sizes / high, "population sizes"
