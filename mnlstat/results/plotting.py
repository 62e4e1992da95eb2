"""The pictures of a result: ``res.plot``, its verbs one call each into the drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mnlstat.errors import OptionError
from mnlstat.options import (
    check_alpha,
    check_choice,
    check_count,
    check_flag,
    named_options,
    shown,
)
from mnlstat.report.plots.calibration import calibration
from mnlstat.report.plots.coefficients import coefficients
from mnlstat.report.plots.odds_ratios import odds_ratios
from mnlstat.report.plots.probabilities import probabilities
from mnlstat.report.plots.ternary import ternary
from mnlstat.results.profiling import METHODS


class Pictured:
    """Results that can be drawn."""

    @property
    def plot(self) -> Plots:
        """Pictures of the result: ``plot.coefficients()``, ``plot.probabilities("age")``, ..."""
        return Plots(self)


@dataclass(frozen=True, eq=False)
class Plots:
    """Pictures of a result, drawn with matplotlib, an optional extra.

    Each verb draws on the matplotlib axes ``ax=``, or on those of a new figure, and returns the
    axes.  The numbers drawn are a DataFrame, their attribute ``data``.  Figures are made without
    pyplot: nothing is shown, and nothing is left open.  A notebook shows the axes that a cell
    returns; a script saves them by ``ax.figure.savefig("picture.png")``, or draws on axes of
    pyplot's: ``fig, ax = plt.subplots(layout="constrained")``.

    Outcomes have the same colour and mark in every picture, whatever the base.
    """

    _fit: Any

    @named_options
    def coefficients(
        self,
        by: str = "outcome",
        *,
        rrr: bool = False,
        terms: Any = None,
        models: Any = None,
        name: str = "this model",
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
            What this model is called beside others.
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
    def ternary(self, data: Any = None, *, ax: Any = None) -> Any:
        """Probabilities of three outcomes, each row a point in a triangle.

        Parameters
        ----------
        data : DataFrame or the like, optional
            Rows to predict; those of the fit when left out.
        ax : matplotlib axes, optional
            Where to draw.

        Returns
        -------
        matplotlib axes
            ``data`` has columns x, y, ``p(outcome)`` for each outcome, and observed, by which the
            points are coloured, where the outcome of the rows is known.

        Raises
        ------
        OptionError
            For a response that has not three outcomes, and without matplotlib.
        DataError
            As for ``predict``; without the rows of the fit.
        """
        return ternary(self._fit, data, ax)

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

    @named_options
    def calibration(
        self,
        data: Any = None,
        *,
        bins: int = 10,
        outcomes: Any = None,
        alpha: float = 0.05,
        ax: Any = None,
    ) -> Any:
        """Shares observed against probabilities predicted, by outcome.

        Rows are put into classes of nearly equal weight by the probability of the outcome; equal
        probabilities share a class.  Where the model is right, points lie about the diagonal.

        Parameters
        ----------
        data : DataFrame or the like, optional
            Rows with the response, each of which counts once; those of the fit, with their
            weights, when left out.
        bins : int
            Classes.
        outcomes : label or sequence of labels, optional
            Which to draw; all when left out.
        alpha : float
            One minus the level of the intervals: Wilson's of a share, for as many trials as there
            are, with sampling weights for ``(sum w)^2 / sum w^2``.
        ax : matplotlib axes, optional
            Where to draw.

        Returns
        -------
        matplotlib axes
            ``data`` has columns outcome, bin, predicted, observed, conf_low, conf_high, n.

        Raises
        ------
        OptionError
            For an unknown outcome, and without matplotlib.
        DataError
            As for ``predict``; without the rows of the fit; for new data without the response.

        References
        ----------
        Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
        *Journal of the American Statistical Association* 22, 209-212.
        """
        count = check_count("bins", bins, 1)
        return calibration(self._fit, data, count, outcomes, check_alpha(alpha), ax)

    @named_options
    def probabilities(
        self,
        variable: str,
        *,
        by: str | None = None,
        at: Any = None,
        style: str | None = None,
        outcomes: Any = None,
        interval: bool | None = None,
        data: Any = None,
        alpha: float = 0.05,
        ax: Any = None,
    ) -> Any:
        """Predicted probabilities over a variable, the others held where they are typical.

        Parameters
        ----------
        variable : str
            A column of the data: a number runs from its least to its largest value, a factor
            through its levels.
        by : str, optional
            A factor, or a number with few values: a line or mark for each of its levels.
        at : dict, optional
            Where other columns are held; numbers at their mean, factors at their most frequent
            level (weights counting) when left out.
        style : {"lines", "area", "points", "bars"}, optional
            Lines or stacked areas over a number, points or stacked bars over a factor.
        outcomes : label or sequence of labels, optional
            Which to draw; all when left out.
        interval : bool, optional
            Whether lines and points have intervals of ``predict(interval=True)``; they do unless
            it is False.
        data : DataFrame or the like, optional
            Rows that tell ranges and typical values, each of which counts once; those of the fit
            when left out.
        alpha : float
            One minus the level of the intervals.
        ax : matplotlib axes, optional
            Where to draw.

        Returns
        -------
        matplotlib axes
            ``data`` has columns outcome, x, by (where there is one), estimate, std_error, conf_low,
            conf_high (where there are intervals).

        Raises
        ------
        OptionError
            For a column that the model does not read, and without matplotlib.
        DataError
            As for ``predict``; without the rows of the fit.

        Examples
        --------
        >>> import mnlstat as mn
        >>> res = mn.mnlogit("mode ~ hinc + psize", mn.datasets.travel_mode(), base="car").fit()
        >>> ax = res.plot.probabilities("hinc", at={"psize": 1}, style="area")
        >>> ax.data.groupby("outcome")["x"].agg(["min", "max", "count"]).loc["car"].tolist()
        [2.0, 72.0, 101.0]
        """
        return probabilities(
            self._fit,
            variable,
            by,
            at,
            style,
            outcomes,
            None if interval is None else check_flag("interval", interval),
            data,
            check_alpha(alpha),
            ax,
        )

    def __repr__(self) -> str:
        verbs = [name for name in vars(Plots) if not name.startswith("_")]
        return f"<pictures of a result: {', '.join(verbs)}>"


def _text(option: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise OptionError("models-not-named", f"{option}={shown(value)} must be a name, as text.")
    return value
