"""A profile likelihood with its interval, ready to print and to draw."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from mnlstat.errors import OptionError
from mnlstat.report import numbers
from mnlstat.report.plots.axes import axes, holding
from mnlstat.report.plots.style import COLOURS, notes


@dataclass(frozen=True, eq=False)
class Profile:
    """The profile of a linear function of the coefficients.

    Attributes
    ----------
    function : str
        The function in words.
    base : label
        The outcome that its coefficients are against.
    estimate : float
        Its value at the maximum, infinite where the data are separated.
    low, high : float
        The ends of the interval.
    wald_low, wald_high : float
        Those of the Wald interval, NaN where there is none.
    alpha : float
        One minus the level.
    log_likelihood : float
        The maximum, or the supremum; of a bias-reduced fit that of ``l + 1/2 log|I|``.
    curve : DataFrame
        Columns value, log_likelihood (``max l`` where the function has the value), signed_root
        (``sign(value - estimate) sqrt(2 (l - l_p))``); no rows where it is flat.
    penalised : bool
        Whether the likelihood is the penalised one.
    """

    function: str
    base: Any
    estimate: float
    low: float
    high: float
    wald_low: float
    wald_high: float
    alpha: float
    log_likelihood: float
    curve: pd.DataFrame = field(repr=False)
    penalised: bool = False

    def conf_int(self) -> tuple[float, float]:
        """The ends of the interval."""
        return self.low, self.high

    def __str__(self) -> str:
        of = "Penalised profile likelihood" if self.penalised else "Profile likelihood"
        low, high = (_shown(end) for end in (self.low, self.high))
        lines = [
            f"{of} of {self.function}, base {self.base}",
            f"estimate                  {_shown(self.estimate)}",
            f"{numbers.level(self.alpha)}% interval, profile     [{low}, {high}]",
        ]
        if not math.isnan(self.wald_low):
            low, high = _shown(self.wald_low), _shown(self.wald_high)
            lines.append(f"{numbers.level(self.alpha)}% interval, Wald        [{low}, {high}]")
        if math.isinf(self.low) and math.isinf(self.high):
            lines.append("The likelihood is flat: the data are separated, and say nothing of it.")
        elif math.isinf(self.low) or math.isinf(self.high):
            lines.append("The data are separated: they bound it on one side only.")
        return "\n".join(lines)

    __repr__ = __str__

    def plot(self, ax: Any = None) -> Any:
        """Draw the log-likelihood less its maximum, the level that cuts off the interval, its ends.

        Needs matplotlib, an optional extra.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Where to draw; new ones when left out.

        Returns
        -------
        matplotlib axes
            With the curve as ``data``.

        Raises
        ------
        OptionError
            Without matplotlib; for a profile that is flat; for an ``ax`` that is none.
        """
        if self.curve.empty:
            raise OptionError(
                "nothing-to-plot",
                f"the profile of {self.function} is flat: the data are separated, and say nothing"
                " of it.",
            )
        ax = axes(ax, "plot()", "The numbers are in the attribute curve.")
        fall = self.curve["log_likelihood"] - self.log_likelihood
        ax.plot(self.curve["value"], fall, color=COLOURS[0])
        cut = _fall(self.alpha)
        ax.axhline(cut, color="0.5", linewidth=0.8, linestyle="--")
        for end in (self.low, self.high):
            if math.isfinite(end):
                ax.axvline(end, color="0.5", linewidth=0.8, linestyle=":")
        if math.isfinite(self.estimate):
            ax.axvline(self.estimate, color="0.5", linewidth=0.8)
        ax.set_xlabel(notes(f"{self.function} (base {self.base})"), fontsize="small")
        ax.set_ylabel("log-likelihood less its maximum", fontsize="small")
        ax.tick_params(labelsize="small")
        for side in ("top", "right"):
            ax.spines[side].set_visible(False)
        ax.set_title(
            f"{numbers.level(self.alpha)}% interval [{self.low:.4g}, {self.high:.4g}]",
            fontsize="small",
        )
        return holding(ax, self.curve)


def _fall(alpha: float) -> float:
    """How far below its maximum the log-likelihood is at the ends."""
    from scipy.special import ndtri

    return -(float(ndtri(alpha / 2.0)) ** 2) / 2.0


def _shown(value: float) -> str:
    if math.isnan(value):
        return "undetermined"
    return f"{value:+.0f}".replace("inf", "Inf") if math.isinf(value) else f"{value:.6g}"
