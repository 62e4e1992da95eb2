"""A table as text: columns of one width, as wide as it takes, nothing cut."""

from __future__ import annotations

from mnlstat.report.layout import WIDTH, clean, display_width, pad, pad_left, page, wrap
from mnlstat.report.publish.model import Cell, Sheet

GAP = 2


def render(sheet: Sheet) -> str:
    """The whole table."""
    names = [clean(sheet.stub), *(clean(line.name) for line in sheet.lines)]
    room = max(map(display_width, names))
    widths = _widths(sheet)
    full = max(room + sum(GAP + width for width in widths), 1)
    lines = wrap(clean(sheet.title), max(full, WIDTH), indent="  ") if sheet.title else []
    lines.append("=" * full)
    last = len(sheet.heads) - 1
    for at, row in enumerate(sheet.heads):
        lines.append(_line(sheet.stub if at == last else "", row, room, widths))
    lines.append("-" * full)
    for block in sheet.blocks:
        lines += [clean(block.heading)] if block.heading else []
        lines += [_line(line.name, line.cells, room, widths) for line in block.lines]
        lines.append("-" * full)
    lines += [_line(line.name, line.cells, room, widths) for line in sheet.feet]
    if sheet.feet or not sheet.blocks:
        lines.append("")
    lines[-1] = "=" * full
    for note in sheet.notes:
        lines += wrap(clean(note), max(full, WIDTH), indent="  ")
    return page(lines)


def _widths(sheet: Sheet) -> list[int]:
    """Of the columns, so that what stands over several has room, too."""
    widths = [1] * sheet.width
    rows = [*sheet.heads, *(line.cells for line in sheet.lines)]
    for cells in sorted(rows, key=lambda row: max(cell.span for cell in row)):
        at = 0
        for cell in cells:
            room = sum(widths[at : at + cell.span]) + GAP * (cell.span - 1)
            widths[at + cell.span - 1] += max(display_width(clean(cell.text)) - room, 0)
            at += cell.span
    return widths


def _line(name: str, cells: tuple[Cell, ...], room: int, widths: list[int]) -> str:
    parts, at = [pad(clean(name), room)], 0
    for cell in cells:
        width = sum(widths[at : at + cell.span]) + GAP * (cell.span - 1)
        text = clean(cell.text)
        if cell.span > 1 and not cell.number:
            text = pad(text, display_width(text) + (width - display_width(text)) // 2)
        parts.append(pad_left(text, width))
        at += cell.span
    return (" " * GAP).join(parts)
