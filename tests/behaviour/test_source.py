"""What a fit keeps of the data it was given, whatever becomes of them."""

from __future__ import annotations

import copy
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from mnlstat.errors import DataError
from tests.behaviour.data import fit, good_frame, refused, spoilt


def more_rows(data: pd.DataFrame) -> None:
    data.loc["new"] = data.iloc[0]


def fewer_columns(data: pd.DataFrame) -> None:
    del data["x"]


def another_type(data: pd.DataFrame) -> None:
    data["x"] = "text"


CHANGES = [more_rows, fewer_columns, another_type]


@pytest.mark.parametrize("change", CHANGES)
def test_fitted_values_keep_the_labels_of_the_fit(change: Callable[[pd.DataFrame], None]) -> None:
    data = spoilt("x", 4, np.nan)
    res = fit(data)
    before = res.fittedvalues
    change(data)
    pd.testing.assert_frame_equal(res.fittedvalues, before)
    data.index = pd.RangeIndex(len(data))
    pd.testing.assert_frame_equal(res.predict(), before)


@pytest.mark.parametrize("change", CHANGES)
def test_update_refuses_data_that_have_changed(change: Callable[[pd.DataFrame], None]) -> None:
    data = good_frame()
    res = fit(data, "y ~ x + z")
    change(data)
    with refused(DataError, "update()", "data have changed"):
        res.update(". ~ . + g")


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_copies_in_memory_keep_their_rows(copied: Callable) -> None:
    res = fit(good_frame())
    twin = copied(res)
    assert twin is not res
    pd.testing.assert_frame_equal(twin.fittedvalues, res.fittedvalues)
