"""A fit of statsmodels is lined up with ours by what it holds, or refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf

import mnlstat as mn
from mnlstat.errors import DataError
from mnlstat.peers.matching import Peer, matched
from tests.behaviour.data import fit, good_frame, refused

CODES = {"a": 0, "b": 1, "c": 2}


def theirs(frame: pd.DataFrame, formula: str = "code ~ x + z") -> Any:
    return smf.mnlogit(formula, frame.assign(code=frame["y"].map(CODES))).fit(disp=0, tol=1e-12)


def test_columns_are_matched_by_their_values_before_their_names() -> None:
    frame = good_frame()
    y = frame["y"].map(CODES).to_numpy()
    X = frame[["x", "z"]].set_axis(["x2", "x1"], axis=1)
    ours = mn.MNLogit(y, sm.add_constant(X)).fit()
    swapped = np.column_stack([X["x1"], np.ones(len(X)), X["x2"]])  # named x1, const, x2
    for array in (swapped, sm.add_constant(X[["x1", "x2"]].to_numpy())):
        other = sm.MNLogit(y, array).fit(disp=0, tol=1e-12)
        assert ours.compare(other).agrees(1e-7)


def test_twice_the_same_column_is_told_apart_by_name() -> None:
    x = np.linspace(1.0, 2.0, 6)
    X = np.column_stack([np.ones(6), x, x * (1 + 1e-9)])
    codes = np.array([0, 1, 2, 0, 1, 2])
    peer = Peer(("a", "b", "c"), ("w", "const", "x"), codes, X[:, [2, 0, 1]])
    match = matched(peer, codes, X, ("a", "b", "c"), ("Intercept", "x", "w"))
    assert match.rows == (1, 2, 0)


def test_outcomes_of_other_names_are_matched_row_by_row() -> None:
    frame = good_frame()
    comparison = fit(frame, "y ~ x + z", base="c").compare(theirs(frame))
    assert comparison.agrees(1e-7)
    assert comparison.ours.base == comparison.theirs.base == "a"
    assert "0 = a, 1 = b, 2 = c" in " ".join(str(comparison).split())


def test_other_names_need_the_same_rows_in_the_same_order() -> None:
    frame = good_frame()
    ours = fit(frame, "y ~ x + z")
    moved = frame.iloc[1:].assign(y=frame["y"].iloc[:-1].to_numpy())
    for other in (frame.sample(frac=1.0, random_state=1), frame.iloc[:-3], moved):
        with refused(DataError, "outcomes differ"):
            ours.compare(theirs(other))


@pytest.mark.parametrize("sort", [["x"], ["y", "x"]])
def test_predictors_in_other_rows_are_refused(sort: list[str]) -> None:
    frame = good_frame()
    column = frame.sort_values(sort)["x"].to_numpy() if sort == ["x"] else _within(frame)
    other = sm.MNLogit(
        frame["y"], sm.add_constant(frame[["x", "z"]].assign(x=column))
    ).fit(disp=0)  # fmt: skip
    with refused(DataError, "column x", "in other rows"):
        fit(frame, "y ~ x + z").compare(other)


def _within(frame: pd.DataFrame) -> np.ndarray:
    """``x`` reversed among the rows of each outcome."""
    return frame.groupby("y")["x"].transform(lambda x: x.to_numpy()[::-1]).to_numpy()


def test_whole_rows_in_another_order_are_the_same_data() -> None:
    frame = good_frame()
    other = frame.sample(frac=1.0, random_state=3)
    named = sm.MNLogit(other["y"], sm.add_constant(other[["x", "z"]])).fit(disp=0, tol=1e-12)
    assert fit(frame, "y ~ x + z").compare(named).agrees(1e-7)


def test_a_penalised_fit_is_refused() -> None:
    frame = good_frame()
    model = sm.MNLogit(frame["y"], sm.add_constant(frame[["x", "z"]]))
    penalised = model.fit_regularized(alpha=1.0, disp=0)
    for other in (penalised, penalised._results):
        with refused(DataError, "fit_regularized", "penalised"):
            fit(frame, "y ~ x + z").compare(other)
