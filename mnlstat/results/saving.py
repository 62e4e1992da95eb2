"""A result in a file: a document in JSON with arrays, versioned and checksummed."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any, Protocol

from mnlstat.design import saving as design
from mnlstat.errors import DataError
from mnlstat.inference.constraints import Constraints
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.degrees import Fixed
from mnlstat.inference.estimates import Estimates, ParameterLabels
from mnlstat.inference.fit_statistics import FitStatistics
from mnlstat.inference.infinity import Infinity
from mnlstat.inference.satterthwaite import Satterthwaite
from mnlstat.inference.separated import SeparationReport
from mnlstat.inference.shrinkage import Shrinkage
from mnlstat.likelihood.constraints import Elimination
from mnlstat.likelihood.ridge import Ridge
from mnlstat.optimize.cone import Cone
from mnlstat.optimize.optimum import Optimum, Status
from mnlstat.optimize.trace import Iteration
from mnlstat.options import check_flag
from mnlstat.results.fit import Fit
from mnlstat.results.sample import Sample
from mnlstat.rows.rows import Rows
from mnlstat.saving import forms
from mnlstat.saving.files import checked_path, write_sealed
from mnlstat.saving.values import Form, UnsaveableError, member, packed, record

NAME = b"mnlstat result "
VERSION = 1
MAGIC = NAME + b"%d\n" % VERSION

FORMS: tuple[Form, ...] = (
    *forms.FORMS,
    *design.FORMS,
    member(Status),
    *map(
        record,
        (
            Cone, Covariance, Estimates, FitStatistics, Fixed, Infinity, Iteration, Optimum,
            ParameterLabels, Satterthwaite, SeparationReport, Shrinkage, Constraints, Elimination,
            Ridge,
        ),
    ),
)  # fmt: skip


class Saveable(Protocol):
    """A result with what its summary marks."""

    @property
    def sample(self) -> Sample | None:
        """The rows of the fit."""

    @property
    def turned_back(self) -> tuple[tuple[Any, str], ...]:
        """Coefficients whose Wald test has turned back."""


def save(result: Saveable, path: Any, include_data: Any) -> Path:
    """Write a result to a file, whole or not at all, and return its path.

    Raises
    ------
    OptionError
        When the file cannot be written.
    FormulaError
        When the formula uses a function, or a value from outside, that a file cannot hold.
    DataError
        When labels are of a type that a file cannot hold; with ``include_data=True``, when the rows
        are not there, or are read in pieces.
    """
    target = checked_path("path", path)
    with_rows = check_flag("include_data", include_data)
    found = {each.name: getattr(result, each.name) for each in fields(Fit) if each.name != "sample"}
    found["known_turned_back"] = result.turned_back
    rows = _rows(result.sample) if with_rows else None
    try:
        payload = packed({"fit": found, "rows": rows}, FORMS)
    except UnsaveableError as error:
        raise DataError(
            "cannot-be-saved",
            f"the result cannot be saved: a label of an outcome, level or row is {error}.\n"
            "Make text or numbers of the labels before the fit; or pickle the result.",
        ) from error
    write_sealed("path", target, MAGIC, payload)
    return target


def _rows(sample: Sample | None) -> dict[str, Any]:
    """The design rows of a fit, their response, weights, offsets and labels."""
    if sample is None:
        raise DataError(
            "data-not-kept",
            "include_data=True: this result was loaded without its data.\nSave it without them.",
        )
    codes, source = sample.in_memory("include_data=True", "Save it without them.")
    likelihood = sample.likelihood
    rows = likelihood.rows
    assert isinstance(rows, Rows)
    return {
        "X": rows.X,
        "codes": codes,
        "response": rows.response,
        "n_outcomes": rows.n_outcomes,
        "weights": rows.weights,
        "offset": rows.offset,
        "block_rows": rows.block_rows,
        "kept": likelihood.kept,
        "sampling": sample.sampling,
        "index": source.index,
    }
