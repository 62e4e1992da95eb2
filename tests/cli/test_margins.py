"""``mnlstat margins``: the numbers of the library, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import mnlstat as mn
from tests.cli.ended import Ended, table, unusable

FORMULA = "mode ~ hinc * company"


@pytest.fixture
def company(tmp_path: Path) -> str:
    path = tmp_path / "company.csv"
    _trips().to_csv(path, index=False)
    return str(path)


def _trips() -> pd.DataFrame:
    frame = mn.datasets.travel_mode()
    frame["company"] = frame["psize"].gt(1).map({True: "others", False: "alone, mostly"})
    return frame


def _fit() -> Any:
    return mn.mnlogit(FORMULA, _trips(), base="car").fit()


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        ([], lambda r: r.margins()),
        (["--variables", "hinc", "--at", "hinc=20,50"],
         lambda r: r.margins("hinc", at={"hinc": [20, 50]})),
        (["--variables", "hinc", "--at", "company=alone, mostly", "--others", "mean"],
         lambda r: r.margins("hinc", at={"company": "alone, mostly"}, others="mean")),
        (["--variables", "hinc", "--kind", "eyex", "--by", "company,psize", "--adjust", "holm"],
         lambda r: r.margins("hinc", kind="eyex", by=["company", "psize"], adjust="holm")),
        (["--variables", "company", "--contrast", "pairwise", "--at", "mean", "--alpha", "0.1"],
         lambda r: r.margins("company", contrast="pairwise", at="mean", alpha=0.1)),
        (["--variables", "hinc", "--combine", "public=air,bus,train"],
         lambda r: r.margins("hinc", combine={"public": ["air", "bus", "train"]})),
        (["--variables", "hinc", "--variance", "unconditional"],
         lambda r: r.margins("hinc", variance="unconditional")),
        (["--change", "hinc=10"], lambda r: r.comparisons({"hinc": 10})),
        (["--change", "hinc=-0.5", "--centred"],
         lambda r: r.comparisons({"hinc": -0.5}, centred=True)),
        (["--change", "hinc=sd", "--variables", "company"],
         lambda r: r.comparisons({"company": None, "hinc": "sd"})),
        (["--change", "hinc=20:50", "--comparison", "odds-ratio"],
         lambda r: r.comparisons({"hinc": (20, 50)}, comparison="odds ratio")),
        (["--change", "company=others:alone, mostly"],
         lambda r: r.comparisons({"company": ("others", "alone, mostly")})),
        (["--comparison", "ratio"], lambda r: r.comparisons(comparison="ratio")),
        (["--predictions", "--at", "hinc=20", "--scale", "probability"],
         lambda r: r.average_predictions(at={"hinc": 20}, scale="probability")),
        (["--means", "--variables", "company", "--grid-weights", "proportional"],
         lambda r: r.marginal_means("company", weights="proportional")),
    ],
)  # fmt: skip
def test_the_text_is_that_of_the_library(
    run: Any, company: str, options: list[str], asked: Callable[[Any], Any]
) -> None:
    ended = run("margins", company, FORMULA, "--base", "car", *options)
    assert ended == Ended(0, f"{asked(_fit())}\n", "")


def test_csv_and_json_hold_every_digit(run: Any, company: str) -> None:
    frame = _fit().margins("hinc").frame
    ended = run(
        "margins", company, FORMULA, "--base", "car", "--variables", "hinc", "--format", "csv"
    )
    pd.testing.assert_frame_equal(table(ended), frame, check_exact=True)
    ended = run(
        "margins", company, FORMULA, "--base", "car", "--variables", "hinc", "--format", "json"
    )
    said = json.loads(ended.out)
    assert [row["estimate"] for row in said["estimates"]] == frame["estimate"].tolist()
    assert said["facts"]["Averaged over"] == "210 rows"
    assert (said["formula"], said["base"], said["rows_from"]) == (FORMULA, "car", None)


def test_the_name_of_the_file_says_the_format(run: Any, company: str, tmp_path: Path) -> None:
    begins = {
        "tex": r"% \usepackage{booktabs}", "md": "**Average", "typ": "#figure", "html": "<div",
        "csv": "variable,", "json": "{", "txt": "=====",
    }  # fmt: skip
    for suffix, first in begins.items():
        target = tmp_path / f"effects.{suffix}"
        assert run("margins", company, FORMULA, "-o", str(target)) == Ended(0, "", "")
        assert target.read_text().startswith(first)
    target = tmp_path / "effects.csv"
    assert run("margins", company, FORMULA, "-o", str(target), "--format", "markdown").code == 0
    assert target.read_text().startswith("**Average")
    options = ("--layout", "wide", "--digits", "2", "--show", "std_error", "--stars")
    wide = run("margins", company, FORMULA, "--base", "car", "--variables", "hinc", *options)
    expected = _fit().margins("hinc").to_text(layout="wide", digits=2, show="std_error", stars=True)
    assert wide.out == f"{expected}\n"


def test_word(run: Any, company: str, tmp_path: Path) -> None:
    pytest.importorskip("docx")
    target = tmp_path / "effects.docx"
    assert run("margins", company, FORMULA, "-o", str(target)) == Ended(0, "", "")
    assert target.read_bytes().startswith(b"PK")
    assert "-o" in unusable(run("margins", company, FORMULA, "--format", "docx"))


def test_a_saved_fit_averages_over_the_rows_of_a_file(run: Any, trips: str, saved: str) -> None:
    ended = run("margins", saved, "--data", trips)
    fit = mn.load(saved)
    assert ended == Ended(0, f"{fit.margins(data=mn.datasets.travel_mode())}\n", "")
    line = unusable(run("margins", saved))
    assert "--data" in line and "[data-not-kept]" in line
    for more, word in ((["mode ~ hinc"], "FORMULA"), (["--base", "car"], "--base"),
                       (["--freq-weights", "n"], "--freq-weights")):  # fmt: skip
        assert word in unusable(run("margins", saved, *more))
    assert "FORMULA" in unusable(run("margins", trips))
    assert "[no-such-file]" in unusable(run("margins", f"{saved}.old"))


def test_numbers_as_labels(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    mn.datasets.anes96().to_csv(path, index=False)
    fit = mn.mnlogit("vote ~ C(selfLR) + age", mn.datasets.anes96()).fit()
    ended = run("margins", str(path), "vote ~ C(selfLR) + age", "--predictions",
                "--at", "selfLR=1,7", "--combine", "right=1")  # fmt: skip
    expected = fit.average_predictions(at={"selfLR": [1, 7]}, combine={"right": [1]})
    assert ended.out == f"{expected}\n"


def test_separated_data_end_with_2(run: Any, separated: str) -> None:
    ended = run("margins", separated, "y ~ x + z", "--variables", "x")
    assert ended.code == 2
    assert "separated" in ended.out and ended.err.startswith("warning: ")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--variables", "hic"], "--variables hic: no predictor reads a column 'hic'"),
        (["--at", "hic=3"], "--at hic: "),
        (["--at", "hinc"], "--at 'hinc' is not one of"),
        (["--at", "hinc="], "--at hinc=: write COLUMN=VALUE"),
        (["--at", "hinc=many"], "--at hinc=many: hinc is a number"),
        (["--at", "hinc=1", "--at", "hinc=2"], "--at hinc=2: hinc has values already"),
        (["--at", "hinc=1", "--at", "mean"], "--at mean: write COLUMN=VALUE"),
        (["--at", "company=other", "--variables", "hinc"],
         "--at company=other: other is no level of company (did you mean 'others'?)"),
        (["--by", "compny"], "--by: the data have no column 'compny'"),
        (["--combine", "x=bus,trian"], "--combine x=bus,trian: trian is no outcome"),
        (["--combine", "bus"], "--combine bus: write NAME=OUTCOME"),
        (["--change", "hinc"], "--change hinc: write COLUMN=CHANGE"),
        (["--change", "hinc=much"], "--change hinc=much: write a step"),
        (["--change", "company=1"], "--change company=1: company has levels"),
        (["--change", "hinc=1:x"], "--change hinc=1:x: hinc is a number"),
        (["--change", "hic=1"], "--change hic: "),
        (["--others", "mean"], "--others 'mean'"),
        (["--kind", "eyex"], "--kind 'eyex': 'company' has levels"),
        (["--kind", "eyexx"], "argument --kind: invalid choice: 'eyexx'"),
        (["--alpha", "2"], "argument --alpha: 2 must be"),
        (["--kind", "eyex", "--means"], "--kind has no use for marginal means"),
        (["--data", "x.csv", "--means"], "x.csv: no such file"),
        (["--change", "hinc=1", "--predictions"], "--change has no use for average predictions"),
        (["--scale", "logit"], "--scale has no use for marginal effects"),
        (["--grid-weights", "equal"], "--grid-weights has no use"),
        (["--means", "--predictions"], "--predictions: not allowed with argument --means"),
        (["--format", "csv", "--digits", "2"], "--digits is for tables"),
        (["--digits", "-1"], "--digits -1 must be"),
        (["--show", "everything"], "--show 'everything' is not one of"),
        (["-o", "a.parquet"], "-o a.parquet: margins writes no parquet"),
    ],
)  # fmt: skip
def test_errors_name_the_option_and_its_value(
    run: Any, company: str, options: list[str], words: str
) -> None:
    assert words in unusable(run("margins", company, FORMULA, *options))
