"""Effects on probabilities, and probabilities averaged: a table that knows its covariance."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray
from mnlstat.errors import OptionError
from mnlstat.inference.combinations import ESTIMATED
from mnlstat.inference.effects.estimands import IDENTITY, LOG, Estimands
from mnlstat.inference.hypotheses import TestResult, wald_if_regular
from mnlstat.inference.multiplicity import ADJUSTMENTS
from mnlstat.options import check_alpha, check_choice, named_options
from mnlstat.report import effects_html, effects_text
from mnlstat.report.effect_contrasts import METHODS, PAIRWISE, between
from mnlstat.report.plots.effect_words import PROBABILITY, compared
from mnlstat.report.plots.effects import effects as draw
from mnlstat.report.publish.effects import effects_table
from mnlstat.report.publish.publishable import Publishable
from mnlstat.report.publish.table import Table

OUTCOME, VARIABLE, CONTRAST, ROW = "outcome", "variable", "contrast", "row"
# Names of the table itself: columns of the data that are called so are told apart from them.
TAKEN = frozenset({OUTCOME, VARIABLE, CONTRAST, ROW, *ESTIMATED})


def key_named(column: Any) -> str:
    """What a column of the data is called among the keys of a table."""
    return f"{column} (column)" if column in TAKEN else str(column)


@dataclass(frozen=True, eq=False)
class Effects(Publishable):
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
    scale : str
        "identity"; "log" where the estimates are logarithms that are shown as ratios; "logit" for
        probabilities, whose intervals are symmetric in the logit.
    notes : tuple of str
    quantity : str
        What the estimates are, with their unit, for pictures.
    response : (name, outcomes)
        Of the model; pictures give outcomes their colours.
    no_test : str
        Why the effects cannot be tested: those of a ridge are shrunk; empty where they can.
    """

    title: str
    facts: tuple[tuple[str, str], ...]
    keys: pd.DataFrame = field(repr=False)
    estimands: Estimands = field(repr=False)
    alpha: float = 0.05
    adjust: str = "none"
    scale: str = IDENTITY
    notes: tuple[str, ...] = ()
    quantity: str = PROBABILITY
    response: tuple[str, tuple[Any, ...]] = field(default=("", ()), repr=False)
    no_test: str = field(default="", repr=False)

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def frame(self) -> pd.DataFrame:
        """The keys, then estimate, std_error, statistic, p_value, conf_low, conf_high.

        The statistic tests that an effect is zero, that a ratio is one; probabilities have none.
        """
        table = self.estimands.table(self.alpha, self.adjust, self.scale)
        frame = pd.concat([self.keys.reset_index(drop=True), table], axis=1)
        frame.attrs.update(dict(self.facts), title=self.title)
        return frame

    @property
    def told(self) -> tuple[tuple[str, str], ...]:
        """The facts, and how p-values and intervals allow for there being several."""
        if self.adjust == "none":
            return self.facts
        return (*self.facts, ("Adjusted by", f"{self.adjust}, for {len(self)} estimates"))

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
        return np.exp(values) if self.scale == LOG else values.copy()

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

    @named_options
    def contrasts(self, over: str, *, method: str = PAIRWISE, adjust: str = "none") -> Effects:
        """Differences between effects: of groups, of outcomes, of scenarios, of variables.

        Differences of differences, where the effects are differences themselves ("second
        differences"); of ratios the ratios.

        Parameters
        ----------
        over : str
            The key in which the rows that are compared differ: ``"outcome"``, ``"ses"``, ...
        method : {"pairwise", "reference", "sequential"}
            Every pair, each with the first, each with the one before.
        adjust : {"none", "bonferroni", "holm", "bh", "max-t"}
            How p-values and intervals allow for there being several.

        Returns
        -------
        Effects

        Raises
        ------
        OptionError
            For what is no key, and where there is nothing to compare.

        References
        ----------
        Mize, T. D. (2019). Best practices for estimating, interpreting, and presenting nonlinear
        interaction effects. *Sociological Science* 6, 81-117.
        """
        check_choice("method", method, METHODS)
        sign = "/" if self.scale == LOG else "-"
        C, keys = between(self.keys, over, method, sign)
        return replace(
            self,
            title=f"Contrasts over {over} of: {self.title[:1].lower()}{self.title[1:]}",
            quantity=compared(self.quantity, self.scale == LOG),
            keys=keys,
            estimands=self.estimands.combined(C),
            scale=LOG if self.scale == LOG else IDENTITY,
            adjust=check_choice("adjust", adjust, ADJUSTMENTS),
        )

    @named_options
    def test(self) -> TestResult:
        """Wald test that all effects are zero (all ratios one), jointly.

        Effects on all outcomes sum to zero; the degrees of freedom are those that are left.  What
        is not estimated is left out.

        Raises
        ------
        OptionError
            Of a ridge, whose estimates are shrunk.
        RankError
            When the covariance is singular beyond that, and for probabilities: they sum to one.
        """
        if self.no_test:
            raise OptionError("no-test-of-ridge", f"test(): {self.no_test}")
        n = int(self.estimands.known.sum())
        rows = f"{len(self)} rows" if n == len(self) else f"{n} of {len(self)} rows"
        chosen = self.estimands.at(self.estimands.independent())
        return wald_if_regular(chosen.values, chosen.covariance, f"{rows} of: {self.title}")

    @named_options
    def plot(
        self,
        arrange: str | None = None,
        *,
        over: str | None = None,
        outcomes: Any = None,
        ax: Any = None,
    ) -> Any:
        """Draw the estimates with their intervals; needs matplotlib, an optional extra.

        Parameters
        ----------
        arrange : {"variable", "outcome"}, optional
            A forest, with a group of rows for each variable, scenario or group, in which outcomes
            have their colours; or for each outcome.
        over : str, optional
            A key of the table, of ``at`` or ``by``: lines over it where it is a number, points
            where it is not, in place of a forest.  By default lines are drawn over a number that
            takes more than six values.
        outcomes : label or sequence of labels, optional
            Which to draw; all when left out.
        ax : matplotlib axes, optional
            Where to draw.

        Returns
        -------
        matplotlib axes
            ``data`` is the table, of a forest with y (height, where y is a key), at which the
            estimate stands.

        Raises
        ------
        OptionError
            For what is no key or outcome, for more estimates than one can read, and without
            matplotlib.

        Examples
        --------
        >>> import mnlstat as mn
        >>> res = mn.mnlogit("vote ~ age + educ", mn.datasets.anes96()).fit()
        >>> ax = res.comparisons({"age": 10, "educ": 1}).plot()
        >>> ax.data[["variable", "contrast", "outcome", "estimate"]].round(3)
          variable contrast  outcome  estimate
        0      age      +10        0    -0.021
        1      age      +10        1     0.021
        2     educ       +1        0    -0.030
        3     educ       +1        1     0.030
        """
        return draw(self, arrange, over, outcomes, None, ax)

    @named_options
    def table(
        self,
        *,
        layout: str = "long",
        show: Any = None,
        place: str | None = None,
        digits: int | None = None,
        stars: Any = False,
        labels: Any = None,
        title: str | None = None,
    ) -> Table:
        """The estimates as a table for a paper, which prints in every format.

        Options are those of :meth:`mnlstat.report.summary.Summary.table`; ``labels`` are words for
        variables, contrasts, outcomes and whatever else the keys hold.

        Raises
        ------
        OptionError
            For what is no option here: tests of probabilities, outcomes side by side without any.

        Examples
        --------
        >>> import mnlstat as mn
        >>> res = mn.mnlogit("vote ~ age", mn.datasets.anes96()).fit()
        >>> print(res.margins().to_markdown(digits=4, show="std_error").splitlines()[5])
        | 0 | -0.0016 | 0.0010 |
        """
        return effects_table(
            [self],
            [""],
            layout=layout,
            show=show,
            place=place,
            digits=digits,
            stars=stars,
            labels=labels,
            title=title,
        )

    def __str__(self) -> str:
        return effects_text.render(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return effects_html.render(self)


def keys_of(columns: dict[str, list[Any]]) -> pd.DataFrame:
    """A frame of keys, each column as it is."""
    return pd.DataFrame({name: pd.Series(values) for name, values in columns.items()})
