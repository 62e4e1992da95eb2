"""The rows at which a result is asked for probabilities and effects."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Protocol

import numpy as np
import pandas as pd

from mnlstat.arrays import BoolArray, IntArray
from mnlstat.design.aliasing import Aliasing
from mnlstat.design.frames import is_table
from mnlstat.design.groups import Groups, used_values, ways_of
from mnlstat.design.scope import warn
from mnlstat.design.source import DesignOnly, Source
from mnlstat.design.spec import Design, DesignSpec
from mnlstat.errors import DataError, MissingDataWarning
from mnlstat.inference.effects.learned import Learned
from mnlstat.inference.effects.places import Places
from mnlstat.inference.estimates import Estimates
from mnlstat.inference.shrinkage import Shrinkage
from mnlstat.optimize.optimum import Status
from mnlstat.options import shown
from mnlstat.results.sample import Sample
from mnlstat.rows.matrix import Dense
from mnlstat.rows.rows import Rows

# What takes no rows but those of the fit.
WITHOUT_DATA = ("marginal_means()", "get_margeff()")


class Looked(Protocol):
    """A result whose rows can be looked at."""

    @property
    def spec(self) -> DesignSpec:
        """The learned design."""

    @property
    def aliasing(self) -> Aliasing:
        """Which of its columns are estimated."""

    def _rows(self, purpose: str, cure: str = ..., /) -> Sample:
        """The rows of the fit, or the error that tells why there are none, and what to do."""


class Asked(Looked, Protocol):
    """A result of which effects are asked."""

    @property
    def estimates(self) -> Estimates:
        """Coefficients and covariance."""

    @property
    def outcomes(self) -> tuple[Any, ...]:
        """Labels of the outcomes."""

    @property
    def response_name(self) -> str:
        """The left side of the formula."""

    @property
    def weights(self) -> str | None:
        """Kind, name and sum of the weights."""

    @property
    def cov_type(self) -> str:
        """Kind of the covariance."""

    @property
    def status(self) -> Status:
        """How the maximisation ended."""

    @property
    def shrinkage(self) -> Shrinkage | None:
        """What a ridge did."""


def fit_rows(fit: Looked, by: Any, caller: str) -> tuple[Places, pd.DataFrame]:
    """The rows of a fit, in the groups of ``by``, and what the groups are called.

    Raises
    ------
    DataError
        Where the data are not there, or have changed since the fit.
    """
    sample = fit._rows(caller, cure_of(caller))
    _, source = sample.in_memory(caller, "Give rows of your own, data=.")
    rows = sample.likelihood.rows
    assert isinstance(rows, Rows)
    groups, R, keys = groups_by(by, source)
    places = Places(
        Learned(fit.spec, fit.aliasing),
        partial(_used, source, fit.spec.read_names, caller),
        rows.mass,
        np.zeros(len(rows), dtype=np.intp) if groups is None else groups,
        R,
        rows.offset,
        rows.matrix,
        source.index,
    )
    return places, keys


def cure_of(caller: str) -> str:
    """What to do where the columns of the fit are not there; files do not hold them."""
    if caller in WITHOUT_DATA:
        return "Fit the model again."
    return "Give rows, data=, each of which counts once, or fit the model again."


def _used(source: Source, names: Sequence[str], caller: str) -> Any:
    """The rows that the fit used, which must be there as they were."""
    DesignOnly.refuse(source, caller, cure_of(caller))
    frame, kept = source.data.frame(names), source.kept
    if len(frame) != len(kept) or not frame.index[kept].equals(source.index):
        raise DataError(
            "data-changed",
            f"the data have changed since the model was fitted: they had {len(kept)} rows, in"
            " another order or with other labels.\nFit the model again, or give data=.",
        )
    return frame if kept.all() else frame[kept]


def data_rows(fit: Looked, data: Any, by: Any, caller: str) -> tuple[Places, pd.DataFrame]:
    """Complete rows of other data, in the groups of ``by``, and what the groups are called."""
    spec = fit.spec
    design = spec.design(data)
    complete = complete_rows(design)
    tell_left_out(len(complete), int(complete.sum()), caller)
    frame = spec.rows(data).frame
    groups, R, keys = groups_by(by, Source.of(data if is_table(data) else frame, complete))
    learned, known = Learned(spec, fit.aliasing), None
    if not all(factor.rowwise for factor in spec.learned_factors):
        known = Dense(learned.estimated(design.X[complete]))  # blocks would give other values
    places = Places(
        learned,
        lambda: frame if complete.all() else frame[complete],
        np.ones(int(complete.sum())),
        np.zeros(int(complete.sum()), dtype=np.intp) if groups is None else groups,
        R,
        None if design.offset is None else design.offset[complete],
        known,
        labels=design.index[complete],
    )
    return places, keys


def complete_rows(design: Design) -> BoolArray:
    """Rows of new data in which nothing that the formula or the offset reads is missing."""
    if design.offset is None:
        return design.complete
    return np.asarray(design.complete & ~np.isnan(design.offset).any(axis=1))


def tell_left_out(n: int, complete: int, caller: str) -> None:
    """Warn of rows that are left out; refuse data of which none is complete."""
    if not complete:
        raise DataError("no-complete-rows", f"{caller}: no row of the data is complete.")
    if complete < n:
        warn(
            MissingDataWarning(
                "rows-left-out",
                f"{caller}: {n - complete} of {n} rows miss something that the formula reads, and"
                " are left out.",
            )
        )


def groups_by(by: Any, source: Source) -> tuple[IntArray | None, int, pd.DataFrame]:
    """Group of each row, number of groups, and a frame of their labels in ascending order."""
    if by is None:
        return None, 1, pd.DataFrame(index=[0])
    given = ways_of(by, source)
    if not given:
        raise DataError("no-columns", f"by={shown(by)} has no columns to group rows by.")
    ways = [Groups.of(*used_values("by", each, source)) for each in given]
    table = _labels_by_row(by, ways)
    groups = table.groupby(list(table.columns), sort=True, observed=True)
    codes = groups.ngroup().to_numpy(dtype=np.intp)
    first = np.unique(codes, return_index=True)[1]
    return codes, len(first), table.iloc[first].reset_index(drop=True)


def _labels_by_row(by: Any, ways: list[Groups]) -> pd.DataFrame:
    labels = {way.name: np.asarray(way.labels, dtype=object) for way in ways}
    try:
        table = pd.DataFrame(
            {way.name: pd.Series(labels[way.name])[way.codes].array for way in ways}
        )
    except OverflowError as error:  # older pandas has no labels that floats cannot hold
        raise DataError(
            "out-of-range",
            f"by={shown(by)} holds integers beyond the range of floating-point numbers, which this"
            " version of pandas cannot group by.\nGive text, or install a newer pandas.",
        ) from error
    return table.infer_objects()
