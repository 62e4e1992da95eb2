"""Linear equality constraints: a likelihood as a function of the coefficients that stay free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg import qr, solve_triangular

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.errors import OptionError
from mnlstat.likelihood.affine import AffineLikelihood

# Of the weights of a constraint, what elimination leaves when it follows from others.
DEPENDENT = 1e-10


@dataclass(frozen=True, eq=False)
class Elimination:
    """``R b = r`` solved for some of the coefficients: ``b = t0 + T phi``, ``phi`` the others.

    Coefficients that are fixed, or equal, are so to the last bit: no product is rounded in two
    ways.

    Attributes
    ----------
    free : (d,) positions of ``phi`` in b
    solved : (r,) positions of the others
    weights : (r, d) ``b[solved] = constants + weights phi``
    constants : (r,)
    """

    free: IntArray
    solved: IntArray
    weights: FloatArray
    constants: FloatArray

    @classmethod
    def of(cls, R: FloatArray, r: FloatArray, texts: Sequence[str]) -> Elimination:
        """Eliminate (Gauss & Jordan) one coefficient by each constraint, that of largest weight.

        Raises
        ------
        OptionError
            For a constraint that follows from those before it, or contradicts them; and when no
            coefficient stays free.
        """
        rows = np.zeros((0, R.shape[1] + 1))
        pivots: list[int] = []
        for row, right, text in zip(R, r, texts, strict=True):
            new = np.append(row, right)
            taken = new[pivots] @ rows
            size = float(np.abs(row).max())
            scale = float(np.abs(new[pivots]) @ np.abs(rows[:, -1])) + abs(right)
            new = new - taken
            new[np.abs(new) <= DEPENDENT * np.append(np.full(len(row), size), scale)] = 0.0
            if not new[:-1].any():
                raise _refused(text, contradicts=bool(new[-1]))
            pivot = int(np.argmax(np.abs(new[:-1])))
            new = new / new[pivot]
            rows = np.vstack([rows - np.outer(rows[:, pivot], new), new])
            pivots.append(pivot)
        free = np.setdiff1d(np.arange(R.shape[1]), pivots)
        if not len(free):
            raise OptionError(
                "constraints-leave-nothing",
                f"the {len(r)} constraints fix every coefficient: there is nothing to estimate.",
            )
        solved = np.array(pivots, dtype=np.intp)
        return cls(free, solved, -rows[:, free], rows[:, -1])

    @property
    def n_parameters(self) -> int:
        """p."""
        return len(self.free) + len(self.solved)

    @property
    def origin(self) -> FloatArray:
        """``t0`` (p,)."""
        origin = np.zeros(self.n_parameters)
        origin[self.solved] = self.constants
        return origin

    def directions(self, phi: FloatArray) -> FloatArray:
        """``T phi`` (p, ...) for phi (d, ...)."""
        full = np.zeros((self.n_parameters, *phi.shape[1:]))
        full[self.free] = phi
        for at, weights in zip(self.solved, self.weights, strict=True):
            for column in np.flatnonzero(weights):
                full[at] += weights[column] * phi[column]
        return full

    def pulled_back(self, score: FloatArray) -> FloatArray:
        """``T'g`` (d,) for a gradient g (p,)."""
        pulled: FloatArray = score[self.free] + self.weights.T @ score[self.solved]
        return pulled


def _refused(text: str, *, contradicts: bool) -> OptionError:
    if contradicts:
        return OptionError(
            "infeasible-constraint",
            f"constraint {text!r} contradicts those before it: no coefficients fulfil them all.",
        )
    return OptionError(
        "redundant-constraint",
        f"constraint {text!r} follows from those before it.\nLeave it out.",
    )


@dataclass(frozen=True, eq=False)
class Constrained:
    """A likelihood under ``b = t0 + T phi``, as the optimiser asks for it.

    Attributes
    ----------
    inner : MultinomialLikelihood
    elimination : Elimination
    """

    inner: Any
    elimination: Elimination

    @property
    def unit(self) -> float:
        """That of the likelihood."""
        unit: float = self.inner.unit
        return unit

    def standardised(self) -> tuple[AffineLikelihood, Back]:
        """The same in orthonormal coordinates of the directions that stay free.

        The certificate of a finite maximum is then one along these directions alone.
        """
        conditioned, change = self.inner.standardised()
        elimination = self.elimination
        T, origin = elimination.directions(np.eye(len(elimination.free))), elimination.origin
        if change is not None:
            T, origin = change.from_original(T), change.from_original(origin)
        lengths = np.linalg.norm(T, axis=0)
        Q, triangle = qr(T / lengths, mode="economic")
        back = Back(elimination, change, Q, triangle * lengths)
        return AffineLikelihood(conditioned, Q, origin), back


@dataclass(frozen=True, eq=False)
class Back:
    """From orthonormal coordinates ``psi = U phi`` to ``T phi``."""

    elimination: Elimination
    change: Any
    Q: FloatArray
    triangle: FloatArray

    def to_original(self, theta: FloatArray) -> FloatArray:
        """``T phi`` (p, ...); the origin ``t0`` is for the caller to add."""
        phi = solve_triangular(self.triangle, theta, check_finite=False)
        return self.elimination.directions(np.asarray(phi, dtype=float))

    def from_original(self, params: FloatArray) -> FloatArray:
        """The coordinates nearest to a difference of parameters."""
        inner = params if self.change is None else self.change.from_original(params)
        nearest: FloatArray = self.Q.T @ inner
        return nearest
