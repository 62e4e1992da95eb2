"""What SAS prints of ``proc logistic`` with ``link=glogit``: its table of estimates."""

from __future__ import annotations

import re
from typing import Any

from mnlstat.errors import DataError
from mnlstat.peers.reported import NOTHING, Number, Reported

NAME = "SAS"
TITLE = "Analysis of Maximum Likelihood Estimates"
# Parameter, levels of factors, the outcome, then DF, estimate, standard error, chi-square, p.
ROW = re.compile(
    r"^\s*(?P<names>\S.*?)\s+(?P<df>[01])\s+(?P<estimate>-?\d*\.?\d+(?:E[-+]?\d+)?)"
    r"(?:\s+(?P<error>\d*\.?\d+(?:E[-+]?\d+)?)\s+\d*\.\d+\s+<?\d*\.\d+)?\s*$",
    re.IGNORECASE,
)
NOBS = re.compile(r"Number of Observations Used\s+(\d+)")
REFERENCE = re.compile(r"use\s+\S+?\s*=\s*['\"]?(.+?)['\"]?\s+as the reference category")
LIKELIHOOD = re.compile(r"^\s*-2 Log L\s+\S+\s+(\S+)\s*$", re.MULTILINE)


def is_sas(text: str) -> bool:
    """Whether this looks like what SAS prints."""
    return TITLE in text


def read_sas(text: str) -> Reported:
    """Read the table of maximum-likelihood estimates; rows of zero degrees of freedom are not read.

    Raises
    ------
    DataError
        When there is none.
    """
    rows: list[tuple[Any, str, Number, Number]] = []
    for line in text[text.index(TITLE) :].splitlines():
        if "Odds Ratio" in line:
            break
        found = ROW.match(line)
        if found is None or found["df"] == "0" or found["error"] is None:
            continue
        *names, outcome = found["names"].split()
        if names:
            numbers = Number.read(found["estimate"]), Number.read(found["error"])
            rows.append((outcome, " ".join(names), *numbers))
    if not rows:
        raise DataError(
            "compare-unreadable",
            f"compare(): below {TITLE!r} there is no row with parameter, outcome, DF, estimate and"
            " standard error.\nGive the numbers as a table: columns outcome, term, estimate,"
            " std_error.",
        )
    nobs, base, llf = NOBS.search(text), REFERENCE.search(text), LIKELIHOOD.search(text)
    printed = NOTHING if llf is None else Number.read(llf[1])
    return Reported(
        NAME,
        tuple(rows),
        None if base is None else base[1],
        Number(-0.5 * printed.value, 0.5 * printed.half),
        None if nobs is None else int(nobs[1]),
        "observed information",
        remarks=("class variables count from their reference only with param=ref.",),
    )
