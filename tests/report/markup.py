"""Reading HTML strictly enough for a test: every tag closed, tables as grids of text."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Cell:
    tag: str
    scope: str | None
    text: str = ""


@dataclass
class Table:
    caption: str = ""
    bodies: list[list[list[Cell]]] = field(default_factory=list)
    head: list[list[Cell]] = field(default_factory=list)


class Reader(HTMLParser):
    """Collects tables; raises AssertionError at a tag that does not match."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.tables: list[Table] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.seen.add(tag)
        if tag == "table":
            self.tables.append(Table())
        elif tag == "tbody":
            self.tables[-1].bodies.append([])
        elif tag == "tr":
            self._rows().append([])
        elif tag in ("th", "td"):
            self._rows()[-1].append(Cell(tag, dict(attrs).get("scope")))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "caption" in self.open:
            self.tables[-1].caption += data
        elif self.open and self.open[-1] in ("th", "td"):
            self._rows()[-1][-1].text += data

    def _rows(self) -> list[list[Cell]]:
        table = self.tables[-1]
        return table.head if "thead" in self.open else table.bodies[-1]


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert not reader.open
    return reader
