"""What Stata prints of ``mlogit``: its table of coefficients or ratios, or ``estimates table``."""

from __future__ import annotations

import math
import re
import textwrap
from dataclasses import dataclass, field
from typing import Any

from mnlstat.errors import DataError
from mnlstat.options import shown
from mnlstat.peers.reported import NOTHING, Number, Reported, read_number, unreadable

NAME = "Stata"
# mlogit has a column of each number; estimates table sets standard errors below coefficients.
HEAD = re.compile(r"\|\s*(Robust\s+)?(Coef\.|Coefficient|RRR)\s+", re.IGNORECASE)
STORED = re.compile(r"^\s*Variable\s*\|\s*\S+\s*$", re.MULTILINE)
LEGEND = re.compile(r"Legend:\s*(.+?)\s*$", re.MULTILINE)
NOBS = re.compile(r"(?:Number of obs\s*=|^\s*N\s*\|)\s*([\d,]+)", re.MULTILINE)
LOGLIKE = re.compile(r"Log (?:pseudo)?likelihood\s*=\s*(\S+)")
BASE = "(base outcome)"
SKIPPED = ("(base)", "(omitted)", "(empty)")
# What estimates table adds below the coefficients where it is asked to.
STATISTICS = ("Statistics", "legend")
MISSING = "."


def is_stata(text: str) -> bool:
    """Whether this looks like what Stata prints."""
    return HEAD.search(text) is not None or STORED.search(text) is not None


@dataclass
class _Table:
    """What was read so far: the equation and the factor that the next row belongs to."""

    stored: bool
    ratios: bool
    rows: list[tuple[Any, str, Number, Number]] = field(default_factory=list)
    equations: list[str] = field(default_factory=list)
    base: str | None = None
    factor: str = ""

    def take(self, line: str) -> None:
        """Read one line with a rule between names and numbers."""
        left, _, right = line.partition("|")
        name, numbers = left.strip(), right.split()
        if BASE in right:
            self.base = name
        elif not name:
            self._below(numbers, line)
        elif not numbers and left[0] != " ":  # equations stand at the margin
            self.equations.append(name)
            self.factor = ""
        elif not numbers:
            self.factor = name
        elif not any(mark in right for mark in SKIPPED):
            self._row(name, numbers, line)

    def _below(self, numbers: list[str], line: str) -> None:
        """A line without a name: the end of a factor, or standard errors of the line above."""
        if not numbers:
            self.factor = ""
        elif self.stored and len(numbers) == 1 and self.rows and self.rows[-1][3] is NOTHING:
            outcome, term, estimate, _ = self.rows[-1]
            self.rows[-1] = (outcome, term, estimate, read_number(numbers[0], line, MISSING))
        else:
            raise unreadable(line)

    def _row(self, name: str, numbers: list[str], line: str) -> None:
        term = _term(self.factor, name) if self.factor else name
        if not self.equations or (len(numbers) != 1 if self.stored else len(numbers) < 2):
            raise unreadable(line)
        texts = [text.replace(",", "").rstrip("*") for text in numbers[:2]]
        estimate, error = [*(read_number(text, line, MISSING) for text in texts), NOTHING][:2]
        if self.ratios:
            estimate, error = _logarithm(estimate, error, line)
        self.rows.append((self.equations[-1], term, estimate, error))


def read_stata(text: str) -> Reported:
    """Read a table of coefficients.

    Raises
    ------
    DataError
        Naming the line that cannot be read.
    """
    lines = textwrap.dedent(text.expandtabs()).splitlines()
    stored = HEAD.search(text) is None
    head = STORED if stored else HEAD
    start = next(at for at, line in enumerate(lines) if head.search(line))
    _check_legend(text, stored)
    table = _Table(stored, "RRR" in lines[start])
    for line in lines[start + 1 :]:
        if line.strip().startswith(STATISTICS) or (stored and NOBS.search(line)):
            break
        if "|" in line:
            table.take(line)
    nobs, llf = NOBS.search(text), LOGLIKE.search(text)
    used = {row[0] for row in table.rows}
    empty = [name for name in table.equations if name not in used]
    covariance = "robust sandwich" if "Robust" in text else "observed information"
    ratios = ("reports relative risk ratios, taken as their logarithms.",)
    return Reported(
        NAME,
        tuple(table.rows),
        table.base or (empty[0] if len(empty) == 1 else None),
        NOTHING if llf is None else read_number(llf[1], llf[0], MISSING),
        None if nobs is None else int(nobs[1].replace(",", "")),
        "" if stored else covariance,
        remarks=ratios if table.ratios else (),
    )


def _term(factor: str, level: str) -> str:
    """A level of a factor, or of several that are multiplied: ``ses#c.write`` at ``middle``."""
    parts, levels = factor.split("#"), level.split("#")
    coded = [not part.strip().startswith("c.") for part in parts]
    if sum(coded) != len(levels):
        return f"{factor} {level}"
    rest = iter(levels)
    named = [
        f"{part} {next(rest)}" if is_so else part for part, is_so in zip(parts, coded, strict=True)
    ]
    return "#".join(named)


def _check_legend(text: str, stored: bool) -> None:
    """Refuse a stored table whose second numbers are no standard errors."""
    legend = LEGEND.search(text)
    if stored and legend is not None and legend[1] not in ("b", "b/se"):
        raise DataError(
            "compare-unreadable",
            f"compare(): the table holds {shown(legend[1])}, not b/se.\n"
            "Print it with: estimates table name, b se.",
        )


def _logarithm(ratio: Number, error: Number, line: str) -> tuple[Number, Number]:
    """A ratio and its standard error, as those of its logarithm."""
    size = ratio.value
    if not size > 0:
        raise unreadable(line)
    half = error.half / size + error.value * ratio.half / size**2
    return Number(math.log(size), ratio.half / size), Number(error.value / size, half)
