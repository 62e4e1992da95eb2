"""Weights, offsets and options that cannot be honoured."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

import mnlstat as mn
from mnlstat.errors import (
    ClusterWarning,
    ConvergenceWarning,
    DataError,
    OffsetError,
    OptionError,
    SeparationError,
    UnknownOptionError,
    WeightsError,
)
from tests.catalogue.cases import Case, N, case, clean, fit

RESULT = fit(clean())
MODEL = mn.mnlogit("y ~ x + g", clean())


def _weights(given: Any, *names: str) -> Case:
    return case(lambda: fit(clean(), freq_weights=given), WeightsError, "freq_weights", *names)


def _sampling(given: Any, *names: str) -> Case:
    return case(
        lambda: fit(clean(), sampling_weights=given), WeightsError, "sampling_weights", *names
    )


def _offset(given: Any, *names: str) -> Case:
    return case(lambda: fit(clean(), offset=given), OffsetError, "offset", *names)


def _groups(given: Any, *names: str) -> Case:
    return case(lambda: RESULT.with_cov("cluster", groups=given), DataError, *names)


def _option(call: Any, *names: str) -> Case:
    return case(call, OptionError, *names)


def _one(value: float, at: int = 3) -> Any:
    weights = np.ones(N)
    weights[at] = value
    return weights


CASES: dict[str, Case] = {
    "weights: unknown column": _weights("wt", "'wt'"),
    "weights: text column": _weights("g", "'g'", "text"),
    "weights: negative": _weights(_one(-1.0), "negative", "first row 3"),
    "weights: missing": _weights(_one(np.nan), "missing", "first row 3"),
    "weights: infinite": _weights(_one(np.inf), "infinite", "first row 3"),
    "weights: all zero": _weights(np.zeros(N), "zero"),
    "weights: another length": _weights(np.ones(7), "7", f"{N}"),
    "weights: two dimensions": _weights(np.ones((N, 2)), "one number for each"),
    "weights: a number": _weights(3.0, "3.0"),
    "weights: another index": _weights(pd.Series(np.ones(N), index=range(100, 100 + N)), "index"),
    "weights: both kinds": case(
        lambda: fit(clean(), freq_weights="w", sampling_weights="w"), WeightsError, "both"
    ),
    "weights: of a mean": case(
        lambda: fit(clean(), "y ~ I(x - np.mean(x))", freq_weights="w"), WeightsError, "np.mean(x)"
    ),
    "sampling weights: negative": _sampling(_one(-1.0), "negative", "first row 3"),
    "sampling weights: text": _sampling(["a"] * N, "text"),
    "sampling weights: a penalty": _option(
        lambda: mn.mnlogit("y ~ x", clean(), sampling_weights="w").fit(penalty="jeffreys"),
        "penalty",
    ),
    "offset: unknown column": _offset("zz", "'zz'"),
    "offset: text column": _offset("g", "'g'"),
    "offset: unknown outcome": _offset({"q": "z"}, "'q'", "Outcomes"),
    "offset: near miss": _offset({"A": "z"}, "'A'"),
    "offset: a number": _offset({"b": 3}, "'b'", "int"),
    "offset: no outcome": _offset({}, "no outcome"),
    "offset: infinite": case(
        lambda: fit(clean().assign(z=_one(np.inf)), offset="z"), OffsetError, "'z'", "infinite",
        "first row 3",
    ),
    "offset: shape": _offset(np.zeros((N, 2)), f"({N}, 2)", f"({N}, 3)"),
    "offset: missing number": _offset(np.full((N, 3), np.nan), "missing", "first row 0"),
    "offset: new data": case(
        lambda: fit(clean(), offset=np.zeros((N, 3))).predict(clean()), OffsetError, "new data"
    ),
    "unknown keyword": case(
        lambda: mn.mnlogit("y ~ x", clean(), wieghts="w"), UnknownOptionError, "wieghts"
    ),
    "unknown keyword of fit": case(
        lambda: MODEL.fit(max_iter=5), UnknownOptionError, "max_iter", "maxiter"
    ),
    "too many arguments": case(
        lambda: MODEL.fit(None, 5), UnknownOptionError, "fit() takes nothing by place", "by name"
    ),
    "base": _option(lambda: mn.mnlogit("y ~ x", clean(), base="B"), "'B'", "did you mean 'b'"),
    "base: missing": _option(lambda: mn.mnlogit("y ~ x", clean(), base=np.nan), "nan", "missing"),
    "missing": _option(lambda: mn.mnlogit("y ~ x", clean(), missing="keep"), "'keep'", "'drop'"),
    "rank": _option(lambda: mn.mnlogit("y ~ x", clean(), rank="none"), "'none'", "'drop'"),
    "rank_tol": _option(lambda: mn.mnlogit("y ~ x", clean(), rank_tol=-1), "rank_tol", "-1"),
    "n_threads": _option(lambda: mn.mnlogit("y ~ x", clean(), n_threads=0), "n_threads", "0"),
    "maxiter: negative": _option(lambda: MODEL.fit(maxiter=-1), "maxiter", "-1"),
    "maxiter: half": _option(lambda: MODEL.fit(maxiter=2.5), "maxiter", "2.5"),
    "maxiter: text": _option(lambda: MODEL.fit(maxiter="many"), "maxiter", "many"),
    "tol: zero": _option(lambda: MODEL.fit(tol=0), "tol", "0"),
    "tol: missing": _option(lambda: MODEL.fit(tol=np.nan), "tol", "nan"),
    "separation": _option(lambda: MODEL.fit(separation="quiet"), "'quiet'", "'warn'"),
    "penalty": _option(lambda: MODEL.fit(penalty="firth"), "'firth'", "jeffreys"),
    "verbose": _option(lambda: MODEL.fit(verbose="yes"), "verbose", "yes"),
    "start of another length": _option(lambda: MODEL.fit(start_params=np.zeros(3)), "start_params"),
    "start that is missing": _option(
        lambda: MODEL.fit(start_params=np.full(8, np.nan)), "start_params", "missing"
    ),
    "start of another index": _option(
        lambda: MODEL.fit(start_params=pd.Series(np.zeros(8))), "start_params", "index"
    ),
    "alpha: one": _option(lambda: RESULT.conf_int(1.0), "alpha", "1.0"),
    "alpha: missing": _option(lambda: RESULT.conf_int(np.nan), "alpha", "nan"),
    "alpha: percent": _option(lambda: RESULT.summary(alpha=5), "alpha", "5"),
    "covariance: unknown": _option(lambda: RESULT.with_cov("hc4"), "'hc4'", "'HC3'"),
    "covariance: of a fit": _option(lambda: MODEL.fit(cov_type="white"), "cov_type", "'white'"),
    "covariance: option of another": _option(lambda: RESULT.with_cov("HC1", lags=3), "lags=3"),
    "covariance: no groups": _option(lambda: RESULT.with_cov("cluster"), "needs groups="),
    "covariance: options alone": _option(lambda: MODEL.fit(groups="g"), "groups='g'", "cov_type"),
    "groups: unknown column": _groups("G", "'G'", "did you mean 'g'"),
    "groups: another length": _groups(np.ones(7), "groups has 7", f"{N} rows"),
    "groups: one group": _groups(np.ones(N), "one group only, 1.0"),
    "groups: missing": _groups(_one(np.nan), "missing", "first row 3"),
    "groups: another index": _groups(pd.Series(range(N), index=range(5, 5 + N)), "index"),
    "groups: lists": _groups(pd.Series([[1]] * N), "cannot be labels"),
    "groups: an empty table": _groups(pd.DataFrame(), "no columns"),
    "groups: few": case(
        lambda: RESULT.with_cov("cluster", groups="g"), ClusterWarning, "3 clusters of g",
        "8 coefficients",
    ),
    "time: text": case(lambda: RESULT.with_cov("HAC", time="g"), DataError, "time", "'g'", "dates"),
    "time: a table": case(
        lambda: RESULT.with_cov("HAC", time=clean()), DataError, "time", "one column"
    ),
    "time: the same": case(
        lambda: RESULT.with_cov("HAC", time=np.ones(N)), DataError, "same in several rows"
    ),
    "rebase": _option(lambda: RESULT.rebase("d"), "'d'", "Outcomes"),
    "a hypothesis of nothing": _option(lambda: RESULT.test("b:income = 0"), "income"),
    "a hypothesis with two signs": _option(lambda: RESULT.test("b:x = = 0"), "b:x = = 0"),
    "one iteration": case(
        lambda: MODEL.fit(maxiter=1), ConvergenceWarning, "1 iteration", "maxiter"
    ),
    "separation, refused": case(
        lambda: mn.mnlogit("y ~ x + s", clean().assign(s=lambda d: d["y"] == "a")).fit(
            separation="error"
        ),
        SeparationError, "separat", "s[T.True]",
    ),
}  # fmt: skip
