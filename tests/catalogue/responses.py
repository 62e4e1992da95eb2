"""Responses that are none."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd

import mnlstat as mn
from mnlstat.errors import DataError, DataWarning, FormulaError, SeparationWarning
from tests.catalogue.cases import Case, N, case, clean, fit, put

CASES: dict[str, Case] = {
    "no variation": case(lambda: fit(put("y", "a")), DataError, "'y'", "one outcome", "'a'"),
    "no variation after rows are dropped": case(
        lambda: fit(clean().assign(x=lambda d: d["x"].where(d["y"] == "a"))),
        DataError, "'y'", "one outcome", "dropped",
    ),
    "all missing": case(lambda: fit(put("y", None)), DataError, "'y'", f"all {N} rows"),
    "a level in each row": case(
        lambda: fit(clean().assign(y=[f"id{i}" for i in range(N)])), DataError, "'y'", "60 distinct"
    ),
    "numbers in each row": case(
        lambda: fit(clean().assign(y=range(N))), DataError, "'y'", "60 distinct"
    ),
    "measurements": case(
        lambda: fit(clean().assign(y=lambda d: d["z"])), DataError, "'y'", "not whole",
        "60 distinct",
    ),
    "cells that are lists": case(
        lambda: fit(clean().assign(y=[[i % 3] for i in range(N)])), DataError, "'y'", "list"
    ),
    "cells that are dicts": case(
        lambda: fit(clean().assign(y=[{"a": i % 3} for i in range(N)])), DataError, "'y'", "dict"
    ),
    "dates": case(
        lambda: fit(clean().assign(y=pd.date_range("2020-01-01", periods=N))), DataError, "'y'"
    ),
    "date objects": case(
        lambda: fit(clean().assign(y=[datetime.date(2020, 1, 1 + i % 3) for i in range(N)])),
        DataError, "'y'", "date",
    ),
    "durations": case(
        lambda: fit(clean().assign(y=pd.to_timedelta(np.arange(N) % 3, unit="D"))),
        DataError, "'y'", "timedelta",
    ),
    "complex numbers": case(
        lambda: fit(clean().assign(y=np.arange(N) % 3 * 1j)), DataError, "'y'", "complex"
    ),
    "1 beside '1'": case(
        lambda: fit(clean().assign(y=[[1, "1", 2][i % 3] for i in range(N)])), DataError, "'y'",
        "'1'", "str", "int",
    ),
    "True beside 1": case(
        lambda: fit(clean().assign(y=[[1, True, 2][i % 3] for i in range(N)])), DataError, "'y'",
        "bool", "int",
    ),
    "infinite": case(
        lambda: fit(clean().assign(y=np.where(np.arange(N) == 4, np.inf, np.arange(N) % 3))),
        DataError, "'y'", "infinite", "first row 4",
    ),
    "two responses": case(lambda: fit(clean(), "y + g ~ x"), FormulaError, "left side", "two"),
    "a list of responses": case(lambda: fit(clean(), "[y, g] ~ x"), FormulaError, "left side"),
    "several columns": case(
        lambda: fit(clean(), "bs(x, df=4) ~ z"), FormulaError, "several columns", "^"
    ),
    "a contrast": case(lambda: fit(clean(), "C(y, Sum) ~ x"), FormulaError, "contrast", "base="),
    "no level with two rows": case(
        lambda: fit(clean(3).assign(y=LETTERS[:3]), "y ~ 1 + x"), SeparationWarning, "separat"
    ),
    "a level with one row": case(
        lambda: fit(put("y", "rare", [7]), "y ~ x + z + g"), SeparationWarning, "rare"
    ),
    "counts below zero": case(
        lambda: fit(clean().assign(n=-1), "cbind(w, n) ~ x"), DataError, "'n'", "negative"
    ),
    "counts of text": case(lambda: fit(clean(), "cbind(w, g) ~ x"), DataError, "'g'"),
    "shares that add up to less": case(
        lambda: fit(clean().assign(p=0.2, q=0.7), "cbind(p, q) ~ x"), DataError, "0.9", "60 rows"
    ),
    "counts of nothing": case(
        lambda: fit(clean().assign(p=0, q=0), "cbind(p, q) ~ x"), DataError, "zero in all"
    ),
    "percentages": case(
        lambda: fit(clean().assign(p=lambda d: 10 * d["w"], q=lambda d: 100 - d["p"]),
                    "cbind(p, q) ~ x"),
        DataWarning, "100",
    ),
    "y shorter than X": case(
        lambda: mn.MNLogit(clean()["y"].to_numpy()[1:], clean()[["x"]]), DataError, "59", "60"
    ),
    "y in another order": case(
        lambda: mn.MNLogit(clean()["y"].iloc[::-1], clean()[["x"]]), DataError, "index"
    ),
    "y that X has, too": case(
        lambda: mn.MNLogit(clean()["y"], clean().assign(y=1.0)[["x", "y"]]), DataError, "'y'"
    ),
}  # fmt: skip
LETTERS = list("abcdefghijklmnopqrstuvwxyz")
