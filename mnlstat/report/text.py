"""The summary as text: ASCII frames, at most 80 columns, nothing cut."""

from __future__ import annotations

from typing import Any

from mnlstat.report import cells
from mnlstat.report.layout import (
    WIDTH,
    Columns,
    clean,
    display_width,
    labelled,
    page,
    pairs_in_columns,
    rule,
    wrap,
)

LABEL_WIDTH = 19


def render(report: cells.Reported) -> str:
    """Lay out the whole report."""
    lines = [rule("="), *wrap(clean(report.title), WIDTH, indent="  ")]
    if report.alert:
        lines += wrap(clean(report.alert), WIDTH, indent="  ")
    lines.append(rule("="))
    for label, sentence in report.header:
        lines += labelled(label, clean(sentence), LABEL_WIDTH)
    lines += [rule(), *pairs_in_columns(report.statistics), rule("=")]
    lines += _coefficients(report)
    lines += _terms(report)
    for note in report.notes:
        lines += wrap(f"* {clean(note)}", WIDTH, indent="  ")
    return page(lines)


def block(report: cells.Reported, outcome: Any) -> str:
    """Lay out the coefficients of one outcome, as they stand in the whole report, and the notes."""
    lines = wrap(clean(report.alert), WIDTH, indent="  ") if report.alert else []
    lines += _coefficients(report, report.headings[outcome])
    for note in report.notes:
        lines += wrap(f"* {clean(note)}", WIDTH, indent="  ")
    return page(lines)


def _coefficients(report: cells.Reported, only: str | None = None) -> list[str]:
    blocks = cells.coefficient_blocks(report)
    every_row = [row for rows in blocks.values() for row in rows]
    columns = Columns.fitting(cells.coefficient_heads(report), every_row)
    lines = [*_title(cells.coefficient_title(report), report.origin), rule("=")]
    for heading, rows in blocks.items():
        if only not in (None, heading):
            continue
        lines += [*wrap(clean(heading), WIDTH, indent="  "), columns.head(), rule()]
        for name, numbers in rows:
            lines += columns.row(name, numbers)
        lines.append(rule("="))
    return lines


def _terms(report: cells.Reported) -> list[str]:
    rows = cells.term_rows(report)
    if not rows:
        return []
    columns = Columns.fitting(cells.term_heads(report), rows)
    lines = [*_title(cells.term_title(report), report.origin), columns.head(), rule()]
    for name, numbers in rows:
        lines += columns.row(name, numbers)
    return [*lines, rule("=")]


def _title(title: str, origin: str) -> list[str]:
    """A table's title and what its numbers belong to, on one line where that fits."""
    together = f"{title} ({clean(origin)})"
    if display_width(together) <= WIDTH:
        return [together]
    return [title, *(f"  {line}" for line in wrap(f"({clean(origin)})", WIDTH - 2))]
