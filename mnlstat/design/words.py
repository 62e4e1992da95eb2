"""Words that several messages share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mnlstat.arrays import BoolArray
from mnlstat.options import shown

FIRST = 10


def count(n: int, noun: str = "row") -> str:
    """Return ``1 row`` or ``2 rows``."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def where(rows: BoolArray, index: Any) -> str:
    """Return how many rows are meant and the label of the first: ``3 rows, first row 17``."""
    return f"{count(int(rows.sum()))}, first row {labelled(index, int(rows.argmax()))}"


def labelled(index: Any, at: int) -> str:
    """Return the label of the row at a position."""
    label = index[at]
    if isinstance(label, tuple):
        label = tuple(part.item() if isinstance(part, np.generic) else part for part in label)
    return shown(label.item() if isinstance(label, np.generic) else label)


def listed(labels: Sequence[Any]) -> str:
    """Return the first ten labels as text."""
    first = ", ".join(map(shown, labels[:FIRST]))
    return first if len(labels) <= FIRST else f"{first}, ... ({len(labels)} in all)"


def unseen(
    whose: str,
    noun: str,
    label: object,
    place: str,
    known: Sequence[Any],
    why: str = "which the model does not know",
) -> str:
    """Return the message for a level or outcome that is not among the known ones."""
    return (
        f"{whose} has the {noun} {shown(label)}, {why} ({place}).\nKnown {noun}s: {listed(known)}."
    )


def left_out(name: str, noun: str, labels: Sequence[Any]) -> str:
    """Return the note about levels or outcomes that no row used has."""
    if len(labels) == 1:
        return f"{name}: {noun} {shown(labels[0])} occurs in no row used and is left out"
    return f"{name}: {noun}s {listed(labels)} occur in no row used and are left out"


def made_missing(name: str, n_rows: int) -> str:
    """Return the warning about values that a term made missing."""
    return f"{name} makes missing values of present ones in {count(n_rows)}."
