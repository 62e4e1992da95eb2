"""Effects as text: ASCII frames, at most 80 columns, no word cut."""

from __future__ import annotations

from mnlstat.report import effects_cells as cells
from mnlstat.report.layout import WIDTH, Columns, clean, labelled, page, rule, wrap

LABEL_WIDTH = 14


def render(effects: cells.Shown) -> str:
    """Lay out the whole table."""
    lines = [rule("="), *wrap(clean(effects.title), WIDTH, indent="  "), rule("=")]
    for name, sentence in cells.facts(effects):
        lines += labelled(name, clean(sentence), LABEL_WIDTH)
    lines.append(rule("="))
    blocks = cells.blocks(effects)
    columns = Columns.fitting(
        cells.heads(effects), [row for rows in blocks.values() for row in rows]
    )
    lines += [columns.head(), rule("=")]
    for at, (heading, rows) in enumerate(blocks.items()):
        lines += [rule()] if at else []
        lines += wrap(clean(heading), WIDTH, indent="  ") if heading else []
        for name, numbers in rows:
            lines += columns.row(name, numbers)
    lines.append(rule("="))
    for note in cells.notes(effects):
        lines += wrap(f"* {clean(note)}", WIDTH, indent="  ")
    return page(lines)
