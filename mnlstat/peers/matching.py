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
        if type(results).__module__.partition(".")[0] == "mnlstat":
            raise DataError(
                "compare-with-what",
                "compare() sets this fit beside one of statsmodels, and what it was given is a"
                " result of mnlstat.\n"
                "Give what MNLogit(...).fit() of statsmodels returns, or nothing to run it here.",
            )
        if model is None or names is None or not hasattr(results, "params"):
            raise DataError(
                "compare-with-what",
                f"compare(): {type(results).__name__} is not a fitted statsmodels MNLogit.\n"
                "Give what MNLogit(...).fit() returns, or nothing to have statsmodels run here.",
            )
        if getattr(model, "exog", None) is None or getattr(model, "endog", None) is None:
            raise DataError(
                "compare-without-data",
                "compare(): the statsmodels result has no data any more (remove_data),"
                " so rows cannot be matched.\nGive a result that still has its data.",
            )
        if hasattr(results, "trimmed"):
            raise DataError(
                "compare-penalised",
                "compare(): the statsmodels result comes from fit_regularized; its estimates"
                " maximise a penalised likelihood.\nGive what MNLogit(...).fit() returns.",
            )
        return cls(
            outcomes=tuple(str(names[j]) for j in range(len(names))),
            terms=tuple(str(name) for name in model.exog_names),
            codes=np.asarray(model.endog, dtype=np.intp),
            X=np.asarray(model.exog, dtype=float),
        )

    def named_alike(self, labels: Sequence[Any]) -> list[int]:
        """Position in ``labels`` of each of the peer's outcomes by its name, -1 for no such."""
        known = {spelling: j for j, label in enumerate(labels) for spelling in spellings(label)}
        return [known.get(name, -1) for name in self.outcomes]

    def positions(self, labels: Sequence[Any], codes: IntArray) -> tuple[int, ...]:
        """Position in ``labels`` of each of the peer's outcomes.

        By their names; where no name is known, by the rows, if in these each outcome of the one
        stands for one of the other.

        Raises
        ------
        DataError
            When the two do not have the same outcomes.
        """
        found = self.named_alike(labels)
        if max(found) < 0:
            found = self._row_by_row(codes, len(labels)) or found
        if sorted(found) != list(range(len(labels))):
            raise DataError(
                "compare-outcomes",
                "compare(): the outcomes differ.\n"
                f"mnlstat: {', '.join(map(named, labels))}.\n"
                f"statsmodels: {', '.join(map(named, self.outcomes))}.",
            )
        return tuple(found)

    def _row_by_row(self, codes: IntArray, n_outcomes: int) -> list[int]:
        """Our outcome for each of the peer's; empty unless that is one-to-one and onto."""
        if len(codes) != self.nobs:
            return []
        together = np.zeros((len(self.outcomes), n_outcomes), dtype=bool)
        together[self.codes, codes] = True
        one_to_one = (together.sum(axis=0) == 1).all() and (together.sum(axis=1) == 1).all()
        return together.argmax(axis=1).tolist() if one_to_one else []


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
    the rows and columns of the peer's (k, q) matrix in our order.  ``remark`` says what is unusual
    about it.
    """

    base: int
    others: tuple[int, ...]
    rows: tuple[int, ...]
    equations: tuple[int, ...]
    remark: str = ""

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
    positions = peer.positions(labels, codes)
    _same_rows(peer, codes, positions, labels)
    aligned = bool(np.array_equal(np.asarray(positions)[peer.codes], codes))
    rows = tuple(_row_of(j, peer, X if aligned else None, columns) for j in range(len(columns)))
    if len(set(rows)) < len(peer.terms):
        raise _other_terms(peer, columns)
    theirs = np.asarray(positions)[peer.codes], peer.X[:, rows]
    _same_columns(X, theirs[1], columns)
    _same_pairs((codes, X), theirs, columns)
    others = tuple(j for j in range(len(labels)) if j != positions[0])
    equations = tuple(positions.index(j) - 1 for j in others)
    remark = ""
    if max(peer.named_alike(labels)) < 0:
        pairs = zip(peer.outcomes, positions, strict=True)
        listed = ", ".join(f"{named(name)} = {named(labels[j])}" for name, j in pairs)
        remark = f"its outcomes have other names; row by row {listed}."
    return Match(positions[0], others, rows, equations, remark)


def _same_rows(
    peer: Peer, codes: IntArray, positions: tuple[int, ...], labels: Sequence[Any]
) -> None:
    if peer.nobs != len(codes):
        raise DataError(
            "compare-rows",
            f"compare(): statsmodels used {peer.nobs} rows, mnlstat {len(codes)}.\n"
            "Fit both to the same rows, with missing values dropped from the same columns.",
        )
    theirs = np.bincount(np.asarray(positions)[peer.codes], minlength=len(labels))
    ours = np.bincount(codes, minlength=len(labels))
    if not np.array_equal(theirs, ours):
        j = int(np.flatnonzero(theirs != ours)[0])
        raise DataError(
            "compare-rows",
            f"compare(): outcome {named(labels[j])} occurs {theirs[j]} times in the statsmodels fit"
            f" and {ours[j]} times in that of mnlstat.\nFit both to the same rows.",
        )


def _row_of(j: int, peer: Peer, X: FloatArray | None, columns: Sequence[str]) -> int:
    """The peer's row for our column ``j``: by its values if rows are aligned, else by its name."""
    found = list(range(len(peer.terms)))
    if X is not None:
        same = np.isclose(peer.X, X[:, [j]], rtol=SAME_COLUMN, atol=0.0).all(axis=0)
        found = np.flatnonzero(same).tolist() or found
    if len(found) > 1:
        names = CONSTANTS if columns[j] in CONSTANTS else (columns[j],)
        alike = [i for i in found if peer.terms[i] in names]
        found = [i for i in alike if peer.terms[i] == columns[j]] or alike
    if len(found) != 1:
        raise _other_terms(peer, columns)
    return int(found[0])


def _other_terms(peer: Peer, columns: Sequence[str]) -> DataError:
    return DataError(
        "compare-terms",
        "compare(): the terms differ.\n"
        f"mnlstat: {', '.join(columns)}.\n"
        f"statsmodels: {', '.join(peer.terms)}.",
    )


def _same_columns(X: FloatArray, theirs: FloatArray, columns: Sequence[str]) -> None:
    """Means of columns and of their squares tell other data, whatever the order of the rows."""
    with np.errstate(over="ignore", invalid="ignore"):
        sizes = np.sqrt(np.square(X).mean(axis=0)), np.sqrt(np.square(theirs).mean(axis=0))
        gaps = np.abs(X.mean(axis=0) - theirs.mean(axis=0)) + np.abs(sizes[0] - sizes[1])
    other = np.flatnonzero(gaps > SAME_COLUMN * np.maximum(*sizes))
    if other.size:
        j = int(other[0])
        raise DataError(
            "compare-columns",
            f"compare(): column {named(columns[j])} holds other numbers in the statsmodels fit"
            f" (mean {theirs[:, j].mean():.6g}) than in that of mnlstat (mean"
            f" {X[:, j].mean():.6g}).\n"
            "Give both the same data and the same coding.",
        )


def _same_pairs(
    ours: tuple[IntArray, FloatArray], theirs: tuple[IntArray, FloatArray], columns: Sequence[str]
) -> None:
    """Sums of columns by outcome, and of their products, tell numbers put in other rows."""
    scale = np.abs(ours[1]).max(axis=0)
    gaps = np.abs(_pair_sums(*ours, scale) - _pair_sums(*theirs, scale)).max(axis=0)
    other = np.flatnonzero(gaps > SAME_COLUMN * len(ours[0]))
    if other.size:
        raise DataError(
            "compare-columns",
            f"compare(): column {named(columns[int(other[0])])} holds the same numbers in the"
            " statsmodels fit as in that of mnlstat, but in other rows.\n"
            "Give both the same data, each row whole.",
        )


def _pair_sums(codes: IntArray, X: FloatArray, scale: FloatArray) -> FloatArray:
    """``Y'X`` above ``X'X`` (J + k, k) for columns divided by ``scale``."""
    Z = X / scale
    by_outcome = [Z[codes == j].sum(axis=0) for j in range(int(codes.max()) + 1)]
    return np.vstack([*by_outcome, Z.T @ Z])
