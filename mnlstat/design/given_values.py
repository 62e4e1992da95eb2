"""Values that a caller gives, as columns of pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import IntArray


def series_of(values: Any, index: Any = None) -> Any:
    """A Series of the values, exact where they are integers beyond the range of floats."""
    try:
        return pd.Series(values, index=index)
    except OverflowError:  # older pandas tries floats first
        return pd.Series(values, index=index, dtype=object)


def factorised(values: Any) -> tuple[IntArray, Any]:
    """Codes of the values, -1 where one is missing, and the different ones in their order."""
    try:
        codes, labels = pd.factorize(values)
    except OverflowError:  # older pandas, as above
        codes, labels = pd.factorize(np.asarray(values, dtype=object))
    return codes, labels
