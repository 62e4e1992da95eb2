"""Probabilities averaged over rows, or over a grid."""

from __future__ import annotations

from typing import Any

from mnlstat.inference.effects.estimands import LOGIT
from mnlstat.inference.multiplicity import ADJUSTMENTS
from mnlstat.options import check_alpha, check_choice, named_options
from mnlstat.report.effects import Effects
from mnlstat.results.analysed import Analysed
from mnlstat.results.asking import Shown, ask_predictions, scale_of
from mnlstat.results.marginal_means import EQUAL, WEIGHTS, ask_means
from mnlstat.results.scenarios import OVERALL, Where
from mnlstat.results.unconditional import CONDITIONAL, refuse_of_grid, sampled


class Averaged(Analysed):
    """Results whose probabilities can be averaged."""

    @named_options
    def average_predictions(
        self,
        *,
        at: Any = OVERALL,
        others: str = OVERALL,
        by: Any = None,
        combine: Any = None,
        data: Any = None,
        variance: str = CONDITIONAL,
        scale: str = LOGIT,
        alpha: float = 0.05,
        adjust: str = "none",
    ) -> Effects:
        """Probabilities averaged over rows, as they are or with columns set to values.

        ``at={"region": [1, 2]}`` answers what the average probability would be if every row had
        region 1, and if every row had region 2.

        Parameters
        ----------
        scale : {"logit", "probability"}
            Where intervals are symmetric: on the scale of the logit they stay between 0 and 1.
        at, others, by, combine, data, variance, alpha, adjust
            As for :meth:`margins`.

        Returns
        -------
        Effects
            With the columns of ``at`` and ``by``, outcome, and the estimates.

        Raises
        ------
        OptionError, DataError
            As :meth:`margins`.

        Examples
        --------
        >>> import mnlstat as mn
        >>> res = mn.mnlogit("vote ~ age + educ", mn.datasets.anes96()).fit()
        >>> found = res.average_predictions(at={"educ": [3, 6]})
        >>> found.frame[["educ", "outcome", "estimate", "std_error"]].round(4)
           educ  outcome  estimate  std_error
        0     3        0    0.6301     0.0220
        1     3        1    0.3699     0.0220
        2     6        0    0.5410     0.0219
        3     6        1    0.4590     0.0219
        """
        level, adjust = check_alpha(alpha), check_choice("adjust", adjust, ADJUSTMENTS)
        where = Where.asked(self.spec, at, others, by, data, "average_predictions()")
        where = sampled(self, where, variance)
        return ask_predictions(self, where, Shown(combine, level, adjust, scale_of(scale)))

    @named_options
    def marginal_means(
        self,
        factors: Any = None,
        *,
        at: Any = None,
        weights: str = EQUAL,
        combine: Any = None,
        variance: str = CONDITIONAL,
        scale: str = LOGIT,
        alpha: float = 0.05,
        adjust: str = "none",
    ) -> Effects:
        """Probabilities averaged over a reference grid: estimated marginal means.

        The grid holds every combination of the levels of the factors, with numbers at their means
        over the rows of the fit. In means and shares, rows count by their weights and counts.

        Parameters
        ----------
        factors : str or sequence of str, optional
            Columns whose combinations get a mean each; by default all factors.
        at : dict, optional
            Columns and values in place of the levels, or of the mean; those of an offset, too.
        weights : {"equal", "proportional"}
            What the levels of the other factors count: all the same, or their shares of the rows.
        variance : {"conditional"}
            A grid is no sample, and has no other.
        combine, scale, alpha, adjust
            As for :meth:`average_predictions`.

        Returns
        -------
        Effects
            With the columns of ``factors``, outcome, and the estimates;
            ``.contrasts("ses", adjust="max-t")`` compares the levels of one.

        Raises
        ------
        OptionError, DataError
            As :meth:`margins`.

        References
        ----------
        Searle, S. R., Speed, F. M. & Milliken, G. A. (1980). Population marginal means in the
        linear model. *The American Statistician* 34, 216-221.

        Examples
        --------
        >>> import mnlstat as mn
        >>> res = mn.mnlogit("vote ~ age + PID", mn.datasets.anes96()).fit()
        >>> found = res.marginal_means("PID").contrasts("PID", method="sequential")
        >>> found.frame["PID"].iloc[0]
        'p1 - p0'
        """
        level, adjust = check_alpha(alpha), check_choice("adjust", adjust, ADJUSTMENTS)
        check_choice("weights", weights, WEIGHTS)
        refuse_of_grid(variance, "marginal_means()")
        return ask_means(self, factors, at, weights, Shown(combine, level, adjust, scale_of(scale)))
