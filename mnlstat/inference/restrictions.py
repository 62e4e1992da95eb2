"""Linear restrictions ``R b = r``, from words or from a matrix."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import BoolArray, FloatArray, real_array
from mnlstat.errors import OptionError, RankError
from mnlstat.inference.wording import Label, Linear, equations
from mnlstat.options import named, shown


@dataclass(frozen=True)
class Restrictions:
    """``R b = r`` with R (m, p), r (m,), and the words they came from."""

    R: FloatArray
    r: FloatArray
    text: str


def parse(hypothesis: str | Iterable[str], labels: Sequence[Label]) -> Restrictions:
    """Read hypotheses about coefficients named ``outcome:term``; see :func:`equations`.

    Raises
    ------
    OptionError
        For a name that is not there or has two readings, or an expression that is not linear.
    """
    parts = [hypothesis] if isinstance(hypothesis, str) else list(hypothesis)
    found: list[Linear] = []
    for part in parts:
        if not isinstance(part, str) or not part.strip():
            raise OptionError(
                "hypothesis-not-text",
                f"A hypothesis must be text such as 'a:x = b:x', not {shown(part)}.",
            )
        found += equations(part, labels)
    return Restrictions(
        np.array([equation.weights for equation in found]),
        np.array([-equation.constant for equation in found]),
        ", ".join(part.strip() for part in parts),
    )


def restrictions(
    hypothesis: Any,
    value: Any,
    labels: Sequence[Label],
    kept: BoolArray,
    *,
    scaled: bool = True,
) -> Restrictions:
    """Restrictions on the p coefficients named ``labels``, from words or from a matrix.

    Each has its largest weight near one, unless ``scaled`` is False.

    Raises
    ------
    OptionError
        When they cannot be read or have the wrong shape.
    RankError
        When one concerns a coefficient that is not ``kept``: it has no estimate.
    """
    if isinstance(hypothesis, str) or _all_of(str, hypothesis):
        if value is not None:
            raise OptionError(
                "value-with-words",
                "value= belongs to a matrix; write the right side into the words.",
            )
        found = parse(hypothesis, labels)
    else:
        found = _from_matrix(hypothesis, value, labels)
    lost = [labels[i] for i in np.flatnonzero(found.R.any(axis=0) & ~kept).tolist()]
    if lost:
        raise RankError(
            "aliased-restriction",
            f"{named(lost[0][0])}:{named(lost[0][1])} is not estimated: its column is aliased.\n"
            "Test a coefficient that is, or leave the other columns out of the formula.",
        )
    return _scaled(found) if scaled else found


def _scaled(found: Restrictions) -> Restrictions:
    """Each row times a power of two, which changes no digit and lets no product overflow."""
    powers = -np.frexp(np.abs(found.R).max(axis=1))[1]
    with np.errstate(over="ignore", under="ignore"):
        R, r = np.ldexp(found.R, powers[:, None]), np.ldexp(found.r, powers)
    if not np.isfinite(r).all():
        raise OptionError(
            "restriction-overflow",
            "the right side of a restriction is too large for its weights: their ratio is beyond"
            " the range of floating point.",
        )
    return replace(found, R=R, r=r)


def _all_of(kind: type, hypothesis: Any) -> bool:
    listed = isinstance(hypothesis, list | tuple) and len(hypothesis) > 0
    return listed and all(isinstance(part, kind) for part in hypothesis)


def _from_matrix(hypothesis: Any, value: Any, labels: Sequence[Label]) -> Restrictions:
    if isinstance(hypothesis, tuple) and len(hypothesis) == 2 and value is None:
        hypothesis, value = hypothesis
    R = np.atleast_2d(_numbers("the restriction matrix", _aligned(hypothesis, labels)))
    if R.ndim != 2 or R.shape[1] != len(labels) or len(R) == 0 or not R.any(axis=1).all():
        raise OptionError(
            "restriction-shape",
            f"the restriction matrix has shape {R.shape}; expected (m, {len(labels)}), a column for"
            " each coefficient\nin the order of params, at least one row and no row of zeros.",
        )
    r = _numbers("value", 0.0 if value is None else value)
    if r.shape not in ((), (1,), (len(R),)):
        raise OptionError(
            "restriction-shape",
            f"value has shape {r.shape}; expected one number for each of {len(R)}.",
        )
    return Restrictions(R, np.broadcast_to(r, (len(R),)), "R b = r")


def _aligned(matrix: Any, labels: Sequence[Label]) -> Any:
    """What has labels of its own in the order of the coefficients; arrays and lists as they are."""
    if _all_of(pd.Series, matrix):
        return [_aligned(row, labels) for row in matrix]
    is_row = isinstance(matrix, pd.Series)
    own = matrix.index if is_row else getattr(matrix, "columns", None)
    if own is None:
        return matrix
    if set(own) != set(labels) or len(own) != len(labels):
        what = "index of the restriction Series is" if is_row else "columns of the frame are"
        raise OptionError(
            "index-differs",
            f"the {what} not the index of params, outcome and term.\n"
            "Give them that index, or an array in the order of params.",
        )
    if is_row:
        weights = dict(zip(own, matrix, strict=True))
        return [weights[label] for label in labels]
    return matrix[list(labels)]


def _numbers(name: str, values: Any) -> FloatArray:
    try:
        array = real_array(values)
    except ValueError as error:
        raise OptionError(
            "not-numbers",
            f"{name} must be numbers; a hypothesis in words is text such as 'a:x = b:x'.",
        ) from error
    if not np.isfinite(array).all():
        raise OptionError("not-finite", f"{name} has infinite or missing elements.")
    return array
