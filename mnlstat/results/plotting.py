"""The pictures of a result: ``res.plot``, its verbs one call each into the drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mnlstat.options import (
    check_alpha,
    check_count,
    check_flag,
    named_options,
)
from mnlstat.report.plots.calibration import calibration
from mnlstat.report.plots.probabilities import probabilities
from mnlstat.report.plots.ternary import ternary
from mnlstat.results.plotted_effects import EffectPlots


class Pictured:
    """Results that can be drawn."""

    @property
    def plot(self) -> Plots:
        """Pictures of the result: ``plot.coefficients()``, ``plot.probabilities("age")``, ..."""
        return Plots(self)


@dataclass(frozen=True, eq=False)
class Plots(EffectPlots):
    """Pictures of a result, drawn with matplotlib, an optional extra.

    Each verb draws on the matplotlib axes ``ax=``, or on those of a new figure, and returns the
    axes.  The numbers drawn are a DataFrame, their attribute ``data``.  Figures are made without
    pyplot: nothing is shown, and nothing is left open.  A notebook shows the axes that a cell
    returns; a script saves them by ``ax.figure.savefig("picture.png")``, or draws on axes of
    pyplot's: ``fig, ax = plt.subplots(layout="constrained")``.

    Outcomes have the same colour and mark in every picture, whatever the base.
    """

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
        others: str | None = None,
        style: str | None = None,
        outcomes: Any = None,
        interval: bool | None = None,
        data: Any = None,
        alpha: float = 0.05,
        ax: Any = None,
    ) -> Any:
        """Predicted probabilities over a variable, others held where typical, or as they are.

        Parameters
        ----------
        variable : str
            A column of the data: a number runs from its least to its largest value, a factor
            through its levels.
        by : str, optional
            A factor, or a number with few values: a line or mark for each of its levels, to which
            it is set.
        at : {"typical", "observed"} or dict, optional
            Where other columns are: numbers at their mean, factors at their most frequent level
            (weights and counts counting), the default; or as they are in each row, where what is
            drawn are averages over the rows, :meth:`average_predictions`, as of Stata's
            ``margins, at()``.  A dict holds columns at values.
        others : {"typical", "observed"}, optional
            Where the columns are that a dict ``at`` does not name.
        style : {"lines", "area", "points", "bars"}, optional
            Lines or stacked areas over a number, points or stacked bars over a factor.
        outcomes : label or sequence of labels, optional
            Which to draw; all when left out.
        interval : bool, optional
            Whether lines and points have intervals of ``predict(interval=True)``; they do unless
            it is False, or the fit is a ridge, which has none, and of which the picture says so.
            Bands of more than eight lines are drawn if it is True only.
        data : DataFrame or the like, optional
            Rows that tell ranges and typical values, or that are averaged over, each of which
            counts once; those of the fit when left out.
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
            others,
            style,
            outcomes,
            None if interval is None else check_flag("interval", interval),
            data,
            check_alpha(alpha),
            ax,
        )

    def __repr__(self) -> str:
        verbs = [name for name in dir(Plots) if not name.startswith("_")]
        return f"<pictures of a result: {', '.join(verbs)}>"
