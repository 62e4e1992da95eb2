"""The page on accuracy has what its command writes."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from tests import accuracy
from tests.reference import models

PAGE = (Path(__file__).parents[1] / "docs" / "accuracy.md").read_text(encoding="utf-8")
CERTIFIED = [model.id for model in models.every_model() if model.is_certified]


def firsts(text: str) -> list[str]:
    """The first cell of each line of the tables: models, quantities, programs."""
    return re.findall(r"^\| ([^|]*?) \|", text, flags=re.MULTILINE)


def test_the_page_has_every_certified_model() -> None:
    assert f"have {len(CERTIFIED)} models" in PAGE
    table = PAGE.partition("## Each model")[2].partition("## What")[0]
    assert firsts(table)[2:] == CERTIFIED


def test_other_programs_were_applied_to_certified_models() -> None:
    others = pd.read_csv(accuracy.OTHERS)
    assert set(others["model"]) <= set(CERTIFIED)
    assert not others.duplicated(["program", "settings", "model"]).any()
    numbers = others[list(accuracy.KINDS)].replace("error", None).astype(float)
    assert numbers.min().min() >= 0 and numbers.max().max() <= accuracy.DOUBLE


def test_only_what_stands_between_the_markers_is_replaced() -> None:
    before, after = PAGE.split(accuracy.BEGIN)[0], PAGE.split(accuracy.END)[1]
    page = accuracy.replaced(PAGE, "| a |")
    assert page == f"{before}{accuracy.BEGIN}\n\n| a |\n\n{accuracy.END}{after}"


@pytest.mark.slow
def test_the_page_has_the_lines_that_the_command_writes(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    accuracy.main([])
    printed = capsys.readouterr().out
    assert firsts(printed) == firsts(PAGE)
    page = tmp_path / "page.md"
    page.write_text(PAGE, encoding="utf-8")
    accuracy.main([str(page)])
    assert firsts(page.read_text(encoding="utf-8")) == firsts(PAGE)
