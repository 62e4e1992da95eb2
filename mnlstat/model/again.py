"""Another formula on the rows of a model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from mnlstat.design.prepare import prepare
from mnlstat.design.prepared import Prepared
from mnlstat.design.stream import PreparedStream, prepare_stream
from mnlstat.errors import DataError, MnlstatError

# What is said of an option that does not fit another formula.
MISFITS = {
    "offset": ("unknown-outcome", "offset-shape"),
    "penalty": ("unknown-term", "ridge-constant", "ridge-terms"),
    "constraints": (
        "unknown-coefficient", "ambiguous-coefficient", "unknown-term", "aliased-restriction",
        "redundant-constraint", "infeasible-constraint", "constraints-leave-nothing",
        "parallel-two-outcomes", "parallel-aliased",
    ),
}  # fmt: skip


@contextmanager
def kept_by_update(option: str) -> Iterator[None]:
    """Say, where an option of the model does not fit the new formula, that update() keeps it.

    The option is "offset", "constraints" or "penalty".
    """
    try:
        yield
    except MnlstatError as error:
        if error.code not in MISFITS[option]:
            raise
        given = "constraints= and parallel=" if option == "constraints" else f"{option}="
        raise type(error)(
            error.code,
            f"{error.message}\nupdate() keeps {given} of the model; where they do not fit another"
            " formula, write mnlogit(formula, data, ...).",
        ) from error


def prepared_again(
    before: Prepared | PreparedStream, formula: str, base: Any, options: dict[str, Any]
) -> Prepared | PreparedStream:
    """Prepare another formula on the rows that a model used.

    Raises
    ------
    DataError
        When the data have changed since then.
    """
    if isinstance(before, PreparedStream):
        before.source.check_unchanged()
        reading = before.source.reading
        return prepare_stream(formula, reading.chunks, base=base, wanted=reading, **options)
    options = options | {"rows": before.source.kept}
    _check_unchanged(before, options)
    return prepare(formula, before.source.data, base=base, **options)


def _check_unchanged(before: Prepared, options: dict[str, Any]) -> None:
    """Refuse data that were written into since the model was specified."""
    cause, base = None, before.spec.response.base_label
    try:
        again = prepare(before.spec.formula, before.source.data, base=base, **options)
    except MnlstatError as error:  # rows or columns of the frame are gone
        same, cause = False, error
    else:
        same = (
            np.array_equal(again.codes, before.codes)
            and again.matrix.equals(before.matrix)
            and np.array_equal(_weights(again), _weights(before))
            and np.array_equal(_offset(again), _offset(before))
        )
    if not same:
        raise DataError(
            "data-changed",
            "update(): the data have changed since the model was fitted.\n"
            "Specify the new model by mnlogit(formula, data).",
        ) from cause


def _weights(prepared: Prepared) -> Any:
    return None if prepared.weights is None else prepared.weights.values


def _offset(prepared: Prepared) -> Any:
    return prepared.offset
