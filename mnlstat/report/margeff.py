"""Marginal effects under the names that statsmodels gives them."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from mnlstat.options import named_options
from mnlstat.report.effects import OUTCOME, ROW, Effects

EFFECT = "effect"


@dataclass(frozen=True, eq=False)
class Margeff:
    """What ``get_margeff`` returns: a row for each effect, a column for each outcome.

    Attributes
    ----------
    effects : Effects
        The same as one long table, with its covariance.
    method, at : str
        As they were asked for.
    """

    effects: Effects
    method: str
    at: str

    def _wide(self, column: str, alpha: float = 0.05) -> pd.DataFrame:
        """A column of the table, outcomes side by side."""
        frame = self.effects.level(alpha).frame
        return self._labelled(frame).pivot(index=self._rows, columns=OUTCOME, values=column)[
            list(dict.fromkeys(frame[OUTCOME]))
        ]

    @property
    def _rows(self) -> list[str]:
        return [ROW, EFFECT] if ROW in self.effects.keys.columns else [EFFECT]

    def _labelled(self, frame: pd.DataFrame) -> pd.DataFrame:
        """With a column that names variable and contrast, in the order in which they stand."""
        derivative = frame["contrast"].str.contains("/d|/e")
        plain = frame["variable"].astype(str)
        named = plain.where(derivative, plain + "[" + frame["contrast"].astype(str) + "]")
        return frame.assign(effect=pd.Categorical(named, list(dict.fromkeys(named)), ordered=True))

    @property
    def margeff(self) -> pd.DataFrame:
        """The effects."""
        return self._wide("estimate")

    @property
    def margeff_se(self) -> pd.DataFrame:
        """Their standard errors."""
        return self._wide("std_error")

    @property
    def tvalues(self) -> pd.DataFrame:
        """Effects over standard errors."""
        return self._wide("statistic")

    @property
    def pvalues(self) -> pd.DataFrame:
        """Two-sided tail areas."""
        return self._wide("p_value")

    @named_options
    def conf_int(self, alpha: float = 0.05) -> pd.DataFrame:
        """Intervals: columns (outcome, "conf_low" and "conf_high")."""
        ends = {end: self._wide(end, alpha) for end in ("conf_low", "conf_high")}
        both = pd.concat(ends, axis=1).swaplevel(axis=1)
        outcomes = list(dict.fromkeys(self.effects.keys[OUTCOME]))
        return both[[(outcome, end) for outcome in outcomes for end in ends]]

    @named_options
    def summary_frame(self, alpha: float = 0.05) -> pd.DataFrame:
        """One row for each outcome and effect, with the columns that statsmodels prints."""
        frame = self._labelled(self.effects.level(alpha).frame)
        frame = frame.sort_values([OUTCOME, *self._rows], kind="stable", key=_in_order)
        letter = "z" if self.effects.estimands.covariance.df is None else "t"
        heads = {
            "estimate": f"{self.method[0]}{self.method[1]}/{self.method[2:]}",
            "std_error": "Std. Err.",
            "statistic": letter,
            "p_value": f"Pr(>|{letter}|)",
            "conf_low": "Conf. Int. Low",
            "conf_high": "Conf. Int. High",
        }
        return frame.set_index([OUTCOME, *self._rows])[list(heads)].rename(columns=heads)

    @named_options
    def summary(self, alpha: float = 0.05) -> Effects:
        """The table, which prints."""
        return self.effects.level(alpha)

    def __str__(self) -> str:
        return str(self.effects)

    __repr__ = __str__


def _in_order(column: pd.Series) -> pd.Series:
    """Places of labels in the order in which they first stand."""
    return (
        column
        if isinstance(column.dtype, pd.CategoricalDtype)
        else pd.Series(pd.factorize(column)[0], index=column.index)
    )
