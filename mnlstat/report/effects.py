"""Effects on probabilities, and probabilities averaged: a table that knows its covariance."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray
from mnlstat.inference.effects.estimands import Estimands
from mnlstat.inference.multiplicity import ADJUSTMENTS
from mnlstat.options import check_alpha, check_choice, named_options
from mnlstat.report import effects_html, effects_text

OUTCOME = "outcome"


@dataclass(frozen=True, eq=False)
class Effects:
    """Estimates with what each of them is of, and their joint covariance.

    Attributes
    ----------
    title : str
        What is estimated.
    facts : tuple of (label, text)
        Where and how: rows, weights, covariance.
    keys : DataFrame
        What each of the M estimates is of, a column for each property: variable, contrast,
        outcome, and what ``at`` and ``by`` add.
    estimands : Estimands
    alpha : float
        One minus the level of the intervals.
    adjust : str
        How p-values and intervals allow for there being several.
    exponentiate : bool
        Whether the estimates are logarithms that are shown as ratios.
    notes : tuple of str
    """

    title: str
    facts: tuple[tuple[str, str], ...]
    keys: pd.DataFrame = field(repr=False)
    estimands: Estimands = field(repr=False)
    alpha: float = 0.05
    adjust: str = "none"
    exponentiate: bool = False
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def frame(self) -> pd.DataFrame:
        """The keys, then estimate, std_error, statistic, p_value, conf_low, conf_high.

        The statistic tests that an effect is zero, that a ratio is one.
        """
        table = self.estimands.table(self.alpha, self.adjust, exponentiate=self.exponentiate)
        frame = pd.concat([self.keys.reset_index(drop=True), table], axis=1)
        frame.attrs.update(dict(self.facts), title=self.title)
        return frame

    @property
    def index(self) -> pd.Index:
        """The keys as labels."""
        names = list(self.keys.columns)
        if len(names) == 1:
            return pd.Index(self.keys[names[0]], name=names[0], tupleize_cols=False)
        return pd.MultiIndex.from_frame(self.keys)

    @property
    def cov(self) -> pd.DataFrame:
        """Covariance matrix of the estimates; of their logarithms where these are ratios."""
        matrix = self.estimands.covariance.matrix()
        return pd.DataFrame(matrix, index=self.index, columns=self.index)

    @property
    def estimates(self) -> FloatArray:
        """The estimates (M,), ratios as ratios."""
        values = self.estimands.values
        return np.exp(values) if self.exponentiate else values.copy()

    @named_options
    def level(self, alpha: float) -> Effects:
        """The same with intervals of another level, ``1 - alpha``."""
        return replace(self, alpha=check_alpha(alpha))

    @named_options
    def adjusted(self, adjust: str) -> Effects:
        """The same with p-values and intervals that allow for there being several.

        ``adjust`` is "none", "bonferroni", "holm", "bh" or "max-t", as for ``lincom``.
        """
        return replace(self, adjust=check_choice("adjust", adjust, ADJUSTMENTS))

    def __str__(self) -> str:
        return effects_text.render(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return effects_html.render(self)


def keys_of(columns: dict[str, list[Any]]) -> pd.DataFrame:
    """A frame of keys, each column as it is."""
    return pd.DataFrame({name: pd.Series(values) for name, values in columns.items()})
