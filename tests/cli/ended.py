"""How a command ended."""

from __future__ import annotations

import io
from dataclasses import dataclass

import pandas as pd

from mnlstat.cli.delimited import read_csv


@dataclass
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


def unusable(ended: Ended) -> str:
    """The one line of a command that could not be carried out."""
    assert ended.code == 1
    assert ended.out == ""
    assert ended.err.startswith("error: ")
    assert ended.err.count("\n") == 1
    assert ended.err.endswith("\n")
    return ended.err


def table(ended: Ended) -> pd.DataFrame:
    """The CSV that a command printed, with every digit."""
    assert ended.code == 0, ended.err
    return read_csv(io.BytesIO(ended.out.encode()))
