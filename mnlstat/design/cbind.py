"""Columns side by side, as R's ``cbind``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray
from mnlstat.errors import DataError
from mnlstat.options import shown


def cbind(*columns: Any, **named: Any) -> FloatArray:
    """Columns of numbers side by side (n, columns), as R's function of this name.

    Raises
    ------
    DataError
        For a column that holds no numbers.
    """
    parts = []
    for column in (*columns, *named.values()):
        series = pd.Series(column)
        kind = getattr(series.dtype, "kind", "O")
        if kind not in "fiub":
            whose = f"column {shown(series.name)}" if series.name else "one of them"
            raise DataError(
                "counts-not-numbers",
                f"cbind() takes columns of numbers; {whose} is of type {series.dtype}.\n"
                "For a response in one column of labels write that column alone.",
            )
        parts.append(series.to_numpy(dtype=float, na_value=np.nan))
    return np.column_stack(parts)
