"""Wald tests of whole terms, and of all slopes, over all equations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import numpy as np
import pandas as pd

from mnlstat.arrays import BoolArray, FloatArray, IntArray
from mnlstat.inference.estimates import Estimates
from mnlstat.inference.hypotheses import TestResult, judged

# Shares of a constant below this are rounding, not part of it.
NEGLIGIBLE = 1e-8


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


def wald_terms(
    estimates: Estimates,
    terms: Iterable[TermLike],
    kept: BoolArray,
    constant: FloatArray | None = None,
) -> pd.DataFrame:
    """Test, term by term, that all coefficients of its columns are zero, as they are coded.

    ``kept`` (K,) says which design columns are estimated; ``constant`` is as for
    :func:`wald_slopes`.  A term is not tested when it is nothing but the constant, under whatever
    name.
    """
    q = len(estimates.labels) // len(kept)
    tests: dict[str, TestResult] = {}
    for term in terms:
        own = own_columns(kept, term.start, term.stop)
        if term.factors and not (len(own) == 1 and spans_constant(own, constant)):
            places = (np.arange(q)[:, None] * int(kept.sum()) + own).ravel()
            tests[term.name] = estimates.test_zero(places, f"{term.name} = 0 in every equation")
    columns: dict[str, list[float | None]] = {
        "statistic": [test.statistic for test in tests.values()],
        "df": [test.df for test in tests.values()],
        "p_value": [test.pvalue for test in tests.values()],
    }
    if estimates.covariance.degrees is not None:
        columns["df_denom"] = [test.df_denom for test in tests.values()]
    return pd.DataFrame(columns, index=pd.Index(tests, name="term"))


def wald_slopes(estimates: Estimates, constant: FloatArray | None, k: int) -> TestResult:
    """Test that the probabilities depend on no column.

    ``constant`` (k,) is c with ``X c = 1``; without one every coefficient counts as a slope.
    """
    equations = np.eye(len(estimates.values) // k)
    R: FloatArray = np.kron(equations, slope_directions(constant, k)).astype(float)
    if estimates.infinity is not None and estimates.infinity.signs(R).any():
        return judged(float("nan"), len(R), estimates.covariance, "all slopes = 0")
    return estimates.test_combinations(R, "all slopes = 0")


def spanning_term(
    terms: Iterable[TermLike], kept: BoolArray, constant: FloatArray | None
) -> str | None:
    """Name of the term of several columns that span the constant, such as one for each level.

    That its coefficients are zero then says more than that it does not matter.
    """
    for term in terms:
        own = own_columns(kept, term.start, term.stop)
        if len(own) > 1 and spans_constant(own, constant):
            return term.name
    return None


def spans_constant(own: IntArray, constant: FloatArray | None) -> bool:
    """Whether a combination of these columns alone is constant."""
    if constant is None:
        return False
    sizes = np.abs(constant)
    return not np.delete(sizes > NEGLIGIBLE * sizes.max(), own).any()


def own_columns(kept: BoolArray, start: int, stop: int) -> IntArray:
    """Positions, among the kept columns, of design columns start..stop-1."""
    place: IntArray = np.cumsum(kept) - 1
    return place[start:stop][kept[start:stop]]


def slope_directions(constant: FloatArray | None, k: int) -> FloatArray:
    """Rows ``N`` with ``N b = 0`` exactly when ``X b`` is constant."""
    if constant is None:
        return np.eye(k)
    if np.count_nonzero(constant) == 1:
        return np.delete(np.eye(k), int(np.flatnonzero(constant)[0]), axis=0)
    full = np.linalg.qr(constant[:, None], mode="complete").Q
    return np.asarray(full[:, 1:].T, dtype=float)
