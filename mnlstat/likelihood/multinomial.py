"""The multinomial (baseline-category) logit likelihood with exact derivatives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray, IntArray
from mnlstat.arrow import written_out
from mnlstat.likelihood import kernels, starts
from mnlstat.likelihood import limiting as limits
from mnlstat.likelihood.affine import AffineLikelihood, affine
from mnlstat.likelihood.checks import block_numbers, check_order, checked_rows
from mnlstat.likelihood.evaluation import BlockTerms, Evaluation
from mnlstat.likelihood.kernels import OutcomeOrder
from mnlstat.likelihood.limiting import Limiting
from mnlstat.likelihood.parameters import ParameterVector
from mnlstat.likelihood.preconditioner import KroneckerMetric
from mnlstat.likelihood.radius import curvature_bound, curvature_radius, reach
from mnlstat.likelihood.softmax import Probabilities
from mnlstat.linalg import Triangle
from mnlstat.options import check_count, named_options
from mnlstat.rows.coordinates import Coordinates
from mnlstat.rows.geometry import Geometry
from mnlstat.rows.grouped import Grouped, LevelMeans
from mnlstat.rows.level_geometry import LevelGeometry, geometry_of
from mnlstat.rows.matrix import Dense
from mnlstat.rows.rows import Block, Rows
from mnlstat.rows.streamed import Streamed
from mnlstat.rows.streamed_levels import StreamedLevels
from mnlstat.rows.total import total

# Reading and decoding a block anew, in passes with the score only (measured, columnar files).
READING = 10.0


@dataclass(frozen=True)
class MultinomialLikelihood:
    r"""Log-likelihood of the multinomial logit model, its score and its Hessian.

    Row :math:`i` has design :math:`x_i` (k,), counts :math:`y_{ij}` of J outcomes,
    :math:`m_i = \sum_j y_{ij}` trials (one, for a single choice), weight :math:`w_i`, offset
    :math:`o_{ij}`.  With :math:`\eta_{ij} = x_i'b_j + o_{ij}`, :math:`b = 0` for the base outcome,
    and :math:`\pi_{ij} = e^{\eta_{ij}} / \sum_l e^{\eta_{il}}`:

    .. math::

       \ell = \sum_i w_i \sum_j y_{ij} \log \pi_{ij}, \qquad
       \frac{\partial \ell}{\partial b_j} = \sum_i w_i (y_{ij} - m_i \pi_{ij}) x_i, \qquad
       \frac{\partial^2 \ell}{\partial b_j \partial b_l'} =
       -\sum_i w_i m_i \pi_{ij} (1[j = l] - \pi_{il}) x_i x_i'.

    All are sums over rows, never means.  Parameters are one vector, outcome-major: all k
    coefficients of the first outcome that is not the base, then those of the next.  A vector of
    the length before aliased columns were left out is accepted too, with NaN exactly at those.

    Parameters
    ----------
    rows : Rows or Streamed
        Design, response, weights and offset in blocks, in memory or read anew for each pass.
    base : int
        Position of the base outcome.
    kept : (K,) bool array, optional
        Which of the K columns of the full design ``rows`` holds; None when it holds all.
    known : Geometry or LevelGeometry, optional
        Properties of the design, where they are known already; computed when asked for otherwise.

    References
    ----------
    McFadden, D. (1974). Conditional logit analysis of qualitative choice behavior. In Zarembka
    (ed.), *Frontiers in Econometrics*, 105-142.
    Agresti, A. (2013). *Categorical Data Analysis*, 3rd ed., section 8.1.

    Examples
    --------
    >>> import numpy as np
    >>> from mnlstat import MultinomialLikelihood
    >>> X = np.column_stack([np.ones(4), [0.0, 1.0, 2.0, 3.0]])
    >>> likelihood = MultinomialLikelihood.from_arrays(X, np.array([0, 1, 2, 1]))
    >>> round(likelihood.loglike(np.zeros(4)), 6)      # 4 log(1/3)
    -4.394449
    """

    rows: Rows | Streamed
    base: int = 0
    kept: Any = None
    known: Any = field(default=None, repr=False)

    @classmethod
    @named_options
    def from_arrays(
        cls,
        X: Any,
        y: Any,
        n_outcomes: int | None = None,
        base: int = 0,
        weights: Any = None,
        offset: Any = None,
    ) -> MultinomialLikelihood:
        """Likelihood of arrays.

        Parameters
        ----------
        X : (n, k) array
            Design; a constant is not added.
        y : (n,) int array or (n, J) array
            Outcome codes 0..J-1, or how often each outcome was chosen.
        n_outcomes : int, optional
            J; by default the largest code plus one.
        base : int
            Position of the base outcome.
        weights : (n,) array, optional
            Row weights; rows of weight zero are left out.
        offset : (n, J) array, optional
            Added to the linear predictors.

        Raises
        ------
        DataError, WeightsError, OffsetError, OptionError
            For shapes that do not fit and values that are not finite or not allowed.
        """
        rows, base = checked_rows(X, y, n_outcomes, base, weights, offset)
        return cls(rows, base)

    @property
    def n_rows(self) -> int:
        """n."""
        return len(self.rows)

    @property
    def information_cost(self) -> float:
        """Cost of a pass with the information, in passes with the score only (measured)."""
        cost = kernels.information_cost(self._summed)
        return 1.0 + (cost - 1.0) / (1.0 + READING) if self.reads_anew else cost

    @property
    def reads_anew(self) -> bool:
        """Whether each pass reads its rows from outside of memory."""
        return isinstance(self.rows, Streamed)

    @property
    def well_preconditioned(self) -> bool:
        """Whether the preconditioner knows how the columns overlap."""
        matrix = self.rows.matrix
        return not (isinstance(matrix, Grouped) and matrix.rest.coded)

    @property
    def kernel(self) -> str:
        """What sums the rows: "compiled" or "numpy"."""
        return kernels.kernel_of(self._summed)

    @property
    def rarest(self) -> float:
        """Smallest total of an outcome, among the rows of a level where levels have effects."""
        levels = self.rows.matrix.n_levels if isinstance(self.rows.matrix, Grouped) else 1
        return float(self.rows.outcome_totals().min()) / levels

    @property
    def sample_rows(self) -> int:
        """Rows of a spread at hand that has some of each level; zero where there is none."""
        return len(self.rows.sample) if isinstance(self.rows, StreamedLevels) else 0

    @property
    def n_parameters(self) -> int:
        """p = k (J - 1)."""
        return self.rows.n_columns * (self.rows.n_outcomes - 1)

    @cached_property
    def _outcomes(self) -> OutcomeOrder:
        return OutcomeOrder.of(self.rows.n_outcomes, self.base)

    @property
    def others(self) -> IntArray:
        """Positions of the outcomes that are not the base, in order (q,)."""
        return self._outcomes.others

    @cached_property
    def geometry(self) -> Geometry | LevelGeometry:
        """Properties of the design, computed when first asked for."""
        known: Geometry | LevelGeometry | None = self.known
        return geometry_of(self._summed) if known is None else known

    @cached_property
    def _summed(self) -> Rows | Streamed:
        """What value, score and information are computed from."""
        return self.rows.collapsed()

    def coefficients(self, params: Any) -> FloatArray:
        """``B`` (q, k) from a parameter vector."""
        shape = ParameterVector(len(self.others), self.rows.n_columns, self.kept)
        return shape.coefficients(params)

    def evaluate(self, params: Any, order: int = 2) -> Evaluation:
        """Value, score (order 1) and information (order 2) from one pass over the rows."""
        return self._evaluate(self.coefficients(params), check_order(order))

    def _evaluate(self, B: FloatArray, order: int) -> Evaluation:
        outcomes = self._outcomes
        rows = self._summed
        sums = total(rows, lambda block: kernels.block_sums(block, B, outcomes, order))
        value = sums.value + sums.carried
        if sums.score is None:
            return Evaluation(value)
        if sums.grams is None:
            return Evaluation(value, sums.score.ravel())
        information = rows.matrix.assemble(sums.grams, len(B))
        return Evaluation(value, sums.score.ravel(), information)

    @named_options
    def loglike(self, params: Any) -> float:
        """Log-likelihood, ``sum_i w_i sum_j y_ij log pi_ij``."""
        return self.evaluate(params, 0).value

    @named_options
    def score(self, params: Any) -> FloatArray:
        """Gradient of the log-likelihood (p,)."""
        score = self.evaluate(params, 1).score
        assert score is not None
        return score

    @named_options
    def information(self, params: Any) -> FloatArray:
        """Negative Hessian (p, p): observed and expected information are the same here."""
        information = self.evaluate(params, 2).information
        assert information is not None
        return written_out(information)

    @named_options
    def hessian(self, params: Any) -> FloatArray:
        """Matrix of second derivatives of the log-likelihood (p, p), negative semidefinite."""
        return -self.information(params)

    @named_options
    def score_obs(self, params: Any) -> FloatArray:
        """Score of each row (n, p); the columns sum to the score."""
        B, outcomes = self.coefficients(params), self._outcomes
        parts = [kernels.score_rows(block, B, outcomes) for block in self.rows.blocks()]
        return np.concatenate(parts)

    @named_options
    def loglike_obs(self, params: Any) -> FloatArray:
        """Log-likelihood of each row, ``w_i sum_j y_ij log pi_ij`` (n,); the sum is ``loglike``."""
        B, outcomes = self.coefficients(params), self._outcomes
        parts = [kernels.loglike_rows(block, B, outcomes) for block in self.rows.blocks()]
        return np.concatenate(parts)

    def score_products(self, params: Any, *, repeated: bool = True) -> FloatArray:
        """Sum of outer products of row scores (p, p).

        Frequency weights repeat the product, ``sum f_i s_i s_i'``; with ``repeated=False`` weights
        multiply the score, ``sum w_i^2 s_i s_i'``.
        """
        B, outcomes = self.coefficients(params), self._outcomes
        return kernels.score_products(self.rows, B, outcomes, repeated)

    @named_options
    def probabilities(self, params: Any) -> FloatArray:
        """``pi`` (n, J), outcomes in order; each row sums to one."""
        B, outcomes = self.coefficients(params), self._outcomes
        parts = [
            Probabilities.of(kernels.linear_predictors(block, B, outcomes)).pi[outcomes.place].T
            for block in self.rows.blocks()
        ]
        return np.concatenate(parts)

    def block_terms(self, params: Any, block: Block) -> BlockTerms:
        """Linear predictors, probabilities, residuals and variances of the rows of one block."""
        return kernels.block_terms(block, self.coefficients(params), self._outcomes)

    def start(self) -> FloatArray:
        """Parameters of the null model: log odds of the outcome shares, all slopes zero.

        Less the mean offsets, where there are any.  Zeros when no columns combine to a constant.
        """
        return starts.null_start(self.rows, self.geometry, self._outcomes)

    def null_value(self) -> float:
        """Log-likelihood at ``start()``: in closed form where the null model has one."""
        value = starts.null_value(self.rows, self.geometry)
        return self.evaluate(self.start(), 0).value if value is None else value

    def preconditioner(self) -> KroneckerMetric:
        """Information as it would be if every row had the outcome shares."""
        totals = self.rows.outcome_totals()
        shares = (totals / totals.sum())[self.others]
        gram = self.geometry.sums.gram
        return KroneckerMetric(shares, np.diag(gram) if gram.ndim == 1 else gram)

    @property
    def unit(self) -> float:
        """A power of four near the mean weight where that is far from one, else one."""
        return self.rows.weight_unit()

    def standardised(self) -> tuple[MultinomialLikelihood, Coordinates | LevelMeans | None]:
        """The same likelihood, divided by ``unit``, in columns fit to compute with.

        They are orthonormal where conditioning asks for it, else those of the design.
        """
        rows, coordinates = self._summed, self.geometry.coordinates
        if self.unit != 1.0:
            rows = self.rows.with_unit(self.unit).collapsed()
        if coordinates is not None:
            rows = rows.in_coordinates(coordinates)
        known: Any = self.geometry if coordinates is None else None
        if coordinates is not None and isinstance(self.geometry, Geometry):
            known = self.geometry.changed(rows)
        return replace(self, rows=rows, kept=None, known=known), coordinates

    def recoordinate(self, T: Any, t0: Any = None) -> AffineLikelihood:
        """The likelihood as a function of ``theta``, where params = ``t0 + T theta``."""
        return affine(self, self.n_parameters, T, t0)

    def cases(self) -> tuple[FloatArray, BoolArray] | None:
        """Rows of the design, and the outcomes that each saw (m, J), the base last.

        Equal rows may be one.  None for rows that are too many, or that are not written out.
        """
        found = limits.cases(self._summed)
        return None if found is None else (found[0], found[1][:, self._outcomes.order])

    @property
    def summed_rows(self) -> Rows:
        """The rows in memory that sums are taken over: equal ones may be one, with counts."""
        assert isinstance(self._summed, Rows)
        return self._summed

    def limiting(self, available: BoolArray, null: FloatArray) -> Limiting:
        """The likelihood in which each row chooses among the available outcomes (m, J) alone.

        The base is the last of them; ``null`` (p, d) are the directions that it then does not
        depend on.
        """
        rows = self.summed_rows
        written = rows if isinstance(rows.matrix, Dense) else replace(rows, matrix=Dense(rows.X))
        conditioned, change = replace(self, rows=written, known=None).standardised()
        return limits.limiting(conditioned, change, available[:, self._outcomes.place], null)

    def conditional(self, available: BoolArray) -> MultinomialLikelihood:
        """The same likelihood of rows that choose among the available outcomes (m, J) alone.

        As ``limiting`` of all coefficients: it does not depend on those that are infinite.
        """
        assert isinstance(self.rows, Rows)
        return replace(self, rows=limits.narrowed(self.rows, available[:, self._outcomes.place]))

    def subsample(self, blocks: Iterable[int]) -> MultinomialLikelihood:
        """The likelihood of the rows in the blocks with these numbers."""
        step, n = self.rows.block_rows, len(self.rows)
        wanted = block_numbers(blocks, -(-n // step))
        parts = [np.arange(b * step, min((b + 1) * step, n)) for b in wanted]
        return replace(self, rows=self.rows.subset(np.concatenate(parts)), known=None)

    def spread(self, n_rows: int) -> MultinomialLikelihood:
        """The likelihood of about ``n_rows`` rows, in short stretches evenly spread."""
        return replace(self, rows=self.rows.spread(check_count("n_rows", n_rows, 1)), known=None)

    def reach(self, step: FloatArray) -> float:
        """Largest change, over rows, of a difference of two linear predictors along ``step``."""
        return reach(self._summed, step.reshape(-1, self.rows.n_columns))

    def curvature_bound(self, root: FloatArray) -> float:
        """A bound on ``R`` that needs no pass over the rows; ``root`` as for the closer one."""
        return curvature_bound(self.geometry.sums.gram, root)

    def curvature_radius(self, root: FloatArray, exact: bool = False) -> float:
        """``R``: the third derivative along any direction is at most R times the second.

        ``root`` is ``F`` (p, d) with ``F F'`` the inverse information.  By default a bound on R
        at a fraction of its cost.
        """
        return curvature_radius(self._summed, self.geometry.sums.gram, root, exact)

    def information_root(self, params: Any) -> FloatArray:
        """Triangle ``R`` (p, p) with ``R'R`` the information, never forming the product."""
        B, outcomes = self.coefficients(params), self._outcomes
        enough = max(64, 8 * self.n_parameters // self.rows.n_outcomes)
        narrow = replace(self._summed, block_rows=enough)
        return total(narrow, lambda block: Triangle.of(kernels.root_rows(block, B, outcomes))).r
