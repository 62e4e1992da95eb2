"""A table as an object of great_tables, for those who want to go on styling it."""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd

from mnlstat.errors import OptionError
from mnlstat.report.layout import clean
from mnlstat.report.publish.model import Line, Sheet, spread

NAME, GROUP = "name", "group"


def made(sheet: Sheet) -> Any:
    """A ``great_tables.GT``; its columns are called c1, c2, ...

    Raises
    ------
    OptionError
        Without great_tables.
    """
    great_tables = _library()
    columns = [f"c{at + 1}" for at in range(sheet.width)]
    frame = _frame(sheet, columns)
    groups = GROUP if GROUP in frame.columns else None
    table = great_tables.GT(frame, rowname_col=NAME, groupname_col=groups)
    if sheet.title:
        table = table.tab_header(title=clean(sheet.title))
    if sheet.stub:
        table = table.tab_stubhead(label=clean(sheet.stub))
    for level, row in enumerate(reversed(sheet.heads[:-1])):
        at = 0
        for place, cell in enumerate(row):
            over = columns[at : at + cell.span]
            if cell.text:
                name = f"spanner-{level}-{place}"
                table = table.tab_spanner(
                    label=clean(cell.text), columns=over, id=name, level=level
                )
            at += cell.span
    labels: dict[str, Any] = dict(
        zip(columns, (clean(cell.text) for cell in sheet.heads[-1]), strict=True)
    )
    table = table.cols_label(cases=labels).cols_align(align="right", columns=columns)
    for note in sheet.notes:  # as HTML, since a plain text would be read as Markdown
        table = table.tab_source_note(great_tables.html(escape(clean(note))))
    return table


def _library() -> Any:
    """great_tables, of a version that takes the texts of cells as texts, not as HTML."""
    try:
        import great_tables
    except ImportError as error:
        raise _lacking("none is installed") from error
    if great_tables.__version__.startswith("0."):
        raise _lacking(f"there is {great_tables.__version__}")
    return great_tables


def _lacking(why: str) -> OptionError:
    return OptionError(
        "needs-great-tables",
        f"to_gt() needs great_tables 1.0 or newer, which is missing ({why}):"
        " pip install mnlstat[publish].\n"
        "to_html(), to_latex() and the others need nothing.",
    )


def _frame(sheet: Sheet, columns: list[str]) -> pd.DataFrame:
    rows = [_row(block.heading, line) for block in sheet.blocks for line in block.lines]
    rows += [_row("Fit statistics", line) for line in sheet.feet]
    frame = pd.DataFrame(rows, columns=[GROUP, NAME, *columns], dtype=object).astype(str)
    return frame if any(block.heading for block in sheet.blocks) else frame.drop(columns=GROUP)


def _row(group: str, line: Line) -> list[str]:
    return [clean(group), clean(line.name), *(cell.text for cell in spread(line.cells))]
