"""A comparison as HTML."""

from __future__ import annotations

from mnlstat.report import compare_cells as cells
from mnlstat.report.html import pairs_table, safe, table
from mnlstat.report.layout import label


def render(comparison: cells.Compared) -> str:
    """Lay out the whole comparison."""
    base = label(comparison.ours.base)
    parts = [
        f"<p><strong>{safe(cells.title(comparison))}</strong></p>",
        f"<p>{safe(comparison.verdict)}</p>",
        pairs_table("Both fits", cells.header(comparison)),
        table(
            "The fits as a whole",
            ("quantity", *cells.fit_heads(comparison)),
            {"": cells.fit_rows(comparison)},
        ),
        table(
            f"Coefficients and standard errors (base {base}, n = {comparison.ours.nobs})",
            ("term", *cells.COEFFICIENT_HEADS),
            cells.coefficient_blocks(comparison),
        ),
    ]
    items = "".join(f"<li>{safe(remark)}</li>" for remark in cells.remarks(comparison))
    return f'<div class="mnlstat">{"".join(parts)}<ul>{items}</ul></div>'
