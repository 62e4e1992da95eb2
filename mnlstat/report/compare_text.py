"""A comparison as text: ASCII frames, at most 80 columns, nothing cut."""

from __future__ import annotations

from mnlstat.report import compare_cells as cells
from mnlstat.report.cells import Row
from mnlstat.report.layout import WIDTH, Columns, clean, labelled, rule, wrap

LABEL_WIDTH = 16


def render(comparison: cells.Compared) -> str:
    """Lay out the whole comparison."""
    lines = [rule("="), *wrap(clean(cells.title(comparison)), WIDTH, indent="  ")]
    lines += [*wrap(clean(comparison.verdict), WIDTH, indent="  "), rule("=")]
    for label, sentence in cells.header(comparison):
        lines += labelled(label, clean(sentence), LABEL_WIDTH)
    lines.append(rule())
    lines += _table(cells.fit_heads(comparison), {"": cells.fit_rows(comparison)})
    lines += _table(cells.COEFFICIENT_HEADS, cells.coefficient_blocks(comparison))
    for remark in cells.remarks(comparison):
        lines += wrap(f"* {clean(remark)}", WIDTH, indent="  ")
    return "\n".join(lines)


def _table(heads: tuple[str, ...], blocks: dict[str, list[Row]]) -> list[str]:
    columns = Columns.fitting(heads, [row for rows in blocks.values() for row in rows])
    lines: list[str] = []
    for heading, rows in blocks.items():
        if heading:
            lines += wrap(clean(heading), WIDTH, indent="  ")
        lines += [columns.head(), rule()]
        for name, numbers in rows:
            lines += columns.row(name, numbers)
        lines.append(rule("="))
    return lines
