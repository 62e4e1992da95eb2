"""What a table for papers reads of the summary of a fit."""

from __future__ import annotations

from typing import Any, Protocol

import pandas as pd

from mnlstat.report.cells import Reported


class Published(Reported, Protocol):
    """A summary, with its numbers beside its texts."""

    glance: pd.DataFrame
    base: Any
    pseudo: bool
    no_slopes: bool
