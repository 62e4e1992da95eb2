"""Effects as HTML."""

from __future__ import annotations

from mnlstat.report import effects_cells as cells
from mnlstat.report import html


def render(effects: cells.Shown) -> str:
    """Lay out the whole table."""
    parts = [
        f"<p><strong>{html.safe(effects.title)}</strong></p>",
        html.pairs_table("Where and how", effects.told),
        html.table("Estimates", ("", *cells.heads(effects)), cells.blocks(effects)),
    ]
    if effects.notes:
        items = "".join(f"<li>{html.safe(note)}</li>" for note in effects.notes)
        parts.append(f"<ul>{items}</ul>")
    return f'<div class="mnlstat">{"".join(parts)}</div>'
