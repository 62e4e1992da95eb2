"""Directions along which the log-likelihood rises for ever: separation.

A row with design ``x`` that chose outcome j says ``x'(d_j - d_l) >= 0`` for every other outcome l,
``d`` zero for the base.  The maximum is finite and unique where only ``d = 0`` fulfils all of these
(Albert & Anderson 1984, Biometrika 71, 1-10; Konis 2007, DPhil thesis, Oxford, for the programme).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray, IntArray
from mnlstat.linalg import row_norms
from mnlstat.optimize.exact import cleaned, signs

# A solver's constraints hold to this; what is smaller than the second, relative to the size of its
# terms, may be zero, and is looked at in exact arithmetic.
FEASIBLE = 1e-9
TIGHT = 1e-6
TIGHTEST = 1e-13
# Constraints that are given to the solver at once; more join where a direction breaks them.
AT_ONCE = 8_000
JOINING = 2_000
ROUNDS = 60
CHUNK = 4096


@dataclass(frozen=True)
class Pairs:
    """The constraints of some rows: ``x'(d_chosen - d_other) >= 0``, or zero where both were seen.

    Attributes
    ----------
    X : (m, k) distinct rows of the design
    row, chosen, other : (c,) of each constraint; positions of the outcomes, the base last
    tied : (c,) bool, where the row saw both outcomes
    """

    X: FloatArray
    n_outcomes: int
    row: IntArray
    chosen: IntArray
    other: IntArray
    tied: BoolArray

    @classmethod
    def of(cls, X: FloatArray, seen: BoolArray) -> Pairs:
        """All constraints of rows (m, k) that saw outcomes (m, J), the base last."""
        J = seen.shape[1]
        first = seen.argmax(axis=1)
        row, other = np.nonzero(np.arange(J) != first[:, None])
        return cls(X, J, row, first[row], other, seen[row, other])

    @property
    def seen(self) -> BoolArray:
        """Which outcomes each row saw (m, J)."""
        seen = np.zeros((len(self.X), self.n_outcomes), dtype=bool)
        seen[self.row, self.chosen] = True
        seen[self.row[self.tied], self.other[self.tied]] = True
        return seen

    @property
    def n_parameters(self) -> int:
        """p."""
        return (self.n_outcomes - 1) * int(self.X.shape[1])

    def only(self, which: BoolArray | IntArray) -> Pairs:
        """Some of the constraints."""
        return replace(
            self,
            row=self.row[which],
            chosen=self.chosen[which],
            other=self.other[which],
            tied=self.tied[which],
        )

    def scaled(self) -> tuple[Pairs, FloatArray]:
        """The same of columns of mean square about one, and the scales (p,) of directions.

        Scales are powers of two: a direction of the one, times them, is exactly one of the other.
        """
        scale = self.scales()
        return replace(self, X=self.X * scale), np.tile(scale, self.n_outcomes - 1)

    def scales(self) -> FloatArray:
        """What makes the mean square of each column (k,) about one; infinite for subnormal ones."""
        with np.errstate(over="ignore"):
            scales: FloatArray = np.ldexp(
                1.0, -np.frexp(row_norms(self.X.T) / np.sqrt(len(self.X)))[1]
            )
        return scales

    def slack(self, D: FloatArray) -> tuple[FloatArray, FloatArray]:
        """``x'(d_chosen - d_other)`` for a direction (q k,), and the size of its terms."""
        by_outcome = D.reshape(self.n_outcomes - 1, -1)
        eta = np.zeros((len(self.X), self.n_outcomes))
        size = np.zeros_like(eta)
        eta[:, :-1] = self.X @ by_outcome.T
        size[:, :-1] = np.abs(self.X) @ np.abs(by_outcome).T
        difference = eta[self.row, self.chosen] - eta[self.row, self.other]
        return difference, size[self.row, self.chosen] + size[self.row, self.other]

    def of_two(self) -> Iterator[tuple[int, int, IntArray]]:
        """Two outcomes, the one seen first, and the positions of their constraints."""
        two = self.chosen * self.n_outcomes + self.other
        order = np.argsort(two, kind="stable")
        starts = np.flatnonzero(np.diff(two[order], prepend=-1))
        for at in np.split(order, starts[1:]) if len(order) else []:
            yield int(self.chosen[at[0]]), int(self.other[at[0]]), at

    def products(self, directions: FloatArray) -> FloatArray:
        """``x'(d_chosen - d_other)`` for directions (q k, d), as (c, d)."""
        d = directions.shape[1]
        by_outcome = directions.reshape(self.n_outcomes - 1, -1, d)
        by_outcome = np.concatenate([by_outcome, np.zeros((1, by_outcome.shape[1], d))])
        products = np.empty((len(self.row), d))
        for chosen, other, at in self.of_two():
            difference = by_outcome[chosen] - by_outcome[other]
            for start in range(0, len(at), CHUNK):
                part = at[start : start + CHUNK]
                products[part] = self.X[self.row[part]] @ difference
        return products

    def matrix(self) -> Any:
        """The constraints as a sparse matrix (c, p)."""
        from scipy import sparse

        k, p = self.X.shape[1], self.n_parameters
        X = sparse.csr_matrix(self.X)
        total = sparse.csr_matrix((len(self.row), p))
        for outcome in range(self.n_outcomes - 1):
            sign = (self.chosen == outcome).astype(float) - (self.other == outcome)
            at = np.flatnonzero(sign)
            entries = sparse.csr_matrix(
                (sign[at], (at, self.row[at])), shape=(len(self.row), len(self.X))
            )
            place = sparse.csr_matrix(
                (np.ones(k), (np.arange(k), outcome * k + np.arange(k))), shape=(k, p)
            )
            total = total + entries @ X @ place
        total.eliminate_zeros()
        return total


def single_columns(pairs: Pairs) -> list[FloatArray]:
    """Directions of one column alone, which need no programme.

    The column has one sign in all rows, and an outcome is never seen where it is not zero.
    """
    k, J = pairs.X.shape[1], pairs.n_outcomes
    seen, found = pairs.seen, list[FloatArray]()
    for column in range(k):
        x = pairs.X[:, column]
        sign = 1.0 if (x >= 0).all() else -1.0 if (x <= 0).all() else 0.0
        if not sign or not x.any():
            continue
        for outcome in np.flatnonzero(~seen[x != 0].any(axis=0)):
            D = np.zeros((J - 1, k))
            if outcome < J - 1:
                D[outcome, column] = -sign
            else:
                D[:, column] = sign
            found.append(D.ravel())
    return found


class UnverifiedError(Exception):
    """A direction fulfils the constraints to the tolerance of the solver, but not exactly."""


def direction_of(pairs: Pairs) -> tuple[FloatArray, BoolArray] | None:
    """A direction (p,) that fulfils all constraints exactly, and which of them with room.

    None where there is none.

    Raises
    ------
    UnverifiedError
        Where there may be one: data that are separated, or overlap, by next to nothing.
    """
    scaled, scale = pairs.scaled()
    D = _found(scaled)
    if D is None:
        return None
    verified = _verified(scaled, D)
    if verified is None:
        raise UnverifiedError
    return verified[0] * scale, verified[1]


def verified(pairs: Pairs, D: FloatArray) -> tuple[FloatArray, BoolArray] | None:
    """The direction near ``D`` (p,) that fulfils all constraints exactly, and which with room.

    None where none does, or where that is more than can be told.
    """
    scaled, scale = pairs.scaled()
    found = _verified(scaled, D / scale)
    return None if found is None else (found[0] * scale, found[1])


def _verified(pairs: Pairs, D: FloatArray) -> tuple[FloatArray, BoolArray] | None:
    slack, size = pairs.slack(D)
    for tolerance in (TIGHT, TIGHTEST):
        roomy = slack > tolerance * size
        if not roomy.any():
            continue
        exact = cleaned(D, pairs.only(~roomy).matrix())
        if exact is not None and _hold(pairs.only(roomy), exact):
            return np.array([float(value) for value in exact]), roomy
    return None


def _hold(roomy: Pairs, exact: Sequence[Fraction]) -> bool:
    """Whether a direction in fractions leaves room everywhere."""
    slack, size = roomy.slack(np.array([float(value) for value in exact]))
    doubtful = roomy.only(slack <= TIGHT * size / 2)
    return bool((signs(doubtful.matrix().toarray(), exact) > 0).all())


def _found(pairs: Pairs) -> FloatArray | None:
    """The same to the tolerance of a solver, from as few constraints as will do."""
    chosen = np.zeros(len(pairs.row), dtype=bool)
    step = max(len(pairs.row) // AT_ONCE, 1)
    chosen[np.arange(len(pairs.row)) % step == 0] = True
    for _ in range(ROUNDS):
        D = _programme(pairs.only(chosen))
        if D is None:
            return None
        slack, size = pairs.slack(D)
        broken = np.where(pairs.tied, np.abs(slack), -slack) - 10 * FEASIBLE * np.maximum(size, 1.0)
        broken[chosen] = 0.0
        worst = np.argsort(-broken)[:JOINING]
        worst = worst[broken[worst] > 0]
        if not len(worst):
            return D
        chosen[worst] = True
    return None


def _programme(pairs: Pairs) -> FloatArray | None:
    """Maximise the sum of the slacks over ``-1 <= D <= 1``; None where the maximum is zero."""
    from scipy.optimize import linprog

    matrix = pairs.matrix()
    free, tied = matrix[~pairs.tied], matrix[pairs.tied]
    options = {"primal_feasibility_tolerance": FEASIBLE, "dual_feasibility_tolerance": FEASIBLE}
    objective = np.asarray(free.sum(axis=0)).ravel()
    size = max(float(np.abs(objective).max(initial=0.0)), 1.0)
    answer = linprog(
        -objective / size,
        A_ub=-free if free.shape[0] else None,
        b_ub=np.zeros(free.shape[0]) if free.shape[0] else None,
        A_eq=tied if tied.shape[0] else None,
        b_eq=np.zeros(tied.shape[0]) if tied.shape[0] else None,
        bounds=(-1.0, 1.0),
        method="highs-ds",
        options=options,
    )
    if answer.x is None or -answer.fun * size <= 1e-6:
        return None
    return np.asarray(answer.x, dtype=float)
