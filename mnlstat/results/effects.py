"""Effects of variables on probabilities."""

from __future__ import annotations

from typing import Any

from mnlstat.inference.effects.asks import DYDX, SLOPES
from mnlstat.inference.effects.functions import DIFFERENCE
from mnlstat.inference.effects.variables import (
    BINARY,
    CONTRASTS,
    DERIVATIVE,
    REFERENCE,
    margins_of,
    wanted,
)
from mnlstat.inference.multiplicity import ADJUSTMENTS
from mnlstat.options import check_alpha, check_choice, named_options
from mnlstat.report.effects import Effects
from mnlstat.results.analysed import Analysed
from mnlstat.results.asking import ask_effects, seen
from mnlstat.results.scenarios import Where

OVERALL = "overall"


class Effective(Analysed):
    """Results whose effects on probabilities can be asked for."""

    @named_options
    def margins(
        self,
        variables: Any = None,
        *,
        at: Any = OVERALL,
        others: str = OVERALL,
        by: Any = None,
        kind: str = DYDX,
        contrast: str = REFERENCE,
        binary: str = DERIVATIVE,
        combine: Any = None,
        data: Any = None,
        alpha: float = 0.05,
        adjust: str = "none",
    ) -> Effects:
        """Marginal effects of variables on the probabilities of the outcomes.

        The effect of a number is the derivative of the probability in it, through the formula:
        ``x:z``, ``poly(x, 2)``, ``I(x**2)`` and ``np.log(x)`` are functions of ``x``.  That of a
        factor is the difference that its level makes.  By default both are averaged over the rows
        of the fit,

            ``sum_i w_i pi_ij (h_ij - sum_l pi_il h_il) / sum_i w_i``,  ``h_ij = (dx_i/dv)' b_j``,

        with standard errors by the delta method and the analytic Jacobian.  The effects on all
        outcomes sum to zero.

        Parameters
        ----------
        variables : str or sequence of str, optional
            Columns of the data; by default all that the right side of the formula reads.
        at : {"overall", "mean", "typical", "median"} or dict
            Averaged over rows as they are; at the mean row of the design, factors in their shares
            (Stata's ``atmeans``); at means of numbers and most frequent levels; at medians.  A dict
            of columns and values, ``{"age": [20, 40]}``, sets these in every row and gives effects
            for each combination.
        others : {"overall", "mean", "typical", "median"}
            Where the other columns are when ``at`` is a dict.
        by : str or sequence, optional
            Columns of the data, or groups of the rows: averages over each group.
        kind : {"dydx", "eyex", "dyex", "eydx"}
            With "ey" the derivative of the log probability, with "ex" in the logarithm of the
            variable: elasticities.
        contrast : {"reference", "pairwise", "sequential"}
            Which levels of factors are compared.
        binary : {"derivative", "difference"}
            What the effect of a number is that is always 0 or 1.
        combine : dict, optional
            Outcomes taken together, ``{"car or train": ["car", "train"]}``, shown in place of all.
        data : table, optional
            Rows to average over in place of those of the fit, each counted once.
        alpha : float
            One minus the level of the intervals.
        adjust : {"none", "bonferroni", "holm", "bh", "max-t"}
            As for :meth:`lincom`.

        Returns
        -------
        Effects
            ``.frame`` has columns variable, contrast, those of ``at`` and ``by``, outcome,
            estimate, std_error, statistic, p_value, conf_low, conf_high; units are probability per
            unit of the variable.

        Raises
        ------
        OptionError
            For what is no variable, level, outcome or option.
        DataError
            Where the rows are not there, or have changed since the fit.

        References
        ----------
        Bartus, T. (2005). Estimation of marginal effects using margeff. *Stata Journal* 5, 309-329.
        Greene, W. H. (2018). *Econometric Analysis*, 8th ed., section 18.2.

        Examples
        --------
        >>> import mnlstat as mn
        >>> res = mn.mnlogit("vote ~ age + educ", mn.datasets.anes96()).fit()
        >>> res.margins("educ").frame[["variable", "outcome", "estimate", "std_error"]].round(4)
          variable  outcome  estimate  std_error
        0     educ        0   -0.0303     0.0101
        1     educ        1    0.0303     0.0101
        """
        check_choice("kind", kind, SLOPES)
        check_choice("contrast", contrast, CONTRASTS)
        check_choice("binary", binary, BINARY)
        level, adjust = check_alpha(alpha), check_choice("adjust", adjust, ADJUSTMENTS)
        where = Where.asked(self.spec, at, others, by, data, "margins()")
        named = wanted(self.spec, variables)
        if binary == DIFFERENCE:
            named = seen(self, named, where)
        effects = [each for one in named for each in margins_of(one, kind, contrast, binary)]
        return ask_effects(self, effects, where, combine, level, adjust)
