"""Wald tests of whole terms, and of all slopes, over all equations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import numpy as np
import pandas as pd

from mnlstat.arrays import BoolArray, FloatArray, IntArray
from mnlstat.inference.estimates import Estimates
from mnlstat.inference.hypotheses import TestResult, wald


class TermLike(Protocol):
    """A term and the design columns ``start`` to ``stop - 1`` that it owns."""

    @property
    def name(self) -> str:
        """As in the formula."""

    @property
    def start(self) -> int:
        """First column."""

    @property
    def stop(self) -> int:
        """One past the last column."""

    @property
    def factors(self) -> tuple[str, ...]:
        """What it multiplies; empty for the constant."""


def wald_terms(estimates: Estimates, terms: Iterable[TermLike], kept: BoolArray) -> pd.DataFrame:
    """Test, term by term, that all coefficients of its columns are zero, as they are coded.

    ``kept`` (K,) says which design columns are estimated; the constant is not a term.
    """
    q = len(estimates.labels) // len(kept)
    tests = {
        term.name: estimates.test_zero(
            _positions(kept, term.start, term.stop, q), f"{term.name} = 0 in every equation"
        )
        for term in terms
        if term.factors
    }
    return pd.DataFrame(
        {
            "statistic": [test.statistic for test in tests.values()],
            "df": [test.df for test in tests.values()],
            "p_value": [test.pvalue for test in tests.values()],
        },
        index=pd.Index(tests, name="term"),
    )


def wald_slopes(estimates: Estimates, constant: FloatArray | None, k: int) -> TestResult:
    """Test that the probabilities depend on no column.

    ``constant`` (k,) is c with ``X c = 1``; without one every coefficient counts as a slope.
    """
    equations = np.eye(len(estimates.values) // k)
    R: FloatArray = np.kron(equations, _slope_directions(constant, k)).astype(float)
    return wald(R @ estimates.values, estimates.covariance.of(R), "all slopes = 0")


def _positions(kept: BoolArray, start: int, stop: int, q: int) -> IntArray:
    """Positions, among the estimates of all q equations, of design columns start..stop-1."""
    place = np.cumsum(kept) - 1
    own = place[start:stop][kept[start:stop]]
    return (np.arange(q)[:, None] * int(kept.sum()) + own).ravel()


def _slope_directions(constant: FloatArray | None, k: int) -> FloatArray:
    """Rows ``N`` with ``N b = 0`` exactly when ``X b`` is constant."""
    if constant is None:
        return np.eye(k)
    if np.count_nonzero(constant) == 1:
        return np.delete(np.eye(k), int(np.flatnonzero(constant)[0]), axis=0)
    full = np.linalg.qr(constant[:, None], mode="complete").Q
    return np.asarray(full[:, 1:].T, dtype=float)
