"""Bootstrap replicates of a fit: what became of them, covariance and intervals."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import BoolArray, FloatArray
from mnlstat.design.scope import warn
from mnlstat.errors import OptionError, ReplicateWarning
from mnlstat.inference.bootstrap_intervals import (
    BC,
    BCA,
    METHODS,
    NORMAL,
    PERCENTILE,
    STUDENTISED,
    interval,
    studentised,
)
from mnlstat.inference.covariance import Covariance
from mnlstat.linalg import Triangle
from mnlstat.options import check_alpha, check_choice, named_options
from mnlstat.report import numbers

BAYESIAN = "bayesian"


@dataclass(frozen=True, eq=False)
class Bootstrap:
    """Replicates of the estimates.

    Attributes
    ----------
    kind : str
        "pairs", "cluster", "stratified" or "bayesian".
    drawn : str
        What was drawn, in words.
    seed : int
        What the random numbers began with: the same gives the same replicates.
    base : label
        The outcome that coefficients are against.
    params : Series
        The estimates of all rows.
    estimates : DataFrame
        A row for each replicate, a column for each coefficient: infinite where the replicate is
        separated, NaN where its fit failed or leaves a coefficient open, and for aliased columns.
    outcome : Series
        For each replicate "fitted", "separated" or "failed".
    std_errors : DataFrame, optional
        Standard errors of each replicate by the sandwich of what was drawn, without factors; NaN
        where it was not fitted, or they are rounding, as of one cluster drawn again and again.
        None unless drawn with ``studentised=True``.
    sandwich : Series, optional
        Those of the estimates by the same formula.
    notes : tuple of str
        What clusters cannot tell, of which there was a warning.
    """

    kind: str
    drawn: str
    seed: int
    base: Any
    params: pd.Series
    estimates: pd.DataFrame = field(repr=False)
    outcome: pd.Series = field(repr=False)
    acceleration: FloatArray | None = field(default=None, repr=False)
    std_errors: pd.DataFrame | None = field(default=None, repr=False)
    sandwich: pd.Series | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """Replicates in all."""
        return len(self.estimates)

    @property
    def n_separated(self) -> int:
        """Replicates whose data are separated: some of their estimates are infinite."""
        return int((self.outcome == "separated").sum())

    @property
    def n_failed(self) -> int:
        """Replicates without estimates: a column is constant or gone, or no maximum was found."""
        return int((self.outcome == "failed").sum())

    @property
    def n_finite(self) -> int:
        """Replicates that are finite throughout: those that the covariance is made of."""
        return len(self._finite)

    @cached_property
    def _finite(self) -> FloatArray:
        """Replicates (B, p) of the estimated coefficients, those that are finite throughout."""
        values = self.estimates.to_numpy(dtype=float)[:, self._kept]
        return np.asarray(values[np.isfinite(values).all(axis=1)])

    @property
    def _kept(self) -> BoolArray:
        return np.asarray(self.params.notna(), dtype=bool)

    @cached_property
    def covariance(self) -> Covariance:
        """That of the estimated coefficients, as a root."""
        used = self._finite
        if len(used) < 2:
            raise OptionError(
                "too-few-replicates",
                f"only {len(used)} of {self.n} replicates have finite estimates: no covariance is"
                " made of these.\nAsk for more, or fit with penalty='jeffreys'.",
            )
        centred = (used - used.mean(axis=0)) / np.sqrt(len(used) - 1.0)
        left_out = () if len(used) == self.n else (self._left_out,)
        root = Triangle.of(centred).r.T
        kind = f"bootstrap, {self.drawn} ({self.n})"
        return Covariance(root, kind, notes=(*self.notes, *left_out))

    @property
    def _left_out(self) -> str:
        left = self.n - len(self._finite)
        return f"{left} of {self.n} replicates have no finite estimates, and are left out"

    def cov(self) -> pd.DataFrame:
        """Covariance of the replicates, of those that are finite throughout."""
        index = self.params.index
        full = np.full((len(index),) * 2, np.nan)
        full[np.ix_(self._kept, self._kept)] = self.covariance.matrix()
        return pd.DataFrame(full, index=index, columns=index)

    @property
    def bse(self) -> pd.Series:
        """Standard errors, roots of the diagonal of ``cov()``."""
        full = np.full(len(self.params), np.nan)
        full[self._kept] = self.covariance.standard_errors()
        return pd.Series(full, index=self.params.index, name="std_error")

    @property
    def bias(self) -> pd.Series:
        """Mean of the replicates less the estimate."""
        full = np.full(len(self.params), np.nan)
        if len(self._finite):
            full[self._kept] = self._finite.mean(axis=0) - self.params.to_numpy()[self._kept]
        return pd.Series(full, index=self.params.index, name="bias")

    @named_options
    def conf_int(self, alpha: float = 0.05, method: str = PERCENTILE) -> pd.DataFrame:
        """Intervals of the coefficients.

        Parameters
        ----------
        alpha : float
            One minus the level.
        method : {"percentile", "normal", "bc", "bca", "studentised"}
            Quantiles of the replicates; ``b -+ z se`` with their standard deviation; quantiles
            corrected for bias, and for acceleration, too (from one-step deletions); ``b - t se``
            with the quantiles t of ``(b* - b) / se*``, also called bootstrap-t, of replicates that
            were drawn with ``studentised=True``.

        Returns
        -------
        DataFrame
            Columns conf_low, conf_high.  Infinite replicates count as the largest, or smallest, in
            all but "normal" and "studentised", which leave them out; failed ones are left out.  NaN
            where an end lies beyond all replicates.

        Raises
        ------
        OptionError
            For too few replicates; for corrections of the Bayesian bootstrap, which has none; for
            replicates without standard errors.

        Warns
        -----
        ReplicateWarning
            When "studentised" leaves replicates out.
        """
        level, method = check_alpha(alpha), check_choice("method", method, METHODS)
        if self.kind == BAYESIAN and method in (BC, BCA):
            raise OptionError(
                "no-correction-of-bayesian",
                f"method={method!r} corrects a sampling distribution; the Bayesian bootstrap draws"
                " from a posterior one.\nAsk for method='percentile', or kind='pairs'.",
            )
        if self.acceleration is None and method == BCA:
            raise OptionError(
                "no-acceleration",
                "method='bca' takes the acceleration from one-step deletions, which need the"
                " information at the estimate;\nthis result has it no more. Ask for method='bc'.",
            )
        usable = int(self.estimates.loc[:, self._kept].notna().all(axis=1).sum())
        if method == STUDENTISED:
            usable = self._studentisable()
        if method == NORMAL:
            assert self.covariance.known
        elif (usable + 1) * level / 2 < 1:
            raise OptionError(
                "too-few-replicates",
                f"{usable} replicates do not reach as far as the ends of a"
                f" {numbers.level(level)}% interval: that takes {int(np.ceil(2 / level)) - 1} or"
                " more.\nAsk for more, or for method='normal'.",
            )
        if method == STUDENTISED:
            return self._studentised(level, usable)
        a = np.zeros(len(self.params))
        if self.acceleration is not None:
            a[self._kept] = self.acceleration
        values = self.estimates.to_numpy(dtype=float)
        ends = [
            interval(values[:, at], estimate, level, method, float(a[at]))
            for at, estimate in enumerate(self.params.to_numpy(dtype=float).tolist())
        ]
        return pd.DataFrame(ends, index=self.params.index, columns=["conf_low", "conf_high"])

    def _studentisable(self) -> int:
        """How many replicates have standard errors; refused where they were not asked for."""
        if self.std_errors is None:
            again = "kind='pairs', " if self.kind == BAYESIAN else ""
            raise OptionError(
                "no-replicate-errors",
                "method='studentised' needs the standard errors of each replicate, and these were"
                f" drawn without.\nDraw with bootstrap({again}studentised=True), or ask for"
                " method='bca'.",
            )
        return int(self.std_errors.loc[:, self._kept].notna().all(axis=1).sum())

    def _studentised(self, alpha: float, usable: int) -> pd.DataFrame:
        assert self.std_errors is not None and self.sandwich is not None
        if usable < self.n:
            warn(
                ReplicateWarning(
                    "replicates-without-estimate",
                    f"method='studentised': {self.n - usable} of {self.n} replicates have no"
                    " standard errors and are left out: where they are more than a few, the"
                    " interval is too short.\nAsk for method='percentile', which counts the"
                    " separated as infinite.",
                )
            )
        b, errors = self.estimates.to_numpy(dtype=float), self.std_errors.to_numpy(dtype=float)
        ends = [
            studentised(b[:, at], errors[:, at], estimate, error, alpha)
            for at, (estimate, error) in enumerate(zip(self.params, self.sandwich, strict=True))
        ]
        return pd.DataFrame(ends, index=self.params.index, columns=["conf_low", "conf_high"])

    def table(self, alpha: float = 0.05, method: str = PERCENTILE) -> pd.DataFrame:
        """Columns estimate, bias, std_error, conf_low, conf_high."""
        first = pd.DataFrame({"estimate": self.params, "bias": self.bias, "std_error": self.bse})
        return first.join(self.conf_int(alpha, method))

    @property
    def told(self) -> str:
        """What became of the replicates."""
        fitted = self.n - self.n_separated - self.n_failed
        return f"{fitted} fitted, {self.n_separated} separated, {self.n_failed} failed"

    def __str__(self) -> str:
        lines = [
            f"Bootstrap: {self.drawn}, {self.n} replicates, seed {self.seed}, base {self.base}",
            f"Replicates: {self.told}",
        ]
        lines += self.notes
        if self.n_separated or self.n_failed:
            lines.append(
                "Standard errors are those of the finite ones, and too small where others are many."
            )
        try:
            lines += ["", self.table().to_string(float_format="{:.5g}".format)]
        except OptionError as error:
            lines += ["", error.message]
        return "\n".join(lines)

    __repr__ = __str__
