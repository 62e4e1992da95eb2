"""Effects as HTML."""

from __future__ import annotations

from mnlstat.report import effects_cells as cells
from mnlstat.report import html


def render(effects: cells.Shown) -> str:
    """Lay out the whole table."""
    heads = (cells.naming(effects.keys), *cells.heads(effects))
    parts = [
        f"<p><strong>{html.safe(effects.title)}</strong></p>",
        html.pairs_table("Where and how", cells.facts(effects)),
        html.table("Estimates", heads, cells.blocks(effects)),
    ]
    if notes := cells.notes(effects):
        items = "".join(f"<li>{html.safe(note)}</li>" for note in notes)
        parts.append(f"<ul>{items}</ul>")
    return f'<div class="mnlstat">{"".join(parts)}</div>'
