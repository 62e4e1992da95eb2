"""Predictions for data that are not like those of the fit."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd

import mnlstat as mn
from mnlstat.errors import DataError, FileFormatError, OptionError
from tests.catalogue.cases import Case, case, clean, fit, put

RESULT = fit(clean())
SPLINE = fit(clean(), "y ~ bs(x, df=4)")

CASES: dict[str, Case] = {
    "an unseen level": case(
        lambda: RESULT.predict(put("g", "new", [2])), DataError, "'g'", "'new'", "first row 2",
        "low",
    ),
    "a level of another case": case(
        lambda: RESULT.predict(put("g", "Low", [2])), DataError, "'g'", "'Low'", "'low'"
    ),
    "a column is not there": case(
        lambda: RESULT.predict(clean().drop(columns="x")), DataError, "'x'"
    ),
    "no column is there": case(lambda: RESULT.predict(pd.DataFrame()), DataError, "'x'"),
    "text for numbers": case(
        lambda: RESULT.predict(put("x", "1.5")), DataError, "'x'", "numbers", "text"
    ),
    "numbers for text": case(
        lambda: RESULT.predict(clean().assign(g=1.0)), DataError, "'g'", "text", "numbers"
    ),
    "dates for numbers": case(
        lambda: RESULT.predict(clean().assign(x=pd.Timestamp("2020-01-01"))), DataError, "'x'"
    ),
    "infinite": case(
        lambda: RESULT.predict(put("x", np.inf, [5])), DataError, "'x'", "infinite", "first row 5"
    ),
    "beyond the knots": case(
        lambda: SPLINE.predict(put("x", 99.0, [1])), DataError, "bs(x, df=4)", "knots"
    ),
    "no table": case(lambda: RESULT.predict([1.0, 2.0]), DataError, "list"),
    "one row as a Series": case(
        lambda: RESULT.predict(clean().iloc[0]), DataError, "Series", "iloc[[i]]"
    ),
    "a file without to": case(
        lambda: RESULT.predict("data.parquet"), DataError, "to="
    ),
    "to no folder": case(
        lambda: RESULT.predict(clean(), to="/nowhere/at/all/pi.parquet"), OptionError, "pi.parquet"
    ),
    "to another kind of file": case(
        lambda: RESULT.predict(clean(), to="pi.xlsx"), OptionError, "pi.xlsx", ".parquet"
    ),
    "arrays of another width": case(
        lambda: mn.MNLogit(clean()["y"], clean()[["x", "z"]].to_numpy()).fit().predict(
            np.ones((3, 5))
        ),
        DataError, "5", "2",
    ),
    "a file that is not there": case(
        lambda: mn.mnlogit("y ~ x", "no_such_file.parquet"), FileFormatError, "no_such_file.parquet"
    ),
    "a pickle without its data": case(
        lambda: pickle.loads(pickle.dumps(RESULT)).fittedvalues, DataError, "without its data"
    ),
}  # fmt: skip
