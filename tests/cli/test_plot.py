"""``mnlstat plot``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import mnlstat as mn
from tests.cli.ended import Ended, unusable

FORMULA = "mode ~ hinc + psize"
BEGINS = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}


@pytest.mark.parametrize("suffix", BEGINS)
def test_the_name_of_the_file_says_the_format(
    run: Any, trips: str, tmp_path: Path, suffix: str
) -> None:
    target = tmp_path / f"coefficients.{suffix}"
    assert run("plot", trips, FORMULA, "-o", str(target)) == Ended(0, "", "")
    assert target.read_bytes().startswith(BEGINS[suffix])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--rrr", "--terms", "hinc"], ["hinc"]),
        (["--picture", "odds-ratios", "--terms", "hinc", "--per", "sd"], ["hinc"]),
        (["--picture", "probabilities", "--variables", "hinc", "--at", "psize=1"], ["hinc", "bus"]),
        (["--picture", "effects", "--variables", "psize", "--combine", "public=bus,train"],
         ["psize", "public"]),
        (["--picture", "calibration", "--outcomes", "bus", "--bins", "4"], ["bus"]),
    ],
)  # fmt: skip
def test_pictures_draw_what_is_asked_for(
    run: Any, trips: str, tmp_path: Path, options: list[str], words: list[str]
) -> None:
    target = tmp_path / "picture.svg"
    assert run("plot", trips, FORMULA, *options, "-o", str(target)) == Ended(0, "", "")
    drawn = target.read_text()
    for word in words:
        assert f"<!-- {word}" in drawn or f"{word} -->" in drawn


def test_the_rows_of_a_file_and_a_saved_fit(
    run: Any, trips: str, saved: str, tmp_path: Path
) -> None:
    target = str(tmp_path / "p.png")
    options = ("--picture", "probabilities", "--variables", "hinc", "-o", target)
    assert "--data" in unusable(run("plot", saved, *options))
    assert run("plot", saved, *options, "--data", trips) == Ended(0, "", "")
    assert run("plot", saved, "-o", target) == Ended(0, "", "")


def test_three_outcomes(run: Any, tmp_path: Path) -> None:
    frame = mn.datasets.travel_mode()
    frame[frame["mode"] != "bus"].to_csv(tmp_path / "three.csv", index=False)
    target = tmp_path / "t.png"
    path = str(tmp_path / "three.csv")
    ended = run("plot", path, FORMULA, "--picture", "ternary", "-o", str(target))
    assert ended == Ended(0, "", "")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "required: -o"),
        (["-o", "a.jpg"], "-o a.jpg: the name of a picture must end in .png, .svg, .pdf"),
        (["-o", "a.png", "--bins", "3"], "--bins has no use for the picture coefficients"),
        (["-o", "a.png", "--picture", "pie"], "argument --picture: invalid choice: 'pie'"),
        (["-o", "a.png", "--picture", "probabilities"], "--variables is missing"),
        (["-o", "a.png", "--picture", "probabilities", "--variables", "hinc,psize"],
         "--variables hinc,psize names 2"),
        (["-o", "a.png", "--picture", "effects", "--variables", "hic"], "--variables hic: "),
        (["-o", "a.png", "--picture", "calibration", "--outcomes", "bos"],
         "--outcomes bos: bos is no outcome (did you mean 'bus'?)"),
        (["-o", "a.png", "--picture", "calibration", "--bins", "0"], "--bins 0 must be"),
        (["-o", "a.png", "--picture", "ternary"], "three outcomes"),
        (["-o", "none/a.png"], "cannot write none/a.png"),
    ],
)  # fmt: skip
def test_errors_name_the_option_and_its_value(
    run: Any, trips: str, options: list[str], words: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert words in unusable(run("plot", trips, FORMULA, *options))
    assert not list(tmp_path.glob("*.png"))
