"""The generators of the benchmarks: shapes, seeds, shares, and the design they stand for."""

from __future__ import annotations

import numpy as np
import pandas as pd
import patsy
import pytest

from benchmarks.workloads import MAKERS, Workload, factors, make, many_levels, numeric, unscaled

SMALL = {
    "numeric": lambda: numeric("N", 3000, 9, 4, 2),
    "factors": lambda: factors(3000),
    "many levels": lambda: many_levels(3000, 12),
    "unscaled": lambda: unscaled(3000),
    "anes": lambda: make("W1"),
}


@pytest.fixture(params=SMALL, scope="module")
def workload(request: pytest.FixtureRequest) -> Workload:
    return SMALL[request.param]()


def test_the_design_is_patsys(workload: Workload) -> None:
    right = workload.formula.split("~")[1]
    theirs = patsy.dmatrix(right, workload.frame, return_type="dataframe")
    assert list(theirs.columns) == workload.columns
    np.testing.assert_allclose(workload.X, theirs.to_numpy(), rtol=1e-14)
    assert workload.shape == workload.X.shape
    assert workload.design_bytes == workload.X.nbytes


def test_the_sparse_design_is_the_dense_one_without_its_constant(workload: Workload) -> None:
    np.testing.assert_array_equal(workload.sparse().toarray(), workload.X[:, 1:])


def test_every_outcome_occurs_and_codes_are_positions(workload: Workload) -> None:
    assert np.bincount(workload.y, minlength=workload.J).min() > 0
    labels = np.array(workload.outcomes, dtype=object)[workload.y]
    assert (labels == workload.frame[workload.response].to_numpy(dtype=object)).all()


@pytest.mark.parametrize("name", SMALL)
def test_the_same_bits_each_time(name: str) -> None:
    first, second = SMALL[name](), SMALL[name]()
    pd.testing.assert_frame_equal(first.frame, second.frame, check_exact=True)


def test_numeric_predictors_are_equicorrelated_and_the_last_quarter_binary() -> None:
    X = numeric("N", 20_000, 9, 3, 1).X
    np.testing.assert_allclose(np.corrcoef(X[:, 1:7].T)[0, 1:], 0.3, atol=0.03)
    assert [len(np.unique(column)) for column in X.T[7:]] == [2, 2]
    assert all(len(np.unique(column)) > 1000 for column in X.T[1:7])


def test_outcome_shares_follow_the_model() -> None:
    work = factors(20_000)
    codes = work.frame["f0"].cat.codes.to_numpy()
    shares = np.bincount(work.y, minlength=4) / work.n
    assert shares.min() > 0.05
    within = [np.bincount(work.y[codes == level], minlength=4) for level in (0, 1)]
    odds = np.log(np.array(within) / np.array(within)[:, :1])
    assert np.abs(odds[1] - odds[0]).max() > 0.1  # the factor matters


def test_factors_are_categoricals() -> None:
    assert [len(factors(500).frame[f"f{i}"].cat.categories) for i in range(5)] == [2, 3, 4, 5, 6]
    assert len(many_levels(500, 12).frame["g"].cat.categories) == 12


def test_w1_stands_alone() -> None:
    w1 = make("W1")
    assert (w1.n, w1.k, w1.J) == (944, 8, 7)
    assert np.bincount(w1.y).tolist() == [200, 180, 108, 37, 94, 150, 175]


def test_quick_workloads_are_small() -> None:
    for name in MAKERS:
        assert make(name, quick=True).design_bytes < 2e7, name


def test_another_order_is_the_same_model(workload: Workload) -> None:
    orders = {workload.formula_in_order(seed) for seed in range(20)}
    assert len(orders) > 1
    assert {frozenset(f.split(" ~ ")[1].split(" + ")) for f in orders} == {
        frozenset(workload.terms)
    }
