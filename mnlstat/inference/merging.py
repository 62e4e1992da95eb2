"""May two outcomes be merged: does any slope tell them apart."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.inference.spaces import Maximum, Space
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.rows.rows import Rows


@dataclass(frozen=True, eq=False)
class Merged:
    """A model with outcome b counted as outcome a.

    With a constant in the span of the design, and equal offsets of a and b, the largest
    log-likelihood of the whole model without slopes between the two is that of the merged one and
    ``N_a log(N_a / (N_a + N_b)) + N_b log(N_b / (N_a + N_b))`` (Cramer & Ridder 1991).

    Attributes
    ----------
    whole : MultinomialLikelihood
        Of all J outcomes.
    rows : Rows
        Its rows.
    a, b : positions of the two
    constant : (k,) array
        c with ``X c = 1``.

    References
    ----------
    Cramer, J. S. & Ridder, G. (1991). *Journal of Econometrics* 47, 267-272.
    """

    whole: MultinomialLikelihood
    rows: Rows
    a: int
    b: int
    constant: FloatArray

    @classmethod
    def of(cls, space: Space, a: int, b: int) -> Merged | None:
        """The merged model; None where it does not tell the maximum of the whole one.

        That is so without a constant, with different offsets, with constraints, under a penalty,
        and of data that are read in pieces.
        """
        whole, rows = space.whole, space.whole.rows
        if type(space) is not Space:  # a penalty is one of all outcomes
            return None
        constant = whole.geometry.constant
        if constant is None or len(space.c) or not isinstance(rows, Rows):
            return None
        if rows.offset is not None and not np.array_equal(rows.offset[:, a], rows.offset[:, b]):
            return None
        return cls(whole, rows, a, b, constant)

    @property
    def place(self) -> IntArray:
        """Where each outcome (J,) is among those of the merged model."""
        numbers = np.arange(self.rows.n_outcomes)
        place: IntArray = numbers - (numbers > self.b)
        place[self.b] = place[self.a]
        return place

    @property
    def likelihood(self) -> MultinomialLikelihood:
        """Of the merged model."""
        rows, place = self.rows, self.place
        if rows.response.ndim == 1:
            response = place[rows.response]
        else:
            response = np.array(rows.response)
            response[:, self.a] += response[:, self.b]
            response = np.delete(response, self.b, axis=1)
        fewer = replace(
            rows,
            response=response,
            n_outcomes=rows.n_outcomes - 1,
            offset=None if rows.offset is None else np.delete(rows.offset, self.b, axis=1),
            squares=None,
        )
        return MultinomialLikelihood(fewer, int(place[self.whole.base]), known=self.whole.geometry)

    def maximum(self, values: FloatArray | None) -> Maximum:
        """The maximum of the whole model without slopes between a and b.

        ``values`` (p,) are estimates of the whole model to start from.
        """
        totals = self.rows.outcome_totals()
        counts = totals[[self.a, self.b]]
        shares = np.log(counts / counts.sum())
        split, place = float(counts @ shares), self.place
        B = np.zeros((self.rows.n_outcomes, len(self.constant)))
        value, finite = split, True
        if self.rows.n_outcomes > 2:
            likelihood = self.likelihood
            start = None if values is None else self._start(values, counts)
            found = Space.of(likelihood).maximum(start)
            among = np.insert(found.params.reshape(-1, B.shape[1]), likelihood.base, 0.0, axis=0)
            B, value, finite = among[place], found.value + split, found.finite
        B[[self.a, self.b]] += np.outer(shares, self.constant)
        base = self.whole.base
        return Maximum(np.delete(B - B[base], base, axis=0).ravel(), value, finite)

    def _start(self, values: FloatArray, counts: FloatArray) -> FloatArray:
        base, pair = self.whole.base, [self.a, self.b]
        B = np.insert(values.reshape(-1, len(self.constant)), base, 0.0, axis=0)
        B[self.a] = counts @ B[pair] / counts.sum()
        B[pair[1]] = B[self.a]
        fewer = np.delete(B, self.b, axis=0)
        at = int(self.place[base])
        start: FloatArray = np.delete(fewer - fewer[at], at, axis=0).ravel()
        return start
