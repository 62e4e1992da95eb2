"""A fit leaves everything around it as it was, and its results cannot be changed."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import io
import random
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_info

import mnlstat as mn
from tests.properties.frames import Example, example


@pytest.fixture
def data() -> Example:
    return example(11, 3, 2, 3)


def use(data: Example) -> None:
    """Everything a session would do with a fit."""
    res = data.fit()
    str(res.summary()), str(res.summary(rrr=True)), res.summary()._repr_html_()
    res.tidy(), res.glance(), res.conf_int(), res.predict(data.frame), res.fittedvalues
    res.rebase(data.outcomes[-1]), res.update(". ~ . - x0")
    res.wald_test_terms(), res.wald_test_slopes(), res.test("b:x0 = c:x0")


def test_data_are_not_changed(data: Example) -> None:
    before = copy.deepcopy(data.frame)
    use(data)
    pd.testing.assert_frame_equal(data.frame, before)
    assert data.frame.attrs == before.attrs


def test_options_and_starts_are_not_changed(data: Example) -> None:
    start = np.full(len(data.fit().params), 0.5)
    mn.mnlogit(data.formula, data.frame).fit(start_params=start)
    assert (start == 0.5).all()


def test_arrays_are_not_changed(data: Example) -> None:
    X = np.column_stack([np.ones(len(data.frame)), data.frame[data.numeric]])
    y = data.frame["y"].cat.codes.to_numpy().copy()
    before = X.copy(), y.copy()
    mn.MNLogit(y, X).fit()
    np.testing.assert_array_equal(X, before[0])
    np.testing.assert_array_equal(y, before[1])


def test_global_settings_are_not_changed(data: Example) -> None:
    np.seterr(divide="warn")

    def settings() -> list[object]:
        options = [pd.get_option(f"display.{name}") for name in ("width", "precision", "max_rows")]
        state = np.random.get_state()[1].tolist()  # noqa: NPY002
        return [np.geterr(), np.get_printoptions(), options, list(warnings.filters), state]

    before = [*settings(), random.getstate()]
    use(data)
    assert [*settings(), random.getstate()] == before


def blas_threads() -> list[int]:
    return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]


def test_fits_at_the_same_time_give_the_same_bits_and_leave_blas_as_it_was() -> None:
    models = [
        mn.mnlogit(data.formula, pd.concat([data.frame] * 40, ignore_index=True))
        for data in (example(seed, 4, 2, 3) for seed in range(4))
    ]
    alone, before = [model.fit() for model in models], blas_threads()
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda model: model.fit(), models * 5))
    assert blas_threads() == before
    for at, res in enumerate(together):
        pd.testing.assert_series_equal(res.params, alone[at % 4].params, check_exact=True)
        pd.testing.assert_series_equal(res.bse, alone[at % 4].bse, check_exact=True)


FORKED = """
import multiprocessing
import warnings

import mnlstat as mn
from tests.properties.frames import example

warnings.simplefilter("ignore")
model = mn.mnlogit("y ~ x0 + x1 + g", example(11, 3, 2, 3).frame)


def bits(_):
    res = model.fit()
    return res.params.to_numpy().tobytes() + res.cov_params().to_numpy().tobytes()


here = bits(0)
with multiprocessing.get_context("fork").Pool(2) as pool:
    print(all(there == here for there in pool.map(bits, range(4))))
"""


def test_forked_workers_give_the_same_bits() -> None:
    root = Path(__file__).parents[2]
    said = subprocess.run(
        [sys.executable, "-c", FORKED], capture_output=True, text=True, check=True, cwd=root
    )
    assert said.stdout.split() == ["True"]


def test_nothing_is_printed(data: Example) -> None:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        use(data)
    assert out.getvalue() == err.getvalue() == ""


def test_nothing_is_warned_about_on_ordinary_data(data: Example) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        use(data)
    assert caught == []


@pytest.mark.parametrize("name", ["params", "llf", "base", "outcomes", "model", "nonsense"])
def test_results_are_frozen(data: Example, name: str) -> None:
    res = data.fit()
    with pytest.raises((dataclasses.FrozenInstanceError, AttributeError)):
        setattr(res, name, 1)


@pytest.mark.parametrize("name", ["params", "bse", "tvalues", "pvalues"])
def test_writing_into_what_a_result_hands_out_does_not_reach_it(data: Example, name: str) -> None:
    res = data.fit()
    before = getattr(res, name).copy()
    with contextlib.suppress(ValueError):
        series = getattr(res, name)
        series.iloc[0] = 1e6
    pd.testing.assert_series_equal(getattr(res, name), before)


@pytest.mark.parametrize("name", ["cov_params", "tidy", "glance", "conf_int", "predict"])
def test_writing_into_a_frame_of_a_result_does_not_reach_it(data: Example, name: str) -> None:
    res = data.fit()
    before = getattr(res, name)().copy()
    with contextlib.suppress(ValueError):
        frame = getattr(res, name)()
        frame.iloc[0, frame.columns.get_loc(frame.select_dtypes(float).columns[0])] = 1e6
    pd.testing.assert_frame_equal(getattr(res, name)(), before)


def test_changing_the_data_after_the_fit_does_not_change_the_estimates(data: Example) -> None:
    frame = data.frame.copy()
    res = data.with_frame(frame).fit()
    before = res.params.copy(), res.fittedvalues.copy()
    frame["x0"] = 0.0
    pd.testing.assert_series_equal(res.params, before[0])
    pd.testing.assert_frame_equal(res.fittedvalues, before[1])
