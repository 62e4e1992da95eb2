"""Tables of Stata."""

from __future__ import annotations

import io
import warnings
from typing import IO, Any

import pandas as pd

# What one odd column can raise: labels that name two values alike, dates beyond the calendar.
ODD = (ArithmeticError, ValueError)


def read_stata(file: IO[bytes]) -> pd.DataFrame:
    """Labels where they name every value of a column, each by its own name; else the numbers.

    A text that is empty is missing, as Stata has it.
    """
    raw = io.BytesIO(file.read())
    plain = _read(raw, convert_categoricals=False, convert_dates=False)
    full = _labelled(raw, plain)
    columns = {name: _wanted(full[name], plain[name]) for name in plain.columns}
    return pd.DataFrame(columns, index=plain.index)


def _read(raw: io.BytesIO, **options: Any) -> pd.DataFrame:
    raw.seek(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of dates that stay numbers and labels in part
        return pd.read_stata(raw, **options)


def _labelled(raw: io.BytesIO, plain: pd.DataFrame) -> dict[Any, pd.Series]:
    """The columns with labels and dates; one that cannot have them stays as it is."""
    try:
        return dict(_read(raw, order_categoricals=False).items())
    except ODD:
        return {name: _alone(raw, plain[name]) for name in plain.columns}


def _alone(raw: io.BytesIO, plain: pd.Series) -> pd.Series:
    try:
        return _read(raw, order_categoricals=False, columns=[plain.name])[plain.name]
    except ODD:
        return plain


def _wanted(full: pd.Series, plain: pd.Series) -> pd.Series:
    if isinstance(full.dtype, pd.CategoricalDtype):
        return full if all(isinstance(word, str) for word in full.cat.categories) else plain
    return full.mask(full == "") if full.dtype.kind == "O" else full
