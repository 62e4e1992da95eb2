"""Whatever a public function is handed, only documented classes come out of it."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import MnlstatError, MnlstatWarning
from tests.behaviour.data import MAX_LINES, good_frame

NASTY: dict[str, Any] = {
    "None": None,
    "nan": float("nan"),
    "inf": 1e400,
    "minus one": -1,
    "huge int": 10**400,
    "half": 0.5,
    "complex": 1 + 2j,
    "True": True,
    "empty text": "",
    "text": "nonsense",
    "hostile text": "__import__('os').getcwd()",
    "NUL": "\0",
    "bytes": b"y ~ x",
    "empty list": [],
    "empty dict": {},
    "empty tuple": (),
    "set": {1, 2},
    "ragged list": [[1], [2, 3]],
    "nested list": [[[1.0]]],
    "list of None": [None, None],
    "object": object(),
    "type": int,
    "function": len,
    "generator": (i for i in range(3)),
    "zero-dimensional": np.array(3.0),
    "empty array": np.zeros((0, 3)),
    "three-dimensional": np.zeros((2, 2, 2)),
    "complex array": np.full(120, 1j),
    "object array": np.array([object(), None], dtype=object),
    "text array": np.array(["a", "b"]),
    "dates": pd.date_range("2020-01-01", periods=3),
    "array of nan": np.full(10, np.nan),
    "wrong length": np.zeros(7),
    "empty frame": pd.DataFrame(),
    "frame without rows": pd.DataFrame({"y": [], "x": []}),
    "Series": pd.Series([1.0, 2.0]),
    "column of objects": pd.DataFrame({"y": [object()] * 3, "x": [1, 2, 3], "g": list("abc")}),
    "column of lists": pd.DataFrame({"y": list("aba"), "x": [[1], [2], [3]], "z": 1.0, "g": "low"}),
    "numbered columns": pd.DataFrame(np.zeros((4, 4))),
    "two-level columns": pd.DataFrame(
        np.zeros((2, 2)), columns=pd.MultiIndex.from_tuples([("y", 1), ("x", 2)])
    ),
}

FRAME = good_frame()
MODEL = mn.mnlogit("y ~ x + z + g", FRAME)
RESULT = MODEL.fit()
PARAMS = RESULT.params.to_numpy()
LIKELIHOOD = MODEL.likelihood
X, CODES = LIKELIHOOD.rows.X, FRAME["y"].map({"a": 0, "b": 1, "c": 2}).to_numpy()

CALLS: dict[str, Callable[[Any], Any]] = {
    "mnlogit formula": lambda v: mn.mnlogit(v, FRAME),
    "mnlogit data": lambda v: mn.mnlogit("y ~ x + z", v),
    "mnlogit base": lambda v: mn.mnlogit("y ~ x", FRAME, base=v),
    "mnlogit missing": lambda v: mn.mnlogit("y ~ x", FRAME, missing=v),
    "mnlogit rank": lambda v: mn.mnlogit("y ~ x", FRAME, rank=v),
    "mnlogit rank_tol": lambda v: mn.mnlogit("y ~ x", FRAME, rank_tol=v),
    "from_formula": lambda v: mn.MNLogit.from_formula(v, v),
    "MNLogit y": lambda v: mn.MNLogit(v, FRAME[["x", "z"]]),
    "MNLogit X": lambda v: mn.MNLogit(FRAME["y"], v),
    "MNLogit both": lambda v: mn.MNLogit(v, v),
    "response cell": lambda v: mn.mnlogit("y ~ x", _with_cell("y", v)),
    "predictor cell": lambda v: mn.mnlogit("y ~ x + z", _with_cell("x", v)),
    "factor cell": lambda v: mn.mnlogit("y ~ x + g", _with_cell("g", v)),
    "fit start_params": lambda v: MODEL.fit(start_params=v),
    "fit maxiter": lambda v: MODEL.fit(maxiter=v),
    "fit tol": lambda v: MODEL.fit(tol=v),
    "conf_int": lambda v: RESULT.conf_int(v),
    "tidy alpha": lambda v: RESULT.tidy(alpha=v),
    "tidy exponentiate": lambda v: RESULT.tidy(exponentiate=v),
    "summary alpha": lambda v: str(RESULT.summary(alpha=v)),
    "summary rrr": lambda v: str(RESULT.summary(rrr=v)),
    "predict": lambda v: RESULT.predict(v),
    "predict cell": lambda v: RESULT.predict(_with_cell("x", v)),
    "predict factor cell": lambda v: RESULT.predict(_with_cell("g", v)),
    "rebase": lambda v: RESULT.rebase(v),
    "plot coefficients terms": lambda v: RESULT.plot.coefficients(terms=v),
    "plot coefficients models": lambda v: RESULT.plot.coefficients(models=v),
    "plot coefficients ax": lambda v: RESULT.plot.coefficients(ax=v),
    "plot odds_ratios": lambda v: RESULT.plot.odds_ratios(v),
    "plot ternary": lambda v: RESULT.plot.ternary(v),
    "plot calibration": lambda v: RESULT.plot.calibration(v),
    "plot calibration outcomes": lambda v: RESULT.plot.calibration(outcomes=v),
    "plot calibration bins": lambda v: RESULT.plot.calibration(bins=v),
    "plot probabilities": lambda v: RESULT.plot.probabilities(v),
    "plot probabilities by": lambda v: RESULT.plot.probabilities("x", by=v),
    "plot probabilities at": lambda v: RESULT.plot.probabilities("x", at=v),
    "plot probabilities at g": lambda v: RESULT.plot.probabilities("x", at={"g": v}),
    "plot probabilities at z": lambda v: RESULT.plot.probabilities("x", at={"z": v}),
    "plot probabilities data": lambda v: RESULT.plot.probabilities("x", data=v),
    "plot probabilities outcomes": lambda v: RESULT.plot.probabilities("x", outcomes=v),
    "margins": lambda v: RESULT.margins(v),
    "margins at": lambda v: RESULT.margins("x", at=v),
    "margins at z": lambda v: RESULT.margins("x", at={"z": v}),
    "average_predictions at g": lambda v: RESULT.average_predictions(at={"g": v}),
    "average_predictions by": lambda v: RESULT.average_predictions(by=v),
    "average_predictions by cells": lambda v: RESULT.average_predictions(by=[v] * len(FRAME)),
    "comparisons x": lambda v: RESULT.comparisons({"x": v}),
    "comparisons x low": lambda v: RESULT.comparisons({"x": (v, 0.0)}),
    "comparisons g": lambda v: RESULT.comparisons({"g": v}),
    "comparisons g pair": lambda v: RESULT.comparisons({"g": ("low", v)}),
    "groups": lambda v: MODEL.fit(cov_type="cluster", groups=v),
    "groups cells": lambda v: MODEL.fit(cov_type="cluster", groups=[v] * len(FRAME)),
    "weights cells": lambda v: mn.mnlogit("y ~ x", FRAME, freq_weights=[v] * len(FRAME)),
    "subset cells": lambda v: mn.mnlogit("y ~ x", FRAME, subset=[v] * len(FRAME)),
    "update": lambda v: RESULT.update(v),
    "test": lambda v: RESULT.test(v),
    "wald_test": lambda v: RESULT.wald_test(v),
    "wald_test value": lambda v: RESULT.wald_test(np.eye(len(PARAMS))[:2], v),
    "test term": lambda v: RESULT.test(term=v, kind="lr"),
    "test outcome": lambda v: RESULT.test(outcome=v),
    "test kind": lambda v: RESULT.test(term="x", kind=v),
    "anova type": lambda v: RESULT.anova(v),
    "anova kind": lambda v: RESULT.anova(kind=v),
    "test_combine": lambda v: RESULT.test_combine(v),
    "test_combine b": lambda v: RESULT.test_combine("a", v, kind="wald"),
    "test_combine kind": lambda v: RESULT.test_combine(kind=v),
    "nlcom": lambda v: RESULT.nlcom(v),
    "test_nonlinear": lambda v: RESULT.test_nonlinear(v),
    "compare": lambda v: RESULT.compare(v),
    "compare formula": lambda v: mn.compare(v, FRAME),
    "compare data": lambda v: mn.compare("y ~ x", v),
    "loglike": lambda v: LIKELIHOOD.loglike(v),
    "score": lambda v: LIKELIHOOD.score(v),
    "hessian": lambda v: LIKELIHOOD.hessian(v),
    "score_obs": lambda v: LIKELIHOOD.score_obs(v),
    "probabilities": lambda v: LIKELIHOOD.probabilities(v),
    "from_arrays X": lambda v: mn.MultinomialLikelihood.from_arrays(v, CODES),
    "from_arrays y": lambda v: mn.MultinomialLikelihood.from_arrays(X, v),
    "from_arrays n_outcomes": lambda v: mn.MultinomialLikelihood.from_arrays(X, CODES, v),
    "from_arrays base": lambda v: mn.MultinomialLikelihood.from_arrays(X, CODES, base=v),
    "from_arrays weights": lambda v: mn.MultinomialLikelihood.from_arrays(X, CODES, weights=v),
    "from_arrays offset": lambda v: mn.MultinomialLikelihood.from_arrays(X, CODES, offset=v),
}


def _with_cell(column: str, value: Any) -> pd.DataFrame:
    cells = FRAME[column].astype(object).to_list()
    cells[5] = value
    series = pd.Series(index=FRAME.index, dtype=object)
    for at, cell in enumerate(cells):
        series.iat[at] = cell
    return FRAME.assign(**{column: series})


def complaint(call: Callable[[Any], Any], value: Any) -> str | None:
    """What is wrong with the answer to a nasty value, if anything."""
    try:
        call(value)
    except (MnlstatError, MnlstatWarning) as error:
        if len(str(error).splitlines()) > MAX_LINES or not str(error).strip():
            return f"message: {error}"
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__}: {error} ({where.filename}:{where.lineno})"
    return None


@pytest.mark.parametrize("function", CALLS)
def test_only_documented_classes_come_out(function: str) -> None:
    said = {name: complaint(CALLS[function], value) for name, value in NASTY.items()}
    assert {name: what for name, what in said.items() if what is not None} == {}


@pytest.mark.parametrize(
    "call",
    [
        lambda: mn.MultinomialLikelihood.from_arrays(X, np.ones((len(X), 3)), 5),
        lambda: mn.MultinomialLikelihood.from_arrays(X[:2], [0, 1e19]),
        lambda: mn.MultinomialLikelihood.from_arrays(X[:2], [0, 7]),
        lambda: mn.MultinomialLikelihood.from_arrays(X.astype(str).astype(object), CODES),
        lambda: mn.MultinomialLikelihood.from_arrays(np.ma.masked_equal(X, X[3, 1]), CODES),
        lambda: LIKELIHOOD.subsample([]),
        lambda: LIKELIHOOD.subsample([-1]),
        lambda: LIKELIHOOD.subsample([5]),
        lambda: LIKELIHOOD.subsample(0),
        lambda: LIKELIHOOD.subsample("zz"),
        lambda: LIKELIHOOD.subsample([0.5]),
        lambda: LIKELIHOOD.spread(0),
        lambda: LIKELIHOOD.spread("zz"),
        lambda: LIKELIHOOD.recoordinate("a"),
        lambda: LIKELIHOOD.recoordinate(np.eye(3)),
        lambda: LIKELIHOOD.recoordinate(np.eye(LIKELIHOOD.n_parameters), np.zeros(2)),
        lambda: LIKELIHOOD.evaluate(np.zeros(LIKELIHOOD.n_parameters), 3),
    ],
)
def test_what_the_likelihood_cannot_use_is_refused(call: Callable[[], Any]) -> None:
    with pytest.raises(mn.errors.MnlstatError):
        call()
