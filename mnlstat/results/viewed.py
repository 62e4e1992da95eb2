"""Views and frames that other programs read: equations, rows with predictions, JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from mnlstat.options import named_options
from mnlstat.report.equation import Equation, EquationsOf, equation
from mnlstat.results.audited import audit, written
from mnlstat.results.augmented import Augmenting


class Viewed(Augmenting):
    """Results that are looked at by parts, and by other programs."""

    def __getitem__(self, outcome: Any) -> Equation:
        """The equation of one outcome against the base: ``res["train"]``.

        Raises
        ------
        UnknownOutcomeError
            When it is no outcome, or the base.
        """
        whole: Any = self  # the class that has all parts knows what an equation reads
        return equation(whole, outcome)

    # Python would else iterate by asking for res[0], res[1], ...
    __iter__ = None

    @property
    def equations(self) -> EquationsOf:
        """The equations by their outcomes: a mapping without the base."""
        whole: Any = self
        return EquationsOf(whole)

    @named_options
    def augment(
        self, data: Any = None, *, observed: Any = None, weights: Any = None
    ) -> pd.DataFrame:
        """The rows with what the fit says of each: probabilities, class, residual.

        Parameters
        ----------
        data : DataFrame or the like, optional
            New data; the rows used when left out.
        observed : (n,) array or Series, optional
            The outcomes that came in new data that do not have the response as a column.
        weights : str or (n,) array, optional
            Of rows of new data, a column or numbers, for residuals; those of the fit are known.

        Returns
        -------
        DataFrame
            All columns of the data and their index, then ``.fitted_<outcome>``, with the label as
            it is, for each outcome; ``.fitted_class``, the most probable one; ``.resid``, the
            deviance residual ``sqrt(-2 w_i log pi_{i,y_i})``, whose squares sum to the deviance,
            ``-2 llf``.  Rows that miss a predictor are NaN, those that miss the outcome have no
            residual.  There is no ``.resid`` for new data without the response, and none where rows
            hold counts or shares.  Of separated data probabilities are limits.

        Raises
        ------
        DataError
            As :meth:`predict`; for data in pieces; for columns that have these names already; for
            unknown outcomes.
        WeightsError
            For what are no weights.
        OptionError
            For ``observed`` or ``weights`` that are of no use.

        References
        ----------
        The names follow the broom package of Robinson, Hayes and Couch.

        Examples
        --------
        >>> import mnlstat as mn
        >>> trips = mn.datasets.travel_mode()
        >>> res = mn.mnlogit("mode ~ hinc", trips, base="car").fit()
        >>> rows = res.augment()
        >>> list(rows.columns[-3:])
        ['.fitted_train', '.fitted_class', '.resid']
        >>> bool(abs((rows[".resid"] ** 2).sum() + 2 * res.llf) < 1e-9)
        True
        """
        return self._augmented(data, observed, weights)

    @named_options
    def to_json(self, path: Any = None) -> str | Path:
        """Everything needed to audit the fit, as JSON that any program reads.

        Parameters
        ----------
        path : str or Path, optional
            A file to write, whole or not at all; the text is returned when it is left out.

        Returns
        -------
        str or Path
            Of an object with formula, outcomes, base, counts, levels, rows, the hash of the data,
            versions, options, seed, status, statistics, estimates, covariance and notes.  What is
            no finite number is the text "nan", "inf" or "-inf", which ``float()`` reads.

        Raises
        ------
        OptionError
            When the file cannot be written.

        Notes
        -----
        It is a record, not a result: :meth:`save` writes what :func:`mnlstat.load` makes a result
        of again.  The hash is of the design rows used; it is None, with the reason, for a result
        that was loaded without them.

        Examples
        --------
        >>> import json
        >>> import mnlstat as mn
        >>> res = mn.mnlogit("vote ~ age", mn.datasets.anes96()).fit()
        >>> record = json.loads(res.to_json())
        >>> record["base"], record["estimates"][1]["term"]
        (0, 'age')
        """
        return written(audit(self), path)
