"""What the optimiser asks of a likelihood."""

from __future__ import annotations

from typing import Any, Protocol

from mnlstat.arrays import FloatArray


class Evaluated(Protocol):
    """Value, score and information at a point."""

    @property
    def value(self) -> float:
        """Log-likelihood."""

    @property
    def score(self) -> FloatArray | None:
        """Gradient (p,)."""

    @property
    def information(self) -> FloatArray | None:
        """Negative Hessian (p, p)."""


class Change(Protocol):
    """A linear change of coordinates of the parameters."""

    def to_original(self, theta: FloatArray) -> FloatArray:
        """Parameters (p, ...) of the likelihood as specified, from those in good coordinates."""

    def from_original(self, params: FloatArray) -> FloatArray:
        """Parameters (p, ...) in good coordinates."""


class Conditioned(Protocol):
    """A concave log-likelihood in good coordinates."""

    def evaluate(self, params: Any, order: int = 2) -> Evaluated:
        """Value, score (order 1), information (order 2)."""

    def start(self) -> FloatArray:
        """A point to start from: the null model."""

    def curvature_radius(self, root: FloatArray, exact: bool = False) -> float:
        """Bound on the third derivative relative to the second."""

    def information_root(self, params: Any) -> FloatArray:
        """Triangle ``R`` with ``R'R`` the information."""


class Likelihood(Protocol):
    """A concave log-likelihood as it was specified."""

    @property
    def unit(self) -> float:
        """What ``standardised`` divides the log-likelihood by: one, or some power of four."""

    def standardised(self) -> tuple[Conditioned, Change | None]:
        """The same in good coordinates, and the way back; None when they are the same."""
