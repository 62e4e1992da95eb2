"""The bundled data are what their documentation says, and nobody can spoil them."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mnlstat import datasets

NAMES = [name for name in datasets.__all__ if name != "available"]


def test_the_list_is_complete_and_true() -> None:
    listed = datasets.available()
    assert sorted(listed.index) == sorted(NAMES)
    for name in NAMES:
        frame = getattr(datasets, name)()
        assert len(frame) == listed.loc[name, "rows"]
        assert frame[listed.loc[name, "response"]].nunique() == listed.loc[name, "outcomes"]


@pytest.mark.parametrize("name", NAMES)
def test_every_call_gives_a_fresh_complete_frame(name: str) -> None:
    load = getattr(datasets, name)
    first = load()
    kept = first.copy(deep=True)
    first.iloc[:, 0] = first.iloc[0, 0]
    first["new"] = 1
    pd.testing.assert_frame_equal(load(), kept)
    assert not kept.isna().any(axis=None)
    assert kept.index.equals(pd.RangeIndex(len(kept)))


@pytest.mark.parametrize("name", NAMES)
def test_docstring_gives_source_licence_rows_and_every_column(name: str) -> None:
    text = inspect.getdoc(getattr(datasets, name)) or ""
    frame = getattr(datasets, name)()
    assert "Source:" in text
    assert "Licence: public domain" in text
    assert f"{len(frame)} rows" in text
    for column in frame.columns:
        assert re.search(rf"^ +{column} ", text, flags=re.MULTILINE), column


def test_anes96_keeps_every_digit() -> None:
    frame = datasets.anes96()
    np.testing.assert_array_max_ulp(frame["logpopul"].to_numpy(), np.log(frame["popul"] + 0.1), 2)
    assert frame["logpopul"].iloc[1] == 5.247550249494384


def test_travel_mode_is_the_chosen_row_of_each_traveller() -> None:
    frame = datasets.travel_mode()
    assert frame.iloc[0].to_dict() == {"mode": "car", "hinc": 35, "psize": 1}
    assert frame["hinc"].sum() == 7255
    assert frame["psize"].between(1, 6).all()


def test_program_choice_is_the_data_of_the_certified_models() -> None:
    certified = pd.read_csv(Path(__file__).parents[1] / "reference" / "data" / "hsbdemo.csv")
    frame = datasets.program_choice()
    assert frame["ses"].cat.categories.tolist() == ["low", "middle", "high"]
    plain = frame.assign(ses=frame["ses"].astype(str))
    for name in plain:
        assert plain[name].tolist() == certified[name].tolist()
