"""Random frames, formulas and options: a checked result, or an error of ours and nothing else.

Each run draws the same examples.  For more and other ones set ``MNLSTAT_FUZZ`` to how many.
"""

from __future__ import annotations

import os
import warnings
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

import mnlstat as mn
from mnlstat.errors import MnlstatError, MnlstatWarning

LONG = int(os.environ.get("MNLSTAT_FUZZ", "0"))
MAX_LINES = 3
NUMBERS = st.one_of(
    st.floats(-5, 5, width=32),
    st.integers(-3, 3),
    st.sampled_from([0.0, 1.0, np.nan, np.inf, 1e300, -1e300, 1e-310, 2.0**53, 1e12, 1e-12]),
)
LABELS = st.sampled_from(["a", "b", "c", "", " ", "a:b", "x=1", "é", "None", "nan", "T.a", "[x]"])
CELLS = {
    "numbers": st.floats(-5, 5, width=32),
    "odd numbers": NUMBERS,
    "whole": st.integers(-2, 2),
    "counts": st.integers(0, 4),
    "truths": st.booleans(),
    "labels": LABELS,
    "labels or nothing": st.one_of(LABELS, st.none()),
    "anything": st.one_of(LABELS, NUMBERS, st.none(), st.booleans(), st.just([1]), st.just(1j)),
}
NAMES = ["y", "x", "z", "g", "a b", "class", "Intercept", "I", "n.1"]
DTYPES = ["as it is", "object", "category", "string", "Float64", "float32", "int8"]
ATOMS = [
    "x", "z", "g", "C(g)", "C(x)", "np.log(x)", "center(z)", "standardize(x)", "bs(x, df=4)",
    "cr(z, df=3)", "I(x**2)", "I(x / z)", "Q('a b')", "Q('class')", "1", "0", "Intercept", "y",
    "x:g", "x*z", "(x + g)**2", "np.exp(x)", "x > 0", "C(g, Sum)", "poly(x, 2)",
    "I(x - np.mean(x))", ".", "(x + g)^2", "log(z)", "factor(g)", "relevel(g, ref='a')", "I(x^2)",
    "poly(z, 3, raw=TRUE)", "ns(x, df=3)", "ns(z, knots=c(0))", "offset(z)", "offset(log(x))",
    "x %in% g", "I(g %in% c('a', 'b'))", "n.1", "`a b`", "class",
    "ns(x, df=3)", "offset(z)", "offset(np.log(x))", ".", "relevel(g, ref='a')", "x %in% g",
    "unknown", "x +", "(", "np.sin(", "'text'", "~", "", "-1", "- x", "x y", "é", "`a", "x^2",
    "I(z^z)", "offset(g)", "x:offset(z)", "poly(g)",
]  # fmt: skip
LEFT = ["y", "y", "y", "y", "C(y)", "cbind(x, z)", "cbind(x, z, y)", "g", "x", "", "y + x", "y > 0"]
OPTIONS: dict[str, Any] = {
    "base": st.sampled_from(["a", "b", 0, 1, True, "q", np.nan]),
    "missing": st.sampled_from(["drop", "error", "keep"]),
    "rank": st.sampled_from(["drop", "error"]),
    "rank_tol": st.sampled_from([1e-9, 1e-6, 0, -1, np.nan]),
    "n_threads": st.sampled_from([1, 2, 0]),
    "freq_weights": st.sampled_from(["x", "z", "g", "w", [1.0], None]),
    "sampling_weights": st.sampled_from(["x", "z", None]),
    "offset": st.sampled_from(["x", "z", "g", {"a": "x"}, {"q": "x"}, None]),
    "constraints": st.sampled_from(["b:x = 0", "b:x = c:x", "b:x = b:x", "1:x = 2", None]),
    "parallel": st.sampled_from(["x", "g", "q", None]),
    "subset": st.sampled_from(
        [
            "x > 0",
            "x > 0 & g == 'a'",
            "!(z < 1) | class",
            "class",
            "g %in% c('a', 'b')",
            "x",
            "isna(x) | n.1 > 0",
            "x +",
            "0 < x < 2",
            "g > x",
            "`a b` != 1 and not y == 'a'",
            "x^2 < 4",
            [True],
            None,
        ]
    ),
}
FIT: dict[str, Any] = {
    "maxiter": st.sampled_from([100, 1, 0, -1, 2.5]),
    "penalty": st.sampled_from([None, None, "jeffreys", "lasso", mn.Ridge(1.0)]),
    "separation": st.sampled_from(["warn", "ignore", "error"]),
    "tol": st.sampled_from([1e-12, 1e-6, 0]),
}


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    n = draw(st.integers(0, 24))
    columns = {}
    for name in NAMES[: draw(st.integers(2, len(NAMES)))]:
        often = ["labels", "whole"] if name in ("y", "g") else ["numbers", "odd numbers"]
        cells = CELLS[draw(st.sampled_from([*often * 4, *CELLS]))]
        values = pd.Series(draw(st.lists(cells, min_size=n, max_size=n)), dtype=object)
        columns[name] = _as(values.infer_objects(), draw(st.sampled_from(DTYPES)))
    frame = pd.DataFrame(columns)
    return frame.set_axis(draw(st.sampled_from([range(n), [0] * n, list(map(str, range(n)))])))


def _as(values: Any, dtype: str) -> Any:
    """The column in another type, where it can be."""
    if dtype == "as it is":
        return values
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return values.astype(dtype)
    except Exception:
        return values


def subset(options: dict[str, Any]) -> Any:
    return st.fixed_dictionaries({}, optional=options)


FORMULAS = st.builds(
    lambda left, right: f"{left} ~ {' + '.join(right)}",
    st.sampled_from(LEFT),
    st.lists(st.sampled_from(ATOMS[:42] * 4 + ATOMS), min_size=1, max_size=4),
)


@settings(max_examples=LONG or 120, derandomize=not LONG, deadline=None)
@given(frames(), FORMULAS, subset(OPTIONS), subset(FIT))
def test_nothing_but_checked_results_and_errors_of_ours(
    frame: pd.DataFrame, formula: str, options: dict[str, Any], how: dict[str, Any]
) -> None:
    before, said = frame.copy(deep=True), ""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            res = mn.mnlogit(formula, frame, **options).fit(**how)
            look_at(res, frame)
        except MnlstatError as error:
            said = str(error)
    assert len(said.splitlines()) <= MAX_LINES, said
    for warning in caught:
        assert isinstance(warning.message, MnlstatWarning), warning
    pd.testing.assert_frame_equal(frame, before)


def look_at(res: Any, frame: pd.DataFrame) -> None:
    """What a result promises holds, and all of it can be printed and asked for."""
    str(res.summary()), res.tidy(), res.glance(), repr(res)
    assert np.isfinite(res.llf)
    assert res.llf <= 1e-9
    pi = res.fittedvalues.to_numpy()
    known = ~np.isnan(pi).any(axis=1)
    np.testing.assert_allclose(pi[known].sum(axis=1), 1.0, rtol=1e-9)
    assert ((pi[known] >= 0) & (pi[known] <= 1)).all()
    if res.converged:
        kept = res.params.notna()
        assert np.isfinite(res.params[kept]).all()
        fixed = res.bse == 0 if res.constraints else False
        assert ((res.bse > 0) | fixed)[kept].all()
    if res.converged and res.penalty is None and not res.constraints:
        b = res.params[res.params.notna()].to_numpy()
        score, information = res.likelihood.score(b), res.likelihood.information(b)
        size = np.sqrt(np.diag(information))
        assert (np.abs(score) <= 1e-5 * size).all(), "the score is not zero at the maximum"
    str(res.convergence()), res.hauck_donner
    look_at_effects(res, frame)
    if res.offset != "given as numbers":
        rest = res.predict(frame.iloc[:3])
        assert len(rest) == min(3, len(frame))


def look_at_effects(res: Any, frame: pd.DataFrame) -> None:
    """Probabilities shift between outcomes, and are there or not; else there is an error of ours.

    A refusal of one verb is no refusal of the others.
    """
    verbs = {
        "margins": lambda: res.margins(),
        "each row": lambda: res.margins(at="rows", data=frame.iloc[:2]),
        "at means": lambda: res.margins(at="mean", binary="difference"),
        "elasticities": lambda: res.margins(kind="eyex", at="typical"),
        "comparisons": lambda: res.comparisons(),
        "ratios": lambda: res.comparisons(comparison="odds ratio"),
        "in groups": lambda: res.average_predictions(by="x"),
        "at a value": lambda: res.average_predictions(at={"x": [0.5, 1]}, others="median"),
        "means": lambda: res.marginal_means(),
        "statsmodels": lambda: res.get_margeff(dummy=True, count=True).effects,
    }
    for name, verb in verbs.items():
        said = ""
        try:
            found = verb()
        except MnlstatError as error:
            said = str(error)
        assert len(said.splitlines()) <= MAX_LINES, said
        if said:
            continue
        str(found), found.frame, found.cov
        values = found.estimates.reshape(-1, len(res.outcomes)).sum(axis=1)
        known = np.isfinite(values)
        if name in ("margins", "each row", "at means", "comparisons"):
            size = np.abs(found.estimates[np.isfinite(found.estimates)]).max(initial=1.0)
            assert (np.abs(values[known]) <= 1e-12 * size).all(), name
        elif name in ("in groups", "at a value", "means"):
            np.testing.assert_allclose(values[known], 1.0, rtol=1e-9)
