"""``mnlstat predict``: predictions for the rows of a file, or of the fit."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

import pandas as pd

from mnlstat.cli.written import label, outcomes_together
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
        options["base"] = label(options.pop("against"), results.outcomes)
    found = results.predict(rows, **options)
    frame = found.to_frame() if isinstance(found, pd.Series) else found
    if isinstance(frame.columns, pd.MultiIndex):
        columns = [f"{outcome}: {statistic}" for outcome, statistic in frame.columns]
    else:
        columns = [str(name) for name in frame.columns]
    # An outcome may be called "row", too: the column of numbers is then the first of that name.
    numbers = pd.Series(frame.index.to_numpy(), index=frame.index, name="row")
    whole = pd.concat([numbers, frame], axis=1)
    return whole.set_axis(["row", *columns], axis=1).reset_index(drop=True)
