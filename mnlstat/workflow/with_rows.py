"""Whether a result still knows the rows, and the columns, that a function needs."""

from __future__ import annotations

from mnlstat.design.source import DesignOnly
from mnlstat.errors import DataError
from mnlstat.results import MNLogitResults


def check_rows(caller: str, res: MNLogitResults) -> None:
    """Refuse a result that was loaded without its rows."""
    if res.sample is None:
        raise DataError(
            "data-not-kept",
            f"{caller}() needs the rows of {res.formula!r}; the result was loaded without its"
            " data.\nFit the model again, or save it with include_data=True.",
        )


def check_columns(caller: str, res: MNLogitResults) -> None:
    """Refuse a result that cannot be fitted with other terms: it was loaded."""
    check_rows(caller, res)
    if res.sample is not None and isinstance(res.sample.source, DesignOnly):
        raise DataError(
            "data-not-kept",
            f"{caller}() fits other formulas, and the file of {res.formula!r} holds the design"
            " only, not the columns of the data.\nFit the model again: mnlogit(formula, data).",
        )
