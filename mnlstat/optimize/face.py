"""Directions of recession along which a linear function stays as it is."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.linalg import null_space

from mnlstat.arrays import BoolArray, FloatArray
from mnlstat.optimize.cone import ZERO
from mnlstat.optimize.recession import Pairs


def face(
    pairs: Pairs, null: FloatArray, function: FloatArray | None
) -> tuple[BoolArray, FloatArray]:
    """What has no maximum where a function is held, but a supremum far away.

    Parameters
    ----------
    pairs : the constraints of separated rows
    null : (p, d) array
        Basis of the directions of recession.
    function : (p,) array, or None
        A function that does not fall along any of them; without one all of them count.

    Returns
    -------
    available : (m, J) bool array
        The outcomes that each row still chooses among, the base last.
    span : (p, e) array
        Basis of the directions that are left.
    """
    both = [pairs.slack(direction) for direction in null.T]
    rows = np.column_stack([np.where(np.abs(at) > ZERO * size, at, 0.0) for at, size in both])
    lengths = np.abs(rows).max(axis=1, initial=0.0)
    unit = rows / np.where(lengths > 0, lengths, 1.0)[:, None]
    room = _room(unit, None if function is None else function @ null)
    available = np.ones((len(pairs.X), pairs.n_outcomes), dtype=bool)
    available[pairs.row[room], pairs.other[room]] = False
    if not room.any():
        return available, np.zeros((len(null), 0))
    left = unit[~room]
    inside = null_space(left, rcond=ZERO) if left.any() else np.eye(null.shape[1])
    return available, null @ inside


def _room(rows: FloatArray, level: FloatArray | None) -> BoolArray:
    """Which of ``rows z >= 0`` some z fulfils with room, among those with ``level'z = 0``.

    ``sum t`` is largest, over ``rows z >= t`` and ``0 <= t <= 1``, where t is one for all of them:
    there is room for all at once.
    """
    from scipy.optimize import linprog

    distinct, place = np.unique(np.round(rows, 12), axis=0, return_inverse=True)
    m, d = distinct.shape
    options: dict[str, Any] = {}
    if level is not None:
        size = float(np.abs(level).max())
        options = {"A_eq": np.append(level / size, np.zeros(m))[None], "b_eq": np.zeros(1)}
    answer = linprog(
        np.append(np.zeros(d), -np.ones(m)),
        A_ub=np.hstack([-distinct, np.eye(m)]),
        b_ub=np.zeros(m),
        bounds=[(None, None)] * d + [(0.0, 1.0)] * m,
        method="highs-ds",
        **options,
    )
    if answer.x is None:
        return np.zeros(len(rows), dtype=bool)
    room: BoolArray = (answer.x[d:] > 0.5)[place.ravel()]
    return room
