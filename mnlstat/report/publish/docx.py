"""A table in a Word document, by way of python-docx."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mnlstat.errors import OptionError
from mnlstat.report.layout import clean
from mnlstat.report.publish.model import Cell, Line, Sheet
from mnlstat.saving.files import checked_path, whole_file


def write(sheet: Sheet, path: Any) -> Path:
    """Write a document that holds title, table and notes; whole, or not at all.

    Raises
    ------
    OptionError
        Without python-docx; when the file cannot be written.
    """
    try:
        import docx
        from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
    except ImportError as error:
        raise OptionError(
            "needs-docx",
            "to_docx() needs python-docx, which is not installed: pip install mnlstat[publish].\n"
            "to_html() gives a table that Word opens, too.",
        ) from error
    target = checked_path("path", path)
    document = docx.Document()
    if sheet.title:
        document.add_paragraph(clean(sheet.title), style="Caption")
    _fill(document, sheet, ALIGN)
    for note in sheet.notes:
        document.add_paragraph(clean(note))
    try:
        with whole_file(target) as temporary, open(temporary, "xb") as file:
            document.save(file)
    except OSError as error:
        said = f"path={str(target)!r} cannot be written: {error.strerror or error}."
        raise OptionError("cannot-write", said) from error
    return target


def _fill(document: Any, sheet: Sheet, align: Any) -> None:
    lines: list[Line] = []
    last = len(sheet.heads) - 1
    for at, row in enumerate(sheet.heads):
        lines.append(Line(sheet.stub if at == last else "", row))
    for block in sheet.blocks:
        if block.heading:
            lines.append(Line(block.heading, ()))
        lines += block.lines
    lines += sheet.feet
    table = document.add_table(rows=len(lines), cols=sheet.width + 1)
    table.style = "Light List"
    for row, line in zip(table.rows, lines, strict=True):
        _write_row(row.cells, line, sheet.width, align)


def _write_row(places: Any, line: Line, width: int, align: Any) -> None:
    if not line.cells:  # a heading stands over all columns
        places[0].merge(places[width]).text = clean(line.name)
        return
    places[0].text = clean(line.name)
    at = 1
    for cell in line.cells:
        place = places[at] if cell.span == 1 else places[at].merge(places[at + cell.span - 1])
        place.text = _text(cell)
        place.paragraphs[0].alignment = align.CENTER if cell.span > 1 else align.RIGHT
        at += cell.span


def _text(cell: Cell) -> str:
    return cell.text.replace("-", "\N{MINUS SIGN}") if cell.number else clean(cell.text)
