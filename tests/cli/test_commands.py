"""The commands: what they print where, and the code they end with."""

from __future__ import annotations

import io
import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.cli.app import one_line
from mnlstat.cli.output import _plain
from tests.cli.ended import Ended, unusable

FORMULA = "mode ~ hinc + psize"


# --- fit ---------------------------------------------------------------------------------------


def test_fit_prints_the_summary(run: Any, trips: str) -> None:
    ended = run("fit", trips, FORMULA, "--base", "car")
    expected = mn.mnlogit(FORMULA, mn.datasets.travel_mode(), base="car").fit().summary()
    assert ended == Ended(0, f"{expected}\n", "")


def test_rrr_and_alpha_reach_the_summary(run: Any, trips: str) -> None:
    ended = run("fit", trips, FORMULA, "--rrr", "--alpha", "0.1")
    result = mn.mnlogit(FORMULA, mn.datasets.travel_mode()).fit()
    assert ended.out == f"{result.summary(rrr=True, alpha=0.1)}\n"


def test_csv_is_the_tidy_table_with_every_digit(run: Any, trips: str) -> None:
    ended = run("fit", trips, FORMULA, "--format", "csv", "--rrr")
    result = mn.mnlogit(FORMULA, mn.datasets.travel_mode()).fit()
    read = pd.read_csv(io.StringIO(ended.out))
    tidy = result.tidy(exponentiate=True)
    assert list(read.columns) == [*tidy.columns, "base"]
    assert set(read["base"]) == {"air"}
    written = [float(line.split(",")[2]) for line in ended.out.splitlines()[1:]]
    np.testing.assert_array_equal(written, tidy["estimate"])


def test_json_holds_what_an_audit_needs(run: Any, trips: str) -> None:
    ended = run("fit", trips, FORMULA, "--base", "car", "--format", "json")
    said = json.loads(ended.out, parse_constant=lambda word: pytest.fail(word))
    result = mn.mnlogit(FORMULA, mn.datasets.travel_mode(), base="car").fit()
    assert said["formula"] == FORMULA
    assert said["base"] == "car"
    assert said["outcomes"][0] == {"outcome": "air", "count": 58}
    assert said["rows"]["read"] == said["rows"]["used"] == said["fit"]["nobs"] == 210
    assert said["converged"] is True
    assert said["status"] == "converged"
    assert said["fit"]["log_likelihood"] == result.llf
    assert [row["estimate"] for row in said["coefficients"]] == result.params.tolist()
    assert {row["term"] for row in said["terms"]} == {"hinc", "psize"}
    assert said["warnings"] == []


def test_json_holds_all_notes_of_the_report(run: Any, trips: str) -> None:
    ended = run("fit", trips, "mode ~ 0 + hinc", "--rrr", "--format", "json")
    notes = json.loads(ended.out)["notes"]
    result = mn.mnlogit("mode ~ 0 + hinc", mn.datasets.travel_mode()).fit()
    assert notes == list(result.summary(rrr=True).notes)
    assert len(notes) == 2


def test_missing_rows_are_counted_or_refused(run: Any, tmp_path: Path) -> None:
    frame = mn.datasets.travel_mode()
    frame.loc[[3, 8], "hinc"] = np.nan
    path = str(tmp_path / "holes.csv")
    frame.to_csv(path, index=False)
    said = json.loads(run("fit", path, FORMULA, "--format", "json").out)
    assert said["rows"]["missing_by_column"] == {"hinc": 2}
    assert said["rows"]["used"] == 208
    assert "hinc" in unusable(run("fit", path, FORMULA, "--missing", "error"))


def test_base_is_matched_as_it_is_written(run: Any, tmp_path: Path) -> None:
    frame = mn.datasets.anes96()
    frame["won"] = frame["vote"] == 1
    path = str(tmp_path / "votes.csv")
    frame.to_csv(path, index=False)
    number = json.loads(run("fit", path, "vote ~ age", "--base", "1", "--format", "json").out)
    assert number["base"] == 1
    truth = json.loads(run("fit", path, "won ~ age", "--base", "True", "--format", "json").out)
    assert truth["base"] is True
    for text in ("1.0", "01", "1e0"):
        said = json.loads(run("fit", path, "vote ~ age", "--base", text, "--format", "json").out)
        assert said["base"] == 1
    for text, label in (("TRUE", True), ("false", False)):
        said = json.loads(run("fit", path, "won ~ age", "--base", text, "--format", "json").out)
        assert said["base"] is label
    assert "base" in unusable(run("fit", path, "won ~ age", "--base", "1"))
    line = unusable(run("fit", path, "vote ~ age", "--base", "2"))
    assert "base" in line
    assert "'2'" in line


def test_separated_data_end_with_2_and_the_output(run: Any, separated: str) -> None:
    ended = run("fit", separated, "y ~ x + z", "--format", "json")
    assert ended.code == 2
    assert ended.err.startswith("warning: ")
    assert ended.err.count("\n") == 1
    said = json.loads(ended.out, parse_constant=lambda word: pytest.fail(word))
    assert said["converged"] is False
    separation = said["separation"]
    assert separation["kind"] == "quasi-complete" and "never seen" in separation["reasons"][0]
    limits = [row["limit"] for row in separation["coefficients"]]
    assert limits.count("finite") == len(limits) - 1
    infinite = said["coefficients"][limits.index("-inf")]
    assert infinite["estimate"] == "-Infinity" and infinite["std_error"] is None
    assert [f"warning: {text}\n" for text in said["warnings"]] == [ended.err]
    assert run("fit", separated, "y ~ x + z").out != ""


def test_output_goes_to_the_file_alone(
    run: Any, trips: str, separated: str, tmp_path: Path
) -> None:
    target = tmp_path / "out.csv"
    ended = run("fit", trips, FORMULA, "--format", "csv", "-o", str(target))
    assert ended == Ended(0, "", "")
    assert target.read_text().startswith("outcome,term,estimate")
    ended = run("fit", separated, "y ~ x + z", "-o", str(target), "--format", "text")
    assert ended.code == 2
    assert ended.out == ""
    assert "separated" in target.read_text()
    assert unusable(run("fit", trips, FORMULA, "-o", trips))
    assert unusable(run("fit", trips, FORMULA, "-o", str(tmp_path / "none" / "x")))


# --- compare and demo --------------------------------------------------------------------------


def test_compare(run: Any, trips: str) -> None:
    text = run("compare", trips, FORMULA, "--base", "train")
    assert text.code == 0
    assert "statsmodels" in text.out
    said = json.loads(run("compare", trips, FORMULA, "--format", "json").out)
    assert said["agrees"] is True
    assert (said["base"], said["converged"], said["theirs_converged"]) == ("air", True, True)
    assert said["cov_type"] == said["theirs_cov_type"] == "observed information"
    assert any("differences are theirs minus ours" in note for note in said["notes"])
    assert {row["quantity"] for row in said["numbers"]} >= {"estimate", "std_error", "aic"}
    table = pd.read_csv(io.StringIO(run("compare", trips, FORMULA, "--format", "csv").out))
    assert list(table.columns)[:5] == ["quantity", "outcome", "term", "ours", "theirs"]
    assert set(table["base"]) == {"air"}


def test_compare_of_separated_data_is_refused_with_2(run: Any, separated: str) -> None:
    ended = run("compare", separated, "y ~ x + z")
    assert ended.code == 2
    assert "error: " in ended.err.splitlines()[-1]


def test_demo(run: Any) -> None:
    ended = run("demo")
    assert ended.code == 0
    assert ended.err == ""
    assert ended.out.isascii()
    assert max(map(len, ended.out.splitlines())) <= 80
    assert ended.out.index("-1461.92") < ended.out.index("The fits agree")


# --- what is wrong ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "COMMAND"),
        (["fot"], "fot"),
        (["fit"], "FILE"),
        (["fit", "a.csv"], "FORMULA"),
        (["fit", "a.csv", "y ~ x", "--format", "xml"], "xml"),
        (["fit", "a.csv", "y ~ x", "--alpha", "many"], "alpha"),
        (["fit", "a.csv", "y ~ x", "--alpha", "2"], "alpha"),
        (["fit", "a.csv", "y ~ x", "--alpha", "nan"], "alpha"),
        (["fit", "a.csv", "y ~ x", "--colour"], "--colour"),
        (["fit", "a.csv", "y ~ x"], "a.csv: no such file"),
    ],
)
def test_usage(run: Any, arguments: list[str], words: str) -> None:
    assert words in unusable(run(*arguments))


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("mode ~ hincc", "hincc"),
        ("mod ~ hinc", "mod"),
        ("mode ~ ", "mode ~"),
        ("mode", "~"),
        ("mode ~ hinc +", "hinc +"),
        ("mode ~ np.lg(hinc)", "np.lg"),
        ("mode ~ hinc + (psize", "psize"),
        ("", "formula"),
    ],
)
def test_formula_errors_are_one_line_without_the_pointer(
    run: Any, trips: str, formula: str, words: str
) -> None:
    line = unusable(run("fit", trips, formula))
    assert words in line
    assert "^" not in line


def test_debug_shows_the_traceback(run: Any, trips: str) -> None:
    for arguments in (
        ["--debug", "fit", trips, "mod ~ hinc"],
        ["fit", trips, "mod ~ x", "--debug"],
    ):
        with pytest.raises(mn.errors.FormulaError):
            run(*arguments)


def test_an_unexpected_error_is_one_line_too(
    run: Any, trips: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError("two\nlines")

    monkeypatch.setattr("mnlstat.cli.models.mnlogit", broken)
    line = unusable(run("fit", trips, FORMULA))
    assert "ZeroDivisionError" in line
    assert "--debug" in line


def test_one_line() -> None:
    assert one_line("first.\nsecond.\n") == "first. second."
    pointed = "no column 'writ' in the data.\n    prog ~ writ + x\n           ^^^^\nKnown: write."
    assert one_line(pointed) == (
        "no column 'writ' in the data (at 'writ' in 'prog ~ writ + x'). Known: write."
    )
    assert one_line("open\n    y ~ (\n          ^") == "open (at 'the end' in 'y ~ (')."


def test_json_values() -> None:
    given = {1: [math.nan, math.inf, -math.inf, np.float64(2), np.int64(3), np.True_, None, pd.NA]}
    expected = {"1": [None, "Infinity", "-Infinity", 2.0, 3, True, None, None]}
    assert _plain(given) == expected
    assert _plain(pd.Timestamp("2024-01-01")) == "2024-01-01 00:00:00"


# --- what the shell does ------------------------------------------------------------------------


def test_missing_values_written_as_dots_are_told_once(run: Any, tmp_path: Path) -> None:
    frame = mn.datasets.travel_mode().astype({"hinc": object})
    frame.loc[[3, 8], "hinc"] = "."
    path = str(tmp_path / "dots.csv")
    frame.to_csv(path, index=False)
    ended = run("fit", path, FORMULA, "--format", "json")
    assert ended.code == 0
    said = "column 'hinc' holds numbers and '.' in 2 rows, read as missing."
    assert ended.err == f"warning: {said} [dots-missing]\n"
    assert json.loads(ended.out)["rows"]["missing_by_column"] == {"hinc": 2}


@pytest.mark.parametrize(
    "formula",
    [
        "mode ~ hinc +", "mode ~ hinc + )", "mode ~ (hinc", "mode ~ C(hinc", "mode ~ + * hinc",
        "mode ~ hinc $ psize", "mode ~ | hinc", "mode ~ hinc:", "mode ~ -hinc",
    ],
)  # fmt: skip
def test_formula_errors_are_in_plain_words(run: Any, trips: str, formula: str) -> None:
    line = unusable(run("fit", trips, formula))
    for jargon in ("noun", "token", "Python", "Unary", "AssertionError", "Unmatched"):
        assert jargon not in line


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is full")
def test_a_full_disk_is_told_plainly(trips: str) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        command = [sys.executable, "-m", "mnlstat", "fit", trips, FORMULA]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    said = "cannot write to standard output: no space left on device"
    assert done.stderr == f"error: {said} [cannot-write]\n"


def test_letters_that_the_locale_lacks(trips: str, tmp_path: Path) -> None:
    frame = mn.datasets.travel_mode().rename(columns={"psize": "größe"})
    frame.to_csv(tmp_path / "u.csv", index=False)
    plain = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    target = tmp_path / "out.txt"
    arguments = ("fit", str(tmp_path / "u.csv"), "mode ~ größe")
    done = program(*arguments, env=plain)
    assert (done.returncode, done.stderr) == (0, "")
    assert "gr\\xf6\\xdfe" in done.stdout
    assert program(*arguments, "-o", str(target), env=plain).returncode == 0
    assert "größe" in target.read_text(encoding="utf-8")
    done = program("fit", trips, "mode ~ hinc", "--base", "übel", env=plain)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)


# --- as a program -------------------------------------------------------------------------------


def program(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mnlstat", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def test_as_a_program(trips: str) -> None:
    done = program("--version")
    assert (done.returncode, done.stdout) == (0, f"mnlstat {mn.__version__}\n")
    done = program("fit", trips, "mode ~ np.log(hinc)", "--format", "csv")
    assert (done.returncode, done.stderr) == (0, "")
    done = program("fit", trips, "mode ~ nothing")
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr
    done = program("fit", trips, "mode ~ nothing", "--debug")
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" in done.stderr


def test_help_shows_files_formulas_and_exit_codes() -> None:
    assert "exit code" in program("--help").stdout
    shown = program("fit", "--help").stdout
    assert ".parquet" in shown
    assert "C(ses)" in shown


def test_a_reader_that_leaves_early_is_no_error(trips: str) -> None:
    command = [sys.executable, "-m", "mnlstat", "fit", trips, FORMULA]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
    assert said == b""
    assert process.returncode == 0


def test_weights_offset_and_penalty_are_those_of_the_library(run: Any, tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "size": ["small"] * 3 + ["large"] * 3,
            "food": [1, 2, 3] * 2,
            "n": [49, 14, 41, 45, 16, 34],
            "z": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
        }
    )
    path = tmp_path / "table.csv"
    table.to_csv(path, index=False)

    def estimates(*options: str) -> list[float]:
        ended = run("fit", str(path), "food ~ size", "--format", "json", *options)
        assert ended.code == 0, ended.err
        return [row["estimate"] for row in json.loads(ended.out)["coefficients"]]

    for option, options in (("--freq-weights", "freq_weights"),
                            ("--sampling-weights", "sampling_weights")):  # fmt: skip
        expected = mn.mnlogit("food ~ size", table, **{options: "n"}).fit().params
        assert estimates(option, "n") == pytest.approx(expected.tolist(), rel=1e-12)
    model = mn.mnlogit("food ~ size", table, freq_weights="n", offset={2: "z"})
    found = estimates("--freq-weights", "n", "--offset", "2=z", "--penalty", "jeffreys")
    expected = model.fit(penalty="jeffreys").params
    assert found == pytest.approx(expected.tolist(), rel=1e-9)
    some = mn.mnlogit("food ~ 1", table, subset="n < 46").fit().params
    ended = run("fit", str(path), "food ~ 1", "--format", "json", "--subset", "n < 46")
    found = json.loads(ended.out)
    assert found["rows"]["not_in_subset"] == 1 and found["rows"]["subset_missing"] == 0
    assert [row["estimate"] for row in found["coefficients"]] == pytest.approx(some.tolist())
    assert unusable(run("fit", str(path), "food ~ size", "--subset", "n"))
    assert unusable(run("fit", str(path), "food ~ size", "--offset", "z"))
    assert unusable(run("fit", str(path), "food ~ size", "--offset", "7=z"))
    assert unusable(run("fit", str(path), "food ~ size", "--freq-weights", "m"))
