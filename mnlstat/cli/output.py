"""What the commands print: text for people, JSON for audits, CSV for tables."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from typing import Any

import pandas as pd

from mnlstat.report.compare import Comparison
from mnlstat.report.compare_cells import remarks
from mnlstat.report.effects import Effects
from mnlstat.report.tables import glance
from mnlstat.results import MNLogitResults


def fit_text(results: MNLogitResults, alpha: float, rrr: bool) -> str:
    """The summary report."""
    return f"{results.summary(rrr=rrr, alpha=alpha)}\n"


def fit_csv(results: MNLogitResults, alpha: float, rrr: bool) -> str:
    """One line per coefficient with the base, every digit, missing values empty."""
    return csv_of(results.tidy(exponentiate=rrr, alpha=alpha).assign(base=results.base))


def fit_json(
    results: MNLogitResults, alpha: float, rrr: bool, file: str, warnings: Sequence[str]
) -> str:
    """Everything that is needed to check or repeat the fit."""
    dropped = results.dropped
    return _json(
        {
            "mnlstat": version("mnlstat"),
            "file": file,
            "formula": results.formula,
            "response": results.response_name,
            "response_kind": results.response_kind,
            "constraints": list(results.constraints),
            "base": results.base,
            "outcomes": [
                {"outcome": outcome, "count": results.outcome_counts[outcome]}
                for outcome in results.outcomes
            ],
            "factors": [
                {"factor": factor.name, "reference": factor.reference} for factor in results.factors
            ],
            "rows": {
                "read": dropped.rows,
                "used": dropped.used,
                "dropped": dropped.total,
                "not_in_subset": dropped.not_in_subset,
                "subset_missing": dropped.of_unknown_subset,
                "weight_zero": dropped.of_no_weight,
                "counts_all_zero": dropped.untried,
                "missing_by_column": dict(dropped.by_column),
                "missing_by_term": dict(dropped.by_term),
            },
            "converged": results.converged,
            "status": results.status.name.lower(),
            "message": str(results.status.value),
            "method": results.method,
            "iterations": results.iterations,
            "cov_type": results.cov_type,
            "condition_number": results.condition_number,
            "fit": _records(glance(results).drop(columns=list(SAID_ABOVE)))[0],
            "alpha": alpha,
            "relative_risk_ratios": rrr,
            "coefficients": _records(results.tidy(exponentiate=rrr, alpha=alpha)),
            "separation": None
            if results.separated is None
            else {
                "kind": results.separated.kind,
                "reasons": list(results.separated.sentences),
                "coefficients": _records(results.separated.table.reset_index()),
            },
            "terms": _records(results.wald_test_terms().reset_index()),
            "aliased": dict(results.aliased),
            "notes": list(results.summary(rrr=rrr, alpha=alpha).notes),
            "warnings": list(warnings),
        }
    )


SAID_ABOVE = ("base", "converged", "status", "cov_type", "n_dropped")


def compare_text(comparison: Comparison) -> str:
    """The two fits side by side."""
    return f"{comparison}\n"


def compare_csv(comparison: Comparison) -> str:
    """One line per compared number with the base."""
    return csv_of(comparison.to_frame().assign(base=comparison.ours.base))


def compare_json(comparison: Comparison, file: str, warnings: Sequence[str]) -> str:
    """The verdict and every compared number."""
    ours, theirs = comparison.ours, comparison.theirs
    return _json(
        {
            "mnlstat": version("mnlstat"),
            "file": file,
            "formula": comparison.formula,
            "ours": f"{ours.name} {ours.version}",
            "theirs": f"{theirs.name} {theirs.version}",
            "base": ours.base,
            "converged": ours.converged,
            "cov_type": ours.cov_type,
            "theirs_converged": theirs.converged,
            "theirs_cov_type": theirs.cov_type,
            "agrees": comparison.agrees(),
            "verdict": comparison.verdict,
            "numbers": _records(comparison.to_frame()),
            "notes": remarks(comparison),
            "warnings": list(warnings),
        }
    )


def effects_json(
    effects: Effects,
    results: MNLogitResults,
    file: str,
    rows: str | None,
    warnings: Sequence[str],
) -> str:
    """Which effects of which fit, where and how, and every estimate."""
    about = {
        "title": effects.title,
        "facts": dict(effects.told),
        "alpha": effects.alpha,
        "adjust": effects.adjust,
        "scale": effects.scale,
        "estimates": _records(effects.frame),
        "notes": list(effects.notes),
    }
    return _json(_of_fit(results, file, rows) | about | {"warnings": list(warnings)})


def predictions_json(
    frame: pd.DataFrame,
    results: MNLogitResults,
    file: str,
    rows: str | None,
    warnings: Sequence[str],
) -> str:
    """Predictions of which fit for which rows."""
    about = {"predictions": _records(frame), "warnings": list(warnings)}
    return _json(_of_fit(results, file, rows) | about)


def _of_fit(results: MNLogitResults, file: str, rows: str | None) -> dict[str, Any]:
    """What names a fit: the file that it is of, or in, and the file of other rows."""
    return {
        "mnlstat": version("mnlstat"),
        "file": file,
        "rows_from": rows,
        "formula": results.formula,
        "base": results.base,
        "outcomes": list(results.outcomes),
        "converged": results.converged,
        "status": results.status.name.lower(),
        "cov_type": results.cov_type,
    }


def csv_of(frame: pd.DataFrame) -> str:
    """Every digit, missing values empty."""
    return str(frame.to_csv(index=False, lineterminator="\n"))


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    columns = [str(name) for name in frame.columns]
    rows: Iterable[tuple[Any, ...]] = frame.itertuples(index=False, name=None)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _json(content: dict[str, Any]) -> str:
    return json.dumps(_plain(content), indent=2, allow_nan=False) + "\n"


def _plain(value: Any) -> Any:
    """Values that JSON has: NaN becomes null, the infinite ones become text."""
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "item"):  # a numpy scalar
        value = value.item()
    if value is None or value is pd.NA or isinstance(value, bool | int | str):
        return None if value is pd.NA else value
    if not isinstance(value, float):
        return str(value)
    if math.isnan(value):
        return None
    return value if math.isfinite(value) else ("Infinity" if value > 0 else "-Infinity")
