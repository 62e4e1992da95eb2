"""Tables of tests: of terms, and of pairs of outcomes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray
from mnlstat.design.coding import tested_at_a_level
from mnlstat.design.scope import warn
from mnlstat.errors import (
    CodingWarning,
    ConvergenceError,
    ConvergenceWarning,
    DataError,
    MnlstatError,
    MnlstatWarning,
    OptionError,
    SeparationError,
    SeparationWarning,
)
from mnlstat.inference.anova import TYPES, Dropped, Ladder, table, tests_of, wald_dropped
from mnlstat.inference.asked import outcome_position, slopes_between
from mnlstat.inference.hypotheses import TestResult
from mnlstat.inference.merging import Merged
from mnlstat.inference.restrictions import Restrictions
from mnlstat.inference.term_tests import spanning_term
from mnlstat.inference.trinity import KINDS, NAMES, SCALED
from mnlstat.options import named, named_options, shown
from mnlstat.report.tables import with_origin
from mnlstat.results.tested import ALL, NO_TEST, WithTests, kind_of

PAIR = ("outcome", "versus", "test")
NUMBERS = ("statistic", "df", "p_value", "df_denom")


class Analysed(WithTests):
    """Results with tables of tests."""

    @named_options
    def anova(self, type: int = 2, *, kind: str | None = None) -> pd.DataFrame:
        """Test every term of the formula: a table of type I, II or III.

        Each test drops columns of the fitted design: the formula is never read anew, so that
        nothing is coded differently.  Fits of fewer columns start from this one.

        Parameters
        ----------
        type : {2, 1, 3}
            II: each term in the model without the terms that contain it (``a`` is tested without
            ``a:b``).  I: each in the model of the terms before it, in the order of the design.
            III: each in the whole model, its columns dropped as they are coded.
        kind : {"LR", "Wald", "score", "Rao-Scott", "Rao-Scott first-order"}, optional
            LR by default; Wald where there is no likelihood-ratio test.  Rao-Scott scales the
            likelihood ratio, as :meth:`test` does.

        Returns
        -------
        DataFrame
            A row for each term; columns statistic, df, p_value, and df_denom where tests are F.
            ``attrs`` tell type and kind.

        Raises
        ------
        OptionError
            For another type or kind; for an LR test of a fit that has none; for a ridge.
        ConvergenceError, DataError
            For a fit that did not reach its maximum, or LR and score without the rows.

        Warns
        -----
        CodingWarning
            Type III where a factor that multiplies a term is not coded by contrasts that sum to
            zero: what is tested is then the term at the reference level of that factor.  A term
            with a column for each level, in place of the constant.
        MnlstatWarning
            Constraints of the model leave nothing of a term to test, or contradict that it is zero,
            in the models that are compared: its row has no degrees of freedom.

        References
        ----------
        Fox, J. (2016). *Applied Regression Analysis and Generalized Linear Models*, 3rd ed., 8.2.
        Nelder, J. A. (1977). *Journal of the Royal Statistical Society A* 140, 48-77.

        Examples
        --------
        >>> import mnlstat as mn
        >>> res = mn.mnlogit("vote ~ age + educ", mn.datasets.anes96()).fit()
        >>> res.anova().round(3)
              statistic  df  p_value
        term
        age       4.397   1    0.036
        educ      8.619   1    0.003
        """
        if isinstance(type, bool) or not isinstance(type, Integral) or type not in TYPES:
            raise OptionError("invalid-choice", f"type={shown(type)} is not one of 1, 2, 3.")
        if self.shrinkage is not None:
            raise OptionError("no-test-of-ridge", f"anova(): {NO_TEST}")
        refused = self._no_ratio("anova()")
        if kind is None and not isinstance(refused, ConvergenceError):
            chosen = "lr" if refused is None else "wald"
        else:
            chosen = kind_of("lr" if kind is None else kind, (*KINDS, *SCALED))
        if chosen in SCALED:
            self._check_scaled(f"anova(kind={NAMES[chosen]!r})")
        if chosen == "lr" and refused is not None:
            raise refused
        if type == 3:
            self._warn_of_coding()
        self._warn_of_levels()
        tests = tests_of(self.terms, self.aliasing.kept, self.constant_direction, type)
        by = self._dropping(chosen)
        frame, reasons = table(tests, by, len(self.outcomes) - 1)
        frame.attrs.update(type=type, kind=NAMES[chosen])
        for reason in reasons:
            _warn_of(reason)
        return with_origin(frame, self)

    def _dropping(self, kind: str) -> Callable[[Dropped], TestResult]:
        """The test of one kind."""
        if kind == "wald":
            return partial(wald_dropped, self.estimates)
        caller = f"anova(kind={NAMES[kind]!r})"
        space = self._space(caller)
        at = partial(self._covariance_at, caller)
        ladder = Ladder(space, self.estimates, self._maximised, at)
        if kind in SCALED:
            return partial(ladder.scaled, first=kind != SCALED[0])
        return ladder.ratio if kind == "lr" else ladder.score

    def _warn_of_levels(self) -> None:
        """Say that to drop a term with a column for each level drops the constant, too."""
        name = spanning_term(self.terms, self.aliasing.kept, self.constant_direction)
        if name is not None:
            warn(
                CodingWarning(
                    "term-with-constant",
                    f"the columns of {named(name)} add up to a constant: the test that drops them"
                    " says that all outcomes are equally likely, not that it does not matter.\n"
                    "Write the formula with a constant (without 0 +) for that test.",
                )
            )

    def _warn_of_coding(self) -> None:
        """Say where type III tests a term at one level of others."""
        found = tested_at_a_level(self.spec)
        if not found:
            return
        listed = [f"{named(term)} (at one level of {', '.join(fs)})" for term, fs in found.items()]
        more = f" and {len(listed) - 3} more" if len(listed) > 3 else ""
        warn(
            CodingWarning(
                "type-three-coding",
                "type III drops columns as they are coded, which here tests"
                f" {'; '.join(listed[:3])}{more}.\n"
                "Code these factors by contrasts that sum to zero, C(x, Sum), or ask for type=2.",
            )
        )

    @named_options
    def test_combine(self, a: Any = None, b: Any = None, *, kind: str = ALL) -> pd.DataFrame:
        """Test whether outcomes may be merged: that no slope tells them apart.

        All slopes of the two equations are equal, and the constants are free; without a constant in
        the span of the design all coefficients are equal.

        Parameters
        ----------
        a, b : labels, optional
            The outcomes; with one, against all others; all pairs by default.
        kind : {"all", "wald", "lr", "score", "Rao-Scott", "Rao-Scott first-order"}

        Returns
        -------
        DataFrame
            A row for each pair and test; columns outcome, versus, test, statistic, df, p_value, and
            df_denom where tests are F.  With "all", numbers are NaN of a test that there is not:
            ``attrs["notes"]`` says why.

        Raises
        ------
        OptionError
            For what is no outcome, and as :meth:`test`.

        References
        ----------
        Cramer, J. S. & Ridder, G. (1991). Pooling states in the multinomial logit model.
        *Journal of Econometrics* 47, 267-272.

        Examples
        --------
        >>> import mnlstat as mn
        >>> res = mn.mnlogit("PID ~ age + educ", mn.datasets.anes96()).fit()
        >>> res.test_combine("p2", "p4", kind="LR").round(3)
          outcome versus test  statistic  df  p_value
        0      p2     p4   LR      5.074   2    0.079
        """
        chosen = kind_of(kind, (*KINDS, ALL, *SCALED))
        if self.shrinkage is not None:
            raise OptionError("no-test-of-ridge", f"test_combine(): {NO_TEST}")
        if chosen in SCALED:
            self._check_scaled(f"test_combine(kind={NAMES[chosen]!r})")
        if chosen == "wald":
            self._check_errors("test_combine()")
        pairs = self._pairs(a, b)
        refused = self._no_ratio("test_combine()")
        if chosen == "lr" and refused is not None:
            raise refused
        rows: list[tuple[Any, ...]] = []
        notes: dict[str, str] = {}
        for pair in pairs:
            tests, why = self._merging(pair, chosen)
            notes |= why
            for name, test in tests.items():
                numbers: tuple[Any, ...] = (np.nan, len(self._slopes(pair)), np.nan, None)
                if test is not None:
                    numbers = (test.statistic, test.df, test.pvalue, test.df_denom)
                labels = [self.outcomes[each] for each in pair]
                rows.append((*labels, NAMES[name], *numbers))
        frame = pd.DataFrame(rows, columns=[*PAIR, *NUMBERS])
        if frame["df_denom"].isna().all():
            frame = frame.drop(columns="df_denom")
        frame.attrs["notes"] = notes
        return with_origin(frame, self)

    def _pairs(self, a: Any, b: Any) -> list[tuple[int, int]]:
        """The pairs of outcomes that are asked for, by position."""
        given = {"a": a, "b": b}
        places = [
            outcome_position(option, label, self.outcomes)
            for option, label in given.items()
            if label is not None
        ]
        if len(places) == 2:
            if places[0] == places[1]:
                said = f"a and b are the same outcome, {shown(a)}."
                raise OptionError("one-outcome-twice", said)
            return [(places[0], places[1])]
        everyone = range(len(self.outcomes))
        if places:
            return [(places[0], other) for other in everyone if other != places[0]]
        return list(itertools.combinations(everyone, 2))

    def _slopes(self, pair: tuple[int, int]) -> FloatArray:
        """Restrictions of the p estimated coefficients: no slope tells the pair apart."""
        k = len(self.aliasing.names)
        return slopes_between(*pair, self.estimates.labels, self.constant_direction, k)

    def _merging(
        self, pair: tuple[int, int], kind: str
    ) -> tuple[Mapping[str, TestResult | None], Mapping[str, str]]:
        """The tests of one pair, and why some are not there."""
        R = self._slopes(pair)
        names = [named(self.outcomes[each]) for each in pair]
        text = f"all slopes of {names[0]} = those of {names[1]}"
        wanted = Restrictions(R, np.zeros(len(R)), text)
        if kind == "wald":
            return {kind: self.estimates.test_estimated(wanted)}, {}
        known, caller = self._refused("test_combine()"), f"test_combine(kind={kind!r})"
        try:
            asked = self._hypothesis(wanted, None, caller)
        except (OptionError, DataError) as error:
            if kind != ALL:
                raise
            alone = self._wald_alone(wanted, error, known, caller)
            return alone.results, alone.notes
        if kind == ALL and asked.under is None:
            why = "the constraints of the model do not allow it."
            return dict.fromkeys(KINDS), dict.fromkeys(KINDS, f"{text}: {why}")
        merged = Merged.of(asked.space, *pair)
        if merged is not None:
            values = None if self.separated is not None else self.estimates.values
            asked = replace(asked, fitted=lambda: merged.maximum(values))
        if kind != ALL:
            return {kind: asked.test(kind)}, {}
        found = asked.all(known)
        return found.results, found.notes


def _warn_of(reason: MnlstatError) -> None:
    """Warn of a test that is not there."""
    if isinstance(reason, SeparationError):
        warn(SeparationWarning(reason.code, reason.message))
    elif isinstance(reason, ConvergenceError):
        warn(ConvergenceWarning(reason.code, reason.message))
    else:
        warn(MnlstatWarning(reason.code, reason.message))
