"""A comparison as text: ASCII frames, at most 80 columns, nothing cut."""

from __future__ import annotations

from mnlstat.report import compare_cells as cells
from mnlstat.report.cells import Row
from mnlstat.report.layout import WIDTH, Columns, clean, display_width, labelled, page, rule, wrap

LABEL_WIDTH = 16
LEAST_NAME_WIDTH = 16


def render(comparison: cells.Compared) -> str:
    """Lay out the whole comparison."""
    lines = [rule("="), *wrap(clean(cells.title(comparison)), WIDTH, indent="  ")]
    lines += [*wrap(clean(comparison.verdict), WIDTH, indent="  "), rule("=")]
    for label, sentence in cells.header(comparison):
        lines += labelled(label, clean(sentence), LABEL_WIDTH)
    lines.append(rule())
    lines += _table(cells.fit_heads(comparison), {"": cells.fit_rows(comparison)})
    lines += _coefficients(cells.coefficient_blocks(comparison))
    for remark in cells.remarks(comparison):
        lines += wrap(f"* {clean(remark)}", WIDTH, indent="  ")
    return page(lines)


def _coefficients(blocks: dict[str, list[Row]]) -> list[str]:
    rows = [row for block in blocks.values() for row in block]
    longest = max((display_width(name) for name, _ in rows), default=0)
    if Columns.fitting(cells.COEFFICIENT_HEADS, rows).name_width < min(longest, LEAST_NAME_WIDTH):
        split = {heading: cells.stacked(block) for heading, block in blocks.items()}
        return _table(cells.STACKED_HEADS, split)
    return _table(cells.COEFFICIENT_HEADS, blocks)


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
