"""Lining up a fitted statsmodels model with ours: rows, outcomes, terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.errors import DataError
from mnlstat.options import named

CONSTANTS = ("Intercept", "const")
SAME_COLUMN = 1e-8


@dataclass(frozen=True)
class Peer:
    """What is read of a statsmodels result.

    ``outcomes`` are its names of the outcomes, the base first; ``codes`` (n,) positions in them;
    ``X`` (n, k) its design with columns ``terms``.
    """

    outcomes: tuple[str, ...]
    terms: tuple[str, ...]
    codes: IntArray
    X: FloatArray

    @property
    def nobs(self) -> int:
        """Rows used."""
        return len(self.codes)

    @classmethod
    def of(cls, results: Any) -> Peer:
        """Read a result or its wrapper.

        Raises
        ------
        DataError
            When it is not the result of a multinomial logit that still has its data.
        """
        model = getattr(results, "model", None)
        names = getattr(model, "_ynames_map", None)
        if model is None or names is None or not hasattr(results, "params"):
            raise DataError(
                f"compare(): {type(results).__name__} is not a fitted statsmodels MNLogit.\n"
                "Give what MNLogit(...).fit() returns, or nothing to have statsmodels run here."
            )
        if getattr(model, "exog", None) is None or getattr(model, "endog", None) is None:
            raise DataError(
                "compare(): the statsmodels result has no data any more (remove_data),"
                " so rows cannot be matched.\nGive a result that still has its data."
            )
        return cls(
            outcomes=tuple(str(names[j]) for j in range(len(names))),
            terms=tuple(str(name) for name in model.exog_names),
            codes=np.asarray(model.endog, dtype=np.intp),
            X=np.asarray(model.exog, dtype=float),
        )

    def positions(self, labels: Sequence[Any]) -> tuple[int, ...]:
        """Position in ``labels`` of each of the peer's outcomes.

        Raises
        ------
        DataError
            When the two do not have the same outcomes.
        """
        known = {spelling: j for j, label in enumerate(labels) for spelling in spellings(label)}
        found = [known.get(name, -1) for name in self.outcomes]
        if sorted(found) != list(range(len(labels))):
            raise DataError(
                "compare(): the outcomes differ.\n"
                f"mnlstat: {', '.join(map(named, labels))}.\n"
                f"statsmodels: {', '.join(map(named, self.outcomes))}."
            )
        return tuple(found)


def spellings(label: Any) -> set[str]:
    """How statsmodels may write a label: whole numbers and booleans as integers."""
    written = {str(label)}
    if isinstance(label, (bool, np.bool_)):
        written.add(str(int(label)))
    elif isinstance(label, (int, float, np.integer, np.floating)):
        if float(label).is_integer():
            written.add(str(int(label)))
        written.add(str(float(label)))
    return written


@dataclass(frozen=True)
class Match:
    """Where our outcomes and columns stand in the peer's parameter matrix.

    ``base`` and ``others`` are positions in our labels; ``rows`` (k,) and ``equations`` (q,) are
    the rows and columns of the peer's (k, q) matrix in our order.
    """

    base: int
    others: tuple[int, ...]
    rows: tuple[int, ...]
    equations: tuple[int, ...]

    def arrange(self, matrix: FloatArray) -> FloatArray:
        """The peer's (k, q) matrix as a vector in our order, outcome by outcome."""
        ordered = np.asarray(matrix, dtype=float)[np.ix_(self.rows, self.equations)]
        return ordered.ravel(order="F")


def matched(
    peer: Peer, codes: IntArray, X: FloatArray, labels: Sequence[Any], columns: Sequence[str]
) -> Match:
    """Line up a peer with our rows.

    Raises
    ------
    DataError
        When rows, outcomes or terms differ.
    """
    positions = peer.positions(labels)
    _same_rows(peer, codes, positions, labels)
    aligned = bool(np.array_equal(np.asarray(positions)[peer.codes], codes))
    rows = tuple(_row_of(j, peer, X if aligned else None, columns) for j in range(len(columns)))
    if len(set(rows)) < len(peer.terms):
        raise _other_terms(peer, columns)
    _same_columns(peer, X, rows, columns)
    others = tuple(j for j in range(len(labels)) if j != positions[0])
    equations = tuple(positions.index(j) - 1 for j in others)
    return Match(positions[0], others, rows, equations)


def _same_rows(
    peer: Peer, codes: IntArray, positions: tuple[int, ...], labels: Sequence[Any]
) -> None:
    if peer.nobs != len(codes):
        raise DataError(
            f"compare(): statsmodels used {peer.nobs} rows, mnlstat {len(codes)}.\n"
            "Fit both to the same rows, with missing values dropped from the same columns."
        )
    theirs = np.bincount(np.asarray(positions)[peer.codes], minlength=len(labels))
    ours = np.bincount(codes, minlength=len(labels))
    if not np.array_equal(theirs, ours):
        j = int(np.flatnonzero(theirs != ours)[0])
        raise DataError(
            f"compare(): outcome {named(labels[j])} occurs {theirs[j]} times in the statsmodels fit"
            f" and {ours[j]} times in that of mnlstat.\nFit both to the same rows."
        )


def _row_of(j: int, peer: Peer, X: FloatArray | None, columns: Sequence[str]) -> int:
    """The peer's row for our column ``j``: by its name, else by its values if rows are aligned."""
    name = columns[j]
    found = [i for i, term in enumerate(peer.terms) if term == name]
    if not found and name in CONSTANTS:
        found = [i for i, term in enumerate(peer.terms) if term in CONSTANTS]
    if not found and X is not None:
        same = np.isclose(peer.X, X[:, [j]], rtol=SAME_COLUMN, atol=0.0).all(axis=0)
        found = np.flatnonzero(same).tolist()
    if len(found) != 1:
        raise _other_terms(peer, columns)
    return found[0]


def _other_terms(peer: Peer, columns: Sequence[str]) -> DataError:
    return DataError(
        "compare(): the terms differ.\n"
        f"mnlstat: {', '.join(columns)}.\n"
        f"statsmodels: {', '.join(peer.terms)}."
    )


def _same_columns(peer: Peer, X: FloatArray, rows: tuple[int, ...], columns: Sequence[str]) -> None:
    """Means of columns and of their squares tell other data, whatever the order of the rows."""
    theirs = peer.X[:, rows]
    with np.errstate(over="ignore", invalid="ignore"):
        sizes = np.sqrt(np.square(X).mean(axis=0)), np.sqrt(np.square(theirs).mean(axis=0))
        gaps = np.abs(X.mean(axis=0) - theirs.mean(axis=0)) + np.abs(sizes[0] - sizes[1])
    other = np.flatnonzero(gaps > SAME_COLUMN * np.maximum(*sizes))
    if other.size:
        j = int(other[0])
        raise DataError(
            f"compare(): column {named(columns[j])} holds other numbers in the statsmodels fit"
            f" (mean {theirs[:, j].mean():.6g}) than in that of mnlstat (mean"
            f" {X[:, j].mean():.6g}).\n"
            "Give both the same data and the same coding."
        )
