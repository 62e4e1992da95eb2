"""Pictures of effects: the verbs of ``res.plot`` that draw what variables do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mnlstat.errors import OptionError
from mnlstat.inference.effects.asks import DYDX
from mnlstat.inference.effects.steps import IQR, MINMAX
from mnlstat.inference.effects.variables import DERIVATIVE, REFERENCE
from mnlstat.options import named_options, shown
from mnlstat.report.plots.effects import effects
from mnlstat.report.plots.grid import running
from mnlstat.results.plotted_estimates import EstimatePlots
from mnlstat.results.scenarios import OVERALL
from mnlstat.results.unconditional import CONDITIONAL

FIXED = (IQR, MINMAX)  # changes from one value to another


@dataclass(frozen=True, eq=False)
class EffectPlots(EstimatePlots):
    """Pictures of the effects of variables on probabilities."""

    @named_options
    def effects(
        self,
        variables: Any = None,
        *,
        arrange: str | None = None,
        at: Any = OVERALL,
        others: str = OVERALL,
        by: Any = None,
        kind: str = DYDX,
        contrast: str = REFERENCE,
        binary: str = DERIVATIVE,
        combine: Any = None,
        outcomes: Any = None,
        data: Any = None,
        variance: str = CONDITIONAL,
        alpha: float = 0.05,
        adjust: str = "none",
        ax: Any = None,
    ) -> Any:
        """Marginal effects on the probabilities of the outcomes, with intervals: a forest.

        Any other table of effects draws itself: ``res.comparisons(...).plot()``.

        Parameters
        ----------
        variables, at, others, by, kind, contrast, binary, combine, data, variance, alpha, adjust
            As for :meth:`~mnlstat.results.results.MNLogitResults.margins`, whose ``plot`` this is.
        arrange : {"variable", "outcome"}, optional
            What rows are grouped by; by variable when left out.
        outcomes : label or sequence of labels, optional
            Which to draw; all when left out.
        ax : matplotlib axes, optional
            Where to draw.

        Returns
        -------
        matplotlib axes
            ``data`` is the table of ``margins``, and y, the height at which the effect stands.

        Raises
        ------
        OptionError, DataError
            As for ``margins``; for more effects than one can read; without matplotlib.

        Examples
        --------
        >>> import mnlstat as mn
        >>> res = mn.mnlogit("mode ~ hinc + psize", mn.datasets.travel_mode(), base="car").fit()
        >>> ax = res.plot.effects("hinc")
        >>> ax.data[["variable", "outcome", "estimate"]].round(4)
          variable outcome  estimate
        0     hinc     air    0.0055
        1     hinc     bus   -0.0010
        2     hinc     car    0.0044
        3     hinc   train   -0.0090
        """
        found = self._fit.margins(
            variables,
            at=at,
            others=others,
            by=by,
            kind=kind,
            contrast=contrast,
            binary=binary,
            combine=combine,
            data=data,
            variance=variance,
            alpha=alpha,
            adjust=adjust,
        )
        return found.plot(arrange, outcomes=outcomes, ax=ax)

    @named_options
    def effect_over(
        self,
        variable: str,
        over: str | None = None,
        *,
        change: Any = None,
        values: Any = None,
        others: str = OVERALL,
        by: Any = None,
        kind: str = DYDX,
        combine: Any = None,
        outcomes: Any = None,
        data: Any = None,
        variance: str = CONDITIONAL,
        alpha: float = 0.05,
        adjust: str = "none",
        ax: Any = None,
    ) -> Any:
        """The effect of a variable over the values of another one, or of itself, with bands.

        At each value of ``over``, every row has that value, and effects are averaged over rows.

        Parameters
        ----------
        variable : str
            Whose effect: the derivative in a number, differences between the levels of a factor.
        over : str, optional
            What runs; the variable itself when left out.
        change : optional
            In place of the derivative the difference that a change makes, as in
            ``comparisons({variable: change})``: 1, ``"sd"``, ``(low, high)``, ``"pairwise"``.
        values : sequence, optional
            Values of ``over``; by default 31 numbers from its least value to its largest, or all
            levels.
        others, by, kind, combine, data, variance, alpha, adjust
            As for :meth:`~mnlstat.results.results.MNLogitResults.margins`.
        outcomes : label or sequence of labels, optional
            Which to draw; all when left out.
        ax : matplotlib axes, optional
            Where to draw.

        Returns
        -------
        matplotlib axes
            ``data`` is the table of ``margins``, or ``comparisons``.

        Raises
        ------
        OptionError, DataError
            As for ``margins``; for more lines than one can tell apart; without matplotlib.

        Examples
        --------
        >>> import mnlstat as mn
        >>> res = mn.mnlogit("mode ~ hinc + psize", mn.datasets.travel_mode(), base="car").fit()
        >>> ax = res.plot.effect_over("hinc", "psize", values=[1, 4])
        >>> ax.data.query("outcome == 'car'")[["variable", "psize", "estimate"]].round(4)
          variable  psize  estimate
        2     hinc      1    0.0034
        6     hinc      4    0.0077
        """
        if not isinstance(variable, str):
            raise OptionError(
                "not-a-predictor", f"variable={shown(variable)} must be the name of one column."
            )
        over = variable if over is None else over
        ran, levels = running(self._fit, over, values, data, "effect_over()")
        if over == variable and levels is not None:
            raise OptionError(
                "set-and-compared",
                f"effect_over(): levels of {shown(variable)} are compared, and have no effect over"
                " themselves.\nName another column, over=.",
            )
        if over == variable:
            _check_moves(variable, change)
        options = {
            "at": {over: ran},
            "others": others,
            "by": by,
            "combine": combine,
            "data": data,
            "variance": variance,
            "alpha": alpha,
            "adjust": adjust,
        }
        if change is None:
            found = self._fit.margins(variable, kind=kind, **options)
        else:
            if kind != DYDX:
                raise OptionError(
                    "option-without-use",
                    f"kind={shown(kind)} is that of a derivative, and change={shown(change)} asks"
                    " for a difference.\nLeave one of them out.",
                )
            found = self._fit.comparisons({variable: change}, **options)
        return effects(found, None, over, outcomes, levels, ax)


def _check_moves(variable: str, change: Any) -> None:
    """Refuse two fixed values of a variable that runs through values itself."""
    if isinstance(change, tuple | list) or (isinstance(change, str) and change in FIXED):
        raise OptionError(
            "set-and-compared",
            f"effect_over(): change={shown(change)} compares two values of {shown(variable)}, which"
            " runs through values itself.\nName another column, over=, or give a step, change=1 or"
            " change='sd'.",
        )
