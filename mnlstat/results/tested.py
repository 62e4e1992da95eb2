"""Tests of linear hypotheses: Wald, likelihood ratio, score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from mnlstat.design.dialect import meant
from mnlstat.errors import (
    DataError,
    MnlstatError,
    OptionError,
    RankError,
    SeparationError,
)
from mnlstat.inference.asked import columns_of_terms, slopes_of_outcome, without_columns
from mnlstat.inference.hypotheses import TestResult, check_consistent
from mnlstat.inference.penalised_spaces import PenalisedSpace
from mnlstat.inference.restrictions import Restrictions, restrictions
from mnlstat.inference.spaces import Space
from mnlstat.inference.trinity import KINDS, SCALED, Hypothesis, Tests, in_base, reason_of
from mnlstat.options import check_choice, named_options, shown
from mnlstat.results.refusing import Refusing

ALL = "all"
NO_TEST = (
    "estimates of a ridge are shrunk on purpose, so that no test of them has its level.\n"
    "Test a fit without penalty."
)


def kind_of(kind: object, allowed: tuple[str, ...]) -> str:
    """The kind of a test, in lower case; OptionError for one that is not ``allowed``."""
    return check_choice("kind", kind.lower() if isinstance(kind, str) else kind, allowed)


class WithTests(Refusing):
    """Results whose coefficients can be tested."""

    @named_options
    def test(
        self,
        hypothesis: Any = None,
        value: Any = None,
        *,
        term: Any = None,
        outcome: Any = None,
        kind: str = "wald",
    ) -> TestResult | Tests:
        """Test linear restrictions ``R b = r``, a term, or all slopes of an outcome.

        Parameters
        ----------
        hypothesis : str, sequence of str, array or DataFrame
            In words, ``"car:income = bus:income, train:age = 0"``, with coefficients named
            ``outcome:term``; or R (m, p) in the order of ``params``, lined up by its labels where
            it is a frame or Series; or a pair (R, r).
        value : (m,) array or float, optional
            r, when R is given; zero by default.
        term : str or sequence of str, optional
            In place of a hypothesis: that all coefficients of the columns of this term, as they
            are coded, are zero in every equation.
        outcome : label, optional
            In place of a hypothesis: that all slopes of the equation of this outcome are zero.
        kind : {"wald", "lr", "score", "all", "Rao-Scott", "Rao-Scott first-order"}
            The likelihood ratio takes a fit under the hypothesis, and so does the score test, which
            does not look at the estimates; "all" gives the three, and why one is not there.
            "Rao-Scott" is the likelihood ratio scaled by the design effects of what is tested,
            where sampling weights, a survey or clusters leave none: to the second order, or first.

        Returns
        -------
        TestResult, or Tests for "all"
            Wald: ``(R b - r)' (R V R')^-1 (R b - r)``.  LR: ``2 (l1 - l0)``, of suprema where the
            data are separated, and of ``l + 1/2 log|I|`` for a bias-reduced fit, with the
            information of the whole design in both.  Score: ``(R I^-1 g)' (R V R')^-1 (R I^-1 g)``
            at the estimate under the hypothesis, V the covariance of this result there.
            Chi-squared with m degrees of freedom; Wald and score are F where the covariance has
            degrees of freedom.  Rao-Scott: with delta the eigenvalues of
            ``(R I^-1 R')^-1 R V R'`` and a their coefficient of variation,
            ``LR / (mean delta (1 + a^2))`` is chi-squared with ``m / (1 + a^2)`` degrees of
            freedom; where the covariance has d, ``LR / (m mean delta)`` is F with ``m / (1 + a^2)``
            and d times as many.  To the first order a is zero.

        Raises
        ------
        OptionError
            When the hypothesis cannot be read or has the wrong shape; for an LR test with a robust
            covariance or of a pseudo-likelihood; for a score test of a penalised fit; for a ridge.
        RankError
            When restrictions depend on each other, or concern an aliased coefficient.
        SeparationError, ConvergenceError
            When there is no finite estimate that a Wald or score test needs.
        DataError
            For LR and score of a result that was loaded without its rows.

        References
        ----------
        Boos, D. D. (1992). On generalized score tests. *The American Statistician* 46, 327-333.
        Rao, J. N. K. & Scott, A. J. (1984). *Annals of Statistics* 12, 46-60.

        Examples
        --------
        >>> import mnlstat as mn
        >>> res = mn.mnlogit("vote ~ age + educ", mn.datasets.anes96()).fit()
        >>> res.test(term="educ", kind="all")
        Tests of educ = 0 in every equation
         Wald   chi2(1) = 8.5506, P = 0.003
           LR   chi2(1) = 8.6189, P = 0.003
        score   chi2(1) = 8.6000, P = 0.003
        """
        chosen = kind_of(kind, (*KINDS, ALL, *SCALED))
        if self.shrinkage is not None:
            raise OptionError("no-test-of-ridge", f"test(): {NO_TEST}")
        wanted, columns = self._asked(hypothesis, value, term, outcome)
        if chosen == "wald":
            self._check_errors("test()")
            return self.estimates.test_estimated(wanted)
        if chosen in SCALED:
            caller = f"test(kind={kind!r})"
            self._check_scaled(caller)
            return self._hypothesis(wanted, columns, caller).test(chosen)
        refused = self._no_ratio("test()")
        if chosen == "lr" and refused is not None:
            raise refused
        if chosen == ALL:
            return self._every_test(wanted, columns, self._refused("test()"), "test(kind='all')")
        return self._hypothesis(wanted, columns, f"test(kind={kind!r})").test(chosen)

    def _every_test(
        self, wanted: Restrictions, columns: Any, known: Mapping[str, str], caller: str
    ) -> Tests:
        """All three, or the Wald test alone where a fit under the hypothesis cannot be had."""
        try:
            asked = self._hypothesis(wanted, columns, caller)
        except (OptionError, DataError) as error:
            return self._wald_alone(wanted, error, known, caller)
        return asked.all(known)

    def _wald_alone(
        self, wanted: Restrictions, error: MnlstatError, known: Mapping[str, str], caller: str
    ) -> Tests:
        """The Wald test, where an error says why a fit under the hypothesis cannot be had."""
        why = reason_of(error, caller)
        notes = {"lr": why, "score": why} | dict(known)
        results: dict[str, TestResult | None] = dict.fromkeys(KINDS)
        if "wald" not in known:
            try:
                results["wald"] = self.estimates.test_estimated(wanted)
            except (RankError, SeparationError) as lost:
                notes["wald"] = reason_of(lost, wanted.text)
        return Tests(wanted.text, results, notes)

    def _asked(
        self, hypothesis: Any, value: Any, term: Any, outcome: Any
    ) -> tuple[Restrictions, Any]:
        """The restrictions of the p estimated coefficients; the columns they leave out, if any."""
        given = [hypothesis is not None, term is not None, outcome is not None]
        if sum(given) != 1:
            raise OptionError(
                "one-hypothesis",
                "test() takes one of: a hypothesis, term=, outcome=."
                f" {'None' if not any(given) else 'More than one'} was given.",
            )
        if value is not None and hypothesis is None:
            raise OptionError("value-with-words", f"value={shown(value)} belongs to a matrix R.")
        kept = self.aliasing.kept
        q = len(self.outcomes) - 1
        if term is not None:
            columns = columns_of_terms(term, self.terms, kept)
            return without_columns(columns, q, term), columns
        if outcome is not None:
            k = int(kept.sum())
            labels = self.estimates.labels
            return slopes_of_outcome(outcome, labels, self.constant_direction, k), None
        self._check_no_term(hypothesis)
        found = restrictions(hypothesis, value, list(self.index), self.estimates.kept)
        R = found.R[:, self.estimates.kept]
        check_consistent(R, found.r, found.text)
        return replace(found, R=R), None

    def _check_no_term(self, hypothesis: Any) -> None:
        """Say how a term is tested where its name alone is given for a hypothesis."""
        names = [term.name for term in self.terms]
        if isinstance(hypothesis, str) and meant(hypothesis, names) in names:
            raise OptionError(
                "unknown-coefficient",
                f"{hypothesis!r} is no coefficient, but a term: test(term={hypothesis!r}) tests it"
                " over all equations.",
            )

    def _hypothesis(self, wanted: Restrictions, columns: Any, caller: str) -> Hypothesis:
        """A hypothesis with what its tests need; ``columns`` (k,) that it leaves out, if any."""
        space = self._space(caller)
        under = space.where(wanted.R, wanted.r) if columns is None else space.without(columns)
        return Hypothesis(
            wanted,
            self.estimates,
            self._maximised,
            space,
            under,
            partial(self._covariance_at, caller),
        )

    def _space(self, caller: str) -> Space:
        """The coefficients that the model leaves free, against the base of this result."""
        likelihood = self._rows(caller).likelihood
        if self.penalty is not None:
            return replace(PenalisedSpace.of(likelihood), estimate=self.estimates.values)
        bound = self.constrained
        if bound is None:
            return Space.of(likelihood)
        k = len(self.aliasing.names)
        return Space.of(likelihood, in_base(bound.R, k, bound.base, likelihood.base), bound.r)

    @property
    def _maximised(self) -> float:
        """The maximum: of the log-likelihood, or of the penalised one."""
        return self.llf if self.penalised_llf is None else self.penalised_llf
