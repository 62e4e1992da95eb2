"""``mnlstat predict``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import mnlstat as mn
from tests.cli.ended import Ended, table, unusable

FORMULA = "mode ~ hinc + psize"


@pytest.fixture
def new(tmp_path: Path) -> str:
    path = tmp_path / "new.csv"
    pd.DataFrame({"hinc": [10, 35, None], "psize": [1, 2, 2]}).to_csv(path, index=False)
    return str(path)


def test_probabilities_are_those_of_the_library(run: Any, saved: str, new: str) -> None:
    found = table(run("predict", saved, "--data", new, "--format", "csv"))
    expected = mn.load(saved).predict(pd.read_csv(new))
    assert found.pop("row").tolist() == [0, 1, 2]
    assert list(found) == ["air", "bus", "car", "train"]
    assert (found == expected.to_numpy())[:2].all(axis=None) and found.loc[2].isna().all()


def test_rows_of_the_fit_keep_their_numbers(run: Any, tmp_path: Path) -> None:
    frame = mn.datasets.travel_mode()
    frame.loc[1, "hinc"] = None
    path = tmp_path / "holes.csv"
    frame.to_csv(path, index=False)
    found = table(run("predict", str(path), FORMULA, "--format", "csv"))
    expected = mn.mnlogit(FORMULA, frame).fit().predict()
    assert found["row"].tolist() == expected.index.tolist() == [0, *range(2, 210)]
    assert (found.drop(columns="row").to_numpy() == expected.to_numpy()).all()


def test_intervals_classes_log_odds_and_combined_outcomes(run: Any, saved: str, new: str) -> None:
    fit, rows = mn.load(saved), pd.read_csv(new)
    asked = ("predict", saved, "--data", new, "--format", "csv")
    found = table(run(*asked, "--interval", "--alpha", "0.1", "--scale", "probability"))
    expected = fit.predict(rows, interval=True, alpha=0.1, scale="probability")
    pd.testing.assert_frame_equal(
        found.drop(columns="row"), expected.reset_index(drop=True), check_exact=True
    )
    assert found["row"].tolist() == expected.index.tolist()
    wide = table(run(*asked, "--interval", "--shape", "wide"))
    assert list(wide)[:3] == ["row", "air_estimate", "air_std_error"]
    assert len(wide) == 3
    classes = table(run(*asked, "--kind", "class"))
    assert classes["class"].dropna().tolist() == fit.predict(rows, kind="class")[:2].tolist()
    link = table(run(*asked, "--kind", "link", "--against", "train"))
    assert list(link) == ["row", "air", "bus", "car"]
    both = table(run(*asked, "--combine", "ground=bus,train"))
    assert list(both) == ["row", "air", "ground", "car"]


def test_files(run: Any, saved: str, new: str, tmp_path: Path) -> None:
    target = tmp_path / "p.parquet"
    assert run("predict", saved, "--data", new, "-o", str(target)) == Ended(0, "", "")
    expected = table(run("predict", saved, "--data", new, "--format", "csv"))
    pd.testing.assert_frame_equal(pd.read_parquet(target), expected, check_exact=True)
    from_parquet = tmp_path / "new.parquet"
    pd.read_csv(new).to_parquet(from_parquet)
    text = run("predict", saved, "--data", str(from_parquet), "--format", "csv").out
    assert text == run("predict", saved, "--data", new, "--format", "csv").out
    said = json.loads(run("predict", saved, "--data", new, "--format", "json").out)
    assert said["rows_from"] == new and len(said["predictions"]) == 3
    assert said["predictions"][2]["air"] is None
    before = Path(new).read_bytes()
    assert "file with the data" in unusable(run("predict", saved, "--data", new, "-o", new))
    assert Path(new).read_bytes() == before


def test_an_outcome_may_be_called_row(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "boats.csv"
    frame = mn.datasets.travel_mode().replace({"mode": {"bus": "row"}})
    frame.to_csv(path, index=False)
    found = table(run("predict", str(path), FORMULA, "--format", "csv"))
    assert list(found) == ["row_number", "air", "car", "row", "train"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--alpha", "0.1"], "--alpha belongs to --interval"),
        (["--kind", "link", "--against", "tran"], "--against tran: tran is no outcome"),
        (["--against", "train"], "[option-without-use]"),
        (["--ties", "first"], "[option-without-use]"),
        (["--format", "parquet"], "--format parquet needs -o"),
        (["-o", "p.tex"], "-o p.tex: predict writes no latex"),
        (["--data", "none.csv"], "none.csv: no such file"),
    ],
)
def test_errors_name_the_option_and_its_value(
    run: Any, trips: str, options: list[str], words: str
) -> None:
    assert words in unusable(run("predict", trips, FORMULA, *options))


def test_a_saved_fit_needs_rows(run: Any, saved: str) -> None:
    assert "--data" in unusable(run("predict", saved))
