"""What came in rows of new data, beside what is predicted for them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray, IntArray, real_array
from mnlstat.design.chunks import comes_in_pieces
from mnlstat.design.dialect import quoted
from mnlstat.design.frames import as_array, as_column
from mnlstat.design.opened import opened
from mnlstat.design.response import CHOICE, Response
from mnlstat.design.source import DesignOnly, Source
from mnlstat.design.words import count, where
from mnlstat.errors import DataError, MnlstatError, WeightsError
from mnlstat.options import shown

# The share of rows with the labels of others that must have their values to be the same rows.
SAME = 0.9


def refuse_pieces(data: Any, purpose: str) -> None:
    """Raise DataError for data that are read in pieces."""
    if comes_in_pieces(data):
        raise DataError(
            "read-in-pieces",
            f"{purpose} needs all rows in memory, and data of type {type(data).__name__} are read"
            " in pieces.\nGive a frame.",
        )


def observed_codes(
    response: Response, data: Any, index: Any, observed: Any, purpose: str
) -> IntArray:
    """The position of the outcome that came in each row of new data; -1 where it is missing.

    Parameters
    ----------
    response : of the model
    data : a table
    index : labels of its rows
    observed : outcomes, or None where the data have the response as a column

    Raises
    ------
    DataError
        Where there is no such column, for other lengths or indexes, for unknown outcomes.
    """
    if observed is None:
        columns = () if isinstance(data, np.ndarray) else opened(data).columns
        called = [name for name in columns if response.name in (name, quoted(str(name)))]
        if response.n_columns > 1 or not called:
            raise DataError(
                "outcomes-not-there",
                f"{purpose}: the data have no column {shown(response.name)} with the outcome of"
                " each row.\nGive the outcomes: observed=.",
            )
        values = opened(data).frame(called)[called[0]]
        return response.encode(pd.Series(values).set_axis(index))
    given = as_column(observed)
    values = pd.Series(_flat(observed), dtype=object) if given is None else given
    _check_beside("observed", values, given, index)
    return response.encode(values.set_axis(index))


def _flat(observed: Any) -> Any:
    """Outcomes as a list, so that 1 and "1" stay apart."""
    if isinstance(observed, list | tuple):
        return list(observed)
    return list(as_array("observed", observed).ravel())


def _check_beside(name: str, values: Any, given: Any, index: Any) -> None:
    """Refuse another length, and the index of other rows."""
    if len(values) != len(index):
        raise DataError(
            "lengths-differ", f"{name}= has {count(len(values))}, the data have {len(index)}."
        )
    if isinstance(given, pd.Series) and not given.index.equals(index):
        raise DataError(
            "index-differs",
            f"{name}= has another index than the data.\nGive an array to take it by position.",
        )


def refuse_counts(response: Response, purpose: str) -> None:
    """Raise DataError where rows hold several choices."""
    if response.kind != CHOICE:
        raise DataError(
            "rows-of-several-choices",
            f"{purpose}: rows of this model hold {response.kind}, not one outcome each.\n"
            "Fit a frame with a row for each choice.",
        )


def new_weights(data: Any, weights: Any, index: Any) -> FloatArray:
    """Weights (n,) of rows of new data, a column or numbers; ones where there are none.

    Raises
    ------
    WeightsError
        Naming the defect.
    """
    if weights is None:
        return np.ones(len(index))
    column = None
    if isinstance(weights, str):
        columns = opened(data).columns if not isinstance(data, np.ndarray) else ()
        if weights not in columns:
            raise WeightsError("missing-column", f"weights: the data have no column {weights!r}.")
        weights = opened(data).frame([weights])[weights].set_axis(index)
    try:
        column = as_column(weights)
        given = weights if column is None else column.to_numpy(dtype=float, na_value=np.nan)
        values = real_array(given)
        _check_beside("weights", values.ravel(), column, index)
    except MnlstatError as error:
        raise WeightsError(error.code, error.message) from error
    except (ValueError, TypeError) as error:
        raise WeightsError("not-numbers", "weights must be numbers.") from error
    values = values.ravel()
    if (missing := np.isnan(values)).any():
        raise WeightsError(
            "weights-missing", f"weights has missing values ({where(missing, index)})."
        )
    if (negative := values < 0).any():
        raise WeightsError(
            "weights-negative", f"weights has negative values ({where(negative, index)})."
        )
    if (infinite := np.isinf(values)).any():
        raise WeightsError(
            "infinite-values", f"weights has infinite values ({where(infinite, index)})."
        )
    return values


def rows_of_the_fit(source: Any, data: Any) -> int:
    """How many rows of new data were in the fit, as labels and all they share tell; else 0.

    Labels alone say nothing where rows are numbered: nearly all rows whose labels are those of the
    fit must have the same values.
    """
    if not isinstance(source, Source) or isinstance(source, DesignOnly):
        return 0
    if not isinstance(data, pd.DataFrame) or not isinstance(source.frame, pd.DataFrame):
        return 0
    used = source.used()
    if not (used.index.is_unique and data.index.is_unique):
        return 0
    labels = data.index.intersection(used.index)
    names = [name for name in data.columns if name in used.columns]
    if not len(labels) or not names or not used.columns.is_unique or not data.columns.is_unique:
        return 0
    one = used.loc[labels, names].astype(object)
    other = data.loc[labels, names].astype(object)
    same = ((one == other) | (one.isna() & other.isna())).all(axis=1)
    return int(same.sum()) if same.mean() > SAME else 0
