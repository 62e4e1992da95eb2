"""The same linear hypothesis by Wald, likelihood ratio and score, side by side."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray
from mnlstat.errors import (
    ConvergenceError,
    MnlstatError,
    OptionError,
    RankError,
    SeparationError,
)
from mnlstat.inference.estimates import Estimates
from mnlstat.inference.hypotheses import LR, SCORE, WALD, TestResult, independent
from mnlstat.inference.likelihood_tests import CovarianceAt, ratio_test, score_test
from mnlstat.inference.rao_scott import FIRST, RAO_SCOTT, scaled
from mnlstat.inference.rebasing import rebased
from mnlstat.inference.restrictions import Restrictions
from mnlstat.inference.spaces import Maximum, Space, projected

KINDS = ("wald", "lr", "score")
# The likelihood ratio scaled by design effects, of the second order and of the first.
SCALED = ("rao-scott", "rao-scott first-order")
# How messages name the method that was called.
CALLER = re.compile(r"^\w+\([^()]*\): ")
NAMES = {"wald": WALD, "lr": LR, "score": SCORE, SCALED[0]: RAO_SCOTT, SCALED[1]: FIRST}


@dataclass(frozen=True, eq=False)
class Tests(Mapping[str, TestResult | None]):
    """Wald, likelihood-ratio and score test of one hypothesis.

    Attributes
    ----------
    hypothesis : what is tested, in words
    results : for "wald", "lr" and "score" a TestResult, or None
    notes : why there is none, for each that is not there
    """

    __test__ = False  # pytest collects classes by their name

    hypothesis: str
    results: Mapping[str, TestResult | None]
    notes: Mapping[str, str]

    def __getitem__(self, kind: str) -> TestResult | None:
        return self.results[kind]

    def __iter__(self) -> Iterator[str]:
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)

    def to_frame(self) -> pd.DataFrame:
        """A row for each kind: columns statistic, df, p_value; df_denom where one is F."""
        rows = [
            (math.nan, None, math.nan, None)
            if test is None
            else (test.statistic, test.df, test.pvalue, test.df_denom)
            for test in self.results.values()
        ]
        names = [NAMES[kind] for kind in self.results]
        columns = ["statistic", "df", "p_value", "df_denom"]
        frame = pd.DataFrame(rows, index=names, columns=columns)
        frame.index.name = "test"
        frame["df"] = frame["df"].astype("Int64")
        return frame.drop(columns="df_denom") if frame["df_denom"].isna().all() else frame

    def __str__(self) -> str:
        lines = [f"Tests of {self.hypothesis}"]
        for kind, test in self.results.items():
            lines.append(f"{NAMES[kind]:>5}   {'' if test is None else test.numbers}".rstrip())
        lines += [f"{NAMES[kind]}: {why}" for kind, why in self.notes.items()]
        return "\n".join(lines)

    __repr__ = __str__


@dataclass(frozen=True, eq=False)
class Hypothesis:
    """A linear hypothesis about a fit, and what its tests need of the fit.

    Attributes
    ----------
    wanted : Restrictions
        Of the p estimated coefficients.
    estimates : Estimates
    llf : the maximum of the log-likelihood, or its supremum
    space : Space
        What the model leaves free.
    under : Space, optional
        What the hypothesis leaves free; None where constraints of the model contradict it.
    covariance_at : of estimates at given parameters
    fitted : finds the maximum under the hypothesis; by default in ``under``
    """

    wanted: Restrictions
    estimates: Estimates
    llf: float
    space: Space
    under: Space | None
    covariance_at: Callable[[], CovarianceAt]
    fitted: Callable[[], Maximum] | None = None

    def check(self) -> None:
        """Refuse restrictions that depend on each other, and what constraints settle.

        Raises
        ------
        RankError, OptionError
        """
        text, R = self.wanted.text, self.wanted.R
        if not independent(R):
            raise RankError(
                "dependent-restrictions",
                f"the {len(R)} restrictions are not independent: {text}.\n"
                "Leave out those that follow from the others.",
            )
        if self.under is None:
            raise OptionError(
                "against-constraints",
                f"{text}: the constraints of the model fix it otherwise, so it cannot hold.\n"
                "constraints_test() tests the constraints themselves.",
            )
        if not self.df:
            raise OptionError(
                "fixed-by-constraints",
                f"{text}: the constraints of the model fix it; there is nothing to test.\n"
                "constraints_test() tests the constraints themselves.",
            )

    @property
    def df(self) -> int:
        """Restrictions that the model leaves open."""
        assert self.under is not None
        return self.space.dimension - self.under.dimension

    @cached_property
    def maximum(self) -> Maximum:
        """The maximum of the log-likelihood under the hypothesis."""
        if self.fitted is not None:
            return self.fitted()
        assert self.under is not None
        values = self.estimates.values
        root = None if self.estimates.infinity is not None else self.estimates.information_root
        try:
            return self.under.maximum(projected(values, root, self.wanted.R, self.wanted.r))
        except ConvergenceError as error:
            raise _not_found(self.wanted.text, error) from error

    def test(self, kind: str) -> TestResult:
        """The test of one kind: "wald", "lr", "score", or one of ``SCALED``."""
        if kind == "wald":
            return self.estimates.test_estimated(self.wanted)
        if kind == "score":
            self.space.check_score(self.wanted.text)
        self.check()
        if kind == "lr":
            return ratio_test(self.llf, self.maximum.value, self.df, self.wanted.text)
        assert self.under is not None
        R = self.wanted.R
        if self.df < len(R):
            R = self.under.C[len(self.space.C) :]
        if kind in SCALED:
            ratio = ratio_test(self.llf, self.maximum.value, self.df, self.wanted.text)
            first = kind != SCALED[0]
            return scaled(ratio.statistic, R, self.estimates, self.wanted.text, first=first)
        return score_test(self.space, self.maximum, R, self.covariance_at(), self.wanted.text)

    def all(self, refused: Mapping[str, str]) -> Tests:
        """All three; ``refused`` says of some kinds why they are not there."""
        self.check()
        results: dict[str, TestResult | None] = {}
        notes = dict(refused)
        for kind in KINDS:
            results[kind] = None
            if kind in refused:
                continue
            try:
                results[kind] = self.test(kind)
            except (SeparationError, ConvergenceError, RankError, OptionError) as error:
                notes[kind] = reason_of(error, self.wanted.text)
        return Tests(self.wanted.text, results, notes)


def _not_found(hypothesis: str, error: ConvergenceError) -> ConvergenceError:
    """The error of the fit under a hypothesis, which is what that comes from."""
    if error.code != "likelihood-not-finite":
        return ConvergenceError("restricted-fit", f"{hypothesis}: {error.message}")
    return ConvergenceError(
        "restricted-fit",
        f"{hypothesis}: so far from the estimate the log-likelihood is out of range, and no maximum"
        " under the\nhypothesis can be told. Test a value nearer to the estimate, or ask for"
        " kind='wald'.",
    )


def reason_of(error: MnlstatError, subject: str) -> str:
    """The first sentence of a message, without the subject that it begins with."""
    sentence = " ".join(error.message.split()).partition(". ")[0].rstrip(".")
    return f"{CALLER.sub('', sentence.removeprefix(f'{subject}: '))}."


def in_base(C: FloatArray, k: int, old: int, new: int) -> FloatArray:
    """Restrictions (m, p) of coefficients against one base, as those against another.

    k coefficients in each equation; ``old`` and ``new`` are positions of the base outcomes.
    """
    if old == new:
        return C
    moved: FloatArray = C @ rebased(np.eye(C.shape[1]), k, new, old)
    return moved
