"""The examples of the page on the command line run, and print what the page shows."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

import mnlstat as mn

PAGE = Path(__file__).parents[2] / "docs" / "command_line.md"
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def examples() -> list[tuple[str, str]]:
    """Each command with what it prints."""
    text = "".join(BLOCK.findall(PAGE.read_text(encoding="utf-8")))
    parts = [part.partition("\n") for part in re.split(r"^\$ mnlstat ", text, flags=re.MULTILINE)]
    return [(command, printed) for command, _, printed in parts if command]


def test_the_page(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    mn.datasets.travel_mode().to_csv("trips.csv", index=False)
    found = re.search(r"^```text\n(hinc.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert found is not None
    Path("new.csv").write_text(found.group(1))
    assert len(examples()) > 6
    for command, printed in examples():
        words = shlex.split(command)
        ended = run(*words)
        assert ended.out + ended.err == printed, command
        if "-o" in words:
            assert Path(words[words.index("-o") + 1]).stat().st_size > 0
