"""The summary as HTML: tables with captions and headers that a screen reader can follow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from mnlstat.report import cells
from mnlstat.report.layout import clean

NUMBER = ' style="text-align:right"'
NAME = ' style="text-align:left"'


def render(report: cells.Reported) -> str:
    """Lay out the whole report."""
    parts = [f"<p><strong>{safe(report.title)}</strong></p>"]
    if report.alert:
        parts.append(f'<p role="alert"><strong>{safe(report.alert)}</strong></p>')
    facts = [*report.header, *report.statistics]
    parts.append(pairs_table("Model and fit", facts))
    parts.append(
        table(
            f"{cells.coefficient_title(report)} ({report.origin})",
            ("term", *cells.coefficient_heads(report)),
            cells.coefficient_blocks(report),
        )
    )
    if terms := cells.term_rows(report):
        caption = f"{cells.term_title(report)} ({report.origin})"
        parts.append(table(caption, ("term", *cells.term_heads(report)), {"": terms}))
    if report.notes:
        items = "".join(f"<li>{safe(note)}</li>" for note in report.notes)
        parts.append(f"<ul>{items}</ul>")
    return f'<div class="mnlstat">{"".join(parts)}</div>'


def safe(text: object) -> str:
    """A label or sentence that cannot be read as markup."""
    return escape(clean(text))


def pairs_table(caption: str, pairs: Iterable[tuple[str, str]]) -> str:
    """A table of labels and texts."""
    rows = "".join(
        f'<tr><th scope="row"{NAME}>{safe(label)}</th><td{NAME}>{safe(text)}</td></tr>'
        for label, text in pairs
    )
    return f"<table><caption>{safe(caption)}</caption><tbody>{rows}</tbody></table>"


def table(caption: str, heads: Sequence[str], blocks: dict[str, list[cells.Row]]) -> str:
    """A table of numbers with one ``tbody`` per block, headed by the block's name if it has one."""
    first, *others = heads
    head = f'<th scope="col"{NAME}>{safe(first)}</th>' + "".join(
        f'<th scope="col"{NUMBER}>{safe(name)}</th>' for name in others
    )
    bodies = "".join(_body(name, rows, len(heads)) for name, rows in blocks.items())
    return (
        f"<table{NUMBER}><caption>{safe(caption)}</caption>"
        f"<thead><tr>{head}</tr></thead>{bodies}</table>"
    )


def _body(name: str, rows: list[cells.Row], width: int) -> str:
    heading = (
        f'<tr><th scope="rowgroup" colspan="{width}"{NAME}>{safe(name)}</th></tr>' if name else ""
    )
    lines = "".join(
        f'<tr><th scope="row"{NAME}>{safe(term)}</th>'
        + "".join(f"<td>{safe(text)}</td>" for text in numbers)
        + "</tr>"
        for term, numbers in rows
    )
    return f"<tbody>{heading}{lines}</tbody>"
