"""A table as Typst."""

from __future__ import annotations

import re

from mnlstat.report.layout import clean
from mnlstat.report.publish.model import Cell, Line, Sheet

MINUS = "\N{MINUS SIGN}"


def render(sheet: Sheet, label: str | None = None) -> str:
    """A figure that holds the table, then its notes. Texts are strings: nothing in them is code."""
    caption = [f"  caption: {quoted(sheet.title)},"] if sheet.title else []
    lines = [
        "#figure(",
        "  kind: table,",
        *caption,
        "  table(",
        f"    columns: {sheet.width + 1},",
        f"    align: (left, {'right, ' * (sheet.width - 1)}right),",
        "    stroke: none,",
        "    table.hline(),",
        "    table.header(",
        *_heads(sheet),
        "    ),",
        *_bodies(sheet),
        "    table.hline(),",
        "  ),",
        f") <{label}>" if label else ")",
        *_notes(sheet),
    ]
    return "\n".join(lines)


def quoted(text: str) -> str:
    """A string of Typst, every character of which stands for itself."""
    escaped = clean(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _cell(cell: Cell) -> str:
    text = quoted(re.sub("-", MINUS, cell.text) if cell.number else cell.text)
    if cell.span == 1:
        return text
    return f"table.cell(colspan: {cell.span}, align: center, {text})"


def _row(line: Line) -> str:
    return f"    {', '.join([quoted(line.name), *map(_cell, line.cells)])},"


def _heads(sheet: Sheet) -> list[str]:
    lines: list[str] = []
    last = len(sheet.heads) - 1
    for at, row in enumerate(sheet.heads):
        lines.append("  " + _row(Line(sheet.stub if at == last else "", row)))
        column = 1
        for cell in row:
            if cell.span > 1:
                ends = f"start: {column}, end: {column + cell.span}"
                lines.append(f"      table.hline({ends}, stroke: 0.5pt),")
            column += cell.span
    return lines


def _bodies(sheet: Sheet) -> list[str]:
    lines: list[str] = []
    for block in sheet.blocks:
        lines.append("    table.hline(stroke: 0.5pt),")
        if block.heading:
            heading = f"emph({quoted(block.heading)})"
            lines.append(f"    table.cell(colspan: {sheet.width + 1}, {heading}),")
        lines += map(_row, block.lines)
    if sheet.feet:
        lines += ["    table.hline(stroke: 0.5pt),", *map(_row, sheet.feet)]
    return lines


def _notes(sheet: Sheet) -> list[str]:
    if not sheet.notes:
        return []
    lines = ["", "#text(size: 0.85em, {"]
    for at, note in enumerate(sheet.notes):
        lines += ["  linebreak()"] if at else []
        lines.append(f"  {quoted(note)}")
    return [*lines, "})"]
