"""What Stata prints of ``mlogit``: its table of coefficients, or of relative risk ratios."""

from __future__ import annotations

import math
import re
import textwrap
from typing import Any

from mnlstat.errors import DataError
from mnlstat.options import shown
from mnlstat.peers.reported import NOTHING, Number, Reported

NAME = "Stata"
HEAD = re.compile(r"\|\s*(Robust\s+)?(Coef\.|Coefficient|RRR)\s+", re.IGNORECASE)
NOBS = re.compile(r"Number of obs\s*=\s*([\d,]+)")
LOGLIKE = re.compile(r"Log (?:pseudo)?likelihood\s*=\s*(\S+)")
BASE = "(base outcome)"
SKIPPED = ("(base)", "(omitted)", "(empty)")
RULE = re.compile(r"^[-+|\s]*$")


def is_stata(text: str) -> bool:
    """Whether this looks like what Stata prints."""
    return HEAD.search(text) is not None


def read_stata(text: str) -> Reported:
    """Read a table of coefficients.

    Raises
    ------
    DataError
        Naming the line that cannot be read.
    """
    lines = textwrap.dedent(text.expandtabs()).splitlines()
    start = next(at for at, line in enumerate(lines) if HEAD.search(line))
    ratios = "RRR" in lines[start]
    rows: list[tuple[Any, str, Number, Number]] = []
    base = outcome = None
    factor = ""
    for line in lines[start + 1 :]:
        if "|" not in line:
            continue
        left, _, right = line.partition("|")
        name, numbers = left.strip(), right.split()
        if BASE in right:
            base = name
        elif not name:
            factor = ""
        elif not numbers:
            # equations stand at the margin, factors are set to the right
            outcome, factor = (outcome, name) if left[0] == " " else (name, "")
        elif not any(mark in right for mark in SKIPPED):
            term = f"{factor} {name}" if factor else name
            rows.append((outcome, term, *_pair(numbers, line, ratios)))
    nobs, llf = NOBS.search(text), LOGLIKE.search(text)
    robust = "Robust" in text
    remarks = ("reports relative risk ratios, taken as their logarithms.",) if ratios else ()
    return Reported(
        NAME,
        tuple(rows),
        base,
        NOTHING if llf is None else _number(llf[1], llf[0]),
        None if nobs is None else int(nobs[1].replace(",", "")),
        "robust sandwich" if robust else "observed information",
        remarks=remarks,
    )


def _pair(numbers: list[str], line: str, ratios: bool) -> tuple[Number, Number]:
    """Estimate and standard error, of a logarithm where the line is of a ratio."""
    if len(numbers) < 2:
        raise _unreadable(line)
    estimate, error = (_number(text, line) for text in numbers[:2])
    if not ratios:
        return estimate, error
    if not estimate.value > 0:
        raise _unreadable(line)
    size = estimate.value
    half = error.half / size + error.value * estimate.half / size**2
    return (
        Number(math.log(size), estimate.half / size),
        Number(error.value / size, half),
    )


def _number(text: str, line: str) -> Number:
    try:
        return NOTHING if text == "." else Number.read(text.replace(",", ""))
    except ValueError as error:
        raise _unreadable(line) from error


def _unreadable(line: str) -> DataError:
    return DataError(
        "compare-unreadable",
        f"compare(): this line of the text cannot be read: {shown(line.strip())}.\n"
        "Give the numbers as a table: columns outcome, term, estimate, std_error.",
    )
