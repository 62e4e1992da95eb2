"""Strata, primary sampling units and sampling fractions of rows that are read in pieces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray, IntArray
from mnlstat.design.left_out import LeftOut
from mnlstat.design.missing import Dropped
from mnlstat.design.sampled import Drawn, fractions, in_several_strata, several_columns
from mnlstat.design.stream import Stream
from mnlstat.design.stream_groups import Labels, Queue, checked, known_names
from mnlstat.design.stream_members import StreamMembers
from mnlstat.errors import DataError
from mnlstat.options import shown
from mnlstat.rows.part import Part


class StreamDesign:
    """The design of a survey, found while the rows go by: memory is that of PSUs and strata.

    Parameters
    ----------
    stream : the rows
    strata, psu, fpc : names of columns; None for one stratum, rows, no correction
    nest : whether PSUs are named within strata
    subpop : as :func:`~mnlstat.design.subpopulation.members` takes it
    dropped : why rows were not used

    Attributes
    ----------
    by_row : whether rows are the PSUs
    """

    def __init__(
        self,
        stream: Stream,
        strata: Any,
        psu: Any,
        fpc: Any,
        *,
        nest: bool,
        subpop: Any,
        dropped: Dropped,
    ) -> None:
        self._stream, self._nest = stream, nest
        self._strata = _one("strata", strata, stream)
        self._psu = _one("psu", psu, stream)
        self._fpc = _one("fpc", fpc, stream)
        self._members = StreamMembers.of(subpop, stream, dropped)
        self.by_row = psu is None
        self._found = _Found()

    def parts(self) -> Iterator[tuple[Part, IntArray]]:
        """The rows in pieces, and their PSUs (1, m), or strata where rows are PSUs; a new pass.

        Raises
        ------
        DataError
            For values that are missing or of several types, and for PSUs in several strata.
        OptionError
            When the fit used rows outside of the subpopulation.
        """
        found, codes = _Found(), Queue()
        self._found = found
        own = [name for name in (self._strata, self._psu, self._fpc) if name is not None]
        names = tuple(dict.fromkeys([*own, *self._members.names]))

        def look(frame: Any, used: BoolArray) -> None:
            members = self._members.among(frame, used)
            if not members.all():
                self._see_outside(frame[~members], found)
            if members.any():
                codes.put(self._codes(frame[members], used[members], found)[None, :])

        for part in self._stream.looking(names, look).parts():
            yield part, codes.take(len(part))

    @property
    def left_out(self) -> LeftOut:
        """What the design has lost with rows that it does not know, once the rows have gone by."""
        found = self._found
        within = self._nest and self._strata is not None
        strata, psus = found.strata.listed, found.psus.listed
        there = {(strata[at], psu) for at, psu in psus} if within else set(psus)
        return LeftOut(
            found.outside,
            len(found.psus_outside - there),
            len(found.strata_outside - set(strata)),
        )

    def _see_outside(self, frame: Any, found: _Found) -> None:
        """Take in rows that are not in the design."""
        found.outside += len(frame)
        if self._strata is not None:
            found.strata_outside |= set(frame[self._strata].dropna().tolist())
        if self._psu is not None:
            own = [self._psu]
            if self._nest and self._strata is not None:
                own = [self._strata, self._psu]
            columns = frame[list(dict.fromkeys(own))].dropna()
            listed = [columns[name].tolist() for name in own]
            found.psus_outside |= set(listed[0] if len(own) == 1 else zip(*listed, strict=True))

    def drawn(self) -> tuple[Drawn, IntArray, IntArray]:
        """The design, once the rows have gone by; strata with rows of the fit, in the order of it.

        Returns
        -------
        drawn : Drawn
        strata : (H,) numbers of these strata, as rows have them
        of_psu : (P,) position of the stratum of each PSU among these, -1 of another; (0,) of rows

        Raises
        ------
        DataError
            For corrections that cannot be.
        """
        found = self._found
        there = np.flatnonzero(found.used)
        place = np.full(len(found.used), -1)
        place[there] = np.arange(len(there))
        of_psu = np.asarray([place[each] for each in found.stratum_of], dtype=np.intp)
        sizes = found.rows[there]
        if not self.by_row:
            sizes = np.bincount(of_psu[of_psu >= 0], minlength=len(there)).astype(np.intp)
        listed = found.strata.listed
        labels = tuple("" if self._strata is None else shown(listed[at]) for at in there.tolist())
        fraction, correction = np.zeros(len(there)), ""
        if self._fpc is not None:
            fraction, correction = fractions(found.low[there], found.high[there], sizes, labels)
        drawn = Drawn(
            sizes=sizes,
            fraction=fraction,
            labels=labels,
            names=(self._psu, self._strata),
            correction=correction,
            used=int(found.used.sum()),
            rows=int(found.rows.sum()),
            omitted=len(found.used) - len(there),
        )
        return drawn, there, of_psu

    def _codes(self, frame: Any, used: BoolArray, found: _Found) -> IntArray:
        """PSUs, or strata, of those rows of a piece of the design that the fit used."""
        stratum = np.zeros(len(used), dtype=np.intp)
        if self._strata is not None:
            labels = checked("strata", frame[self._strata], self._strata, found.kinds)
            stratum = found.strata.codes(labels, self._strata)
        found.see(stratum, used)
        if self._fpc is not None:
            found.see_numbers(stratum, _numbers(frame[self._fpc], self._fpc, found))
        codes = stratum
        if self._psu is not None:
            codes = self._psus(frame[self._psu], stratum, found)
        return codes[used]

    def _psus(self, values: Any, stratum: IntArray, found: _Found) -> IntArray:
        """PSUs of the rows of a piece."""
        assert self._psu is not None
        labels = checked("psu", values, self._psu, found.kinds)
        within = self._nest and self._strata is not None
        keys = list(zip(stratum.tolist(), labels, strict=True)) if within else labels
        codes = found.psus.codes(keys, self._psu)
        distinct, first = np.unique(codes, return_index=True)
        n = len(found.stratum_of)
        found.stratum_of += stratum[first[distinct >= n]].tolist()
        if not within:
            self._check_nested(codes, stratum, found)
        return codes

    def _check_nested(self, codes: IntArray, stratum: IntArray, found: _Found) -> None:
        before = np.asarray(found.stratum_of)[codes]
        if (odd := np.flatnonzero(before != stratum)).size:
            at, listed = int(odd[0]), found.strata.listed
            psu = f"{self._psu} {shown(found.psus.listed[int(codes[at])])}"
            two = [shown(listed[int(each[at])]) for each in (before, stratum)]
            raise in_several_strata(psu, two[0], two[1], str(self._strata))


class _Found:
    """What has been seen of a design.

    Attributes
    ----------
    strata, psus : their labels
    stratum_of : stratum of each PSU
    used, rows : (H,) rows of the fit and of the design in each stratum
    low, high : (H,) the least and the largest correction in each stratum
    kinds : of columns
    outside, strata_outside, psus_outside : rows that are not in the design, and their labels
    """

    def __init__(self) -> None:
        self.strata, self.psus = Labels(), Labels()
        self.stratum_of: list[int] = []
        self.used, self.rows = np.zeros(0, np.intp), np.zeros(0, np.intp)
        self.low, self.high = np.zeros(0), np.zeros(0)
        self.kinds: dict[str, str] = {}
        self.outside = 0
        self.strata_outside, self.psus_outside = set[Any](), set[Any]()

    def see(self, stratum: IntArray, used: BoolArray) -> None:
        """Count the rows of a piece."""
        H = max(len(self.rows), int(stratum.max()) + 1)
        self.rows = _longer(self.rows, H, 0) + np.bincount(stratum, minlength=H)
        self.used = _longer(self.used, H, 0) + np.bincount(stratum[used], minlength=H)
        self.low, self.high = _longer(self.low, H, np.inf), _longer(self.high, H, -np.inf)

    def see_numbers(self, stratum: IntArray, values: FloatArray) -> None:
        """Take in corrections."""
        np.minimum.at(self.low, stratum, values)
        np.maximum.at(self.high, stratum, values)


def _longer(values: Any, n: int, fill: float) -> Any:
    return np.append(values, np.full(n - len(values), fill, dtype=values.dtype))


def _numbers(values: Any, name: str, found: _Found) -> FloatArray:
    listed = checked("fpc", values, name, found.kinds)
    try:
        return np.asarray(listed, dtype=float)
    except (TypeError, ValueError) as error:
        raise DataError("not-numbers", f"fpc: {shown(name)} holds no numbers.") from error


def _one(option: str, given: Any, stream: Stream) -> str | None:
    """The name of one column."""
    if given is None:
        return None
    names = known_names(option, given, stream)
    if len(names) != 1:
        raise several_columns(option, given)
    return names[0]
