"""What the optimiser asks of a likelihood."""

from __future__ import annotations

from typing import Any, Protocol

from mnlstat.arrays import FloatArray
from mnlstat.arrow import Symmetric


class Evaluated(Protocol):
    """Value, score and information at a point."""

    @property
    def value(self) -> float:
        """Log-likelihood."""

    @property
    def score(self) -> FloatArray | None:
        """Gradient (p,)."""

    @property
    def information(self) -> Symmetric | None:
        """Negative Hessian (p, p)."""

    @property
    def scale(self) -> FloatArray | None:
        """What rounding of the score is relative to (p,); None for roots of its diagonal."""


class Change(Protocol):
    """A linear change of coordinates of the parameters."""

    def to_original(self, theta: FloatArray) -> FloatArray:
        """Parameters (p, ...) of the likelihood as specified, from those in good coordinates."""

    def from_original(self, params: FloatArray) -> FloatArray:
        """Parameters (p, ...) in good coordinates."""


class Metric(Protocol):
    """A positive definite matrix that stands for the information."""

    def solve(self, b: FloatArray) -> FloatArray:
        """Its inverse times a vector (p,)."""


class NullInformation(Metric, Protocol):
    """The information of the null model."""

    def matrix(self) -> FloatArray:
        """Written out (p, p)."""


class Shape(Protocol):
    """What decides which way to the maximum is the cheapest."""

    @property
    def n_rows(self) -> int:
        """n."""

    @property
    def n_parameters(self) -> int:
        """p."""

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


class Conditioned(Shape, Protocol):
    """A concave log-likelihood in good coordinates."""

    @property
    def reads_anew(self) -> bool:
        """Whether each pass reads its rows from outside of memory."""

    def evaluate(self, params: Any, order: int = 2) -> Evaluated:
        """Value, score (order 1), information (order 2)."""

    def start(self) -> FloatArray:
        """A point to start from: the null model."""

    def null_value(self) -> float:
        """The log-likelihood at ``start()``."""

    def preconditioner(self) -> NullInformation:
        """The information as it would be if every row had the outcome shares."""

    def spread(self, n_rows: int) -> Conditioned:
        """The log-likelihood of about ``n_rows`` rows, evenly spread."""

    def reach(self, step: FloatArray) -> float:
        """Largest change, over rows, of a difference of two linear predictors along a step.

        The information changes by at most this share of itself.
        """

    def curvature_bound(self, root: FloatArray) -> float:
        """Bound on the third derivative relative to the second, without a pass over the rows."""

    def curvature_radius(self, root: FloatArray, exact: bool = False) -> float:
        """A closer bound, from one pass."""

    def information_root(self, params: Any) -> FloatArray:
        """Triangle ``R`` with ``R'R`` the information."""


class Likelihood(Protocol):
    """A concave log-likelihood as it was specified."""

    @property
    def unit(self) -> float:
        """What ``standardised`` divides the log-likelihood by: one, or some power of four."""

    def standardised(self) -> tuple[Conditioned, Change | None]:
        """The same in good coordinates, and the way back; None when they are the same."""
