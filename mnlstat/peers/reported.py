"""What another program reported of a fit, as plain numbers, whatever it was read from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.errors import DataError
from mnlstat.options import named, shown
from mnlstat.peers.naming import columns_of, outcomes_of
from mnlstat.report.facts import NAN, FitFacts, Judge, judge

# What a program may not report; the names are those of the comparison.
STD_ERRORS, LOG_LIKELIHOOD, ROWS, CONVERGENCE = (
    "std_errors", "log_likelihood", "rows", "convergence",
)  # fmt: skip


@dataclass(frozen=True)
class Number:
    """A number, and half a unit of the last digit that was printed; zero for all digits."""

    value: float
    half: float = 0.0

    @classmethod
    def read(cls, text: str) -> Number:
        """A number as it was printed; ValueError for what is none."""
        text = text.strip()
        value = float(text)
        mantissa, _, power = text.lower().partition("e")
        places = len(mantissa.partition(".")[2])
        return cls(value, 0.5 * 10.0 ** (int(power or 0) - places))


NOTHING = Number(NAN)


def unreadable(line: str) -> DataError:
    """What is said of a line of printed text that cannot be read."""
    return DataError(
        "compare-unreadable",
        f"compare(): this line of the text cannot be read: {shown(line.strip())}.\n"
        "Give the numbers as a table: columns outcome, term, estimate, std_error.",
    )


def read_number(text: str, line: str, missing: str) -> Number:
    """A number of a line of printed text; NaN for what stands for a missing one."""
    try:
        return NOTHING if text == missing else Number.read(text)
    except ValueError as error:
        raise unreadable(line) from error


@dataclass(frozen=True)
class Reported:
    """Coefficients by name, and what else was reported.

    Attributes
    ----------
    software, version : str
    rows : tuple of (outcome, term, estimate, standard error)
        An outcome of None where it is not named, as that of two outcomes is not by nnet.
    base : label, optional
        Where it is named; else the outcome that no row is of.
    llf : Number
    nobs : int, optional
    cov_type : str
    remarks : tuple of str
    """

    software: str
    rows: tuple[tuple[Any, str, Number, Number], ...]
    base: Any = None
    llf: Number = NOTHING
    nobs: int | None = None
    cov_type: str = ""
    version: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def lacking(self) -> tuple[str, ...]:
        """What was not reported."""
        absent = {
            STD_ERRORS: all(np.isnan(error.value) for *_, error in self.rows),
            LOG_LIKELIHOOD: bool(np.isnan(self.llf.value)),
            ROWS: self.nobs is None,
            CONVERGENCE: True,
        }
        return tuple(name for name, is_so in absent.items() if is_so)

    def base_of(self, labels: Sequence[Any]) -> int:
        """The position of the base among our outcomes.

        Raises
        ------
        DataError
            When it cannot be told, or outcomes differ.
        """
        equations = list(dict.fromkeys(row[0] for row in self.rows))
        if equations == [None]:
            if len(labels) == 2:
                return 0
            raise self._outcomes(equations, labels)
        found = outcomes_of(equations, labels, self.software)
        if self.base is not None:
            base = outcomes_of([self.base], labels, self.software)[self.base]
        else:
            left = sorted(set(range(len(labels))) - set(found.values()))
            if len(left) != 1:
                raise self._outcomes(equations, labels)
            base = left[0]
        if len(equations) != len(labels) - 1 or base in found.values():
            raise self._outcomes(equations, labels)
        return base

    def _outcomes(self, equations: list[Any], labels: Sequence[Any]) -> DataError:
        return DataError(
            "compare-outcomes",
            f"compare(): {len(labels) - 1} equations are needed, one for each outcome but the base,"
            f" and {self.software} reports {len(equations)}.\nmnlstat:"
            f" {named(', '.join(map(str, labels)), 200)}.\n"
            f"{self.software}: {named(', '.join(map(str, equations)), 200)}.",
        )

    def facts(self, labels: Sequence[Any], columns: Sequence[str], likelihood: Judge) -> FitFacts:
        """The fit in the order of ours, with the base of :meth:`base_of`.

        Raises
        ------
        DataError
            When terms or outcomes differ, or a coefficient is there twice or not at all.
        """
        base = self.base_of(labels)
        others = [j for j in range(len(labels)) if j != base]
        equations = [row[0] for row in self.rows]
        place = {None: others[0]} if equations[0] is None else outcomes_of(
            list(dict.fromkeys(equations)), labels, self.software)  # fmt: skip
        at = columns_of([row[1] for row in self.rows], columns, self.software)
        shape = (len(others), len(columns))
        numbers = np.full((4, *shape), NAN)
        seen = np.zeros(shape, dtype=int)
        for outcome, term, estimate, error in self.rows:
            cell = (others.index(place[outcome]), at[term])
            seen[cell] += 1
            numbers[(slice(None), *cell)] = (
                estimate.value, error.value, estimate.half, error.half,
            )  # fmt: skip
        if (seen != 1).any():
            row, column = np.argwhere(seen != 1)[0]
            times = "not there" if seen[row, column] == 0 else "there more than once"
            raise DataError(
                "compare-terms",
                f"compare(): of {self.software} the coefficient of {named(columns[column])} for"
                f" {named(labels[others[row]])} is {times}.",
            )
        index = pd.MultiIndex.from_product(
            [[labels[j] for j in others], list(columns)], names=["outcome", "term"]
        )
        params, bse, half, half_se = (pd.Series(each.ravel(), index=index) for each in numbers)
        return FitFacts(
            name=self.software,
            version=self.version,
            base=labels[base],
            outcomes=tuple(labels),
            nobs=NAN if self.nobs is None else self.nobs,
            params=params,
            bse=bse,
            llf=self.llf.value,
            cov_type=self.cov_type,
            judgement=judge(likelihood, params.to_numpy()),
            remarks=self.remarks,
            lacking=self.lacking,
            rounding=(half, half_se, self.llf.half),
        )
