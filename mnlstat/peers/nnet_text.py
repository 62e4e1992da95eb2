"""What R prints of a ``multinom`` of nnet: ``summary(fit)``, or the fit itself."""

from __future__ import annotations

import re
from typing import Any

from mnlstat.errors import DataError
from mnlstat.peers.reported import NOTHING, Number, Reported, read_number, unreadable

NAME = "nnet"
SECTIONS = {"coefficients": "estimate", "std. errors": "std_error"}
BINARY = re.compile(r"^\s*Values\s+Std\. Err\.\s*$")
DEVIANCE = re.compile(r"^Residual Deviance:\s*(\S+)")
ENDS = re.compile(r"^(Residual Deviance|AIC|Correlation|convergence)\b", re.IGNORECASE)
MISSING = "NA"
Cells = dict[tuple[Any, str], Number]


def is_nnet(text: str) -> bool:
    """Whether this looks like what nnet prints."""
    return "Residual Deviance:" in text and "Coefficients:" in text


def read_nnet(text: str) -> Reported:
    """Read the tables of coefficients and standard errors.

    Raises
    ------
    DataError
        Naming the line that cannot be read.
    """
    found: dict[str, Cells] = {"estimate": {}, "std_error": {}}
    llf, section, head = NOTHING, "", None
    for line in text.splitlines():
        words = line.strip()
        if (deviance := DEVIANCE.match(words)) is not None:
            printed = read_number(deviance[1], line, MISSING)
            llf = Number(-0.5 * printed.value, 0.5 * printed.half)
        if ENDS.match(words):
            section = ""
        elif words.rstrip(":").lower() in SECTIONS and words.endswith(":"):
            section, head = SECTIONS[words.rstrip(":").lower()], None
        elif section and words:
            head = _line(line, words, section, head, found)
    rows = tuple(
        (outcome, term, number, found["std_error"].get((outcome, term), NOTHING))
        for (outcome, term), number in found["estimate"].items()
    )
    if not rows:
        raise DataError(
            "compare-unreadable",
            "compare(): the text looks like nnet's, and holds no table of coefficients.\n"
            "Paste all that print(summary(fit)) prints.",
        )
    remarks = ["its base is not printed: it is the outcome without an equation."]
    if rows[0][0] is None:
        remarks = ["its outcome is not printed: taken as the second against the first."]
    return Reported(NAME, rows, llf=llf, cov_type="observed information", remarks=tuple(remarks))


def _line(
    line: str, words: str, section: str, head: list[str] | None, found: dict[str, Cells]
) -> list[str]:
    """Read one line of a table; its columns, which a line of names sets."""
    if BINARY.match(line):
        return ["Values", "Std. Err."]
    tokens = words.split()
    if head is None or not _is_number(tokens[-1]):
        return tokens
    n, table = len(head), found[section]
    if head == ["Values", "Std. Err."] or (n == len(tokens) and section == "estimate"):
        return _binary(line, tokens, head, found)
    label, numbers = " ".join(tokens[:-n]), tokens[-n:]
    if not label:
        raise unreadable(line)
    for name, number in zip(head, numbers, strict=True):
        table[label, name] = read_number(number, line, MISSING)
    return head


def _binary(line: str, tokens: list[str], head: list[str], found: dict[str, Cells]) -> list[str]:
    """A line of two outcomes: a term in each, or all of them below their names."""
    if head == ["Values", "Std. Err."]:
        term = " ".join(tokens[:-2])
        found["estimate"][None, term] = read_number(tokens[-2], line, MISSING)
        found["std_error"][None, term] = read_number(tokens[-1], line, MISSING)
    else:
        for name, number in zip(head, tokens, strict=True):
            found["estimate"][None, name] = read_number(number, line, MISSING)
    return head


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return text in ("NA", "NaN", "Inf", "-Inf")
    return True
