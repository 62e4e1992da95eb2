"""Linear equality constraints in words: what they say, and what they leave of the null model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray, IntArray, freeze
from mnlstat.errors import OptionError
from mnlstat.inference.estimates import ParameterLabels
from mnlstat.inference.restrictions import restrictions
from mnlstat.likelihood.constraints import Elimination
from mnlstat.options import named, shown


@dataclass(frozen=True, eq=False)
class Constraints:
    """``R b = r`` for the p coefficients that are not aliased, against the base of the fit.

    Attributes
    ----------
    texts : tuple of str
        As the user wrote them.
    R, r : (m, p), (m,)
    base : int
        Position of the base outcome that they speak of.
    elimination : Elimination
    """

    texts: tuple[str, ...]
    R: FloatArray
    r: FloatArray
    base: int
    elimination: Elimination

    def __post_init__(self) -> None:
        freeze(self, self.elimination)

    def __len__(self) -> int:
        return len(self.r)

    def bound_constants(self, constant: FloatArray | None) -> int:
        """In how many ways they bind constants: rank of ``R (Id_q (x) c)``, ``X c = 1``."""
        if constant is None:
            return 0
        moved = self.R.reshape(len(self.R), -1, len(constant)) @ constant
        sizes = np.abs(self.R).reshape((*moved.shape, -1)) @ np.abs(constant)
        return int(np.linalg.matrix_rank(np.where(np.abs(moved) > 1e-9 * sizes, moved, 0.0)))


def constraints_of(
    words: Sequence[str],
    parallel: Mapping[str, IntArray],
    labels: ParameterLabels,
    kept: BoolArray,
) -> Constraints | None:
    """The constraints in words, and those that make columns share one coefficient.

    Parameters
    ----------
    words : constraints such as ``"car:income = bus:income"``
    parallel : for each name the positions of its design columns
    labels : of all coefficients
    kept : (len(labels),) bool, those that are estimated

    Raises
    ------
    OptionError
        For words that cannot be read, constraints that contradict each other or follow from each
        other, and parallel columns of a model with two outcomes.
    RankError
        For a constraint on a coefficient that is not estimated.
    """
    if not words and not parallel:
        return None
    names, rows, rights, texts = list(labels.index), [], [], []
    for part in words:
        found = restrictions(part, None, names, kept)
        rows += list(found.R)
        rights += found.r.tolist()
        texts += [found.text] * len(found.r)
    for name, columns in parallel.items():
        equal = _same(name, columns, labels, kept)
        rows += equal
        rights += [0.0] * len(equal)
        texts += [f"parallel: {name}"] * len(equal)
    R, r = np.array(rows)[:, kept], np.array(rights)
    return Constraints(tuple(dict.fromkeys(texts)), R, r, labels.base, Elimination.of(R, r, texts))


def _same(
    name: str, columns: IntArray, labels: ParameterLabels, kept: BoolArray
) -> list[FloatArray]:
    """Rows that say that each column has one coefficient in all equations."""
    k, p = len(labels.columns), len(labels)
    q = p // k
    if q == 1:
        raise OptionError(
            "parallel-two-outcomes",
            f"parallel: {named(name)} has one coefficient already, as there are two outcomes.\n"
            "Leave parallel= out.",
        )
    estimated = [column for column in columns.tolist() if kept[column]]
    if not estimated:
        raise OptionError(
            "parallel-aliased",
            f"parallel: {named(name)} is aliased: it has no coefficients to be the same.",
        )
    rows = []
    for column in estimated:
        for equation in range(1, q):
            row = np.zeros(p)
            row[column], row[equation * k + column] = -1.0, 1.0
            rows.append(row)
    return rows


def names_of(option: str, given: Any) -> tuple[str, ...]:
    """A text, or a list of texts, as a tuple; OptionError for anything else."""
    if given is None:
        return ()
    listed = (given,) if isinstance(given, str) else given
    if isinstance(listed, list | tuple) and listed and all(isinstance(t, str) for t in listed):
        return tuple(listed)
    raise OptionError(
        "not-a-list-of-texts", f"{option}={shown(given)} must be a text or a list of texts."
    )
