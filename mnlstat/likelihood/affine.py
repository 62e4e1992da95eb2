"""A likelihood seen through an affine change of its parameters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from mnlstat.arrays import FloatArray, real_array
from mnlstat.arrow import diagonal, written_out
from mnlstat.errors import DataError
from mnlstat.likelihood.evaluation import BlockTerms, Evaluation
from mnlstat.linalg import Factor, factorise, triangular
from mnlstat.rows.rows import Block

# Least eigenvalue, relative to the largest, of a metric that directs steps.
FLOOR = 1e-10


class Metric(Protocol):
    """A positive definite matrix."""

    def matrix(self) -> FloatArray:
        """Written out."""


class Inner(Protocol):
    """What is asked of the likelihood underneath."""

    def evaluate(self, params: Any, order: int = 2) -> Evaluation:
        """Value, score and information."""

    def probabilities(self, params: Any) -> FloatArray:
        """``pi`` (n, J)."""

    def block_terms(self, params: Any, block: Block) -> BlockTerms:
        """What each row of one block tells."""

    def subsample(self, blocks: Iterable[int]) -> Inner:
        """The likelihood of the rows in some blocks."""

    def start(self) -> FloatArray:
        """A point to start from."""

    @property
    def n_rows(self) -> int:
        """n."""

    @property
    def information_cost(self) -> float:
        """Cost of a pass with the information, in passes with the score only."""

    @property
    def well_preconditioned(self) -> bool:
        """Whether the preconditioner is near to the information of the null model."""

    @property
    def rarest(self) -> float:
        """Smallest total of an outcome."""

    @property
    def sample_rows(self) -> int:
        """Rows of a spread at hand that has some of each level; zero where there is none."""

    @property
    def reads_anew(self) -> bool:
        """Whether each pass reads its rows from outside of memory."""

    def null_value(self) -> float:
        """The log-likelihood of the null model."""

    def preconditioner(self) -> Metric:
        """The information if every row had the outcome shares."""

    def spread(self, n_rows: int) -> Inner:
        """The likelihood of some of the rows."""

    def reach(self, step: FloatArray) -> float:
        """Largest change of a difference of two linear predictors along a step."""

    def curvature_bound(self, root: FloatArray) -> float:
        """Bound on the third derivative relative to the second."""

    def curvature_radius(self, root: FloatArray, exact: bool = False) -> float:
        """A closer bound."""

    def information_root(self, params: Any) -> FloatArray:
        """Triangle whose square is the information."""


@dataclass(frozen=True)
class AffineLikelihood:
    """``l(t0 + T theta)`` as a function of ``theta``: constraints, scalings, profiles.

    Attributes
    ----------
    inner : the likelihood of params (p,)
    T : (p, d)
    t0 : (p,)
    """

    inner: Inner
    T: FloatArray
    t0: FloatArray

    @property
    def n_parameters(self) -> int:
        """d, the length of theta."""
        return int(self.T.shape[1])

    def params(self, theta: Any) -> FloatArray:
        """``t0 + T theta``."""
        params: FloatArray = self.t0 + self.T @ np.asarray(theta, dtype=float)
        return params

    def loglike(self, theta: Any) -> float:
        """Log-likelihood."""
        return self.evaluate(theta, 0).value

    def score(self, theta: Any) -> FloatArray:
        """Gradient (d,)."""
        score = self.evaluate(theta, 1).score
        assert score is not None
        return score

    def hessian(self, theta: Any) -> FloatArray:
        """Matrix of second derivatives (d, d)."""
        return -self.information(theta)

    def probabilities(self, theta: Any) -> FloatArray:
        """``pi`` (n, J)."""
        return self.inner.probabilities(self.params(theta))

    def block_terms(self, theta: Any, block: Block) -> BlockTerms:
        """Those of the likelihood underneath, for the rows of one block."""
        return self.inner.block_terms(self.params(theta), block)

    def recoordinate(self, T: Any, t0: Any = None) -> AffineLikelihood:
        """The likelihood as a function of yet another vector, theta being affine in it."""
        return affine(self, self.n_parameters, T, t0)

    def subsample(self, blocks: Iterable[int]) -> AffineLikelihood:
        """The likelihood of the rows in the blocks with these numbers."""
        return AffineLikelihood(self.inner.subsample(blocks), self.T, self.t0)

    def evaluate(self, theta: Any, order: int = 2) -> Evaluation:
        """Value, score ``T'g`` and information ``T'I T``."""
        inner = self.inner.evaluate(self.params(theta), order)
        score = None if inner.score is None else self.T.T @ inner.score
        if inner.information is None:
            return Evaluation(inner.value, score)
        sizes = diagonal(inner.information) if inner.scale is None else inner.scale**2
        scale = np.sqrt(np.square(self.T).T @ sizes)
        information = self.T.T @ written_out(inner.information) @ self.T
        return Evaluation(inner.value, score, information, scale)

    def start(self) -> FloatArray:
        """The theta whose params are nearest to the start of the likelihood underneath."""
        nearest = np.linalg.lstsq(self.T, self.inner.start() - self.t0, rcond=None)[0]
        return np.asarray(nearest, dtype=float)

    def null_value(self) -> float:
        """Log-likelihood at ``start()``."""
        return self.evaluate(self.start(), 0).value

    def information(self, theta: Any) -> FloatArray:
        """``T'I T``."""
        information = self.evaluate(theta, 2).information
        assert information is not None
        return written_out(information)

    @property
    def unit(self) -> float:
        """One: what is computed is not divided by anything."""
        return 1.0

    def standardised(self) -> tuple[AffineLikelihood, None]:
        """Itself: whoever chose the change of coordinates chose its conditioning."""
        return self, None

    @property
    def n_rows(self) -> int:
        """n."""
        return self.inner.n_rows

    @property
    def information_cost(self) -> float:
        """That of the likelihood underneath."""
        return self.inner.information_cost

    @property
    def well_preconditioned(self) -> bool:
        """That of the likelihood underneath."""
        return self.inner.well_preconditioned

    @property
    def rarest(self) -> float:
        """Smallest total of an outcome."""
        return self.inner.rarest

    @property
    def sample_rows(self) -> int:
        """Rows of a spread at hand that has some of each level; zero where there is none."""
        return self.inner.sample_rows

    @property
    def reads_anew(self) -> bool:
        """As the likelihood underneath."""
        return self.inner.reads_anew

    def preconditioner(self) -> Factor:
        """``T'M T`` for the metric ``M`` of the likelihood underneath."""
        metric = self.T.T @ self.inner.preconditioner().matrix() @ self.T
        factor = factorise(metric)
        if factor is None:  # so near to singular that rounding decides; it only directs steps
            values, vectors = np.linalg.eigh(metric)
            floored = np.maximum(values, FLOOR * values.max(initial=0.0) or 1.0)
            factor = factorise((vectors * floored) @ vectors.T)
        assert factor is not None, "what has no eigenvalue near zero is definite"
        return factor

    def spread(self, n_rows: int) -> AffineLikelihood:
        """The same of about ``n_rows`` rows, evenly spread."""
        return AffineLikelihood(self.inner.spread(n_rows), self.T, self.t0)

    def reach(self, step: FloatArray) -> float:
        """That of the likelihood underneath, along ``T step``."""
        return self.inner.reach(self.T @ step)

    def curvature_bound(self, root: FloatArray) -> float:
        """That of the likelihood underneath, over the directions that ``T`` leaves open."""
        return self.inner.curvature_bound(self.T @ root)

    def curvature_radius(self, root: FloatArray, exact: bool = False) -> float:
        """That of the likelihood underneath, over the directions that ``T`` leaves open."""
        return self.inner.curvature_radius(self.T @ root, exact)

    def information_root(self, theta: Any) -> FloatArray:
        """Triangle ``R`` (d, d) with ``R'R`` the information."""
        return triangular(self.inner.information_root(self.params(theta)) @ self.T)


def affine(inner: Inner, p: int, T: Any, t0: Any) -> AffineLikelihood:
    """A likelihood of p parameters as a function of theta, where params = ``t0 + T theta``.

    Raises
    ------
    DataError
        When ``T`` is not a matrix of p rows, or ``t0`` not a vector of p numbers.
    """
    try:
        matrix = real_array(T)
        origin = np.zeros(p) if t0 is None else real_array(t0)
    except ValueError as error:
        raise DataError("not-numbers", "T and t0 must be arrays of numbers.") from error
    if matrix.ndim != 2 or len(matrix) != p or origin.shape != (p,):
        raise DataError(
            "wrong-shape",
            f"T has shape {matrix.shape} and t0 {origin.shape}; expected ({p}, d) and ({p},).",
        )
    return AffineLikelihood(inner, matrix, origin)
