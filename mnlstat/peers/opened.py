"""What is given to compare with, whatever it is: whose it is, and what it says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from mnlstat.errors import DataError
from mnlstat.options import shown
from mnlstat.peers.nnet_text import is_nnet, read_nnet
from mnlstat.peers.reported import Reported
from mnlstat.peers.sas_text import is_sas, read_sas
from mnlstat.peers.sklearn import is_sklearn, read_sklearn
from mnlstat.peers.stata_text import is_stata, read_stata
from mnlstat.peers.tables import is_csv, read_csv, read_frame

READERS = ((is_nnet, read_nnet), (is_stata, read_stata), (is_sas, read_sas), (is_csv, read_csv))


def is_reported(other: object) -> bool:
    """Whether this is read here: printed text, a file, a table, or of scikit-learn."""
    return isinstance(other, str | Path | pd.DataFrame) or is_sklearn(other)


def read(other: Any, labels: Sequence[Any], base: int, columns: Sequence[str]) -> Reported:
    """Read what another program found.

    Parameters
    ----------
    other : str, Path, DataFrame or estimator
        Printed text, or the path of a file with it or with csv; a table; a LogisticRegression.
    labels, base, columns
        Our outcomes, the position of our base, our columns.

    Raises
    ------
    DataError
        When it cannot be read.
    """
    if isinstance(other, pd.DataFrame):
        return read_frame(other)
    if not isinstance(other, str | Path):
        return read_sklearn(other, labels, base, columns)
    text = _text(other)
    for looks_so, reader in READERS:
        if looks_so(text):
            return reader(text)
    raise DataError(
        "compare-unreadable",
        f"compare(): this is nothing that is known: {shown(text.strip()[:40])}.\nPaste what nnet's"
        " summary(), Stata's mlogit or SAS's proc logistic prints, or csv with columns outcome,"
        " term, estimate, std_error.",
    )


def _text(other: str | Path) -> str:
    """The text, or that of the file it names."""
    if isinstance(other, str) and "\n" in other.strip():
        return other
    try:
        return Path(other).read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise DataError(
            "compare-unreadable",
            f"compare(): {shown(str(other))} is no file that can be read.\n"
            "Give printed text of several lines, or the path of a text file.",
        ) from error
