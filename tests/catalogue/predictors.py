"""Predictors that are constant, alike, huge, infinite, or no numbers at all."""

from __future__ import annotations

import numpy as np
import pandas as pd

import mnlstat as mn
from mnlstat.errors import (
    AliasedWarning,
    ConditionWarning,
    DataError,
    FileFormatError,
    FormulaError,
    MissingDataWarning,
    RankError,
)
from tests.catalogue.cases import Case, N, case, clean, fit, put


def _near(distance: float) -> pd.DataFrame:
    return clean().assign(t=lambda d: d["x"] + distance * d["z"])


CASES: dict[str, Case] = {
    "constant": case(lambda: fit(put("t", 3.0), "y ~ x + t"), AliasedWarning, "t", "Intercept"),
    "all zero": case(lambda: fit(put("t", 0.0), "y ~ x + t"), AliasedWarning, "t", "0"),
    "duplicated": case(
        lambda: fit(clean().assign(t=lambda d: d["x"]), "y ~ x + t"), AliasedWarning, "t", "x"
    ),
    "a combination": case(
        lambda: fit(clean().assign(t=lambda d: d["x"] + 2 * d["z"]), "y ~ x + z + t"),
        AliasedWarning, "t", "x", "2*z",
    ),
    "a combination, refused": case(
        lambda: fit(clean().assign(t=lambda d: 2 * d["x"]), "y ~ x + t", rank="error"),
        RankError, "t", "2*x",
    ),
    "a factor of one level": case(
        lambda: fit(put("g", "low"), "y ~ x + g"), AliasedWarning, "g[low]", "Intercept"
    ),
    "nearly collinear": case(
        lambda: fit(_near(1e-10), "y ~ x + t"), ConditionWarning, "t", "x", "condition"
    ),
    "dates": case(
        lambda: fit(clean().assign(x=pd.date_range("2020-01-01", periods=N))), DataError, "'x'",
        "datetime",
    ),
    "complex": case(lambda: fit(clean().assign(x=1j)), DataError, "'x'", "complex"),
    "text with a level in each row": case(
        lambda: fit(clean().assign(g=[f"id{i}" for i in range(N)])), DataError, "'g'", "60", "text"
    ),
    "infinite": case(lambda: fit(put("x", np.inf, [3])), DataError, "'x'", "infinite", "row 3"),
    "minus infinity": case(
        lambda: fit(put("x", -np.inf, [3, 9])), DataError, "'x'", "infinite", "2 rows"
    ),
    "beyond floating point": case(
        lambda: fit({**clean(), "x": pd.Series([10**400 + i for i in range(N)], dtype=object)}),
        DataError, "'x'",
    ),
    "lists in cells": case(
        lambda: fit(clean().assign(x=[[i] for i in range(N)])), DataError, "'x'", "list"
    ),
    "missing in all rows": case(
        lambda: fit(clean().assign(x=np.nan)), DataError, "'x'", f"all {N} rows"
    ),
    "missing here or there": case(
        lambda: fit(put("x", np.nan, range(30)).assign(z=lambda d: d["z"].where(d.index < 30)),
                    "y ~ x + z"),
        DataError, "'x' (30)", "'z' (30)",
    ),
    "missing, refused": case(
        lambda: fit(put("x", np.nan, [2, 5]), missing="error"), DataError, "'x' (2 rows)"
    ),
    "two columns of one name": case(
        lambda: fit(pd.concat([clean(), clean()[["x"]]], axis=1)), DataError, "'x'"
    ),
    "a logarithm of negative numbers": case(
        lambda: fit(clean(), "y ~ np.log(x)"), MissingDataWarning, "np.log(x)", "rows"
    ),
    "a division by zero": case(
        lambda: fit(put("x", 0.0, [0]), "y ~ I(1 / x)"), DataError, "1 / x", "infinite"
    ),
    "more columns than rows": case(
        lambda: mn.MNLogit(clean(5)["y"], np.random.default_rng(0).normal(size=(5, 9))),
        RankError, "9 columns", "5 rows",
    ),
    "no rows": case(lambda: fit(clean().iloc[:0]), DataError, "no rows"),
    "one row": case(lambda: fit(clean().iloc[:1]), DataError, "one outcome"),
    "no columns": case(lambda: fit(pd.DataFrame(index=range(5))), FormulaError, "'y'"),
    "X without columns": case(
        lambda: mn.MNLogit(clean()["y"], clean()[[]]), DataError, "no columns"
    ),
    "X of text": case(lambda: mn.MNLogit(clean()["y"], clean()[["g"]]), DataError, "'g'", "text"),
    "X of one dimension": case(
        lambda: mn.MNLogit(clean()["y"], clean()["x"].to_numpy()), DataError, "two dimensions"
    ),
    "X that is ragged": case(
        lambda: mn.MNLogit(list("abc"), [[1.0], [1.0, 2.0], [3.0]]), DataError, "X"
    ),
    "data of text": case(lambda: fit("not a file"), FileFormatError, "not a file"),
    "a number for data": case(lambda: fit(7), DataError, "int"),
    "a single column for data": case(lambda: fit(clean()["x"]), DataError, "Series"),
    "columns of differing length": case(
        lambda: fit({"y": list("abc"), "x": [1.0, 2.0]}), DataError, "dict"
    ),
}  # fmt: skip
