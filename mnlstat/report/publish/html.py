"""A table as HTML, with headers that a screen reader can follow."""

from __future__ import annotations

from mnlstat.report.html import NAME, NUMBER, safe
from mnlstat.report.publish.model import Cell, Line, Sheet

CENTRED = ' style="text-align:center"'


def render(sheet: Sheet) -> str:
    """A fragment: the table, and its notes below."""
    caption = f"<caption>{safe(sheet.title)}</caption>" if sheet.title else ""
    bodies = "".join(
        _body(block.heading, block.lines, sheet.width + 1) for block in sheet.blocks
    ) + (_body("", sheet.feet, sheet.width + 1) if sheet.feet else "")
    notes = "".join(f"<p><small>{safe(note)}</small></p>" for note in sheet.notes)
    return (
        f'<div class="mnlstat"><table{NUMBER}>{caption}<thead>{_heads(sheet)}</thead>'
        f"{bodies}</table>{notes}</div>"
    )


def _heads(sheet: Sheet) -> str:
    last = len(sheet.heads) - 1
    return "".join(
        f'<tr><th scope="col"{NAME}>{safe(sheet.stub) if at == last else ""}</th>'
        + "".join(_head(cell) for cell in row)
        + "</tr>"
        for at, row in enumerate(sheet.heads)
    )


def _head(cell: Cell) -> str:
    if cell.span == 1:
        return f'<th scope="col"{NUMBER}>{safe(cell.text)}</th>'
    return f'<th scope="colgroup" colspan="{cell.span}"{CENTRED}>{safe(cell.text)}</th>'


def _body(heading: str, lines: tuple[Line, ...], width: int) -> str:
    first = ""
    if heading:
        first = f'<tr><th scope="rowgroup" colspan="{width}"{NAME}>{safe(heading)}</th></tr>'
    return f"<tbody>{first}{''.join(map(_row, lines))}</tbody>"


def _row(line: Line) -> str:
    name = f'<th scope="row"{NAME}>{safe(line.name)}</th>' if line.name else "<td></td>"
    return f"<tr>{name}{''.join(map(_cell, line.cells))}</tr>"


def _cell(cell: Cell) -> str:
    span = f' colspan="{cell.span}"{CENTRED}' if cell.span > 1 else ""
    return f"<td{span}>{safe(cell.text)}</td>"
