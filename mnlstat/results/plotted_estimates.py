"""Pictures of coefficients: the verbs of ``res.plot`` that draw what was estimated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mnlstat.errors import OptionError
from mnlstat.options import check_alpha, check_choice, check_flag, named_options, shown
from mnlstat.report.plots.coefficients import coefficients
from mnlstat.report.plots.odds_ratios import odds_ratios
from mnlstat.results.profiling import METHODS

ALONE = "this model"


@dataclass(frozen=True, eq=False)
class EstimatePlots:
    """Pictures of the coefficients of a result."""

    _fit: Any

    @named_options
    def coefficients(
        self,
        by: str = "outcome",
        *,
        rrr: bool = False,
        terms: Any = None,
        models: Any = None,
        name: str = ALONE,
        alpha: float = 0.05,
        method: str = "wald",
        ax: Any = None,
    ) -> Any:
        """Coefficients with their intervals: a forest.

        Parameters
        ----------
        by : {"outcome", "term"}
            What rows are grouped by.
        rrr : bool
            Relative risk ratios ``exp(b)``, on a logarithmic axis.
        terms : str or sequence of str, optional
            Terms or columns; by default all but the constant.
        models : dict of results, optional
            Others to draw beside this one, by name; taken against the base of this one.
        name : str
            What this model is called beside others; refused without ``models``.
        alpha, method
            Those of the intervals, as in ``conf_int``.
        ax : matplotlib axes, optional
            Where to draw.

        Returns
        -------
        matplotlib axes
            ``data`` has columns model, outcome, term, estimate, std_error, conf_low, conf_high, and
            y, the height at which the coefficient stands.  Infinite estimates are arrows;
            coefficients without an estimate are left out, and said to be.

        Raises
        ------
        OptionError
            For an unknown term, models of other outcomes, and without matplotlib.

        Examples
        --------
        >>> import mnlstat as mn
        >>> res = mn.mnlogit("mode ~ hinc + psize", mn.datasets.travel_mode(), base="car").fit()
        >>> ax = res.plot.coefficients(terms="hinc")
        >>> ax.data[["outcome", "term", "estimate"]].round(4)
          outcome  term  estimate
        0     air  hinc    0.0035
        1     bus  hinc   -0.0303
        2   train  hinc   -0.0573
        """
        if models is None and _text("name", name) != ALONE:
            raise OptionError(
                "option-without-use",
                f"name={shown(name)} is what this model is called beside others, and there are none"
                " without models=.\nLeave it out.",
            )
        return coefficients(
            self._fit,
            check_choice("by", by, ("outcome", "term")),
            check_flag("rrr", rrr),
            terms,
            models,
            _text("name", name),
            check_alpha(alpha),
            check_choice("method", method, METHODS),
            ax,
        )

    @named_options
    def odds_ratios(
        self, terms: Any = None, *, scale: str | None = None, alpha: float = 0.05, ax: Any = None
    ) -> Any:
        """All pairs of outcomes: the odds-ratio plot of Long & Freese.

        For each column the outcomes stand at their log odds against the base; the distance of two
        outcomes is the log of their odds ratio, for a change of one unit.  Lines join the outcomes
        that do not differ significantly.

        Parameters
        ----------
        terms : str or sequence of str, optional
            Terms or columns; by default all but the constant.
        scale : {None, "sd"}
            Per unit of the column, or per standard deviation of it in the rows used.
        alpha : float
            Level of the Wald tests; they are not adjusted for there being several.
        ax : matplotlib axes, optional
            Where to draw.

        Returns
        -------
        matplotlib axes
            ``data`` is the table of ``contrasts()`` and a column connected.

        Raises
        ------
        OptionError
            For an unknown term, and without matplotlib.

        References
        ----------
        Long, J. S. & Freese, J. (2014). Regression Models for Categorical Dependent Variables Using
        Stata, 3rd ed., section 8.8.

        Examples
        --------
        >>> import mnlstat as mn
        >>> res = mn.mnlogit("mode ~ hinc", mn.datasets.travel_mode(), base="car").fit()
        >>> ax = res.plot.odds_ratios()
        >>> ax.data.loc[ax.data["connected"], ["outcome", "versus"]].values.tolist()
        [['car', 'air'], ['train', 'bus']]
        """
        return odds_ratios(self._fit, terms, scale, check_alpha(alpha), ax)

    @named_options
    def profile(self, combination: Any, *, alpha: float = 0.05, ax: Any = None) -> Any:
        """The profile likelihood of a coefficient, or of a combination of several.

        Parameters
        ----------
        combination, alpha
            As for ``res.profile``, whose ``plot`` this is.
        ax : matplotlib axes, optional
            Where to draw.

        Returns
        -------
        matplotlib axes
            ``data`` is the curve: columns value, log_likelihood, signed_root.

        Raises
        ------
        OptionError, RankError, ConvergenceError, DataError
            As for ``res.profile``; without matplotlib.
        """
        return self._fit.profile(combination, alpha=alpha).plot(ax)


def _text(option: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise OptionError("models-not-named", f"{option}={shown(value)} must be a name, as text.")
    return value
