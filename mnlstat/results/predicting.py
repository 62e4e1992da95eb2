"""What a fit predicts: probabilities, log odds, classes, with errors and without."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray
from mnlstat.design.chunks import comes_in_pieces
from mnlstat.design.scope import warn
from mnlstat.design.spec import Design
from mnlstat.design.words import where
from mnlstat.errors import AliasedWarning, DataError, OptionError
from mnlstat.inference.decisions import cost_table, decided
from mnlstat.inference.predicted import Piece, Predictor
from mnlstat.inference.prediction_options import (
    CLASS,
    ERROR,
    LONG,
    PROBABILITY,
    Asked,
    asked_of,
)
from mnlstat.inference.predictions import probabilities
from mnlstat.options import named_options
from mnlstat.report.tables import with_origin
from mnlstat.results.analysed import Analysed
from mnlstat.results.prediction_frames import of_classes, of_intervals, of_points
from mnlstat.results.writing import write_predictions


class Predicting(Analysed):
    """Results that predict."""

    @property
    def fittedvalues(self) -> pd.DataFrame:
        """Probabilities of the rows used, a column for each outcome."""
        return self._fitted("fittedvalues")

    def _fitted(self, caller: str) -> pd.DataFrame:
        """Probabilities of the rows used."""
        sample = self._rows(caller)
        instead = 'Write them to a file by predict(to="probabilities.parquet").'
        _, source = sample.in_memory(caller, instead)
        if self.estimates.infinity is not None:
            pi = self._limits(sample.likelihood.rows.X, sample.likelihood.rows.offset)
        else:
            pi = sample.likelihood.probabilities(self.estimates.values)
        return pd.DataFrame(pi, index=source.index, columns=self._outcome_index)

    @named_options
    def predict(
        self,
        data: Any = None,
        *,
        kind: str = PROBABILITY,
        interval: bool = False,
        alpha: float = 0.05,
        base: Any = None,
        scale: str = "logit",
        shape: str | None = None,
        combine: Any = None,
        simultaneous: str | None = None,
        costs: Any = None,
        ties: str | None = None,
        to: Any = None,
    ) -> Any:
        """Probabilities of every outcome, log odds, or classes; with intervals where asked.

        ``pi_j(x) = exp(x'b_j) / sum_l exp(x'b_l)``.  The standard error of a function ``g`` of the
        coefficients is that of the delta method, ``sqrt(D V D')`` with ``D = dg/db'`` exact and V
        the covariance of this result.

        Parameters
        ----------
        data : DataFrame or the like, optional
            New data with the columns of the right side; the rows used when left out.  With ``to``
            also what is read in pieces: a file, a folder, a glob, a pyarrow dataset, a callable;
            left out for a model of such data, all rows of them.
        kind : {"probability", "link", "class"}
            Probabilities; log odds against ``base``; or the most probable outcome, with ``costs``
            that of the least expected cost.
        interval : bool
            Give standard errors and confidence intervals, too.
        alpha : float
            One minus the level of the intervals.
        base : label, optional
            Outcome that log odds are against; by default that of the result.
        scale : {"logit", "probability"}
            Intervals of a probability are symmetric in ``log pi/(1 - pi)`` and stay within 0 and 1;
            or they are ``pi -+ z se``, as Stata's, and may leave them.
        shape : {"wide", "long"}, optional
            A column for each outcome, or a row for each outcome of each row; by default long with
            intervals, else wide.
        combine : mapping, optional
            ``{"car or train": ["car", "train"]}``: outcomes that count as one, which takes their
            place; of a single one it is another name.  Its probability is their sum; classes are
            chosen among those that result.  As in :meth:`margins` an outcome may belong to several,
            but for classes and log odds, which are of outcomes that exclude one another.
        simultaneous : {"outcomes", "all"}, optional
            Intervals that hold together with probability ``1 - alpha``, for all outcomes of a row,
            or for all rows and outcomes ("grid" is another name for that), by the distribution of
            the largest t, in size, given their correlations; for grids, not for data of any length.
        costs : DataFrame, mapping or (J, J) array, optional
            Costs of deciding for the outcome in a column where that of the row is true, labelled;
            or ``{true: {decided: cost}}``.
        ties : {"first", "error", "missing"}, optional
            The class where several are equally good (to 1e-10): the first in the order of the
            outcomes, the default; an error; or none.
        to : str or Path, optional
            A file, .parquet or .csv, to write to in pieces instead of returning a frame.

        Returns
        -------
        DataFrame, Series or Path
            One row per row of ``data``, its index kept; a column for each outcome, rows of
            probabilities summing to one.  Long: a row for each outcome, with columns outcome, base
            (of log odds), estimate, and with intervals std_error, conf_low, conf_high; wide with
            intervals: columns (outcome, statistic).  Classes are a Series.  A row with a missing
            predictor is NaN.  With ``to`` the path of the file, whose rows are in the order of the
            data; long ones are numbered from zero in its column row.

        Notes
        -----
        Quantiles are of t where the covariance has degrees of freedom.  ``1 - pi`` is the sum of
        the other probabilities, so that errors of probabilities near one keep their digits.  Where
        the data are separated, probabilities are limits: those that share in the limit have errors
        given that limit; of a limit of exactly 0 or 1, or infinite log odds, no error is known, and
        it is NaN.

        Raises
        ------
        DataError
            For a missing column, a level that the fit did not see, a wrong type, infinite values;
            for ties that are to be errors.
        OptionError
            When ``to`` cannot be written; for options that have no use together; for intervals of a
            ridge, whose estimates have no sampling covariance.

        References
        ----------
        Xu, J. & Long, J. S. (2005). Confidence intervals for predicted outcomes in regression
        models for categorical outcomes. *Stata Journal* 5, 537-559.

        Examples
        --------
        >>> import mnlstat as mn
        >>> trips = mn.datasets.travel_mode()
        >>> res = mn.mnlogit("mode ~ hinc + psize", trips, base="car").fit()
        >>> new = {"hinc": [35.0], "psize": [2.0]}
        >>> res.predict(new).round(3)
        outcome    air    bus    car  train
        0        0.279  0.122  0.319   0.28
        >>> both = {"on the ground": ["bus", "train"]}
        >>> res.predict(new, interval=True, combine=both).round(3)
                 outcome  estimate  std_error  conf_low  conf_high
        0            air     0.279      0.038     0.211      0.359
        0  on the ground     0.402      0.042     0.322      0.486
        0            car     0.319      0.038     0.250      0.398
        """
        given = {
            "kind": kind,
            "interval": interval,
            "alpha": alpha,
            "base": base,
            "scale": scale,
            "shape": shape,
            "combine": combine,
            "simultaneous": simultaneous,
            "costs": costs,
            "ties": ties,
        }
        asked = asked_of(self.outcomes, self.base, given)
        table = cost_table(costs, asked.labels)
        if asked.interval and self.shrinkage is not None:
            raise OptionError(
                "no-errors-of-ridge",
                "predict(interval=True): estimates of a ridge are shrunk on purpose, and have no"
                " sampling covariance.\nPredict without interval=, or from a fit without penalty.",
            )
        if to is not None:
            return self._written(data, to, asked, table)
        if comes_in_pieces(data):
            raise DataError(
                "predictions-need-file",
                f"data of type {type(data).__name__} are read in pieces, and predictions for them"
                ' are written to a file:\ngive its name, to="probabilities.parquet" (or .csv).',
            )
        return self._in_memory(data, asked, table)

    def _in_memory(self, data: Any, asked: Asked, costs: FloatArray | None) -> Any:
        if data is not None:
            design = self.spec.design(data)
            return self._framed(iter([self._piece(design)]), design.index, asked, costs)
        if asked.plain:
            return self._fitted("predict()")
        sample = self._rows("predict()")
        _, source = sample.in_memory("predict()", 'Write to a file: to="predictions.parquet".')
        blocks = sample.likelihood.rows.blocks()
        pieces = (Piece(b.X, None if b.offset is None else b.offset.T) for b in blocks)
        return self._framed(pieces, source.index, asked, costs)

    def _framed(
        self, pieces: Iterator[Piece], index: Any, asked: Asked, costs: FloatArray | None
    ) -> Any:
        """Predictions for the rows of some pieces, together."""
        predictor = Predictor(
            self.estimates.values.reshape(len(self.outcomes) - 1, -1),
            self.spec.response.base,
            self.estimates.covariance,
            self.estimates.infinity,
            asked,
            self.estimates.least_root,
        )
        predictor.check_bands(len(index))
        found = np.empty((4 if asked.interval else 1, len(index), len(asked.predicted)))
        start = 0
        parts = predictor.intervals(pieces) if asked.interval else predictor.points(pieces)
        for part in parts:
            numbers = part if isinstance(part, tuple) else (part,)
            stop = start + len(numbers[0])
            for whole, values in zip(found, numbers, strict=True):
                whole[start:stop] = values
            start = stop
        if asked.kind == CLASS:
            return self._classes(found[0], index, asked, costs)
        if not asked.interval:
            return of_points(found[0], index, asked)
        frame = with_origin(of_intervals(list(found), index, asked), self)
        frame.attrs |= {"alpha": asked.alpha, "simultaneous": asked.simultaneous}
        return frame

    @staticmethod
    def _classes(pi: FloatArray, index: Any, asked: Asked, costs: FloatArray | None) -> pd.Series:
        classes, tied = decided(pi, costs, asked.ties)
        if asked.ties == ERROR and tied.any():
            raise DataError(
                "tied-classes",
                f"ties='error': several outcomes are equally good ({where(tied, index)}).\n"
                "Take the first of them, ties='first', or none, ties='missing'.",
            )
        return of_classes(classes, index, asked.labels)

    def _written(self, data: Any, to: Any, asked: Asked, costs: FloatArray | None) -> Any:
        """Predictions written to a file in pieces."""
        if asked.simultaneous is not None or (asked.interval and asked.shape != LONG):
            name = "shape='wide'" if asked.simultaneous is None else "simultaneous="
            raise OptionError(
                "not-in-pieces",
                f"{name} is not for predictions with intervals that are written to a file, a piece"
                " at a time.\nLeave it out, or predict without to=.",
            )
        rows = 0

        def made(design: Design) -> pd.DataFrame:
            nonlocal rows
            numbers = pd.RangeIndex(rows, rows + len(design.index), name="row")
            frame = self._framed(iter([self._piece(design)]), numbers, asked, costs)
            rows += len(numbers)
            if asked.kind == CLASS:
                return pd.DataFrame({"class": frame})
            return frame.reset_index() if asked.shape == LONG else frame

        return write_predictions(self, data, to, made, self.outcomes)

    def _piece(self, design: Design) -> Piece:
        """Rows of the estimated columns."""
        if broken := self.aliasing.broken_by(design.X):
            warn(
                AliasedWarning(
                    "alias-broken",
                    f"in the new data {', '.join(broken)} is not the combination of other columns"
                    " that it was in the fit;\npredictions leave it out, as the fit did.",
                )
            )
        return Piece(design.X[:, self.aliasing.kept], design.offset)

    def _limits(self, X: FloatArray, offset: FloatArray | None) -> FloatArray:
        """Probabilities for rows of the kept columns; their limits where estimates are infinite."""
        B = self.estimates.values.reshape(len(self.outcomes) - 1, -1)
        infinity, base = self.estimates.infinity, self.spec.response.base
        if infinity is None:
            return probabilities(X, B, base, offset)
        return infinity.probabilities(X, B, base, offset)
