"""The tables of the page on numerical accuracy: ``python -m tests.accuracy [docs/accuracy.md]``.

Without a page the tables are printed, with one they replace what stands between its markers.
Digits of this package are measured; those of other programs are read from
``tests/reference/other_programs.csv``.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pandas as pd

from tests import derived_digits
from tests.digits import Line, measure
from tests.reference import models

BEGIN, END = "<!-- accuracy: begin -->", "<!-- accuracy: end -->"
OTHERS = models.HERE / "other_programs.csv"
KINDS = ("coef", "se", "loglik")
DOUBLE = 16.0
"""Digits of other programs are counted to 16 at most, and so are ours beside them."""


def tables() -> str:
    """The three tables."""
    lines = [measure(model) for model in models.every_model() if model.is_certified]
    parts = (
        ("## Each model", _by_model(lines)),
        ("## What is derived from a fit", _derived()),
        ("## Beside other programs", _by_program(lines)),
    )
    return "\n\n".join(f"{head}\n\n{table}" for head, table in parts)


def replaced(page: str, text: str) -> str:
    """A page with ``text`` between its markers."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{text}\n\n{END}{after}"


def _markdown(header: Sequence[str], rows: Iterable[Sequence[str]], text: int = 1) -> str:
    """A table; the first columns are text, the others are numbers."""
    rule = [":--"] * text + ["--:"] * (len(header) - text)
    return "\n".join(f"| {' | '.join(line)} |" for line in (header, rule, *rows))


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def _by_model(lines: Iterable[Line]) -> str:
    header = ("model", "n", "k", "J", "condition", "coef", "SE", "loglik", "AIC", "z", "prob")
    return _markdown(header, (_cells(line) for line in lines))


def _cells(line: Line) -> list[str]:
    reached = (line.coef, line.se, line.loglik, line.aic, line.z, line.prob)
    sizes = (f"{line.n}", f"{line.k}", f"{line.J}", _size(line.condition))
    return [line.model, *sizes, *map(_number, reached)]


def _size(condition: float) -> str:
    """One significant digit; a power of ten where that is shorter."""
    return f"{condition:.0e}" if condition >= 1e5 else f"{float(f'{condition:.1g}'):.0f}"


def _derived() -> str:
    found: dict[str, list[derived_digits.Found]] = {}
    for each in derived_digits.every():
        found.setdefault(each.quantity, []).append(each)
    return _markdown(
        ("quantity", "models", "numbers", "median", "least", "where least"),
        (_summary(quantity, parts) for quantity, parts in found.items()),
    )


def _summary(quantity: str, found: Sequence[derived_digits.Found]) -> list[str]:
    worst = min(found, key=lambda each: each.digits)
    median = statistics.median(each.digits for each in found)
    sizes = (f"{len({each.model for each in found})}", f"{len(found)}")
    return [quantity, *sizes, _number(median), _number(worst.digits), worst.model]


def _by_program(lines: Iterable[Line]) -> str:
    header = ("program", "settings", "models", "coef", "SE", "loglik")
    return _markdown(header, _program_rows(list(lines)), text=2)


def _program_rows(lines: Sequence[Line]) -> Iterator[list[str]]:
    others = pd.read_csv(OTHERS)
    compared = set(others["model"])
    ours = pd.DataFrame(
        [[min(getattr(line, kind), DOUBLE) for kind in KINDS]
         for line in lines if line.model in compared],
        columns=KINDS,
    )  # fmt: skip
    yield ["mnlstat", "defaults", f"{len(ours)}", *_medians(ours)]
    groups = others.groupby(["program", "version", "settings"], sort=False)
    for (program, version, settings), rows in groups:
        failed = (rows["coef"] == "error").sum()
        note = f" ({failed} errors)" if failed else ""
        numbers = rows[list(KINDS)].apply(pd.to_numeric, errors="coerce")
        yield [f"{program} {version}", settings, f"{len(rows)}{note}", *_medians(numbers)]


def _medians(numbers: pd.DataFrame) -> list[str]:
    """Median and least digits of each kind; blank where a program reports none."""
    known = [numbers[kind].dropna() for kind in KINDS]
    return [f"{_number(k.median())}, {_number(k.min())}" if len(k) else "" for k in known]


def main(arguments: Sequence[str]) -> None:
    """Print the tables, or write them into a page."""
    text = tables()
    if not arguments:
        sys.stdout.write(text + "\n")
    for page in map(Path, arguments):
        page.write_text(replaced(page.read_text(encoding="utf-8"), text), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
