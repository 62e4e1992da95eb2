"""Effects of variables on probabilities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mnlstat.inference.effects.asks import DYDX, SLOPES
from mnlstat.inference.effects.functions import DIFFERENCE, LOGARITHMS, ODDS_RATIO, RATIO
from mnlstat.inference.effects.variables import (
    BINARY,
    CONTRASTS,
    DERIVATIVE,
    REFERENCE,
    compared,
    margins_of,
    wanted,
)
from mnlstat.inference.multiplicity import ADJUSTMENTS
from mnlstat.options import check_alpha, check_choice, check_flag, named_options
from mnlstat.report.effects import Effects
from mnlstat.report.margeff import Margeff
from mnlstat.results.asking import Shown, ask_effects
from mnlstat.results.averaged import Averaged
from mnlstat.results.looked_at import seen, spread_of
from mnlstat.results.margeff import effects_of, where_of
from mnlstat.results.scenarios import OVERALL, Where
from mnlstat.results.unconditional import CONDITIONAL, sampled
from mnlstat.results.unused import check_centred, check_discrete, check_margins

COMPARED = {
    DIFFERENCE: "differences of probabilities",
    RATIO: "ratios of average probabilities",
    ODDS_RATIO: "odds ratios of average probabilities",
}


class Effective(Averaged):
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
        variance: str = CONDITIONAL,
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
        outcomes sum to zero.  An offset that reads the variable moves with it.

        Of separated data the effects are those of the limits of probabilities, NaN where a slope
        is infinite; what is at its limit has no standard error.  None has one without a
        covariance: a fit that did not converge, a ridge.

        Parameters
        ----------
        variables : str or sequence of str, optional
            Columns of the data; by default all that the right side of the formula reads.
        at : {"overall", "mean", "typical", "median", "rows"} or dict
            Averaged over rows as they are, or of each row; at the mean row of the design, factors
            in their shares (Stata's ``atmeans``); at means of numbers and most frequent levels; at
            medians.  A dict of columns and values, ``{"age": [20, 40]}``, sets these in every row,
            those that only the offset reads, too, and gives effects for each combination.
        others : {"overall", "mean", "typical", "median"}
            Where the other columns are when ``at`` is a dict.
        by : str or sequence, optional
            Columns of the data, or groups of the rows: averages over each group.  A column that
            is called like one of the table has " (column)" added to its name there.
        kind : {"dydx", "eyex", "dyex", "eydx"}
            With "ey" the derivative of the log probability, with "ex" in the logarithm of the
            variable: elasticities.
        contrast : {"reference", "pairwise", "sequential"}
            Which levels of factors are compared; refused where no factor is asked for.
        binary : {"derivative", "difference"}
            What the effect of a number is that is always 0 or 1; refused where none is.
        combine : dict, optional
            Outcomes taken together, ``{"car or train": ["car", "train"]}``, shown in place of all;
            one may belong to several.  With ``kind="eyex"`` and ``"eydx"`` the derivative of the
            logarithm of their probability together, which is no sum.
        data : table, optional
            Rows to average over in place of those of the fit, each counted once, also where the fit
            has weights; a file, folder, dataset or callable is read in pieces.
        variance : {"conditional", "unconditional"}
            Conditional on the rows, which are taken as given: ``D V D'``.  Unconditional (Stata's
            ``vce(unconditional)``), where the rows are a sample of those that might have been
            drawn: ``c sum phi_i phi_i'``, with

                ``phi_i = w_i (g_i - gbar) / W + D I^-1 w_i s_i``

            for a mean ``gbar`` of ``g_i`` with gradient ``D``, and scores ``s_i``, by the
            covariance of the result: "robust", "HC0", "HC1", "cluster" or "survey"; "robust" where
            that is "observed".  What ``by``, ``at`` and steps ("sd", "iqr", "minmax") are is given.
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
            Where the rows are not there, or have changed since the fit; for an unseen level, text
            for numbers, infinite values.
        SeparationError, ConvergenceError
            For the unconditional variance of a fit without a finite maximum.

        Warns
        -----
        AliasedWarning
            What is asked for is not estimable: it depends on a column that the fit left out.
        MissingDataWarning
            Rows of ``data`` miss something; the formula gives no number at values of ``at``.
        MnlstatWarning
            A derivative leaves out jumps, or is taken at kinks or by differences of low accuracy.

        References
        ----------
        Graubard, B. I. & Korn, E. L. (1999). Predictive margins with survey data. *Biometrics* 55,
        652-659.
        Bartus, T. (2005). Estimation of marginal effects using margeff. *Stata Journal* 5, 309-329.
        Greene, W. H. (2018). *Econometric Analysis*, 8th ed., section 18.2.

        Examples
        --------
        >>> import mnlstat as mn
        >>> res = mn.mnlogit("vote ~ age + educ", mn.datasets.anes96()).fit()
        >>> res.margins("educ").frame[["variable", "outcome", "estimate", "std_error"]].round(4)
          variable  outcome  estimate  std_error
        0     educ        0   -0.0296     0.0099
        1     educ        1    0.0296     0.0099
        """
        check_choice("kind", kind, SLOPES)
        check_choice("contrast", contrast, CONTRASTS)
        check_choice("binary", binary, BINARY)
        level, adjust = check_alpha(alpha), check_choice("adjust", adjust, ADJUSTMENTS)
        where = Where.asked(self.spec, at, others, by, data, "margins()")
        where = sampled(self, where, variance)
        named = wanted(self.spec, variables)
        if binary == DIFFERENCE:
            named = seen(self, named, where)
        effects = [each for one in named for each in margins_of(one, kind, contrast, binary)]
        check_margins(named, contrast, binary)
        return ask_effects(
            self, "marginal effects on probabilities", effects, where, Shown(combine, level, adjust)
        )

    @named_options
    def comparisons(
        self,
        variables: Any = None,
        *,
        comparison: str = DIFFERENCE,
        centred: bool = False,
        at: Any = OVERALL,
        others: str = OVERALL,
        by: Any = None,
        combine: Any = None,
        data: Any = None,
        variance: str = CONDITIONAL,
        alpha: float = 0.05,
        adjust: str = "none",
    ) -> Effects:
        """What a change of a variable does to the probabilities: discrete changes, averaged.

            ``mean of pi_ij(x_i with the change) - mean of pi_ij(x_i without)``

        Parameters
        ----------
        variables : str, sequence of str or dict, optional
            Columns; or columns with what is compared: for numbers a step (1 by default), "sd",
            "iqr", "minmax" or two values ``(low, high)``; for factors "reference", "pairwise",
            "sequential" or two levels ``(first, last)``.  Quartiles are those of definition 2 of
            Hyndman & Fan (1996), of weighted rows.
        comparison : {"difference", "ratio", "odds ratio"}
            Of the averaged probabilities.  Ratios are tested, and have their intervals, as
            logarithms.
        centred : bool
            Whether a step of a number goes half down and half up from where a row is; refused
            where no number goes a step.
        at, others, by, combine, data, variance, alpha, adjust
            As for :meth:`margins`.

        Returns
        -------
        Effects
            As :meth:`margins`.

        Raises
        ------
        OptionError, DataError
            As :meth:`margins`.

        References
        ----------
        Long, J. S. & Freese, J. (2014). *Regression Models for Categorical Dependent Variables
        Using Stata*, 3rd ed., chapters 6 and 8 (mchange).
        Hyndman, R. J. & Fan, Y. (1996). Sample quantiles in statistical packages. *The American
        Statistician* 50, 361-365.

        Examples
        --------
        >>> import mnlstat as mn
        >>> res = mn.mnlogit("vote ~ age + educ", mn.datasets.anes96()).fit()
        >>> found = res.comparisons({"age": 10})
        >>> found.frame[["contrast", "outcome", "estimate", "std_error"]].round(4)
          contrast  outcome  estimate  std_error
        0      +10        0   -0.0208     0.0099
        1      +10        1    0.0208     0.0099
        """
        check_choice("comparison", comparison, (DIFFERENCE, *LOGARITHMS))
        check_flag("centred", centred)
        level, adjust = check_alpha(alpha), check_choice("adjust", adjust, ADJUSTMENTS)
        where = Where.asked(self.spec, at, others, by, data, "comparisons()")
        where = sampled(self, where, variance)
        changes = dict(variables) if isinstance(variables, Mapping) else {}
        named = wanted(self.spec, list(changes) if changes else variables)
        spread = spread_of(self, where)
        effects = [
            each
            for one in named
            for each in compared(one, changes.get(one.name), comparison, centred, spread(one.name))
        ]
        check_centred(effects, centred)
        return ask_effects(
            self, COMPARED[comparison], effects, where, Shown(combine, level, adjust)
        )

    @named_options
    def get_margeff(
        self,
        at: str = OVERALL,
        method: str = DYDX,
        atexog: Any = None,
        dummy: bool = False,
        count: bool = False,
    ) -> Margeff:
        """Marginal effects with the arguments of statsmodels; :meth:`margins` does the work.

        The effects are those of the columns of the data, through the formula, not those of the
        columns of the design: factors get differences from their reference level, and ``x`` and
        ``I(x**2)`` have one effect, that of ``x``.

        Parameters
        ----------
        at : {"overall", "mean", "median", "zero", "all"}
            Averaged; at the mean row of the design; at medians of numbers and most frequent levels;
            numbers at zero and factors at their reference level; of each row.
        method : {"dydx", "eyex", "dyex", "eydx"}
            As ``kind`` of :meth:`margins`.
        atexog : dict, optional
            Columns of the data, by name, and the values they are set to.
        dummy : bool
            Whether numbers that are 0 or 1 get the difference between the two.
        count : bool
            Whether other whole numbers get the difference that one more makes.

        Returns
        -------
        Margeff
            ``margeff``, ``margeff_se``, ``tvalues``, ``pvalues``, ``conf_int()``,
            ``summary_frame()``, ``summary()``.

        Raises
        ------
        OptionError, DataError
            As :meth:`margins`.

        Examples
        --------
        >>> import mnlstat as mn
        >>> res = mn.mnlogit("vote ~ age + educ", mn.datasets.anes96()).fit()
        >>> res.get_margeff().margeff.round(4)
        outcome       0       1
        effect
        age     -0.0021  0.0021
        educ    -0.0296  0.0296
        """
        check_choice("method", method, SLOPES)
        check_flag("dummy", dummy)
        check_flag("count", count)
        check_discrete(method, dummy, count)
        where = where_of(self, at, atexog)
        effects = effects_of(self, wanted(self.spec, None), where, method, dummy, count)
        asked = ask_effects(
            self, "marginal effects on probabilities", effects, where, Shown(None, 0.05, "none")
        )
        return Margeff(asked, method, at)
