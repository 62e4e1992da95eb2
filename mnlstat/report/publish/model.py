"""A table as every renderer takes it: rows of headings, blocks of lines, notes. All of it text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Cell:
    """A text that stands over, or in, one or several columns.

    Attributes
    ----------
    text : str
    span : int
        How many columns it takes.
    number : bool
        Whether the text was made from numbers: its signs are then those of numbers. Other texts are
        labels, of which no character may change.
    """

    text: str = ""
    span: int = 1
    number: bool = True


@dataclass(frozen=True)
class Line:
    """A row: its name, and the cells beside it."""

    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Block:
    """Rows under one heading; none where it is empty."""

    heading: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, eq=False)
class Sheet:
    """What is printed, in whatever format.

    Attributes
    ----------
    title : str
    heads : tuple of tuples of Cell
        Rows of headings over the columns of cells; the last has a cell for each column.
    blocks : tuple of Block
    feet : tuple of Line
        Rows about whole columns, such as the number of observations.
    notes : tuple of str
    stub : str
        Heading of the names of rows.
    """

    title: str
    heads: tuple[tuple[Cell, ...], ...]
    blocks: tuple[Block, ...] = field(repr=False)
    feet: tuple[Line, ...] = field(default=(), repr=False)
    notes: tuple[str, ...] = field(default=(), repr=False)
    stub: str = ""

    @property
    def width(self) -> int:
        """Columns of cells."""
        return sum(cell.span for cell in self.heads[-1])

    @property
    def lines(self) -> Iterator[Line]:
        """All rows of the blocks, then the feet."""
        for block in self.blocks:
            yield from block.lines
        yield from self.feet


def spread(cells: Iterable[Cell]) -> list[Cell]:
    """A cell for each column: what took several stands in the first of them."""
    alone = [
        Cell(cell.text if at == 0 else "", 1, cell.number)
        for cell in cells
        for at in range(cell.span)
    ]
    return alone


def joined_heads(sheet: Sheet, sign: str = ": ") -> list[str]:
    """One heading for each column, for formats that have a single row of them."""
    found: list[list[str]] = [[] for _ in range(sheet.width)]
    for row in sheet.heads:
        texts = [cell.text for cell in row for _ in range(cell.span)]
        for parts, text in zip(found, texts, strict=True):
            parts += [text] if text else []
    return [sign.join(parts) for parts in found]
