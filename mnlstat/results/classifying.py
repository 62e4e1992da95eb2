"""How often the class predicted is the one that came; sets that hold it as often as asked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.design.scope import warn
from mnlstat.design.words import count
from mnlstat.errors import DataError, MissingDataWarning, MnlstatWarning, OptionError
from mnlstat.inference.conformal import LAC, METHODS, prediction_sets
from mnlstat.inference.decisions import cost_table, decided
from mnlstat.inference.prediction_options import ERROR, FIRST, TIES
from mnlstat.options import check_alpha, check_choice, named_options
from mnlstat.results.observed import (
    new_weights,
    observed_codes,
    refuse_counts,
    refuse_pieces,
    rows_of_the_fit,
)
from mnlstat.results.populations import tell_left_out
from mnlstat.results.predicting import Predicting
from mnlstat.results.prediction_frames import of_decisions, of_sets


class Classifying(Predicting):
    """Results that say what they decide."""

    @named_options
    def classification_table(
        self,
        data: Any = None,
        *,
        observed: Any = None,
        weights: Any = None,
        costs: Any = None,
        ties: str = FIRST,
    ) -> pd.DataFrame:
        """How often each outcome came, by the class that was predicted.

        Parameters
        ----------
        data : DataFrame or the like, optional
            New data with predictors and response; the rows used when left out, also those of data
            that are read in pieces, with their weights.
        observed : (n,) array or Series, optional
            The outcomes that came in new data that do not have the response as a column.
        weights : str or (n,) array, optional
            Of rows of new data: a column, or numbers; each counts once by default.
        costs, ties
            As for ``predict(kind="class")``; rows without a class are in no column.

        Returns
        -------
        DataFrame
            Sums of weights: a row for each outcome that came, a column for each that was predicted.
            ``attrs`` holds share_right; adjusted_count_r2, ``(right - N_max) / (n - N_max)`` with
            ``N_max`` of the outcome that came most often: what the predictors add to guessing that
            one; n; undecided; with costs mean_cost.

        Notes
        -----
        Rows that were used in the fit are predicted better than new ones.

        Raises
        ------
        DataError, OptionError, WeightsError
            As :meth:`predict`; for new data without outcomes, or without a complete row.

        Warns
        -----
        MissingDataWarning
            Rows of new data miss their outcome or something that the formula reads.

        References
        ----------
        Long, J. S. (1997). *Regression Models for Categorical and Limited Dependent Variables*.
        Sage, section 4.2.

        Examples
        --------
        >>> import mnlstat as mn
        >>> res = mn.mnlogit("vote ~ selfLR + age", mn.datasets.anes96()).fit()
        >>> table = res.classification_table()
        >>> table
        predicted    0    1
        observed
        0          434  117
        1           88  305
        >>> round(table.attrs["share_right"], 3)
        0.783
        """
        check_choice("ties", ties, TIES)
        J, prices = len(self.outcomes), cost_table(costs, self.outcomes)
        counts, undecided = np.zeros((J, J)), 0.0
        if data is None:
            if observed is not None or weights is not None:
                name = "weights" if observed is None else "observed"
                raise OptionError(
                    "option-without-use",
                    f"{name}= belongs to new data; the rows of the fit have their own.\nLeave it"
                    " out, or give data.",
                )
            parts = self._own_choices()
        else:
            parts = iter([self._new_choices(data, observed, weights)])
        for pi, came in parts:
            classes, tied = decided(pi, prices, ties)
            if ties == ERROR and tied.any():
                raise DataError(
                    "tied-classes",
                    f"ties='error': several outcomes are equally good in {int(tied.sum())} rows.\n"
                    "Take the first of them, ties='first', or none, ties='missing'.",
                )
            for j in range(J):
                counts[:, j] += came[classes == j].sum(axis=0)
            undecided += float(came[classes < 0].sum())
        return of_decisions(counts, undecided, self.outcomes, prices)

    def _own_choices(self) -> Any:
        """Probabilities and weighted counts of outcomes, block by block of the rows used."""
        likelihood = self._rows("classification_table()").likelihood
        unit = float(getattr(likelihood.rows, "unit", 1.0))
        for block in likelihood.rows.blocks():
            offset = None if block.offset is None else block.offset.T
            yield self._limits(block.X, offset), block.weighted(block.counts()).T * unit

    def _new_choices(self, data: Any, observed: Any, weights: Any) -> tuple[FloatArray, FloatArray]:
        """The same of new data; rows that lack something count for nothing, and this is said."""
        purpose = "classification_table()"
        pi, codes, index = self._outcomes_beside(data, observed, purpose)
        w = new_weights(data, weights, index)
        came = np.zeros(pi.shape)
        rows = np.flatnonzero((codes >= 0) & ~np.isnan(pi).any(axis=1))
        tell_left_out(len(pi), len(rows), purpose)
        came[rows, codes[rows]] = w[rows]
        return pi, came

    def _outcomes_beside(
        self, data: Any, observed: Any, purpose: str
    ) -> tuple[FloatArray, IntArray, Any]:
        refuse_counts(self.spec.response, purpose)
        refuse_pieces(data, purpose)
        design = self.spec.design(data)
        piece = self._piece(design)
        codes = observed_codes(self.spec.response, data, design.index, observed, purpose)
        return self._limits(piece.X, piece.offset), codes, design.index

    @named_options
    def prediction_sets(
        self,
        data: Any,
        *,
        calibration: Any,
        observed: Any = None,
        alpha: float = 0.1,
        method: str = LAC,
    ) -> pd.DataFrame:
        """Sets of outcomes that hold the one to come with a probability of at least 1 - alpha.

        Split conformal prediction: the guarantee is that of the ``calibration`` rows, which were
        not in the fit.  Where they and the new row are exchangeable, it holds whatever the model is
        and for any number of rows: ``P(outcome in set) >= 1 - alpha``, on average over rows and
        calibrations.  It is not conditional on predictors or outcome.

        Parameters
        ----------
        data : DataFrame or the like
            New data with the columns of the right side.
        calibration : DataFrame or the like
            Rows that were held out of the fit, with predictors and response.  A warning is given
            where they were in the fit, as their labels and values tell.
        observed : (m,) array or Series, optional
            The outcomes of the calibration, where it does not have the response as a column.
        alpha : float
            One minus the probability.
        method : {"lac", "aps"}
            "lac": outcomes whose probability is above a threshold (Sadinle, Lei & Wasserman 2019):
            the smallest sets on average, perhaps an empty one.  "aps": the most probable outcomes
            until their probabilities add up to a threshold (Romano, Sesia & Candes 2020), without
            random ties: never empty, and larger where the row is hard to tell.

        Returns
        -------
        DataFrame
            A row for each row of ``data``; a column of bools for each outcome, and size (set_size
            where an outcome is called so).  A row with a missing predictor is missing, and the
            columns are nullable then.  ``attrs`` holds threshold, alpha, method, n_calibration.

        Notes
        -----
        The score of an outcome is ``1 - pi_j`` ("lac"), or the sum of the probabilities above
        ``pi_j`` ("aps"); the threshold is the ``ceil((m + 1)(1 - alpha))``-th smallest score of
        what came in the m calibration rows.  Each of them counts once.

        Raises
        ------
        DataError, OptionError
            As :meth:`predict`; for a calibration without outcomes, and for rows that hold counts.

        References
        ----------
        Sadinle, M., Lei, J. & Wasserman, L. (2019). Least ambiguous set-valued classifiers with
        bounded error levels. *JASA* 114, 223-234.
        Romano, Y., Sesia, M. & Candes, E. (2020). Classification with valid and adaptive coverage.
        *NeurIPS* 33, 3581-3591.

        Examples
        --------
        >>> import mnlstat as mn
        >>> trips = mn.datasets.travel_mode()
        >>> fitted, held = trips.iloc[::2], trips.iloc[1::2]
        >>> res = mn.mnlogit("mode ~ hinc + psize", fitted).fit()
        >>> res.prediction_sets(held.head(2), calibration=held, alpha=0.2)
        outcome   air    bus   car  train  size
        1        True  False  True   True     3
        3        True  False  True  False     2
        """
        level, purpose = check_alpha(alpha), "prediction_sets()"
        check_choice("method", method, METHODS)
        refuse_pieces(data, purpose)
        own, came = self._calibration(calibration, observed, purpose)
        m = len(came)
        design = self.spec.design(data)
        piece = self._piece(design)
        pi = self._limits(piece.X, piece.offset)
        inside, limit = prediction_sets(pi, own, came, level, method)
        if np.isinf(limit):
            warn(
                MnlstatWarning(
                    "few-calibration-rows",
                    f"{purpose}: {m} rows of calibration allow for a probability of"
                    f" {m / (m + 1):.3g} at most, less than {1 - level:g}: every set holds all"
                    " outcomes.\nGive more rows, or a larger alpha.",
                )
            )
        frame = of_sets(inside, np.asarray(np.isnan(pi).any(axis=1)), design.index, self.outcomes)
        frame.attrs |= {
            "threshold": limit,
            "alpha": level,
            "method": method,
            "n_calibration": m,
        }
        return frame

    def _calibration(
        self, calibration: Any, observed: Any, purpose: str
    ) -> tuple[FloatArray, IntArray]:
        """Probabilities (m, J) and outcomes (m,) of the rows held out that are complete."""
        own, came, _ = self._outcomes_beside(calibration, observed, purpose)
        self._warn_of_rows_of_the_fit(calibration)
        there = (came >= 0) & ~np.isnan(own).any(axis=1)
        if not there.any():
            raise DataError("no-rows-left", f"{purpose}: no row of calibration= is complete.")
        if not there.all():
            warn(
                MissingDataWarning(
                    "calibration-missing",
                    f"{purpose}: calibration= has missing values in {count(int((~there).sum()))},"
                    " left out.",
                )
            )
        return own[there], came[there]

    def _warn_of_rows_of_the_fit(self, calibration: Any) -> None:
        n = 0 if self.sample is None else rows_of_the_fit(self.sample.source, calibration)
        if n:
            warn(
                MnlstatWarning(
                    "calibration-in-fit",
                    f"{n} rows of calibration= were in the fit, which predicts them better than new"
                    " ones:\nthe sets hold the outcome less often than they say. Give rows that"
                    " were held out.",
                )
            )
