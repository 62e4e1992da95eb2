"""The record of a fit for who audits it: plain values that JSON holds, and any program reads."""

from __future__ import annotations

import hashlib
import importlib
import json
import math
import platform
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.design.stream import Stream
from mnlstat.errors import OptionError
from mnlstat.inference.cov_options import BOOTSTRAP
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.report import contents
from mnlstat.report.facts import own_version
from mnlstat.report.tables import glance, tidy
from mnlstat.results.fit import Fit
from mnlstat.rows.rows import Block
from mnlstat.saving.files import checked_path, whole_file

SCHEMA = "mnlstat audit record"
VERSION = 1
ALPHA = 0.05
PACKAGES = ("numpy", "scipy", "pandas", "patsy")
HASHED = (
    "design rows used, without aliased columns: number of rows and of columns, then design, "
    "responses, weights, offsets, row by row as little-endian 64-bit floats, each part hashed"
)


def audit(fit: Any) -> dict[str, Any]:
    """Everything that tells what was fitted to what, how, and what came out."""
    return {
        "schema": SCHEMA,
        "schema_version": VERSION,
        "versions": _versions(fit),
        **_model(fit),
        "data": _data(fit),
        "options": _options(fit),
        "seed": _seed(fit),
        **_course(fit),
        "statistics": glance(fit).to_dict("records")[0],
        **_estimates(fit),
        "notes": list(contents.notes(fit, rrr=False)),
    }


def written(record: Mapping[str, Any], path: Any) -> str | Path:
    """The record as text, or the file that it is written to.

    Raises
    ------
    OptionError
        When the file cannot be written.
    """
    text = json.dumps(plain(record), ensure_ascii=False, allow_nan=False, indent=1) + "\n"
    if path is None:
        return text
    target = checked_path("path", path)
    try:
        with whole_file(target) as temporary:
            temporary.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OptionError(
            "cannot-write", f"path={str(path)!r} cannot be written: {error.strerror}."
        ) from error
    return target


def plain(value: Any) -> Any:
    """A value as JSON has it: what is no finite number, and labels of other types, as text."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, np.ndarray | pd.Series):
        return [plain(each) for each in value.tolist()]
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    return str(value)


def _versions(fit: Fit) -> dict[str, str]:
    packages = {name: importlib.import_module(name).__version__ for name in PACKAGES}
    own = {"mnlstat": own_version(), "python": platform.python_version()}
    return {**own, **packages, "kernel": fit.kernel}


def _model(fit: Fit) -> dict[str, Any]:
    """The formula with what it learned from the data."""
    counts = fit.outcome_counts.tolist()
    return {
        "formula": fit.formula,
        "response": fit.response_name,
        "response_kind": fit.response_kind,
        "outcomes": list(fit.outcomes),
        "base": fit.base,
        "outcome_counts": [
            {"outcome": outcome, "count": count}
            for outcome, count in zip(fit.outcomes, counts, strict=True)
        ],
        "factors": [
            {"name": each.name, "levels": list(each.levels), "reference": each.reference}
            for each in fit.factors
        ],
        "columns": list(fit.aliasing.names),
        "aliased": fit.aliased,
    }


def _data(fit: Fit) -> dict[str, Any]:
    """The rows: how many, which were left out and why, and what they hash to."""
    dropped = fit.dropped
    known = fit.sample is not None
    reason = None if known else "the result was loaded without its rows"
    return {
        "rows": dropped.rows,
        "used": dropped.used,
        "dropped": {
            "missing_in_column": dropped.by_column,
            "made_missing_by_term": dropped.by_term,
            "weight_zero": dropped.of_no_weight,
            "counts_all_zero": dropped.untried,
            "not_in_subset": dropped.not_in_subset,
            "subset_missing": dropped.of_unknown_subset,
        },
        "subset": dropped.subset,
        "read_in_pieces": None if fit.sample is None else isinstance(fit.sample.source, Stream),
        "hash": {
            "algorithm": "sha256",
            "of": HASHED,
            "value": None if fit.sample is None else design_hash(fit.sample.likelihood),
            "not_known": reason,
        },
    }


def _options(fit: Any) -> dict[str, Any]:
    """What was asked for; groups and the like that are values of rows are told by their kind."""
    sample = fit.sample
    asked = None if sample is None else sample.covariance
    given = {} if asked is None else {f.name: getattr(asked, f.name) for f in fields(asked)}
    return {
        "weights": fit.weights,
        "offset": fit.offset,
        "penalty": None if fit.penalty is None else str(fit.penalty),
        "constraints": list(fit.constraints),
        "constraints_base": fit.constraints_base if fit.constraints else None,
        "covariance": {name: _option(value) for name, value in given.items()} or None,
    }


def _option(value: Any) -> Any:
    """An option; names as they are, and data as what they are."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
        return list(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: _option(getattr(value, each.name)) for each in fields(value)}
    return f"<{type(value).__name__} of values>"


def _seed(fit: Fit) -> dict[str, Any]:
    """Estimates depend on no random numbers; a covariance may be of replicates that were drawn."""
    drawn = fit.cov_type.startswith(BOOTSTRAP)
    said = "the result does not keep it: seed of the replicates has it" if drawn else None
    return {"estimates": None, "covariance": None, "not_known": said}


def _course(fit: Any) -> dict[str, Any]:
    """How the maximisation went."""
    return {
        "status": str(fit.status.value),
        "status_name": fit.status.name,
        "converged": fit.converged,
        "method": fit.method,
        "iterations": fit.iterations,
        "distance_to_maximum": fit.decrement,
        "condition_number": fit.condition_number,
        "trace": fit.trace.drop(columns="seconds", errors="ignore").to_dict("records"),
        "seconds": fit.seconds,
    }


def _estimates(fit: Any) -> dict[str, Any]:
    """Coefficients, with their limits where infinite, and their covariance, row by row."""
    rows = tidy(fit, alpha=ALPHA).to_dict("records")
    limits = contents.limits(fit)
    return {
        "alpha": ALPHA,
        "estimates": [
            {**row, "limit": limit or None} for row, limit in zip(rows, limits, strict=True)
        ],
        "covariance": {
            "kind": fit.cov_type,
            "notes": list(fit.cov_notes),
            "degrees_of_freedom": None if fit.df_t is None else fit.df_t.tolist(),
            "order": [[outcome, term] for outcome, term in fit.index],
            "matrix": fit.cov_params().to_numpy().tolist(),
        },
    }


def design_hash(likelihood: MultinomialLikelihood) -> str:
    """SHA-256 of the rows of a likelihood, in one pass; it does not depend on blocks or base."""
    parts = [hashlib.sha256() for _ in range(4)]
    n = 0
    for block in likelihood.rows.blocks():
        n += len(block.response)
        for part, values in zip(parts, _numbers(block), strict=True):
            if values is not None:
                part.update(np.ascontiguousarray(values + 0.0, dtype="<f8").tobytes())
    whole = hashlib.sha256(f"{n} {likelihood.rows.n_columns}".encode())
    for part in parts:
        whole.update(part.digest())
    return whole.hexdigest()


def _numbers(block: Block) -> Iterable[Any]:
    """Design, response, weights and offsets of rows, a row for each; None where there are none."""
    offset = None if block.offset is None else block.offset.T
    return block.X, block.response.astype(float), block.weights, offset
