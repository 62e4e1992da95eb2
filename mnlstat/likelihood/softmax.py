"""Probabilities from linear predictors of any size, without lost digits at either end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mnlstat.arrays import FloatArray, IntArray

# Where the outcomes that are not the most probable sum to less than this share of it, their sum is
# taken by itself: as a difference from one it would lose digits.
CROWDED_OUT = 0.125


@dataclass(frozen=True)
class Softmax:
    """Exponentials of one block, each (J, n_b) or (n_b,), relative to the most probable outcome.

    Attributes
    ----------
    shifted : (J, n_b) ``eta - max eta``
    e : (J, n_b) their exponentials; exactly one for the most probable outcome
    rest : (n_b,) sum of the others
    total : (n_b,) ``1 + rest``
    crowded : positions of the rows in which ``rest`` is small
    """

    shifted: FloatArray
    e: FloatArray
    rest: FloatArray
    total: FloatArray
    crowded: IntArray

    @classmethod
    def of(cls, eta: FloatArray) -> Softmax:
        """The exponentials of linear predictors (J, n_b), base included."""
        shifted = eta - eta.max(axis=0)
        e = np.exp(shifted)
        total = e.sum(axis=0)
        rest = total - 1.0
        crowded = np.flatnonzero(rest < CROWDED_OUT)
        if crowded.size:
            others = e[:, crowded]
            others[others == 1.0] = 0.0
            rest[crowded] = others.sum(axis=0)
            total[crowded] = 1.0 + rest[crowded]
        return cls(shifted, e, rest, total, crowded)

    def log_total(self) -> FloatArray:
        """``log(1 + rest)`` (n_b,)."""
        logs: FloatArray = np.log(self.total)
        logs[self.crowded] = np.log1p(self.rest[self.crowded])
        return logs

    def remainders(self, stop: int) -> FloatArray:
        """``total - e`` (stop, n_b) of the first outcomes: what all the others sum to."""
        remainders = self.total - self.e[:stop]
        if self.crowded.size:
            part = remainders[:, self.crowded]
            modal = self.e[:stop, self.crowded] == 1.0
            remainders[:, self.crowded] = np.where(modal, self.rest[self.crowded], part)
        return remainders

    def remainder_of(self, chosen: IntArray) -> FloatArray:
        """``total - e`` (n_b,) of the entries at these flat positions, one for each row."""
        e = self.e.ravel().take(chosen)
        return np.where(e == 1.0, self.rest, self.total - e)


@dataclass(frozen=True)
class Probabilities:
    """Probabilities of one block with their logarithms and complements, each (J, n_b).

    ``complement`` is ``1 - pi`` as the sum of the other probabilities: a subtraction would lose
    half the digits, or all of them, where ``pi`` is near one.
    """

    pi: FloatArray
    log_pi: FloatArray
    complement: FloatArray

    @classmethod
    def of(cls, eta: FloatArray) -> Probabilities:
        """Probabilities for linear predictors (J, n_b), base included."""
        softmax = Softmax.of(eta)
        return cls(
            softmax.e / softmax.total,
            softmax.shifted - softmax.log_total(),
            softmax.remainders(len(eta)) / softmax.total,
        )
