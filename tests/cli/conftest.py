"""Files and the command line, for its tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import mnlstat as mn
from mnlstat.cli import main
from tests.cli.ended import Ended


@pytest.fixture
def trips(tmp_path: Path) -> str:
    path = tmp_path / "trips.csv"
    mn.datasets.travel_mode().to_csv(path, index=False)
    return str(path)


@pytest.fixture
def separated(tmp_path: Path) -> str:
    path = tmp_path / "toy.csv"
    mn.datasets.separated_toy().to_csv(path, index=False)
    return str(path)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    def command(*arguments: str) -> Ended:
        try:
            code = main(arguments)
        except SystemExit as stopped:  # argparse
            code = int(stopped.code or 0)
        return Ended(code, *capsys.readouterr())

    return command


@pytest.fixture
def saved(run: Any, trips: str, tmp_path: Path) -> str:
    path = str(tmp_path / "trips.mnl")
    assert run("fit", trips, "mode ~ hinc + psize", "--base", "car", "--save", path).code == 0
    return path
