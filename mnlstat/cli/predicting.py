"""``mnlstat predict``: predictions for the rows of a file, or of the fit."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

import pandas as pd

from mnlstat.cli.written import outcome, outcomes_together
from mnlstat.results import MNLogitResults

OPTIONS = ("kind", "interval", "alpha", "against", "scale", "shape", "combine", "ties")


def ask(args: Namespace, results: MNLogitResults, rows: Any) -> pd.DataFrame:
    """Predictions as a frame whose first column is the number of the row in its file."""
    options: dict[str, Any] = {
        name: value for name in OPTIONS if (value := getattr(args, name)) is not None
    }
    if "combine" in options:
        options["combine"] = outcomes_together(options["combine"], results.outcomes)
    if "against" in options:
        text = options.pop("against")
        options["base"] = outcome("--against", text, text, results.outcomes)
    found = results.predict(rows, **options)
    frame = found.to_frame() if isinstance(found, pd.Series) else found
    if isinstance(frame.columns, pd.MultiIndex):
        columns = [f"{name}_{statistic}" for name, statistic in frame.columns]
    else:
        columns = [str(name) for name in frame.columns]
    counted = "row" if "row" not in columns else "row_number"  # an outcome may be called so
    numbers = pd.Series(frame.index.to_numpy(), index=frame.index)
    whole = pd.concat([numbers, frame], axis=1)
    return whole.set_axis([counted, *columns], axis=1).reset_index(drop=True)
