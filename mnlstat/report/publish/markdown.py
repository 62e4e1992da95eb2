"""A table as Markdown with pipes, as GitHub and Quarto read it."""

from __future__ import annotations

import re

from mnlstat.report.layout import clean
from mnlstat.report.publish.model import Line, Sheet, joined_heads, spread

# Punctuation that begins something; a backslash before it makes it plain.
SPECIAL = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_{}[]<>|$&~^#!@"})

BEGINS_LIST = re.compile(r"^(\d*)([-+=.)])")


def render(sheet: Sheet) -> str:
    """Title, table and notes; headings of several columns stand before each of them."""
    parts = [f"**{escaped(sheet.title)}**\n"] if sheet.title else []
    rows = [_row([sheet.stub, *joined_heads(sheet)]), "|:--|" + "--:|" * sheet.width]
    for block in sheet.blocks:
        if block.heading:
            rows.append(f"| **{escaped(block.heading)}** |" + " |" * sheet.width)
        rows += map(_line, block.lines)
    rows += map(_line, sheet.feet)
    parts.append("\n".join(rows) + "\n")
    parts += [f"- {BEGINS_LIST.sub(_plain, escaped(note))}" for note in sheet.notes]
    return "\n".join(parts).rstrip("\n")


def escaped(text: str) -> str:
    """A label or sentence that is read as it stands."""
    return clean(text).translate(SPECIAL)


def _plain(begin: re.Match[str]) -> str:
    """The beginning of a list, a rule or a heading as plain text."""
    return f"{begin[1]}\\{begin[2]}"


def _line(line: Line) -> str:
    return _row([line.name, *(cell.text for cell in spread(line.cells))])


def _row(texts: list[str]) -> str:
    return "|" + "|".join(f" {escaped(text)} " if text else " " for text in texts) + "|"
