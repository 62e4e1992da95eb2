"""Linear combinations of coefficients: what is asked for, and all pairs of outcomes or levels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray
from mnlstat.design.dialect import meant, ticked
from mnlstat.design.level_coding import level_coding
from mnlstat.errors import OptionError, RankError
from mnlstat.inference.combinations import ESTIMATED, combined
from mnlstat.inference.contrasts import Contrasts, between_levels, between_outcomes
from mnlstat.inference.likelihood_intervals import WALD
from mnlstat.inference.multiplicity import ADJUSTMENTS, BONFERRONI, HOLM, MAX_T
from mnlstat.inference.restrictions import restrictions
from mnlstat.options import (
    check_alpha,
    check_choice,
    check_flag,
    listed_names,
    named_options,
    nearest,
    shown,
)
from mnlstat.results.profiling import METHODS, Profiling
from mnlstat.rows.moments import moments


class Combined(Profiling):
    """Results whose coefficients can be combined and compared."""

    @named_options
    def lincom(
        self,
        combination: Any,
        value: Any = None,
        *,
        exponentiate: bool = False,
        alpha: float = 0.05,
        adjust: str = "none",
        method: str = WALD,
    ) -> pd.DataFrame:
        """Linear combinations ``R b - r`` with standard errors, tests and intervals.

        Parameters
        ----------
        combination : str, sequence of str, array or DataFrame
            In words, ``"2*car:income - bus:income"``, several with commas; or R, or (R, r).
        value : float or array, optional
            r, when R is given.
        exponentiate : bool
            Give ``exp(R b - r)``: relative risk ratios.
        alpha : float
            One minus the level of the intervals.
        adjust : {"none", "bonferroni", "holm", "bh", "max-t"}
            How p-values allow for there being several.  With "bonferroni" and "max-t" the intervals
            hold together, those of "holm" are Bonferroni's.
        method : {"wald", "profile", "score"}
            What the intervals are, as for :meth:`conf_int`; statistic and p-value are Wald's.

        Returns
        -------
        DataFrame
            A row for each; columns combination, estimate, std_error, statistic, p_value, conf_low,
            conf_high.

        Raises
        ------
        OptionError, RankError
            As for :meth:`test`.

        References
        ----------
        Hothorn, T., Bretz, F. & Westfall, P. (2008). Biometrical Journal 50, 346-363.

        Examples
        --------
        >>> import mnlstat as mn
        >>> res = mn.mnlogit("vote ~ age + educ", mn.datasets.anes96()).fit()
        >>> res.lincom("10 * 1:age - 1:educ")["estimate"].round(4).item()
        -0.0374
        """
        kept = self.estimates.kept
        found = restrictions(combination, value, list(self.index), kept, scaled=False)
        names = _names(found.text, len(found.R))
        R = Contrasts(found.R[:, kept], {"combination": names})
        return self._combined(R, found.r, exponentiate, alpha, adjust, method)

    @named_options
    def t_test(self, hypothesis: Any, value: Any = None, *, alpha: float = 0.05) -> pd.DataFrame:
        """Each restriction by itself: :meth:`lincom`, under the name that statsmodels uses."""
        return self.lincom(hypothesis, value, alpha=alpha)

    @named_options
    def contrasts(
        self,
        terms: Any = None,
        *,
        scale: str | None = None,
        exponentiate: bool = False,
        percent: bool = False,
        alpha: float = 0.05,
        adjust: str = "none",
        method: str = WALD,
    ) -> pd.DataFrame:
        """Coefficients of every outcome against every other one.

        Parameters
        ----------
        terms : str or sequence of str, optional
            Terms or columns; by default all but constants.
        scale : {None, "sd"}
            Per unit of the column, or per standard deviation of it in the rows used.
        exponentiate : bool
            Relative risk ratios ``exp(b)``.
        percent : bool
            Per cent change of the odds, ``100 (exp(b) - 1)``.
        alpha, adjust, method
            As for :meth:`lincom`.

        Returns
        -------
        DataFrame
            Columns outcome, versus, term, and those of :meth:`lincom`; the log odds of outcome
            against versus.

        Raises
        ------
        OptionError
            For a term that there is not, and for options that exclude each other.
        RankError
            For a term of which no column is estimated.

        References
        ----------
        Long, J. S. & Freese, J. (2014). Regression Models for Categorical Dependent Variables Using
        Stata, 3rd ed., chapter 8 (listcoef).
        """
        scale = None if scale is None else check_choice("scale", scale, ("sd",))
        if check_flag("percent", percent) and check_flag("exponentiate", exponentiate):
            raise OptionError(
                "percent-and-ratios", "percent=True and exponentiate=True are two scales; give one."
            )
        names = self.aliasing.names
        found = between_outcomes(self.estimates, self._columns(terms), names)
        R = found.R
        if scale is not None:
            sds = moments(self._rows("contrasts(scale=)").likelihood.rows).deviations(
                float(self.nobs)
            )
            R = R * np.tile(sds, len(self.outcomes) - 1)
        ratios = exponentiate or percent
        scaled = Contrasts(R, found.labels)
        table = self._combined(scaled, np.zeros(len(R)), ratios, alpha, adjust, method)
        if percent:
            table[["estimate", "conf_low", "conf_high"]] -= 1.0
            table[["estimate", "std_error", "conf_low", "conf_high"]] *= 100.0
        return table

    @named_options
    def pairwise(
        self,
        factor: str,
        *,
        exponentiate: bool = False,
        alpha: float = 0.05,
        adjust: str = "none",
        method: str = WALD,
    ) -> pd.DataFrame:
        """Every level of a factor against every other one, within each equation.

        Parameters
        ----------
        factor : str
            As in the formula, ``"C(region)"``, or its column.
        exponentiate, alpha, adjust, method
            As for :meth:`lincom`.

        Returns
        -------
        DataFrame
            Columns outcome, level, versus, and those of :meth:`lincom`.

        Raises
        ------
        OptionError
            When there is no such factor, or it is multiplied with something in the formula.
        RankError
            When a column of it is aliased.
        """
        found = level_coding(self.spec, factor)
        kept = self.aliasing.kept
        lost = [self.spec.columns[at] for at in found.columns if not kept[at]]
        if lost:
            raise RankError(
                "aliased-restriction",
                f"pairwise({shown(factor)}): the column {lost[0]} is aliased and not estimated.",
            )
        place = np.cumsum(kept) - 1
        pairs = between_levels(
            self.estimates,
            found.levels,
            found.coding,
            [int(place[at]) for at in found.columns],
            int(kept.sum()),
        )
        return self._combined(pairs, np.zeros(len(pairs.R)), exponentiate, alpha, adjust, method)

    def _combined(
        self, found: Contrasts, r: Any, exponentiate: bool, alpha: float, adjust: str, method: str
    ) -> pd.DataFrame:
        level, adjust = check_alpha(alpha), check_choice("adjust", adjust, ADJUSTMENTS)
        ratios, ends = check_flag("exponentiate", exponentiate), None
        if check_choice("method", method, METHODS) != WALD:
            ends = self._followed(found, level, adjust, method) - r[:, None]
        table = combined(
            self.estimates, found.R, r, alpha=level, adjust=adjust, exponentiate=ratios, ends=ends
        )
        table = pd.DataFrame(found.labels).join(table)[[*found.labels, *ESTIMATED]]
        table.attrs.update(
            adjust=adjust,
            method=method,
            base=str(self.base),
            cov_type=self.cov_type,
            nobs=self.nobs,
        )
        return table

    def _followed(self, found: Contrasts, alpha: float, adjust: str, method: str) -> FloatArray:
        """Profile or score intervals (m, 2) of ``R b``."""
        if adjust == MAX_T:
            raise OptionError(
                "max-t-of-wald",
                f"adjust='max-t' is about correlated Wald statistics, method={method!r} is not.\n"
                "Ask for adjust='bonferroni', or method='wald'.",
            )
        if adjust in (BONFERRONI, HOLM):
            alpha /= max(len(found.R), 1)
        names = [", ".join(map(str, label)) for label in zip(*found.labels.values(), strict=True)]
        return self._ends_of(found.R, names, alpha, method)

    def _columns(self, terms: Any) -> list[int]:
        """Positions among the estimated columns of what was asked for."""
        names = self.aliasing.names
        if terms is None:
            return [at for at, name in enumerate(names) if name not in self._constants]
        wanted = listed_names(terms)
        if not wanted:
            raise OptionError("unknown-term", f"terms={shown(terms)} names no term.")
        owned = {t.name: self.spec.columns[t.start : t.stop] for t in self.terms}
        found: list[int] = []
        for name in (meant(each, [*owned, *self.spec.columns]) for each in wanted):
            columns = owned.get(name, (name,))
            here = [at for at, column in enumerate(names) if column in columns]
            lost = [column for column in columns if column in self.aliased]
            if lost and not here:
                raise RankError(
                    "aliased-restriction",
                    f"{shown(name)} is not estimated: the column {lost[0]} is aliased"
                    f" ({self.aliased[lost[0]]}).",
                )
            if not here:
                known = [ticked(each) for each in (*owned, *names)]
                raise OptionError(
                    "unknown-term",
                    f"{shown(name)} is no term with an estimate{nearest(name, known)}.\n"
                    f"Terms: {', '.join(shown(ticked(each)) for each in owned)}.",
                )
            found += [at for at in here if at not in found]
        return found

    @property
    def _constants(self) -> tuple[str, ...]:
        """Names of the columns that are constant."""
        constant = self.constant_direction
        if constant is None or np.count_nonzero(constant) != 1:
            return ()
        return (self.aliasing.names[int(np.flatnonzero(constant)[0])],)


def _names(text: str, n: int) -> list[str]:
    """What each combination is called: the words, or its number."""
    parts = [part.strip() for part in text.split(",")]
    return parts if len(parts) == n else [f"{text} [{at + 1}]" for at in range(n)]
